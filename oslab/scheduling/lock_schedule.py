"""What a run with locks gives: a schedule, and besides it which lock is held when, who waits for whom, who is stuck."""

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oslab.base import plural
from oslab.scheduling.engine import BLOCKED, CAUSES, DONE
from oslab.scheduling.policies.base import Decision, Queue
from oslab.scheduling.schedule import Change, Schedule, Snapshot
from oslab.scheduling.workload import MS, in_ms, say_ms

__all__ = ["Blocks", "Deadlock", "Holds", "LockDecision", "LockSchedule", "LockSnapshot"]


class Holds(NamedTuple):
    """Which lock is held when; a row each time one is taken, by the time of taking.

    Attributes
    ----------
    task, lock : ndarray of int64, shape (k,)
        `lock` is an index into the schedule's `locks`.
    start, end : ndarray of float64, shape (k,)
        ms; the makespan where it is never given back.
    """

    task: np.ndarray
    lock: np.ndarray
    start: np.ndarray
    end: np.ndarray


class Blocks(NamedTuple):
    """Who waits for which lock; a row each time a task has to wait, by its beginning.

    Attributes
    ----------
    task, lock, holder : ndarray of int64, shape (k,)
        `holder` has the lock when the wait begins.
    start, end : ndarray of float64, shape (k,)
        ms; the makespan where the wait never ends.
    """

    task: np.ndarray
    lock: np.ndarray
    holder: np.ndarray
    start: np.ndarray
    end: np.ndarray


class Deadlock(NamedTuple):
    """Tasks that wait for each other in a ring: each for `locks[k]`, which the next one holds.

    Attributes
    ----------
    time : float
        When the ring was closed, ms.
    tasks, locks : tuple of str
        Their names, from the first task in the list on.
    """

    time: float
    tasks: tuple[str, ...]
    locks: tuple[str, ...]

    def __str__(self) -> str:
        n = len(self.tasks)
        ring = ", ".join(
            f"{task} waits for {self.locks[k]}, which {self.tasks[(k + 1) % n]} holds"
            for k, task in enumerate(self.tasks)
        )
        return f"deadlock at {say_ms(self.time)} ms: {ring}"


class LockDecision(NamedTuple):
    """What is known right after a decision: time in ns, priorities in force, and who has or awaits which lock."""

    time: int
    ready: tuple[int, ...]
    waiting: tuple[int, ...]
    finished: tuple[int, ...]
    priority: dict[int, int]
    holder: dict[int, int]
    lender: dict[int, str]


@dataclass(frozen=True)
class LockSnapshot(Snapshot):
    """The state right after a decision, with locks.

    Attributes
    ----------
    holder : dict of str to int
        The task that holds each lock that is taken.
    """

    holder: Mapping[str, int]


