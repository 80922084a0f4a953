"""The life of processes: states and transitions on the scheduler's engine, and which process waits for which at the end.

A process is *new* for 1 ms while it is made; from exit until its parent waits for it, it is a *zombie*: an entry in
the process table and no more.  A process whose parent is gone is an *orphan*; init becomes its parent and waits at once.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from oslab.base import SEED, Stepped, checked, choice, integer, plural, readable, real
from oslab.scheduling import Workload, simulate

__all__ = ["PARENTS", "STATES", "Event", "Life", "live"]

STATES = ("new", "ready", "running", "waiting", "zombie", "terminated")
PARENTS = ("waits", "waits late", "exits first")
MAKING = 1.0
CAUSES = {
    "arrival": "admitted",
    "picked": "dispatched",
    "quantum over": "quantum over",
    "I/O": "asked for I/O",
    "I/O done": "I/O done",
    "done": "exited",
}
REASONS = {
    "forked": "its parent called fork; so far it only has a number and an entry in the process table",
    "admitted": "its creation is complete, and it queues for the CPU",
    "dispatched": "the CPU is free, and it is first in the queue",
    "quantum over": "its quantum is over, and the timer interrupts it; it goes to the end of the queue",
    "asked for I/O": "it asked for I/O and gives up the CPU of its own accord",
    "I/O done": "its I/O is complete; it queues again, since another process may have the CPU",
    "exited": "it called exit; its memory and files are freed, and its exit code is kept for its parent",
    "waited for": "its parent called wait and received the exit code; the entry in the process table is free",
    "re-parented": "its parent has ended, so init becomes its parent",
}


class Event(NamedTuple):
    """A transition; `time` in ms; `before` is ``""`` for a fork, and equals `after` where only the parent changes."""

    time: float
    process: int
    before: str
    after: str
    cause: str


@dataclass(frozen=True, eq=False)
class Life(Stepped, over="events"):
    """What `live` returns.

    Attributes
    ----------
    names : tuple of str
        Of the processes.
    events : tuple of Event
        By time; at one instant in the order in which it happens.
    parent : str
        One of `PARENTS`.
    quantum : float
        ms.
    end : float
        When nothing of them is left, ms.
    """

    names: tuple[str, ...]
    events: tuple[Event, ...]
    parent: str
    quantum: float
    end: float

    def _replayed(self, step: int) -> tuple[str, ...]:
        now = {event.process: event.after for event in self.events[:step]}
        return tuple(now.get(k, "") for k in range(len(self.names)))

    def state(self, step: int) -> tuple[str, ...]:
        """Return each process's state after `step` events, ``""`` before its fork."""
        return super().state(step)

    def counts(self, step: int) -> dict[str, int]:
        """Return how many processes are in each of `STATES` after `step` events."""
        found = Counter(self.state(step))
        return {state: found[state] for state in STATES}

    def time(self, step: int) -> float:
        """Return when event `step` happened, ms; 0 for none."""
        return self.events[step - 1].time if self._step(step, 0) else 0.0

    def why(self, step: int) -> str:
        """Return what happened in a step, 1 to `steps`, and why."""
        event = self.events[self._step(step, 1) - 1]
        way = f"{event.before} → {event.after}" if event.before != event.after else f"stays {event.after}"
        name = self.names[event.process]
        return f"At {readable(event.time, 4)} ms {name} {way.strip(' →')}: {REASONS[event.cause]}."

    @cached_property
    def stretches(self) -> tuple[tuple[int, str, float, float], ...]:
        """Each process's time in each state: process, state, start, end (ms); without the states that last no time."""
        since: dict[int, tuple[str, float]] = {}
        found = []
        for event in self.events:
            if event.before and event.before != event.after:
                state, start = since[event.process]
                if event.time > start:
                    found.append((event.process, state, start, event.time))
            if event.before != event.after:
                since[event.process] = event.after, event.time
        return tuple(found)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a process: ms in each state."""
        spent = Counter[tuple[int, str]]()
        for process, state, start, end in self.stretches:
            spent[process, state] += end - start  # type: ignore[assignment]
        for k, name in enumerate(self.names):
            yield {"process": name, **{f"{s}, ms": float(spent[k, s]) for s in STATES[:-1]}}

    def __str__(self) -> str:
        causes = Counter(event.cause for event in self.events)
        many = plural(len(self.names), "process", "processes")
        return f"{many}, {readable(self.end, 4)} ms: " + ", ".join(f"{n} × {c}" for c, n in causes.items())


@checked(processes=integer(1, 8), io_share=real(0, 0.9), quantum=real(0.5, 1e6), parent=choice(PARENTS), seed=SEED)
def live(processes: int = 4, io_share: float = 0.5, quantum: float = 4.0, parent: str = "waits", seed: int = 1) -> Life:
    """Simulate the life of processes on one CPU under round robin, until all have ended.

    Parameters
    ----------
    processes : int
        1 to 8; they are forked 3 ms apart.
    io_share : float
        Of a process's time without rivals, the share spent in I/O; 0 to 0.9.
    quantum : float
        ms, from 0.5.
    parent : {'waits', 'waits late', 'exits first'}
        It sits in wait all the time; it calls wait 6 ms after the last exit; it exits in the middle without waiting.
    seed : int
        Of the bursts.

    Raises
    ------
    TypeError, ValueError
        An argument of another type or out of range.

    Examples
    --------
    >>> print(live(1, 0.0, quantum=100.0))
    1 process, 13 ms: 1 × forked, 1 × admitted, 1 × dispatched, 1 × exited, 1 × waited for
    """
    draw = np.random.default_rng(seed)
    bursts = []
    for _ in range(processes):
        total, parts = 12.0, int(draw.integers(2, 4)) if io_share else 1
        cpu = np.round(draw.dirichlet([6] * parts) * total, 1).clip(0.5)
        wait = round(io_share / (1 - io_share) * total / max(parts - 1, 1), 1)
        bursts.append([v for k in range(parts) for v in ((wait, float(cpu[k])) if k and wait else (float(cpu[k]),))])
    arrival = [MAKING + 3.0 * k for k in range(processes)]
    schedule = simulate(Workload(arrival, bursts, names=[f"P{k + 1}" for k in range(processes)]), "rr", quantum=quantum)
    events = [
        Event(c.time, c.task, c.before, "zombie" if c.after == "done" else c.after, CAUSES[c.cause])
        for c in schedule.events()
    ]
    events += [Event(at - MAKING, k, "", "new", "forked") for k, at in enumerate(arrival)]
    events.sort(key=lambda e: e.time)
    events = _add_ends(events, parent, schedule.makespan)
    return Life(schedule.names, tuple(events), parent, quantum, events[-1].time)


def _add_ends(events: list[Event], parent: str, last: float) -> list[Event]:
    """Add who is waited for when, and who gets another parent."""
    late = {"waits": 0.0, "waits late": last + 6.0, "exits first": last / 2}[parent]
    more = [
        Event(max(e.time, late), e.process, "zombie", "terminated", "waited for") for e in events if e.after == "zombie"
    ]
    if parent == "exits first":
        now: dict[int, str] = {}
        for e in events:
            if e.time < late or (e.time == late and e.cause != "exited"):
                now[e.process] = e.after
        more = [Event(late, p, s, s, "re-parented") for p, s in now.items()] + more
    return sorted(events + more, key=lambda e: e.time)
