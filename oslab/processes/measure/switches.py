"""Context switches on this machine: what one costs, and how many there are."""

from __future__ import annotations

from typing import Any

from oslab.base.series import Series
from oslab.machine import procfs, recorded, switch_cost
from oslab.processes.measure.child_program import run_experiment

__all__ = ["switch_counts", "switch_here"]


def switch_here() -> list[Series]:
    """Return what a switch costs here by ping-pong on one CPU, between processes and between threads, µs."""
    costs = [switch_cost(kind, fresh=True) for kind in ("processes", "threads")]
    return [
        Series(
            "switch",
            ["processes", "threads"],
            [c.median for c in costs],
            "µs",
            low=[c.low for c in costs],
            high=[c.high for c in costs],
            origin="this machine",
            repeats=costs[0].repeats,
            **recorded.here(),
        )
    ]


def switch_counts(seconds: float = 0.5) -> list[dict[str, Any]]:
    """Return the switches of a process that sleeps and of one that computes beside a rival, and of this kernel so far."""
    found = run_experiment("switches", seconds)
    rows = [
        {"process": what, "voluntary": round(found[key][0]), "involuntary": round(found[key][1]), "counted": "a second"}
        for what, key in (("sleeps 1 ms at a time", "sleeps"), ("computes, with a rival on its CPU", "computes"))
    ]
    mine = procfs.status()
    if mine is not None:
        rows.append(
            {
                "process": "this notebook's first thread",
                "voluntary": mine.voluntary_switches,
                "involuntary": mine.involuntary_switches,
                "counted": "since its start",
            }
        )
    return rows
