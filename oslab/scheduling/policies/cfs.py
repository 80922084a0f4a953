"""CFS, Linux's scheduler from 2.6.23 to 6.5: the task with the least weighted run time (vruntime) runs.

Source: kernel/sched/fair.c of Linux 6.5; Documentation/scheduler/sched-design-CFS.rst.  With f = 1 + log2(min(CPUs,
8)): latency 6 ms·f, granularity 0.75 ms·f, wake-up granularity 1 ms·f.  Tasks that are there before anything has
run start at 0; later ones at min_vruntime and one slice more.  ``tick=0`` ends each slice exactly.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.base import Parameter
from oslab.scheduling import red_black_tree
from oslab.scheduling.engine import MADE, NEVER, NEW, START, TASK, UNTIL, WEIGHT, WOKEN, bind_hooks
from oslab.scheduling.load_balancing import COUNT, LOAD, busiest, home_for
from oslab.scheduling.policies.base import POLICIES, Policy, Queue
from oslab.scheduling.workload import MS, in_ms, to_ns

NICE_0, FEW = 1024, 8
MIN_V = 2
LATENCY, LEAST, WAKEUP, TICK, NEWCOMER = range(5)
NEWCOMERS = ("debit", "min", "zero")
TICK_PARAMETER = Parameter(
    1.0, low=0.0, high=10.0, unit="ms", help="how often the clock interrupts; 0: exactly when a slice is over"
)


class PolicyState(NamedTuple):
    """A tree for each CPU; each task's vruntime and CPU; each CPU's load, count and min_vruntime; the numbers."""

    table: np.ndarray
    heads: np.ndarray
    v: np.ndarray
    home: np.ndarray
    queues: np.ndarray
    tune: np.ndarray


def start(workload, cpus, tick, newcomer):
    """Return empty trees."""
    n, f = len(workload), 1 + (min(cpus, 8).bit_length() - 1)
    tune = np.array([6 * MS * f, 3 * MS // 4 * f, MS * f, to_ns("tick", tick), NEWCOMERS.index(newcomer)], np.int64)
    return PolicyState(
        red_black_tree.new_table(n),
        red_black_tree.new_heads(cpus),
        np.zeros(n, np.int64),
        np.full(n, -1, np.int64),
        np.zeros((cpus, 3), np.int64),
        tune,
    )


@hook
def slice_of(own, c, weight):
    """Return the share of the period that a weight gets, ns."""
    count = own.queues[c, COUNT]
    period = own.tune[LATENCY] if count <= FEW else count * own.tune[LEAST]
    return period * weight // own.queues[c, LOAD]


@hook
def raise_min(own, c, v):
    """Let min_vruntime follow the least of `v` and the leftmost; it never goes back."""
    left = own.heads[c, red_black_tree.LEFT]
    if left != 0:
        v = min(v, own.table[left].key)
    if NEVER > v > own.queues[c, MIN_V]:
        own.queues[c, MIN_V] = v


@hook
def enqueue(s, task, cause, cpu, now):
    """Queue by vruntime; a task that comes is placed first, and makes the slice of the running one shorter."""
    own = s.own
    if cause >= NEW:
        c, weight, before = home_for(own.queues, own.home[task]), s.info[task, WEIGHT], own.home[task]
        own.home[task] = c
        own.queues[c, COUNT] += 1
        own.queues[c, LOAD] += weight
        least = own.queues[c, MIN_V]
        if cause == WOKEN:
            moved = own.v[task] - own.queues[before, MIN_V] + least
            own.v[task] = max(moved, least - own.tune[LATENCY] // 2)
        elif own.tune[NEWCOMER] < 2:
            debit = own.tune[NEWCOMER] == 0 and s.g[MADE] > 0
            own.v[task] = least + (slice_of(own, c, weight) * NICE_0 // weight if debit else 0)
        running = s.cpu[c, TASK]
        if own.tune[TICK] == 0 and running >= 0:
            over = s.cpu[c, START] + slice_of(own, c, s.info[running, WEIGHT])
            s.cpu[c, UNTIL] = max(now, min(s.cpu[c, UNTIL], over))
    red_black_tree.insert(own.table, own.heads, own.home[task], task + 1, own.v[task])


@hook
def steal(own, cpus, cpu, info):
    """Bring the leftmost task of the busiest CPU over to an idle one; return whether there was one."""
    source = busiest(own.queues, cpus)
    if source < 0:
        return False
    task = own.heads[source, red_black_tree.LEFT] - 1
    red_black_tree.erase(own.table, own.heads, source, task + 1)
    own.v[task] += own.queues[cpu, MIN_V] - own.queues[source, MIN_V]
    own.home[task] = cpu
    for c, sign in ((source, -1), (cpu, 1)):
        own.queues[c, COUNT] += sign
        own.queues[c, LOAD] += sign * info[task, WEIGHT]
    red_black_tree.insert(own.table, own.heads, cpu, task + 1, own.v[task])
    return True


@hook
def pick(s, cpu, now):
    """Take the leftmost; an idle CPU takes the busiest one's."""
    own = s.own
    if own.heads[cpu, red_black_tree.LEFT] == 0 and not steal(own, s.cpu, cpu, s.info):
        return -1
    node = own.heads[cpu, red_black_tree.LEFT]
    red_black_tree.erase(own.table, own.heads, cpu, node)
    return node - 1


