"""What is to be scheduled: tasks with arrival, bursts of CPU and I/O, nice value, priority, tickets, slice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from string import ascii_uppercase
from typing import Any

import numpy as np

from oslab.base import Array, Parameter, Result, Several, columns, integer, real, shown, text
from oslab.scheduling.perf_sched import read_events

__all__ = ["LONGEST", "MS", "WEIGHTS", "Workload", "in_ms", "say_ms", "to_ns"]

MS = 1_000_000
LONGEST = 10**9
MOST = 1_000_000  # tasks

# fmt: off
WEIGHTS = (
    88761, 71755, 56483, 46273, 36291, 29154, 23254, 18705, 14949, 11916,
    9548, 7620, 6100, 4904, 3906, 3121, 2501, 1991, 1586, 1277,
    1024, 820, 655, 526, 423, 335, 272, 215, 172, 137,
    110, 87, 70, 56, 45, 36, 29, 23, 18, 15,
)
"""Linux's weights of nice -20 to 19 (`sched_prio_to_weight` in kernel/sched/core.c)."""
# fmt: on

TIMES, BURSTS = (Array(float, low=low, high=LONGEST, most=MOST) for low in (0, 1 / MS))
NICE, PRIORITY, TICKETS = (
    Array(int, low=low, high=high, most=MOST) for low, high in ((-20, 19), (-(10**6), 10**6), (1, 10**6))
)
TASKS = integer(1, MOST)
NAMES, TABLE = Several(text(100), most=MOST), text(20_000_000)
ADDED = {"nice": ("nice", int, 0), "priority": ("priority", int, 0), "tickets": ("tickets", int, None)}
ADDED["slice"] = ("base_slice", float, None)
FORM = "needed is 'name arrival cpu [io cpu …]', and after it nice=, priority=, tickets= or slice= where wanted"


def to_ns(name: str, value: Any, least: int = 0) -> int:
    """Return a time in ms as whole nanoseconds, or raise what is wrong with it."""
    number = real(0, LONGEST, above=least > 0).check(name, value)
    if round(number * MS) < least:
        raise ValueError(f"{name}={shown(value)}: allowed are numbers from {least / MS:.6f} up, in ms")
    return round(number * MS)


def in_ms(ns: Any) -> Any:
    """Return nanoseconds as ms: a float, or an array of float64."""
    return ns / MS


def say_ms(ms: float) -> str:
    """Return a time in ms as text: to the microsecond, without zeros at its end and never with an exponent.

    Examples
    --------
    >>> say_ms(2.5), say_ms(1234567.0), say_ms(1 / 3)
    ('2.5', '1234567', '0.333')
    """
    said = f"{ms:.3f}".rstrip("0").rstrip(".")
    return "0" if said == "-0" else said


