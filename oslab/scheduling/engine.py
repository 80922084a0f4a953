"""The scheduler's engine: one event loop, bound to the hooks of each policy.  Times are int64 nanoseconds.

The loop picks for every idle CPU, goes on to the next instant at which anything happens, lets tasks come in
(new or back from I/O) and CPUs stop, and begins anew.  At one instant arrivals queue first, in task order, then
tasks that come back from I/O, then a task whose quantum ends; ``tie="expired_first"`` turns that round.

A policy's hooks, called by global name (see `bind_hooks`):

``enqueue(s, task, cause, cpu, now)``
    The task is ready: `NEW`, `WOKEN`, `EXPIRED` or `PREEMPTED`; `cpu` is where it ran, -1 for the first two.
``pick(s, cpu, now)``
    Take a task out of the queue and return it; -1 to leave the CPU idle.
``quantum(s, cpu, task, now)``
    How long it may run until `expired` is asked.
``charge(s, cpu, task, ran, now)``
    The task ran for so long since the last charge.
``expired(s, cpu, task, ran, now)``
    Whether its turn is over, after `ran` ns of it; if not, `quantum` is asked again.
``depart(s, cpu, task, now, finished)``
    It leaves the CPU for I/O, or for good.
``preempts(s, new, cpu, task, now)``
    How much there is to gain from running `new` instead of `task`; 0 for nothing.  Asked if ``PREEMPTIVE``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from oslab._jit import bind, hook, lean
from oslab.scheduling import heap

__all__ = ["CAUSES", "NEVER", "State", "bind_hooks", "grow", "new_state"]

NEVER = 2**62
NOBODY, STRANGER = -1, -2  # who ran before a CPU's first turn; only after a stranger that turn is a switch
# Scalars of the state.
NOW, ARRIVED, FINISHED, MADE, QUEUED, TURN, NEXT, COST, EXPIRED_FIRST = range(9)
# Of each CPU: its task (-1: idle), when it stops, from when it is charged, when its turn began, the row of the
# turn, the task before, and whether it is to be preempted.
TASK, UNTIL, SINCE, START, ROW, LAST, WANTED = range(7)
# Why a turn ended, or why a task is queued.
RUNNING, DONE, BLOCKED, EXPIRED, PREEMPTED, NEW, WOKEN = range(7)
CAUSES = ("running", "done", "I/O", "quantum over", "preempted", "arrival", "I/O done")
# What is known of a task.
WEIGHT, PRIORITY, TICKETS, SLICE = range(4)


class State(NamedTuple):
    """Everything that the loop and the hooks read and write; `n` tasks, `m` parts of bursts, `c` CPUs.

    Attributes
    ----------
    g : int64[9]
    arrival, order : int64[n]
        When each task comes, and the tasks in that order.
    first, parts : int64[n + 1], int64[m]
        ``parts[first[i]:first[i + 1]]`` are task i's bursts: CPU, I/O, CPU and so on.
    at, remaining : int64[n]
        Each task's place in `parts`, and what is left of that burst.
    turn : int64[n]
        Rises with each coming; tells who became ready first.
    info : int64[n, 4]
        Weight, priority, tickets, slice.
    cpu : int64[c, 7]
    asleep : heap of tasks by the time at which their I/O is done
    turns : int64[k, 4]
        The decisions: task, CPU, start and end of the turn.
    marks : uint8[k, 2]
        Why the turn ended, and whether the CPU had to switch to it.
    own : NamedTuple
        The policy's.
    """

    g: np.ndarray
    arrival: np.ndarray
    order: np.ndarray
    first: np.ndarray
    parts: np.ndarray
    at: np.ndarray
    remaining: np.ndarray
    turn: np.ndarray
    info: np.ndarray
    cpu: np.ndarray
    asleep: np.ndarray
    turns: np.ndarray
    marks: np.ndarray
    own: Any


def new_state(
    arrival: np.ndarray,
    first: np.ndarray,
    parts: np.ndarray,
    info: np.ndarray,
    cpus: int,
    cost: int,
    expired_first: bool,
    first_switch: bool,
    own: Any,
    rows: int,
) -> State:
    """Return the state before anything has happened, with room for `rows` decisions."""
    n = len(arrival)
    order = np.argsort(arrival, kind="stable").astype(np.int64)
    g = np.zeros(9, np.int64)
    g[COST], g[EXPIRED_FIRST], g[NEXT] = cost, expired_first, arrival[order[0]]
    cpu = np.zeros((cpus, 7), np.int64)
    cpu[:, TASK], cpu[:, LAST] = -1, STRANGER if first_switch else NOBODY
    cpu[:, UNTIL] = NEVER
    return State(
        g,
        arrival,
        order,
        first,
        parts,
        first[:-1].copy(),
        parts[first[:-1]].copy(),
        np.zeros(n, np.int64),
        info,
        cpu,
        heap.new(n),
        np.empty((rows, 4), np.int64),
        np.zeros((rows, 2), np.uint8),
        own,
    )


def grow(s: State) -> State:
    """Return the same state with room for twice as many decisions."""
    used = len(s.turns)
    turns, marks = np.empty((2 * used, 4), np.int64), np.zeros((2 * used, 2), np.uint8)
    turns[:used], marks[:used] = s.turns, s.marks
    return s._replace(turns=turns, marks=marks)


PREEMPTIVE = False


@hook
def enqueue(s, task, cause, cpu, now):
    """Stand in: every policy has its own."""


@hook
def pick(s, cpu, now):
    """Stand in: every policy has its own."""
    return -1


@hook
def quantum(s, cpu, task, now):
    """Let it run to the end of its burst."""
    return NEVER


@hook
def charge(s, cpu, task, ran, now):
    """Keep no account."""


@hook
def expired(s, cpu, task, ran, now):
    """End its turn whenever its quantum is over."""
    return True


@hook
def depart(s, cpu, task, now, finished):
    """Take no notice."""


@hook
def preempts(s, new, cpu, task, now):
    """Let it run on."""
    return 0


@hook
def admit(s, task, cause, now):
    """Queue a task that comes in, and see whether it should run at once; those that run are charged first."""
    g, cpu = s.g, s.cpu
    s.turn[task] = g[TURN]
    g[TURN] += 1
    if PREEMPTIVE:
        for c in range(len(cpu)):
            ran = now - cpu[c, SINCE]
            if cpu[c, TASK] >= 0 and ran > 0:
                s.remaining[cpu[c, TASK]] -= ran
                cpu[c, SINCE] = now
                charge(s, c, cpu[c, TASK], ran, now)
    enqueue(s, task, cause, -1, now)
    g[QUEUED] += 1
    if PREEMPTIVE:
        idle, most, where = 0, 0, -1
        for c in range(len(cpu)):
            running = cpu[c, TASK]
            if running < 0 or s.remaining[running] == 0:
                idle += 1
                continue
            gain = preempts(s, task, c, running, now)
            if gain > most and cpu[c, WANTED] == 0:
                most, where = gain, c
        if where >= 0 and idle < g[QUEUED]:
            cpu[where, WANTED] = 1
            cpu[where, UNTIL] = max(now, cpu[where, SINCE])


@hook
def come_in(s, now):
    """Let in all tasks that arrive now, and all whose I/O is done now; note when the next ones come."""
    g, arrival, order = s.g, s.arrival, s.order
    while g[NEXT] == now:
        if g[ARRIVED] < len(order) and arrival[order[g[ARRIVED]]] == now:
            task, cause = order[g[ARRIVED]], NEW
            g[ARRIVED] += 1
        else:
            task, cause = heap.pop(s.asleep), WOKEN
        admit(s, task, cause, now)
        g[NEXT] = heap.first_key(s.asleep)
        if g[ARRIVED] < len(order):
            g[NEXT] = min(g[NEXT], arrival[order[g[ARRIVED]]])


@hook
def leave(s, c, task, now):
    """Let a task whose burst is over go; return why it leaves."""
    g = s.g
    place = s.at[task] + 1
    if place == s.first[task + 1]:
        g[FINISHED] += 1
        depart(s, c, task, now, True)
        return DONE
    s.at[task] = place + 1
    s.remaining[task] = s.parts[place + 1]
    depart(s, c, task, now, False)
    heap.push(s.asleep, now + s.parts[place], task, task)
    g[NEXT] = min(g[NEXT], now + s.parts[place])
    return BLOCKED


@hook
def write_decision(turns, marks, row, c, task, start, switched):
    """Write a decision down; the rows lie in flat arrays, so that their length is known when this is compiled."""
    row = np.uintp(row)
    turns[4 * row] = task
    turns[4 * row + 1] = c
    turns[4 * row + 2] = start
    marks[2 * row + 1] = switched


@hook
def open_turn(s, c, task, row, start, since, until):
    """Give CPU `c` to a task, for a turn that is open."""
    cpu = s.cpu
    s.turns[row, 3] = -1
    s.marks[row, 0] = RUNNING
    cpu[c, TASK] = task
    cpu[c, UNTIL] = until
    cpu[c, SINCE] = since
    cpu[c, START] = start
    cpu[c, ROW] = row
    cpu[c, WANTED] = 0


@hook
def stop(s, turns, marks, c, task, row, start, since, now, wanted):
    """Charge a task whose time is up, and end its turn unless its policy lets it go on; return why it ended."""
    remaining = s.remaining
    if now > since:
        remaining[task] -= now - since
        charge(s, c, task, now - since, now)
    if remaining[task] == 0:
        cause = leave(s, c, task, now)
    elif wanted:
        cause = PREEMPTED
    elif expired(s, c, task, now - start, now):
        cause = EXPIRED
    else:
        return RUNNING
    row = np.uintp(row)
    turns[4 * row + 3] = now
    marks[2 * row] = cause
    return cause


@hook
def run_one_cpu(s, now, most):
    """Let the only CPU make turn after turn while nothing comes in; return how many.

    What `loop` does for many CPUs, with their numbers in registers; a turn in which something comes in stays open.
    """
    g, cpu, remaining = s.g, s.cpu, s.remaining
    first, queued, last, cost = g[MADE], g[QUEUED], cpu[0, LAST], g[COST]
    turns, marks = s.turns[first:].reshape(-1), s.marks[first:].reshape(-1)
    made = 0
    while queued > 0 and made < most:
        task = pick(s, 0, now)
        if task < 0:
            break
        queued -= 1
        switched = last != NOBODY and last != task
        start = now + cost if switched else now
        row = made
        write_decision(turns, marks, row, 0, task, start, switched)
        made += 1
        cpu[0, START] = start
        since, until = start, start + min(remaining[task], quantum(s, 0, task, start))
        cause = RUNNING
        while cause == RUNNING and until < g[NEXT] and made < most:
            now = until
            cause = stop(s, turns, marks, 0, task, row, start, since, now, False)
            if cause == RUNNING:
                since, until = now, now + min(remaining[task], quantum(s, 0, task, now))
        if cause == RUNNING:
            open_turn(s, 0, task, first + row, start, since, until)
            break
        last = task
        if cause >= EXPIRED:
            enqueue(s, task, cause, 0, now)
            queued += 1
    g[NOW], g[MADE], g[QUEUED], cpu[0, LAST] = now, first + made, queued, last
    return made


@hook
def start_turn(s, c, task, now):
    """Let a task have its turn on CPU `c`."""
    g = s.g
    row, last = g[MADE], s.cpu[c, LAST]
    switched = last != NOBODY and last != task
    start = now + g[COST] if switched else now
    write_decision(s.turns.reshape(-1), s.marks.reshape(-1), row, c, task, start, switched)
    g[MADE] = row + 1
    g[QUEUED] -= 1
    open_turn(s, c, task, row, start, start, start)
    s.cpu[c, UNTIL] = start + min(s.remaining[task], quantum(s, c, task, start))


@lean
def loop(s, most):
    """Go on until `most` decisions are made, or all tasks are done; return how many were made."""
    g, cpu, turns, marks = s.g, s.cpu, s.turns.reshape(-1), s.marks.reshape(-1)
    made, now = 0, g[NOW]
    while True:
        if g[QUEUED] > 0:
            if len(cpu) == 1:
                if cpu[0, TASK] < 0:
                    made += run_one_cpu(s, now, most - made)
                    now = g[NOW]
            else:
                for c in range(len(cpu)):
                    if cpu[c, TASK] < 0 and g[QUEUED] > 0 and made < most:
                        task = pick(s, c, now)
                        if task >= 0:
                            start_turn(s, c, task, now)
                            made += 1
            if made == most:
                g[NOW] = now
                return made
        until = cpu[0, UNTIL]
        if len(cpu) > 1:  # with one CPU the loop would be made ready for vectors in vain
            for c in range(1, len(cpu)):
                until = min(until, cpu[c, UNTIL])
        now = min(until, g[NEXT])
        if now == NEVER:
            return made
        if g[NEXT] == now and g[EXPIRED_FIRST] == 0:
            come_in(s, now)
        for c in range(len(cpu)):
            if cpu[c, UNTIL] == now:
                task, start, since = cpu[c, TASK], cpu[c, START], cpu[c, SINCE]
                cpu[c, SINCE] = now
                cause = stop(s, turns, marks, c, task, cpu[c, ROW], start, since, now, cpu[c, WANTED] == 1)
                if cause == RUNNING:
                    cpu[c, UNTIL] = now + min(s.remaining[task], quantum(s, c, task, now))
                    continue
                cpu[c, TASK] = -1
                cpu[c, LAST] = task
                cpu[c, UNTIL] = NEVER
                if cause >= EXPIRED:
                    enqueue(s, task, cause, c, now)
                    g[QUEUED] += 1
        if g[NEXT] == now:
            come_in(s, now)


def bind_hooks(key: str, make: Callable[..., Callable] = bind, **hooks: Any) -> Callable:
    """Return the loop bound to a policy's hooks, under a name of its own.

    Parameters
    ----------
    key : str
        The policy's.
    make : callable
        `oslab._jit.bind`, or something with its arguments that leaves the loop plain Python.
    **hooks
        Those that the policy defines; the others keep this file's.
    """
    bound_admit = make(admit, f"admit_{key}", **hooks)
    bound_stop = make(stop, f"stop_{key}", leave=make(leave, f"leave_{key}", **hooks), **hooks)
    parts = {
        "come_in": make(come_in, f"come_in_{key}", admit=bound_admit),
        "start_turn": make(start_turn, f"start_turn_{key}", **hooks),
        "stop": bound_stop,
        "run_one_cpu": make(run_one_cpu, f"run_one_cpu_{key}", stop=bound_stop, **hooks),
    }
    return make(loop, f"loop_{key}", **parts, **hooks)
