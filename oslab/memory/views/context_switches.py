"""Context switches and the TLB: walks with tagged entries, and where every switch flushes."""

from typing import Any

import numpy as np

from oslab.base import plural, readable
from oslab.memory.tlb.context_switches import SwitchCosts
from oslab.picture import View, style

__all__ = ["SwitchLines"]

TAGGED, FLUSHED = style.ink(2), style.ink(5)


class SwitchLines(View):
    """Walks in a thousand accesses over the time between two switches, one line with PCID and one without."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self._axes = self.add_axes(
            0.098,
            0.165,
            0.87,
            0.70,
            x="turn length: accesses between two switches",
            y="page walks in 1000 accesses",
            grid="y",
        )
        self._axes.set(xscale="log", xlim=(14.5, 36_000), ylim=(-30, 1100))
        self._axes.set_xticks([4**k for k in range(2, 8)], [readable(4**k) for k in range(2, 8)])
        self._axes.set_yticks(range(0, 1001, 200))
        self._axes.minorticks_off()
        self._now = self.live(self._axes.axvline(16, color=style.INK, lw=1.2, ls=":"))
        self._lines, self._points, self._words = [], [], []
        for ink, name in ((FLUSHED, "each switch flushes"), (TAGGED, "entries are tagged (PCID)")):
            self._lines.append(self.live(self._axes.plot([], [], color=ink.color, ls=ink.dash, lw=2.4)[0]))
            self._points.append(
                self.live(self._axes.plot([], [], ink.marker, color=ink.color, ms=10, mec="white", mew=1.4)[0])
            )
            self._words.append(
                self.label(self._axes, 0, 0, name, color=ink.text, fontsize=11, fontweight="bold", va="bottom")
            )
        self.guess(0.985, 0.045, "walks", ha="right")

    def update(self, result: SwitchCosts, step: int | None = None, measured: Any = None) -> None:
        """Draw a `SwitchCosts`."""
        self._now.set_xdata([result.every, result.every])
        for k, (curve, here) in enumerate(((result.flushed, result.flushed_here), (result.tagged, result.tagged_here))):
            at = int(np.searchsorted(result.intervals, result.every))  # the line goes through the point
            self._lines[k].set_data(np.insert(result.intervals, at, result.every), np.insert(curve, at, here))
            self._points[k].set_data([result.every], [here])
        self._name(result)
        self.title = (
            f"A switch every {plural(result.every, 'access', 'accesses')}: {readable(result.flushed_here)} walks in 1000 with "
            f"flushes, {readable(result.tagged_here)} with PCID"
        )

    def _name(self, result: Any) -> None:
        """Names at their lines: the upper one where they are farthest apart, one name for both where they are not."""
        x, above = result.intervals, result.flushed - result.tagged
        k = int(np.argmax(above))
        apart = above[k] > 60
        self._words[0].set_visible(bool(apart))
        self._words[0].set_position(
            (float(x[k]) * 1.25, float(np.interp(np.log(x[k] * 1.25), np.log(x), result.flushed)) + 20)
        )
        high = float(result.tagged.max()) > 300
        self._words[1].set_text("entries are tagged (PCID)" if apart else "with or without tags (PCID)")
        place = 1400 if high else float(x[0]) * 1.2
        self._words[1].set_position(
            (place, float(np.interp(np.log(place), np.log(x), result.tagged)) + (-95 if high else 20))
        )

    def describe(self, result: SwitchCosts, step: int | None = None, measured: Any = None) -> str:
        """Return why the lines lie where they do."""
        each, most = readable(result.pages), readable(result.geometry.reach(1))
        need = f"{result.processes} × {each} pages = {plural(result.pages * result.processes, 'entry', 'entries')}"
        if result.processes == 1:
            return f"With one process there is no switch and no flush, so the entries of its {plural(result.pages, 'page')} stay."
        if result.fits:
            return f"{need} fit into {most}. With tags they survive a switch; with flushes each turn starts with an empty TLB."
        return f"{need}, but the TLB has {most}. Other processes' turns evict the entries, so tags save little."
