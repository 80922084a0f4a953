"""Round robin: a queue, and a quantum after which a task goes to its end.

Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.3.  A task alone gets one quantum
after the other, each a decision of its own.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.scheduling import ring
from oslab.scheduling.engine import bind_hooks
from oslab.scheduling.policies.base import POLICIES, QUANTUM, Decision, Policy, Queue
from oslab.scheduling.workload import to_ns


class PolicyState(NamedTuple):
    """The queue, and the quantum in ns."""

    ring: np.ndarray
    quantum: int


def start(workload, cpus, quantum):
    """Return an empty queue."""
    return PolicyState(ring.new(len(workload)), to_ns("quantum", quantum, 1))


@hook
def enqueue(s, task, cause, cpu, now):
    """Go to the end."""
    ring.push(s.own.ring, task)


@hook
def pick(s, cpu, now):
    """Take the first."""
    return ring.pop(s.own.ring)


@hook
def quantum(s, cpu, task, now):
    """Run for a quantum."""
    return s.own.quantum


def describe(s):
    """Return the queue."""
    return Queue(ring.entries(s.own.ring))


POLICIES.register(
    "rr",
    label="Round robin",
    summary="The first in the queue runs for a quantum, then goes to its end.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.3",
    tie_rule="a task that comes as another's quantum ends queues before it (tie='arrival_first'), or after it",
    parameters={"quantum": QUANTUM},
)(Policy(start, bind_hooks("rr", enqueue=enqueue, pick=pick, quantum=quantum), describe, Decision.first_in, "quantum"))
