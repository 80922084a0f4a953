"""Threads interleaved: step by step by hand, at random, or in every way there is."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np

from oslab._jit import warmer
from oslab.synchronization import stepping
from oslab.synchronization.program import Program, compile_threads
from oslab.synchronization.steps import Step

__all__ = ["Moment", "Move", "Run", "Trouble", "Verdict", "check", "check_program", "play", "play_program"]

LIMIT = 1_000_000
FIRST_CAPACITY = 1 << 12
WIDEST = 1 << 60


class Move(NamedTuple):
    """A thread takes a step; `woken` says which sleeper a signal wakes, counted from 0."""

    thread: int
    woken: int = 0


@dataclass(frozen=True)
class Moment:
    """A state of all threads, in names.

    Attributes
    ----------
    places : tuple of int
        For each thread the step that is next.
    status : tuple of str
        For each thread: ``"ready"``, ``"blocked"`` (on a lock), ``"asleep"`` (on a condition variable), ``"done"``
        or ``"failed"``.
    waits_for : tuple of str
        The lock or condition variable, or ''.
    shared : dict of str to int
    registers : tuple of dict
    owners : dict of str to int
        For each lock the thread that holds it, -1 for none.
    """

    places: tuple[int, ...]
    status: tuple[str, ...]
    waits_for: tuple[str, ...]
    shared: dict[str, int]
    registers: tuple[dict[str, int], ...]
    owners: dict[str, int]

    @property
    def stuck(self) -> bool:
        """Whether no thread can go on though not all are done: a deadlock."""
        return not {"ready", "failed"} & set(self.status) and set(self.status) != {"done"}

    @property
    def failed(self) -> bool:
        """Whether an expectation failed."""
        return "failed" in self.status


def moment(program: Program, v: np.ndarray) -> Moment:
    """Return a state's vector in names."""
    n = len(program.names)
    owners = {name: int(v[f]) - 1 for name, f in program.locks.items()}
    status, waits = [], []
    culprit = program.sites[v[2 * n] - 1][0] if v[2 * n] else -1
    for t in range(n):
        reason = ""
        if t == culprit:
            now = "failed"
        elif v[n + t]:
            now, reason = "asleep", program.conditions[v[n + t] - 1]
        elif v[t] >= len(program.lines[t]):
            now = "done"
        else:
            row = program.code[t, v[t]]
            wanted = [f for f in row[[stepping.A, stepping.B, stepping.HOW]] if f >= 0 and v[f]] \
                if row[stepping.OP] == stepping.LOCK else []
            reason = next((name for name, f in program.locks.items() if f in wanted), "")
            now = "blocked" if wanted else "ready"
        status.append(now)
        waits.append(reason)
    return Moment(tuple(int(x) for x in v[:n]), tuple(status), tuple(waits),
                  {name: int(v[f]) for name, f in program.shared.items()},
                  tuple({name: int(v[f]) for name, f in fields.items()} for fields in program.registers), owners)


