"""EEVDF beside CFS: who runs when under each, and the virtual times by which EEVDF chose."""

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection

from oslab.base import readable
from oslab.picture import View, style
from oslab.scheduling.schedule import Schedule, SchedulePair, Snapshot
from oslab.scheduling.views.strips import LATER, Strip, Strips, round_up

__all__ = ["Deadlines"]

MOST = 5


class Deadlines(View):
    """Above two strips; below a row a task on the axis of virtual time: vruntime, deadline, and the mean V."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.085, 0.66, 0.72, 0.2, grid="x", yticks=[], ylim=(1.5, -0.5))
        self.label(figure, 0.83, 0.615, "ms", fontsize=10, color=style.QUIET, va="center")
        self._strips = Strips(self, self.axes)
        self._now = self.live(self.axes.axvline(0, color=style.BAD, lw=1.4, zorder=5))
        self.say(self.column(self.axes, 0.076, 2, ha="right", fontweight="bold", fontsize=10.5), ("CFS", "EEVDF"))
        self.label(figure, 0.815, 0.875, "longest wait", fontsize=9.5, color=style.QUIET)
        self._waits = self.column(self.axes, 0.815, 2, fontsize=10)
        self._low = self.add_axes(0.085, 0.155, 0.58, 0.36, x="virtual time, ms", grid="x", yticks=[])
        self._spans = self.live(self._low.add_collection(LineCollection([], lw=3, colors="#c3c9cf")))
        self._marks = [
            self.live(
                self._low.plot([], [], style.ink(k).marker, color=style.ink(k).color, ms=9, mec="white", zorder=5)[0]
            )
            for k in range(MOST)
        ]
        self._ends = self.live(self._low.plot([], [], "|", color=style.INK, ms=16, mew=2.5, zorder=4)[0])
        self._mean = self.live(self._low.axvline(0, color=style.GOOD, lw=1.8))
        self._v = self.label(
            figure,
            0,
            1.07,
            ha="center",
            va="center",
            color="#00795a",
            fontweight="bold",
            fontsize=10.5,
            transform=self._low.get_xaxis_transform(),
        )
        self._names = self.column(self._low, 0.076, MOST, ha="right", fontweight="bold")
        self._said = self.column(self._low, 0.685, MOST, fontsize=10)
        for y, text in ((0.125, "mark: vruntime"), (0.065, "stroke: deadline")):
            self.label(figure, 0.685, y, text, fontsize=10, color=style.QUIET, va="center")
        self.guess(0.016, 0.03, fontsize=10)

    def update(self, result: SchedulePair, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Pair` of CFS and EEVDF."""
        pair = result.first, result.second
        state = result.second.state(step)
        self.set_limits(self.axes, x=(0, round_up(max(run.makespan for run in pair))))
        self._strips.set(
            Strip(task if row == 0 or (step and a <= state.time + 1e-9) else LATER, a, b, row, 0.72)
            for row, run in enumerate(pair)
            for task, _, a, b in zip(*(column.tolist() for column in run.slices))
        )
        self._now.set_xdata([state.time, state.time])
        self._draw_virtual_time(result.second, state)
        name, waits = result.second.names[0], [f"{readable(self.longest_wait(run, 0))} ms" for run in pair]
        self.say(self._waits, [f"{wait} ({name})" for wait in waits])
        self.title = f"{name} waits at most {waits[0]} for its next turn under CFS, {waits[1]} under EEVDF"

    @staticmethod
    def longest_wait(run: Schedule, task: int) -> float:
        """Return the longest time that a task spends ready between two of its turns, or before its first, ms."""
        mine = run.slices.task == task
        return float(np.max(run.slices.start[mine] - [run.workload.arrival[task], *run.slices.end[mine][:-1]]))

    def _draw_virtual_time(self, run: Schedule, state: Snapshot) -> None:
        v, deadline, lag = (state.values.get(key, {}) for key in ("vruntime", "deadline", "lag"))
        mean, n = state.numbers.get("V", 0.0), len(run.names)
        middle, half = 4 * round(mean / 4), 8.0
        while any(abs(x - middle) > 0.95 * half for x in (*v.values(), *deadline.values(), mean)):
            half *= 2
        self.set_limits(self._low, x=(middle - half, middle + half), y=(n - 0.5, -0.5))
        self._spans.set_segments([[(v[k], k), (deadline[k], k)] for k in v])
        self._ends.set_data([deadline[k] for k in deadline], list(deadline))
        self._mean.set_xdata([mean, mean])
        self._v.set_text(f"V = {readable(mean, 4)} ms")
        self._v.set_x(mean)
        for k, mark in enumerate(self._marks):
            mark.set_data(*([v[k]], [k]) if k in v else ([], []))
        self.say(self._names, run.names, [style.ink(k).text for k in range(n)])
        said = {
            k: f"{'eligible' if lag[k] >= 0 else 'not eligible'}, lag {lag[k]:+.2f} ms".replace("-", "−")
            + ", runs" * (k in state.running)
            for k in lag
        }
        self.say(
            self._said,
            [said.get(k, "") for k in range(n)],
            ["#00795a" if lag.get(k, -1) >= 0 else "#b24e00" for k in range(n)],
        )
        for k, word in enumerate(self._said):
            word.set_fontweight("bold" if k in state.running else "normal")

    def describe(self, result: SchedulePair, step: int | None = None, measured: Any = None) -> str:
        """Return the decision's reason."""
        if step == 0:
            return "Before the first decision. Marks are vruntimes, strokes are deadlines; tasks at V or left of it are eligible."
        return f"EEVDF's decision {step} of {result.steps}. {result.why(step)}"
