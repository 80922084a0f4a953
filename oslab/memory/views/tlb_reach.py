"""How far a TLB reaches: where translations are found over the working set, and what they add to an access."""

from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.base import Series, memory_size, plural, quantity, readable
from oslab.memory.addresses import PAGE_SIZES
from oslab.memory.tlb.reach import Reach
from oslab.picture import Marks, View, best, call_noisy, style, top_of

__all__ = ["TlbReach"]

LEVELS = (
    ("L1 TLB", "#c7e6da", "#c7e6da", "", "#00614a"),
    ("L2 TLB", "#d6e8f5", "#b3d3ea", "..", "#005a8f"),
    ("walk", "#f6d2b8", "#edb993", "////", "#943f00"),
)


class TlbReach(View):
    """Left: shares of L1, L2 and walks, stacked. Right: ns that translation adds, the model's line and what was measured."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self._shares = self._panel(0.085, 0.40, "share of accesses")
        self._shares.set_ylim(0, 1)
        self._cost = self._panel(0.595, 0.375, "added by translation, ns", grid="y")
        self._areas = [
            self.live(
                self._shares.add_collection(
                    PolyCollection([], facecolors=fill, edgecolors=edge, hatch=hatch or None, linewidths=0.8)
                )
            )
            for _, fill, edge, hatch, _ in LEVELS
        ]
        self._names = [
            self.label(self._shares, 0, 0, name, color=text, fontsize=11, fontweight="bold", ha="center", va="center")
            for name, _, _, _, text in LEVELS
        ]
        self._here = [
            self.live(axes.axvline(1, color=style.INK, lw=1.3, ls=":")) for axes in (self._shares, self._cost)
        ]
        blue = style.ink(0)
        self._line = self.live(self._cost.plot([], [], color=blue.color, lw=2.2, zorder=3)[0])
        self._point = self.live(self._cost.plot([], [], "o", ms=9, color=blue.color, mec="white", mew=1.4, zorder=5)[0])
        self._marks = Marks(self, self._cost, style.ink(1), "s", size=6, spread=1.2)
        self._model_word = self.label(
            self._cost, 0, 0, "model", color=blue.text, fontsize=10.5, fontweight="bold", va="bottom", ha="right"
        )
        self._marks_word = self.label(figure, 0.61, 0.845, fontsize=10, va="center", color=style.QUIET)

    def _panel(self, left: float, width: float, y: str, grid: str = "") -> Any:
        axes = self.add_axes(left, 0.16, width, 0.65, x="working set, MiB", y=y, grid=grid)
        axes.set(xscale="log", xlim=(2.0**-6, 1024))
        axes.set_xticks([2.0**k for k in range(-6, 11, 2)], ["1/64", "", "1/4", "1", "4", "16", "64", "", "1024"])
        axes.minorticks_off()
        return axes

    def update(self, result: Reach, step: int | None = None, measured: list[Series] | None = None) -> None:
        """Draw where translations are found; of `measured`, the series "extra"."""
        x, here = result.sizes / 2**20, result.working_set / 2**20
        edges = np.concatenate([np.zeros((len(x), 1)), np.cumsum(result.shares, axis=1)], axis=1)
        for k, area in enumerate(self._areas):
            area.set_verts([np.concatenate([np.stack([x, edges[:, k]], 1), np.stack([x, edges[:, k + 1]], 1)[::-1]])])
            self._place(self._names[k], x, edges[:, k], edges[:, k + 1])
        for line in self._here:
            line.set_xdata([here, here])
        self._line.set_data(x, result.extra.median)
        self._point.set_data([here], [result.extra_here])
        extra = self._find_extra(result, measured)
        self._marks.set(extra)
        self._marks_word.set_text(
            "□ time, 4 KiB minus 2 MiB pages: " + ", ".join(s.brief for s in extra) if extra else ""
        )
        if measured and not extra:
            self._marks_word.set_text("measured only with 4 KiB pages, stride 4096")
        top = max(self.roomy(1.15 * top_of(extra, float(result.extra.median.max()))), 4)
        self.set_limits(self._cost, y=(-0.06 * top, top))
        last = float(result.extra.median[-1])  # under the line where the slider's line would cross the word
        self._model_word.set_position((900, last + 0.02 * top) if here < 100 else (0.85 * here, 0.3 * last))
        self.title = (
            f"{memory_size(result.working_set)}: {quantity(100 * result.share[2], '%')} of accesses need a walk; "
            f"the TLB reaches {memory_size(result.reach)} with {PAGE_SIZES[result.page_size]} pages"
        )

    @staticmethod
    def _place(word: Any, x: np.ndarray, low: np.ndarray, high: np.ndarray) -> None:
        """A name in the middle of its area, where that is wide enough; the area's own place, not the slider's."""
        wide = np.flatnonzero(high - low > 0.18)
        word.set_visible(len(wide) > 1)
        if len(wide) > 1:
            middle = float(np.sqrt(x[wide[0]] * x[wide[-1]]))
            word.set_position((middle, float(np.interp(np.log(middle), np.log(x), (low + high) / 2))))

    @staticmethod
    def _find_extra(result: Reach, measured: list[Series] | None) -> list[Series]:
        """What was measured, where it stands for what the model shows: 4 KiB pages, one place a page."""
        fits = result.page_size == 4096 and result.stride == 4096
        return [s for s in measured or () if fits and s.label == "extra"]

    def describe(self, result: Reach, step: int | None = None, measured: list[Series] | None = None) -> str:
        """Return what is needed, what there is, what the model predicts, and the gap to what was measured."""
        most, adds = plural(result.geometry.reach(1), "entry", "entries"), quantity(result.extra_here, "ns")
        pages = plural(result.pages, "page")
        said = f"{pages} {'needs' if result.pages == 1 else 'need'} as many entries; the TLB has {most}"
        if result.fits and result.share[2] > 0.01:
            said = f"{pages} would fit into {most}, but this stride uses only a part of the sets"
        said += f"; the model adds {adds} to an access"
        here = result.working_set / 2**20
        for extra in best(self._find_extra(result, measured)):
            there = replace(extra, x=np.log(extra.x)).at(np.log(here))
            middle, low, high = (float(of[0]) for of in (there.median, there.low, there.high))
            noisy = call_noisy(there, max(middle, 2.0))
            said += f"; measured {extra.place}: {quantity(middle, 'ns')} ({readable(low)} to {readable(high)}{noisy})"
        return f"{said}."
