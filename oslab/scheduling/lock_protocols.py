"""Tasks with critical sections on one CPU, fixed priorities, and three protocols against priority inversion.

A smaller number goes first, and takes over at once; of equals who was ready first.  A lock that is given back goes
to the waiting task of the first priority.  At one instant: what is running gives back the locks whose sections
end there, then tasks arrive, then the CPU is given away, and whoever has it takes the next lock.

``none``
    A task keeps its own priority.
``inheritance``
    A task that holds a lock runs with the first priority of those that wait for it, and of those that wait for these.
``ceiling``
    The immediate ceiling: a task that holds a lock runs with the first priority of all tasks that ever use it.

Source: Sha, Rajkumar, Lehoczky, Priority inheritance protocols, IEEE Transactions on Computers 39(9), 1990; POSIX
PTHREAD_PRIO_INHERIT and PTHREAD_PRIO_PROTECT.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from oslab.base import Instance, Several, checked, choice, real, shown
from oslab.scheduling.engine import BLOCKED, DONE, PREEMPTED
from oslab.scheduling.lock_schedule import Blocks, Deadlock, Holds, LockDecision, LockSchedule
from oslab.scheduling.workload import Workload, in_ms, to_ns

__all__ = ["PROTOCOLS", "LockTask", "inversion", "simulate_locks"]

PROTOCOLS = {"none": "No protocol", "inheritance": "Priority inheritance", "ceiling": "Priority ceiling"}
"""Each protocol's key and its name on screen."""

DEEPEST = 64  # sections within sections
RUN, TAKE, GIVE = range(3)


class LockTask(NamedTuple):
    """A task with critical sections.

    Attributes
    ----------
    name : str
        Different from all others.
    arrival : float
        ms.
    priority : int
        Smaller goes first.
    program : list
        A number is CPU time, ms; ``("m", 4)`` holds lock m for 4 ms of CPU time; ``("m", [1, ("n", 2), 1])`` holds
        it for a program of its own, here with lock n inside.

    Examples
    --------
    >>> LockTask("L", 0, 3, [1, ("m", 4), 1]).priority
    3
    """

    name: str
    arrival: float
    priority: int
    program: list[Any]


TIME, PROTOCOL = real(0, 1_000_000, above=True, unit="ms"), choice(tuple(PROTOCOLS))


@checked(protocol=PROTOCOL, m_burst=TIME, l_section=TIME, locks=choice((1, 2)))
def inversion(protocol: str = "none", m_burst: float = 6, l_section: float = 4, locks: int = 1) -> LockSchedule:
    """Run the three tasks of the usual example of priority inversion: L, H and M.

    L comes at 0 and runs 1 ms, its critical section, 1 ms; H comes at 2 and runs 1, a section of 2, 1; M comes at 4,
    runs, and needs no lock.  H goes first, L last.

    Parameters
    ----------
    protocol : {'none', 'inheritance', 'ceiling'}
        A key of `PROTOCOLS`.
    m_burst, l_section : float
        M's CPU time and the length of L's section, ms.
    locks : {1, 2}
        With 2, L takes m and, in the middle of its section, n; H takes n and, in the middle of its own, m.

    Returns
    -------
    LockSchedule
        Tasks in the order L, H, M.

    Raises
    ------
    ValueError, TypeError
        An unknown protocol; a time of 0 or less; another number of locks.

    Examples
    --------
    >>> print(inversion("inheritance"))
    Priority inheritance: turnaround L 16 ms, H 7 ms, M 11 ms; 5 switches
    """
    section = in_ms(to_ns("l_section", l_section, 2))
    in_l = ("m", section) if locks == 1 else ("m", [section / 2, ("n", section / 2)])
    in_h = ("m", 2) if locks == 1 else ("n", [1, ("m", 1)])
    return simulate_locks(
        [
            LockTask("L", 0, 3, [1, in_l, 1]),
            LockTask("H", 2, 1, [1, in_h, 1]),
            LockTask("M", 4, 2, [in_ms(to_ns("m_burst", m_burst, 1))]),
        ],
        protocol,
    )


