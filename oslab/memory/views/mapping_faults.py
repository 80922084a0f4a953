"""What lines of Python cost that map memory: faults by the model and on the machine, and the time each took."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.base.numbers import readable
from oslab.memory.views.tlb_reach import memory_size, provenance
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["LineBars"]

BLUE = style.ink(0)
TICKS = (0, 1, 10, 100, 1000, 10_000)


def place(faults: Any) -> Any:
    """Return where a count stands: logarithmic from 1 on, with room for 0."""
    return np.where(np.asarray(faults) < 1, 0.0, 0.6 + np.log10(np.maximum(faults, 1)))


class LineBars(View):
    """One row a line: a bar for the model's faults, an open mark for the machine's, its time at the right."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        from oslab.memory.mapping_faults import LINES

        axes = self._axes = self.add_axes(0.278, 0.155, 0.577, 0.68, x="page faults", grid="x")
        axes.set(xlim=(-0.12, float(place(10_000))), ylim=(len(LINES) - 0.5, -0.5), yticks=[])
        axes.set_xticks([float(place(t)) for t in TICKS], [readable(t) for t in TICKS])
        axes.spines["left"].set_visible(False)
        for row, line in enumerate(LINES):
            self.label(axes, -0.2, row, line, ha="right", va="center", fontsize=10.5)
        self._bars = self.live(
            axes.add_collection(PolyCollection([], facecolors="#cfe3f2", edgecolors=BLUE.color, linewidths=1.2))
        )
        self._marks = self.live(axes.plot([], [], "s", ms=7, mfc="white", mew=1.5, ls="none")[0])
        self._counts = [
            self.label(axes, 0, row, va="center", fontsize=10.5, color=BLUE.text) for row in range(len(LINES))
        ]
        self._times = self.column(axes, 0.985, len(LINES), ha="right", fontsize=10.5)
        self._head = self.label(figure, 0.985, 0.875, ha="right", va="center", fontsize=10, color=style.QUIET)
        self.label(figure, 0.278, 0.875, "bars: the model", va="center", fontsize=10, color=BLUE.text)

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `LineCosts`; `measured` is what `lines_here` gives."""
        ends = place(result.faults)
        self._bars.set_verts(self.bars(ends))
        runs = {series.label: series for series in measured or ()}
        faults, times = runs.get("faults"), runs.get("time")
        self._marks.set_visible(faults is not None)
        right = ends.copy()
        if faults is not None:
            self._marks.set_data(place(faults.median), np.arange(len(ends)))
            self._marks.set_markeredgecolor(style.RECORDED if faults.origin == "recorded" else style.ink(1).color)
            right = np.maximum(right, place(faults.median))
            self._head.set_text(f"□ and time: {provenance(faults)}, {runs['rows'].median[0]:.0f} rows")
        for k, count in enumerate(result.faults):
            self._counts[k].set_text(readable(count))
            self._counts[k].set_x(float(right[k]) + 0.13)
        took = () if times is None else times.median
        self.say(self._times, [f"{t:.3g} µs" if t < 1000 else f"{t / 1000:.3g} ms" for t in took])
        self.title = (
            f"Mapping takes no fault, touching a batch of {memory_size(2048 * result.rows)} takes {result.faults[5]} "
            f"fault{'s' * (result.faults[5] != 1)}"
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return why the batch and new memory fault, and what was measured for them."""
        said = (
            f"{readable(result.rows)} row{'s' * (result.rows != 1)}: {result.reasons[5]}, {result.faults[5]} by the model; "
            "summed again, the batch finds its pages mapped."
        )
        runs = {series.label: series for series in measured or ()}
        if "faults" not in runs:
            return said
        faults, times = runs["faults"], runs["time"]
        batch = f"{faults.median[5]:.0f} fault{'' if faults.median[5] == 1 else 's'}"
        return (
            f"{said} Measured {faults.place}: {batch} for a batch of {runs['rows'].median[0]:.0f} rows; new memory "
            f"{faults.median[7]:.0f} faults and {times.median[7] / 1000:.3g} ms in 4 KiB pages, {faults.median[8]:.0f} and "
            f"{times.median[8] / 1000:.3g} ms in 2 MiB pages."
        )
