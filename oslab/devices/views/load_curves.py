"""Load curves of a receiver: what is done a second, and how long it takes."""

from typing import Any

import numpy as np

from oslab.base import duration, readable
from oslab.devices.packet_receiver import RECEIVERS, LoadSweep
from oslab.picture import View, style

__all__ = ["LoadCurves"]

MOST = 800


class LoadCurves(View):
    """Done against offered load, and median latency against load, a line a way; the chosen way's point, its 99 % too."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        arriving, served = "packets arriving, k/s", "packets served, k/s"
        self.axes = self.add_axes(0.085, 0.16, 0.385, 0.62, x=arriving, y=served, grid="both")
        self.axes.set(xlim=(0, MOST), ylim=(0, 180))
        self._late = self.add_axes(0.60, 0.16, 0.375, 0.62, x=arriving, y="latency, µs", grid="both")
        self._late.set(xlim=(0, MOST), yscale="log", ylim=(4, 20_000))
        self._late.yaxis.set_major_formatter(lambda y, _: readable(round(y)))
        self.axes.plot([0, MOST], [0, MOST], color=style.GRID, lw=1.5)
        self._lines, self._medians = {}, {}
        for k, (key, label) in enumerate(RECEIVERS.items()):
            ink = style.ink(k)
            for axes, lines in ((self.axes, self._lines), (self._late, self._medians)):
                lines[key] = self.live(
                    axes.plot([], [], color=ink.color, ls=ink.dash, marker=ink.marker, ms=4, lw=1.8)[0]
                )
            left = (0.075, 0.40, 0.72)[k]
            looks = {"color": ink.color, "ls": ink.dash, "marker": ink.marker, "ms": 5, "lw": 1.8}
            figure.add_artist(
                type(self._lines[key])([left, left + 0.03], [0.845] * 2, transform=figure.transFigure, **looks)
            )
            self.label(figure, left + 0.04, 0.845, label, fontsize=10.5, color=ink.text, va="center")
        self._now = [self.live(axes.axvline(0, color=style.QUIET, lw=1, ls=":")) for axes in (self.axes, self._late)]
        self._points = [
            self.live(axes.plot([], [], "o", ms=10, mew=2, mfc="none", color=style.INK, zorder=6, clip_on=False)[0])
            for axes in (self.axes, self._late)
        ]
        self._tail = self.live(self._late.plot([], [], "_", ms=14, mew=2, color=style.INK, zorder=6, clip_on=False)[0])
        self._tail_word = self.label(self._late, 0.985 * MOST, 13_500, fontsize=10, va="center", ha="right")

    def update(self, result: LoadSweep, step: int | None = None, measured: Any = None) -> None:
        """Draw the curves and the point of the way and load at hand."""
        now = result.now
        for curve in result.curves:
            self._lines[curve.way].set_data(curve.load, curve.throughput)
            self._medians[curve.way].set_data(curve.load, curve.latency[0])
            for lines in (self._lines, self._medians):
                lines[curve.way].set_linewidth(2.8 if curve.way == now.way else 1.5)
        for line in self._now:
            line.set_xdata([now.load, now.load])
        half, tail = now.percentile(50), now.percentile(99)
        self._points[0].set_data([now.load], [now.throughput])
        known = np.isfinite(half)
        self._points[1].set_data([now.load] if known else [], [half] if known else [])
        self._tail.set_data([now.load] if known else [], [tail] if known else [])
        self._tail_word.set_visible(bool(known))
        if known:
            self._tail_word.set_text(f"○ half in {duration(half / 1e6)}, ━ 99 % in {duration(tail / 1e6)}")
        late = f", half of them within {duration(half / 1e6)}" if known else ""
        self.title = f"{readable(now.load)} k/s arrive: {readable(now.throughput)} k/s served{late}"

    def describe(self, result: LoadSweep, step: int | None = None, measured: Any = None) -> str:
        """Return where the CPU's time goes, which packets are lost where, and the most that the way gets done."""
        now = result.now
        peak = next(c.peak for c in result.curves if c.way == now.way)
        shares = now.kernel_share, now.application_share, max(0.0, 1 - now.kernel_share - now.application_share)
        kernel, application, idle = (readable(100 * share) for share in shares)
        lost = f" Of {readable(now.arrived)} packets the card dropped {readable(now.dropped)}, before any work on them"
        lost += f"; {readable(now.wasted)} were discarded after the kernel's work." if now.wasted else "."
        return (
            f"{RECEIVERS[now.way].capitalize()}: kernel {kernel} % of the CPU, application {application} %, idle {idle} %."
            f"{lost if now.dropped or now.wasted else ''} It serves at most {readable(peak)} k/s."
        )
