"""Threads against processes on this machine, row by row of the table."""

from collections.abc import Iterator
from typing import Any

from oslab.machine.recorded import measured
from oslab.processes.measure.fork import run_experiment

__all__ = ["ASPECTS", "compare_workers"]

ASPECTS = ("creation", "communication", "two CPU-bound jobs", "address space", "a crash")
TWO = ["a thread", "a process"]
# For each aspect: the experiment and its arguments, the key of its repeats, what is compared, the unit.
COMPARISONS = (
    (("creation",), "rows", ["thread", "fork", "new interpreter"], "µs"),
    (("passing",), "rows", ["thread, by reference", "shared memory", "pipe", "pipe, pickled floats"], "µs"),
    (("counting", 1_000_000), "rows", ["one after the other", "two threads", "two processes"], "ms"),
    (("seeing",), "seen", TWO, "changes the parent sees"),
    (("crashing",), "left", TWO, "of 2 workers go on"),
)


def compare_workers() -> Iterator[Any]:
    """Measure every row of the table "threads or processes".

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end one series for each of `ASPECTS`.
    """
    found = []
    for k, (aspect, (experiment, key, names, unit)) in enumerate(zip(ASPECTS, COMPARISONS)):
        yield k / len(ASPECTS)
        found.append(measured(aspect, names, run_experiment(*experiment)[key], unit))
    yield found
