"""What is left for work: shares of the CPUs' time over the number of threads."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from oslab.base import plural, readable
from oslab.picture import View, style
from oslab.processes.switching import Useful

__all__ = ["UsefulShare"]

AREAS = (
    ("useful work", "#cfe3f2", style.ink(0)._replace(text="#005a8c"), ""),
    ("switching and refilling", "#f6d2b8", style.ink(5)._replace(text="#8a3c00"), "////"),
    ("idle", "#f1f2f4", style.ink(6)._replace(color="#c3c9cf"), ".."),
)
TICKS = [1, 2, 4, 8, 16, 32, 64]


class UsefulShare(View):
    """Useful work, switches and idleness, stacked; the fewest threads with the most useful work marked."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.axes = axes = self.add_axes(0.085, 0.16, 0.89, 0.64, x="threads", y="share of the CPUs' time, %")
        axes.set(xlim=(1, 64), ylim=(0, 100), xscale="log")
        axes.set_xticks(TICKS, TICKS)
        axes.minorticks_off()
        looks = [{"facecolors": f, "edgecolors": i.color, "hatch": h or None} for _, f, i, h in AREAS]
        self._areas = [self.live(axes.add_collection(PolyCollection([], linewidths=0.6, **look))) for look in looks]
        bold = {"fontsize": 11, "fontweight": "bold", "va": "center"}
        self._words = [self.label(axes, 1, 0, name, color=i.text, ha="center", **bold) for name, _, i, _ in AREAS]
        self._best = self.live(axes.plot([], [], "v", ms=11, color=style.INK, mec="white", clip_on=False, zorder=5)[0])
        self.label(figure, 0.975, 0.865, "▼ best number of threads", ha="right", **bold)
        key = "hatched: switching and refilling; dotted: idle"
        self.label(figure, 0.085, 0.865, key, va="center", fontsize=10, color=style.QUIET)
        self.guess(0.985, 0.045, "threads", ha="right")

    def update(self, result: Useful, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Useful`."""
        x = result.threads.astype(float)
        idle = 1 - result.useful - result.switching
        edges = 100 * np.cumsum([np.zeros(len(x)), result.useful, result.switching, idle], axis=0)
        for area, word, low, high in zip(self._areas, self._words, edges, edges[1:]):
            area.set_verts([np.concatenate([np.stack([x, low], 1), np.stack([x, high], 1)[::-1]])])
            # A name where its area is highest, away from the edges so that it is not cut off.
            at = int(np.argmax((high - low) * (x > 1.9) * (x < 30)))
            word.set_visible(bool((high - low)[at] > 8))
            word.set_position((float(x[at]), float((low + high)[at] / 2)))
        spot, most = result.best, result.threads[-1]
        self._best.set_data([spot], [100 * float(result.useful[spot - 1]) + 2])
        last = (
            f"; {readable(100 * result.useful[-1])} % with {most}"
            if spot != most
            else ", the most that the picture shows"
        )
        self.title = (
            f"{plural(result.cpus, 'CPU')}: most useful work, {readable(100 * result.useful.max())} %, "
            f"with {plural(spot, 'thread')}{last}"
        )

    def describe(self, result: Useful, step: int | None = None, measured: Any = None) -> str:
        """Return what goes where at the sweet spot and with the most threads."""
        return (
            f"With {plural(result.best, 'thread')}, {readable(100 * result.useful[result.best - 1])} % of the time is "
            f"useful work; with {result.threads[-1]}, {readable(100 * result.switching[-1])} % goes into switching "
            "and refilling the caches."
        )