@dataclass(frozen=True, eq=False)
class Run:
    """One schedule, step by step.

    Attributes
    ----------
    program : Program
    moves : tuple of Move
        Those asked for, also where the thread could not step.
    """

    program: Program
    moves: tuple[Move, ...]
    _vectors: list[np.ndarray] = field(repr=False, default_factory=list)

    @property
    def steps(self) -> int:
        """Number of moves."""
        return len(self.moves)

    def _vector(self, step: int) -> np.ndarray:
        """The state after `step` moves; those before are kept."""
        known = self._vectors
        if not known:
            known.append(self.program.start.copy())
        while len(known) <= step:
            move, v = self.moves[len(known) - 1], known[-1].copy()
            if not stepping.advance(v, move.thread, move.woken, self.program.code):
                v = known[-1]
            known.append(v)
        return known[step]

    def state(self, step: int) -> Moment:
        """Return the state after `step` moves, 0 to `steps`."""
        return moment(self.program, self._vector(step))

    def moved(self, step: int) -> bool:
        """Return whether the thread could take its step, 1 to `steps`."""
        return self._vector(step) is not self._vector(step - 1)

    @property
    def end(self) -> Moment:
        """The state after the last move."""
        return self.state(self.steps)

    def why(self, step: int) -> str:
        """Return what a step did, 1 to `steps`, with the values."""
        before, after, move = self.state(step - 1), self.state(step), self.moves[step - 1]
        t, name = move.thread, self.program.names[move.thread]
        place = before.places[t]
        if not self.moved(step):
            return f"{name} cannot step: {_cannot(self.program, before, t)}."
        text, op = self.program.lines[t][place], self.program.code[t, place, stepping.OP]
        said = f"{name}: {text}"
        if after.failed:
            return f"{said}, and that fails: {_fails(self.program, before, t, place)}."
        changed = [f"{k} is now {x}" for k, x in after.shared.items() if x != before.shared[k]]
        changed += [f"its {k} is now {x}" for k, x in after.registers[t].items() if x != before.registers[t][k]]
        woken = [self.program.names[u] for u, s in enumerate(before.status) if s == "asleep" and after.status[u] != "asleep"]
        if op in (stepping.SIGNAL, stepping.BROADCAST):
            changed.append(f"{' and '.join(woken)} wake{'s' * (len(woken) == 1)}" if woken else "nobody sleeps there, it is lost")
        if op == stepping.WAIT:
            changed.append("it gives the lock back and sleeps")
        if op in (stepping.BRANCH, stepping.TRYLOCK):
            gone = after.places[t] != self.program.code[t, place, stepping.NEXT]
            changed.append("it goes there" if gone else "it has it" if op == stepping.TRYLOCK else "not so, it goes on")
        return f"{said}: {'; '.join(changed)}." if changed else f"{said}."

    def table(self) -> list[dict[str, Any]]:
        """Return one row a step."""
        return [{"step": k, "thread": self.program.names[self.moves[k - 1].thread], "what happens": self.why(k),
                 **self.state(k).shared} for k in range(1, self.steps + 1)]

    def __str__(self) -> str:
        return "\n".join(f"{k}. {self.why(k)}" for k in range(1, self.steps + 1)) or "no step yet"


def _cannot(program: Program, state: Moment, t: int) -> str:
    lock = state.waits_for[t]
    if state.status[t] == "blocked":
        owner = state.owners[lock]
        return f"it holds {lock} itself, and waits for it" if owner == t else f"{program.names[owner]} holds {lock}"
    if state.failed:
        return "a step has failed"
    return f"it sleeps on {lock}" if state.status[t] == "asleep" else "it is done"


def _fails(program: Program, before: Moment, t: int, place: int) -> str:
    op = program.code[t, place, stepping.OP]
    if op == stepping.ENTER:
        return "another thread is in there"
    if op in (stepping.UNLOCK, stepping.WAIT):
        return "it does not hold that lock"
    known = {**before.registers[t], **before.shared}
    words = program.lines[t][place].split()
    return ", ".join(f"{w} is {known[w]}" for w in words if w in known)


def play(threads: Sequence[Iterable[Step]], schedule: str | Iterable[int | Move] = (), shared: Mapping[str, int] | None = None, *,
         seed: int | None = None, names: Sequence[str] | None = None) -> Run:
    """Run threads along a schedule given by hand, and on at random if a seed is given.

    Parameters
    ----------
    threads : sequence of iterables of Step
    schedule : str or iterable of int or Move
        Who steps next: thread names of one letter (``"AABB"``), numbers, or moves.  A thread that cannot step is
        left where it is, and the run says why.
    shared : mapping of str to int
    seed : int, optional
        Go on, after the schedule, with threads drawn at random until none can step (at most 10 000 steps).
    names : sequence of str, optional

    Raises
    ------
    ValueError
        A thread that is not there.

    Examples
    --------
    >>> from oslab.synchronization import add, load, store
    >>> increment = [load("r", "x"), add("r", 1), store("x", "r")]
    >>> play([increment, increment], "ABABAB", {"x": 0}).end.shared
    {'x': 1}
    """
    return play_program(compile_threads(threads, shared, names), schedule, seed)


