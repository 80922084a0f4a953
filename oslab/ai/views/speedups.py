"""Three ways to run k jobs: how many times as fast as one after another, model and measurement on one axis."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from oslab.ai.parallel import BOUNDS, TASKS, WAYS, Parallel, measured_label
from oslab.base import Series, duration, plural, readable
from oslab.picture import Marks, View, best, call_noisy, style, top_of

__all__ = ["Speedups", "Ways"]

NAMES = ("threads", "processes", "threads without\nthe lock (compiled)")


class Speedups(View):
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
        self._marks = Marks(self, self.axes, rows=True, size=10, aside=0.18)

    @staticmethod
    def _find(result: Parallel, measured: Sequence[Series] | None, cpus: int) -> list[Series]:
        """What was measured of each way with this task, n and number of workers, on so many CPUs; a series of each origin."""
        found = []
        labels = [measured_label(result.task, result.n, cpus, way) for way in WAYS]
        for origin in ("recorded", "this machine"):
            series = {s.label: s for s in measured or () if s.origin == origin and result.workers in s.x}
            if all(label in series for label in labels):
                at = [(s, int(np.flatnonzero(s.x == result.workers)[-1])) for s in map(series.get, labels)]
                middle, low, high = ([getattr(s, part)[k] for s, k in at] for part in ("median", "low", "high"))
                found.append(replace(at[0][0], x=np.array(WAYS), median=middle, low=low, high=high))
        return found

    def update(self, result: Parallel, step: int | None = None, measured: Sequence[Series] | None = None) -> None:
        """Draw a `Parallel`, and what was measured with the same task, n and workers."""
        found = self._find(result, measured, result.cpus)
        top = self.roomy(1.15 * top_of(found, *result.speedup, 1.5))
        self.set_limits(self.axes, x=(0, top))
        for k in range(3):
            self._bars[k].set_width(result.speedup[k])
            self._notes[k].set_text(
                f"{duration(result.serial[k])} of work in {duration(result.seconds[k])}; limit: {BOUNDS[result.bound[k]]}"
            )
            self._notes[k].set_position((top * 0.01, k + 0.40))
        self._marks.set(found)
        first = int(np.argmax(result.speedup[:2]))
        self.title = (
            f"{plural(result.workers, 'worker')}, {plural(result.cpus, 'CPU')}: {WAYS[first]} "
            f"{readable(result.speedup[first])} × as fast, {WAYS[1 - first]} {readable(result.speedup[1 - first])} ×"
        )

    def describe(self, result: Parallel, step: int | None = None, measured: Sequence[Series] | None = None) -> str:
        """Return both findings, and what was measured."""
        found = best(self._find(result, measured, result.cpus))
        threads, processes, free = map(readable, result.speedup)
        told = (
            f"{plural(result.workers, 'worker')}, and each {TASKS[result.task]}. Model: threads {threads} ×, processes "
            f"{processes} ×, threads without the lock {free} × as fast as one after another. "
        )
        if found:
            series = found[0]
            where = f"this machine: {series.machine}" if series.origin == "this machine" else series.where
            most = result.workers if result.task == "waits" else min(result.workers, result.cpus)
            noisy = call_noisy(series, series.median, most)
            return f"{told}Circles: {', '.join(map(readable, series.median))} ({where}){noisy}."
        other = next((n for n in range(1, 65) if self._find(result, measured, n)), None)
        if other:
            return (
                f"{told}Circles were measured on {plural(other, 'CPU')}: set the number of CPUs to {other} to see them."
            )
        return f"{told}No run has these settings: press measure here."


Ways = Speedups
