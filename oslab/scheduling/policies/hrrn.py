"""HRRN: the task with the highest response ratio, (waiting + burst) / burst, runs to the end of its burst.

Short tasks go first, yet a long one is not passed over for ever: its ratio grows while it waits.  Source: Brinch
Hansen, Short-term scheduling in multiprogramming systems, SOSP 1971; Stallings, Operating Systems, 9th ed., 9.2.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.scheduling.engine import NOW, TASK, bind_hooks
from oslab.scheduling.policies.base import POLICIES, Policy, Queue


class PolicyState(NamedTuple):
    """The ready tasks in the order of coming, and how many; since when each task waits, ns."""

    line: np.ndarray
    count: np.ndarray
    since: np.ndarray


def start(workload, cpus):
    """Return an empty line."""
    n = len(workload)
    return PolicyState(np.zeros(n, np.int64), np.zeros(1, np.int64), np.zeros(n, np.int64))


@hook
def enqueue(s, task, cause, cpu, now):
    """Go to the end of the line."""
    own = s.own
    own.line[own.count[0]] = task
    own.count[0] += 1
    own.since[task] = now


@hook
def pick(s, cpu, now):
    """Look through the line for the highest ratio: the most waiting for each ns of the burst."""
    own, best, most = s.own, -1, -1.0
    for k in range(own.count[0]):
        task = own.line[k]
        ratio = (now - own.since[task]) / s.remaining[task]
        if ratio > most:
            best, most = k, ratio
    if best < 0:
        return -1
    task = own.line[best]
    own.count[0] -= 1
    for k in range(best, own.count[0]):
        own.line[k] = own.line[k + 1]
    return task


def describe(s):
    """Return the line, and the ratios at the last decision of those in it and of those that run."""
    own, now = s.own, int(s.g[NOW])
    ready = own.line[: own.count[0]].tolist()
    there = [*ready, *(t for t in s.cpu[:, TASK].tolist() if t >= 0)]
    return Queue(ready, {"ratio": {t: 1 + (now - int(own.since[t])) / int(s.remaining[t]) for t in there}})


def reason(decision):
    """Return the ratios compared."""
    ratios = decision.queue.values["ratio"]
    return decision.least(ratios, "has the highest response ratio, {}", "has {}", "was ready later", nearest=max)


POLICIES.register(
    "hrrn",
    label="HRRN",
    summary="The task with the highest response ratio, (waiting + burst) / burst, runs to its end.",
    source="Brinch Hansen, SOSP 1971; Stallings, Operating Systems, 9th ed., 9.2",
    tie_rule="who was ready first",
)(Policy(start, bind_hooks("hrrn", enqueue=enqueue, pick=pick), describe, reason))
