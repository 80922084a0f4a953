"""Threads or processes: what was measured for one row of the table."""

from __future__ import annotations

from typing import Any

from matplotlib.ticker import MaxNLocator

from oslab.base.numbers import readable
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["WorkerCosts"]

MOST = 4


class WorkerCosts(View):
    """A bar for each way, with the range of the repeats; logarithmic for times in µs."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.255, 0.17, 0.6, 0.66, grid="x")
        self.axes.set(yticks=[], ylim=(MOST - 0.4, -0.6))
        self._box = self.axes.get_position()
        self._names = [self.label(figure, 0.245, 0, ha="right", va="center", fontsize=10.5) for _ in range(MOST)]
        self._values = [self.label(self.axes, 0, k, va="center", fontsize=10.5) for k in range(MOST)]
        self._spans = [
            self.live(self.axes.plot([], [], lw=7, alpha=0.35, solid_capstyle="butt")[0]) for _ in range(MOST)
        ]
        self._marks = self.live(self.axes.plot([], [], "o", ms=11, mfc="white", mew=2.4, zorder=5)[0])
        self._label = ""
        self._where = self.label(figure, 0.016, 0.87, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw the series of one aspect; `result` is its name."""
        series = self._series(result, measured)
        n = len(series.x)
        color = style.RECORDED if series.origin == "recorded" else style.INK
        scale = "log" if series.unit == "µs" else "linear"
        if self._label != series.label:
            self._label = series.label
            self.axes.set_xscale(scale)
            if scale == "linear":
                self.axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            self.axes.xaxis.set_major_formatter(lambda v, _: readable(round(v)))
            self.axes.set_xlabel(f"time, {series.unit}" if series.unit in ("µs", "ms") else series.unit)
        counted = series.high.max() <= 2
        limits = (
            (1, self.roomy(series.high.max() * 4))
            if scale == "log"
            else ((-0.1, 2.3) if counted else (0, self.roomy(series.high.max() * 1.15)))
        )

        self.set_limits(self.axes, x=limits, y=(n - 0.4, -0.6))
        for k in range(MOST):
            for artist in (self._names[k], self._values[k], self._spans[k]):
                artist.set_visible(k < n)
            if k < n:
                self._spans[k].set_data([series.low[k], series.high[k]], [k, k])
                self._spans[k].set_color(color)
                self._names[k].set_text(str(series.x[k]))
                self._names[k].set_y(self._box.y1 - (k + 0.6) / (n + 0.2) * self._box.height)
                self._values[k].set_position(
                    (series.high[k] * 1.25 if scale == "log" else series.high[k] + limits[1] * 0.03, k)
                )
                self._values[k].set_text(readable(float(f"{series.median[k]:.3g}")))
        self._marks.set_data(series.median, range(n))
        self._marks.set_markeredgecolor(color)
        self._where.set_text(series.where)
        self.title = self._finding(series)

    @staticmethod
    def _series(result: str, measured: Any) -> Any:
        return next((s for s in measured if s.label == result), measured[0])

    @staticmethod
    def _finding(series: Any) -> str:
        first, second, *_, last = *series.median, *series.median[-1:]
        return {
            "address space": lambda: "A thread's change is seen by all, a process's by itself alone",
            "creation": lambda: (
                f"A fork costs {readable(second / first)} times a thread, an interpreter {readable(last / first)}"
            ),
            "communication": lambda: f"1 MiB by reference {first:.2g} µs, pickled {last / 1000:.2g} ms",
            "a crash": lambda: f"A thread takes its process along; of two processes {last:.0f} goes on",
            "two CPU-bound jobs": lambda: (
                f"Two threads take {second / first:.2g} times as long as one after the other, "
                f"two processes {last / first:.2g}"
            ),
        }[series.label]()

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the numbers of the row."""
        series = self._series(result, measured)
        rows = "; ".join(f"{x} {m:.4g}" for x, m in zip(series.x, series.median))
        how = f", median of {series.repeats}" if series.repeats > 1 else ""
        return f"{series.label[0].upper()}{series.label[1:]}, {series.unit}: {rows} ({series.where}{how})."