@dataclass(frozen=True, eq=False, repr=False)
class LockSchedule(Schedule):
    """The run of tasks with locks on one CPU under one protocol, with what a `Schedule` does not know.

    Attributes
    ----------
    locks : tuple of str
        Their names.
    holds : Holds
        Which lock is held when.
    blocks : Blocks
        Who waits for which lock.
    deadlock : Deadlock or None
        The first ring of tasks that wait for each other.
    instants : tuple of LockDecision
        One a decision.

    Notes
    -----
    A task that is stuck for ever has `completion`, `turnaround` and `waiting` of infinity.  `waiting` is the time
    spent ready or blocked; `blocked` the part of it spent waiting for locks.  Of `marks` the cause `BLOCKED` means a lock.
    """

    locks: tuple[str, ...] = ()
    holds: Holds | None = None
    blocks: Blocks | None = None
    deadlock: Deadlock | None = None
    instants: tuple[LockDecision, ...] = ()

    @functools.cached_property
    def stuck(self) -> np.ndarray:
        """Whether each task waits for a lock for ever; bool, shape (n,)."""
        stuck = np.ones(len(self.names), bool)
        stuck[self.turns[self.marks[:, 0] == DONE, 0]] = False
        return stuck

    def _times(self, ns: np.ndarray) -> np.ndarray:
        return np.where(self.stuck, np.inf, in_ms(ns))

    @property
    def response(self) -> np.ndarray:
        """Time from arrival to the first run, ms; infinity if it never ran."""
        never = self._first_ns == np.iinfo(np.int64).max
        return np.where(never, np.inf, in_ms(np.where(never, 0, self._first_ns) - self.workload.arrival_ns))

    @property
    def blocked(self) -> np.ndarray:
        """How long each task waited for locks, ms; up to the makespan if for ever."""
        return np.bincount(self.blocks.task, self.blocks.end - self.blocks.start, len(self.names))

    def events(self) -> list[Change]:
        """Return every change of every task's state, by time; at one instant in the order in which it happens."""
        found: list[tuple[float, int, Change]] = []
        for task, at in enumerate(self.workload.arrival.tolist()):
            found.append((at, 2, Change(at, task, "new", "ready", "arrival", -1)))
        awaited = {
            (task, start): self.locks[lock] for task, lock, _, start, _ in zip(*map(np.ndarray.tolist, self.blocks))
        }
        for (task, cpu, start, end), (cause, _) in zip(self.turns.tolist(), self.marks.tolist(), strict=True):
            found.append((start / MS, 3, Change(start / MS, task, "ready", "running", "picked", cpu)))
            after = {DONE: "done", BLOCKED: "waiting"}.get(cause, "ready")
            says = f"lock {awaited[task, end / MS]}" if cause == BLOCKED else CAUSES[cause]
            found.append((end / MS, 3 if end == start else 0, Change(end / MS, task, "running", after, says, cpu)))
        last = {task: k for k, task in enumerate(self.blocks.task.tolist())}  # of a task that is stuck: for ever
        for k, (task, lock, _, _, end) in enumerate(zip(*map(np.ndarray.tolist, self.blocks))):
            if not self.stuck[task] or last[task] != k:
                found.append((end, 1, Change(end, task, "waiting", "ready", f"lock {self.locks[lock]} free", -1)))
        return [change for *_, change in sorted(found, key=lambda entry: entry[:2])]

    def _replayed(self, step: int) -> LockSnapshot:
        if step == 0:
            return LockSnapshot(0, 0.0, (-1,), (), (), (), {}, {}, {})
        now = self.instants[step - 1]
        return LockSnapshot(
            step,
            in_ms(now.time),
            (int(self.turns[step - 1, 0]),),
            now.ready,
            now.waiting,
            now.finished,
            {"priority": dict(now.priority)},
            {},
            {self.locks[k]: task for k, task in now.holder.items()},
        )

    def why(self, step: int) -> str:
        """Return a sentence on a decision (from 1): what ended before, who was picked, and the priorities compared."""
        step = self._step(step, 1)
        task, now = int(self.turns[step - 1, 0]), self.instants[step - 1]
        decision = Decision(
            step,
            task,
            0,
            in_ms(now.time),
            Queue(list(now.ready), {"priority": now.priority}),
            self.names,
            self.workload,
            self.options,
            lambda t: 0.0,
        )
        text = decision.least(
            now.priority, "has the highest priority, {}" + now.lender.get(task, ""), "has {}", "became ready later"
        )
        return f"{self._before(step, 0, in_ms(now.time))} {text}"

    def _before(self, step: int, cpu: int, time: float) -> str:
        if step == 1 or self.turns[step - 2, 3] != self.turns[step - 1, 2]:
            return super()._before(step, cpu, time)
        before = self.turns[step - 2, 0]
        if self.marks[step - 2, 0] != BLOCKED:
            given = np.flatnonzero(
                (self.holds.task == before) & (self.holds.end == time) & ~self.stuck[self.holds.task]
            )
            if not len(given) or self.marks[step - 2, 0] == DONE:
                return super()._before(step, cpu, time)
            names = " and ".join(self.locks[k] for k in sorted(self.holds.lock[given].tolist()))
            return f"At {say_ms(time)} ms {self.names[before]} releases {names}:"
        row = np.flatnonzero((self.blocks.task == before) & (self.blocks.start == time))[-1]
        task, lock, holder = (int(column[row]) for column in self.blocks[:3])
        return f"At {say_ms(time)} ms {self.names[task]} has to wait for {self.locks[lock]}, which {self.names[holder]} holds:"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a task, times in ms."""
        for row, blocked in zip(super().rows(), self.blocked, strict=True):
            yield {**row, "blocked, ms": blocked}

    def __str__(self) -> str:
        times = ", ".join(
            f"{name} {'never done' if stuck else f'{say_ms(t)} ms'}"
            for name, t, stuck in zip(self.names, self.turnaround, self.stuck, strict=True)
        )
        return f"{self.label}: turnaround {times}; {plural(self.switches, 'switch', 'switches')}" + (
            f"; {self.deadlock}" if self.deadlock else ""
        )

    __repr__ = __str__
