"""The price of a context switch, step by step."""

from typing import Any

from matplotlib.figure import Figure

from oslab.base import duration, readable
from oslab.picture import Marks, Rows, View, best, style
from oslab.processes.switching import SwitchPrice

__all__ = ["SwitchSteps"]

LABELS = (
    "1  save A's registers",
    "2  page-table pointer",
    "3  TLB: flush, then refill",
    "4  restore B's registers",
    "afterwards: caches",
    "until B runs, measured",
)
LEAST, AT_ONCE, LATER = 50, style.ink(0).color, style.ink(1)
REFILLS = (2, 4)
NOT_MEASURED = "“measure here” times ping-pong between two processes, then two threads, on one CPU"


class SwitchSteps(View):
    """A bar for each step on a common time axis; those of the refills are hatched, as they are paid while B runs."""

    stepped = True

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.29, 0.27, 0.68, 0.6, x="ns (logarithmic)", grid="x")
        self.axes.set(xscale="log", xlim=(LEAST, 200_000), ylim=(5.6, -0.6), yticks=[])
        self.axes.xaxis.set_major_formatter(lambda v, _: readable(round(v)))
        self._at_once = Rows(self, self.axes, 6, facecolors=AT_ONCE + "77", edgecolors=AT_ONCE)
        self._later = Rows(self, self.axes, 6, facecolors=LATER.color + "77", edgecolors=LATER.color, hatch=LATER.hatch)
        self._marks = Marks(self, self.axes, rows=True, aside=0.1)
        self._real = self.label(figure, 0.016, 0.055, fontsize=10, va="center")
        key = "blue: before B runs; hatched: misses while B runs"
        self.label(figure, 0.016, 0.125, key, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: SwitchPrice, step: int | None = None, measured: Any = None) -> None:
        """Draw a `SwitchPrice` after `step` steps."""
        ends = [max(cost, LEAST) if k < step else LEAST for k, cost in enumerate(result.costs)]
        said = [readable(round(cost)) if cost else "nothing" for cost in result.costs[:step]]
        now = [LEAST if k in REFILLS else end for k, end in enumerate(ends)]
        later = [end if k in REFILLS else LEAST for k, end in enumerate(ends)]
        self._later.set([""] * 6, later, start=LEAST)
        self._at_once.set(LABELS, now, said, [1.12 * end for end in ends], bold=step - 1, start=LEAST)
        for k, name in enumerate(self._at_once.names):
            name.set_color(style.INK if k < step else style.QUIET)
        self._marks.set(measured, [4.75, 5.2], factor=1e3)
        text = NOT_MEASURED
        if series := best(measured):
            one, two = (duration(m / 1e6) for m in series[0].median)
            when = f"recorded {series[0].date}" if series[0].origin == "recorded" else "here"
            text = f"○ ping-pong on one CPU: {one} between processes (above), {two} between threads (below), {when}"
        self._real.set_text(text)
        self._real.set_color(style.INK if series and series[0].origin != "recorded" else style.QUIET)
        total, refills = duration(result.total / 1e9), duration(result.refills / 1e9)
        self.title = (
            f"{total} in total, of which {refills} for misses after the switch"
            if step == result.steps
            else f"{duration(result.state(step) / 1e9)} after step {step} of {result.steps}"
        )

    def describe(self, result: SwitchPrice, step: int | None = None, measured: Any = None) -> str:
        """Return what the step does."""
        said = result.why(step) if step else "A runs; the timer or a system call has just entered the kernel."
        used = f" B uses {readable(result.working_set)} KiB in its turn." if step < result.steps else ""
        return said + used + (f" Ping-pong: {best(measured)[0].where}." if measured else "")
