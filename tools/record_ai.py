"""``python -m tools.record_ai [NAME …]``: record the measurements of chapter 7 on a quiet machine.

Each run's note says how busy other programs were just before and after, and whether this one's priority was raised.
"""

from __future__ import annotations

import os
import re
import sys
import time
from collections.abc import Iterable
from pathlib import Path

from oslab.ai.counters import HELPERS
from oslab.ai.measure import limits, numa_nodes, observed_loop, process_counters, speedups
from oslab.ai.parallel import TASKS
from oslab.ai.training import LoopSettings
from oslab.base.series import Series
from oslab.machine import recorded
from oslab.machine.procfs import system_stat
from tools.sources import PACKAGE

RUNS = PACKAGE / "ai" / "runs"
LOOPS: tuple[dict[str, float], ...] = (
    {},
    {"workers": 2},
    {"workers": 0},
    {"threads": 4},
    {"quota": 0.3},
    {"decode": 0.1},
    {"decode": 0.1, "traffic": 128},
    {"decode": 0.1, "quota": 0.3},
    {"decode": 0.1, "threads": 6},
    {"workers": 2, "threads": 4, "quota": 0.5},
)
WORKERS, REPEATS = (1, 2, 4, 8), 5


def _speedups(n: int = 100_000) -> list[Series]:
    rows = ([speedups.run_jobs(task, n, workers) for workers in WORKERS] for task in TASKS for _ in range(REPEATS))
    return [
        series
        for task in TASKS
        for series in speedups.to_series(task, n, WORKERS, [next(rows) for _ in range(REPEATS)])
    ]


def _watched() -> list[Series]:
    return [
        series
        for helper in HELPERS
        for series in process_counters.to_series(list(process_counters.watch(helper, 5))[-1][helper], helper)
    ]


def _loops() -> list[Series]:
    return [observed_loop.to_series(LoopSettings(**settings), observed_loop.observe(**settings)) for settings in LOOPS]


def _busy(seconds: float = 2.0) -> float:
    """CPUs that other programs keep busy now."""
    before = system_stat().cpu.busy
    time.sleep(seconds)
    return (system_stat().cpu.busy - before) / seconds


def _priority() -> str:
    group = re.search(
        r"nice (-?\d+)", Path("/proc/self/autogroup").read_text()
    )  # of the session, where the kernel has them
    nice = min(os.getpriority(os.PRIO_PROCESS, 0), int(group[1]) if group else 0)
    return f"priority raised (nice {nice})" if nice < 0 else "usual priority"


WHAT = {
    "nodes": "a chase over 96 MiB and a triad, from each node to each",
    "speedups": "count primes below 100000, or wait 100000 microseconds; speed against one job after another",
    "watched": "python -m oslab.ai.measure.children.stressors, 5 s each",
    "loops": "python -m oslab.ai.measure.children.training_loop, 2 s each",
    "quota": "busy children in a group with 25 ms of 100 ms; of eight runs the one interrupted least",
}
SERIES = {
    "nodes": lambda: list(numa_nodes.node_costs())[-1],
    "speedups": _speedups,
    "watched": _watched,
    "loops": _loops,
    "quota": lambda: _quietest(limits.run_under_quota(25, 100, 2) for _ in range(8)),
}


def _quietest(runs: Iterable[list[Series]]) -> list[Series]:
    """The run whose children were interrupted least by others."""
    return min(runs, key=lambda run: sum(len(series.x) for series in run[1:]))


def main(wanted: list[str]) -> None:
    """Measure and store."""
    for name in wanted or SERIES:
        before = _busy()
        series = SERIES[name]()
        note = f"{WHAT[name]}; {_priority()}; other programs kept {before:.2g} CPUs busy before and {_busy():.2g} after"
        print(name, note, *series, sep="\n  ")
        recorded.save(RUNS / f"{name}.json", series, note)


if __name__ == "__main__":
    main(sys.argv[1:])
