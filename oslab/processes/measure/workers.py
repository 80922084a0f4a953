"""Threads against processes on this machine, row by row of the table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oslab.machine.cost import here
from oslab.processes.measure.child_program import run_experiment

__all__ = ["ASPECTS", "compare_workers"]

ASPECTS = ("address space", "creation", "communication", "a crash", "two CPU-bound jobs")


def compare_workers() -> Iterator[Any]:
    """Measure every row of the table "threads or processes".

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end one series for each of `ASPECTS`.
    """
    two = ["a thread", "a process"]
    seeing = here(ASPECTS[0], two, [run_experiment("seeing")["seen"]], "changes the parent sees")
    yield 0.1
    creation = here(ASPECTS[1], ["thread", "fork", "new interpreter"], run_experiment("creation")["rows"], "µs")
    yield 0.4
    passing = here(
        ASPECTS[2],
        ["thread, by reference", "shared memory", "pipe", "pipe, pickled floats"],
        run_experiment("passing")["rows"],
        "µs",
    )
    yield 0.6
    crash = here(ASPECTS[3], two, [run_experiment("crashing")["left"]], "of 2 workers go on")
    yield 0.7
    counting = here(
        ASPECTS[4],
        ["one after the other", "two threads", "two processes"],
        run_experiment("counting", 1_000_000)["rows"],
        "ms",
    )
    yield [seeing, creation, passing, crash, counting]
