"""Measured shares of busy processes beside what the weight table predicts."""

from __future__ import annotations

from typing import Any

from oslab.lab import style
from oslab.lab.view import View
from oslab.scheduling.views.strips import Strip, Strips

__all__ = ["RealShares"]

MOST = 3


class RealShares(View):
    """A bar a process as predicted, an open mark with its range as measured."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.11, 0.19, 0.49, 0.66, x="share of one CPU, %", grid="x")
        self.axes.set(xlim=(0, 100), ylim=(1.5, -0.5), yticks=[])
        self._bars = Strips(self, self.axes)
        self._spans = [
            self.live(self.axes.plot([], [], lw=4, alpha=0.5, solid_capstyle="butt", zorder=5)[0]) for _ in range(MOST)
        ]
        self._marks = self.live(self.axes.plot([], [], "o", ms=10, mfc="white", mew=2.2, zorder=6)[0])
        self._box = self.axes.get_position()
        self._names = [
            self.word(figure, 0.10, 0, ha="right", va="center", fontweight="bold", fontsize=10.5) for _ in range(MOST)
        ]
        self._said = [self.word(figure, 0.625, 0, va="center", fontsize=10.5) for _ in range(MOST)]
        self._where = self.word(figure, 0.016, 0.035, fontsize=9.5, color=style.QUIET, va="center")
        self._guess = self.live(self.axes.axvline(0, color=style.BAD, lw=1.5, ls="--", visible=False))

    def predict(self, answer: float) -> None:
        """Mark a predicted share."""
        self._guess.set_xdata([answer, answer])
        self._guess.set_visible(True)

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw the nice values (`result`, a tuple) with measured shares, if they were measured with these."""
        from oslab.scheduling.workload import WEIGHTS

        weights = [WEIGHTS[nice + 20] for nice in result]
        due = [100 * w / sum(weights) for w in weights]
        shown = self.fitting(result, measured)
        self.set_limits(self.axes, y=(len(result) - 0.5, -0.5))
        self._bars.set([Strip(k, 0, d, k, 0.55) for k, d in enumerate(due)])
        color = style.RECORDED if shown and shown[0].origin == "recorded" else style.INK
        self._marks.set_data(shown[0].median if shown else [], range(len(result)) if shown else [])
        self._marks.set_markeredgecolor(color)
        for k in range(MOST):
            inside = k < len(result)
            y = self._box.y1 - (k + 0.5) / len(result) * self._box.height
            self._spans[k].set_data(*([shown[0].low[k], shown[0].high[k]], [k, k]) if shown and inside else ([], []))
            self._spans[k].set_color(color)
            for word in (self._names[k], self._said[k]):
                word.set_visible(inside)
                word.set_y(y)
            if inside:
                self._names[k].set_text(f"nice {result[k]}")
                self._names[k].set_color(style.ink(k).text)
                wait = f"\nwaited {shown[1].median[k] / 1000:.2f} s in all" if shown and len(shown) > 1 else ""
                self._said[k].set_text(
                    f"model {due[k]:.1f} %" + (f", measured {shown[0].median[k]:.1f} %" if shown else "") + wait
                )
        self._where.set_text(
            f"open marks: {shown[0].where}" if shown else "not measured with these nice values: press measure here"
        )
        self.title = f"nice {result[0]} is due {due[0]:.1f} % of the CPU" + (
            f"; it got {shown[0].median[0]:.1f} %" if shown else ""
        )

    @staticmethod
    def fitting(result: Any, measured: Any) -> Any:
        """The measured series, if they belong to these nice values."""
        wanted = tuple(f"nice {nice}" for nice in result)
        return measured if measured and tuple(_bare(x) for x in measured[0].x) == wanted else None

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return due and measured shares, and the slice."""
        from oslab.scheduling.workload import WEIGHTS

        weights = [WEIGHTS[nice + 20] for nice in result]
        due = ", ".join(f"nice {nice} {100 * w / sum(weights):.1f} %" for nice, w in zip(result, weights))
        shown = self.fitting(result, measured)
        if not shown:
            return f"By the weight table: {due}. Not measured with these nice values yet."
        got = ", ".join(f"{m:.1f} %" for m in shown[0].median)
        text = f"By the weight table: {due}. Measured, {shown[0].where}: {got}."
        return text + (f" The kernel's slice, se.slice, was {shown[2].median[0]:.3g} ms." if len(shown) > 2 else "")


def _bare(name: Any) -> str:
    return str(name).split(" (")[0]
