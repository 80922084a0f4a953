"""Lab 2 on this machine: a child runs the same jobs in three ways and reports its times."""

from __future__ import annotations

import multiprocessing
import platform
import sys
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from oslab.ai.parallel import WAYS, measured_label
from oslab.base.series import Series
from oslab.machine import recorded
from oslab.machine.child import Child
from oslab.machine.limits import usable_cpus

__all__ = ["interpreter", "measure_speedups", "ways_run"]

LONGEST = 12.0
MOST_WORKERS = 8
REPEATS, ENOUGH = 5, 2.4


def speeds(task: str, n: int, workers: int) -> list[float]:
    """Run the jobs once; return how many times as fast each way was as one after another."""
    found = _once(task, n, workers)
    return [found[way][0] / found[way][1] for way in WAYS]


def _once(task: str, n: int, workers: int) -> dict[str, Any]:
    with Child("oslab.ai.measure.children.parallel_jobs", {"task": task, "n": n, "workers": workers}) as child:
        return child.line(LONGEST)


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
    if not 1 <= workers <= MOST_WORKERS:
        raise ValueError(f"workers={workers!r}: measured are 1 to {MOST_WORKERS}")
    begin, rows = time.perf_counter(), []
    for k in range(REPEATS):
        rows.append(speeds(task, n, workers))
        yield (k + 1) / REPEATS
        if (time.perf_counter() - begin) * (k + 2) / (k + 1) > ENOUGH:
            break
    yield [
        Series.of_repeats(
            measured_label(task, n, way),
            [float(workers)],
            np.array(rows)[:, k : k + 1],
            "times as fast",
            x_unit="workers",
            origin="this machine",
            **recorded.here(),
        )
        for k, way in enumerate(WAYS)
    ]


def ways_run() -> list[Series]:
    """Return the recorded run."""
    return recorded.load("oslab.ai", "speedups")


def interpreter() -> list[dict[str, str]]:
    """Return what this Python says of its lock, and how it starts processes."""
    lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    method = multiprocessing.get_context().get_start_method()
    return [
        {"what": "version", "here": platform.python_version()},
        {"what": "global lock", "here": "yes" if lock else "no: it is free-threaded"},
        {"what": "asked to hand it on after", "here": f"{sys.getswitchinterval() * 1000:g} ms"},
        {"what": "starts processes by", "here": method},
        {"what": "CPUs that it may use", "here": str(usable_cpus())},
    ]
