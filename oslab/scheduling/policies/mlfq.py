"""MLFQ: several queues; who uses up its allotment goes down a queue, the highest queue with a task runs.

Source: Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 8 (rules 1 to 5).  Round robin within a queue;
a task that was preempted goes to its queue's end.  Every `boost` ms all go back to the top, seen at the next
decision.  Without ``account`` a task that waits for I/O before its allotment is used up begins a new one (the old
rules 4a and 4b): it can stay on top for ever.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.base.arguments import Parameter
from oslab.scheduling import ring
from oslab.scheduling.engine import SINCE, TASK, bind_hooks
from oslab.scheduling.policies.base import POLICIES, QUANTUM, Policy, Queue
from oslab.scheduling.workload import in_ms, to_ns

STEP, ALLOTMENT, BOOST, ACCOUNT, EPOCH = range(5)


class PolicyState(NamedTuple):
    """The queues; each task's queue, and what it used of its allotment, ns; the numbers."""

    rings: np.ndarray
    level: np.ndarray
    used: np.ndarray
    tune: np.ndarray


def start(workload, cpus, levels, quantum, allotment, boost, account):
    """Return empty queues."""
    n = len(workload)
    step = to_ns("quantum", quantum, 1)
    tune = np.array([step, to_ns("allotment", allotment) or step, to_ns("boost", boost), account, 0], np.int64)
    return PolicyState(
        np.stack([ring.new(n) for _ in range(levels)]), np.zeros(n, np.int64), np.zeros(n, np.int64), tune
    )


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
def enqueue(s, task, cause, cpu, now):
    """Go to the end of its queue, or of the next one if the allotment is used up."""
    own = s.own
    boost(s, now)
    if own.used[task] >= own.tune[ALLOTMENT]:
        own.used[task] = 0
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
    return min(s.own.tune[STEP], s.own.tune[ALLOTMENT] - s.own.used[task])


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
    return s.own.level[task] - s.own.level[new]


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
    summary="Several queues: who uses up its allotment goes down, the highest queue runs.",
    source="Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 8",
    tie_rule="within a queue who came into it first",
    parameters={
        "levels": Parameter(3, low=1, high=8, help="how many queues"),
        "quantum": Parameter(10.0, low=QUANTUM.low, high=QUANTUM.high, unit="ms", log=True, help=QUANTUM.help),
        "allotment": Parameter(
            0.0, low=0.0, high=1024.0, unit="ms", help="time in a queue before a task goes down; 0: one quantum"
        ),
        "boost": Parameter(0.0, low=0.0, high=100000.0, unit="ms", help="how often all go back to the top; 0: never"),
        "account": Parameter(True, help="keep counting across I/O; off: the rules that can be cheated"),
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
