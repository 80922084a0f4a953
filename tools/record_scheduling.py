"""Record chapter 2's measurements on this machine: ``python -m tools.record_scheduling [NAME …]``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from typing import Any

from oslab.machine import recorded
from oslab.scheduling import busy_shares, pick_costs
from tools.sources import ROOT

RUNS: dict[str, tuple[Callable[[], Iterator[Any]], str]] = {
    "shares": (lambda: busy_shares((0, 5)), "Busy child processes of nice 0 and 5 on one CPU, 2 s in 5 windows."),
    "picks": (pick_costs, "A turn of a run queue: red-black tree, its leftmost, a list looked through."),
}


def main(names: list[str]) -> None:
    """Measure and write the runs of these names, or all."""
    for name in names or RUNS:
        measure, note = RUNS[name]
        series = [found for found in measure() if not isinstance(found, float)][-1]
        print(recorded.save(ROOT / "oslab" / "scheduling" / "runs" / f"{name}.json", series, note))
        print(*series, sep="\n")


if __name__ == "__main__":
    main(sys.argv[1:])
