"""The bill: stacked costs of an operation by way, and operations a second against the batch."""

from typing import Any

from matplotlib.collections import PolyCollection

from oslab.base import Series, readable
from oslab.devices.operation_costs import SERVERS, TERMS, OperationCosts, find_costs
from oslab.picture import Marks, View, style

__all__ = ["CostBill"]

SHADES = "#2f363d", "#6b7580", "#4a535c", "#8a929b", "#a9b1b9"  # of the terms: colours stand for ways


class CostBill(View):
    """A bar a way, a hatched piece a term; lines of operations a second, with marks at the batch at hand.

    Bars and lines have the costs that table and code have; open marks are the sums with the costs measured here.
    """

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.225, 0.16, 0.30, 0.62, x="µs of the CPU for an operation", grid="x")
        self.axes.set(ylim=(len(SERVERS) - 0.5, -0.5), yticks=[])
        self._rate = self.add_axes(
            0.65, 0.16, 0.325, 0.62, x="batch, operations", y="million operations a second", grid="both"
        )
        ticks = [1, 4, 16, 64, 256]
        self._rate.set(xscale="log", xlim=(0.9, 300), xticks=ticks, xticklabels=map(str, ticks))
        self._rate.minorticks_off()
        self._pieces = {}
        for k, (term, label) in enumerate(TERMS.items()):
            looks = {
                "facecolors": SHADES[k],
                "edgecolors": "white",
                "hatch": style.ink(k).hatch or None,
                "lw": 0.4,
            }
            self._pieces[term] = self.live(self.axes.add_collection(PolyCollection([], **looks)))
            left = (0.016, 0.19, 0.30, 0.435, 0.585)[k]
            box = [(left, 0.828), (left + 0.022, 0.828), (left + 0.022, 0.868), (left, 0.868)]
            figure.add_artist(PolyCollection([box], **looks)).set_transform(figure.transFigure)
            self.label(figure, left + 0.03, 0.848, label, fontsize=10.5, va="center")
        self._names, self._lines, self._ends = {}, {}, {}
        for k, (way, label) in enumerate(SERVERS.items()):
            ink = style.ink(k)
            looks = {"color": ink.color, "marker": ink.marker}
            self._names[way] = self.label(
                self.axes, 0, k, label, ha="right", va="center", fontsize=10.5, color=ink.text
            )
            self._lines[way] = self.live(self._rate.plot([], [], ls=ink.dash, ms=4.5, lw=1.7, **looks)[0])
            self._ends[way] = self.live(self.axes.plot([], [], ms=6, clip_on=False, **looks)[0])
        self._sums = {way: self.label(self.axes, 0, k, va="center", fontsize=10.5) for k, way in enumerate(SERVERS)}
        self._here = Marks(self, self.axes, rows=True)
        self._here_key = self.label(figure, 0.79, 0.848, fontsize=9.5, va="center")
        self._now = self.live(self._rate.axvline(1, color=style.QUIET, lw=1.2, ls=":"))

    def update(self, result: OperationCosts, step: int | None = None, measured: Any = None) -> None:
        """Draw the bills, and beside them the sums with the costs that were measured here, if any."""
        costs = find_costs(measured)
        here = result.with_costs(costs) if costs else None
        bills, listed = result.bills, list(SERVERS)
        most = max(b.total for made in (result, here) if made for b in made.bills.values())
        most = self.roomy(max(most, 1e-3) * 1.2)
        self.set_limits(self.axes, x=(0, most))
        begins = dict.fromkeys(SERVERS, 0.0)
        for term, pieces in self._pieces.items():
            boxes = []
            for k, way in enumerate(SERVERS):
                if cost := bills[way].terms[term] if way in bills else 0.0:
                    x = begins[way]
                    boxes.append([(x, k - 0.3), (x + cost, k - 0.3), (x + cost, k + 0.3), (x, k + 0.3)])
                    begins[way] += cost
            pieces.set_verts(boxes)
        top = 0.1
        for k, way in enumerate(SERVERS):
            bill = bills.get(way)
            self._names[way].set_x(-most * 0.055)
            self._ends[way].set_data([-most * 0.028], [k])
            end = max(made.bills[way].total for made in (result, here) if made) if bill else 0
            self._sums[way].set_x(end + most * (0.05 if here else 0.02))
            own = f", ○ {readable(here.bills[way].total)}" if here and bill else ""
            self._sums[way].set_text(f"{readable(bill.total)}{own} µs" if bill else "refuses files (EPERM)")
            batches, rates = result.curve(way) if bill else ([], [])
            self._lines[way].set_data(batches, [r / 1e3 for r in rates])
            top = max([top, *(r / 1e3 for r in rates)])
        self.set_limits(self._rate, y=(0, self.roomy(top * 1.02)))
        self._now.set_xdata([result.batch, result.batch])
        sums = [here.bills[way].total for way in bills] if here else []
        self._here.set(
            Series("here", [SERVERS[w] for w in bills], sums, "µs", origin="this machine") if here else None,
            [listed.index(way) for way in bills],
        )
        self._here_key.set_text("○ costs of this machine" if here else "")
        ring = bills["uring"].total
        other = [
            f"{label} {readable(bills[way].total / ring)} times"
            for way, label in (("threads", "threads"), ("level", "epoll"))
            if way in bills and ring
        ]
        self.title = f"{readable(result.ready)} ready together: {', '.join(other)} io_uring's cost"

    def describe(self, result: OperationCosts, step: int | None = None, measured: Any = None) -> str:
        """Return the costs that were put in, where they come from, and those measured here."""
        costs = find_costs(measured)
        own = f"; {_list(costs)} on this machine" if costs else ""
        calls = {way: readable(bill.calls) for way, bill in result.bills.items()}
        return (
            f"Cost of each term, µs, {result.costs_from}: {_list(result.costs)}{own}. System calls an operation: threads 1, "
            + (f"epoll {calls['level']}, " if "level" in calls else "")
            + f"io_uring {calls['uring']}, with SQPOLL 0."
        )


def _list(costs: dict[str, float]) -> str:
    return ", ".join(f"{label} {readable(costs[term])}" for term, label in TERMS.items())
