"""Threads or processes: what the interpreter's lock, the CPUs and starting cost leave of k workers."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

__all__ = ["WAYS", "Parallel", "divisions", "measured_label", "run_parallel"]

WAYS = ("threads", "processes", "threads without the lock")
PYTHON_DIVISION, COMPILED_DIVISION = 55e-9, 1.6e-9
WAITING_WORK = 0.5e-3
TASKS = {"primes": "counts primes", "waits": "waits for a disk or network"}
BOUNDS = {
    "lock": "the interpreter's lock",
    "cpus": "the number of CPUs",
    "job": "one job's own length",
    "start": "starting the processes",
}


@dataclass(frozen=True, eq=False)
class Parallel:
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
    """

    task: str
    n: int
    workers: int
    cpus: int
    ways: tuple[str, ...]
    serial: np.ndarray
    seconds: np.ndarray
    bound: tuple[str, ...]

    @property
    def speed(self) -> np.ndarray:
        """How many times as fast as one after another."""
        return self.serial / self.seconds

    def why(self, k: int) -> str:
        """Return what limits way k."""
        return (
            f"{self.ways[k]}: {self.serial[k]:.3g} s of work took {self.seconds[k]:.3g} s, {self.speed[k]:.3g} times as "
            f"fast; the limit is {BOUNDS[self.bound[k]]}."
        )

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each way, rounded."""
        return [
            {
                "way": w,
                "one after another, s": float(f"{a:.3g}"),
                "at once, s": float(f"{b:.3g}"),
                "times as fast": float(f"{a / b:.3g}"),
                "limited by": BOUNDS[c],
            }
            for w, a, b, c in zip(self.ways, self.serial, self.seconds, self.bound)
        ]

    def __str__(self) -> str:
        return "\n".join(self.why(k) for k in range(len(self.ways)))


def measured_label(task: str, n: int, way: str) -> str:
    """Return the label of the series that measures a way."""
    return f"{task} {n}: {way}"


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
    if task not in TASKS:
        raise ValueError(f"task={task!r}: allowed are {', '.join(TASKS)}")
    for name, value, low, high in (
        ("n", n, 10, 10_000_000),
        ("workers", workers, 1, 64),
        ("cpus", cpus, 1, 64),
        ("lock_share", lock_share, 0, 1),
        ("start", start, 0, 10),
    ):
        if not low <= value <= high:
            raise ValueError(f"{name}={value!r}: allowed are {low} to {high}")
    wait = n * 1e-6 if task == "waits" else 0.0
    work = {
        way: WAITING_WORK if wait else divisions(n) * (COMPILED_DIVISION if "without" in way else PYTHON_DIVISION)
        for way in WAYS
    }
    seconds, bound = [], []
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
        bound.append("start" if way == "processes" and limits[slowest] > 2 * alone else slowest)
    serial = np.array([workers * (work[way] + wait) for way in WAYS])
    return Parallel(task, n, workers, cpus, WAYS, serial, np.array(seconds), tuple(bound))
