"""EEVDF beside CFS: who runs when under each, and the virtual times by which EEVDF chose."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection

from oslab.lab import style
from oslab.lab.view import View
from oslab.scheduling.views.strips import LATER, Strip, Strips, ticked

__all__ = ["Deadlines"]

MOST = 5


class Deadlines(View):
    """Above two strips; below a row a task on the axis of virtual time: vruntime, deadline, and the mean V."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.085, 0.66, 0.72, 0.2, grid="x")
        self.axes.set(yticks=[], ylim=(1.5, -0.5))
        self.word(figure, 0.83, 0.615, "ms", fontsize=10, color=style.QUIET, va="center")
        self._strips = Strips(self, self.axes)
        self._now = self.live(self.axes.axvline(0, color=style.BAD, lw=1.4, zorder=5))
        for row, name in enumerate(("CFS", "EEVDF")):
            self.word(figure, 0.076, 0.81 - 0.1 * row, name, ha="right", va="center", fontweight="bold", fontsize=10.5)
        self.word(figure, 0.815, 0.875, "longest wait", fontsize=9.5, color=style.QUIET)
        self._waits = [self.word(figure, 0.815, 0.81 - 0.1 * row, va="center", fontsize=10) for row in range(2)]
        self._low = self.add_axes(0.085, 0.155, 0.58, 0.36, x="virtual time, ms", grid="x")
        self._low.set(yticks=[])
        self._box = self._low.get_position()
        self._spans = self.live(self._low.add_collection(LineCollection([], lw=3, colors="#c3c9cf")))
        self._marks = [
            self.live(self._low.plot([], [], style.ink(k).marker, color=style.ink(k).color, ms=9, mec="white", zorder=5)[0])
            for k in range(MOST)
        ]
        self._ends = self.live(self._low.plot([], [], "|", color=style.INK, ms=16, mew=2.5, zorder=4)[0])
        self._mean = self.live(self._low.axvline(0, color=style.GOOD, lw=1.8))
        self._v = self.word(figure, 0, 0.54, ha="center", va="center", color="#00795a", fontweight="bold", fontsize=10.5)
        self._names = [self.word(figure, 0.076, 0, ha="right", va="center", fontweight="bold") for _ in range(MOST)]
        self._said = [self.word(figure, 0.685, 0, va="center", fontsize=10) for _ in range(MOST)]
        self._guess = self.word(figure, 0.016, 0.03, color="#b24e00", fontsize=10, va="center")

    def predict(self, answer: Any) -> None:
        """Write down what was predicted."""
        self._guess.set_text(f"your prediction: {answer}")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Pair` of CFS and EEVDF."""
        step, second = result.steps if step is None else step, result.second
        n = len(second.names)
        state = second.state(step)
        now = state.time
        self.set_limits(self.axes, x=(0, ticked(max(result.first.makespan, second.makespan))))
        strips = []
        for row, run in enumerate((result.first, second)):
            for task, _, a, b in zip(*(column.tolist() for column in run.slices)):
                strips.append(Strip(task if row == 0 or a <= now + 1e-9 else LATER, a, b, row, 0.72))
            self._waits[row].set_text(f"{self.longest_wait(run, 0):.3g} ms ({second.names[0]})")
        self._strips.set(strips)
        self._now.set_xdata([now, now])
        self._virtual(second, state, n)
        shortest = [self.longest_wait(run, 0) for run in (result.first, second)]
        self.title = (
            f"{second.names[0]} waits at most {shortest[0]:.3g} ms for its next turn under CFS, "
            f"{shortest[1]:.3g} ms under EEVDF"
        )

    @staticmethod
    def longest_wait(run: Any, task: int) -> float:
        """Return the longest time that a task spends ready between two of its turns, or before its first, ms."""
        s, worst = run.slices, 0.0
        mine = np.flatnonzero(s.task == task)
        begin = float(run.workload.arrival[task])
        for k in mine.tolist():
            worst, begin = max(worst, float(s.start[k]) - begin), float(s.end[k])
        return worst

    def _virtual(self, run: Any, state: Any, n: int) -> None:
        v, deadline, lag = (state.values.get(key, {}) for key in ("vruntime", "deadline", "lag"))
        mean = state.numbers.get("V", 0.0)
        reach = [*v.values(), *deadline.values(), mean]
        middle = 4 * round(mean / 4)
        half = 8.0
        while any(abs(x - middle) > 0.95 * half for x in reach):
            half *= 2
        self.set_limits(self._low, x=(middle - half, middle + half), y=(n - 0.5, -0.5))
        self._spans.set_segments([[(v[k], k), (deadline[k], k)] for k in v])
        self._ends.set_data([deadline[k] for k in deadline], list(deadline))
        self._mean.set_xdata([mean, mean])
        self._v.set_text(f"V = {mean:.4g}")
        self._v.set_x(self._box.x0 + (mean - middle + half) / (2 * half) * self._box.width)
        running = state.running[0] if state.running else -1
        for k, (mark, name, said) in enumerate(zip(self._marks, self._names, self._said)):
            mark.set_data(*([v[k]], [k]) if k in v else ([], []))
            y = self._box.y1 - (k + 0.5) / n * self._box.height
            for word in (name, said):
                word.set_visible(k < n)
                word.set_y(y)
            if k < n:
                name.set_text(run.names[k])
                name.set_color(style.ink(k).text)
                ok = k in lag and lag[k] >= 0
                said.set_text(
                    ""
                    if k not in lag
                    else f"{'eligible' if ok else 'ahead'}, lag {lag[k]:+.2f}" + (", runs" if k == running else "")
                )
                said.set_color("#00795a" if ok else "#b24e00")
                said.set_fontweight("bold" if k == running else "normal")

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the decision's reason."""
        step = result.steps if step is None else step
        if step == 0:
            return "Before the first decision. Dots are vruntimes, strokes deadlines; who is left of V is owed time."
        return f"EEVDF's decision {step} of {result.steps}. {result.why(step)}"
