"""What is to be scheduled: tasks with arrival, bursts of CPU and I/O, nice value, priority, tickets, slice."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np

__all__ = ["MS", "WEIGHTS", "Workload", "in_ms", "to_ns"]

MS = 1_000_000
LONGEST = 1e9

WEIGHTS = (
    88761,
    71755,
    56483,
    46273,
    36291,
    29154,
    23254,
    18705,
    14949,
    11916,
    9548,
    7620,
    6100,
    4904,
    3906,
    3121,
    2501,
    1991,
    1586,
    1277,
    1024,
    820,
    655,
    526,
    423,
    335,
    272,
    215,
    172,
    137,
    110,
    87,
    70,
    56,
    45,
    36,
    29,
    23,
    18,
    15,
)
"""Linux's weights of nice -20 to 19 (`sched_prio_to_weight` in kernel/sched/core.c)."""


def to_ns(name: str, value: Any, least: float = 0.0) -> int:
    """Return a time in ms as whole nanoseconds, or raise what is wrong with it."""
    allowed = f"allowed are numbers {'above 0' if least else 'from 0'} up to {LONGEST:g}, in ms"
    if isinstance(value, (bool, np.bool_, str)) or not hasattr(value, "__float__"):
        raise TypeError(f"{name}={value!r}: {allowed}")
    number = float(value)
    if not 0 <= number <= LONGEST or round(number * MS) < least:
        raise ValueError(f"{name}={value!r}: {allowed}")
    return round(number * MS)


def in_ms(ns: Any) -> Any:
    """Return nanoseconds as ms: a float, or an array of float64."""
    return ns / MS


def _is_list(value: Any) -> bool:
    return isinstance(value, Sequence | np.ndarray) and not isinstance(value, str)


