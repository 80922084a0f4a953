"""Priorities: the smallest number runs (or the largest); one that comes with a better number takes over.

With a quantum equals take turns.  With ageing a task that waits gets better by one for each `aging` ms, in between
in proportion; while it runs, and when it is queued anew, its own number counts again.  Source: Silberschatz, Galvin,
Gagne, Operating System Concepts, 10th ed., 5.3.4 and 5.3.5; as SCHED_FIFO and SCHED_RR, sched(7), a task that was
preempted keeps its place among its equals.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.base import Parameter
from oslab.scheduling import heap
from oslab.scheduling.engine import EXPIRED, NEVER, PRIORITY, TURN, bind_hooks
from oslab.scheduling.policies.base import EQUALS, POLICIES, Policy, Queue
from oslab.scheduling.workload import say_ms, to_ns


class PolicyState(NamedTuple):
    """Ready tasks by priority; the numbers of the options, times in ns."""

    heap: np.ndarray
    preemptive: int
    sign: int
    quantum: int
    aging: int
    equals: int


def start(workload, cpus, preemptive, larger_first, quantum, aging, equals):
    """Return an empty queue."""
    sign, turn = -1 if larger_first else 1, to_ns("quantum", quantum) or NEVER
    known = heap.EQUALS.index(equals)
    return PolicyState(heap.new(len(workload)), int(preemptive), sign, turn, to_ns("aging", aging), known)


@hook
def enqueue(s, task, cause, cpu, now):
    """Queue by priority; with ageing by when it would have come to be the best of all, which orders them at any time."""
    own, number = s.own, s.own.sign * s.info[task, PRIORITY]
    if cause == EXPIRED:
        s.turn[task] = s.g[TURN]
        s.g[TURN] += 1
    key = number * own.aging + now if own.aging > 0 else number
    heap.push(own.heap, key, heap.place(own.equals, s.turn[task], task), task)


@hook
def pick(s, cpu, now):
    """Take the smallest number."""
    return heap.pop(s.own.heap) if s.own.heap[0, 0] > 0 else -1


@hook
def quantum(s, cpu, task, now):
    """Run for a quantum, if there is one."""
    return s.own.quantum


@hook
def preempts(s, new, cpu, task, now):
    """Take over with a better number, or an equal one if the last goes first."""
    own = s.own
    return own.preemptive * (own.sign * (s.info[task, PRIORITY] - s.info[new, PRIORITY]) + (own.equals == 1))


def describe(s):
    """Return the queue and all priorities."""
    ready = [task for _, _, task in heap.entries(s.own.heap)]
    return Queue(ready, {"priority": dict(enumerate(s.info[:, PRIORITY].tolist()))})


def reason(decision):
    """Return the priorities compared; with ageing also since when both have waited."""
    number, rivals = decision.queue.values["priority"], decision.queue.ready
    if not decision.options["aging"] or not rivals:
        best = max if decision.options["larger_first"] else min
        return decision.least(number, "has the first priority, {}", "has {}", "goes later", nearest=best)
    said = [f"{decision.names[t]} priority {number[t]}, since {say_ms(decision.since(t))} ms" for t in rivals[:1]]
    mine = f"priority {number[decision.task]} and waits since {say_ms(decision.since(decision.task))} ms"
    return f"{decision.name} has {mine}, which with ageing comes before {said[0]}."


POLICIES.register(
    "priority",
    label="Priority",
    summary="The task with the best priority runs; by default the smallest number is best.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.4 and 5.3.5; sched(7)",
    tie_rule="who was ready first, and a task that comes with an equal number does not take over; or as `equals` says",
    parameters={
        "preemptive": Parameter(True, help="whether an arriving task may preempt"),
        "larger_first": Parameter(False, help="whether a larger number is better"),
        "quantum": Parameter(
            0.0, 0.0, 100.0, unit="ms", help="after which tasks of equal priority take turns; 0: never"
        ),
        "aging": Parameter(0.0, 0.0, 1000.0, unit="ms", help="waiting time that improves a priority by one; 0: off"),
        "equals": EQUALS,
    },
)(
    Policy(
        start,
        bind_hooks("priority", enqueue=enqueue, pick=pick, quantum=quantum, preempts=preempts, PREEMPTIVE=True),
        describe,
        reason,
        "quantum",
    )
)
