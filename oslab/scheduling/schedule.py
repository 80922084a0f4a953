"""What a run of a scheduler gives: who ran where and when, each task's times, every decision with its reason."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oslab.base.result import Stepped
from oslab.scheduling.engine import BLOCKED, CAUSES, DONE, EXPIRED, PREEMPTED, TASK
from oslab.scheduling.policies.base import Decision, Queue
from oslab.scheduling.workload import MS, Workload, in_ms

__all__ = ["Change", "Schedule", "SchedulePair", "Slices", "Snapshot", "jain"]

WAITS = {BLOCKED: "I/O"}


class Slices(NamedTuple):
    """Who ran where and when, in the order of the decisions; a row a turn that was used.

    Attributes
    ----------
    task, cpu : ndarray of int64, shape (k,)
    start, end : ndarray of float64, shape (k,)
        ms.
    """

    task: np.ndarray
    cpu: np.ndarray
    start: np.ndarray
    end: np.ndarray


class Change(NamedTuple):
    """A task goes from one state to another.

    Attributes
    ----------
    time : float
        ms.
    task : int
    before, after : str
        ``"new"``, ``"ready"``, ``"running"``, ``"waiting"``, ``"done"``.
    cause : str
        ``"arrival"``, ``"picked"``, ``"quantum over"``, ``"preempted"``, ``"I/O"``, ``"I/O done"``, ``"done"``; with
        locks also ``"lock m"``, ``"lock m free"``.
    cpu : int
        -1 where none is left or entered.
    """

    time: float
    task: int
    before: str
    after: str
    cause: str
    cpu: int


@dataclass(frozen=True)
class Snapshot:
    """The state right after a decision.

    Attributes
    ----------
    step : int
        0 is before anything.
    time : float
        ms.
    running : tuple of int
        Each CPU's task, -1 for none.
    ready : tuple of int
        The next one to run first.
    waiting, finished : tuple of int
        In I/O; done.
    values : dict of str to dict of int to float
        What the policy knows of tasks, by name.
    numbers : dict of str to float
        What it knows of the whole.
    """

    step: int
    time: float
    running: tuple[int, ...]
    ready: tuple[int, ...]
    waiting: tuple[int, ...]
    finished: tuple[int, ...]
    values: dict[str, dict[int, float]]
    numbers: dict[str, float]


def jain(values: np.ndarray) -> float:
    """Return Jain's fairness index: 1 if all are equal, 1/n if one has everything."""
    values = np.asarray(values, np.float64)
    return float(values.sum() ** 2 / (len(values) * (values**2).sum()))


