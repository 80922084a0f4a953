"""``python -m tools.record_ai [NAME …]``: record the measurements of chapter 7 on a quiet machine."""

from __future__ import annotations

import sys
from collections.abc import Iterable

import numpy as np

from oslab.ai.counters import HELPERS
from oslab.ai.measure import diagnosing, limits, measured_ways, nodes, watch
from oslab.ai.parallel import TASKS, WAYS, measured_label
from oslab.ai.training import Knobs
from oslab.lab.series import Series
from oslab.machine import recorded
from tools.sources import PACKAGE

RUNS = PACKAGE / "ai" / "runs"
LOOPS: tuple[dict[str, float], ...] = (
    {}, {"workers": 2}, {"workers": 0}, {"threads": 4}, {"quota": 0.3}, {"decode": 0.1}, {"decode": 0.1, "traffic": 128},
    {"decode": 0.1, "quota": 0.3}, {"decode": 0.1, "threads": 6}, {"workers": 2, "threads": 4, "quota": 0.5})
WORKERS = (1, 2, 4, 8)


def _ways(n: int = 100_000) -> list[Series]:
    found = []
    for task in TASKS:
        rows = np.array([[measured_ways.speeds(task, n, workers) for workers in WORKERS] for _ in range(5)])
        found += [Series.of_repeats(measured_label(task, n, way), WORKERS, rows[:, :, k], "times as fast", x_unit="workers",
                                    origin="this machine", **recorded.here()) for k, way in enumerate(WAYS)]
    return found


def _watched() -> list[Series]:
    return [series for helper in HELPERS for series in watch.to_series(list(watch.watch(helper, 5))[-1][helper], helper)]


def _loops() -> list[Series]:
    return [diagnosing.to_series(Knobs(**knobs), diagnosing.observe(**knobs)) for knobs in LOOPS]


SERIES = {"nodes": lambda: list(nodes.node_costs())[-1],
          "ways": _ways, "watched": _watched, "loops": _loops,
          "quota": lambda: _quietest(limits.throttled_run(25, 100, 2) for _ in range(8))}


def _quietest(runs: Iterable[list[Series]]) -> list[Series]:
    """The run whose children were interrupted least by others."""
    return min(runs, key=lambda run: sum(len(series.x) for series in run[1:]))


def main(wanted: list[str]) -> None:
    """Measure and store."""
    for name in wanted or SERIES:
        series = SERIES[name]()
        print(name, *series, sep="\n  ")
        recorded.save(RUNS / f"{name}.json", series)


if __name__ == "__main__":
    main(sys.argv[1:])