@checked(tasks=Several(Instance(LockTask), most=64), protocol=PROTOCOL)
def simulate_locks(tasks: Sequence[LockTask], protocol: str = "none") -> LockSchedule:
    """Run tasks with critical sections on one CPU, by fixed priorities, until no task can go on.

    Parameters
    ----------
    tasks : sequence of LockTask
        1 to 64.
    protocol : {'none', 'inheritance', 'ceiling'}
        A key of `PROTOCOLS`.

    Returns
    -------
    LockSchedule

    Raises
    ------
    ValueError, TypeError
        No task, an unknown protocol, a lock taken while the task holds it, times that are no positive numbers.

    Examples
    --------
    >>> a, b = LockTask("A", 0, 2, [("m", [2, ("n", 1)])]), LockTask("B", 1, 1, [("n", [2, ("m", 1)])])
    >>> print(simulate_locks([a, b], "inheritance").deadlock)
    deadlock at 4 ms: A waits for n, which B holds, B waits for m, which A holds
    """
    return _LockRun(list(tasks), protocol).to_the_end()


def _operations(name: str, program: Any, held: tuple[str, ...] = ()) -> Iterator[tuple[int, Any]]:
    """Flatten a program: (RUN, ns), (TAKE, lock), (GIVE, lock)."""
    parts = program if isinstance(program, list) else [program]
    if not 1 <= len(parts) <= 10_000 or len(held) > DEEPEST:
        raise ValueError(f"program of {name}: a part is empty, too long or too deep; CPU time above 0 is needed")
    for part in parts:
        if isinstance(part, tuple):
            if len(part) != 2 or not isinstance(part[0], str):
                raise TypeError(
                    f"program of {name}: {shown(part)}; a section is written ('m', 4) or ('m', [1, ('n', 2)])"
                )
            if part[0] in held:
                raise ValueError(
                    f"program of {name}: takes {shown(part[0])} while it holds it; allowed are other locks"
                )
            yield TAKE, part[0]
            yield from _operations(name, part[1], (*held, part[0]))
            yield GIVE, part[0]
        else:
            yield RUN, to_ns(f"program of {name}", part, 1)


