"""Measured latencies, one row a way, on a logarithmic axis."""

from typing import Any

from oslab.base import Series, quantity, readable
from oslab.picture import Marks, View, best, call_noisy, origin_key, style

__all__ = ["Costs"]

MOST = 6


class Costs(View):
    """Open marks with the range of the repeats, grey if recorded; the chosen row is compared with the first."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.285, 0.16, 0.59, 0.67, x="microseconds a call", grid="x")
        self.axes.set(xscale="log", xlim=(0.1, 20_000), ylim=(MOST - 0.4, -0.6), yticks=[])
        self.axes.xaxis.set_major_formatter(lambda v, _: readable(v))
        self._marks = Marks(self, self.axes, marker="o", rows=True, size=10, aside=0.22)
        self._names = self.column(self.axes, 0.275, MOST, ha="right", fontsize=10.5)
        self._values = [self.label(self.axes, 0, k, va="center", fontsize=10.5) for k in range(MOST)]
        self._key = self.label(figure, 0.016, 0.87, fontsize=9.5, color=style.QUIET, va="center")
        self._ratio = self.live(self.axes.plot([], [], "-", color=style.BAD, lw=1.6, zorder=3)[0])
        looks = {"color": "#b24e00", "va": "bottom", "ha": "center", "fontsize": 10.5, "fontweight": "bold"}
        self._word = self.label(self.axes, 1, 0, **looks)

    def update(self, result: int, step: int | None = None, measured: Any = None) -> None:
        """Draw one `Series` an origin; `result` is the row that is compared with the first."""
        series, row, times = self._compare(result, measured)
        self.set_limits(self.axes, y=(len(series.x) - 0.4, -0.6))
        self._marks.set(measured, range(len(series.x)))
        self._key.set_text(origin_key(measured))
        self.say(self._names, series.x)
        for k, (name, value) in enumerate(zip(self._names, self._values)):
            name.set_fontweight("bold" if k == row else "normal")
            value.set_visible(k < len(series.x))
            if k < len(series.x):
                value.set_x(max(s.high[k] for s in measured) * 1.4)
                value.set_text(quantity(series.median[k], "µs"))
        first, chosen = series.median[0], series.median[row]
        self._ratio.set_data([first, first, chosen], [0, row, row])
        self._word.set_position(((first * chosen) ** 0.5, row - 0.08))
        self._word.set_text(f"{readable(times)} ×" if max(times, 1 / times) > 3 else "")
        more = f", {readable(times)} times {series.x[0]}" if row else ""
        self.title = f"{series.x[row][:1].upper()}{series.x[row][1:]}: {quantity(chosen, 'µs')}{more}"

    @staticmethod
    def _compare(result: int, measured: Any) -> tuple[Series, int, float]:
        """The series that words are about, the chosen row, and its ratio to the first."""
        series = best(measured)[0]
        row = min(int(result), len(series.x) - 1)
        return series, row, float(series.median[row] / series.median[0])

    def describe(self, result: int, step: int | None = None, measured: Any = None) -> str:
        """Return where the numbers come from, and their spread."""
        series, row, _ = self._compare(result, measured)
        noisy = call_noisy(series.take([row]), series.median[row] - series.median[0] if row else series.median[0])
        return (
            f"{series.label[:1].upper()}{series.label[1:]}, {series.where}: {series.x[row]} took "
            f"{quantity(series.median[row], 'µs')}, the median of "
            f"{series.repeats} repeats between {readable(series.low[row])} and {quantity(series.high[row], 'µs')}{noisy}."
        )
