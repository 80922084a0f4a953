"""Interrupts a second by source, at rest and with packets, on a logarithmic axis."""

from __future__ import annotations

from typing import Any

from matplotlib.collections import PolyCollection

from oslab.lab import style
from oslab.lab.style import grouped
from oslab.lab.view import View

__all__ = ["InterruptRates"]

MOST, LEAST = 9, 0.5


class InterruptRates(View):
    """Two bars a source: plain at rest, hatched with packets; nothing shorter than half an interrupt a second."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.32, 0.15, 0.60, 0.68, x="a second", grid="x")
        self.axes.set(xscale="log", xlim=(LEAST, 5e6), ylim=(MOST - 0.5, -0.5), yticks=[])
        self.axes.xaxis.set_major_formatter(lambda x, _: f"{x / 1e6:g} M" if x >= 1e6 else f"{x / 1e3:g} "
            f"k" if x >= 1e3 else f"{x:g}")
        self._bars = {"at rest": self.live(self.axes.add_collection(PolyCollection([], lw=0))),
                      "with "
                      "packets": self.live(self.axes.add_collection(PolyCollection([], edgecolors="white", hatch="//", lw=0)))}
        self._names = [self.word(figure, 0.31, 0, ha="right", va="center", fontsize=10) for _ in range(MOST)]
        self._values = [self.word(self.axes, 1, 0, va="center", fontsize=9.5) for _ in range(MOST)]
        self._key = self.word(figure, 0.32, 0.87, fontsize=10, color=style.QUIET, va="center")
        self._box = self.axes.get_position()

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw the first `result` sources of the series ``at rest`` and ``with packets``."""
        rest, count = measured[0], min(int(result), len(measured[0].x))
        busy = measured[1] if len(measured) > 1 else None
        grey = rest.origin == "recorded"
        self.set_limits(self.axes, y=(count - 0.5, -0.5))
        for label, series, shift, color in (("at rest", rest, -0.2, "#b9c0c7" if grey else style.ink(4).color),
                                            ("with packets", busy, 0.2, style.RECORDED if grey else style.ink(0).color)):
            bars = [] if series is None else [self._bar(float(series.median[k]), k + shift) for k in range(count)
                                              if series.median[k] > LEAST]
            self._bars[label].set_verts(bars)
            self._bars[label].set_facecolor(color)
        for k in range(MOST):
            for word in (self._names[k], self._values[k]):
                word.set_visible(k < count)
            if k < count:
                values = [float(s.median[k]) for s in (rest, busy) if s is not None]
                self._names[k].set_text(str(rest.x[k]))
                self._names[k].set_y(self._box.y1 - (k + 0.5) / count * self._box.height)
                self._values[k].set_text(" → ".join(grouped(round(v)) for v in values))
                self._values[k].set_position((max(*values, LEAST) * 1.3, k))
        self._key.set_text(f"plain: at rest   hatched: with packets to oneself   ({rest.origin})")
        top = busy if busy is not None else rest
        best = max(range(len(top.x)), key=lambda k: top.median[k])
        self.title = f"{top.x[best]}: {grouped(round(rest.median[best]))} a second at rest" + (
            f", {grouped(round(busy.median[best]))} with packets" if busy is not None else "")

    @staticmethod
    def _bar(value: float, y: float) -> list[tuple[float, float]]:
        return [(LEAST, y - 0.18), (value, y - 0.18), (value, y + 0.18), (LEAST, y + 0.18)]

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return where the numbers come from."""
        soft = sum(str(name).endswith("(soft)") for name in measured[0].x[:int(result)])
        return (f"{measured[0].where[:1].upper() + measured[0].where[1:]}: {soft} of the "
                f"{min(int(result), len(measured[0].x))} busiest "
                "sources are soft interrupts, work that the kernel does just after an interrupt.")
