"""MLFQ: in which queue each task runs, over time, and how much of the CPU it gets."""

from typing import Any

from oslab.picture import View, style
from oslab.scheduling.policy_history import PolicyHistory
from oslab.scheduling.views.strips import LATER, Strip, Strips, round_up
from oslab.scheduling.workload import say_ms

__all__ = ["QueueRows"]

ROWS, TASKS = 8, 6
SCROLL = 60  # ms: three of them are in sight while it is stepped, all of it in the end


class QueueRows(View):
    """A row a queue, the top one above; each turn in its task's ink; beside it the shares of the CPU so far."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.115, 0.24, 0.555, 0.61, x="time, ms", grid="x", yticks=[])
        self._strips = Strips(self, self.axes)
        self._now = self.live(self.axes.axvline(0, color=style.BAD, lw=1.4, zorder=5))
        self._names = self.column(self.axes, 0.106, ROWS, ha="right", fontsize=10.5)
        self._side = self.add_axes(0.795, 0.24, 0.14, 0.61, xticks=[], yticks=[], xlim=(0, 1))
        self._side.spines[["bottom", "left"]].set_visible(False)
        self._bars = Strips(self, self._side)
        self.label(figure, 0.975, 0.88, "CPU share while all run", fontsize=10, color=style.QUIET, ha="right")
        self._tasks = self.column(self._side, 0.787, TASKS, ha="right", fontsize=10.5, fontweight="bold")
        self._shares = self.column(self._side, 0, TASKS, fontsize=10.5)
        self.guess(0.016, 0.045, "%")

    def update(self, result: PolicyHistory, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Followed` MLFQ schedule as far as decision `step`."""
        schedule = result.schedule
        levels, n, now = schedule.options["levels"], len(schedule.names), result.until(step)
        whole, stepped = round_up(schedule.makespan), step < result.steps
        low = SCROLL * max(0, int(now / SCROLL) - 1) if stepped and whole > 3 * SCROLL else 0
        high = min(whole, low + 3 * SCROLL) if stepped else whole
        self.set_limits(self.axes, x=(low, high), y=(levels - 0.5, -0.5))
        self.set_limits(self._side, y=(n - 0.5, -0.5))
        self._strips.set(
            Strip(task if k < step else LATER, start / 1e6, end / 1e6, result.values[k, task] - 1, 0.7)
            for k, (task, _, start, end) in enumerate(schedule.turns.tolist())
            if end > start
        )
        self._now.set_xdata([now, now])
        self._now.set_visible(step < result.steps)
        self.say(self._names, [f"queue {k + 1}" for k in range(levels)])
        shares = result.shares(step, together=True).tolist()
        self._bars.set(Strip(k, 0, share, k, 0.45) for k, share in enumerate(shares))
        self.say(self._tasks, schedule.names, [style.ink(k).text for k in range(n)])
        self.say(self._shares, [f"{100 * share:.0f} %" for share in shares])
        for word, share in zip(self._shares, shares):
            word.set_x(0.801 + 0.14 * share)
        self.title = f"At {say_ms(now)} ms: {self._say_shares(result, step)}"

    @staticmethod
    def _say_shares(result: PolicyHistory, step: int) -> str:
        shares = zip(result.schedule.names, result.shares(step, together=True))
        return ", ".join(f"{name} {100 * share:.0f} %" for name, share in shares)

    def describe(self, result: PolicyHistory, step: int | None = None, measured: Any = None) -> str:
        """Return the decision's reason, and the shares."""
        if step == 0:
            return "Before the first decision all tasks are in the top queue."
        return f"Decision {step} of {result.steps}. {result.why(step)} CPU shares so far: {self._say_shares(result, step)}."
