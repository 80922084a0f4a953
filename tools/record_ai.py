"""``python -m tools.record_ai [NAME …]``: record the measurements of chapter 7 on a quiet machine."""

from __future__ import annotations

import sys
from collections.abc import Iterable

from oslab.ai.measure import limits, nodes
from oslab.lab.series import Series
from oslab.machine import recorded
from tools.sources import PACKAGE

RUNS = PACKAGE / "ai" / "runs"
SERIES = {"nodes": lambda: list(nodes.node_costs())[-1],
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
