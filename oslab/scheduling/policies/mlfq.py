"""MLFQ: several queues; who uses up its allotment goes down a queue, the highest queue with a task runs.

Source: Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 8 (rules 1 to 5).  Round robin within a queue;
a task that was preempted goes to its queue's end.  Every `boost` ms all go back to the top, seen at the next
decision.  Without ``account`` a task that waits for I/O before its allotment is used up begins a new one (the old
rules 4a and 4b): it can stay on top for ever.  Without ``demote_alone`` a task goes down only while another one
waits, and without ``preemptive`` a task that comes waits for the end of a turn (so Stallings, Operating Systems, 9th
ed., 9.2, has it).
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.base import Parameter, shown
from oslab.scheduling import ring
from oslab.scheduling.engine import NEVER, SINCE, TASK, bind_hooks
from oslab.scheduling.policies.base import POLICIES, QUANTUM, Policy, Queue
from oslab.scheduling.workload import in_ms, to_ns

BOOST, ACCOUNT, ALONE, TAKES_OVER, EPOCH = range(5)


@dataclass(frozen=True)
class EachQueue(Parameter):
    """A number for all queues, or a tuple with one for each, of which the last may be None: without end."""

    def check(self, name: str, value: Any) -> Any:
        """Return the number or the tuple; see `Parameter.check`."""
        if not isinstance(value, list | tuple):
            return super().check(name, value)
        return tuple(
            None if one is None and k == len(value) - 1 else super(EachQueue, self).check(f"{name}[{k}]", one)
            for k, one in enumerate(value)
        )


class PolicyState(NamedTuple):
    """The queues; each task's queue, and what it used of its allotment, ns; each queue's numbers; those of all."""

    rings: np.ndarray
    level: np.ndarray
    used: np.ndarray
    quantum: np.ndarray
    allotment: np.ndarray
    tune: np.ndarray


def start(workload, cpus, levels, quantum, allotment, boost, account, demote_alone, preemptive):
    """Return empty queues."""
    n, turns = len(workload), _of_each("quantum", quantum, levels)
    used_up = np.where((allowed := _of_each("allotment", allotment, levels)) == 0, turns, allowed)
    tune = np.array([to_ns("boost", boost), account, demote_alone, preemptive, 0], np.int64)
    rings = np.stack([ring.new(n) for _ in range(levels)])
    return PolicyState(rings, np.zeros(n, np.int64), np.zeros(n, np.int64), turns, used_up, tune)


def _of_each(name, value, levels):
    """Return the number of each queue, ns."""
    given = value if isinstance(value, tuple) else (value,) * levels
    if len(given) != levels:
        raise ValueError(f"{name}={shown(value)}: allowed is one for each of {levels} queues")
    return np.array([NEVER if one is None else to_ns(name, one) for one in given], np.int64)


@hook
def boost(s, now):
    """Bring all tasks back to the top when a period is over; those that run count from now on."""
    own, cpu = s.own, s.cpu
    tune, rings = own.tune, own.rings
    if tune[BOOST] == 0 or now // tune[BOOST] == tune[EPOCH]:
        return
    tune[EPOCH] = now // tune[BOOST]
    for k in range(1, len(rings)):
        task = ring.pop(rings[k])
        while task >= 0:
            ring.push(rings[0], task)
            task = ring.pop(rings[k])
    own.level[:] = 0
    own.used[:] = 0
    for c in range(len(cpu)):
        if cpu[c, TASK] >= 0:
            own.used[cpu[c, TASK]] = min(0, cpu[c, SINCE] - now)


@hook
def anybody(rings):
    """Tell whether a task waits in any of the queues."""
    for k in range(len(rings)):
        if rings[k, 0] != rings[k, 1]:
            return True
    return False


@hook
def enqueue(s, task, cause, cpu, now):
    """Go to the end of its queue, or of the next one if the allotment is used up."""
    own = s.own
    boost(s, now)
    if own.used[task] >= own.allotment[own.level[task]]:
        own.used[task] = 0
        if own.tune[ALONE] == 1 or anybody(own.rings):
            own.level[task] = min(own.level[task] + 1, len(own.rings) - 1)
    ring.push(own.rings[own.level[task]], task)


@hook
def pick(s, cpu, now):
    """Take the first of the highest queue that has one."""
    own = s.own
    boost(s, now)
    for k in range(len(own.rings)):
        task = ring.pop(own.rings[k])
        if task >= 0:
            return task
    return -1


@hook
def quantum(s, cpu, task, now):
    """Run for a quantum, or for what is left of the allotment."""
    level = s.own.level[task]
    return min(s.own.quantum[level], s.own.allotment[level] - s.own.used[task])


@hook
def charge(s, cpu, task, ran, now):
    """Count it against the allotment."""
    s.own.used[task] += ran


@hook
def depart(s, cpu, task, now, finished):
    """Forget what was used, under the rules that can be cheated."""
    if s.own.tune[ACCOUNT] == 0:
        s.own.used[task] = 0


@hook
def preempts(s, new, cpu, task, now):
    """Take over from a lower queue."""
    return s.own.tune[TAKES_OVER] * (s.own.level[task] - s.own.level[new])


def describe(s):
    """Return the queues from the top, each task's queue (1 is the top), and what it used of its allotment."""
    ready = [task for one in s.own.rings for task in ring.entries(one)]
    return Queue(
        ready,
        {
            "queue": {t: k + 1 for t, k in enumerate(s.own.level.tolist())},
            "used": {t: in_ms(max(0, used)) for t, used in enumerate(s.own.used.tolist())},
        },
    )


def reason(decision):
    """Return the queues compared."""
    queue = decision.queue.values["queue"]
    if decision.queue.ready and queue[decision.queue.ready[0]] == queue[decision.task]:
        rival = decision.queue.ready[0]
        return (
            f"{decision.name} stands first in queue {queue[decision.task]}, the highest with a task; "
            f"{decision.names[rival]} is behind it."
        )
    return decision.least(
        queue, "is in queue {}, the highest with a task", "is in queue {}", rivals=decision.queue.ready[:1]
    )


POLICIES.register(
    "mlfq",
    label="MLFQ",
    summary="The highest queue that is not empty runs; a task that uses up its allotment moves down.",
    source="Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 8",
    tie_rule="within a queue who came into it first",
    parameters={
        "levels": Parameter(3, low=1, high=8, help="number of queues"),
        "quantum": EachQueue(10.0, low=0.1, high=1000.0, unit="ms", log=True, help=QUANTUM.help),
        "allotment": EachQueue(
            0.0, low=0.0, high=1000.0, unit="ms", help="CPU time in a queue before a task moves down; 0: one quantum"
        ),
        "boost": Parameter(
            0.0, low=0.0, high=1000.0, unit="ms", help="interval after which all tasks return to the top; 0: never"
        ),
        "account": Parameter(True, help="keep counting across I/O; off: the older rules, which a task can cheat"),
        "demote_alone": Parameter(True, help="move down even while no other task waits"),
        "preemptive": Parameter(True, help="whether an arriving task preempts one of a lower queue"),
    },
)(
    Policy(
        start,
        bind_hooks(
            "mlfq",
            enqueue=enqueue,
            pick=pick,
            quantum=quantum,
            charge=charge,
            depart=depart,
            preempts=preempts,
            PREEMPTIVE=True,
        ),
        describe,
        reason,
        "quantum",
    )
)