class _LockRun:
    """The loop over instants; all times in ns."""

    def __init__(self, tasks: list[LockTask], protocol: str):
        self.protocol, n = protocol, len(tasks)
        program = [list(_operations(shown(task.name).strip("'"), task.program)) for task in tasks]
        self.names = sorted({lock for one in program for what, lock in one if what == TAKE})
        number = {lock: k for k, lock in enumerate(self.names)}
        self.program = [[(what, value if what == RUN else number[value]) for what, value in one] for one in program]
        self.workload = Workload(
            [task.arrival for task in tasks],
            [in_ms(sum(value for what, value in one if what == RUN)) for one in self.program],
            names=[task.name for task in tasks],
            priority=[task.priority for task in tasks],
        )
        self.own = self.workload.priority.tolist()
        self.ceiling = {k: min(self.own[i] for i in range(n) if (TAKE, k) in self.program[i]) for k in number.values()}
        self.now, self.running = 0, -1
        self.coming = sorted(range(n), key=lambda i: (self.workload.arrival_ns[i], i))
        self.ready: list[int] = []  # who was ready first stands first; the running one is among them
        self.at, self.left, self.finished = [0] * n, [0] * n, []
        self.holder: dict[int, int] = {}
        self.awaits: dict[int, int] = {}
        self.since: dict[int, int] = {}
        self.turns: list[list[int]] = []
        self.marks: list[list[int]] = []
        self.holds: list[list[int]] = []
        self.blocks: list[list[int]] = []
        self.instants: list[LockDecision] = []
        self.deadlock: Deadlock | None = None

    def to_the_end(self) -> LockSchedule:
        arrival = self.workload.arrival_ns
        while True:
            while self.coming and arrival[self.coming[0]] <= self.now:
                self.ready.append(self.coming.pop(0))
            if self.ready:
                self._choose()
                self._go_on()
            elif self.coming:
                self.now = int(arrival[self.coming[0]])
            else:
                return self._result()

    def priority(self, task: int, seen: tuple[int, ...] = ()) -> int:
        """Return the priority in force."""
        best = self.own[task]
        for lock, holder in self.holder.items():
            if holder != task:
                continue
            if self.protocol == "ceiling":
                best = min(best, self.ceiling[lock])
            elif self.protocol == "inheritance":
                waiting = [i for i, awaited in self.awaits.items() if awaited == lock and i not in seen]
                best = min([best, *(self.priority(i, (*seen, task)) for i in waiting)])
        return best

    def _choose(self) -> None:
        """Give the CPU to the first of the ready tasks; note the decision where it changes hands."""
        best = min(self.ready, key=lambda i: (self.priority(i), i != self.running))
        if best == self.running:
            return
        if self.running >= 0:
            self._stop(PREEMPTED)
        self.marks.append([0, bool(self.turns and self.turns[-1][0] != best)])
        self.turns.append([best, 0, self.now, self.now])
        self.running = best
        rest = sorted((i for i in self.ready if i != best), key=self.priority)
        known = [*self.ready, *self.awaits]
        self.instants.append(
            LockDecision(
                self.now,
                tuple(rest),
                tuple(self.awaits),
                tuple(self.finished),
                {i: self.priority(i) for i in known},
                dict(self.holder),
                {i: self._lender(i) for i in known if self.priority(i) != self.own[i]},
            )
        )

    def _lender(self, task: int) -> str:
        """Why a task has not its own priority, in brackets."""
        level = self.priority(task)
        mine = [lock for lock, holder in self.holder.items() if holder == task]
        if self.protocol == "ceiling":
            lock = next(lock for lock in mine if self.ceiling[lock] == level)
            return f" (the ceiling of {self.names[lock]}; its own is {self.own[task]})"
        lender = next(i for i, lock in self.awaits.items() if lock in mine and self.priority(i) == level)
        return (
            f" (inherited from {self.workload.names[lender]}, which waits for {self.names[self.awaits[lender]]}; "
            f"its own is {self.own[task]})"
        )

    def _go_on(self) -> None:
        """Let the running task take its next lock, or run until its part is over or a task comes."""
        task = self.running
        what, value = self.program[task][self.at[task]]
        if what == TAKE:
            if value in self.holder:
                self._block(task, value)
            else:
                self._take(task, value)
            return
        self.left[task] = self.left[task] or value
        until = self.now + self.left[task]
        if self.coming:
            until = min(until, int(self.workload.arrival_ns[self.coming[0]]))
        self.left[task] -= until - self.now
        self.now = self.turns[-1][3] = until
        if self.left[task] == 0:
            self.at[task] += 1
            self._give_back(task)

    def _give_back(self, task: int) -> None:
        """Give back the locks whose sections end here; end the task if nothing is left."""
        program = self.program[task]
        while self.at[task] < len(program) and program[self.at[task]][0] == GIVE:
            lock = program[self.at[task]][1]
            self.at[task] += 1
            del self.holder[lock]
            next(row for row in reversed(self.holds) if row[1] == lock)[3] = self.now
            waiting = [i for i, awaited in self.awaits.items() if awaited == lock]
            if waiting:
                heir = min(waiting, key=self.priority)
                del self.awaits[heir]
                next(row for row in reversed(self.blocks) if row[0] == heir)[4] = self.now
                self._take(heir, lock)
                self.ready.append(heir)
        if self.at[task] == len(program):
            self.finished.append(task)
            self.ready.remove(task)
            self._stop(DONE)

    def _take(self, task: int, lock: int) -> None:
        self.holder[lock] = task
        self.holds.append([task, lock, self.now, -1])
        self.at[task] += 1

    def _block(self, task: int, lock: int) -> None:
        self.blocks.append([task, lock, self.holder[lock], self.now, -1])
        self.awaits[task] = lock
        self.ready.remove(task)
        self._stop(BLOCKED)
        ring = [task]
        while (holder := self.holder[self.awaits[ring[-1]]]) in self.awaits and holder not in ring:
            ring.append(holder)
        if holder == task and self.deadlock is None:
            ring = ring[ring.index(min(ring)) :] + ring[: ring.index(min(ring))]
            self.deadlock = Deadlock(
                in_ms(self.now),
                tuple(self.workload.names[i] for i in ring),
                tuple(self.names[self.awaits[i]] for i in ring),
            )

    def _stop(self, cause: int) -> None:
        self.marks[-1][0] = cause
        self.running = -1

    def _result(self) -> LockSchedule:
        turns = np.array(self.turns, np.int64)

        def intervals(rows: list[list[int]], width: int) -> list[np.ndarray]:
            columns = np.array(rows, np.int64).reshape(len(rows), width).T
            ends = np.where(columns[-1] < 0, turns[:, 3].max(), columns[-1])
            return [*columns[:-2].copy(), in_ms(columns[-2]), in_ms(ends)]

        return LockSchedule(
            self.workload,
            self.protocol,
            PROTOCOLS[self.protocol],
            {},
            1,
            0.0,
            "arrival_first",
            turns,
            np.array(self.marks, np.uint8),
            None,
            tuple(self.names),
            Holds(*intervals(self.holds, 4)),
            Blocks(*intervals(self.blocks, 5)),
            self.deadlock,
            tuple(self.instants),
        )
