"""A race: operations a second and system calls an operation, measured beside what the named costs allow."""

from typing import Any

from oslab.base import Series, readable
from oslab.devices.operation_costs import JOBS, JobCosts, expect_race, find_costs
from oslab.picture import TOO_NOISY, Marks, View, style

__all__ = ["Race"]

ROWS = 3
LEFT_OUT = {
    "echo": "the network's code and the client",
    "cached": "the search for the page, and that threads run on several CPUs",
    "direct": "the device, for which all of them wait",
}


class Race(View):
    """A row a way: a diamond for the model, rings with their range for machines; left the rate, right the calls.

    The filled diamond is the model with the recorded costs, as in table and code; an open one has the costs measured here.
    """

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.20, 0.17, 0.42, 0.62, x="thousand operations a second", grid="x")
        self.axes.set(xscale="log", xlim=(5, 30_000), ylim=(ROWS - 0.5, -0.5), yticks=[])
        self.axes.xaxis.set_major_formatter(lambda x, _: readable(x))
        self._calls = self.add_axes(0.68, 0.17, 0.29, 0.62, x="system calls an operation", grid="x")
        self._calls.set(xlim=(0, 3.4), ylim=(ROWS - 0.5, -0.5), yticks=[])
        self._names = [self.label(self.axes, 4.2, k, ha="right", va="center", fontsize=11) for k in range(ROWS)]
        self._marks = [
            Marks(self, axes, marker="o", rows=True, size=11, aside=0.2) for axes in (self.axes, self._calls)
        ]
        blue = style.ink(0)
        looks = {"marker": "D", "ls": "none", "color": blue.color, "zorder": 5}
        self._model = [self.live(axes.plot([], [], ms=7, **looks)[0]) for axes in (self.axes, self._calls)]
        self._priced = self.live(self.axes.plot([], [], ms=8, mfc="none", mew=1.6, **looks)[0])
        self._words = [
            [self.label(axes, 0, 0, va="bottom", ha="center", fontsize=10.5) for _ in range(ROWS)]
            for axes in (self.axes, self._calls)
        ]
        self._key = self.label(figure, 0.20, 0.88, fontsize=10, color=blue.text, va="center")
        self._where = self.label(figure, 0.20, 0.83, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: JobCosts, step: int | None = None, measured: Any = None) -> None:
        """Draw what is expected of a job and what was measured of the same job."""
        ways, rows, found = list(result.calls), range(len(result.calls)), _find(result, measured)
        self.say(self._names, ways)
        self._model[0].set_data([result.bills[w].rate for w in ways], rows)
        self._model[1].set_data([result.bills[w].calls for w in ways], rows)
        here = _with_costs_from_here(result, measured)
        self._priced.set_data([here.bills[w].rate for w in ways] if here else [], rows if here else [])
        own = "   ◇ with those measured here" if here else ""
        self._key.set_text(f"◆ model: only the costs of lab 5, {result.costs_from.split(' on ')[0]}{own}")
        for k, (marks, words) in enumerate(zip(self._marks, self._words)):
            some = [pair[k] for pair in found]
            for origin, (ranges, line) in marks.layers.items():
                if not any(s.origin == origin for s in some):
                    ranges.set_visible(False)
                    line.set_visible(False)
            marks.set(some, [ways.index(w) for w in some[0].x] if some else None)
            best = some[-1] if some else None
            for word in words:
                word.set_visible(False)
            for word, x, way in zip(words, best.median.tolist(), best.x) if best else ():
                word.set_position((min(x + 0.2, 3.1) if k else x, ways.index(way) - 0.17))
                word.set_text(readable(x))
                word.set_visible(True)
        said = {"recorded": "grey: recorded", "this machine": "this machine"}
        self._where.set_text(f"○ {', '.join(said[rate.origin] for rate, _ in reversed(found))}" if found else "")
        self.title = f"{JOBS[result.job].capitalize()}, {result.together} together: {self._finding(ways, found)}"

    @staticmethod
    def _finding(ways: list[str], found: list[tuple[Series, Series]]) -> str:
        if not found:
            return "not measured yet"
        rates = dict(zip(found[-1][0].x.tolist(), found[-1][0].median))
        return (
            f"io_uring {readable(rates['io_uring'] / rates[ways[0]])} times as fast as threads"
            if "io_uring" in rates
            else ("io_uring is refused here")
        )

    def describe(self, result: JobCosts, step: int | None = None, measured: Any = None) -> str:
        """Return how far model and machines are apart, and why."""
        found = _find(result, measured)
        if not found:
            return f"{result}. This job was not measured yet."
        said = ""
        for rate, calls in found:
            model = (rate.origin == "this machine" and _with_costs_from_here(result, measured)) or result
            gap = max(model.bills[way].rate / rate.median[k] for k, way in enumerate(rate.x.tolist()))
            off = max(abs(model.calls[way] - calls.median[k]) for k, way in enumerate(calls.x.tolist()))
            lead = readable(model.micros["threads"] / model.micros["io_uring"])
            fast = "as fast" if lead == "1" else f"{lead} times as fast"
            above = rate.x[rate.is_noisy(most=[model.bills[way].rate for way in rate.x.tolist()])].tolist()
            said += (
                f"{rate.where[:1].upper() + rate.where[1:]}, median of {rate.repeats}: the calls are within {readable(off, 2)} "
                f"of the model. With the costs of that machine io_uring would be {fast} as threads. "
                f"The rates are up to {readable(gap)} times lower than the model's. "
            )
            if rate.is_noisy(effect=rate.median).any():
                said += f"The repeats differ by more than the rate itself, so it is {TOO_NOISY}. "
            if above:
                said += f"Faster than the model ({TOO_NOISY}, or served by several CPUs): {', '.join(above)}. "
        return f"{said}The model leaves out {LEFT_OUT[result.job]}."


def _find(result: JobCosts, measured: Any) -> list[tuple[Series, Series]]:
    """The rates and the calls of the same job, a pair an origin, the recorded one first."""
    mine = [s for s in measured or () if s.label == f"{result.job} {result.together}"]
    return list(zip(mine[::2], mine[1::2]))


def _with_costs_from_here(result: JobCosts, measured: Any) -> JobCosts | None:
    costs = find_costs(measured)
    return expect_race(result.job, result.together, costs) if costs else None
