"""EEVDF, Linux's scheduler from 6.6 on: among the tasks that are owed time, the one with the earliest deadline.

Source: Documentation/scheduler/sched-eevdf.rst and kernel/sched/fair.c, Linux 6.6; Stoica and Abdel-Wahab, Earliest
eligible virtual deadline first, 1995.  The tree is ordered by deadline, and each node knows the least vruntime
below it, so the pick is one way down.  Tasks that are there before anything has run get whole slices, later ones
begin with half of one.  Left out: RUN_TO_PARITY, PREEMPT_SHORT, DELAY_DEQUEUE.  ``tick=0`` ends slices exactly.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.base import Parameter, readable, shown
from oslab.scheduling import red_black_tree
from oslab.scheduling.engine import MADE, NEVER, NEW, TASK, WEIGHT, bind_hooks
from oslab.scheduling.load_balancing import COUNT, LOAD, busiest, home_for
from oslab.scheduling.policies.base import POLICIES, Policy, Queue
from oslab.scheduling.policies.cfs import NICE_0, TICK_PARAMETER
from oslab.scheduling.workload import MS, in_ms, say_ms, to_ns

# Of each CPU, after load and count: a base, the sum of w·(v − base), and whether a request was used up.
BASE, EXCESS, DUE = 2, 3, 4
V, DEADLINE, LAG, LENGTH, HOME = range(5)


class PolicyState(NamedTuple):
    """A tree for each CPU; each task's vruntime, deadline, lag, slice and CPU; each CPU's sums; the tick."""

    table: np.ndarray
    heads: np.ndarray
    tasks: np.ndarray
    queues: np.ndarray
    tick: int


def start(workload, cpus, tick, base_slice):
    """Return empty trees."""
    n, f = len(workload), 1 + (min(cpus, 8).bit_length() - 1)
    table = red_black_tree.new_table(n, ("v", np.int64), ("least", np.int64))
    table[0].least = NEVER
    tasks = np.zeros((n, 5), np.int64)
    own = round(base_slice * MS) * f
    tasks[:, LENGTH] = np.where(workload.slice_ns > 0, workload.slice_ns, own)
    tasks[:, HOME] = -1
    reach = 4.0 * NICE_0 * float((tasks[:, LENGTH] / workload.weight).max()) * float(workload.weight.sum())
    if reach > 2.0**62:
        raise ValueError(
            f"base_slice={shown(base_slice)}: too long beside weights of {workload.weight.sum()} in all; "
            "allowed are shorter ones"
        )
    return PolicyState(table, red_black_tree.new_heads(cpus), tasks, np.zeros((cpus, 5), np.int64), to_ns("tick", tick))


@hook
def refresh(t, i):
    """Keep the least vruntime of the subtree."""
    t[i].least = min(t[i].v, t[t[i].left].least, t[t[i].right].least)


insert, erase = red_black_tree.augmented("eevdf", refresh)


@hook
def average(queues, c):
    """Return V, the weighted mean vruntime of the CPU's tasks, rounded down."""
    return queues[c, BASE] + (queues[c, EXCESS] // queues[c, LOAD] if queues[c, LOAD] > 0 else 0)


@hook
def eligible(queues, c, v):
    """Tell whether a task with this vruntime has a lag of 0 or more; exact, since V is not rounded."""
    return queues[c, EXCESS] >= (v - queues[c, BASE]) * queues[c, LOAD]


@hook
def join(tasks, queues, c, task, weight, sign):
    """Count a task in (1) or out (-1)."""
    queues[c, LOAD] += sign * weight
    queues[c, COUNT] += sign
    queues[c, EXCESS] += sign * weight * (tasks[task, V] - queues[c, BASE])
    tasks[task, HOME] = c


@hook
def place(tasks, queues, c, task, weight, whole):
    """Give a task that comes its vruntime, by the lag that it left with, and its deadline."""
    load, lag = queues[c, LOAD], tasks[task, LAG]
    if load > 0:
        lag = lag * (load + weight) // load
    else:
        lag = 0
    tasks[task, V] = average(queues, c) - lag
    request = tasks[task, LENGTH] * NICE_0 // weight
    tasks[task, DEADLINE] = tasks[task, V] + (request if whole else request // 2)
    join(tasks, queues, c, task, weight, 1)


@hook
def enqueue(s, task, cause, cpu, now):
    """Queue by deadline; a task that comes is placed first."""
    own = s.own
    tasks = own.tasks
    if cause >= NEW:
        place(
            tasks,
            own.queues,
            home_for(own.queues, tasks[task, HOME]),
            task,
            s.info[task, WEIGHT],
            cause != NEW or s.g[MADE] == 0,
        )
    own.table[task + 1].v = tasks[task, V]
    insert(own.table, own.heads, tasks[task, HOME], task + 1, tasks[task, DEADLINE])


@hook
def best(table, heads, queues, c):
    """Return the eligible node with the earliest deadline, 0 for none."""
    first = np.uint32(heads[c, red_black_tree.LEFT])
    if first == 0 or eligible(queues, c, table[first].v):
        return first
    node = np.uint32(heads[c, red_black_tree.ROOT])
    while node != 0:
        left = table[node].left
        if left != 0 and eligible(queues, c, table[left].least):
            node = left
        elif eligible(queues, c, table[node].v):
            return node
        else:
            node = table[node].right
    return first


@hook
def steal(own, cpus, cpu, info):
    """Bring a task of the busiest CPU over to an idle one, with its lag; return whether there was one."""
    source = busiest(own.queues, cpus)
    if source < 0:
        return False
    node = best(own.table, own.heads, own.queues, source)
    task = np.int64(node) - 1
    erase(own.table, own.heads, source, node)
    tasks, weight, lag = own.tasks, info[task, WEIGHT], average(own.queues, source) - own.tasks[task, V]
    join(tasks, own.queues, source, task, weight, -1)
    moved = average(own.queues, cpu) - lag - tasks[task, V]
    tasks[task, V] += moved
    tasks[task, DEADLINE] += moved
    join(tasks, own.queues, cpu, task, weight, 1)
    own.table[node].v = tasks[task, V]
    insert(own.table, own.heads, cpu, node, tasks[task, DEADLINE])
    return True


@hook
def pick(s, cpu, now):
    """Take the eligible task with the earliest deadline; an idle CPU takes the busiest one's."""
    own = s.own
    if own.heads[cpu, red_black_tree.LEFT] == 0 and not steal(own, s.cpu, cpu, s.info):
        return -1
    own.queues[cpu, DUE] = 0
    node = best(own.table, own.heads, own.queues, cpu)
    erase(own.table, own.heads, cpu, node)
    return np.int64(node) - 1


@hook
def quantum(s, cpu, task, now):
    """Run until the next tick, or to the deadline."""
    tick, tasks = s.own.tick, s.own.tasks
    if tick > 0:
        return tick - now % tick
    left = (tasks[task, DEADLINE] - tasks[task, V]) * s.info[task, WEIGHT]
    return max(1, (left + NICE_0 - 1) // NICE_0)


@hook
def charge(s, cpu, task, ran, now):
    """Let vruntime grow; past the deadline the next request begins."""
    queues, tasks, weight = s.own.queues, s.own.tasks, s.info[task, WEIGHT]
    grown = ran * NICE_0 // weight
    tasks[task, V] += grown
    excess = queues[cpu, EXCESS] + grown * weight
    ahead = excess // queues[cpu, LOAD]
    queues[cpu, BASE] += ahead
    queues[cpu, EXCESS] = excess - ahead * queues[cpu, LOAD]
    if tasks[task, V] >= tasks[task, DEADLINE]:
        tasks[task, DEADLINE] = tasks[task, V] + tasks[task, LENGTH] * NICE_0 // weight
        queues[cpu, DUE] = 1


@hook
def expired(s, cpu, task, ran, now):
    """End the turn when the request is used up and another task waits."""
    queues = s.own.queues
    over = queues[cpu, DUE] == 1 and queues[cpu, COUNT] > 1
    queues[cpu, DUE] = 0
    return over


@hook
def depart(s, cpu, task, now, finished):
    """Keep the lag, within a limit, and leave."""
    queues, tasks, weight = s.own.queues, s.own.tasks, s.info[task, WEIGHT]
    limit = max(2 * tasks[task, LENGTH], s.own.tick) * NICE_0 // weight
    tasks[task, LAG] = max(-limit, min(limit, average(queues, cpu) - tasks[task, V]))
    join(tasks, queues, cpu, task, weight, -1)
    if queues[cpu, COUNT] == 0:
        queues[cpu, EXCESS] = 0


@hook
def preempts(s, new, cpu, task, now):
    """Take over if the new task is the one that would be picked."""
    own = s.own
    tasks, node = own.tasks, best(own.table, own.heads, own.queues, cpu)
    if tasks[new, HOME] != cpu or node != new + 1:
        return 0
    runs_on = eligible(own.queues, cpu, tasks[task, V]) and tasks[task, DEADLINE] < tasks[new, DEADLINE]
    return 0 if runs_on or not eligible(own.queues, cpu, tasks[new, V]) else 1


def describe(s):
    """Return the trees' tasks by deadline; every vruntime, deadline and lag; the first CPU's V."""
    own = s.own
    ready = [node - 1 for c in range(len(own.heads)) for node in red_black_tree.in_order(own.table, own.heads, c)]
    came = [*ready, *(t for t in s.cpu[:, TASK].tolist() if t >= 0)]
    queues, tasks = own.queues.tolist(), own.tasks.tolist()

    def mean(c: int) -> float:
        return queues[c][BASE] + (queues[c][EXCESS] / queues[c][LOAD] if queues[c][LOAD] else 0.0)

    return Queue(
        ready,
        {
            "deadline": {t: in_ms(tasks[t][DEADLINE]) for t in came},
            "vruntime": {t: in_ms(tasks[t][V]) for t in came},
            "lag": {t: in_ms((mean(tasks[t][HOME]) - tasks[t][V]) * int(s.info[t, WEIGHT]) / NICE_0) for t in came},
        },
        {"V": in_ms(mean(0))},
    )


def reason(decision):
    """Return the deadlines compared among the eligible, and who is not eligible."""
    lag, deadline = decision.queue.values["lag"], decision.queue.values["deadline"]
    rivals = [t for t in decision.queue.ready if lag[t] >= 0]
    text = decision.least(
        deadline, "is eligible and has the earliest deadline, {} ms", "has {}", "was queued later", rivals
    )
    text = text.replace(
        "no other task is ready", "no other task is eligible" if decision.queue.ready else "no other task is ready"
    )
    late = [t for t in decision.queue.ready if lag[t] < 0 and deadline[t] < deadline[decision.task]]
    if late:
        text += (
            f" {decision.names[late[0]]}'s deadline, {say_ms(deadline[late[0]])}, is earlier, but it is ahead of its share "
            f"(lag {readable(lag[late[0]])} ms)."
        )
    return text


POLICIES.register(
    "eevdf",
    label="EEVDF",
    summary="The eligible task (not ahead of its share) with the earliest virtual deadline runs.",
    source="Documentation/scheduler/sched-eevdf.rst, kernel/sched/fair.c, Linux 6.6",
    tie_rule="who was queued first (equal keys go right in the tree)",
    parameters={
        "tick": TICK_PARAMETER,
        "base_slice": Parameter(0.75, low=0.0625, high=64.0, unit="ms", log=True, help="length of a request"),
    },
)(
    Policy(
        start,
        bind_hooks(
            "eevdf",
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
