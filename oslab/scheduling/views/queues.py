"""MLFQ: in which queue each task runs, over time, and how much of the CPU it gets."""

from __future__ import annotations

from typing import Any

from oslab.lab import style
from oslab.lab.view import View
from oslab.scheduling.views.strips import LATER, Strip, Strips, ticked

__all__ = ["QueueRows"]

ROWS = 8


class QueueRows(View):
    """A row a queue, the top one above; each turn in its task's ink; beside it the shares of the CPU so far."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.115, 0.24, 0.555, 0.61, x="ms", grid="x")
        self.axes.set(yticks=[], ylim=(3.5, 0.5))
        self._strips = Strips(self, self.axes)
        self._now = self.live(self.axes.axvline(0, color=style.BAD, lw=1.4, zorder=5))
        self._box = self.axes.get_position()
        self._names = [self.word(figure, 0.106, 0, ha="right", va="center", fontsize=10.5) for _ in range(ROWS)]
        self._side = self.add_axes(0.795, 0.24, 0.14, 0.61)
        self._side.set(xticks=[], yticks=[], xlim=(0, 1), ylim=(2.5, -0.5))
        self._side.spines["bottom"].set_visible(False)
        self._bars = Strips(self, self._side)
        self.word(figure, 0.975, 0.88, "share of the CPU so far", fontsize=10, color=style.QUIET, ha="right")
        self._tasks = [
            self.word(figure, 0.787, 0, ha="right", va="center", fontsize=10.5, fontweight="bold") for _ in range(6)
        ]
        self._shares = [self.word(figure, 0, 0, va="center", fontsize=10.5) for _ in range(6)]
        self._guess = self.word(figure, 0.016, 0.045, color="#b24e00", fontsize=10.5, va="center")

    def predict(self, answer: Any) -> None:
        """Write down what was predicted."""
        self._guess.set_text(
            f"your prediction: {answer:.3g} %" if isinstance(answer, int | float) else f"your prediction: {answer}"
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Followed` MLFQ schedule as far as decision `step`."""
        step, schedule = result.steps if step is None else step, result.schedule
        levels, n = schedule.options["levels"], len(schedule.names)
        now = result.until(step)
        self.set_limits(self.axes, x=(0, ticked(schedule.makespan)), y=(levels + 0.5, 0.5))
        self.set_limits(self._side, y=(n - 0.5, -0.5))
        strips = []
        for k, (task, _, start, end) in enumerate(schedule.turns.tolist()):
            if end > start:
                strips.append(Strip(task if k < step else LATER, start / 1e6, end / 1e6, result.values[k, task], 0.7))
        self._strips.set(strips)
        self._now.set_xdata([now, now])
        self._now.set_visible(step < result.steps)
        for k, word in enumerate(self._names):
            word.set_visible(k < levels)
            word.set_y(self._box.y1 - (k + 0.5) / levels * self._box.height)
            word.set_text(f"queue {k + 1}")
        shares = result.shares(step)
        self._bars.set([Strip(k, 0, float(v), k, 0.45) for k, v in enumerate(shares)])
        for k, (name, share) in enumerate(zip(self._tasks, self._shares)):
            name.set_visible(k < n)
            share.set_visible(k < n)
            if k < n:
                y = self._box.y1 - (k + 0.5) / n * self._box.height
                name.set_text(schedule.names[k])
                name.set_color(style.ink(k).text)
                name.set_y(y)
                share.set_position((0.795 + 0.14 * float(shares[k]) + 0.006, y))
                share.set_text(f"{100 * shares[k]:.0f} %")
        self.title = f"at {now:.4g} ms: " + ", ".join(
            f"{name} {100 * share:.0f} %" for name, share in zip(schedule.names, shares)
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the decision's reason, and the shares."""
        step = result.steps if step is None else step
        said = ", ".join(f"{name} {100 * share:.0f} %" for name, share in zip(result.schedule.names, result.shares(step)))
        if step == 0:
            return "Before the first decision: all tasks stand in the top queue."
        return f"Decision {step} of {result.steps}. {result.why(step)} Shares so far: {said}."
