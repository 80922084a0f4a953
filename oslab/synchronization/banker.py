"""The banker's algorithm, and deadlock detection: who can finish, in which order, and who waits for ever."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Array, Result, Stepped, checked, integer, plural, shown, text as text_of

__all__ = [
    "Decision",
    "Detection",
    "Review",
    "bank",
    "decide",
    "detect",
    "is_safe",
    "parse_state",
    "review",
    "safe_sequences",
]

MOST, PROCESSES, TYPES = 2**31 - 1, 100, 20


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


def _matrix(name: str, value: Any) -> np.ndarray:
    if isinstance(value, Sequence) and not isinstance(value, str):
        lengths = [len(row) if isinstance(row, Sequence | np.ndarray) else 0 for row in value[: PROCESSES + 1]]
        for p, length in enumerate(lengths):
            if length != lengths[0]:
                raise ValueError(f"{name}, row {p}: {length} columns, row 0 has {lengths[0]}")
        if not lengths or not lengths[0]:
            raise ValueError(f"{name}={shown(value)} is empty: one process and one resource type are the least")
    rows = Array(int, 0, MOST, ndim=2, most=PROCESSES * TYPES).check(name, value)
    if rows.shape[0] > PROCESSES or rows.shape[1] > TYPES:
        raise ValueError(
            f"{name} has {rows.shape[0]} rows, {rows.shape[1]} columns: allowed are {PROCESSES} and {TYPES}"
        )
    return rows


def _vector(name: str, value: Any, length: int) -> np.ndarray:
    row = Array(int, 0, MOST, most=TYPES).check(name, value)
    if len(row) != length:
        raise ValueError(f"{name}={shown(value)}: {plural(len(row), 'resource type')}, the others have {length}")
    return row


def _checked(available: Any, maximum: Any, allocation: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    maximum, allocation = _matrix("maximum", maximum), _matrix("allocation", allocation)
    _compare_shapes("maximum", maximum, allocation)
    for p, j in np.argwhere(allocation > maximum).tolist():
        raise ValueError(f"allocation, row {p}, column {j}: {allocation[p, j]} is above its maximum {maximum[p, j]}")
    return _vector("available", available, maximum.shape[1]), maximum, allocation


def _compare_shapes(name: str, matrix: np.ndarray, allocation: np.ndarray) -> None:
    if matrix.shape != allocation.shape:
        raise ValueError(
            f"allocation has {plural(len(allocation), 'row')} and {plural(allocation.shape[1], 'column')}, {name} "
            f"{matrix.shape[0]} and {matrix.shape[1]}"
        )


def _finish_all(free: np.ndarray, wanted: np.ndarray, allocation: np.ndarray) -> tuple[list[int], list[np.ndarray]]:
    """Let processes finish, each giving back what it has; return their order, and what is free after each.

    Of those that can finish it is the one after the last that did, in a circle.
    """
    work, order, at, n = free.copy(), [], 0, len(wanted)
    rows = [work.copy()]
    while len(order) < n:
        fits = [p % n for p in range(at, at + n) if p % n not in order and np.all(wanted[p % n] <= work)]
        if not fits:
            break
        at = fits[0] + 1
        order.append(fits[0])
        work += allocation[fits[0]]
        rows.append(work.copy())
    return order, rows


def review(available: Any, maximum: Any, allocation: Any) -> Review:
    """Run the safety check, and keep what is free after each process.

    Parameters
    ----------
    available : array_like of int, shape (types,)
    maximum, allocation : array_like of int, shape (processes, types)

    Raises
    ------
    TypeError, ValueError
        What is no whole number from 0 up, ragged, or an allocation above its maximum; row and column are named.  More
        than 100 processes or 20 types.

    Notes
    -----
    Tie rule: of the processes that can finish, the one after the last that did, in a circle, as Silberschatz's example
    goes through its table.
    """
    free, maximum, allocation = _checked(available, maximum, allocation)
    order, rows = _finish_all(free, maximum - allocation, allocation)
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

    Parameters
    ----------
    available, maximum, allocation : array_like
        As for `is_safe`.

    Raises
    ------
    TypeError, ValueError
        See `review`.
    """
    free, maximum, allocation = _checked(available, maximum, allocation)
    safe = is_safe(free, maximum, allocation) is not None
    return _grow_orders(free, maximum - allocation, allocation) if safe else iter(())


def _grow_orders(free: np.ndarray, need: np.ndarray, allocation: np.ndarray) -> Iterator[tuple[int, ...]]:
    def grow(order: tuple[int, ...], work: np.ndarray) -> Iterator[tuple[int, ...]]:
        if len(order) == len(need):
            yield order
        for p in range(len(need)):
            if p not in order and np.all(need[p] <= work):
                yield from grow((*order, p), work + allocation[p])

    return grow((), free)


