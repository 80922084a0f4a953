"""A schedule decision by decision: every task's vruntime or queue, and its share of the CPU so far."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Instance, Result, checked, columns, shown
from oslab.scheduling.schedule import Schedule
from oslab.scheduling.workload import in_ms

__all__ = ["PolicyHistory", "follow"]

MOST, MOST_VALUES = 20_000, 5_000_000


@dataclass(frozen=True, eq=False)
class PolicyHistory(Result):
    """A schedule with every task's vruntime, or queue, at every decision; n tasks, k decisions.

    Attributes
    ----------
    schedule : Schedule
        What is followed.
    time : ndarray of float64, shape (k,)
        When each decision was made, ms.
    values : ndarray of float64, shape (k, n)
        `name` of each task right after each decision, NaN before it came and once it is done.
    name : str
        ``"vruntime"`` (ms) or ``"queue"`` (1 is the top).
    """

    schedule: Schedule
    time: np.ndarray
    values: np.ndarray
    name: str

    @property
    def steps(self) -> int:
        """Number of decisions."""
        return len(self.time)

    def why(self, step: int) -> str:
        """Return the reason of a decision."""
        return self.schedule.why(step)

    def shares(self, step: int, together: bool = False) -> np.ndarray:
        """Return each task's share of the CPU time given out until a decision; float64, shape (n,).

        With `together` only the time counts in which all tasks are there and none is done; before it, all time.
        """
        given, until, since = np.zeros(len(self.schedule.names)), self.until(step), 0.0
        if together and until > self.schedule.workload.arrival.max():
            since, until = (
                float(self.schedule.workload.arrival.max()),
                min(until, float(self.schedule.completion.min())),
            )
        s = self.schedule.slices
        np.add.at(given, s.task, np.maximum(0.0, np.minimum(s.end, until) - np.maximum(s.start, since)))
        return given / max(given.sum(), 1e-12)

    def until(self, step: int) -> float:
        """Return when the decision after `step` is made, ms: how far the picture goes."""
        return float(self.time[step]) if step < self.steps else self.schedule.makespan

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a decision: its time, and what was known of every task."""
        unit = ", ms" if self.name == "vruntime" else ""
        known = {
            f"{self.name} of {name}{unit}": ["not there yet" if value != value else value for value in of.tolist()]
            for name, of in zip(self.schedule.names, self.values.T, strict=True)
        }
        return columns({"decision": range(1, self.steps + 1), "time, ms": self.time, **known})

    def __str__(self) -> str:
        return f"{self.schedule}, followed by {self.name}"


@checked(schedule=Instance(Schedule))
def follow(schedule: Schedule) -> PolicyHistory:
    """Run a schedule of `cfs`, `eevdf` or `mlfq` again, and note its tasks' vruntime, or queue, at each decision.

    Raises
    ------
    ValueError
        Another policy, more than 20 000 decisions, or more than 5 million numbers to be noted.
    """
    columns = {
        "cfs": lambda own: in_ms(own.v),
        "eevdf": lambda own: in_ms(own.tasks[:, 0]),
        "mlfq": lambda own: own.level + 1.0,
    }
    if schedule.policy not in columns:
        raise ValueError(
            f"schedule: {shown(schedule.label)} has neither vruntimes nor queues; allowed are cfs, eevdf and mlfq"
        )
    n = len(schedule.names)
    if schedule.steps > MOST or schedule.steps * n > MOST_VALUES:
        raise ValueError(
            f"schedule: {schedule.steps} decisions, {n} tasks; allowed are {MOST} and {MOST_VALUES} in all"
        )
    run, rows = schedule.run.again(), []
    for k in range(schedule.steps):
        run.advance(k + 1 - run.made)
        rows.append(np.array(columns[schedule.policy](run.state.own), np.float64))
    time, values = schedule.decided, np.array(rows)
    values[time[:, None] < schedule.workload.arrival[None, :]] = np.nan
    values[time[:, None] >= schedule.completion[None, :]] = np.nan
    return PolicyHistory(schedule, time, values, "queue" if schedule.policy == "mlfq" else "vruntime")
