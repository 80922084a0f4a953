"""The effective access time over the TLB's hit ratio, and where a trace stands on that line."""

from typing import Any

import numpy as np

from oslab.base import plural, quantity, readable
from oslab.memory.tlb.access_time import AccessTime
from oslab.picture import View, style

__all__ = ["AccessTimeLine"]

BLUE = style.ink(0)


class AccessTimeLine(View):
    """A line from no hits to hits only; a point at the hit ratio that the trace had."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self._axes = self.add_axes(
            0.095, 0.165, 0.875, 0.69, x="hit ratio of the TLB", y="mean access time, ns", grid="both"
        )
        self._axes.set(xlim=(0, 1))
        self._line = self.live(self._axes.plot([], [], color=BLUE.color, lw=2.4)[0])
        self._drop = self.live(self._axes.plot([], [], ":", color=style.QUIET, lw=1.2)[0])
        self._point = self.live(self._axes.plot([], [], "o", ms=10, color=BLUE.color, mec="white", mew=1.5)[0])
        self._word = self.label(self._axes, 0, 0, color=BLUE.text, fontsize=11, fontweight="bold", va="bottom")

    def update(self, result: AccessTime, step: int | None = None, measured: Any = None) -> None:
        """Draw the line, and the trace's place on it."""
        top = max(self.roomy(1.02 * float(result.times.max())), 1)
        self.set_limits(self._axes, y=(0, top))
        self._line.set_data(result.ratios, result.times)
        self._drop.set_data([result.hit_ratio, result.hit_ratio, 0], [0, result.here, result.here])
        self._point.set_data([result.hit_ratio], [result.here])
        self._word.set_text(f"this trace, {plural(result.entries, 'entry', 'entries')}")
        right = result.hit_ratio > 0.5  # above the line, which falls to the right; at its end below the point
        self._word.set_position(
            (result.hit_ratio + (-0.015 if right else 0.025), result.here + (-0.09 if right else 0.0) * top)
        )
        self._word.set_ha("right" if right else "left")
        self.title = (
            f"{quantity(100 * result.hit_ratio, '%')} of accesses hit the TLB: {quantity(result.here, 'ns')} on average"
        )

    def describe(self, result: AccessTime, step: int | None = None, measured: Any = None) -> str:
        """Return the formula with its numbers."""
        hit, reads = result.tlb + result.memory, result.levels * result.memory
        miss = 1 - float(np.round(result.hit_ratio, 12))
        return (
            f"A hit takes {readable(result.tlb)} + {readable(result.memory)} = {quantity(hit, 'ns')}, a miss "
            f"{quantity(reads, 'ns')} more for the walk. With a miss ratio of {readable(miss)} the mean is "
            f"{readable(hit)} + {readable(miss)} × {readable(reads)} = {quantity(result.here, 'ns')}."
        )
