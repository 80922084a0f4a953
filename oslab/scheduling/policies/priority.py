"""Fixed priorities: the smallest number runs; one that comes with a smaller number takes over.

Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.4; as SCHED_FIFO, sched(7), a task
that was preempted keeps its place among its equals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.base.arguments import Parameter
from oslab.scheduling import heap
from oslab.scheduling.engine import PRIORITY, bind_hooks
from oslab.scheduling.policies.base import POLICIES, Policy, Queue


class PolicyState(NamedTuple):
    """Ready tasks by priority."""

    heap: np.ndarray
    preemptive: int


def start(workload, cpus, preemptive):
    """Return an empty queue."""
    return PolicyState(heap.new(len(workload)), int(preemptive))


@hook
def enqueue(s, task, cause, cpu, now):
    """Queue by priority."""
    heap.push(s.own.heap, s.info[task, PRIORITY], s.turn[task], task)


@hook
def pick(s, cpu, now):
    """Take the smallest number."""
    return heap.pop(s.own.heap) if s.own.heap[0, 0] > 0 else -1


@hook
def preempts(s, new, cpu, task, now):
    """Take over with a smaller number."""
    return s.own.preemptive * (s.info[task, PRIORITY] - s.info[new, PRIORITY])


def describe(s):
    """Return the queue and all priorities."""
    return Queue(
        [task for _, _, task in heap.entries(s.own.heap)], {"priority": dict(enumerate(s.info[:, PRIORITY].tolist()))}
    )


def reason(decision):
    """Return the priorities compared."""
    return decision.least(decision.queue.values["priority"], "has the first priority, {}", "has {}", "was ready later")


POLICIES.register(
    "priority",
    label="Priority",
    summary="The task with the smallest priority number runs.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.4; sched(7)",
    tie_rule="who was ready first; a task that comes with an equal number does not take over",
    parameters={"preemptive": Parameter(True, help="whether a task that comes may take over")},
)(
    Policy(
        start, bind_hooks("priority", enqueue=enqueue, pick=pick, preempts=preempts, PREEMPTIVE=True), describe, reason
    )
)
