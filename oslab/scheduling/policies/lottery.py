"""Lottery: a ticket is drawn for every quantum; its holder runs.

Source: Waldspurger and Weihl, Lottery scheduling: flexible proportional-share resource management, OSDI 1994.
The draw is x ← 48271·x mod (2³¹ − 1) (Park and Miller), so that a seed gives the same draws everywhere.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import hook
from oslab.base import Parameter
from oslab.scheduling.engine import TICKETS, bind_hooks
from oslab.scheduling.policies.base import POLICIES, QUANTUM, Policy, Queue
from oslab.scheduling.workload import to_ns

PRIME = 2**31 - 1
COUNT, TOTAL, SEED, DRAWN, BELOW, OF = range(6)


class PolicyState(NamedTuple):
    """The ready tasks in the order of coming; count, sum of tickets, state of the draw, the last draw; quantum, ns."""

    line: np.ndarray
    now: np.ndarray
    quantum: int


def start(workload, cpus, quantum, seed):
    """Return an empty line."""
    if workload.tickets.sum() >= PRIME:
        raise ValueError(f"tickets: {workload.tickets.sum()} in all; allowed are fewer than {PRIME}")
    return PolicyState(
        np.zeros(len(workload), np.int64),
        np.array([0, 0, seed % (PRIME - 1) + 1, 0, 0, 0], np.int64),
        to_ns("quantum", quantum, 1),
    )


@hook
def enqueue(s, task, cause, cpu, now):
    """Go to the end of the line."""
    at = s.own.now
    s.own.line[at[COUNT]] = task
    at[COUNT] += 1
    at[TOTAL] += s.info[task, TICKETS]


@hook
def pick(s, cpu, now):
    """Draw a ticket and walk along the line to its holder."""
    at, line = s.own.now, s.own.line
    if at[COUNT] == 0:
        return -1
    at[SEED] = at[SEED] * 48271 % PRIME
    at[DRAWN], at[OF] = at[SEED] * at[TOTAL] // PRIME, at[TOTAL]
    k, below = 0, 0
    while below + s.info[line[k], TICKETS] <= at[DRAWN]:
        below += s.info[line[k], TICKETS]
        k += 1
    task, at[BELOW] = line[k], below
    for j in range(k + 1, at[COUNT]):
        line[j - 1] = line[j]
    at[COUNT] -= 1
    at[TOTAL] -= s.info[task, TICKETS]
    return task


@hook
def quantum(s, cpu, task, now):
    """Run for a quantum."""
    return s.own.quantum


def describe(s):
    """Return the line, the tickets, and the last draw."""
    at = s.own.now.tolist()
    return Queue(
        s.own.line[: at[COUNT]].tolist(),
        {"tickets": dict(enumerate(s.info[:, TICKETS].tolist()))},
        {"drawn": at[DRAWN], "of": at[OF], "from": at[BELOW]},
    )


def reason(decision):
    """Return the ticket that was drawn, and whose it is."""
    numbers, mine = decision.queue.numbers, decision.queue.values["tickets"][decision.task]
    first = int(numbers["from"])
    return (
        f"ticket {int(numbers['drawn'])} of {int(numbers['of'])} is drawn, and "
        f"{decision.name} holds {first} to {first + mine - 1}."
    )


POLICIES.register(
    "lottery",
    label="Lottery",
    summary="A ticket is drawn for every quantum; its holder runs.",
    source="Waldspurger, Weihl, Lottery scheduling, OSDI 1994",
    tie_rule="none needed: each ticket has one holder; tickets are numbered in the order of coming",
    parameters={"quantum": QUANTUM, "seed": Parameter(1, low=0, high=10**6, help="seed of the draws")},
)(Policy(start, bind_hooks("lottery", enqueue=enqueue, pick=pick, quantum=quantum), describe, reason, "quantum"))
