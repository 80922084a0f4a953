"""Interrupts a second by source, at rest and with packets, on a logarithmic axis."""

from __future__ import annotations

from typing import Any

from matplotlib.collections import PolyCollection

from oslab.base.numbers import readable
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["InterruptRates"]

MOST, LEAST = 9, 0.5


class InterruptRates(View):
    """Two bars a source: plain at rest, hatched with packets; nothing shorter than half an interrupt a second."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.32, 0.15, 0.60, 0.68, x="a second", grid="x")
        self.axes.set(xscale="log", xlim=(LEAST, 5e6), ylim=(MOST - 0.5, -0.5), yticks=[])
        self.axes.xaxis.set_major_formatter(
            lambda x, _: f"{x / 1e6:g} M" if x >= 1e6 else f"{x / 1e3:g} k" if x >= 1e3 else f"{x:g}"
        )
        self._bars = [
            self.live(self.axes.add_collection(PolyCollection([], **looks, lw=0)))
            for looks in ({}, {"edgecolors": "white", "hatch": "//"})
        ]
        self._names = [self.label(figure, 0.31, 0, ha="right", va="center", fontsize=10) for _ in range(MOST)]
        self._values = [self.label(self.axes, 1, 0, va="center", fontsize=9.5) for _ in range(MOST)]
        self._key = self.label(figure, 0.32, 0.87, fontsize=10, color=style.QUIET, va="center")
        self._box = self.axes.get_position()

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw the busiest sources; `result` says whether with packets too, and how many."""
        names, rates = self._busiest(result, measured)
        count, origin = len(names), measured[0].origin
        colors = ("#b9c0c7", style.RECORDED) if origin == "recorded" else (style.ink(4).color, style.ink(0).color)
        self.set_limits(self.axes, y=(count - 0.5, -0.5))
        for k, (bars, color) in enumerate(zip(self._bars, colors)):
            shift = 0.4 * k - 0.2 * (len(rates) - 1)
            bars.set_verts(
                [self._bar(v, at + shift) for at, v in enumerate(rates[k]) if v > LEAST] if k < len(rates) else []
            )
            bars.set_facecolor(color)
        for k in range(MOST):
            for word in (self._names[k], self._values[k]):
                word.set_visible(k < count)
            if k < count:
                values = [some[k] for some in rates]
                self._names[k].set_text(names[k])
                self._names[k].set_y(self._box.y1 - (k + 0.5) / count * self._box.height)
                self._values[k].set_text(" → ".join(readable(round(v)) for v in values))
                self._values[k].set_position((max(*values, LEAST) * 1.3, k))
        self._key.set_text(f"plain: at rest{'   hatched: with packets to oneself' * (len(rates) > 1)}   ({origin})")
        self.title = f"{names[0]}: {readable(round(rates[0][0]))} a second at rest" + (
            f", {readable(round(rates[1][0]))} with packets" if len(rates) > 1 else ""
        )

    @staticmethod
    def _busiest(result: Any, measured: Any) -> tuple[list[str], list[list[float]]]:
        """The sources' names and their rates, a list for each of the series that are shown, the last of which sorts them."""
        packets, count = result
        shown = measured[: 2 if packets else 1]
        order = sorted(range(len(shown[0].x)), key=lambda k: -shown[-1].median[k])[:count]
        return [str(shown[0].x[k]) for k in order], [[float(s.median[k]) for k in order] for s in shown]

    @staticmethod
    def _bar(value: float, y: float) -> list[tuple[float, float]]:
        return [(LEAST, y - 0.18), (value, y - 0.18), (value, y + 0.18), (LEAST, y + 0.18)]

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return where the numbers come from."""
        names, _ = self._busiest(result, measured)
        soft = sum(name.endswith("(soft)") for name in names)
        return (
            f"{measured[0].where[:1].upper() + measured[0].where[1:]}: {soft} of the {len(names)} busiest sources are soft "
            "interrupts, work that the kernel does just after an interrupt."
        )
