"""SJF: the task with the shortest next burst runs, to its end.

Nobody knows the next burst, so a system must guess it from those before: with ``predict`` the guess is their
exponential average.  Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.2.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.base import Parameter
from oslab.scheduling import heap
from oslab.scheduling.engine import START, bind_hooks
from oslab.scheduling.policies.base import POLICIES, Policy, Queue
from oslab.scheduling.workload import in_ms, to_ns


class PolicyState(NamedTuple):
    """Ready tasks by their next burst; each task's guess, ns, and how much its last burst weighs in it."""

    heap: np.ndarray
    guess: np.ndarray
    predict: int
    alpha: float


def start(workload, cpus, predict, alpha, guess):
    """Return an empty queue."""
    return PolicyState(
        heap.new(len(workload)), np.full(len(workload), to_ns("guess", guess), np.int64), int(predict), alpha
    )


@hook
def enqueue(s, task, cause, cpu, now):
    """Queue by the next burst, known or guessed."""
    key = s.own.guess[task] if s.own.predict else s.remaining[task]
    heap.push(s.own.heap, key, s.turn[task], task)


@hook
def pick(s, cpu, now):
    """Take the shortest."""
    return heap.pop(s.own.heap) if s.own.heap[0, 0] > 0 else -1


@hook
def depart(s, cpu, task, now, finished):
    """Learn from the burst that is over."""
    ran = now - s.cpu[cpu, START]
    s.own.guess[task] = int(s.own.alpha * ran + (1 - s.own.alpha) * s.own.guess[task])


def describe(s):
    """Return the queue, and the bursts that it is ordered by."""
    known = s.own.guess if s.own.predict else s.remaining
    return Queue(
        [task for _, _, task in heap.entries(s.own.heap)],
        {"guess" if s.own.predict else "burst": {task: in_ms(value) for task, value in enumerate(known.tolist())}},
    )


def reason(decision):
    """Return the burst of the pick and of the next one."""
    name, values = next(iter(decision.queue.values.items()))
    says = "has the shortest expected burst, {} ms" if name == "guess" else "has the shortest burst, {} ms"
    return decision.least(values, says, "has {}", "was ready later")


POLICIES.register(
    "sjf",
    label="SJF",
    summary="The task with the shortest next burst runs, to its end.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.2",
    tie_rule="who was ready first",
    parameters={
        "predict": Parameter(False, help="predict the next burst from earlier ones"),
        "alpha": Parameter(0.5, low=0.0, high=1.0, help="weight of the last burst in the prediction"),
        "guess": Parameter(10.0, low=0.0, high=1000.0, unit="ms", help="predicted first burst"),
    },
)(Policy(start, bind_hooks("sjf", enqueue=enqueue, pick=pick, depart=depart), describe, reason))
