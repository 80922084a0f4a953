"""Threads or processes: what the interpreter's lock, the CPUs and starting cost leave of k workers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from oslab.base import Result, checked, choice, columns, duration, integer, plural, readable, real

__all__ = ["WAYS", "Parallel", "divisions", "measured_label", "run_parallel"]

WAYS = ("threads", "processes", "threads without the lock")
PYTHON_DIVISION, COMPILED_DIVISION = 55e-9, 1.6e-9
WAITING_WORK = 0.5e-3
TASKS = {"primes": "counts primes", "waits": "waits for a disk or network"}
BOUNDS = {
    "lock": "the interpreter's lock",
    "cpus": "the number of CPUs",
    "job": "the length of one job",
    "start": "starting the processes",
}


@dataclass(frozen=True, eq=False)
class Parallel(Result):
    """Time of k equal jobs, one after another and at once.

    Attributes
    ----------
    task : str
        ``"primes"`` or ``"waits"``.
    n, workers, cpus : int
    ways : tuple of str
    serial, seconds : ndarray of float64, shape (w,)
        One after another, and at once, by way; seconds.  Threads without the lock run compiled code.
    bound : tuple of str
        What limits each way: a key of `BOUNDS`.
    starting : float
        Share of the processes' time in which they are started.
    """

    task: str
    n: int
    workers: int
    cpus: int
    ways: tuple[str, ...]
    serial: np.ndarray
    seconds: np.ndarray
    bound: tuple[str, ...]
    starting: float = 0.0

    @property
    def speedup(self) -> np.ndarray:
        """How many times as fast as one after another."""
        return self.serial / self.seconds

    def why(self, k: int) -> str:
        """Return what limits way k, from 0."""
        k = integer(0, len(self.ways) - 1).check("k", k)
        return (
            f"{self.ways[k]}: {duration(self.serial[k])} of work took {duration(self.seconds[k])}, "
            f"{readable(self.speedup[k])} times as fast; the limit is {BOUNDS[self.bound[k]]}."
        )

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each way."""
        bound = [BOUNDS[one] for one in self.bound]
        times = {"one after another, s": self.serial, "at once, s": self.seconds, "times as fast": self.speedup}
        return columns({"way": self.ways, **times, "limited by": bound})

    def __str__(self) -> str:
        return "\n".join(self.why(k) for k in range(len(self.ways)))


def measured_label(task: str, n: int, cpus: int, way: str) -> str:
    """Return the label of the series that measures a way on a machine with so many CPUs."""
    return f"{task} {n} on {plural(cpus, 'CPU')}: {way}"


@lru_cache(maxsize=256)
def divisions(n: int) -> int:
    """Return how many divisions trial division makes to tell the primes below n.

    A prime i is divided by 2 to the root of i, another number up to its smallest factor.
    """
    limit = max(n, 3)
    roots = np.sqrt(np.arange(limit)).astype(np.int64)
    tried = np.maximum(roots - 1, 0)
    for p in range(int(limit**0.5), 1, -1):
        if all(
            p % q for q in range(2, int(p**0.5) + 1)
        ):  # only a prime can be the smallest factor, which is written last
            tried[p * p :: p] = p - 1
    return int(tried[2:n].sum())


@checked(
    task=choice(TASKS),
    n=integer(10, 10_000_000),
    workers=integer(1, 64),
    cpus=integer(1, 64),
    lock_share=real(0, 1),
    start=real(0, 10, unit="s"),
)
def run_parallel(
    task: str = "primes",
    n: int = 100_000,
    workers: int = 4,
    cpus: int = 2,
    lock_share: float = 1.0,
    start: float = 0.08,
) -> Parallel:
    """Work out how long k workers take that each do the same job, at once.

    Threads of an interpreter with a lock cannot take less than all their work under the lock, nor any way less than
    all work shared over the CPUs, nor less than one job.  Processes have no common lock, but must be started.

    Parameters
    ----------
    task : {"primes", "waits"}
        Count the primes below n; or wait n microseconds for a device, with 0.5 ms of Python around it.
    n : int
        10 to 10 000 000.
    workers, cpus : int
        1 to 64.
    lock_share : float
        Share of the work that holds the lock: 1 for pure Python; numpy and compiled code let go of it.
    start : float
        Seconds of CPU time that it takes to start a process with an interpreter.

    Raises
    ------
    ValueError
        Out of these ranges.
    """
    wait = n * 1e-6 if task == "waits" else 0.0
    work = {
        way: WAITING_WORK if wait else divisions(n) * (COMPILED_DIVISION if "without" in way else PYTHON_DIVISION)
        for way in WAYS
    }
    seconds, bound, starting = [], [], 0.0
    for way in WAYS:
        job = work[way]
        started = start if way == "processes" else 0.0
        limits = {
            "lock": workers * job * (lock_share if way == "threads" else 0.0),
            "cpus": workers * (job + started) / min(cpus, workers),
            "job": started + job + wait,
        }
        slowest = max(limits, key=lambda key: limits[key])
        alone = max(job * workers / min(cpus, workers), job + wait)
        seconds.append(limits[slowest])
        if started:
            starting = min(1.0, started * (workers / min(cpus, workers) if slowest == "cpus" else 1) / limits[slowest])
        bound.append("start" if way == "processes" and limits[slowest] > 2 * alone else slowest)
    serial = np.array([workers * (work[way] + wait) for way in WAYS])
    return Parallel(task, n, workers, cpus, WAYS, serial, np.array(seconds), tuple(bound), starting)
