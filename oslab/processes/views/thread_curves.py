"""Throughput and latency of a server against its number of threads."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oslab.base import plural, readable
from oslab.picture import Names, View, style
from oslab.processes.server import Serving

__all__ = ["ThreadCurves"]

TICKS = [1, 2, 4, 8, 16, 32, 64]


class ThreadCurves(View):
    """Left: throughput; right: p50 and p99, both against the number of threads."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.left = self.add_axes(0.1, 0.16, 0.36, 0.7, x="worker threads", y="requests a second", grid="y")
        self.right = self.add_axes(0.58, 0.16, 0.355, 0.7, x="worker threads", y="latency, ms", grid="y")
        self.right.set(yscale="log", ylim=(5, 200_000))
        self.right.yaxis.set_major_formatter(lambda v, _: readable(round(v, 3)))
        for axes in (self.left, self.right):
            axes.set(xscale="log", xlim=(0.9, 72), xticks=TICKS, xticklabels=TICKS)
            axes.minorticks_off()
        self._rate = self.live(self.left.plot([], [], "o-", color=style.ink(0).color)[0])
        self._inks = style.ink(2), style.ink(5)
        self._lines = [self.live(self.right.plot([], [], f"{i.marker}-", color=i.color)[0]) for i in self._inks]
        self._best = [self.live(a.axvline(1, color=style.QUIET, ls="--", lw=1.4)) for a in (self.left, self.right)]
        self._words = Names(self, self.right, 76, 2, fontsize=11)
        self._spot = self.label(self.right, 1, 50_000, fontsize=10, va="center", color=style.QUIET)
        self._cross = self.live(self.right.plot([], [], "x", ms=12, mew=3, color="#b24e00")[0])
        self._said = self.label(self.right, 1, 14, fontsize=10, va="center", color="#b24e00")

    def predict(self, answer: float | None) -> None:
        """Mark a predicted best number of threads; none for None."""
        self._cross.set_visible(answer is not None)
        self._said.set_visible(answer is not None)
        if answer is None:
            return
        self._cross.set_data([answer], [14])
        right = answer < 12
        self._said.set(text="your prediction", position=(answer * (1.2 if right else 0.83), 14))
        self._said.set_ha("left" if right else "right")

    def update(self, result: Serving, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Serving`."""
        self.set_limits(self.left, y=(0, self.roomy(result.throughput.max() * 1.05)))
        self._rate.set_data(result.threads, result.throughput)
        # Short times that were measured lower the scale by decades.
        low = float(5 * 10 ** min(0.0, np.floor(np.log10(result.p50.min() / 5))))
        self.set_limits(self.right, y=(low, 40_000 * low))
        for line, values in zip(self._lines, (result.p50, result.p99)):
            line.set_data(result.threads, values)
        self._words.set((result.p50[-1], result.p99[-1]), ("p50", "p99"), [i.text for i in self._inks])
        for line in self._best:
            line.set_xdata([result.best] * 2)
        right = result.best > 10
        self._spot.set(text=f"best p99: {result.best}", position=(result.best * (0.92 if right else 1.1), 10_000 * low))
        self._spot.set_ha("right" if right else "left")
        last = f"; with {plural(result.threads[-1], 'thread')} {readable(result.p99[-1])} ms"
        at_most = result.best == int(result.threads[-1])
        self.title = (
            f"Best with {plural(result.best, 'thread')}{', the most that the model tries' * at_most}: p99 "
            f"{readable(result.p99.min())} ms{last * (not at_most)}"
        )

    def describe(self, result: Serving, step: int | None = None, measured: Any = None) -> str:
        """Return the load and the sweet spot."""
        k = int(result.p99.argmin())
        load = (
            f"On average {readable(result.offered)} requests a second arrive at"
            if result.load == "open"
            else f"{plural(result.offered, 'client')} {'uses' if result.offered == 1 else 'use'}"
        )
        rate, half, most, alone = map(readable, (result.throughput[k], result.p50[k], result.p99[k], result.p99[0]))
        return (
            f"{load} {plural(result.cores, 'core')}; with {plural(result.best, 'thread')} {rate} a second are "
            f"answered, with a p50 of {half} ms and a p99 of {most} ms"
            + (f"; with 1 thread p99 is {alone} ms." if result.best > 1 else ".")
        )
