"""SRTF: the task with the least left of its burst runs; one that comes with less takes over.

Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.2 (preemptive shortest job first);
Schrage, A proof of the optimality of the shortest remaining processing time discipline, Operations Research
16(3), 1968: least mean turnaround on one CPU, without I/O and switch cost.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.scheduling import heap
from oslab.scheduling.engine import bind_hooks
from oslab.scheduling.policies.base import EQUALS, POLICIES, Policy, Queue
from oslab.scheduling.workload import in_ms


class PolicyState(NamedTuple):
    """Ready tasks by what is left of their bursts, and who goes first among equals."""

    heap: np.ndarray
    equals: int


def start(workload, cpus, equals):
    """Return an empty queue."""
    return PolicyState(heap.new(len(workload)), heap.EQUALS.index(equals))


@hook
def enqueue(s, task, cause, cpu, now):
    """Queue by what is left."""
    heap.push(s.own.heap, s.remaining[task], heap.place(s.own.equals, s.turn[task], task), task)


@hook
def pick(s, cpu, now):
    """Take the one with the least left."""
    return heap.pop(s.own.heap) if s.own.heap[0, 0] > 0 else -1


@hook
def preempts(s, new, cpu, task, now):
    """Take over if less is left of the new one, or just as much and the last goes first."""
    return s.remaining[task] - s.remaining[new] + (s.own.equals == 1)


def describe(s):
    """Return the queue, and what is left of every burst."""
    left = {task: in_ms(left) for task, left in enumerate(s.remaining.tolist())}
    return Queue([task for _, _, task in heap.entries(s.own.heap)], {"left": left})


def reason(decision):
    """Return what is left of the pick's burst, and of the next one's."""
    return decision.least(decision.queue.values["left"], "has the least left, {} ms", "has {} left", "goes later")


POLICIES.register(
    "srtf",
    label="SRTF",
    summary="The task with the shortest remaining burst runs at every instant.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.2",
    tie_rule="who was ready first, and a task that comes with just as much left does not take over; or as `equals` says",
    parameters={"equals": EQUALS},
)(Policy(start, bind_hooks("srtf", enqueue=enqueue, pick=pick, preempts=preempts, PREEMPTIVE=True), describe, reason))
