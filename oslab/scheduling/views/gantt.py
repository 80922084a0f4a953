"""Who runs when: a row a task, with its response, waiting and turnaround beside it."""

from __future__ import annotations

from typing import Any

import numpy as np

from oslab.lab import style
from oslab.lab.view import View
from oslab.scheduling.views.strips import LATER, SWITCH, Strip, Strips, ticked

__all__ = ["Gantt"]

ROWS = 12
MEASURES = (("response", 0.685), ("waiting", 0.79), ("turnaround", 0.885))


def shortened(name: str, most: int = 7) -> str:
    """Return a name that fits the left margin."""
    return name if len(name) <= most else name[: most - 1] + "…"


class Gantt(View):
    """The decisions made so far in the tasks' inks, the rest pale; arrivals as triangles; three bars a task."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.085, 0.2, 0.57, 0.63, x="ms", grid="x")
        self.axes.set(yticks=[], ylim=(3.5, -0.5), xlim=(0, 40))
        self._strips = Strips(self, self.axes)
        self._came = self.live(self.axes.plot([], [], ">", color=style.INK, ms=7, zorder=6, clip_on=False)[0])
        self._now = self.live(self.axes.axvline(0, color=style.BAD, lw=1.4, zorder=5))
        self._names = [self.word(figure, 0.076, 0, ha="right", va="center", fontweight="bold") for _ in range(ROWS)]
        self._bars, self._numbers, self._heads = {}, {}, {}
        for name, left in MEASURES:
            sheet = self.add_axes(left, 0.2, 0.062, 0.63)
            sheet.set(xticks=[], yticks=[], ylim=(3.5, -0.5), xlim=(0, 1))
            sheet.spines["bottom"].set_visible(False)
            self._bars[name] = (sheet, Strips(self, sheet))
            self._numbers[name] = [self.word(figure, 0, 0, va="center", fontsize=9.5) for _ in range(ROWS)]
            self.word(figure, left, 0.86, name, fontsize=9.5, color=style.QUIET)
            self._heads[name] = self.word(figure, left, 0.155, fontsize=9.5, fontweight="bold", va="center")
        self.word(figure, left, 0.1, "means, ms", fontsize=9.5, color=style.QUIET, va="center")
        self._box = self.axes.get_position()
        self._guess = self.word(figure, 0.085, 0.045, color="#b24e00", fontsize=10.5, va="center")

    def predict(self, answer: float) -> None:
        """Write a predicted mean turnaround below the picture."""
        self._guess.set_text(
            f"your prediction: {answer:.4g} ms mean turnaround"
            if isinstance(answer, int | float)
            else f"your prediction: {answer}"
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Schedule` as far as decision `step`."""
        step = result.steps if step is None else step
        n = min(len(result.names), ROWS)
        now = float(result.decided[step]) if step < result.steps else result.makespan
        self.set_limits(self.axes, x=(0, ticked(result.makespan)), y=(n - 0.5, -0.5))
        self._strips.set(self._stretches(result, now, n))
        self._came.set_data(result.workload.arrival[:n], np.arange(n))
        self._now.set_xdata([now, now])
        self._now.set_visible(step < result.steps)
        for k, word in enumerate(self._names):
            word.set_text(shortened(result.names[k]) if k < n else "")
            word.set_y(self._height(k, n))
            word.set_color(style.ink(k).text)
        for name, left in MEASURES:
            self._side(name, left, result, n)
        cpus = "" if result.cpus == 1 else f", {result.cpus} CPUs"
        quantum = f", quantum {result.options['quantum']:.4g} ms" if "quantum" in result.options else ""
        self.title = (
            f"{result.label}{quantum}{cpus}: mean turnaround {result.turnaround.mean():.4g} ms, "
            f"{result.switches} switch{'es' * (result.switches != 1)}"
        )

    def _height(self, row: int, n: int) -> float:
        return self._box.y1 - (row + 0.5) / n * self._box.height

    @staticmethod
    def _stretches(result: Any, now: float, n: int) -> list[Strip]:
        made, s = [], result.slices
        for task, _, a, b in zip(*(column.tolist() for column in s)):
            if task >= n:
                continue
            if a < now:
                made.append(Strip(task, a, min(b, now), task))
            if b > now:
                made.append(Strip(LATER, max(a, now), b, task))
        for task, _, a, b in zip(*(column.tolist() for column in result.switch_slices)):
            if task < n and a < now:
                made.append(Strip(SWITCH, a, b, task))
        return made

    def _side(self, name: str, left: float, result: Any, n: int) -> None:
        sheet, bars = self._bars[name]
        values = getattr(result, name)[:n]
        self.set_limits(sheet, x=(0, self.roomy(max(float(result.turnaround.max()), 1.0))), y=(n - 0.5, -0.5))
        top = sheet.get_xlim()[1]
        bars.set([Strip(k, 0, float(v), k, 0.5) for k, v in enumerate(values)])
        for k, word in enumerate(self._numbers[name]):
            word.set_visible(k < n)
            if k < n:
                word.set_position((left + 0.062 * float(values[k]) / top + 0.005, self._height(k, n)))
                word.set_text(f"{values[k]:.3g}")
        self._heads[name].set_text(f"{getattr(result, name).mean():.3g}")

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the decision's reason, and the means."""
        step = result.steps if step is None else step
        means = (
            f"Means: response {result.response.mean():.3g}, waiting {result.waiting.mean():.3g}, turnaround "
            f"{result.turnaround.mean():.4g} ms."
        )
        if step == 0:
            return f"Before the first decision. {means}"
        return f"Decision {step} of {result.steps}. {result.why(step)} {means}"
