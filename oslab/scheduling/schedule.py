"""The result of a scheduler's run: which task ran where and when, each task's times, every decision with its reason."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oslab.base import Stepped, columns, plural, readable, rounded
from oslab.scheduling.engine import BLOCKED, CAUSES, DONE, EXPIRED, TASK
from oslab.scheduling.policies.base import Decision, Queue
from oslab.scheduling.workload import MS, Workload, in_ms, say_ms

__all__ = ["Change", "Schedule", "SchedulePair", "Slices", "Snapshot"]


class Slices(NamedTuple):
    """Which task ran on which CPU and when, in the order of the decisions; a row for each turn used.

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


@dataclass(frozen=True, eq=False, repr=False)
class Schedule(Stepped, over="turns"):
    """The run of one policy over one workload; times in ms.

    Attributes
    ----------
    workload : Workload
        What was scheduled.
    policy, label : str
        Its key and its name on screen.
    options : dict
        The policy's own, complete.
    cpus : int
        How many there are.
    switch_cost : float
        ms.
    tie : str
        Who queues first, as in `simulate`.
    turns : ndarray of int64, shape (k, 4)
        Every decision, in order: task, CPU, start and end of the turn, ns.  A turn that was taken back during its
        switch has no length.
    marks : ndarray of uint8, shape (k, 2)
        Why the turn ended (an index into `engine.CAUSES`), and whether the CPU switched to it.
    run : SchedulingRun
        What made it; `state` and `why` have it run again.
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
    def _first_ns(self) -> np.ndarray:
        first = np.full(len(self.names), np.iinfo(np.int64).max)
        used = self.turns[self.turns[:, 3] > self.turns[:, 2]]
        np.minimum.at(first, used[:, 0], used[:, 2])
        return first

    @functools.cached_property
    def _end_ns(self) -> np.ndarray:
        end = np.zeros(len(self.names), np.int64)
        np.maximum.at(end, self.turns[:, 0], self.turns[:, 3])
        return end + self.workload.tail_ns

    def _times(self, ns: np.ndarray) -> np.ndarray:
        """Return times that end with each task's end, ms."""
        return in_ms(ns)

    @property
    def completion(self) -> np.ndarray:
        """When each task is done, ms."""
        return self._times(self._end_ns)

    @property
    def response(self) -> np.ndarray:
        """Time from arrival to the first run, ms."""
        return in_ms(self._first_ns - self.workload.arrival_ns)

    @property
    def turnaround(self) -> np.ndarray:
        """Time from arrival to completion, ms."""
        return self._times(self._end_ns - self.workload.arrival_ns)

    @property
    def waiting(self) -> np.ndarray:
        """Turnaround minus CPU time and I/O, ms: the time spent ready (with locks: or blocked)."""
        return self._times(self._end_ns - self.workload.arrival_ns - self.workload.burst_ns - self.workload.io_ns)

    @property
    def switches(self) -> int:
        """Number of times that a CPU switched to a task other than its last one."""
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

    def events(self) -> list[Change]:
        """Return every change of every task's state, by time; at one instant in the order in which it happens."""
        found: list[tuple[float, int, Change]] = []
        w = self.workload

        def add(ns: int, order: int, task: int, before: str, after: str, cause: str, cpu: int = -1) -> None:
            found.append((ns / MS, order, Change(ns / MS, task, before, after, cause, cpu)))

        for task, (at, lead) in enumerate(zip(w.arrival_ns.tolist(), w.lead_ns.tolist(), strict=True)):
            add(at, 0, task, "new", "waiting" if lead else "ready", "I/O" if lead else "arrival")
            if lead:
                add(at + lead, 0, task, "waiting", "ready", "I/O done")
        place = (w.first[:-1] - 1).tolist()
        for (task, cpu, start, end), (cause, _) in zip(self.turns.tolist(), self.marks.tolist(), strict=True):
            if end == start:
                continue
            add(start, 2, task, "ready", "running", "picked", cpu)
            tail = int(w.tail_ns[task]) if cause == DONE else 0
            waits = cause == BLOCKED or tail > 0
            after = "waiting" if waits else "done" if cause == DONE else "ready"
            add(end, 1, task, "running", after, CAUSES[BLOCKED] if waits else CAUSES[cause], cpu)
            if cause == BLOCKED:
                place[task] += 2
                add(end + int(w.parts[place[task]]), 0, task, "waiting", "ready", "I/O done")
            elif tail:
                add(end + tail, 0, task, "waiting", "done", "I/O done")
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
        at, where = f"At {say_ms(time)} ms", f"CPU {cpu}" if self.cpus > 1 else "the CPU"
        earlier = np.flatnonzero(self.turns[: step - 1, 1] == cpu)
        if not len(earlier):
            return f"{at} {where} is idle:"
        last, _, _, end = self.turns[earlier[-1]].tolist()
        name, cause = self.names[last], int(self.marks[earlier[-1], 0])
        if end != round(time * MS):
            return f"{at} {where} has been idle since {say_ms(end / MS)} ms:"
        came = [self.names[t] for t in np.flatnonzero(self.workload.ready_ns == end).tolist()]
        note = ""
        if came and cause == EXPIRED:
            first = "queues first" if self.tie == "arrival_first" else f"queues after {name}"
            note = f", and {came[0]}, which arrives at that instant, {first}"
        return {
            DONE: f"{at} {name} is done{note}:",
            BLOCKED: f"{at} {name} waits for I/O{note}:",
            EXPIRED: f"{at} {name}'s turn is over{note}:",
        }.get(cause, f"{at} {name} is preempted:")

    def _ready_since(self, task: int, step: int) -> float:
        """When a task was queued last before a decision, ms."""
        mine = np.flatnonzero(self.turns[: step - 1, 0] == task)
        if not len(mine):
            return float(in_ms(self.workload.ready_ns[task]))
        end, cause = int(self.turns[mine[-1], 3]), int(self.marks[mine[-1], 0])
        if cause != BLOCKED:
            return end / MS
        blocks = np.count_nonzero(self.marks[mine, 0] == BLOCKED)
        return (end + int(self.workload.parts[self.workload.first[task] + 2 * blocks - 1])) / MS

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a task, times in ms."""
        times = {"arrival, ms": self.workload.arrival, "CPU, ms": self.workload.burst}
        times |= {f"{name}, ms": getattr(self, name) for name in ("response", "waiting", "turnaround")}
        return columns({"task": self.names, **times})

    def table(self) -> list[dict[str, Any]]:
        """Return the rows to 6 digits: these times are exact, and a reader adds them up."""
        return [{key: rounded(value, 6) for key, value in row.items()} for row in self.rows()]

    def __str__(self) -> str:
        chosen = "".join(f", {name}={value}" for name, value in self.options.items())
        where = f"{plural(len(self.names), 'task')} on {plural(self.cpus, 'CPU')} done at {say_ms(self.makespan)} ms"
        return (
            f"{self.label}{chosen}: {where}; mean turnaround {readable(self.turnaround.mean())} ms, "
            f"response {readable(self.response.mean())} ms, {plural(self.switches, 'switch', 'switches')}"
        )

    __repr__ = __str__


@dataclass(frozen=True, eq=False)
class SchedulePair:
    """One workload under two policies, the second one to be stepped through.

    Attributes
    ----------
    first, second : Schedule
    """

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
