"""The bill: stacked costs of an operation by way, and operations a second against the batch."""

from __future__ import annotations

from typing import Any

from matplotlib.collections import PolyCollection

from oslab.devices.operation_costs import SERVERS, TERMS, costs_of
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["CostBill"]


class CostBill(View):
    """A bar a way, a hatched piece a term; lines of operations a second, with marks at the batch at hand."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.225, 0.16, 0.30, 0.62, x="µs of the CPU for an operation", grid="x")
        self.axes.set(ylim=(len(SERVERS) - 0.5, -0.5), yticks=[])
        self._rate = self.add_axes(
            0.65, 0.16, 0.325, 0.62, x="batch, operations", y="million operations a second", grid="both"
        )
        self._rate.set(
            xscale="log", xlim=(0.9, 300), xticks=[1, 4, 16, 64, 256], xticklabels=["1", "4", "16", "64", "256"]
        )
        self._rate.minorticks_off()
        self._pieces = {}
        for k, (term, label) in enumerate(TERMS.items()):
            ink = style.ink(k)
            self._pieces[term] = self.live(
                self.axes.add_collection(
                    PolyCollection([], facecolors=ink.color, edgecolors="white", hatch=ink.hatch or None, lw=0.4)
                )
            )
            left = (0.016, 0.19, 0.30, 0.435, 0.585)[k]
            key = figure.add_artist(
                PolyCollection(
                    [[(left, 0.828), (left + 0.022, 0.828), (left + 0.022, 0.868), (left, 0.868)]],
                    facecolors=ink.color,
                    edgecolors="white",
                    hatch=ink.hatch or None,
                    lw=0.4,
                )
            )
            key.set_transform(figure.transFigure)
            self.label(figure, left + 0.03, 0.848, label, fontsize=10.5, va="center")
        self._names, self._lines = {}, {}
        for k, (way, label) in enumerate(SERVERS.items()):
            ink = style.ink(k)
            self._names[way] = self.label(
                self.axes, 0, k, label, ha="right", va="center", fontsize=10.5, color=ink.text
            )
            self._lines[way] = self.live(
                self._rate.plot([], [], color=ink.color, ls=ink.dash, marker=ink.marker, ms=4.5, lw=1.7)[0]
            )
        self._sums = {way: self.label(self.axes, 0, k, va="center", fontsize=10.5) for k, way in enumerate(SERVERS)}
        self._ends = {
            way: self.live(
                self.axes.plot([], [], marker=style.ink(k).marker, color=style.ink(k).color, ms=6, clip_on=False)[0]
            )
            for k, way in enumerate(SERVERS)
        }
        self._now = self.live(self._rate.axvline(1, color=style.QUIET, lw=1.2, ls=":"))

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw `OperationCosts`, with the costs that were measured, if any."""
        made = self.priced(result, measured)
        most = self.roomy(max(bill.total for bill in made.bills.values()) * 1.2)
        self.set_limits(self.axes, x=(0, most))
        begins = dict.fromkeys(SERVERS, 0.0)
        for term, pieces in self._pieces.items():
            boxes = []
            for k, way in enumerate(SERVERS):
                cost = made.bills[way].terms[term] if way in made.bills else 0.0
                if cost:
                    x = begins[way]
                    boxes.append([(x, k - 0.3), (x + cost, k - 0.3), (x + cost, k + 0.3), (x, k + 0.3)])
                    begins[way] += cost
            pieces.set_verts(boxes)
        top = 0.1
        for k, way in enumerate(SERVERS):
            bill = made.bills.get(way)
            self._names[way].set_x(-most * 0.055)
            self._ends[way].set_data([-most * 0.028], [k])
            self._sums[way].set_x((bill.total if bill else 0) + most * 0.02)
            self._sums[way].set_text(f"{bill.total:.3g} µs" if bill else "refuses files (EPERM)")
            batches, rates = made.curve(way) if bill else ([], [])
            self._lines[way].set_data(batches, [r / 1e3 for r in rates])
            top = max([top, *(r / 1e3 for r in rates)])
        self.set_limits(self._rate, y=(0, self.roomy(top * 1.02)))
        self._now.set_xdata([made.batch, made.batch])
        ring = made.bills["uring"].total
        other = [
            f"{label} {made.bills[way].total / ring:.3g} times"
            for way, label in (("threads", "threads"), ("level", "epoll"))
            if way in made.bills and ring
        ]
        self.title = f"{made.ready} ready together: {', '.join(other)} io_uring's cost"

    @staticmethod
    def priced(result: Any, measured: Any) -> Any:
        """The result with measured costs, where there are some."""
        costs = costs_of(measured)
        return result if costs is None else result.with_costs(costs)

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the costs that were put in, and where they come from."""
        made = self.priced(result, measured)
        said = ", ".join(f"{label} {made.costs[term]:.3g}" for term, label in TERMS.items())
        where = f"costs {measured[0].where}" if measured else "costs for scale"
        calls = made.bills["level"].calls if "level" in made.bills else None
        return (
            f"Costs of one each, µs ({where}): {said}. System calls an operation: threads 1, "
            + (f"epoll {calls:.3g}, " if calls else "")
            + f"io_uring {made.bills['uring'].calls:.3g}, with SQPOLL 0."
        )
