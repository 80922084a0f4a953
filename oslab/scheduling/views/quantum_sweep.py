"""Turnaround, response and overhead against the quantum."""

import math
from typing import Any

import numpy as np

from oslab.base import plural, readable
from oslab.picture import View, style
from oslab.scheduling.quantum_sweep import QuantumSweep

__all__ = ["QuantumCurves"]

LABELS = {"turnaround": "mean turnaround", "response": "p95 response", "overhead": "switching"}
LEAST = 0.1  # ms; what is shorter is drawn here


class QuantumCurves(View):
    """Mean turnaround and p95 response above, the share that switches cost below; the chosen quantum marked."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.105, 0.42, 0.705, 0.46, y="ms", grid="both", yscale="log")
        self._low = self.add_axes(0.105, 0.15, 0.705, 0.2, x="quantum, ms", y="switching, %", grid="both")
        self._lines, self._points, self._words = {}, {}, {}
        for axes in (self.axes, self._low):
            axes.set(xscale="log", xlim=(0.24, 270))
            axes.xaxis.set_major_formatter(lambda v, _: readable(v))
            axes.minorticks_off()
            axes.yaxis.set_label_coords(-0.115, 0.5)
        self.axes.yaxis.set_major_formatter(lambda v, _: readable(v))
        self.axes.set_xticklabels([])
        for k, (name, label) in enumerate(LABELS.items()):
            axes, ink = self._low if name == "overhead" else self.axes, style.ink(k)
            self._lines[name] = self.live(axes.plot([], [], color=ink.color, ls=ink.dash, lw=2.2)[0])
            self._points[name] = self.live(
                axes.plot([], [], ink.marker, ms=9, color=ink.color, mec="white", mew=1.2, zorder=5)[0]
            )
            self._words[name] = self.label(axes, 290, 0, label, color=ink.text, va="center", fontsize=10.5)
        self._drops = [self.live(axes.axvline(1, color=style.QUIET, lw=1.2, ls=":")) for axes in (self.axes, self._low)]
        self._mark = self.live(self._low.axvline(1, color=style.BAD, lw=1.5, ls="--", visible=False))
        self._mark_word = self.label(self._low, 1, 0, color="#b24e00", fontsize=10)

    def predict(self, answer: float | None) -> None:
        """Mark a predicted quantum; none for None."""
        place = min(max(float(answer or 0), 0.25), 256.0)
        self._mark.set_xdata([place, place])
        self._mark.set_visible(answer is not None)
        self._mark_word.set_text("" if answer is None else "your prediction")
        self._mark_word.set_x(place * 1.1)

    def update(self, result: QuantumSweep, step: int | None = None, measured: Any = None) -> None:
        """Draw a `QuantumSweep`."""
        curves = {
            "turnaround": np.maximum(result.turnaround, LEAST),
            "response": np.maximum(result.response, LEAST),
            "overhead": 100 * result.overhead,
        }
        above = np.concatenate([curves["turnaround"], curves["response"]])
        low, high = 10.0 ** math.floor(math.log10(above.min())), 10.0 ** math.ceil(math.log10(above.max()))
        most = self.roomy(max(curves["overhead"].max(), 1) * 1.02)
        self.set_limits(self.axes, y=(low, high))
        self.set_limits(self._low, y=(0, most))
        self._mark_word.set_y(0.78 * most)
        chosen = int(np.argmin(np.abs(result.quantum - result.chosen)))
        for name, values in curves.items():
            self._lines[name].set_data(result.quantum, values)
            self._points[name].set_data([result.chosen], [values[chosen]])
        first, second = sorted(("turnaround", "response"), key=lambda name: curves[name][-1])
        ends = [math.log10(curves[name][-1]) for name in (first, second)]
        lack = max(0.0, 0.11 * math.log10(high / low) - (ends[1] - ends[0])) / 2  # two words need so much between them
        self._words[first].set_y(10 ** (ends[0] - lack))
        self._words[second].set_y(10 ** (ends[1] + lack))
        self._words["overhead"].set_y(max(curves["overhead"][-1], 0.1 * most))
        for drop in self._drops:
            drop.set_xdata([result.chosen, result.chosen])
        turnaround, response, overhead = result.at(result.chosen)
        self.title = (
            f"Quantum {readable(result.chosen)} ms: turnaround {readable(turnaround)} ms, "
            f"p95 response {readable(response)} ms, {readable(100 * overhead, 2)} % switching"
        )

    def describe(self, result: QuantumSweep, step: int | None = None, measured: Any = None) -> str:
        """Return the three numbers at the chosen quantum, and the best turnaround."""
        t, r, o = result.at(result.chosen)
        best = int(result.turnaround.argmin())
        cost, chosen = readable(1000 * result.switch_cost), readable(result.chosen)
        return (
            f"{plural(result.tasks, 'request')}, round robin, {cost} µs a switch. With a quantum of {chosen} ms the "
            f"mean turnaround is {readable(t)} ms, the p95 response {readable(r)} ms, and switches take "
            f"{readable(100 * o, 2)} %. The least turnaround is {readable(result.turnaround[best])} ms, with a quantum of "
            f"{readable(result.quantum[best])} ms."
        )
