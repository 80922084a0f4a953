"""A race: operations a second and system calls an operation, measured beside what the named costs allow."""

from __future__ import annotations

from typing import Any

from oslab.base.numbers import readable
from oslab.devices.job_costs import JOBS, expect_race
from oslab.devices.operation_costs import costs_of
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["Race"]

ROWS = 3


class Race(View):
    """A row a way: a diamond for the model, a ring with its range for the machine; left the rate, right the calls."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.20, 0.17, 0.42, 0.62, x="thousand operations a second", grid="x")
        self.axes.set(xscale="log", xlim=(5, 30_000), ylim=(ROWS - 0.5, -0.5), yticks=[])
        self.axes.xaxis.set_major_formatter(lambda x, _: readable(round(x)))
        self._calls = self.add_axes(0.68, 0.17, 0.29, 0.62, x="system calls an operation", grid="x")
        self._calls.set(xlim=(0, 3.4), ylim=(ROWS - 0.5, -0.5), yticks=[])
        self._names = [self.label(self.axes, 4.2, k, ha="right", va="center", fontsize=11) for k in range(ROWS)]
        self._spans = [
            self.live(self.axes.plot([], [], lw=6, alpha=0.35, solid_capstyle="butt")[0]) for _ in range(ROWS)
        ]
        looks = {"ms": 11, "mfc": "white", "mew": 2.2, "zorder": 4}
        self._marks = [self.live(a.plot([], [], "o", **looks)[0]) for a in (self.axes, self._calls)]
        self._model = [
            self.live(a.plot([], [], "D", ms=7, color=style.ink(0).color, zorder=5)[0])
            for a in (self.axes, self._calls)
        ]
        self._values = [self.label(self.axes, 0, 0, va="bottom", ha="center", fontsize=10.5) for _ in range(ROWS)]
        self._counts = [self.label(self._calls, 0, 0, va="bottom", ha="center", fontsize=10.5) for _ in range(ROWS)]
        self.label(
            figure, 0.20, 0.85, "◆ model: the named costs alone", fontsize=10.5, color=style.ink(0).text, va="center"
        )
        self._where = self.label(figure, 0.56, 0.85, fontsize=10.5, color=style.QUIET, va="center")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw an `JobCosts` and what was measured of the same job."""
        model = self.priced(result, measured)
        ways = list(model.calls)
        rate, calls = _found(result, measured)
        for k, word in enumerate(self._names):
            word.set_text(ways[k])
        self._model[0].set_data([1e3 / max(model.micros[w], 1e-3) for w in ways], range(ROWS))
        self._model[1].set_data([model.calls[w] for w in ways], range(ROWS))
        names = rate.x.tolist() if rate is not None else []
        color = style.RECORDED if rate is not None and rate.origin == "recorded" else style.INK
        rows = [k for k, way in enumerate(ways) if way in names]
        for k in range(ROWS):
            for artist in (self._spans[k], self._values[k], self._counts[k]):
                artist.set_visible(k in rows)
            if k in rows:
                at = names.index(ways[k])
                self._spans[k].set_data([rate.low[at], rate.high[at]], [k, k])
                self._spans[k].set_color(color)
                self._values[k].set_position((rate.median[at], k - 0.17))
                self._values[k].set_text(readable(round(rate.median[at])))
                self._counts[k].set_position((min(calls.median[at] + 0.2, 3.1), k - 0.17))
                self._counts[k].set_text(f"{calls.median[at]:.3g}")
        for marks, series in zip(self._marks, (rate, calls)):
            marks.set_data([series.median[names.index(ways[k])] for k in rows] if rows else [], rows)
            marks.set_markeredgecolor(color)
        self._where.set_text("" if rate is None else f"○ {'recorded' if rate.origin == 'recorded' else 'this machine'}")
        first = "not measured yet" if not rows else self._finding(ways, names, rate)
        self.title = f"{JOBS[result.job].capitalize()}, {result.together} together: {first}"

    @staticmethod
    def _finding(ways: list[str], names: list[str], rate: Any) -> str:
        if "io_uring" not in names:
            return "io_uring is refused here"
        lead = rate.median[names.index("io_uring")] / rate.median[names.index(ways[0])]
        return f"io_uring {lead:.3g} × threads"

    @staticmethod
    def priced(result: Any, measured: Any) -> Any:
        """The expectation with the costs that were measured with the race."""
        costs = costs_of([s for s in measured or () if s.label == "one of each"])
        return expect_race(result.job, result.together, costs) if costs else result

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return how far model and machine are apart, and why."""
        model = self.priced(result, measured)
        rate, calls = _found(result, measured)
        if rate is None:
            return f"{model}. Nothing was measured of this job yet."
        gap = max(1e3 / model.micros[way] / rate.median[k] for k, way in enumerate(rate.x.tolist()))
        off = max(abs(model.calls[way] - calls.median[k]) for k, way in enumerate(calls.x.tolist()))
        left_out = {
            "echo": "the network's code and the client",
            "cached": "finding the page, and that threads get several CPUs",
            "direct": "the device, which is what everybody waits for",
        }[result.job]
        lead = model.micros["threads"] / model.micros["io_uring"]
        return (
            f"{rate.where[:1].upper() + rate.where[1:]}, median of {rate.repeats}: the calls are within {off:.2g} of the "
            f"model. By the named costs io_uring would do {lead:.3g} times what threads do; the rate is up to {gap:.3g} "
            f"times below that model, which leaves out {left_out}."
        )


def _found(result: Any, measured: Any) -> tuple[Any, Any]:
    """The two series of the same job, or None twice."""
    mine = [s for s in measured or () if s.label == f"{result.job} {result.together}"]
    return (mine[0], mine[1]) if len(mine) > 1 else (None, None)