class Workload:
    """Tasks to be scheduled; times in ms, kept as whole nanoseconds.

    Parameters
    ----------
    arrival : array_like of float, shape (n,)
        When each task comes.
    burst : sequence, length n
        CPU time of each task: a number, or a list.  A list holds CPU, I/O, CPU and so on in turn; with `io` given
        it holds the CPU bursts alone.  A task waits for its I/O alone: no two tasks share a device.
    nice : int or array_like of int
        -20 to 19.
    io : sequence, optional
        The I/O between the CPU bursts of each task: a list with one entry less than its bursts, a number for one.
    names : sequence of str, optional
        A, B, C and so on if not given.
    priority : int or array_like of int, optional
        Smaller runs first; 0 if not given.
    tickets : int or array_like of int, optional
        For `lottery` and `stride`; each task's weight by its nice value if not given.
    base_slice : float or array_like of float, optional
        For `eevdf`, ms; the policy's own if not given.

    Attributes
    ----------
    names : tuple of str
    arrival, burst, io : ndarray of float64, shape (n,)
        `burst` and `io` are sums, ms.
    nice, weight, priority, tickets : ndarray of int64, shape (n,)

    Raises
    ------
    ValueError, TypeError
        No task; a negative or infinite time; a burst of 0; a nice value out of range; lists of unequal length.

    Examples
    --------
    >>> print(Workload([0, 2], [5, [1, 4, 1]], nice=[0, 5]))
    A: arrives at 0, CPU 5, nice 0; B: arrives at 2, CPU 1 I/O 4 CPU 1, nice 5 (ms)
    """

    def __init__(
        self,
        arrival: Any,
        burst: Any,
        nice: Any = 0,
        io: Any = None,
        names: Sequence[str] | None = None,
        priority: Any = None,
        tickets: Any = None,
        base_slice: Any = None,
    ):
        for name, given in (("arrival", arrival), ("burst", burst)):
            if not _is_list(given):
                raise TypeError(f"{name}={given!r}: a list with one entry for each task is needed")
        n = len(arrival)
        if n == 0:
            raise ValueError("arrival is empty: a workload has at least one task")
        if len(burst) != n:
            raise ValueError(f"burst has {len(burst)} entries, arrival {n}: one for each task is needed")
        self.names = _names(names, n)
        self.arrival_ns = np.array([to_ns(f"arrival[{i}]", a) for i, a in enumerate(arrival)], np.int64)
        parts = _flat(burst) if io is None else None
        if parts is None:
            lists = [_parts(i, b, None if io is None else _entry("io", io, i, n)) for i, b in enumerate(burst)]
            counts = [len(one) for one in lists]
            parts = np.array([p for one in lists for p in one], np.int64)
        else:
            counts = [1] * n
        self.first = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
        self.parts = parts
        self.nice = _whole("nice", nice, n, -20, 19)
        self.weight = np.array(WEIGHTS, np.int64)[self.nice + 20]
        self.priority = _whole("priority", 0 if priority is None else priority, n, -(10**6), 10**6)
        self.tickets = self.weight if tickets is None else _whole("tickets", tickets, n, 1, 10**6)
        self.slice_ns = (
            np.zeros(n, np.int64)
            if base_slice is None
            else np.array(
                [to_ns(f"base_slice[{i}]", _entry("base_slice", base_slice, i, n), 1) for i in range(n)], np.int64
            )
        )
        if self.parts.sum(dtype=np.float64) + self.arrival_ns.max() > LONGEST * MS:
            raise ValueError(f"burst: more than {LONGEST:g} ms in all; allowed is less")

    def __len__(self) -> int:
        return len(self.names)

    @property
    def arrival(self) -> np.ndarray:
        """When each task comes, ms."""
        return in_ms(self.arrival_ns)

    @property
    def burst_ns(self) -> np.ndarray:
        """CPU time of each task in all, ns."""
        even = np.where(self._is_cpu, self.parts, 0)
        return np.add.reduceat(even, self.first[:-1])

    @property
    def io_ns(self) -> np.ndarray:
        """I/O of each task in all, ns."""
        return np.add.reduceat(np.where(self._is_cpu, 0, self.parts), self.first[:-1])

    @property
    def _is_cpu(self) -> np.ndarray:
        place = np.arange(len(self.parts)) - np.repeat(self.first[:-1], np.diff(self.first))
        return place % 2 == 0

    @property
    def burst(self) -> np.ndarray:
        """CPU time of each task in all, ms."""
        return in_ms(self.burst_ns)

    @property
    def io(self) -> np.ndarray:
        """I/O of each task in all, ms."""
        return in_ms(self.io_ns)

    @property
    def info(self) -> np.ndarray:
        """Weight, priority, tickets and slice (ns) of each task, as the engine takes them."""
        return np.stack([self.weight, self.priority, self.tickets, self.slice_ns], axis=1)

    def parts_of(self, task: int) -> list[float]:
        """Return a task's bursts: CPU, I/O, CPU and so on, ms."""
        return [in_ms(p) for p in self.parts[self.first[task] : self.first[task + 1]].tolist()]

    @classmethod
    def parse(cls, text: str) -> Workload:
        """Read tasks from text: one a line (or between semicolons), ``name arrival cpu [io cpu …] [nice=5]``.

        Commas count as spaces; ``nice=``, ``priority=``, ``tickets=`` and ``slice=`` may follow.

        Raises
        ------
        ValueError
            A line that cannot be read, with its number.

        Examples
        --------
        >>> len(Workload.parse("editor 0 2 10 2; build 1 30 nice=5"))
        2
        """
        rows = [line for line in text.replace(";", "\n").splitlines() if line.strip()]
        if not rows:
            raise ValueError("text is empty: a task a line is needed, such as 'A 0 5'")
        read = [_read_line(k, row) for k, row in enumerate(rows, 1)]
        options = {}
        for key, parameter, default in (
            ("nice", "nice", 0),
            ("priority", "priority", 0),
            ("tickets", "tickets", None),
            ("slice", "base_slice", None),
        ):
            found = [row[2].get(key, default) for row in read]
            if any(value is not None for value in found):
                missing = [row[0] for row, value in zip(read, found, strict=True) if value is None]
                if missing:
                    raise ValueError(f"{key}: given for some tasks, not for {', '.join(missing)}; all or none")
                options[parameter] = found if key == "slice" else [_integer(key, value) for value in found]
        return cls([row[1][0] for row in read], [row[1][1:] for row in read], names=[row[0] for row in read], **options)

    def table(self) -> list[dict[str, Any]]:
        """Return a row a task."""
        return [
            {
                "task": name,
                "arrival, ms": arrival,
                "CPU and I/O, ms": " ".join(f"{p:g}" for p in self.parts_of(i)),
                "nice": int(self.nice[i]),
            }
            for i, (name, arrival) in enumerate(zip(self.names, self.arrival.tolist(), strict=True))
        ]

    def __str__(self) -> str:
        def one(i: int) -> str:
            words = " ".join(f"{('CPU', 'I/O')[k % 2]} {p:g}" for k, p in enumerate(self.parts_of(i)))
            return f"{self.names[i]}: arrives at {self.arrival_ns[i] / MS:g}, {words}, nice {self.nice[i]}"

        more = f"; and {len(self) - 12} more" if len(self) > 12 else ""
        return "; ".join(one(i) for i in range(min(12, len(self)))) + more + " (ms)"

    __repr__ = __str__


