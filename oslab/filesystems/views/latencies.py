"""Measured latencies, one row a way, on a logarithmic axis."""

from __future__ import annotations

from typing import Any

from oslab.base.numbers import readable
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["Costs"]

MOST = 6


class Costs(View):
    """Open marks with the range of the repeats, grey if recorded; the chosen row is compared with the first."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.285, 0.16, 0.59, 0.72, x="microseconds a call", grid="x")
        self.axes.set(xscale="log", xlim=(0.1, 20_000), ylim=(MOST - 0.4, -0.6), yticks=[])
        self.axes.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
        self._box = self.axes.get_position()  # asked for in every frame it would have the background drawn anew
        self._names = [self.label(figure, 0.275, 0, ha="right", va="center", fontsize=10.5) for _ in range(MOST)]
        self._values = [self.label(self.axes, 0, 0, va="center", fontsize=10.5) for _ in range(MOST)]
        self._spans = [
            self.live(self.axes.plot([], [], lw=5, alpha=0.35, solid_capstyle="butt")[0]) for _ in range(MOST)
        ]
        self._marks = self.live(self.axes.plot([], [], "o", ms=10, mfc="white", mew=2.2, zorder=5)[0])
        self._ratio = self.live(self.axes.plot([], [], "-", color=style.BAD, lw=1.6, zorder=3)[0])
        self._word = self.label(
            self.axes, 1, 0, color="#b24e00", va="bottom", ha="center", fontsize=10.5, fontweight="bold"
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw one `Series`; `result` is the label that is compared with the first."""
        series = measured[0]
        color = style.RECORDED if series.origin == "recorded" else style.INK
        n = len(series.x)
        if self.axes.get_ylim() != (n - 0.4, -0.6):
            self.axes.set_ylim(n - 0.4, -0.6)
        for k in range(MOST):
            shown = k < n
            for artist in (self._names[k], self._values[k], self._spans[k]):
                artist.set_visible(shown)
            if shown:
                self._spans[k].set_data([series.low[k], series.high[k]], [k, k])
                self._spans[k].set_color(color)
                self._names[k].set_text(str(series.x[k]))
                self._names[k].set_y(self._box.y1 - (k + 0.6) / (n + 0.2) * self._box.height)
                self._names[k].set_fontweight("bold" if k == self._row(result, series) else "normal")
                self._values[k].set_position((series.high[k] * 1.4, k))
                self._values[k].set_text(f"{series.median[k]:.3g} µs")
        self._marks.set_data(series.median, range(n))
        self._marks.set_markeredgecolor(color)
        row = self._row(result, series)
        times = series.median[row] / series.median[0]
        self._ratio.set_data([series.median[0], series.median[0], series.median[row]], [0, row, row])
        self._word.set_position(((series.median[0] * series.median[row]) ** 0.5, row - 0.08))
        ratio = f"{times:.3g}" if times < 999 else readable(round(times))
        self._word.set_text(f"{ratio} ×" if row else "")
        self.title = f"{series.x[row]}: {series.median[row]:.3g} µs" + (f", {ratio} times {series.x[0]}" if row else "")

    @staticmethod
    def _row(result: Any, series: Any) -> int:
        return min(int(result), len(series.x) - 1)

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return where the numbers come from, and their spread."""
        series, row = measured[0], self._row(result, measured[0])
        return (
            f"{series.label}, {series.where}: {series.x[row]} took {series.median[row]:.3g} µs, the median of "
            f"{series.repeats} repeats of {series.low[row]:.3g} to {series.high[row]:.3g} µs."
        )