@dataclass(frozen=True, eq=False)
class Detection(Result):
    """What `detect` returns; processes are given by their rows.

    Attributes
    ----------
    order : tuple of int
        Processes in an order in which they can finish.
    deadlocked : tuple of int
        Those that hold something and wait for ever.
    waiting : tuple of int
        Those that hold nothing and wait for what the deadlocked hold.
    """

    order: tuple[int, ...]
    deadlocked: tuple[int, ...]
    waiting: tuple[int, ...]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a process."""
        for p in sorted((*self.order, *self.deadlocked, *self.waiting)):
            end = f"finishes as number {self.order.index(p) + 1}" if p in self.order else "waits for ever"
            yield {"process": f"P{p}", "end": "deadlocked" if p in self.deadlocked else end}

    def __str__(self) -> str:
        stuck = " ".join(f"P{p}" for p in self.deadlocked)
        return f"deadlocked: {stuck}" if stuck else "no deadlock: " + " ".join(f"P{p}" for p in self.order)


def detect(available: Any, allocation: Any, request: Any) -> Detection:
    """Find the deadlocked processes where resources have several instances.

    Parameters
    ----------
    available : array_like of int, shape (types,)
    allocation, request : array_like of int, shape (processes, types)
        What each holds, and what it waits for now.

    Raises
    ------
    TypeError, ValueError
        See `review`.

    Notes
    -----
    Source: Coffman, Elphick, Shoshani, *System deadlocks*, 1971; Silberschatz and others, chapter 8.  A process that holds
    nothing is never part of a deadlock.  Tie rule: see `review`.

    Examples
    --------
    >>> print(detect([0, 0], [[1, 0], [0, 1]], [[0, 1], [1, 0]]))
    deadlocked: P0 P1
    """
    held, wanted = _matrix("allocation", allocation), _matrix("request", request)
    _compare_shapes("request", wanted, held)
    order, _ = _finish_all(_vector("available", available, held.shape[1]), wanted, held)
    left = [p for p in range(len(held)) if p not in order]
    return Detection(tuple(order), tuple(p for p in left if held[p].any()), tuple(p for p in left if not held[p].any()))


@dataclass(frozen=True, eq=False)
class Decision(Stepped):
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

    def _replayed(self, step: int) -> np.ndarray:
        return self.after.available[step]

    def why(self, step: int) -> str:
        """Return why the process of a step can finish, 1 to `steps`."""
        p, r = self.after.sequence[self._step(step, 1) - 1], self.after
        return (
            f"P{p} needs at most {_say(r.need[p])}, and {_say(r.available[step - 1])} are free, so it can finish. It returns "
            f"{_say(r.allocation[p])}; then {_say(r.available[step])} are free."
        )

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a process."""
        r = self.after
        for p in range(len(r.maximum)):
            row = {name: _say(getattr(r, name)[p]) for name in ("allocation", "maximum", "need")}
            yield {"process": f"P{p}", **row, "finishes": r.sequence.index(p) + 1 if p in r.sequence else "not certain"}

    def __str__(self) -> str:
        return f"P{self.process} asks for {_say(self.request)}: {self.answer}. {self.reason}"


def _say(vector: Any) -> str:
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
    process = integer(0, len(before.maximum) - 1).check("process", process)
    asked = _vector("request", request, len(free))
    if np.any(asked > before.need[process]):
        return Decision(
            process,
            asked,
            "denied",
            f"P{process} has declared that it needs at most {_say(before.need[process])} "
            "more, so this request exceeds its maximum.",
            before,
            before,
        )
    if np.any(asked > free):
        return Decision(
            process, asked, "wait", f"Only {_say(free)} are free, so P{process} has to wait.", before, before
        )
    given = before.allocation.copy()
    given[process] += asked
    after = review(free - asked, before.maximum, given)
    if after.safe:
        order = " ".join(f"P{p}" for p in after.sequence)
        return Decision(process, asked, "granted", f"Afterwards all can finish, in the order {order}.", before, after)
    who = f"{', '.join(f'P{p}' for p in after.left)} could then not" if after.sequence else "then no process could"
    return Decision(
        process, asked, "denied", f"The request is free, but {who} be sure to finish: unsafe.", before, after
    )


SILBERSCHATZ = "3 3 2; 0 1 0 / 7 5 3; 2 0 0 / 3 2 2; 3 0 2 / 9 0 2; 2 1 1 / 2 2 2; 0 0 2 / 4 3 3"


def parse_state(text: str) -> tuple[list[int], list[list[int]], list[list[int]]]:
    """Read what is free, then for each process ``allocation / maximum``, parted by semicolons or line ends.

    Numbers are parted by blanks or commas.

    Returns
    -------
    tuple
        available, maximum, allocation

    Raises
    ------
    ValueError
        A process without its ``/``, or what is no number; the process and the column are named.
    """
    typed = text_of(20_000).check("state", text)
    free, *rows = (part.strip() for part in re.split(r"[;\n]+", typed.strip("; \t\n")))
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
    words = re.findall(r"[^\s,]+", text)
    for j, word in enumerate(words):
        if not re.fullmatch(r"-?[0-9]{1,18}", word):
            raise ValueError(f"{name}, column {j}: {shown(word)} is no whole number")
    return [int(word) for word in words]


ASKED = integer(0, MOST)


@checked(process=integer(0, PROCESSES - 1), a=ASKED, b=ASKED, c=ASKED, state=text_of(20_000), request=text_of(1000))
def bank(
    process: int = 1, a: int = 1, b: int = 0, c: int = 2, state: str = SILBERSCHATZ, request: str = ""
) -> Decision:
    """Decide on a request, the state typed as text; see `decide` and `parse_state`.

    Parameters
    ----------
    process : int
        Who asks.
    a, b, c : int
        How many of the first three resource types.
    state : str
        See `parse_state`.
    request : str
        In place of `a`, `b` and `c`: a number for each type, parted by blanks or commas.

    Raises
    ------
    TypeError, ValueError
        A state or request that cannot be read or does not fit.
    """
    try:
        free, maximum, allocation = parse_state(state)
    except ValueError as error:
        raise ValueError(f"state: {error}") from None
    if request.strip():
        return decide(free, maximum, allocation, process, _numbers("request", request))
    asked = [a, b, c] + [0] * (len(free) - 3)
    if any(asked[len(free) :]):
        raise ValueError(f"a, b, c = {a}, {b}, {c}: in this state there are only {plural(len(free), 'resource type')}")
    return decide(free, maximum, allocation, process, asked[: len(free)])
