"""Lab 2 on this machine: a child runs the same jobs in three ways and reports its times."""

import multiprocessing
import platform
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from oslab.ai.parallel import TASKS, WAYS, measured_label
from oslab.base import Series, checked, choice, integer, quantity
from oslab.machine import Child, usable_cpus
from oslab.machine.recorded import measured

__all__ = ["MOST_WORKERS", "interpreter", "measure_speedups", "run_jobs", "to_series"]

LONGEST = 12.0
MOST_WORKERS = 8
REPEATS, ENOUGH = 5, 2.4


def run_jobs(task: str, n: int, workers: int) -> list[float]:
    """Run the jobs once; return how many times as fast each way was as one after another."""
    with Child("oslab.ai.measure.children.parallel_jobs", {"task": task, "n": n, "workers": workers}) as child:
        found = child.line(LONGEST)
    return [found[way][0] / found[way][1] for way in WAYS]


def to_series(task: str, n: int, workers: Sequence[int], rows: Any) -> list[Series]:
    """Return what was measured as a series for each way; `rows` by repeat, number of workers and way."""
    table, cpus = np.asarray(rows, dtype=float), usable_cpus()
    return [
        measured(
            measured_label(task, n, cpus, way),
            list(map(float, workers)),
            table[:, :, k],
            "times as fast",
            x_unit="workers",
        )
        for k, way in enumerate(WAYS)
    ]


@checked(task=choice(TASKS), n=integer(10, 10_000_000), workers=integer(1, MOST_WORKERS))
def measure_speedups(task: str = "primes", n: int = 100_000, workers: int = 4) -> Iterator[Any]:
    """Run the jobs in a child process, up to five times while they take less than 2.4 s together.

    Yields
    ------
    float or list of Series
        Shares of the work done; how many times as fast as one after another, by way, at the one number of workers.

    Raises
    ------
    Unavailable
        No child processes here, or it takes too long.
    ValueError
        More than eight workers.
    """
    begin, rows = time.perf_counter(), []
    for k in range(REPEATS):
        rows.append([run_jobs(task, n, workers)])
        yield (k + 1) / REPEATS
        if (time.perf_counter() - begin) * (k + 2) / (k + 1) > ENOUGH:
            break
    yield to_series(task, n, [workers], rows)


def interpreter() -> list[dict[str, str]]:
    """Return what this Python says of its lock, and how it starts processes."""
    lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    method = multiprocessing.get_context().get_start_method()
    return [
        {"what": "version", "here": platform.python_version()},
        {"what": "global lock", "here": "yes" if lock else "no: it is free-threaded"},
        {"what": "asked to hand it on after", "here": quantity(sys.getswitchinterval() * 1000, "ms")},
        {"what": "starts processes by", "here": method},
        {"what": "CPUs that it may use", "here": str(usable_cpus())},
    ]
