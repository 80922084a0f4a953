"""Threads or processes: what was measured for one row of the table."""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from oslab.base import Series, quantity, readable
from oslab.picture import Marks, Rows, View, best, call_noisy, origin_key, style, top_of

__all__ = ["WorkerCosts"]

MOST = 4


class WorkerCosts(View):
    """A mark for each way, with the range of the repeats; logarithmic for times in µs."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.255, 0.17, 0.6, 0.66, grid="x")
        self.axes.set(yticks=[])
        self._rows = Rows(self, self.axes, MOST)
        self._marks = Marks(self, self.axes, rows=True, size=11, spread=7, aside=0.25)
        self._label = ""
        self._where = self.label(figure, 0.016, 0.87, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: str, step: int | None = None, measured: Any = None) -> None:
        """Draw the series of one aspect; `result` is its name."""
        listed = self._find_series(result, measured)
        series = best(listed)[0]
        highest, log = min(2 * top_of(listed, 0.0), max(s.high.max() for s in listed)), series.unit == "µs"
        if self._label != series.label:
            self._label = series.label
            self.axes.set_xscale("log" if log else "linear")
            if not log:
                self.axes.xaxis.set_major_locator(MaxNLocator(6, integer=True))
            self.axes.xaxis.set_major_formatter(lambda v, _: readable(round(v)))
            self.axes.set_xlabel(f"time, {series.unit}" if series.unit in ("µs", "ms") else series.unit)
        counted = (-0.1, 2.3) if highest <= 2 else (0, self.roomy(highest * 1.15))
        limits = (1, self.roomy(highest * 4)) if log else counted
        self.set_limits(self.axes, x=limits)
        at = np.minimum(series.high * 1.25 if log else series.high + limits[1] * 0.03, 0.9 * limits[1])
        self._rows.set([str(x) for x in series.x], (), map(readable, series.median), at)
        self._marks.set(listed)
        self._where.set_text(origin_key(listed))
        self.title = self._say_finding(series)

    @staticmethod
    def _find_series(result: str, measured: Any) -> list[Series]:
        return [s for s in measured if s.label == result] or list(measured[:1])

    @staticmethod
    def _call_noisy(series: Series) -> str:
        # Times in µs are compared by how many times longer they are, as they are drawn.
        if series.unit == "µs":
            logs = {part: np.log(np.maximum(getattr(series, part), 1e-9)) for part in ("median", "low", "high")}
            series = replace(series, **logs)
        return call_noisy(series, np.ptp(series.median) or None)

    @staticmethod
    def _say_finding(series: Series) -> str:
        first, second, *_, last = *series.median, *series.median[-1:]
        if series.label == "address space":
            return "Threads see one another's changes; processes do not"
        if series.label == "a crash":
            return f"A thread that crashes ends its process; of two processes, {readable(last)} continues"
        if series.label == "creation":
            spawn = f"a new interpreter {readable(last / first)} times"
            return f"A fork takes {readable(second / first)}, {spawn} as long as a thread"
        if series.label == "communication":
            return (
                f"Handing over 1 MiB takes {quantity(first, 'µs')} by reference, {quantity(last / 1000, 'ms')} pickled"
            )
        return (
            f"Two threads take {readable(second / first, 2)} times as long as one after the other, "
            f"two processes {readable(last / first, 2)} times"
        )

    def describe(self, result: str, step: int | None = None, measured: Any = None) -> str:
        """Return the numbers of the row."""
        series = best(self._find_series(result, measured))[0]
        rows = "; ".join(f"{x} {readable(m)}" for x, m in zip(series.x, series.median))
        how = f", median of {series.repeats}" if series.repeats > 1 else ""
        noisy = self._call_noisy(series)
        return f"{series.label[0].upper()}{series.label[1:]}, {series.unit}: {rows} ({series.where}{how}){noisy}."
