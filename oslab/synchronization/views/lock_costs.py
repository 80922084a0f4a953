"""What real threads do: updates lost, and what a lock costs, beside the model."""

from __future__ import annotations

from typing import Any

import numpy as np

from oslab.base.numbers import readable
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["LockCosts", "LostUpdates"]

SIGNS = {"o": "○", "s": "□", "^": "△", "D": "◇", "v": "▽", "P": "✚"}  # markers as letters
RANGE = "│ range of the repeats"


class _Marks:
    """A measured series as open marks with its range, a little aside of others; grey where it was recorded."""

    def __init__(self, view: View, axes: Any, k: int, aside: float):
        self._ink, self._aside = style.ink(k), aside
        self._bars = view.live(axes.vlines([], [], [], lw=1.4))
        self._marks = view.live(axes.plot([], [], self._ink.marker, ms=8, mfc="white", mew=1.8)[0])
        self._word = view.label(axes, 0, 0, "", fontsize=10, va="center")

    def set(self, series: Any, x: float, y: float) -> None:
        """Show a series (None: nothing), with its name at a place."""
        for artist in (self._bars, self._marks, self._word):
            artist.set_visible(series is not None)
        if series is None:
            return
        color = self._ink.color if series.origin == "this machine" else style.RECORDED
        at = np.add(series.x, self._aside)
        self._bars.set_segments([[(a, lo), (a, hi)] for a, lo, hi in zip(at, series.low, series.high)])
        self._bars.set_color(color)
        self._marks.set_data(at, series.median)
        self._marks.set_color(color)
        self._word.set(text=f"{SIGNS[self._ink.marker]} {series.label}", position=(x, y))
        self._word.set_color(self._ink.text if series.origin == "this machine" else style.QUIET)


class _Guess:
    """A cross where a number was predicted for 8 threads."""

    def __init__(self, view: View, axes: Any):
        self._cross = view.live(axes.plot([], [], "x", color=style.INK, ms=11, mew=2.4, visible=False)[0])
        self._word = view.label(axes, 7.8, 0, "your prediction", fontsize=10, ha="right", va="center", visible=False)

    def set(self, answer: float | None) -> None:
        for artist in (self._cross, self._word):
            artist.set_visible(answer is not None)
        if answer is not None:
            self._cross.set_data([8], [answer])
            self._word.set_y(answer)


def spread_out(values: list[float], gap: float) -> list[float]:
    """Return places near the values, at least `gap` apart."""
    order, places, low = np.argsort(values, kind="stable"), list(values), -np.inf
    for k in order:
        low = places[k] = max(values[k], low + gap)
    return places


