"""Every final value of the counter, with the share of all schedules that lead there."""

import math
from typing import Any

from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from oslab.base import readable
from oslab.picture import View, style
from oslab.synchronization.interleaving import Verdict
from oslab.synchronization.views.threads import RAISED, big

__all__ = ["OutcomeBars"]

MOST = 12


def _tiny(share: float) -> str:
    digits, power = f"{share:.0e}".split("e")
    return f"{digits}×10{str(int(power)).translate(RAISED)} %"


class OutcomeBars(View):
    """A bar for each final value; values that lose updates hatched."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.09, 0.15, 0.88, 0.68, x="final value of x", y="share of schedules, %", grid="y")
        self.axes.set(ylim=(0, 112), yticks=range(0, 101, 25))
        self._lost = self.live(
            self.axes.add_collection(
                PolyCollection([], facecolors="#f6d2b8", edgecolors=style.BAD, hatch="////", linewidths=1.4)
            )
        )
        self._kept = self.live(
            self.axes.add_collection(PolyCollection([], facecolors="#c7e6da", edgecolors=style.GOOD, linewidths=1.4))
        )
        self._words = [
            self.label(self.axes, 0, 0, "", ha="center", fontsize=10, color=style.QUIET) for _ in range(MOST)
        ]
        self._guess = self.live(self.axes.axvline(0, color=style.INK, lw=1.4, ls="--", visible=False))
        self._guess_word = self.label(
            self.axes, 0, 106, "your prediction", ha="center", va="center", fontsize=10, visible=False
        )

    def update(self, result: Verdict, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Verdict` on the counter."""
        full = self._full(result)
        limit = 4 if full <= 4 else 6 if full <= 6 else 9
        if tuple(self.axes.get_xlim()) != (0.4, limit + 0.6):
            self.axes.set(xlim=(0.4, limit + 0.6), xticks=range(1, limit + 1))
        lost, kept = [], []
        for word in self._words:
            word.set_visible(False)
        for word, ((x,), many) in zip(self._words, result.outcomes.items(), strict=False):
            share = 100 * many / result.schedules
            (kept if x == full else lost).append([(x - 0.36, 0), (x + 0.36, 0), (x + 0.36, share), (x - 0.36, share)])
            said = f"{readable(share)} %" if share >= 0.01 else _tiny(share)
            word.set(text=said + ", correct" * (x == full), position=(x, share + 2), visible=True)
        for bars, boxes in ((self._lost, lost), (self._kept, kept)):
            bars.set_verts(boxes)
            bars.set_visible(bool(boxes))
        right = result.outcomes.get((full,), 0)
        if right == result.schedules:
            self.title = f"All {big(right)} schedules end with x = {full}: nothing can be lost"
        elif right < result.schedules / 100:
            self.title = f"Only {big(right)} of {big(result.schedules)} schedules lose nothing"
        else:
            self.title = f"{big(result.schedules - right)} of {big(result.schedules)} schedules lose an update"

    @staticmethod
    def _full(result: Verdict) -> int:
        """What the counter ought to be."""
        return sum(text in ("x = r", "x += 1") for lines in result.program.lines for text in lines)

    def predict(self, answer: float | None) -> None:
        """Mark a predicted final value; none for None."""
        for artist in (self._guess, self._guess_word):
            artist.set_visible(answer is not None)
        if answer is not None:
            self._guess.set_xdata([answer, answer])
            self._guess_word.set_x(answer)

    def describe(self, result: Verdict, step: int | None = None, measured: Any = None) -> str:
        """Return how many states and schedules there are, and the extremes."""
        full, least = self._full(result), min(result.outcomes)[0]
        many = math.inf if result.schedules == math.inf else result.outcomes.get((full,), 0)
        ends = (
            f"x ends between {least} and {max(result.outcomes)[0]}; {big(many)} of them end with the right {full}"
            if many < result.schedules
            else f"x always ends with {full}"
        )
        return f"All {big(result.schedules)} schedules were tried ({readable(result.states)} different states): {ends}."
