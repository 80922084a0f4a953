"""One workload under several policies: a strip each, and how long the tasks wait."""

from __future__ import annotations

from typing import Any

from oslab.lab import style
from oslab.lab.view import View
from oslab.scheduling.views.strips import Strip, Strips, ticked

__all__ = ["Compared"]

MOST = 5


class Compared(View):
    """A strip a policy, who runs when; beside it a bar, the mean waiting time, and the mean response."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.13, 0.17, 0.53, 0.66, x="ms", grid="x")
        self.axes.set(yticks=[], ylim=(3.5, -0.5))
        self._strips = Strips(self, self.axes)
        self._marks = [
            self.word(self.axes, 0, 0, ha="center", va="center", fontsize=9.5, fontweight="bold") for _ in range(60)
        ]
        self._side = self.add_axes(0.70, 0.17, 0.15, 0.66)
        self._side.set(xticks=[], yticks=[], ylim=(3.5, -0.5))
        self._side.spines["bottom"].set_visible(False)
        self._bars = Strips(self, self._side)
        self.word(figure, 0.70, 0.865, "mean waiting, ms", fontsize=10, color=style.QUIET)
        self.word(figure, 0.975, 0.865, "response", fontsize=10, color=style.QUIET, ha="right")
        self._box = self.axes.get_position()
        self._names = [
            self.word(figure, 0.122, 0, ha="right", va="center", fontsize=10.5, fontweight="bold") for _ in range(MOST)
        ]
        self._numbers = [self.word(figure, 0, 0, va="center", fontsize=10.5) for _ in range(MOST)]
        self._responses = [self.word(figure, 0.975, 0, va="center", ha="right", fontsize=10.5) for _ in range(MOST)]
        self._guess = self.word(figure, 0.016, 0.045, color="#b24e00", fontsize=10.5, va="center")

    def predict(self, answer: Any) -> None:
        """Write down what was predicted."""
        self._guess.set_text(
            f"your prediction: {answer:.4g} ms" if isinstance(answer, int | float) else f"your prediction: {answer}"
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a tuple of `Schedule`s of one workload."""
        n = len(result)
        self.set_limits(self.axes, x=(0, ticked(max(run.makespan for run in result))), y=(n - 0.5, -0.5))
        self.set_limits(self._side, x=(0, self.roomy(max(run.waiting.mean() for run in result) * 1.02)), y=(n - 0.5, -0.5))
        end, top = self.axes.get_xlim()[1], self._side.get_xlim()[1]
        strips, words = [], []
        for row, run in enumerate(result):
            for task, _, a, b in zip(*(column.tolist() for column in run.slices)):
                strips.append(Strip(task, a, b, row, 0.62))
                if b - a > end * 0.085:
                    words.append(((a + b) / 2, row, run.names[task]))
        self._strips.set(strips)
        for k, word in enumerate(self._marks):
            word.set_visible(k < len(words))
            if k < len(words):
                word.set_position(words[k][:2])
                word.set_text(words[k][2])
                word.set_color("white" if words[k][2] == "long" else style.INK)
        self._bars.set([Strip(6, 0, float(run.waiting.mean()), row, 0.4) for row, run in enumerate(result)])
        for k, (name, number, response) in enumerate(zip(self._names, self._numbers, self._responses)):
            for word in (name, number, response):
                word.set_visible(k < n)
                word.set_y(self._box.y1 - (k + 0.5) / n * self._box.height)
            if k < n:
                name.set_text({"Round robin": "RR"}.get(result[k].label, result[k].label))
                number.set_text(f"{result[k].waiting.mean():.3g}")
                number.set_x(0.70 + 0.15 * result[k].waiting.mean() / top + 0.008)
                response.set_text(f"{result[k].response.mean():.3g}")
        worst, best = max(result, key=lambda r: r.waiting.mean()), min(result, key=lambda r: r.waiting.mean())
        self.title = (
            f"mean waiting: {worst.waiting.mean():.3g} ms under {worst.label}, "
            f"{best.waiting.mean():.3g} ms under {best.label}"
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return every policy's means."""
        said = "; ".join(f"{run.label} {run.waiting.mean():.3g} and {run.response.mean():.3g}" for run in result)
        return f"Mean waiting and mean response, ms: {said}."
