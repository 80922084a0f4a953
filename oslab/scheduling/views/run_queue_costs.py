"""What it costs to choose the next task of many, on logarithmic axes."""

from typing import Any

import numpy as np

from oslab.base import Series, duration, readable
from oslab.picture import Marks, Names, View, best, call_noisy, origin_key, style, text_color_of

__all__ = ["PickCosts"]

NAMES = ("read the leftmost", "tree: remove, insert", "list: search")


class PickCosts(View):
    """Measured nanoseconds against the number of tasks; at the chosen number the three are compared."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.1, 0.19, 0.625, 0.68, x="runnable tasks", grid="both")
        self.axes.set(xscale="log", yscale="log", xlim=(8, 1.5e6), ylim=(1, 1e6))
        self.axes.xaxis.set_major_formatter(lambda v, _: readable(round(v)))
        self.axes.yaxis.set_major_formatter(lambda v, _: duration(v / 1e9))
        self.axes.minorticks_off()
        self._marks = [Marks(self, self.axes, ink, size=7, spread=1.4, joined=True) for ink in style.INKS[:3]]
        self._words = Names(self, self.axes, 1.8e6, len(NAMES))
        self._now = self.live(self.axes.axvline(10, color=style.BAD, lw=1.4, ls=":"))
        self._where = self.label(figure, 0.016, 0.025, fontsize=9.5, color=style.QUIET, va="center")

    def update(self, result: int, step: int | None = None, measured: Any = None) -> None:
        """Draw three `Series` of each origin; `result` is the number of tasks at which they are compared."""
        shown = best(measured)
        for k, marks in enumerate(self._marks):
            marks.set([s for s in measured if s.label == shown[k].label])
        colors = [text_color_of(s, style.ink(k)) for k, s in enumerate(shown)]
        self._words.set([float(s.median[-1]) for s in shown], NAMES, colors)
        self._now.set_xdata([result, result])
        _, tree, scan = (duration(self.at(series, result) / 1e9) for series in best(measured))
        self.title = f"{readable(int(result))} tasks: a turn of the tree takes {tree}, of the list {scan}"
        self._where.set_text(origin_key(measured, ""))

    @staticmethod
    def at(series: Series, tasks: float) -> float:
        """Return a series' value at a number of tasks, by straight lines on logarithmic axes."""
        return float(np.exp(np.interp(np.log(tasks), np.log(series.x), np.log(series.median))))

    def describe(self, result: int, step: int | None = None, measured: Any = None) -> str:
        """Return the three costs at the chosen number, and how much dearer the list is than the tree."""
        shown = best(measured)
        left, tree, scan = (self.at(series, result) for series in shown)
        noisy = max(call_noisy(series.at(result), scan - tree) for series in shown[1:])
        return (
            f"With {readable(int(result))} tasks, {best(measured)[0].where}: reading the leftmost takes "
            f"{duration(left / 1e9)}, a turn of the tree {duration(tree / 1e9)}, of the list {duration(scan / 1e9)}: "
            f"{readable(scan / tree)} times as long{noisy}."
        )
