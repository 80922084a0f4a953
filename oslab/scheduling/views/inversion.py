"""Priority inversion: three protocols, a group of rows each."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.base import plural, readable
from oslab.picture import View, style
from oslab.scheduling.lock_schedule import LockSchedule
from oslab.scheduling.views.strips import Strip, Strips, round_up

__all__ = ["Inversion"]

ORDER = ("H", "M", "L")
GROUP = 3.6


class Inversion(View):
    """Who runs when under each protocol; while a task holds a lock its strip has a frame; H's turnaround beside it."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(
            0.25, 0.15, 0.53, 0.71, x="time, ms", grid="x", yticks=[], ylim=(3 * GROUP - 0.9, -0.7)
        )
        self._strips = Strips(self, self.axes)
        self._held = self.live(
            self.axes.add_collection(PolyCollection([], facecolors="none", edgecolors=style.INK, lw=2, zorder=5))
        )
        self._waits = self.live(
            self.axes.add_collection(
                PolyCollection([], facecolors="#f6d2b8", edgecolors=style.BAD, hatch="////", lw=0.6, zorder=2)
            )
        )
        for k, name in enumerate(ORDER):
            tasks = self.column(self.axes, 0.24, 3, ha="right", fontweight="bold", fontsize=10, color=style.ink(k).text)
            self.say(tasks, 3 * [name])
            self._spread(tasks, k)
        self._labels = self.column(self.axes, 0.016, 3, fontsize=10.5, fontweight="bold")
        self._said = self.column(self.axes, 0.795, 3, fontsize=10)
        self._spread(self._labels, 1)
        self._spread(self._said, 1)
        self.label(
            figure,
            0.016,
            0.045,
            "framed: holds a lock   striped: waits for one",
            fontsize=10,
            color=style.QUIET,
            va="center",
        )
        self.guess(0.985, 0.045, "ms", fontsize=10, ha="right")

    @staticmethod
    def _spread(words: list[Any], row: int) -> None:
        for group, word in enumerate(words):
            word.set_y(group * GROUP + row)

    def update(self, result: tuple[LockSchedule, ...], step: int | None = None, measured: Any = None) -> None:
        """Draw three `LockSchedule`s: none, inheritance, ceiling."""
        self.set_limits(self.axes, x=(0, round_up(max(run.makespan for run in result))))
        strips, frames, waits = [], [], []
        for g, run in enumerate(result):
            ink = {run.names.index(name): k for k, name in enumerate(ORDER)}
            holds, blocks = (list(zip(*(column.tolist() for column in of))) for of in (run.holds, run.blocks))
            for task, _, a, b in zip(*(column.tolist() for column in run.slices)):
                row = g * GROUP + ink[task]
                strips.append(Strip(ink[task], a, b, row, 0.8))
                frames += [
                    _box(max(a, start), min(b, stop), row, 0.8)
                    for held, _, start, stop in holds
                    if held == task and min(b, stop) > max(a, start)
                ]
            waits += [_box(a, b, g * GROUP + ink[task], 0.5) for task, _, _, a, b in blocks]
        self._strips.set(strips)
        self._held.set_verts(frames)
        self._waits.set_verts(waits)
        times = self._turnarounds(result)
        self.say(self._labels, [run.label.replace("Priority ", "").capitalize() for run in result])
        self.say(
            self._said,
            ["deadlock" if run.deadlock else f"H ends after {readable(t)} ms" for run, t in zip(result, times)],
            ["#b24e00" if t > 1.5 * min(times) else "#00795a" for t in times],
        )
        said = ["never" if np.isinf(t) else f"{readable(t)} ms" for t in times]
        verb = "ends after" if any(np.isinf(times)) else "takes"
        self.title = f"H {verb} {said[0]} with no protocol, {said[1]} with inheritance, {said[2]} with a ceiling"

    @staticmethod
    def _turnarounds(result: tuple[LockSchedule, ...]) -> list[float]:
        """H's turnaround in each run, ms."""
        return [float(run.turnaround[run.names.index("H")]) for run in result]

    def describe(self, result: tuple[LockSchedule, ...], step: int | None = None, measured: Any = None) -> str:
        """Return what happens to H under each protocol."""
        m = float(result[0].workload.burst[result[0].names.index("M")])
        said = "; ".join(
            f"{run.label}: {run.deadlock or f'{readable(t, 4)} ms, ' + plural(run.switches, 'switch', 'switches')}"
            for run, t in zip(result, self._turnarounds(result))
        )
        return f"H needs 4 ms of CPU; M runs {readable(m)} ms and needs no lock. Turnarounds of H. {said}."


def _box(a: float, b: float, row: float, high: float) -> list[tuple[float, float]]:
    return [(a, row - high / 2), (b, row - high / 2), (b, row + high / 2), (a, row + high / 2)]