def play_program(program: Program, schedule: str | Iterable[int | Move] = (), seed: int | None = None) -> Run:
    """Run a compiled program; see `play`."""
    moves = []
    for who in schedule:
        t = program.names.index(who) if who in program.names else who
        move = t if isinstance(t, Move) else Move(t) if isinstance(t, int | np.integer) else None
        if move is None or not 0 <= move.thread < len(program.names):
            raise ValueError(f"schedule: {who!r} is no thread; there are {', '.join(program.names)}")
        moves.append(move)
    if seed is not None:
        moves += _at_random(program, Run(program, tuple(moves))._vector(len(moves)).copy(), random.Random(seed))
    return Run(program, tuple(moves))


def _at_random(program: Program, v: np.ndarray, draw: random.Random, most: int = 10_000) -> list[Move]:
    n, moves = len(program.names), []
    while len(moves) < most:
        can = [Move(t, c) for t in range(n) for c in range(n) if stepping.advance(v.copy(), t, c, program.code)]
        if not can:
            break
        t = draw.choice(sorted({move.thread for move in can}))
        moves.append(draw.choice([move for move in can if move.thread == t]))
        stepping.advance(v, *moves[-1], program.code)
    return moves


@dataclass(frozen=True, eq=False)
class Trouble:
    """A bad state, and a shortest schedule to it.

    Attributes
    ----------
    kind : str
        ``"deadlock"``, ``"double-held"`` (two threads in one critical section) or ``"failure"``.
    schedules : int or inf
        How many schedules lead to it.
    """

    kind: str
    schedules: int | float
    _found: Any = field(repr=False)
    _state: int = field(repr=False)

    @cached_property
    def run(self) -> Run:
        """A shortest schedule to it; of several the first in the order of threads."""
        return self._found.path(self._state)

    @property
    def schedule(self) -> tuple[Move, ...]:
        """The moves of `run`."""
        return self.run.moves

    def __str__(self) -> str:
        names = self.run.program.names
        return f"{self.kind} after {self.run.steps} steps: {' '.join(names[m.thread] for m in self.schedule)}"


@dataclass(frozen=True, eq=False)
class Verdict:
    """What `check` returns.

    Attributes
    ----------
    program : Program
    states : int
        Different states seen.
    complete : bool
        Whether these are all that can be reached; if not, counts are lower bounds and nothing is proved absent.
    schedules : int or inf
        Number of schedules to their end; inf where threads can go round in circles.
    outcomes : dict of tuple to int or inf
        Final values of the shared variables, in the order of `shared`, with the number of schedules that lead there.
    deadlocks, failures : tuple of Trouble
        Nearest first; `failures` includes what is held twice.
    """

    program: Program
    states: int
    complete: bool
    schedules: int | float
    outcomes: dict[tuple[int, ...], int | float]
    deadlocks: tuple[Trouble, ...]
    failures: tuple[Trouble, ...]

    @property
    def double_held(self) -> tuple[Trouble, ...]:
        """The failures in which two threads are in one critical section."""
        return tuple(t for t in self.failures if t.kind == "double-held")

    @property
    def safe(self) -> bool | None:
        """Whether nothing bad can happen; None if that is not known."""
        return False if self.deadlocks or self.failures else (True if self.complete else None)

    @property
    def worst(self) -> Trouble | None:
        """The bad state that is reached in the fewest steps, or None."""
        return min((*self.failures[:1], *self.deadlocks[:1]), key=lambda t: t.run.steps, default=None)

    def table(self) -> list[dict[str, Any]]:
        """Return one row an outcome, and one for each bad state (the first hundred)."""
        rows = [{"end": ", ".join(f"{k} = {x}" for k, x in zip(self.program.shared, values)) or "all done", "schedules": many}
                for values, many in sorted(self.outcomes.items())]
        return rows + [{"end": str(t), "schedules": t.schedules} for t in (*self.failures, *self.deadlocks)[:100]]

    def __str__(self) -> str:
        if not self.complete:
            bad = len(self.deadlocks) + len(self.failures)
            return f"not finished: {self.states} states seen, {bad or 'no'} bad ones among them; nothing is proved"
        many = "without end many" if self.schedules == math.inf else str(self.schedules)
        ends = ", ".join(f"{'/'.join(map(str, v)) or 'done'}: {c}" for v, c in sorted(self.outcomes.items()))
        bad = f"{len(self.deadlocks)} deadlocks, {len(self.failures)} failures"
        return f"{self.states} states, {many} schedules; outcomes {ends or 'none'}; {bad}"