@dataclass(frozen=True, eq=False, repr=False)
class Schedule(Stepped):
    """The run of one policy over one workload; times in ms.

    Attributes
    ----------
    workload : Workload
    policy, label : str
        Its key and its name on screen.
    options : dict
        The policy's own, complete.
    cpus : int
    switch_cost : float
        ms.
    tie : str
    turns : ndarray of int64, shape (k, 4)
        Every decision, in order: task, CPU, start and end of the turn, ns.  A turn that was taken back during its
        switch has no length.
    marks : ndarray of uint8, shape (k, 2)
        Why the turn ended (an index into `engine.CAUSES`), and whether the CPU switched to it.
    """

    workload: Workload
    policy: str
    label: str
    options: Mapping[str, Any]
    cpus: int
    switch_cost: float
    tie: str
    turns: np.ndarray
    marks: np.ndarray
    run: Any = None

    @property
    def names(self) -> tuple[str, ...]:
        """Of the tasks."""
        return self.workload.names

    @property
    def steps(self) -> int:
        """Number of decisions."""
        return len(self.turns)

    @functools.cached_property
    def slices(self) -> Slices:
        """The turns that were used: task, CPU, start, end."""
        used = self.turns[self.turns[:, 3] > self.turns[:, 2]]
        return Slices(used[:, 0].copy(), used[:, 1].copy(), in_ms(used[:, 2]), in_ms(used[:, 3]))

    @property
    def switch_slices(self) -> Slices:
        """The stretches in which a CPU switches to `task`; none without a switch cost."""
        rows = self.turns[self.marks[:, 1] == 1] if self.switch_cost else self.turns[:0]
        start = in_ms(rows[:, 2])
        return Slices(rows[:, 0].copy(), rows[:, 1].copy(), start - self.switch_cost, start)

    @property
    def decided(self) -> np.ndarray:
        """When each decision was made, ms; its turn begins when the switch is over."""
        return in_ms(self.turns[:, 2]) - self.switch_cost * self.marks[:, 1]

    @functools.cached_property
    def first_run(self) -> np.ndarray:
        """When each task ran first, ms; float64, shape (n,)."""
        return in_ms(self._first_ns)

    @functools.cached_property
    def _first_ns(self) -> np.ndarray:
        first = np.full(len(self.names), np.iinfo(np.int64).max)
        used = self.turns[self.turns[:, 3] > self.turns[:, 2]]
        np.minimum.at(first, used[:, 0], used[:, 2])
        return first

    @functools.cached_property
    def _end_ns(self) -> np.ndarray:
        end = np.zeros(len(self.names), np.int64)
        np.maximum.at(end, self.turns[:, 0], self.turns[:, 3])
        return end

    @property
    def completion(self) -> np.ndarray:
        """When each task is done, ms."""
        return in_ms(self._end_ns)

    @property
    def response(self) -> np.ndarray:
        """First run less arrival, ms."""
        return in_ms(self._first_ns - self.workload.arrival_ns)

    @property
    def turnaround(self) -> np.ndarray:
        """Completion less arrival, ms."""
        return in_ms(self._end_ns - self.workload.arrival_ns)

    @property
    def waiting(self) -> np.ndarray:
        """Turnaround less CPU time and I/O, ms: the time spent ready (with locks: or blocked)."""
        return in_ms(self._end_ns - self.workload.arrival_ns - self.workload.burst_ns - self.workload.io_ns)

    @property
    def switches(self) -> int:
        """How often a CPU went over to another task than it ran last."""
        return int(np.count_nonzero(self.marks[:, 1]))

    @property
    def makespan(self) -> float:
        """When the last task is done, ms from 0."""
        return float(in_ms(self._end_ns.max()))

    @property
    def busy(self) -> float:
        """CPU time given to tasks, ms."""
        return float(in_ms((self.turns[:, 3] - self.turns[:, 2]).sum()))

    @property
    def switching(self) -> float:
        """CPU time lost to switches, ms."""
        return self.switches * self.switch_cost

    @property
    def idle(self) -> float:
        """CPU time left over until the last task is done, ms, of all CPUs."""
        return float(self.cpus * self.makespan - self.busy - self.switching)

    @property
    def fairness(self) -> float:
        """Jain's index over the tasks' speeds: CPU time in each ms between arrival and completion."""
        return jain(self.workload.burst / self.turnaround)

    def percentile(self, measure: str, share: float) -> float:
        """Return a percentile, 0 to 100, of ``"response"``, ``"turnaround"`` or ``"waiting"``, ms."""
        if measure not in ("response", "turnaround", "waiting"):
            raise ValueError(f"measure={measure!r}: allowed are response, turnaround, waiting")
        return float(np.percentile(getattr(self, measure), share))

    def events(self) -> list[Change]:
        """Return every change of every task's state, by time; at one instant in the order in which it happens."""
        found: list[tuple[float, int, Change]] = []
        w = self.workload
        place = dict.fromkeys(range(len(w)), 0)
        for task, at in enumerate(w.arrival.tolist()):
            found.append((at, 0, Change(at, task, "new", "ready", "arrival", -1)))
        for (task, cpu, start, end), (cause, _) in zip(self.turns.tolist(), self.marks.tolist(), strict=True):
            begun, over = start / MS, end / MS
            if end == start:
                continue
            found.append((begun, 2, Change(begun, task, "ready", "running", "picked", cpu)))
            if cause == DONE:
                found.append((over, 1, Change(over, task, "running", "done", CAUSES[cause], cpu)))
            elif cause in (EXPIRED, PREEMPTED):
                found.append((over, 1, Change(over, task, "running", "ready", CAUSES[cause], cpu)))
            else:
                place[task] += 2
                io = int(w.parts[w.first[task] + place[task] - 1])
                found.append((over, 1, Change(over, task, "running", "waiting", CAUSES[cause], cpu)))
                found.append(((end + io) / MS, 0, Change((end + io) / MS, task, "waiting", "ready", "I/O done", -1)))
        return [change for *_, change in sorted(found, key=lambda entry: entry[:2])]

    def _replayed(self, step: int) -> Snapshot:
        run = self.run.again()
        run.advance(step)
        queue = self.run.rules.describe(run.state)
        running = tuple(run.state.cpu[:, TASK].tolist())
        time = float(self.decided[step - 1]) if step else 0.0
        seen = {*queue.ready, *running}
        came = (
            [t for t in np.flatnonzero(self.workload.arrival_ns <= round(time * MS)).tolist() if t not in seen]
            if step
            else []
        )
        over = [t for t in came if self._end_ns[t] <= round(time * MS)]
        return Snapshot(
            step,
            time,
            running,
            tuple(queue.ready),
            tuple(t for t in came if t not in over),
            tuple(over),
            {name: dict(of) for name, of in queue.values.items()},
            dict(queue.numbers),
        )

    def why(self, step: int) -> str:
        """Return a sentence on a decision (from 1): what ended before, who was picked, and what was compared.

        Raises
        ------
        ValueError
            A step that is not between 1 and `steps`.
        """
        step = self._step(step, 1)
        task, cpu = (int(v) for v in self.turns[step - 1, :2])
        state = self.state(step)
        decision = Decision(
            step,
            task,
            cpu,
            state.time,
            Queue(list(state.ready), state.values, state.numbers),
            self.names,
            self.workload,
            self.options,
            lambda t: self._ready_since(t, step),
        )
        return f"{self._before(step, cpu, state.time)} {self.run.rules.reason(decision)}"

    def _before(self, step: int, cpu: int, time: float) -> str:
        """What ended on this CPU before the decision, as the beginning of a sentence."""
        at, where = f"At {round(time, 3):.6g} ms", f"CPU {cpu}" if self.cpus > 1 else "the CPU"
        earlier = np.flatnonzero(self.turns[: step - 1, 1] == cpu)
        if not len(earlier):
            return f"{at} {where} is idle:"
        last, _, _, end = self.turns[earlier[-1]].tolist()
        name, cause = self.names[last], int(self.marks[earlier[-1], 0])
        if end != round(time * MS):
            return f"{at} {where} is idle since {round(end / MS, 3):.6g} ms:"
        came = [self.names[t] for t in np.flatnonzero(self.workload.arrival_ns == end).tolist()]
        note = ""
        if came and cause == EXPIRED:
            first = "queues first" if self.tie == "arrival_first" else f"queues after {name}"
            note = f", and {came[0]} comes at that instant and {first}"
        return {
            DONE: f"{at} {name} is done{note}:",
            BLOCKED: f"{at} {name} waits for I/O{note}:",
            EXPIRED: f"{at} {name}'s turn is over{note}:",
        }.get(cause, f"{at} {name} is preempted:")

    def _ready_since(self, task: int, step: int) -> float:
        """When a task was queued last before a decision, ms."""
        mine = np.flatnonzero(self.turns[: step - 1, 0] == task)
        if not len(mine):
            return float(self.workload.arrival[task])
        end, cause = int(self.turns[mine[-1], 3]), int(self.marks[mine[-1], 0])
        if cause != BLOCKED:
            return end / MS
        blocks = np.count_nonzero(self.marks[mine, 0] == BLOCKED)
        return (end + int(self.workload.parts[self.workload.first[task] + 2 * blocks - 1])) / MS

    def table(self) -> list[dict[str, Any]]:
        """Return a row a task, times in ms."""
        columns = {
            "arrival, ms": self.workload.arrival,
            "CPU, ms": self.workload.burst,
            "response, ms": self.response,
            "waiting, ms": self.waiting,
            "turnaround, ms": self.turnaround,
        }
        return [
            {"task": name, **{key: float(f"{values[i]:.6g}") for key, values in columns.items()}}
            for i, name in enumerate(self.names)
        ]

    def __str__(self) -> str:
        chosen = "".join(f", {name}={value}" for name, value in self.options.items())
        n = len(self.names)
        return (
            f"{self.label}{chosen}: {n} task{'s' * (n != 1)} on {self.cpus} CPU{'s' * (self.cpus != 1)} done at "
            f"{self.makespan:.6g} ms; mean turnaround {self.turnaround.mean():.3g} ms, "
            f"response {self.response.mean():.3g} ms, "
            f"{self.switches} switch{'es' * (self.switches != 1)}"
        )

    __repr__ = __str__


@dataclass(frozen=True, eq=False)
class SchedulePair:
    """One workload under two policies, the second one to be stepped through."""

    first: Schedule
    second: Schedule

    @property
    def steps(self) -> int:
        """Decisions of the second."""
        return self.second.steps

    def why(self, step: int) -> str:
        """Return the reason of a decision of the second."""
        return self.second.why(step)

    def __str__(self) -> str:
        return f"{self.first}\n{self.second}"