@hook
def quantum(s, cpu, task, now):
    """Run until the next tick, or to the end of the slice."""
    tick = s.own.tune[TICK]
    if tick > 0:
        return tick - now % tick
    share = slice_of(s.own, cpu, s.info[task, WEIGHT])
    left = share - (now - s.cpu[cpu, START])
    return left if left > 0 else share


@hook
def charge(s, cpu, task, ran, now):
    """Add the time that it ran, the less the more it weighs."""
    own = s.own
    own.v[task] += ran * NICE_0 // s.info[task, WEIGHT]
    raise_min(own, cpu, own.v[task])


@hook
def expired(s, cpu, task, ran, now):
    """End the turn after a slice, or when the leftmost lags by more than a slice."""
    own = s.own
    if own.queues[cpu, COUNT] <= 1:
        return False
    share = slice_of(own, cpu, s.info[task, WEIGHT])
    if ran > share or (ran == share and own.tune[TICK] == 0):
        return True
    if ran < own.tune[LEAST]:
        return False
    left = own.heads[cpu, red_black_tree.LEFT]
    return left != 0 and own.v[task] - own.table[left].key > share


@hook
def depart(s, cpu, task, now, finished):
    """Take its weight out."""
    own = s.own
    own.queues[cpu, COUNT] -= 1
    own.queues[cpu, LOAD] -= s.info[task, WEIGHT]
    raise_min(own, cpu, NEVER)


@hook
def preempts(s, new, cpu, task, now):
    """Take over if the one that runs is ahead by more than the wake-up granularity."""
    own = s.own
    ahead = own.v[task] - own.v[new]
    if own.home[new] == cpu and ahead > own.tune[WAKEUP] * NICE_0 // s.info[new, WEIGHT]:
        return ahead
    return 0


def describe(s):
    """Return the trees' tasks from left to right, every vruntime, and the first CPU's min_vruntime."""
    ready = [node - 1 for c in range(len(s.own.heads)) for node in red_black_tree.in_order(s.own.table, s.own.heads, c)]
    came = [*ready, *(t for t in s.cpu[:, TASK].tolist() if t >= 0)]
    return Queue(
        ready,
        {"vruntime": {t: in_ms(int(s.own.v[t])) for t in came}},
        {"min_vruntime": in_ms(int(s.own.queues[0, MIN_V]))},
    )


def reason(decision):
    """Return the vruntimes compared."""
    return decision.least(
        decision.queue.values["vruntime"], "has the least vruntime, {} ms", "has {}", "was queued later"
    )


POLICIES.register(
    "cfs",
    label="CFS",
    summary="The task with the least weighted run time (vruntime) runs.",
    source="kernel/sched/fair.c, Linux 6.5; Documentation/scheduler/sched-design-CFS.rst",
    tie_rule="who was queued first (equal keys go right in the tree)",
    parameters={
        "tick": TICK_PARAMETER,
        "newcomer": Parameter(
            "debit",
            choices=NEWCOMERS,
            help="where a task that comes later starts: min_vruntime and a "
            "slice more (as Linux), min_vruntime, or 0 (unfair)",
        ),
    },
)(
    Policy(
        start,
        bind_hooks(
            "cfs",
            enqueue=enqueue,
            pick=pick,
            quantum=quantum,
            charge=charge,
            expired=expired,
            depart=depart,
            preempts=preempts,
            PREEMPTIVE=True,
        ),
        describe,
        reason,
        "tick",
    )
)