def check(*threads: Iterable[Step], shared: Mapping[str, int] | None = None, names: Sequence[str] | None = None,
          limit: int = LIMIT) -> Verdict:
    """Run threads in every way there is, remembering states, and count the schedules.

    Parameters
    ----------
    *threads : iterables of Step
    shared : mapping of str to int
        Shared variables and their first values.
    names : sequence of str, optional
        Of the threads.
    limit : int
        Stop when so many states have been seen; the verdict is then not `complete`.

    Returns
    -------
    Verdict

    Raises
    ------
    TypeError, ValueError
        A program that is none; see `compile_threads`.

    Notes
    -----
    States that differ only in a register that is never read again are one.  A signal wakes any of the sleepers, each
    a schedule of its own.  Breadth first, so the schedule kept for a state is a shortest one.  Cost: states times
    moves; schedules are counted along the graph of states, not one by one.

    Examples
    --------
    >>> from oslab.synchronization import add, load, store
    >>> increment = [load("r", "x"), add("r", 1), store("x", "r")]
    >>> check(increment, increment, shared={"x": 0}).outcomes
    {(1,): 18, (2,): 2}
    """
    return check_program(compile_threads(threads, shared, names), limit)


def check_program(program: Program, limit: int = LIMIT) -> Verdict:
    """Check a compiled program; see `check`."""
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit={limit!r}: allowed are whole numbers from 1 up")
    search = _Search(program, limit)
    counts = search.count()
    outcomes: dict[tuple[int, ...], int | float] = {}
    bad: dict[str, list[Trouble]] = {"deadlock": [], "double-held": [], "failure": []}
    ends = np.flatnonzero(search.kind[:search.expanded] != stepping.INNER)
    for s in ends.tolist():
        v = search.vector(s)
        if search.kind[s] == stepping.FINISHED:
            values = tuple(int(v[f]) for f in program.shared.values())
            outcomes[values] = outcomes.get(values, 0) + counts[s]
            continue
        site = v[2 * len(program.names)]
        held = bool(site) and program.code[(*program.sites[site - 1], stepping.OP)] == stepping.ENTER
        kind = "deadlock" if search.kind[s] == stepping.STUCK else "double-held" if held else "failure"
        bad[kind].append(Trouble(kind, counts[s], search, s))
    failures = sorted(bad["double-held"] + bad["failure"], key=lambda t: t._state)
    endless = search.looped and search.complete
    total = math.inf if endless else sum(counts[s] for s in ends.tolist())
    return Verdict(program, search.found, search.complete, total, dict(sorted(outcomes.items())), tuple(bad["deadlock"]),
                   tuple(failures))


