"""Measured shares of busy processes beside what the weight table predicts."""

from typing import Any

import numpy as np

from oslab.base import Series, readable
from oslab.picture import Marks, View, best, call_noisy, origin_key, style
from oslab.scheduling.views.strips import Strip, Strips
from oslab.scheduling.workload import WEIGHTS

__all__ = ["RealShares"]

MOST = 3
SHARE, WAITED, SLICE = "share of one CPU", "waited in the run queue", "se.slice"


class RealShares(View):
    """A bar a process as predicted, open marks with their ranges as measured and as recorded."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.11, 0.19, 0.49, 0.66, x="share of one CPU, %", grid="x", xlim=(0, 100), yticks=[])
        self._bars = Strips(self, self.axes)
        self._marks = Marks(self, self.axes, rows=True, aside=0.18)
        self._names = self.column(self.axes, 0.10, MOST, ha="right", fontweight="bold", fontsize=10.5)
        self._said = self.column(self.axes, 0.625, MOST, fontsize=10.5)
        self._where = self.label(figure, 0.016, 0.035, fontsize=9.5, color=style.QUIET, va="center")
        self._guess_line = self.live(self.axes.axvline(0, color=style.BAD, lw=1.5, ls="--", visible=False))

    def predict(self, answer: float | None) -> None:
        """Mark a predicted share; none for None."""
        self._guess_line.set_xdata([answer or 0, answer or 0])
        self._guess_line.set_visible(answer is not None)

    def update(self, result: tuple[int, ...], step: int | None = None, measured: list[Series] | None = None) -> None:
        """Draw the nice values (`result`) with the shares measured with these values."""
        due, fitting = self.due(result), self.fitting(result, measured)
        self.set_limits(self.axes, y=(len(result) - 0.5, -0.5))
        self._bars.set(Strip(k, 0, d, k, 0.55) for k, d in enumerate(due))
        self._marks.set(fitting.get(SHARE))
        self.say(self._names, [f"nice {nice}" for nice in result], [style.ink(k).text for k in range(len(result))])
        said = [f"model {d:.1f} %" for d in due]
        for label, says in ((SHARE, ", measured {:.1f} %"), (WAITED, "\nwaited {:.0f} ms in total")):
            for series in best(fitting.get(label))[:1]:
                said = [text + says.format(value) for text, value in zip(said, series.median, strict=True)]
        self.say(self._said, said)
        key = origin_key(fitting.get(SHARE))
        self._where.set_text(key or "not measured with these nice values; press “measure here”")
        got = [f"; it got {series.median[0]:.1f} %" for series in best(fitting.get(SHARE))[:1]]
        self.title = f"Nice {result[0]} is due {due[0]:.1f} % of the CPU" + "".join(got)

    @staticmethod
    def due(result: tuple[int, ...]) -> list[float]:
        """Return the shares by the weight table, %."""
        weights = [WEIGHTS[nice + 20] for nice in result]
        return [100 * weight / sum(weights) for weight in weights]

    @staticmethod
    def fitting(result: tuple[int, ...], measured: list[Series] | None) -> dict[str, list[Series]]:
        """Return by label the series that were measured with these nice values, recorded ones first."""
        found: dict[str, list[Series]] = {}
        for series in measured or ():
            if [str(x).split(" (")[0] for x in series.x] == [f"nice {nice}" for nice in result]:
                found.setdefault(series.label, []).append(series)
        return found

    def describe(self, result: tuple[int, ...], step: int | None = None, measured: list[Series] | None = None) -> str:
        """Return due and measured shares, and the slice."""
        due, fitting = self.due(result), self.fitting(result, measured)
        text = "By the weight table: " + ", ".join(f"nice {nice} {d:.1f} %" for nice, d in zip(result, due))
        if not fitting:
            return f"{text}. Not measured with these nice values yet."
        for series in fitting[SHARE]:
            noisy = call_noisy(series, np.ptp(due) or due[0])
            text += f". Measured, {series.where}: {', '.join(f'{m:.1f} %' for m in series.median)}{noisy}"
        slices = [f" The kernel's slice, se.slice, was {readable(s.median[0])} ms." for s in best(fitting.get(SLICE))]
        return f"{text}.{''.join(slices)}"
