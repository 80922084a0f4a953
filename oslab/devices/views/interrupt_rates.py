"""Interrupts a second by source, at rest and with packets, on a logarithmic axis."""

from typing import Any

from matplotlib.collections import PolyCollection

from oslab.base import Series, readable
from oslab.picture import Marks, View, best, style

__all__ = ["InterruptRates"]

MOST, LEAST = 9, 0.5
COLORS = {"recorded": ("#b9c0c7", style.RECORDED), "this machine": (style.ink(4).color, style.ink(0).color)}


def _label(value: float, _: Any = None) -> str:
    return (
        f"{readable(value / 1e6)} M"
        if value >= 1e6
        else f"{readable(value / 1e3)} k"
        if value >= 1e3
        else readable(value)
    )


class InterruptRates(View):
    """Two bars a source: plain at rest, hatched with packets; nothing shorter than half an interrupt a second.

    Bars are this machine's once it was measured; grey marks then say what was recorded of the same sources.
    """

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.32, 0.15, 0.60, 0.68, x="interrupts a second", grid="x")
        self.axes.set(xscale="log", xlim=(LEAST, 5e6), ylim=(MOST - 0.5, -0.5), yticks=[])
        self.axes.xaxis.set_major_formatter(_label)
        self._bars = [
            self.live(self.axes.add_collection(PolyCollection([], **looks, lw=0)))
            for looks in ({}, {"edgecolors": "white", "hatch": "//"})
        ]
        self._marks = [Marks(self, self.axes, marker=marker, rows=True, size=6) for marker in "os"]
        self._names = self.column(self.axes, 0.31, MOST, ha="right", fontsize=10)
        self._values = [self.label(self.axes, 1, 0, va="center", fontsize=9.5) for _ in range(MOST)]
        self._key = self.label(figure, 0.32, 0.87, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: tuple[bool, int], step: int | None = None, measured: Any = None) -> None:
        """Draw the busiest sources; `result` says whether with packets too, and how many."""
        names, rates = self._find_busiest(result, measured)
        count, shown = len(names), best(measured)
        self.set_limits(self.axes, y=(count - 0.5, -0.5))
        beside = [s for s in measured if s.origin != shown[0].origin][: len(rates)]
        recorded: dict[str, list[float]] = {}
        for k, (bars, color) in enumerate(zip(self._bars, COLORS[shown[0].origin])):
            rows = [at + 0.4 * k - 0.2 * (len(rates) - 1) for at in range(count)]
            bars.set_verts([self._bar(v, y) for v, y in zip(rates[k], rows) if v > LEAST] if k < len(rates) else [])
            bars.set_facecolor(color)
            known = dict(zip(beside[k].x.tolist(), beside[k].median)) if k < len(beside) else {}
            same = [(known[name], y) for name, y in zip(names, rows) if known.get(name, 0) > LEAST]
            for name in known:
                recorded.setdefault(name, []).append(known[name])
            values, places = zip(*same) if same else ((), ())
            self._marks[k].set(Series("", places, values, "a second", origin="recorded"), places)
        self.say(self._names, names)
        for k, value in enumerate(self._values):
            value.set_visible(k < count)
            if k < count:
                values = [some[k] for some in rates]
                value.set_text(" → ".join(readable(round(v)) for v in values))
                value.set_position((max(*values, LEAST, *recorded.get(names[k], ())) * 1.4, k))
        grey = "   ○ recorded" if beside else ""
        packets = "   hatched: while it sends packets to itself" * (len(rates) > 1)
        self._key.set_text(f"plain: at rest{packets}   ({shown[0].origin}){grey}")
        self.title = f"{names[0]}: {readable(round(rates[0][0]))} a second at rest" + (
            f", {readable(round(rates[1][0]))} with packets" if len(rates) > 1 else ""
        )

    @staticmethod
    def _find_busiest(result: tuple[bool, int], measured: Any) -> tuple[list[str], list[list[float]]]:
        """The sources' names and their rates, a list for each of the series that are shown, the last of which sorts them."""
        packets, count = result
        shown = best(measured)[: 2 if packets else 1]
        order = sorted(range(len(shown[0].x)), key=lambda k: -shown[-1].median[k])[:count]
        return [str(shown[0].x[k]) for k in order], [[float(s.median[k]) for k in order] for s in shown]

    @staticmethod
    def _bar(value: float, y: float) -> list[tuple[float, float]]:
        return [(LEAST, y - 0.18), (value, y - 0.18), (value, y + 0.18), (LEAST, y + 0.18)]

    def describe(self, result: tuple[bool, int], step: int | None = None, measured: Any = None) -> str:
        """Return where the numbers come from."""
        names, _ = self._find_busiest(result, measured)
        soft, where = sum(name.endswith("(soft)") for name in names), best(measured)[0].where
        return (
            f"{where[:1].upper() + where[1:]}: {soft} of the {len(names)} busiest sources are soft "
            "interrupts, work that the kernel does just after an interrupt."
        )
