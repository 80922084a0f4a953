"""What lines of Python cost that map memory: faults by the model and on the machine, and the time each took."""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.base import Series, duration, memory_size, plural, readable
from oslab.memory.mapping_faults import LINES, LineCosts
from oslab.picture import Marks, View, best, call_noisy, style

__all__ = ["LineBars"]

BLUE = style.ink(0)
TICKS = (0, 1, 10, 100, 1000, 10_000)


def place(faults: Any) -> Any:
    """Return where a count stands: logarithmic from 1 on, with room for 0."""
    return np.where(np.asarray(faults) < 1, 0.0, 0.6 + np.log10(np.maximum(faults, 1)))


class LineBars(View):
    """One row a line: a bar for the model's faults, open marks for the machines', a time at the right."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        axes = self._axes = self.add_axes(0.278, 0.155, 0.577, 0.68, x="page faults", grid="x")
        axes.set(xlim=(-0.12, float(place(10_000))), ylim=(len(LINES) - 0.5, -0.5), yticks=[])
        axes.set_xticks([float(place(t)) for t in TICKS], [readable(t) for t in TICKS])
        axes.spines["left"].set_visible(False)
        for row, line in enumerate(LINES):
            self.label(axes, -0.2, row, line, ha="right", va="center", fontsize=10.5)
        bars = PolyCollection([], facecolors="#cfe3f2", edgecolors=BLUE.color, linewidths=1.2)
        self._bars = self.live(axes.add_collection(bars))
        self._marks = Marks(self, axes, style.ink(1), "s", rows=True, size=7, spread=1.5, aside=0.2)
        self._counts = [self.label(axes, 0, k, va="center", fontsize=10.5, color=BLUE.text) for k in range(len(LINES))]
        self._times = self.column(axes, 0.985, len(LINES), ha="right", fontsize=10.5)
        self._head = self.label(figure, 0.985, 0.875, ha="right", va="center", fontsize=10, color=style.QUIET)
        self.label(figure, 0.278, 0.875, "bars: the model", va="center", fontsize=10, color=BLUE.text)

    def update(self, result: LineCosts, step: int | None = None, measured: list[Series] | None = None) -> None:
        """Draw what the lines take; `measured` is what `lines_here` gives."""
        ends = place(result.faults)
        self._bars.set_verts(self.bars(ends))
        counts = [series for series in measured or () if series.label == "faults"]
        named = {name: place([getattr(s, name) for s in counts]) for name in ("median", "low", "high")}
        self._marks.set([replace(s, **{n: of[k] for n, of in named.items()}) for k, s in enumerate(counts)])
        for k, (count, right) in enumerate(zip(result.faults, np.max([ends, *named["high"]], axis=0), strict=True)):
            self._counts[k].set_text(readable(count))
            self._counts[k].set_x(float(right) + 0.13)
        runs = {series.label: series for series in best(measured)}
        self.say(self._times, [duration(t / 1e6) for t in runs["time"].median] if runs else [])
        where = [f"{s.brief}, {plural(s.median[0], 'row')}" for s in measured or () if s.label == "rows"]
        self._head.set_text("□ faults, and time: " + "; ".join(where) if where else "")
        faults = plural(result.faults[5], "fault")
        self.title = f"Mapping takes no fault; touching a batch of {memory_size(2048 * result.batch)} takes {faults}"

    def describe(self, result: LineCosts, step: int | None = None, measured: list[Series] | None = None) -> str:
        """Return why the batch and new memory fault, and what was measured for them."""
        said = (
            f"{plural(result.batch, 'row')}: {result.reasons[5]}, {result.faults[5]} in the model. The second sum finds all "
            "pages mapped."
        )
        runs = {series.label: series for series in best(measured)}
        if not runs:
            return said
        faults, times = runs["faults"], runs["time"].median / 1e6
        noisy = call_noisy(runs["time"].take([7, 8]), 1e6 * (times[7] - times[8]))
        batch = f"{plural(faults.median[5], 'fault')} for a batch of {plural(runs['rows'].median[0], 'row')}"
        return (
            f"{said} Measured {faults.place}: {batch}; new memory {plural(faults.median[7], 'fault')} and {duration(times[7])} "
            f"in 4 KiB pages, {readable(faults.median[8])} and {duration(times[8])} in 2 MiB pages{noisy}."
        )
