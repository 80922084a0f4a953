"""What each way out of deadlock lets through."""

from typing import Any

from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from oslab.base import quantity, readable
from oslab.picture import View, style
from oslab.synchronization.deadlock import STRATEGIES
from oslab.synchronization.dining_throughput import Meals

__all__ = ["StrategyBars"]

SAID = {
    "": "all four conditions hold",
    "mutual_exclusion": "sharing: no mutual exclusion",
    "hold_and_wait": "all at once: no hold and wait",
    "no_preemption": "try, back off: preemption",
    "circular_wait": "ordering: no circular wait",
}


class StrategyBars(View):
    """A bar for each strategy: meals a second; hatched where it stopped for good."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.31, 0.15, 0.66, 0.70, x="meals a second, all philosophers together", grid="x")
        self.axes.set(ylim=(len(STRATEGIES) - 0.4, -0.6), yticks=[])
        self._went_on = self.live(
            self.axes.add_collection(
                PolyCollection([], facecolors="#cfe3f2", edgecolors=style.ink(0).color, linewidths=1.4)
            )
        )
        self._stopped = self.live(
            self.axes.add_collection(
                PolyCollection([], facecolors="#f6d2b8", edgecolors=style.BAD, hatch="////", linewidths=1.4)
            )
        )
        for k, key in enumerate(STRATEGIES):
            self.label(
                self.axes,
                -0.02,
                k,
                SAID[key],
                ha="right",
                va="center",
                fontsize=11,
                transform=self.axes.get_yaxis_transform(),
            )
        self._values = [self.label(self.axes, 0, k, "", va="center", fontsize=11) for k in range(len(STRATEGIES))]

    def update(self, result: Meals, step: int | None = None, measured: Any = None) -> None:
        """Draw `Meals`."""
        rates = result.rate
        self.set_limits(self.axes, x=(0, self.roomy(max(rates.values()) * 1.25)))
        gap = 0.01 * self.axes.get_xlim()[1]
        boxes = {
            key: [(0, k - 0.32), (rate, k - 0.32), (rate, k + 0.32), (0, k + 0.32)]
            for k, (key, rate) in enumerate(rates.items())
        }
        for bars, keys in ((self._stopped, result.stopped), (self._went_on, rates.keys() - result.stopped.keys())):
            bars.set_verts([boxes[key] for key in boxes if key in keys])
            bars.set_visible(bool(keys))
        for word, (key, rate) in zip(self._values, rates.items()):
            stop = f", deadlock after {quantity(result.stopped[key], 's')}" if key in result.stopped else ""
            word.set(text=f"{rate:.2f}{stop}", position=(rate + gap, word.get_position()[1]))
        share = rates["circular_wait"] / rates["mutual_exclusion"]
        self.title = f"Ordering gets {100 * share:.0f} % of the meals that sharing gets"

    def describe(self, result: Meals, step: int | None = None, measured: Any = None) -> str:
        """Return the best and the worst strategy, and whether the program without any stopped."""
        safe = {key: rate for key, rate in result.rate.items() if key}
        best, worst = max(safe, key=safe.get), min(safe, key=safe.get)
        stop = (
            f"deadlocked after {quantity(result.stopped[''], 's')}"
            if "" in result.stopped
            else "happened not to deadlock in 100 s"
        )
        return (
            f"Of the four strategies {STRATEGIES[best]} gets the most meals, {readable(safe[best])} a second, and "
            f"{STRATEGIES[worst]} the fewest, {readable(safe[worst])}. With all four conditions this run {stop}."
        )
