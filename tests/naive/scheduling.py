"""Schedulers, a millisecond at a time, with lists that are searched from end to end; a class a policy.

Tasks come and go at whole milliseconds.  At one instant: tasks arrive, then those whose I/O is done come back, both
in the order of the list, each of them perhaps taking over a CPU; then CPUs stop, by number; then idle CPUs are given
away, by number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction

MS = 1_000_000


@dataclass
class Task:
    """What a test knows of a task; `parts` are CPU, I/O, CPU and so on, ms."""

    arrival: int
    parts: list
    weight: int = 1024
    priority: int = 0
    tickets: int = 1
    came: int = field(default=0, compare=False)

    def __post_init__(self):
        self.parts, self.tail = list(self.parts), 0
        if self.parts[0] == 0:  # it begins with I/O
            self.arrival, self.parts = self.arrival + self.parts[1], self.parts[2:]
        if len(self.parts) % 2 == 0:  # it ends with I/O
            self.tail = self.parts.pop()


def run(tasks, policy, cpus=1):
    """Return a row a millisecond (the task on each CPU, None for idle), and when each task is done."""
    running, began, back, done, rows, now, serial = [None] * cpus, [0] * cpus, {}, {}, [], 0, 0
    while len(done) < len(tasks):
        wanted = set()
        comers = [(task, "new") for task in tasks if task.arrival == now]
        comers += [(task, "woken") for task in tasks if back.get(id(task)) == now]
        for task, why in comers:
            back.pop(id(task), None)
            task.came, serial = serial, serial + 1
            policy.come(task, why, now)
            busy = [c for c in range(cpus) if running[c] is not None and running[c].parts[0] > 0]
            gains = {c: policy.gain(task, running[c]) for c in busy if c not in wanted}
            best = max(gains, key=gains.get, default=None)
            if best is not None and gains[best] > 0 and cpus - len(busy) < policy.waiting():
                wanted.add(best)
        for c, task in enumerate(running):
            if task is None:
                continue
            ran = now - began[c]
            if task.parts[0] == 0:
                policy.turn_over(task, ran)
                policy.leave(task)
                task.parts.pop(0)
                if task.parts:
                    back[id(task)] = now + task.parts.pop(0)
                else:
                    done[id(task)] = now + task.tail
            elif c in wanted or policy.is_over(task, ran):
                policy.turn_over(task, ran)
                policy.come(task, "preempted" if c in wanted else "expired", now)
            else:
                continue
            running[c] = None
        for c in range(cpus):
            if running[c] is None and policy.waiting():
                running[c], began[c] = policy.pick(now), now
                policy.turn_begins(running[c])
        rows.append(
            tuple(None if task is None else next(k for k, t in enumerate(tasks) if t is task) for task in running)
        )
        for task in running:
            if task is not None:
                task.parts[0] -= 1
                policy.ran_a_millisecond(task)
        now += 1
    return rows[:-1], [done[id(task)] for task in tasks]


class Fifo:
    """The first in the list goes first."""

    def __init__(self, tasks, **options):
        self.tasks, self.line = tasks, []
        for name, value in options.items():
            setattr(self, name, value)

    def come(self, task, why, now):
        self.line.append(task)

    def waiting(self):
        return len(self.line)

    def pick(self, now):
        return self.line.pop(0)

    def turn_begins(self, task):
        pass

    def ran_a_millisecond(self, task):
        pass

    def turn_over(self, task, ran):
        pass

    def leave(self, task):
        pass

    def is_over(self, task, ran):
        return False

    def gain(self, new, old):
        return 0


class Rr(Fifo):
    """The same, for a quantum."""

    def is_over(self, task, ran):
        return ran == self.quantum


class Sjf(Fifo):
    """The shortest burst, or the shortest guess."""

    predict, alpha, guess = False, 0.5, 10.0

    def __init__(self, tasks, **options):
        super().__init__(tasks, **options)
        self.guesses = {id(task): round(self.guess * MS) for task in tasks}

    def pick(self, now):
        best = min(self.line, key=lambda task: (self.guesses[id(task)] if self.predict else task.parts[0], task.came))
        self.line = [task for task in self.line if task is not best]
        return best

    def turn_over(self, task, ran):
        self.guesses[id(task)] = int(self.alpha * ran * MS + (1 - self.alpha) * self.guesses[id(task)])


def among_equals(rule, tasks, task):
    """Where a task stands among its equals."""
    return {"first": task.came, "last": -task.came, "listed": next(k for k, t in enumerate(tasks) if t is task)}[rule]


class Srtf(Fifo):
    """The least left; a task that comes with less takes over, or with as much where the last goes first."""

    equals = "first"

    def pick(self, now):
        best = min(self.line, key=lambda task: (task.parts[0], among_equals(self.equals, self.tasks, task)))
        self.line = [task for task in self.line if task is not best]
        return best

    def gain(self, new, old):
        return old.parts[0] - new.parts[0] + (0.5 if self.equals == "last" else 0)


class Hrrn(Fifo):
    """The highest ratio of waiting and burst to burst, as a fraction; of equals who stands first."""

    def __init__(self, tasks, **options):
        super().__init__(tasks, **options)
        self.since = {}

    def come(self, task, why, now):
        self.since[id(task)] = now
        super().come(task, why, now)

    def pick(self, now):
        ratios = [Fraction(now - self.since[id(task)] + task.parts[0], task.parts[0]) for task in self.line]
        return self.line.pop(ratios.index(max(ratios)))


class Priority(Fifo):
    """The best number, better by one for each `aging` ms of waiting; a better one that comes takes over; turns among equals."""

    preemptive, larger_first, quantum, aging, equals = True, False, 0, 0, "first"

    def __init__(self, tasks, **options):
        super().__init__(tasks, **options)
        self.since, self.serial = {}, 0

    def number(self, task):
        return -task.priority if self.larger_first else task.priority

    def come(self, task, why, now):
        self.since[id(task)] = now
        if why != "preempted":  # who was preempted keeps its place among its equals
            task.came, self.serial = self.serial, self.serial + 1
        super().come(task, why, now)

    def pick(self, now):
        def level(task):
            return self.number(task) - (Fraction(now - self.since[id(task)], self.aging) if self.aging else 0)

        best = min(self.line, key=lambda task: (level(task), among_equals(self.equals, self.tasks, task)))
        self.line = [task for task in self.line if task is not best]
        return best

    def is_over(self, task, ran):
        return ran == self.quantum

    def gain(self, new, old):
        return (self.number(old) - self.number(new) + (self.equals == "last")) * self.preemptive


class Mlfq(Fifo):
    """Each task's level and what it used of its allotment; within a level who came into it first."""

    levels, quantum, allotment, boost, account, demote_alone, preemptive = 3, 10, 0, 0, True, True, True

    def __init__(self, tasks, **options):
        super().__init__(tasks, **options)
        turns, allowed = (
            list(v) if isinstance(v, tuple) else [v] * self.levels for v in (self.quantum, self.allotment)
        )
        self.turns = [10**9 if v is None else v for v in turns]
        self.allowed = [10**9 if a is None else a or turn for a, turn in zip(allowed, self.turns)]
        self.level, self.used = {id(t): 0 for t in tasks}, {id(t): 0 for t in tasks}
        self.began, self.period = {}, 0

    def raise_all(self, now):
        if self.boost and now // self.boost != self.period:
            self.period = now // self.boost
            self.line.sort(key=lambda task: self.level[id(task)])
            self.level, self.used = dict.fromkeys(self.level, 0), dict.fromkeys(self.used, 0)

    def come(self, task, why, now):
        self.raise_all(now)
        if self.used[id(task)] >= self.allowed[self.level[id(task)]]:
            if self.demote_alone or self.line:
                self.level[id(task)] = min(self.level[id(task)] + 1, self.levels - 1)
            self.used[id(task)] = 0
        self.line.append(task)

    def pick(self, now):
        self.raise_all(now)
        best = min(self.line, key=lambda task: self.level[id(task)])
        self.line = [task for task in self.line if task is not best]
        return best

    def turn_begins(self, task):
        level = self.level[id(task)]
        self.began[id(task)] = min(self.turns[level], self.allowed[level] - self.used[id(task)])

    def ran_a_millisecond(self, task):
        self.used[id(task)] += 1

    def is_over(self, task, ran):
        return ran == self.began[id(task)]

    def leave(self, task):
        if not self.account:
            self.used[id(task)] = 0

    def gain(self, new, old):
        return self.preemptive * (self.level[id(old)] - self.level[id(new)])


