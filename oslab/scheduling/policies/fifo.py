"""FIFO: who is ready first runs first, to the end of its burst.

Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.1.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.scheduling import ring
from oslab.scheduling.engine import bind_hooks
from oslab.scheduling.policies.base import POLICIES, Decision, Policy, Queue


class PolicyState(NamedTuple):
    """The queue."""

    ring: np.ndarray


def start(workload, cpus):
    """Return an empty queue."""
    return PolicyState(ring.new(len(workload)))


@hook
def enqueue(s, task, cause, cpu, now):
    """Go to the end."""
    ring.push(s.own.ring, task)


@hook
def pick(s, cpu, now):
    """Take the first."""
    return ring.pop(s.own.ring)


def describe(s):
    """Return the queue."""
    return Queue(ring.entries(s.own.ring))


POLICIES.register(
    "fifo",
    label="FIFO",
    summary="The task that became ready first runs, to the end of its burst.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.1",
    tie_rule="of tasks that come at the same instant the one listed first",
)(Policy(start, bind_hooks("fifo", enqueue=enqueue, pick=pick), describe, Decision.first_in))
