"""Turnaround, response and overhead against the quantum."""

from __future__ import annotations

from typing import Any

from oslab.lab import style
from oslab.lab.view import View

__all__ = ["QuantumCurves"]

BLUE, ORANGE, GREEN = style.ink(0), style.ink(1), style.ink(2)


class QuantumCurves(View):
    """Mean turnaround and p95 response on the left axis, the share that switches cost below; the chosen quantum marked."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.09, 0.42, 0.72, 0.46, y="ms", grid="both")
        self._low = self.add_axes(0.09, 0.15, 0.72, 0.2, x="quantum, ms", y="lost, %", grid="both")
        for axes in (self.axes, self._low):
            axes.set(xscale="log", xlim=(0.24, 270))
            axes.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
            axes.minorticks_off()
        self.axes.set_xticklabels([])
        self._lines, self._points, self._words = {}, {}, {}
        for name, axes, ink, label in (
            ("turnaround", self.axes, BLUE, "mean turnaround"),
            ("response", self.axes, ORANGE, "p95 response"),
            ("overhead", self._low, GREEN, "switching"),
        ):
            self._lines[name] = self.live(axes.plot([], [], color=ink.color, ls=ink.dash, lw=2.2)[0])
            self._points[name] = self.live(
                axes.plot([], [], ink.marker, ms=9, color=ink.color, mec="white", mew=1.2, zorder=5)[0]
            )
            self._words[name] = (label, self.word(axes, 290, 0, color=ink.text, va="center", fontsize=10.5))
        self._drops = [self.live(axes.axvline(1, color=style.QUIET, lw=1.2, ls=":")) for axes in (self.axes, self._low)]
        self._guess = self.live(self._low.axvline(1, color=style.BAD, lw=1.5, ls="--", visible=False))
        self._guess_word = self.word(self._low, 1, 0, "your prediction", color="#b24e00", fontsize=10, visible=False)

    def predict(self, answer: float) -> None:
        """Mark a predicted quantum."""
        place = min(max(float(answer), 0.25), 256.0)
        self._guess.set_xdata([place, place])
        self._guess.set_visible(True)
        self._guess_word.set_visible(True)
        self._guess_word.set_x(place * 1.1)

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `QuantumSweep`."""
        top = self.roomy(max(result.turnaround.max(), result.response.max()) * 1.02)
        self.set_limits(self.axes, y=(0, top))
        self.set_limits(self._low, y=(0, self.roomy(max(100 * result.overhead.max(), 1) * 1.02)))
        self._guess_word.set_y(self._low.get_ylim()[1] * 0.78)
        values = dict(zip(("turnaround", "response", "overhead"), result.at(result.chosen)))
        ends = {"turnaround": result.turnaround[-1], "response": result.response[-1], "overhead": 100 * result.overhead[-1]}
        if abs(ends["turnaround"] - ends["response"]) < top * 0.1:
            up = ends["turnaround"] >= ends["response"]
            middle = (ends["turnaround"] + ends["response"]) / 2
            ends.update(
                turnaround=middle + (0.055 if up else -0.055) * top, response=middle - (0.055 if up else -0.055) * top
            )
        for name, line in self._lines.items():
            factor = 100 if name == "overhead" else 1
            line.set_data(result.quantum, factor * getattr(result, name))
            self._points[name].set_data([result.chosen], [factor * values[name]])
            label, word = self._words[name]
            word.set_text(label)
            word.set_y(max(ends[name], self._low.get_ylim()[1] * 0.1 if name == "overhead" else top * 0.04))
        for drop in self._drops:
            drop.set_xdata([result.chosen, result.chosen])
        self.title = (
            f"quantum {result.chosen:.3g} ms: turnaround {values['turnaround']:.3g} ms, "
            f"p95 response {values['response']:.3g} ms, "
            f"{100 * values['overhead']:.2g} % lost"
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the three numbers at the chosen quantum, and the best turnaround."""
        t, r, o = result.at(result.chosen)
        best = int(result.turnaround.argmin())
        return (
            f"{result.tasks} requests, round robin, {1000 * result.switch_cost:.3g} µs a switch. At {result.chosen:.3g} ms "
            "mean turnaround is "
            f"{t:.3g} ms, 95 % are answered first within {r:.3g} ms, switches take {100 * o:.2g} %. Of all quanta "
            f"{result.quantum[best]:.3g} ms gives the least turnaround, {result.turnaround[best]:.3g} ms."
        )