class Workload(Result):
    """Tasks to be scheduled; times in ms, kept as whole nanoseconds.

    Parameters
    ----------
    arrival : array_like of float, shape (n,)
        When each task comes.
    burst : sequence, length n
        CPU time of each task: a number, or a list of CPU, I/O, CPU and so on in turn; with `io` given, of the CPU
        bursts alone.  A task waits for its I/O alone: no two tasks share a device.  A task that begins with I/O has
        0 as its first CPU burst, and queues first when that I/O is done; one may also end with I/O.
    nice : int or array_like of int
        -20 (greedy) to 19 (modest); decides the weight.
    io : sequence, length n, optional
        I/O of each task between its CPU bursts: a number, or a list with one entry less than its bursts.
    names : sequence of str, optional
        ``A`` to ``Z``, or ``T1`` and so on if not given.
    priority : int or array_like of int, optional
        For `priority`; 0 if not given.
    tickets : int or array_like of int, optional
        For `lottery` and `stride`; each task's weight by its nice value if not given.
    base_slice : float or array_like of float, optional
        For `eevdf`, ms; the policy's own if not given.

    Attributes
    ----------
    names : tuple of str
    arrival, burst, io : ndarray of float64, shape (n,)
        `burst` and `io` are sums, ms.
    arrival_ns, lead_ns, tail_ns : ndarray of int64, shape (n,)
        When each task comes; the I/O that it begins and ends with, 0 for none.
    first, parts : ndarray of int64, shape (n + 1,), (m,)
        ``parts[first[i]:first[i + 1]]`` are task i's bursts from the first to the last on the CPU: CPU, I/O, CPU …, ns.
    nice, weight, priority, tickets, slice_ns : ndarray of int64, shape (n,)

    Raises
    ------
    ValueError, TypeError
        No task, or more than a million; a negative or infinite time; a burst of 0; a nice value out of range; lists of
        unequal length.

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
        self.arrival_ns = _round(TIMES.check("arrival", arrival))
        n = len(self.arrival_ns)
        self.names = _check_names(names, n)
        self._set_bursts(_list("burst", burst, n), io, n)
        self.nice = _each("nice", nice, n, NICE)
        self.weight = np.array(WEIGHTS, np.int64)[self.nice + 20]
        self.priority = _each("priority", 0 if priority is None else priority, n, PRIORITY)
        self.tickets = self.weight if tickets is None else _each("tickets", tickets, n, TICKETS)
        self.slice_ns = np.zeros(n, np.int64)
        if base_slice is not None:
            self.slice_ns = _round(_each("base_slice", base_slice, n, BURSTS))
        if float(self.parts.sum(dtype=np.float64)) + float((self.ready_ns + self.tail_ns).max()) > LONGEST * MS:
            raise ValueError(f"burst: more than {LONGEST} ms in all; allowed is less")

    def _set_bursts(self, burst: list[Any], io: Any, n: int) -> None:
        """Take the bursts apart: what the engine runs, and the I/O before and after it."""
        self.lead_ns, self.tail_ns = np.zeros(n, np.int64), np.zeros(n, np.int64)
        if io is None and not any(map(_is_list, burst)):
            self.parts, self.first = _round(BURSTS.check("burst", burst)), np.arange(n + 1)
            return
        waits = io if _is_list(io) else [io] * n
        lists = [_parts(i, one, wait) for i, (one, wait) in enumerate(zip(burst, _list("io", waits, n), strict=True))]
        for i, parts in enumerate(lists):
            if parts[0] == 0:
                self.lead_ns[i] = parts[1]
                del parts[:2]
            if len(parts) % 2 == 0:
                self.tail_ns[i] = parts.pop()
        self.first = np.concatenate([[0], np.cumsum([len(one) for one in lists])]).astype(np.int64)
        self.parts = np.array([part for one in lists for part in one], np.int64)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def arrival(self) -> np.ndarray:
        """When each task comes, ms."""
        return in_ms(self.arrival_ns)

    @property
    def ready_ns(self) -> np.ndarray:
        """When each task is ready for the first time, ns: it comes, or its first I/O is done."""
        return self.arrival_ns + self.lead_ns

    @property
    def burst_ns(self) -> np.ndarray:
        """CPU time of each task in all, ns."""
        return np.add.reduceat(np.where(self._is_cpu, self.parts, 0), self.first[:-1])

    @property
    def io_ns(self) -> np.ndarray:
        """I/O of each task in all, ns."""
        between = np.add.reduceat(np.where(self._is_cpu, 0, self.parts), self.first[:-1])
        return between + self.lead_ns + self.tail_ns

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
        """Return a task's bursts: CPU, I/O, CPU and so on, ms; the first one is 0 if it begins with I/O."""
        parts = self.parts[self.first[task] : self.first[task + 1]].tolist()
        before = [0, int(self.lead_ns[task])] if self.lead_ns[task] else []
        return [in_ms(p) for p in (*before, *parts, *([int(self.tail_ns[task])] if self.tail_ns[task] else []))]

    @classmethod
    def parse(cls, text: str) -> Workload:
        """Read tasks from text: one a line (or between semicolons), ``name arrival cpu [io cpu …] [nice=5]``.

        Commas count as spaces; ``nice=``, ``priority=``, ``tickets=`` and ``slice=`` may follow.  A line that starts
        with ``#`` is a comment.

        Raises
        ------
        ValueError
            A line that cannot be read, with its number and the word that is wrong.

        Examples
        --------
        >>> len(Workload.parse("editor 0 2 10 2; build 1 30 nice=5"))
        2
        """
        text = TABLE.check("text", text).removeprefix("\ufeff")
        lines = (
            "\n".join(line for line in text.splitlines() if not line.startswith("#")).replace(";", "\n").splitlines()
        )
        rows = [line for line in lines if line.strip(" ,\t")]
        if not rows:
            raise ValueError("text is empty: a task a line is needed, such as 'A 0 5'")
        read = [_read_line(k, row) for k, row in enumerate(rows, 1)]
        options: dict[str, list[float]] = {}
        for key, (parameter, _, default) in ADDED.items():
            found = [added.get(key, default) for *_, added in read]
            if missing := [name for (name, *_), value in zip(read, found, strict=True) if value is None]:
                if len(missing) < len(read):
                    raise ValueError(f"{key}: given for some tasks, not for {', '.join(missing[:8])}; all or none")
                continue
            options[parameter] = found
        names, times, _ = zip(*read, strict=True)
        return cls([one[0] for one in times], [one[1:] for one in times], names=names, **options)

    @classmethod
    def from_perf_sched(cls, source: str | Iterable[str], tasks: int = 12, of: Sequence[int] | None = None) -> Workload:
        """Take the tasks from the kernel's scheduling events, with their bursts as they were.

        Parameters
        ----------
        source : str or iterable of str
            What ``perf script`` prints after ``perf sched record``, or ftrace's sched_switch and sched_waking.
        tasks : int
            How many, those with the most CPU time.
        of : sequence of int, optional
            Only tasks with these numbers, and those that they start.

        Raises
        ------
        ValueError
            No such event, or no task but idle ones.
        """
        found = read_events(source.splitlines() if isinstance(source, str) else source, tasks, of)
        bursts = [[in_ms(part) for part in task.parts] for task in found]
        nice = [task.nice for task in found]
        return cls([in_ms(task.arrival) for task in found], bursts, nice, names=[task.name for task in found])

    def busiest(self, most: int) -> Workload:
        """Return the tasks with the most CPU time, `most` of them, in the order in which they stand here."""
        if len(self) <= TASKS.check("most", most):
            return self
        kept = np.sort(np.argsort(-self.burst_ns, kind="stable")[:most]).tolist()
        some = Workload(
            self.arrival[kept], [self.parts_of(i) for i in kept], self.nice[kept], names=[self.names[i] for i in kept]
        )
        some.priority, some.tickets, some.slice_ns = (
            each[kept] for each in (self.priority, self.tickets, self.slice_ns)
        )
        return some

    def as_text(self) -> str:
        """Return the tasks as `parse` reads them, to the nanosecond."""

        def tell(i: int) -> str:
            times = " ".join(f"{ms:.6f}".rstrip("0").rstrip(".") for ms in (self.arrival[i], *self.parts_of(i)))
            return f"{self.names[i]} {times} nice={self.nice[i]}"

        return "\n".join(map(tell, range(len(self)))) + "\n"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a task."""
        parts = (" ".join(map(say_ms, self.parts_of(i))) for i in range(len(self)))
        return columns(
            {"task": self.names, "arrival, ms": self.arrival.tolist(), "CPU and I/O, ms": parts, "nice": self.nice}
        )

    def __str__(self) -> str:
        def tell(i: int) -> str:
            words = " ".join(f"{('CPU', 'I/O')[k % 2]} {say_ms(p)}" for k, p in enumerate(self.parts_of(i)))
            return f"{self.names[i]}: arrives at {say_ms(self.arrival_ns[i] / MS)}, {words}, nice {self.nice[i]}"

        more = f"; and {len(self) - 12} more" if len(self) > 12 else ""
        return "; ".join(tell(i) for i in range(min(12, len(self)))) + more + " (ms)"

    __repr__ = __str__


def _is_list(value: Any) -> bool:
    return (
        isinstance(value, Sequence | np.ndarray)
        and not isinstance(value, str | bytes)
        and getattr(value, "ndim", 1) > 0
    )


def _list(name: str, values: Any, n: int) -> list[Any]:
    if not _is_list(values):
        raise TypeError(f"{name}={shown(values)}: a list with one entry for each task is needed")
    if len(values) != n:
        raise ValueError(f"{name} has {len(values)} entries: allowed is one for each of {n} tasks")
    return values.tolist() if isinstance(values, np.ndarray) else list(values)


def _each(name: str, values: Any, n: int, array: Array) -> np.ndarray:
    """One value for all tasks, or one for each."""
    if not _is_list(values):
        one = Parameter(kind=array.kind, low=array.low, high=array.high)
        return np.full(n, one.check(name, values))
    return array.check(name, _list(name, values, n))


def _round(ms: np.ndarray) -> np.ndarray:
    return np.round(ms * MS).astype(np.int64)


def _check_names(names: Any, n: int) -> tuple[str, ...]:
    if names is None:
        return tuple(ascii_uppercase[:n]) if n <= 26 else tuple(f"T{i}" for i in range(1, n + 1))
    names = NAMES.check("names", names)
    if len(names) != n or len(set(names)) != n or not all(name.isprintable() and name for name in names):
        raise ValueError(f"names={shown(names)}: {n} different names are needed, one for each task")
    return names


def _parts(i: int, burst: Any, io: Any) -> list[int]:
    """One task's bursts in ns: CPU, I/O, CPU and so on."""
    if any(_is_list(one) and len(one) > MOST for one in (burst, io)):
        raise ValueError(f"burst[{i}]={shown(burst)}: allowed are at most {MOST} parts")
    given, waits = (list(one) if _is_list(one) else [one] for one in (burst, io))
    if io is not None:
        if len(waits) != len(given) - 1:
            raise ValueError(f"io[{i}]={shown(io)}: one entry less than the {len(given)} CPU bursts is needed")
        given = [given[k // 2] if k % 2 == 0 else waits[k // 2] for k in range(2 * len(given) - 1)]
    begins = len(given) > 2 and to_ns(f"burst[{i}]", given[0]) == 0
    if not given:
        raise ValueError(f"burst[{i}] is empty: CPU, I/O, CPU and so on are needed")
    rest = [to_ns(f"{('burst', 'io')[k % 2]}[{i}]", value, 1) for k, value in enumerate(given) if k or not begins]
    return [0, *rest] if begins else rest


def _read_line(k: int, row: str) -> tuple[str, list[float], Mapping[str, float]]:
    name, *words = row.replace(",", " ").split()
    numbers: list[float] = []
    added: dict[str, float] = {}
    for word in words:
        key, _, value = word.rpartition("=")
        try:
            if key:
                added[key] = ADDED[key][1](value)
            else:
                numbers.append(float(value))
        except (KeyError, ValueError):
            whole = key in ADDED and ADDED[key][1] is int
            what = "no such option" if key and key not in ADDED else "no whole number" if whole else "no number"
            raise ValueError(f"line {k}, {shown(row.strip())}: {shown(word)} is {what}; {FORM}") from None
    if len(numbers) < 2:
        raise ValueError(f"line {k}, {shown(row.strip())}: {len(numbers)} of the two times are there; {FORM}")
    return name, numbers, added
