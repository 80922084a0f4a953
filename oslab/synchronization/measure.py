"""Real threads, in C and in Python: updates lost, a deadly embrace, what a lock costs."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from oslab.base.series import Series
from oslab.machine import recorded
from oslab.machine.capability import need
from oslab.machine.csource import run_c

__all__ = [
    "Embrace",
    "embrace",
    "increment",
    "increment_by_call",
    "lock_costs",
    "lost_updates",
    "recorded_costs",
    "recorded_losses",
    "source",
]

THREADS = (1, 2, 4, 8)
REPEATS = 5
MOST_IN_PYTHON = 400_000


def source(name: str) -> Path:
    """Return the file of a C program of this chapter: ``bounded_buffer``, ``lost_updates`` or ``lock_costs``."""
    return Path(str(resources.files("oslab.synchronization"))) / "c" / f"{name}.c"


@cache
def recorded_losses() -> dict[int, list[Series]]:
    """Return `lost_updates` as it was recorded, by the number of increments."""
    return {1_000_000: recorded.load("oslab.synchronization", "lost_updates")}


@cache
def recorded_costs() -> dict[float, list[Series]]:
    """Return `lock_costs` as it was recorded, for several shares."""
    names = [name for name in recorded.names("oslab.synchronization") if name.startswith("lock_costs_")]
    return {int(name.rpartition("_")[2]) / 100: recorded.load("oslab.synchronization", name) for name in names}


class Counter:
    """A shared variable."""

    def __init__(self) -> None:
        self.value = 0


def _one() -> int:
    return 1


def increment(counter: Counter, times: int) -> None:
    """Increment in one line."""
    for _ in range(times):
        counter.value += 1


def increment_by_call(counter: Counter, times: int) -> None:
    """Increment with a function call between load and store."""
    for _ in range(times):
        counter.value = counter.value + _one()


def _lost_in_python(work: Callable[[Counter, int], None], threads: int, times: int) -> float:
    """Run Python threads on one counter; return what was lost, in percent."""
    counter, start = Counter(), threading.Barrier(threads)

    def run() -> None:
        start.wait()
        work(counter, times)

    pool = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    return 100 * (1 - counter.value / (threads * times))


def _lines(name: str, *args: str, seconds: float = 8.0) -> list[str]:
    need("compiler")
    run = run_c(source(name).read_text(), args=args, seconds=seconds)
    if not run.ok:
        raise OSError(run.message)
    return run.stdout.splitlines()


def lost_updates(increments: int = 1_000_000) -> Iterator[float | dict[int, list[Series]]]:
    """Measure updates lost against the number of threads; yields shares of the work done, then series in percent.

    The series come in a dict, by `increments`.

    Parameters
    ----------
    increments : int
        In each thread; a twentieth of it under a mutex, and at most 400 000 in Python, which are slower.

    Raises
    ------
    OSError
        No C compiler here.
    """
    rows: dict[str, dict[int, list[float]]] = {}
    yield 0.05
    for line in _lines("lost_updates", str(increments)):
        kind, threads, lost = line.split()
        label = ("C, x++", "C, mutex", "C, atomic")[int(kind)]
        rows.setdefault(label, {}).setdefault(int(threads), []).append(float(lost))
    yield 0.4
    for repeat in range(REPEATS):
        for label, work in (("Python, c += 1", increment), ("Python, call between", increment_by_call)):
            for n in THREADS:
                rows.setdefault(label, {}).setdefault(n, []).append(
                    _lost_in_python(work, n, min(increments, MOST_IN_PYTHON))
                )
        yield 0.4 + 0.6 * (repeat + 1) / REPEATS
    yield {increments: [_series(label, values, "%") for label, values in rows.items()]}


def _series(label: str, values: dict[int, list[float]], unit: str) -> Series:
    return Series.of_repeats(
        label,
        list(values),
        list(zip(*values.values())),
        unit,
        x_unit="threads",
        origin="this machine",
        **recorded.here(),
    )


def lock_costs(share: float = 0.25) -> dict[float, list[Series]]:
    """Measure throughput with one lock, 64 locks and no sharing, relative to one thread that shares nothing.

    Parameters
    ----------
    share : float
        Of each round that is done under the lock.

    Returns
    -------
    dict of float to list of Series
        By the share, in whole percent.

    Raises
    ------
    OSError
        No C compiler here.
    """
    rows: dict[str, dict[int, list[float]]] = {}
    for line in _lines("lock_costs", str(round(100 * share))):
        label, threads, rate = line.split(";")
        rows.setdefault(label, {}).setdefault(int(threads), []).append(float(rate))
    alone = sorted(rows["no sharing"][1])[REPEATS // 2]
    return {
        round(share, 2): [
            _series(label, {n: [v / alone for v in per] for n, per in values.items()}, "times one thread")
            for label, values in rows.items()
        ]
    }


@dataclass(frozen=True)
class Embrace:
    """What `embrace` returns.

    Attributes
    ----------
    orders : tuple of tuple of str
        The locks as each thread takes them.
    done : tuple of bool
        Whether each thread got both its locks in time.
    seconds : float
        That each waited for its second lock at most.
    """

    orders: tuple[tuple[str, str], ...]
    done: tuple[bool, ...]
    seconds: float

    def table(self) -> list[dict[str, Any]]:
        """Return one row a thread."""
        return [
            {"thread": k + 1, "takes": " then ".join(order), "got both": ok}
            for k, (order, ok) in enumerate(zip(self.orders, self.done))
        ]

    def __str__(self) -> str:
        parts = [
            f"thread {k}: {' then '.join(order)}: "
            + ("got both" if ok else f"gave up after {self.seconds:g} s, holding {order[0]}")
            for k, (order, ok) in enumerate(zip(self.orders, self.done), 1)
        ]
        return "\n".join([*parts, "deadlock, ended by the time limits" if not all(self.done) else "no deadlock"])

    __repr__ = __str__


def embrace(ordered: bool = False, seconds: float = 0.5) -> Embrace:
    """Let two Python threads take two locks, in opposite orders or in the same one; ends by itself.

    Parameters
    ----------
    ordered : bool
        Whether both take x first.
    seconds : float
        How long each waits for its second lock; 0 to 2.

    Raises
    ------
    ValueError
        A time outside that range.
    """
    if not 0 < seconds <= 2:
        raise ValueError(f"seconds={seconds!r}: allowed are numbers above 0, up to 2")
    locks = {"x": threading.Lock(), "y": threading.Lock()}
    orders = (("x", "y"), ("x", "y") if ordered else ("y", "x"))
    done = [False, False]
    both_started, given_up = threading.Barrier(2), threading.Barrier(2)

    def work(k: int) -> None:
        one, two = orders[k]
        both_started.wait(seconds)
        with locks[one]:
            threading.Event().wait(0.05)  # long enough for the other to take its first lock
            done[k] = locks[two].acquire(timeout=seconds)
            if done[k]:
                locks[two].release()
            elif not ordered:
                given_up.wait(seconds)  # holding on, or the second to give up would be let in by the first

    pool = [threading.Thread(target=work, args=(k,), daemon=True) for k in range(2)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    return Embrace(orders, tuple(done), seconds)
