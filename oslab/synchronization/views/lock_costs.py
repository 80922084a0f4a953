"""What real threads do: updates lost, and what a lock costs, beside the model."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oslab.base import Series, plural, readable
from oslab.picture import View, style
from oslab.picture.parts import SIGNS, Marks, Names, best, call_noisy, text_color_of
from oslab.synchronization.counter import WorstLoss
from oslab.synchronization.speedup import Amdahl, amdahl

__all__ = ["LockCosts", "LostUpdates"]

NEAR = 0.1  # how far a measured share may lie from the model's


class _ThreadsView(View):
    """Models and measurements over the number of threads, each named at its right; a prediction for 8 threads."""

    def __init__(self, figure: Figure, wide: float, y: str, lines: int, inks: tuple[int, ...]):
        super().__init__(figure)
        self.axes = self.add_axes(0.09, 0.16, wide, 0.68, x="threads", y=y, grid="y")
        self._inks, gap = [style.ink(k) for k in inks], 0.14 if len(inks) > 3 else 0.1
        asides = [gap * (k - (len(inks) - 1) / 2) for k in range(len(inks))]
        self._marks = [
            (Marks(self, self.axes, i, size=8, spread=1.4, aside=0.06), a) for i, a in zip(self._inks, asides)
        ]
        self._names = Names(self, self.axes, 8.6, lines + len(inks), fontsize=10)
        self._key = self.label(figure, 0.1 + wide, 0.065, fontsize=10, color=style.QUIET, va="center")
        self._where = self.label(figure, 0.016, 0.865, fontsize=10, color=style.QUIET, va="center")
        self._cross = self.live(self.axes.plot([], [], "x", color=style.INK, ms=11, mew=2.4)[0])
        self._said = self.label(self.axes, 7.8, 0, fontsize=10, ha="right", va="center")

    def predict(self, answer: float | None) -> None:
        """Mark what was predicted for 8 threads; nothing for None."""
        self._cross.set_data(*([], []) if answer is None else ([8], [answer]))
        self._said.set(text="" if answer is None else "your prediction", position=(7.8, answer or 0))

    def show(self, lines: list[tuple[str, float, str]], measured: list[Series], where: str) -> None:
        """Draw the measured series, and name them and the lines (name, height, colour)."""
        labels = list(dict.fromkeys(s.label for s in measured))[: len(self._marks)]
        words = list(lines)
        for k, (marks, aside) in enumerate(self._marks):
            mine = [s for s in measured if s.label == labels[k]] if k < len(labels) else []
            marks.set(mine, mine[0].x + aside if mine else None)
            if mine:
                last, ink = best(mine)[-1], self._inks[k]
                words.append((f"{SIGNS[ink.marker]} {last.label}", last.median[-1], text_color_of(last, ink)))
        texts, places, colors = zip(*words)
        self._names.set(places, texts, colors)
        self._where.set_text(where)
        self._key.set_text("│ range of the repeats" if measured else "")

    @staticmethod
    def places(measured: list[Series]) -> str:
        """Where the series come from, each origin once."""
        return "; ".join(dict.fromkeys(s.where for s in measured))


class LostUpdates(_ThreadsView):
    """Updates lost, in percent, against the number of threads."""

    def __init__(self, figure: Figure):
        super().__init__(figure, 0.55, "updates lost, %", 1, (0, 1, 2, 3, 4))
        self.axes.set(xlim=(0.5, 8.5), ylim=(-5, 105), xticks=[1, 2, 3, 4, 6, 8])
        self._most = self.live(self.axes.plot([], [], color=style.BAD, lw=2)[0])

    def update(self, result: WorstLoss, step: int | None = None, measured: Any = None) -> None:
        """Draw a `WorstLoss` and what was measured with as many increments (a dict of series by their number)."""
        self._most.set_data(result.threads, result.percent)
        shown = list((measured or {}).get(result.times, ()))
        where = self.places(shown) or "not measured with this number of increments: press measure here"
        self.show([("largest possible loss", result.percent[-1], "#b24e00")], shown, where)
        self.title = f"{self._each(result)}: 8 threads can lose up to {readable(result.percent[-1], 7)} %"

    @staticmethod
    def _each(result: WorstLoss) -> str:
        return f"{plural(result.times, 'increment')} each"

    def describe(self, result: WorstLoss, step: int | None = None, measured: Any = None) -> str:
        """Return the largest loss of each program."""
        shown = best((measured or {}).get(result.times, ()))
        said = f"8 threads with {self._each(result)} can lose at most {readable(result.percent[-1], 7)} %."
        if not shown:
            return said
        lost = ", ".join(f"{s.label}: {readable(s.median.max())} %" for s in shown)
        return f"{said} Real threads lost at most, {shown[0].place}: {lost}."


class LockCosts(_ThreadsView):
    """Speed-up against the number of threads, measured beside Amdahl's curve."""

    def __init__(self, figure: Figure):
        super().__init__(figure, 0.60, "throughput relative to one thread", 3, (1, 3, 5))
        self.axes.set(xlim=(0.7, 8.3), xticks=range(1, 9), ylim=(0, 9.4), yticks=range(0, 9, 2))
        blue, green = style.ink(0), style.ink(2)
        self._most = self.live(self.axes.plot([], [], ":", color=style.QUIET, lw=1.6)[0])
        self._amdahl = self.live(self.axes.plot([], [], color=blue.color, lw=2.4)[0])
        self._real = self.live(self.axes.plot([], [], color=green.color, lw=2, ls=green.dash)[0])

    def update(self, result: Amdahl, step: int | None = None, measured: Any = None) -> None:
        """Draw an `Amdahl`, and what was measured with about that share (a dict of series by share)."""
        share, shown = self._find_nearest(result, measured)
        curves = result.bound, result.speedup, result.on_cpus
        for line, values in zip((self._most, self._amdahl, self._real), curves):
            line.set_data(result.threads, values)
        names = "upper bound, one lock", "Amdahl, a CPU each", f"Amdahl, {plural(result.cpus, 'CPU')}"
        colors = style.QUIET, style.ink(0).text, style.ink(2).text
        where = f"{self.places(shown)}, {100 * share:.0f} % under the lock" if shown else "not measured with this share"
        self.show([(n, values[-1], c) for n, values, c in zip(names, curves, colors)], shown, where)
        self.title = "Nothing under a lock: the speedup is the number of CPUs"
        if result.share == 1:
            self.title = "All work under one lock: no faster than one thread"
        elif result.share:
            self.title = (
                f"{100 * result.share:.0f} % of the work under one lock: at most {readable(result.limit)} times as fast"
            )

    @staticmethod
    def _find_nearest(result: Amdahl, measured: Mapping[float, list[Series]] | None) -> tuple[float, list[Series]]:
        """The share measured that is nearest to the model's, and its series; none that is farther away than 0.1."""
        share = min(measured or [-1.0], key=lambda s: abs(s - result.share))
        return share, list(measured[share]) if measured and abs(share - result.share) <= NEAR + 1e-9 else []

    def describe(self, result: Amdahl, step: int | None = None, measured: Any = None) -> str:
        """Return Amdahl's value for 8 threads, and what was measured."""
        share, series = self._find_nearest(result, measured)
        shown = best(series)
        all_cpus, few = readable(result.speedup[-1]), readable(result.on_cpus[-1])
        said = (
            f"Amdahl's law: 8 threads are {all_cpus} times as fast as one on 8 CPUs, and {few} times as fast on "
            f"{plural(result.cpus, 'CPU')}."
        )
        found = ", ".join(f"{s.label} {readable(s.median[-1])}" for s in shown)
        if not shown:
            return said
        limit = amdahl(share, result.cpus).limit
        noisy = [call_noisy(s, s.median, np.minimum(s.x, limit) if s.label == "one lock" else s.x) for s in shown]
        return f"{said} Measured with 8 threads, {100 * share:.0f} % under the lock ({shown[0].origin}): {found}{max(noisy)}."
