"""Measured shares of busy processes beside what the weight table predicts."""

from __future__ import annotations

from typing import Any

from oslab.picture import style
from oslab.picture.view import View
from oslab.scheduling.views.strips import Strip, Strips
from oslab.scheduling.workload import WEIGHTS

__all__ = ["RealShares"]

MOST = 3


class RealShares(View):
    """A bar a process as predicted, an open mark with its range as measured."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.11, 0.19, 0.49, 0.66, x="share of one CPU, %", grid="x", xlim=(0, 100), yticks=[])
        self._bars = Strips(self, self.axes)
        self._spans = [
            self.live(self.axes.plot([], [], lw=4, alpha=0.5, solid_capstyle="butt", zorder=5)[0]) for _ in range(MOST)
        ]
        self._marks = self.live(self.axes.plot([], [], "o", ms=10, mfc="white", mew=2.2, zorder=6)[0])
        self._names = self.column(self.axes, 0.10, MOST, ha="right", fontweight="bold", fontsize=10.5)
        self._said = self.column(self.axes, 0.625, MOST, fontsize=10.5)
        self._where = self.label(figure, 0.016, 0.035, fontsize=9.5, color=style.QUIET, va="center")
        self._mark = self.live(self.axes.axvline(0, color=style.BAD, lw=1.5, ls="--", visible=False))

    def predict(self, answer: float | None) -> None:
        """Mark a predicted share; none for None."""
        self._mark.set_xdata([answer or 0, answer or 0])
        self._mark.set_visible(answer is not None)

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw the nice values (`result`, a tuple) with measured shares, if they were measured with these."""
        due, shown = self.due(result), self.fitting(result, measured)
        rows = range(len(result))
        self.set_limits(self.axes, y=(len(result) - 0.5, -0.5))
        self._bars.set(Strip(k, 0, d, k, 0.55) for k, d in enumerate(due))
        color = style.RECORDED if shown and shown[0].origin == "recorded" else style.INK
        self._marks.set_data(shown[0].median if shown else [], rows if shown else [])
        self._marks.set_markeredgecolor(color)
        for k, span in enumerate(self._spans):
            span.set_data(*([shown[0].low[k], shown[0].high[k]], [k, k]) if shown and k in rows else ([], []))
            span.set_color(color)
        self.say(self._names, [f"nice {nice}" for nice in result], [style.ink(k).text for k in rows])
        got = [f", measured {m:.1f} %" for m in shown[0].median] if shown else ["" for _ in rows]
        waits = (
            [f"\nwaited {w / 1000:.2f} s in all" for w in shown[1].median]
            if shown and len(shown) > 1
            else ["" for _ in rows]
        )
        self.say(self._said, [f"model {d:.1f} %{m}{w}" for d, m, w in zip(due, got, waits)])
        self._where.set_text(
            f"open marks: {shown[0].where}" if shown else "not measured with these nice values: press measure here"
        )
        self.title = f"nice {result[0]} is due {due[0]:.1f} % of the CPU" + (
            f"; it got {shown[0].median[0]:.1f} %" if shown else ""
        )

    @staticmethod
    def due(result: Any) -> list[float]:
        """The shares by the weight table, %."""
        weights = [WEIGHTS[nice + 20] for nice in result]
        return [100 * weight / sum(weights) for weight in weights]

    @staticmethod
    def fitting(result: Any, measured: Any) -> Any:
        """The measured series, if they belong to these nice values."""
        names = [str(x).split(" (")[0] for x in measured[0].x] if measured else []
        return measured if names == [f"nice {nice}" for nice in result] else None

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return due and measured shares, and the slice."""
        text = "By the weight table: " + ", ".join(
            f"nice {nice} {d:.1f} %" for nice, d in zip(result, self.due(result))
        )
        shown = self.fitting(result, measured)
        if not shown:
            return f"{text}. Not measured with these nice values yet."
        got = ", ".join(f"{m:.1f} %" for m in shown[0].median)
        piece = f" The kernel's slice, se.slice, was {shown[2].median[0]:.3g} ms." if len(shown) > 2 else ""
        return f"{text}. Measured, {shown[0].where}: {got}.{piece}"