class Lottery(Rr):
    """All tickets laid out in a row; the draws of Park and Miller."""

    def __init__(self, tasks, seed, **options):
        super().__init__(tasks, **options)
        self.x = seed % (2**31 - 2) + 1

    def pick(self, now):
        tickets = [task for task in self.line for _ in range(task.tickets)]
        self.x = self.x * 48271 % (2**31 - 1)
        best = tickets[self.x * len(tickets) // (2**31 - 1)]
        self.line = [task for task in self.line if task is not best]
        return best


class Stride(Rr):
    """The least pass; of equals who stands first in the list."""

    def __init__(self, tasks, **options):
        super().__init__(tasks, **options)
        self.passes, self.furthest = {id(t): 0 for t in tasks}, 0

    def come(self, task, why, now):
        if why in ("new", "woken"):
            self.passes[id(task)] = max(self.passes[id(task)], self.furthest)
        super().come(task, why, now)

    def pick(self, now):
        best = min(self.line, key=lambda task: self.passes[id(task)])
        self.line = [task for task in self.line if task is not best]
        self.furthest = max(self.furthest, self.passes[id(best)])
        return best

    def turn_over(self, task, ran):
        self.passes[id(task)] += ran * MS * 1024 // task.tickets


class Cfs(Fifo):
    """The rules of Linux 6.5 for one CPU and a tick of 1 ms; vruntimes in ns, looked through for the least."""

    newcomer = "debit"

    def __init__(self, tasks, **options):
        super().__init__(tasks, **options)
        self.v, self.least, self.current, self.anything_ran = {}, 0, None, False

    def runnable(self):
        return self.line + ([self.current] if self.current else [])

    def slice(self, task, among):
        period = 6 * MS if len(among) <= 8 else len(among) * 3 * MS // 4
        return period * task.weight // sum(one.weight for one in among)

    def bring_up(self):
        if self.runnable():
            self.least = max(self.least, min(self.v[id(one)] for one in self.runnable()))

    def come(self, task, why, now):
        if why == "new":
            self.v[id(task)] = 0
            if self.newcomer != "zero":
                self.v[id(task)] = self.least
            if self.newcomer == "debit" and self.anything_ran:
                self.v[id(task)] += self.slice(task, [*self.runnable(), task]) * 1024 // task.weight
        elif why == "woken":
            self.v[id(task)] = max(self.v[id(task)], self.least - 3 * MS)
        else:
            self.current = None
        self.line.append(task)

    def pick(self, now):
        best = min(self.line, key=lambda task: self.v[id(task)])
        self.line = [task for task in self.line if task is not best]
        self.current, self.anything_ran = best, True
        return best

    def ran_a_millisecond(self, task):
        self.v[id(task)] += MS * 1024 // task.weight
        self.bring_up()

    def leave(self, task):
        self.current = None
        self.bring_up()

    def is_over(self, task, ran):
        if not self.line:
            return False
        mine = self.slice(task, self.runnable())
        behind = self.v[id(task)] - min(self.v[id(one)] for one in self.line)
        return ran * MS > mine or behind > mine

    def gain(self, new, old):
        ahead = self.v[id(old)] - self.v[id(new)]
        return ahead if ahead > MS * 1024 // new.weight else 0


class Eevdf(Fifo):
    """The rules of Linux 6.6 for one CPU and a tick of 1 ms; every task is asked whether it is eligible."""

    base_slice = 0.75

    def __init__(self, tasks, **options):
        super().__init__(tasks, **options)
        self.v, self.deadline, self.lag = {}, {}, {id(t): 0 for t in tasks}
        self.current, self.anything_ran, self.request_over = None, False, False

    def runnable(self):
        return self.line + ([self.current] if self.current else [])

    def sums(self):
        among = self.runnable()
        return sum(t.weight for t in among), sum(t.weight * self.v[id(t)] for t in among)

    def request(self, task):
        return round(self.base_slice * MS) * 1024 // task.weight

    def eligible(self, task):
        total, moment = self.sums()
        return moment >= self.v[id(task)] * total

    def come(self, task, why, now):
        if why in ("new", "woken"):
            total, moment = self.sums()
            lag = self.lag[id(task)] * (total + task.weight) // total if total else 0
            self.v[id(task)] = (moment // total if total else self.floor) - lag
            whole = why == "woken" or not self.anything_ran
            self.deadline[id(task)] = self.v[id(task)] + (self.request(task) if whole else self.request(task) // 2)
        else:
            self.current = None
        self.line.append(task)

    floor = 0  # what V was when the last task left

    def best(self):
        return min((t for t in self.line if self.eligible(t)), key=lambda t: self.deadline[id(t)], default=None)

    def pick(self, now):
        best = self.best()
        self.line = [task for task in self.line if task is not best]
        self.current, self.anything_ran, self.request_over = best, True, False
        return best

    def ran_a_millisecond(self, task):
        self.v[id(task)] += MS * 1024 // task.weight
        if self.v[id(task)] >= self.deadline[id(task)]:
            self.deadline[id(task)] = self.v[id(task)] + self.request(task)
            self.request_over = True

    def is_over(self, task, ran):
        over, self.request_over = self.request_over and bool(self.line), False
        return over

    def leave(self, task):
        total, moment = self.sums()
        limit = max(2 * round(self.base_slice * MS), MS) * 1024 // task.weight
        self.floor = moment // total
        self.lag[id(task)] = max(-limit, min(limit, self.floor - self.v[id(task)]))
        self.current = None

    def gain(self, new, old):
        if self.best() is not new:
            return 0
        return int(not (self.eligible(old) and self.deadline[id(old)] < self.deadline[id(new)]))


TWINS = {
    "fifo": Fifo,
    "sjf": Sjf,
    "srtf": Srtf,
    "hrrn": Hrrn,
    "rr": Rr,
    "priority": Priority,
    "mlfq": Mlfq,
    "lottery": Lottery,
    "stride": Stride,
    "cfs": Cfs,
    "eevdf": Eevdf,
}