class _Search:
    """The exhaustive search: arrays that grow, ranges that widen."""

    def __init__(self, program: Program, limit: int):
        self.program = program
        given = [int(program.code[t, pc, x]) for t, lines in enumerate(program.lines) for pc in range(len(lines))
                 for x in (stepping.A, stepping.B) if program.code[t, pc, x + 1] == 0]
        given += [int(program.start[f]) for f in program.values]
        low, high = min(-1, *given, 0), max(6, *given, 0)
        while not self._explore(low, high, limit):
            value = int(self._at[stepping.VALUE])
            if abs(value) >= WIDEST:
                raise ValueError(f"a value reaches {value}; allowed are those below 2**60")
            low, high = min(low, 2 * value), max(high, 2 * value + 1)

    def _explore(self, low: int, high: int, limit: int) -> bool:
        """Search with numbers in a range; return False if one leaves it."""
        program = self.program
        self.layout, words = program.layout(low, high)
        capacity = min(FIRST_CAPACITY, limit)
        room = len(program.names) ** 2
        self._make(capacity + room, words)
        self._at = np.array([0, 1, -1, 0], np.int64)
        v, w, packed = program.start.copy(), program.start.copy(), np.zeros(words, np.int64)
        if stepping.pack(v, self.layout, packed) >= 0:
            raise ValueError(f"shared={program.shared!r}: a first value is out of range")
        self.states[0] = packed
        stepping.rehash(self.states, 1, self.table)
        while True:
            stepping.explore(self.states, self.parent, self.moved, self.degree, self.kind, self.table, program.code,
                             program.forget, self.layout, self._at, v, w, packed)
            if self._at[stepping.OUTSIDE] >= 0:
                return False
            if self.complete or self.found >= limit:
                return True
            self._grow(min(4 * len(self.states), limit + room))

    def _make(self, capacity: int, words: int) -> None:
        self.states = np.zeros((capacity, words), np.int64)
        self.parent, self.moved, self.degree, self.kind = (np.zeros(capacity, np.int64) for _ in range(4))
        self.table = np.full(1 << (2 * capacity).bit_length(), -1, np.int64)

    def _grow(self, capacity: int) -> None:
        old = (self.states, self.parent, self.moved, self.degree, self.kind)
        self._make(capacity, self.states.shape[1])
        for new, before in zip((self.states, self.parent, self.moved, self.degree, self.kind), old):
            new[:len(before)] = before
        stepping.rehash(self.states, self.found, self.table)

    @property
    def found(self) -> int:
        return int(self._at[stepping.FOUND])

    @property
    def expanded(self) -> int:
        return int(self._at[stepping.HEAD])

    @property
    def complete(self) -> bool:
        return self.expanded == self.found

    def vector(self, state: int) -> np.ndarray:
        v = self.program.start.copy()
        stepping.unpack(self.states[state], self.layout, v)
        return v

    def path(self, state: int) -> Run:
        moves, n = [], len(self.program.names)
        while state:
            moves.append(Move(*divmod(int(self.moved[state]), n)))
            state = int(self.parent[state])
        return Run(self.program, tuple(reversed(moves)))

    def count(self) -> Any:
        """Return the number of schedules to each state, by its number."""
        limbs, lost = 4, 1
        v, w = self.program.start.copy(), self.program.start.copy()
        while lost:
            counts, degree = np.zeros((self.found, limbs), np.int64), self.degree[:self.found].copy()
            lost = stepping.count(self.states, self.expanded, degree, self.table, self.program.code, self.program.forget,
                                  self.layout, counts, np.zeros(self.found, np.int64), v, w,
                                  np.zeros(self.states.shape[1], np.int64))
            limbs *= 2
        self.looped = bool(np.any(degree > 0))
        return _Counts(counts, degree)


class _Counts:
    """Numbers of schedules as whole numbers of any size."""

    def __init__(self, limbs: np.ndarray, left: np.ndarray):
        self._limbs, self._left = limbs, left

    def __getitem__(self, state: int) -> int | float:
        if self._left[state] > 0:
            return math.inf
        return sum(int(limb) << (32 * j) for j, limb in enumerate(self._limbs[state]))


@warmer
def warm() -> None:
    """Compile the kernels on two threads of one step."""
    one = compile_threads([[Step("add", ("x", 1), "")]] * 2, {"x": 0})
    check_program(one)
    play_program(one, "AB").end