def _names(names: Sequence[str] | None, n: int) -> tuple[str, ...]:
    if names is None:
        return tuple(ascii_uppercase[:n]) if n <= 26 else tuple(f"T{i}" for i in range(1, n + 1))
    if len(names) != n or len(set(names)) != n:
        raise ValueError(f"names={list(names)!r}: {n} different names are needed, one for each task")
    return tuple(map(str, names))


def _flat(burst: Any) -> np.ndarray | None:
    """Bursts without I/O in one go, where all are plain numbers in range; None where one needs a closer look."""
    try:
        values = np.asarray(burst)
    except ValueError:
        return None
    if values.ndim != 1 or values.dtype.kind not in "iuf" or not np.all((values >= 1 / MS) & (values <= LONGEST)):
        return None
    return np.round(values * float(MS)).astype(np.int64)


def _parts(i: int, burst: Any, io: Any) -> list[int]:
    """One task's bursts in ns: CPU, I/O, CPU and so on."""
    given = list(burst) if _is_list(burst) else [burst]
    if io is not None:
        waits = list(io) if _is_list(io) else [io]
        if len(waits) != len(given) - 1:
            raise ValueError(f"io[{i}]={io!r}: one entry less than the {len(given)} CPU bursts is needed")
        mixed = [None] * (2 * len(given) - 1)
        mixed[::2], mixed[1::2] = given, waits
        given = mixed
    if len(given) % 2 == 0:
        raise ValueError(f"burst[{i}]={burst!r}: CPU, I/O, CPU and so on; it must begin and end with CPU time")
    return [to_ns(f"{('burst', 'io')[k % 2]}[{i}]", value, 1) for k, value in enumerate(given)]


def _entry(name: str, values: Any, i: int, n: int) -> Any:
    if not _is_list(values):
        return values
    if len(values) != n:
        raise ValueError(f"{name} has {len(values)} entries: one for each of {n} tasks is needed")
    return values[i]


def _whole(name: str, values: Any, n: int, low: int, high: int) -> np.ndarray:
    allowed = f"allowed are whole numbers from {low} to {high}"
    given = [_entry(name, values, i, n) for i in range(n)] if _is_list(values) else [values]
    for value in given:
        if isinstance(value, (bool, np.bool_)) or not hasattr(value, "__float__"):
            raise TypeError(f"{name}={value!r}: {allowed}")
        if not low <= value <= high or value != int(value):
            raise ValueError(f"{name}={value!r}: {allowed}")
    return np.full(n, int(given[0]), np.int64) if not _is_list(values) else np.array(given, np.float64).astype(np.int64)


def _read_line(k: int, row: str) -> tuple[str, list[float], dict[str, float]]:
    words = row.replace(",", " ").split()
    try:
        marked = dict(word.split("=", 1) for word in words if "=" in word)
        numbers = [float(word) for word in words[1:] if "=" not in word]
        options = {key: float(value) for key, value in marked.items()}
    except ValueError:
        numbers = []
    if len(numbers) < 2 or not set(options) <= {"nice", "priority", "tickets", "slice"}:
        raise ValueError(
            f"line {k}, {row.strip()!r}: needed is 'name arrival cpu [io cpu …]', and after it nice=, "
            "priority=, tickets= or slice= where wanted"
        )
    return words[0], numbers, options


def _integer(key: str, value: float) -> int:
    if value != int(value):
        raise ValueError(f"{key}={value!r}: allowed are whole numbers")
    return int(value)
