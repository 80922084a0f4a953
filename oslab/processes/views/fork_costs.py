"""What fork costs against the memory that was touched, and what children copy by only reading."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from oslab.base import Series, duration, plural, readable
from oslab.picture import Marks, View, best, call_noisy, origin_key, style, top_of

__all__ = ["ForkLatency", "ReadingCost"]

PAGES = 256  # entries of the page table for a MiB


class ForkLatency(View):
    """µs of a fork against MiB touched; beside it what a write to a page costs before and after."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.1, 0.15, 0.46, 0.68, x="memory the parent has touched, MiB", y="fork, µs", grid="y")
        self.axes.set(xlim=(-2, 68))
        self._forks = Marks(self, self.axes, aside=0.8)
        self._fit = self.live(self.axes.plot([], [], color=style.ink(0).color)[0])
        self._here = self.live(self.axes.plot([], [], "s", ms=7, color=style.ink(5).color, zorder=6)[0])
        self._writes = self.add_axes(0.68, 0.15, 0.28, 0.68, x="µs to write a page", grid="x")
        self._writes.set(xscale="log", xlim=(0.02, 100), ylim=(2.6, -0.6), yticks=[])
        self._writes.xaxis.set_major_formatter(lambda v, _: readable(v))
        self._marks = Marks(self, self._writes, rows=True, aside=0.2)
        self._words = [self.label(self._writes, 0.025, k - 0.27, fontsize=10.5, va="center") for k in range(3)]
        self._key = self.label(figure, 0.016, 0.87, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: int, step: int | None = None, measured: Any = None) -> None:
        """Draw what was measured; `result` is a number of MiB, read off the line."""
        forks, writes = ([s for s in measured if s.label.startswith(name)] for name in ("until fork", "write"))
        slope, base = self._fit_line(best(forks)[0])
        self.set_limits(self.axes, y=(0, self.roomy(1.05 * top_of(forks, base + 64 * slope))))
        self._forks.set(forks)
        self._fit.set_data([0, 64], [base, base + 64 * slope])
        self._here.set_data([result], [base + slope * result])
        self._marks.set(writes)
        self.say(self._words, (f"{x}: {readable(m, 2)} µs" for x, m in zip(writes[-1].x, writes[-1].median)))
        self._key.set_text(origin_key(forks))
        cost = duration((base + slope * result) / 1e6)
        self.title = f"{result} MiB touched: a fork takes {cost}, and {duration(slope / 1e6)} more for each MiB"

    @staticmethod
    def _fit_line(series: Series) -> tuple[float, float]:
        # By relative error: small forks count as much.
        slope, base = np.polyfit(series.x, series.median, 1, w=1 / series.median)
        return float(slope), float(base)

    def describe(self, result: int, step: int | None = None, measured: Any = None) -> str:
        """Return the line, what an entry of the page table costs, and what a first write costs."""
        series = best(measured)
        slope, base = self._fit_line(series[0])
        where = series[0].where
        return (
            f"{where[:1].upper()}{where[1:]}: a fork takes about {duration(base / 1e6)} and {duration(slope / 1e6)} for each "
            f"MiB, {duration(slope / PAGES / 1e6)} for each page-table entry; the first write to a shared page takes "
            f"{duration(series[-1].median[1] / 1e6)}{call_noisy(series[0], 64 * slope)}."
        )


class ReadingCost(View):
    """MiB that reading children make their own, for a list and for an array."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.2, 0.16, 0.76, 0.66, x="MiB in use by parent and children together", grid="x")
        self.axes.set(ylim=(1.6, -0.6), yticks=[])
        self._names = self.column(self.axes, 0.19, 2, ha="right", fontsize=11)
        inks = style.ink(0), style.ink(5)
        looks = [{"facecolors": i.color + "66", "edgecolors": i.color, "hatch": i.hatch or None} for i in inks]
        self._bars = [self.live(self.axes.add_collection(PolyCollection([], **look))) for look in looks]
        self._values = [self.label(self.axes, 0, k - 0.42, fontsize=10.5, va="center") for k in range(2)]
        key = "plain: the parent's data; hatched: pages copied because children read them"
        self.label(figure, 0.2, 0.855, key, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: int, step: int | None = None, measured: Any = None) -> None:
        """Draw two series, dirtied and size; `result` is the number of children."""
        dirtied, sizes = best(measured)[:2]
        copied = result * dirtied.median
        total = sizes.median + copied
        self.set_limits(self.axes, x=(0, self.roomy(1.1 * total.max())))
        self._bars[0].set_verts(self.bars(sizes.median))
        crossed = [
            [(a, k - 0.3), (b, k - 0.3), (b, k + 0.3), (a, k + 0.3)]
            for k, (a, b) in enumerate(zip(sizes.median, total))
        ]
        self._bars[1].set_verts(crossed if result else [])
        self.say(self._names, map(str, sizes.x))
        more = [f" and {result} × {readable(m, 2)} MiB copied by reading" for m in dirtied.median]
        self.say(self._values, (f"{readable(a)} MiB{text * bool(result)}" for a, text in zip(sizes.median, more)))
        of_list, of_array = readable(copied[0]), readable(copied[1], 2)
        readers = f"{plural(result, 'reader')}: {of_list} MiB copied with a list, {of_array} MiB with an array"
        self.title = readers if result else "Before any child reads: only the parent's data"

    def describe(self, result: int, step: int | None = None, measured: Any = None) -> str:
        """Return what one reader dirties."""
        dirtied, sizes = best(measured)[:2]
        (listed, packed), (of_list, of_array) = map(readable, dirtied.median), map(readable, sizes.median)
        if not result:
            return f"A list takes {of_list} MiB, an array of the same numbers {of_array} MiB ({dirtied.where})."
        return (
            f"A child that reads the data once copies {listed} of {of_list} MiB of a list, and "
            f"{packed} of {of_array} MiB of an array ({dirtied.where})."
        )
