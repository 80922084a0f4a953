"""Measured latencies, one row a way, on a logarithmic axis."""

from __future__ import annotations

from typing import Any

from oslab.base.numbers import readable
from oslab.picture import style
from oslab.picture.parts import Marks, Rows, best
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
        self._rows = Rows(self, self.axes, MOST)
        self._marks = Marks(self, self.axes, rows=True, size=10, aside=0.24)
        self._ratio = self.live(self.axes.plot([], [], "-", color=style.BAD, lw=1.6, zorder=3)[0])
        self._word = self.label(
            self.axes, 1, 0, color="#b24e00", va="bottom", ha="center", fontsize=10.5, fontweight="bold"
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw one `Series` of each origin; `result` is the label that is compared with the first."""
        series = best(measured)[0]
        row = self._row(result, series)
        said = [f"{value:.3g} µs" for value in series.median]
        self._rows.set([str(x) for x in series.x], texts=said, at=series.high * 1.4, bold=row)
        self._marks.set(measured)
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
        series = best(measured)[0]
        row = self._row(result, series)
        return (
            f"{series.label}, {series.where}: {series.x[row]} took {series.median[row]:.3g} µs, the median of "
            f"{series.repeats} repeats of {series.low[row]:.3g} to {series.high[row]:.3g} µs."
        )
