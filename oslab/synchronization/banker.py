"""The banker's algorithm: whether a state is safe, and whether a request may be granted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Decision", "Review", "bank", "decide", "is_safe", "parse_state", "review", "safe_sequences"]


@dataclass(frozen=True, eq=False)
class Review:
    """The safety check, process by process.

    Attributes
    ----------
    available : int64[steps + 1, types]
        What is free before the first process and after each has finished.
    maximum, allocation : int64[processes, types]
    sequence : tuple of int
        Processes in the order in which they can finish; all of them if the state is safe.
    """

    available: np.ndarray
    maximum: np.ndarray
    allocation: np.ndarray
    sequence: tuple[int, ...]

    @property
    def need(self) -> np.ndarray:
        """What each may still ask for."""
        return self.maximum - self.allocation

    @property
    def safe(self) -> bool:
        """Whether all can finish."""
        return len(self.sequence) == len(self.maximum)

    @property
    def left(self) -> tuple[int, ...]:
        """The processes that cannot be sure to finish."""
        return tuple(p for p in range(len(self.maximum)) if p not in self.sequence)


def _vector(name: str, value: Any, length: int | None = None) -> np.ndarray:
    rows = _matrix(name, [value])
    if length is not None and rows.shape[1] != length:
        raise ValueError(f"{name}={list(value)!r}: {rows.shape[1]} resource types, the others have {length}")
    return rows[0]


def _matrix(name: str, value: Any) -> np.ndarray:
    rows = [list(row) for row in value]
    for p, row in enumerate(rows):
        if len(row) != len(rows[0]):
            raise ValueError(f"{name}, row {p}: {len(row)} columns, row 0 has {len(rows[0])}")
        for j, x in enumerate(row):
            if isinstance(x, bool) or not isinstance(x, int | np.integer):
                raise TypeError(f"{name}, row {p}, column {j}: {x!r} is no whole number")
            if not 0 <= x < 2**31:
                raise ValueError(f"{name}, row {p}, column {j}: {x}; allowed are whole numbers from 0 to {2**31 - 1}")
    if not rows or not rows[0]:
        raise ValueError(f"{name} is empty: one process and one resource type are the least")
    return np.array(rows, np.int64)


def _checked(available: Any, maximum: Any, allocation: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    maximum, allocation = _matrix("maximum", maximum), _matrix("allocation", allocation)
    if maximum.shape != allocation.shape:
        raise ValueError(
            f"allocation has {allocation.shape[0]} rows and {allocation.shape[1]} columns, maximum "
            f"{maximum.shape[0]} and {maximum.shape[1]}"
        )
    for p, j in np.argwhere(allocation > maximum).tolist():
        raise ValueError(f"allocation, row {p}, column {j}: {allocation[p, j]} is above its maximum {maximum[p, j]}")
    return _vector("available", available, maximum.shape[1]), maximum, allocation


def review(available: Any, maximum: Any, allocation: Any) -> Review:
    """Run the safety check, and keep what is free after each process.

    Parameters
    ----------
    available : array_like of int, shape (types,)
    maximum, allocation : array_like of int, shape (processes, types)

    Raises
    ------
    TypeError, ValueError
        What is no whole number from 0 up, ragged, or an allocation above its maximum; row and column are named.

    Notes
    -----
    Tie rule: of the processes that can finish, the one after the last that did, in a circle, as Silberschatz's example
    goes through its table.
    """
    free, maximum, allocation = _checked(available, maximum, allocation)
    work, rows, order, at = free.copy(), [free.copy()], [], 0
    n, need = len(maximum), maximum - allocation
    while len(order) < n:
        fits = [p % n for p in range(at, at + n) if p % n not in order and np.all(need[p % n] <= work)]
        if not fits:
            break
        at = fits[0] + 1
        order.append(fits[0])
        work += allocation[fits[0]]
        rows.append(work.copy())
    return Review(np.array(rows), maximum, allocation, tuple(order))


def is_safe(available: Any, maximum: Any, allocation: Any) -> tuple[int, ...] | None:
    """Return an order in which all processes can finish, or None.

    Parameters
    ----------
    available : array_like of int, shape (types,)
    maximum, allocation : array_like of int, shape (processes, types)

    Raises
    ------
    TypeError, ValueError
        See `review`.

    Notes
    -----
    Source: Habermann, *Prevention of system deadlocks*, CACM 12(7), 1969.  Tie rule: see `review`.

    Examples
    --------
    >>> is_safe([3, 3, 2], [[7, 5, 3], [3, 2, 2], [9, 0, 2], [2, 2, 2], [4, 3, 3]],
    ...         [[0, 1, 0], [2, 0, 0], [3, 0, 2], [2, 1, 1], [0, 0, 2]])
    (1, 3, 4, 0, 2)
    """
    found = review(available, maximum, allocation)
    return found.sequence if found.safe else None


def safe_sequences(available: Any, maximum: Any, allocation: Any) -> Iterator[tuple[int, ...]]:
    """Yield every order in which all processes can finish, in lexicographic order.

    Raises
    ------
    TypeError, ValueError
        See `review`.
    """
    free, maximum, allocation = _checked(available, maximum, allocation)
    need = maximum - allocation

    def grow(order: tuple[int, ...], work: np.ndarray) -> Iterator[tuple[int, ...]]:
        if len(order) == len(maximum):
            yield order
        for p in range(len(maximum)):
            if p not in order and np.all(need[p] <= work):
                yield from grow((*order, p), work + allocation[p])

    if is_safe(free, maximum, allocation) is not None:
        yield from grow((), free)


@dataclass(frozen=True, eq=False)
class Decision:
    """What `decide` returns; its steps are those of the safety check.

    Attributes
    ----------
    process : int
    request : int64[types]
    answer : str
        ``"granted"``, ``"wait"`` or ``"denied"``.
    reason : str
    before, after : Review
        The state as it is, and as it would be with the request granted (the same where it cannot be).
    """

    process: int
    request: np.ndarray
    answer: str
    reason: str
    before: Review
    after: Review

    @property
    def over(self) -> bool:
        """Whether it asks for more than its maximum allows."""
        return bool(np.any(self.request > self.before.need[self.process]))

    @property
    def steps(self) -> int:
        """Processes that finish in the safety check."""
        return len(self.after.sequence)

    def state(self, step: int) -> np.ndarray:
        """Return what is free after `step` processes have finished."""
        return self.after.available[step]

    def why(self, step: int) -> str:
        """Return why the process of a step can finish, 1 to `steps`."""
        p, r = self.after.sequence[step - 1], self.after
        return (
            f"P{p} needs at most {_said(r.need[p])}, free are {_said(r.available[step - 1])}: it can finish and gives back "
            f"{_said(r.allocation[p])}, free are then {_said(r.available[step])}."
        )

    def table(self) -> list[dict[str, Any]]:
        """Return one row a process."""
        r = self.after
        return [
            {
                "process": f"P{p}",
                "allocation": _said(r.allocation[p]),
                "maximum": _said(r.maximum[p]),
                "need": _said(r.need[p]),
                "finishes": r.sequence.index(p) + 1 if p in r.sequence else "not sure to",
            }
            for p in range(len(r.maximum))
        ]

    def __str__(self) -> str:
        return f"P{self.process} asks {_said(self.request)}: {self.answer}. {self.reason}"


def _said(vector: Any) -> str:
    return "(" + " ".join(str(int(x)) for x in vector) + ")"


def decide(available: Any, maximum: Any, allocation: Any, process: int, request: Any) -> Decision:
    """Decide on a request as the banker does.

    Parameters
    ----------
    available, maximum, allocation : array_like of int
        See `is_safe`.
    process : int
        Who asks.
    request : array_like of int, shape (types,)

    Raises
    ------
    TypeError, ValueError
        See `review`; a process that is not there.

    Notes
    -----
    In this order: a request above what the process may still ask for is denied, one above what is free must wait, one
    that would leave an unsafe state is denied.
    """
    before = review(available, maximum, allocation)
    free = before.available[0]
    if not 0 <= process < len(before.maximum):
        raise ValueError(f"process={process!r}: allowed are 0 to {len(before.maximum) - 1}")
    asked = _vector("request", request, len(free))
    if np.any(asked > before.need[process]):
        return Decision(
            process,
            asked,
            "denied",
            f"P{process} has declared that it needs at most {_said(before.need[process])} "
            "more: it breaks its own promise.",
            before,
            before,
        )
    if np.any(asked > free):
        return Decision(
            process, asked, "wait", f"Free are {_said(free)}: not enough, whatever the others do.", before, before
        )
    given = before.allocation.copy()
    given[process] += asked
    after = review(free - asked, before.maximum, given)
    if after.safe:
        order = " ".join(f"P{p}" for p in after.sequence)
        return Decision(process, asked, "granted", f"Afterwards all can finish, in the order {order}.", before, after)
    who = f"{', '.join(f'P{p}' for p in after.left)} could then not" if after.sequence else "then nobody could"
    return Decision(
        process, asked, "denied", f"What is asked for is free, but {who} be sure to finish: unsafe.", before, after
    )


SILBERSCHATZ = "3 3 2; 0 1 0 / 7 5 3; 2 0 0 / 3 2 2; 3 0 2 / 9 0 2; 2 1 1 / 2 2 2; 0 0 2 / 4 3 3"


def parse_state(text: str) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """Read what is free, then for each process ``allocation / maximum``, parted by semicolons; numbers by spaces.

    Returns
    -------
    tuple
        available, maximum, allocation

    Raises
    ------
    ValueError
        A process without its ``/``, or what is no number; the process and the column are named.
    """
    free, *rows = (part.strip() for part in text.strip(" ;").split(";"))
    for p, row in enumerate(rows):
        if row.count("/") != 1:
            raise ValueError(f"state, P{p}: {row!r}; allowed is allocation / maximum, such as 0 1 0 / 7 5 3")
    pairs = [row.split("/") for row in rows]
    return (
        _numbers("available", free),
        [_numbers(f"maximum, row {p}", pair[1]) for p, pair in enumerate(pairs)],
        [_numbers(f"allocation, row {p}", pair[0]) for p, pair in enumerate(pairs)],
    )


def _numbers(name: str, text: str) -> list[int]:
    for j, word in enumerate(text.split()):
        if not word.removeprefix("-").isdecimal():
            raise ValueError(f"{name}, column {j}: {word!r} is no whole number")
    return [int(word) for word in text.split()]


def bank(process: int = 1, a: int = 1, b: int = 0, c: int = 2, state: str = SILBERSCHATZ) -> Decision:
    """Decide on a request for up to three resource types, the state typed as text; see `decide` and `parse_state`."""
    free, maximum, allocation = parse_state(state)
    asked = [a, b, c] + [0] * (len(free) - 3)
    if any(asked[len(free) :]):
        raise ValueError(f"a, b, c = {a}, {b}, {c}: there are only {len(free)} resource types")
    return decide(free, maximum, allocation, process, asked[: len(free)])
