"""FIFO: who is ready first runs first, to the end of its burst.

Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.1.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.scheduling import ring
from oslab.scheduling.engine import hooks_bound
from oslab.scheduling.policies.base import POLICIES, Moment, Policy, Queue


class Own(NamedTuple):
    """The queue."""

    ring: np.ndarray


def start(workload, cpus):
    """Return an empty queue."""
    return Own(ring.new(len(workload)))


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
    summary="Who is ready first runs first, to the end of its burst.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 5.3.1",
    tie_rule="of tasks that come at the same instant the one listed first",
)(Policy(start, hooks_bound("fifo", enqueue=enqueue, pick=pick), describe, Moment.first_in))