class LostUpdates(View):
    """Updates lost, in percent, against the number of threads."""

    SERIES = 5

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.09, 0.16, 0.55, 0.68, x="threads", y="updates lost, %", grid="y")
        self.axes.set(xlim=(0.5, 8.5), ylim=(-5, 105), xticks=[1, 2, 3, 4, 6, 8])
        self._marks = [_Marks(self, self.axes, k, 0.14 * (k - 2)) for k in range(self.SERIES)]
        self.label(figure, 0.66, 0.065, RANGE, fontsize=10, color=style.QUIET, va="center")
        self._where = self.label(figure, 0.016, 0.865, "", fontsize=10, color=style.QUIET, va="center")
        self._most = self.live(self.axes.plot([], [], color=style.BAD, lw=2)[0])
        self._most_word = self.label(
            self.axes, 8.8, 0, "the most that can be lost", fontsize=10, color="#b24e00", va="center"
        )
        self._guess = _Guess(self, self.axes)

    def predict(self, answer: float | None) -> None:
        """Mark a predicted loss of 8 threads, in percent; none for None."""
        self._guess.set(answer)

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `WorstLoss` and what was measured with as many increments (a dict of series by their number)."""
        self._most.set_data(result.threads, result.percent)
        self._most_word.set_y(result.percent[-1] + 1)
        shown = self._like(result, measured)
        places = spread_out([s.median[-1] for s in shown], 8)
        for k, mark in enumerate(self._marks):
            mark.set(shown[k] if k < len(shown) else None, 8.8, places[k] if k < len(shown) else 0)
        self._where.set_text(shown[0].where if shown else "not measured with so many increments: press measure here")
        self.title = f"{self._each(result)}: 8 threads can lose up to {result.percent[-1]:.7g} %"

    @staticmethod
    def _each(result: Any) -> str:
        return f"{readable(result.times)} increment{'s' * (result.times > 1)} each"

    def _like(self, result: Any, measured: Any) -> list[Any]:
        """What was measured with the model's number of increments."""
        return list((measured or {}).get(result.times, []))[: self.SERIES]

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the largest loss of each program."""
        shown = self._like(result, measured)
        said = f"The most that 8 threads with {self._each(result)} can lose is {result.percent[-1]:.7g} %."
        if not shown:
            return said
        lost = ", ".join(f"{s.label}: {s.median.max():.3g} %" for s in shown)
        return f"{said} Largest median loss ({shown[0].origin}): {lost}."


class LockCosts(View):
    """Speed-up against the number of threads, measured beside Amdahl's curve."""

    SERIES = 3

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.09, 0.16, 0.60, 0.68, x="threads", y="throughput, times one thread", grid="y")
        self.axes.set(xlim=(0.7, 8.3), xticks=range(1, 9), ylim=(0, 9.4), yticks=range(0, 9, 2))
        self._most = self.live(self.axes.plot([], [], ":", color=style.QUIET, lw=1.6)[0])
        self._amdahl = self.live(self.axes.plot([], [], color=style.ink(0).color, lw=2.4)[0])
        self._real = self.live(self.axes.plot([], [], color=style.ink(2).color, lw=2, ls=style.ink(2).dash)[0])
        self._marks = [_Marks(self, self.axes, k, 0.07 * (k - 3)) for k in (1, 3, 5)]
        self._words = [
            self.label(self.axes, 0, 0, "", fontsize=10, color=c, va="center")
            for c in (style.QUIET, style.ink(0).text, style.ink(2).text)
        ]
        self.label(figure, 0.70, 0.065, RANGE, fontsize=10, color=style.QUIET, va="center")
        self._where = self.label(figure, 0.016, 0.865, "", fontsize=10, color=style.QUIET, va="center")
        self._guess = _Guess(self, self.axes)

    def predict(self, answer: float | None) -> None:
        """Mark a predicted speed-up of 8 threads; none for None."""
        self._guess.set(answer)

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw an `Amdahl`, and what was measured with about that share (a dict of series by share)."""
        share, shown = self._nearest(result, measured)
        most = np.minimum(result.threads, result.limit)
        self._most.set_data(result.threads, most)
        self._amdahl.set_data(result.threads, result.speedup)
        self._real.set_data(result.threads, result.on_cpus)
        places = spread_out([most[-1], result.speedup[-1], result.on_cpus[-1], *(s.median[-1] for s in shown)], 0.52)
        few = f"Amdahl, {result.cpus} CPU{'s' * (result.cpus > 1)}"
        for word, y, said in zip(self._words, places, ("upper bound", "Amdahl, a CPU each", few)):
            word.set(text=said, position=(8.45, y))
        for k, mark in enumerate(self._marks):
            mark.set(shown[k] if k < len(shown) else None, 8.45, places[3 + k] if k < len(shown) else 0)
        self._where.set_text(
            f"{shown[0].where}, {share:.0%} under the lock" if shown else "not measured with this share"
        )
        self.title = "Nothing under a lock: as many times as fast as there are CPUs"
        if result.share == 1:
            self.title = "All work under one lock: no faster than one thread"
        elif result.share:
            self.title = f"{result.share:.0%} of the work under one lock: at most {result.limit:.3g} times as fast"

    def _nearest(self, result: Any, measured: Any) -> tuple[float, list[Any]]:
        """The share measured that is nearest to the model's, and its series; none farther away than 0.1."""
        share = min(measured or [0.0], key=lambda s: abs(s - result.share))
        near = bool(measured) and abs(share - result.share) <= 0.1
        return share, list(measured[share])[: self.SERIES] if near else []

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return Amdahl's value for 8 threads, and what was measured."""
        share, shown = self._nearest(result, measured)
        said = (
            f"Amdahl: 8 threads on 8 CPUs get through {result.speedup[-1]:.3g} times the work of one, on "
            f"{result.cpus} CPU{'s' * (result.cpus > 1)} {result.on_cpus[-1]:.3g} times."
        )
        found = ", ".join(f"{s.label} {s.median[-1]:.3g}" for s in shown)
        return (
            f"{said} Measured with 8 threads, {share:.0%} under the lock ({shown[0].origin}): {found}."
            if shown
            else said
        )
