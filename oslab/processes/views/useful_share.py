"""What is left for work: shares of the CPUs' time over the number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.picture import style
from oslab.picture.view import View

__all__ = ["UsefulShare"]

AREAS = (
    ("useful work", "#cfe3f2", style.ink(0), ""),
    ("switching and refilling", "#f6d2b8", style.ink(5), "////"),
    ("idle", "#f1f2f4", style.ink(6)._replace(color="#c3c9cf"), ".."),
)


class UsefulShare(View):
    """Useful work, switches and idleness, stacked; the fewest threads with the most useful work marked."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.085, 0.16, 0.89, 0.66, x="threads", y="share of the CPUs' time, %")
        self.axes.set(xlim=(1, 64), ylim=(0, 100), xscale="log")
        self.axes.set_xticks([1, 2, 4, 8, 16, 32, 64], [1, 2, 4, 8, 16, 32, 64])
        self.axes.minorticks_off()
        self._areas = [
            self.live(
                self.axes.add_collection(
                    PolyCollection([], facecolors=fill, edgecolors=ink.color, hatch=hatch or None, linewidths=0.6)
                )
            )
            for _, fill, ink, hatch in AREAS
        ]
        self._words = [
            self.label(self.axes, 1, 0, name, color=ink.text, fontsize=11, fontweight="bold", ha="center", va="center")
            for name, _, ink, _ in AREAS
        ]
        self._best = self.live(
            self.axes.plot([], [], "v", ms=11, color=style.INK, mec="white", clip_on=False, zorder=5)[0]
        )
        self.label(figure, 0.975, 0.865, "▼ the sweet spot", ha="right", va="center", fontsize=10.5, fontweight="bold")
        self.label(
            figure,
            0.085,
            0.865,
            "hatched: switching and refilling; dotted: idle",
            va="center",
            fontsize=10,
            color=style.QUIET,
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Useful`."""
        x = result.threads.astype(float)
        idle = 1 - result.useful - result.switching
        edges = 100 * np.cumsum([np.zeros(len(x)), result.useful, result.switching, idle], axis=0)
        for k, (area, word) in enumerate(zip(self._areas, self._words, strict=True)):
            low, high = edges[k], edges[k + 1]
            area.set_verts([np.concatenate([np.stack([x, low], 1), np.stack([x, high], 1)[::-1]])])
            # A name where its area is highest, away from the edges so that it is not cut off.
            at = int(np.argmax((high - low) * (x > 1.9) * (x < 30)))
            word.set_visible(bool((high - low)[at] > 8))
            word.set_position((float(x[at]), float((low + high)[at] / 2)))
        best = result.best
        self._best.set_data([best], [100 * float(result.useful[best - 1]) + 2])
        self.title = (
            f"{result.cpus} CPU{'s' * (result.cpus != 1)}: most useful work, {100 * result.useful.max():.3g} %, "
            f"with {best} thread{'s' * (best != 1)}"
            + (
                f"; {100 * result.useful[-1]:.3g} % with {result.threads[-1]}"
                if best != result.threads[-1]
                else ", the most drawn"
            )
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what goes where at the sweet spot and with the most threads."""
        last = 100 * float(result.switching[-1])
        most = 100 * float(result.useful[result.best - 1])
        return (
            f"With {result.best} thread{'s' * (result.best != 1)} {most:.3g} % of the time is useful work; with "
            f"{result.threads[-1]} of them {last:.3g} % goes into switching and refilling the caches."
        )
