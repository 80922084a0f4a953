"""Three ways to run k jobs: how many times as fast as one after another, model and measurement on one axis."""

from __future__ import annotations

from typing import Any

import numpy as np

from oslab.ai.parallel import BOUNDS, TASKS, WAYS, measured_label
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["Ways"]

NAMES = ("threads", "processes", "threads without\nthe lock (compiled)")


class Ways(View):
    """A bar a way for the model, open marks with their range for what was measured; 1 is no gain."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.225, 0.16, 0.735, 0.70, x="times as fast as one job after another", grid="x")
        self.axes.set(ylim=(2.6, -0.6), yticks=[], xlim=(0, 4))
        self.axes.vlines(
            [1] * 3, [k - 0.32 for k in range(3)], [k + 0.32 for k in range(3)], color=style.INK, lw=1.4, zorder=4
        )
        box = self.axes.get_position()
        self._bars = []
        for k, name in enumerate(NAMES):
            ink = style.ink((5, 0, 2)[k])
            self._bars.append(
                self.live(
                    self.axes.barh([k], [1], 0.5, color=ink.color, alpha=0.42, hatch=ink.hatch, edgecolor=ink.text)[0]
                )
            )
            self.label(figure, 0.215, box.y1 - (k + 0.6) / 3.2 * box.height, name, ha="right", va="center", fontsize=11)
        self._notes = [
            self.label(self.axes, 0, k + 0.40, va="center", fontsize=10, color=style.QUIET) for k in range(3)
        ]
        self._spans = [self.live(self.axes.plot([], [], lw=4, alpha=0.4, solid_capstyle="butt")[0]) for _ in range(3)]
        self._marks = self.live(self.axes.plot([], [], "o", ms=10, mfc="white", mew=2.2, zorder=6)[0])

    @staticmethod
    def _found(result: Any, measured: Any) -> list[tuple[float, float, float, Any]]:
        """Median, low, high and series of each way, of the same task, n and workers."""
        by_label = {series.label: series for series in measured or []}
        found = []
        for way in WAYS:
            series = by_label.get(measured_label(result.task, result.n, way))
            at = np.flatnonzero(series.x == result.workers) if series else []
            if len(at):
                found.append((series.median[at[0]], series.low[at[0]], series.high[at[0]], series))
        return found if len(found) == len(WAYS) else []

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Parallel`, and what was measured with the same task, n and workers."""
        found = self._found(result, measured)
        top = self.roomy(max([*result.speed, *(high for _, _, high, _ in found), 1.5]) * 1.15)
        self.set_limits(self.axes, x=(0, top))
        for k in range(3):
            self._bars[k].set_width(result.speed[k])
            self._notes[k].set_text(
                f"{_time(result.serial[k])} of work in {_time(result.seconds[k])}; limit: {BOUNDS[result.bound[k]]}"
            )
            self._notes[k].set_position((top * 0.01, k + 0.40))
            self._spans[k].set_data(([found[k][1], found[k][2]], [k, k]) if found else ([], []))
        self._marks.set_data([f[0] for f in found], range(len(found)))
        color = style.INK if found and found[0][3].origin == "this machine" else style.RECORDED
        for artist in self._spans:
            artist.set_color(color)
        self._marks.set_markeredgecolor(color)
        best = int(np.argmax(result.speed[:2]))
        self.title = (
            f"{result.workers} workers, {result.cpus} CPUs: {WAYS[best]} {result.speed[best]:.3g} × as fast, "
            f"{WAYS[1 - best]} {result.speed[1 - best]:.3g} ×"
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return both findings, and what was measured."""
        found = self._found(result, measured)
        told = (
            f"Each of {result.workers} workers {TASKS[result.task]}. Model: threads {result.speed[0]:.3g}, processes "
            f"{result.speed[1]:.3g}, threads without the lock {result.speed[2]:.3g} times as fast as one after another. "
        )
        if not found:
            return told + "Circles need a run with these very values: press measure here."
        medians = ", ".join(f"{f[0]:.3g}" for f in found)
        series = found[0][3]
        where = f"this machine: {series.machine}" if series.origin == "this machine" else series.where
        return told + f"Circles: {medians} ({where})."


def _time(seconds: float) -> str:
    return f"{seconds:.3g} s" if seconds >= 0.1 else f"{seconds * 1e3:.3g} ms"
