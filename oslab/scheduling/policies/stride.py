"""Stride: each task's pass grows by what it ran over its tickets; the least pass runs.

Source: Waldspurger and Weihl, Stride scheduling: deterministic proportional-share resource management, MIT
LCS/TM-528, 1995.  A task that comes starts no further back than the pass that was picked last.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.scheduling import heap
from oslab.scheduling.engine import NEW, TICKETS, TURN, bind_hooks
from oslab.scheduling.policies.base import POLICIES, QUANTUM, Policy, Queue
from oslab.scheduling.workload import in_ms, to_ns

STRIDE = 1024


class PolicyState(NamedTuple):
    """Ready tasks by pass; every pass; the pass picked last; the quantum, ns."""

    heap: np.ndarray
    passes: np.ndarray
    last: np.ndarray
    quantum: int


def start(workload, cpus, quantum):
    """Return an empty queue."""
    n = len(workload)
    return PolicyState(heap.new(n), np.zeros(n, np.int64), np.zeros(1, np.int64), to_ns("quantum", quantum, 1))


@hook
def enqueue(s, task, cause, cpu, now):
    """Queue by pass."""
    own = s.own
    if cause >= NEW:
        own.passes[task] = max(own.passes[task], own.last[0])
    s.g[TURN] += 1
    heap.push(own.heap, own.passes[task], s.g[TURN], task)


@hook
def pick(s, cpu, now):
    """Take the least pass."""
    own = s.own
    if own.heap[0, 0] == 0:
        return -1
    task = heap.pop(own.heap)
    own.last[0] = max(own.last[0], own.passes[task])
    return task


@hook
def quantum(s, cpu, task, now):
    """Run for a quantum."""
    return s.own.quantum


@hook
def charge(s, cpu, task, ran, now):
    """Go on by what it ran, the less the more tickets it has."""
    s.own.passes[task] += ran * STRIDE // s.info[task, TICKETS]


def describe(s):
    """Return the queue and every pass."""
    return Queue(
        [task for _, _, task in heap.entries(s.own.heap)],
        {"pass": {task: in_ms(value) for task, value in enumerate(s.own.passes.tolist())}},
    )


def reason(decision):
    """Return the passes compared."""
    return decision.least(decision.queue.values["pass"], "has the least pass, {}", "has {}", "was queued later")


POLICIES.register(
    "stride",
    label="Stride",
    summary="The task with the least pass runs; its pass grows by time over tickets.",
    source="Waldspurger, Weihl, Stride scheduling, MIT LCS/TM-528, 1995",
    tie_rule="who was queued first",
    parameters={"quantum": QUANTUM},
)(
    Policy(
        start,
        bind_hooks("stride", enqueue=enqueue, pick=pick, quantum=quantum, charge=charge),
        describe,
        reason,
        "quantum",
    )
)
