"""One schedule of threads: pressed by hand, or drawn at random."""

import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any, NamedTuple

import numpy as np

from oslab.base import SEED, Instance, Stepped, checked, shown
from oslab.synchronization import state_space
from oslab.synchronization.atomic_steps import Step
from oslab.synchronization.thread_compiler import CompiledThreads, compile_threads

__all__ = ["ThreadsState", "Move", "Execution", "name_state", "play", "play_program"]

MOST_MOVES = 10_000


class Move(NamedTuple):
    """A thread takes a step; `woken` says which sleeper a signal wakes, counted from 0."""

    thread: int
    woken: int = 0


@dataclass(frozen=True)
class ThreadsState:
    """A state of all threads, in names.

    Attributes
    ----------
    places : tuple of int
        For each thread the step that is next.
    status : tuple of str
        For each thread: ``"ready"``, ``"blocked"`` (on a lock or semaphore), ``"asleep"`` (on a condition variable), ``"done"``
        or ``"failed"``.
    waits_for : tuple of str
        The lock, semaphore or condition variable, or ''.
    shared, semaphores : dict of str to int
    registers : tuple of dict
    owners : dict of str to int
        For each lock the thread that holds it, -1 for none.
    """

    places: tuple[int, ...]
    status: tuple[str, ...]
    waits_for: tuple[str, ...]
    shared: dict[str, int]
    semaphores: dict[str, int]
    registers: tuple[dict[str, int], ...]
    owners: dict[str, int]

    @property
    def stuck(self) -> bool:
        """Whether no thread can continue though not all are done: a deadlock."""
        return not {"ready", "failed"} & set(self.status) and set(self.status) != {"done"}

    @property
    def failed(self) -> bool:
        """Whether an expectation failed."""
        return "failed" in self.status


def name_state(program: CompiledThreads, v: np.ndarray) -> ThreadsState:
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
            row, wanted = program.code[t, v[t]], []
            if row[state_space.OP] == state_space.LOCK:
                wanted = [f for f in row[[state_space.A, state_space.B, state_space.HOW]] if f >= 0 and v[f]]
            elif row[state_space.OP] == state_space.DOWN and v[row[state_space.A]] <= 0:
                wanted = [row[state_space.A]]
            names = {**program.locks, **program.semaphores}
            reason = next((name for name, f in names.items() if f in wanted), "")
            now = "blocked" if wanted else "ready"
        status.append(now)
        waits.append(reason)
    return ThreadsState(
        tuple(int(x) for x in v[:n]),
        tuple(status),
        tuple(waits),
        {name: int(v[f]) for name, f in program.shared.items()},
        {name: int(v[f]) for name, f in program.semaphores.items()},
        tuple({name: int(v[f]) for name, f in fields.items()} for fields in program.registers),
        owners,
    )


@dataclass(frozen=True, eq=False)
class Execution(Stepped, over="moves"):
    """One schedule, step by step.

    Attributes
    ----------
    program : CompiledThreads
    moves : tuple of Move
        Those asked for, also where the thread could not step.
    """

    program: CompiledThreads
    moves: tuple[Move, ...]
    _vectors: list[np.ndarray] = field(repr=False, default_factory=list)

    def _vector(self, step: int) -> np.ndarray:
        """The state after `step` moves; those before are kept."""
        known = self._vectors
        if not known:
            known.append(self.program.start.copy())
        while len(known) <= step:
            move, v = self.moves[len(known) - 1], known[-1].copy()
            if not state_space.advance(v, move.thread, move.woken, self.program.code):
                v = known[-1]
            known.append(v)
        return known[step]

    def _replayed(self, step: int) -> ThreadsState:
        return name_state(self.program, self._vector(step))

    def moved(self, step: int) -> bool:
        """Return whether the thread could take its step, 1 to `steps`."""
        return self._vector(self._step(step, 1)) is not self._vector(step - 1)

    @property
    def end(self) -> ThreadsState:
        """The state after the last move."""
        return self.state(self.steps)

    def why(self, step: int) -> str:
        """Return what a step did, 1 to `steps`, with the values."""
        before, after, move = self.state(self._step(step, 1) - 1), self.state(step), self.moves[step - 1]
        t, name = move.thread, self.program.names[move.thread]
        place = before.places[t]
        if not self.moved(step):
            return f"{name} cannot step: {_cannot(self.program, before, t)}."
        text, op = self.program.lines[t][place], self.program.code[t, place, state_space.OP]
        said = f"{name}: {text}"
        if after.failed:
            return f"{said}, and that fails: {_fails(self.program, before, t, place)}."
        old = {**before.shared, **before.semaphores}
        changed = [f"{k} is now {x}" for k, x in {**after.shared, **after.semaphores}.items() if x != old[k]]
        changed += [
            f"its register {k} is now {x}" for k, x in after.registers[t].items() if x != before.registers[t][k]
        ]
        woken = [
            self.program.names[u] for u, s in enumerate(before.status) if s == "asleep" and after.status[u] != "asleep"
        ]
        if op in (state_space.SIGNAL, state_space.BROADCAST):
            changed.append(
                f"{' and '.join(woken)} wake{'s' * (len(woken) == 1)}"
                if woken
                else "no thread sleeps there, so it is lost"
            )
        if op == state_space.WAIT:
            changed.append("it releases the lock and sleeps")
        if op == state_space.TRYLOCK:
            changed.append("it now holds the lock" if after.owners != before.owners else "the lock is not free")
        if op in (state_space.BRANCH, state_space.TRYLOCK):
            lines = self.program.lines[t]
            changed.append(f"next is {lines[after.places[t]]}" if after.places[t] < len(lines) else "it is done")
        return f"{said}: {'; '.join(changed)}." if changed else f"{said}."

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a step."""
        for k, move in enumerate(self.moves, 1):
            state, who = self.state(k), self.program.names[move.thread]
            yield {"step": k, "thread": who, "what happens": self.why(k), **state.shared, **state.semaphores}

    def __str__(self) -> str:
        return "\n".join(f"{k}. {self.why(k)}" for k in range(1, self.steps + 1)) or "no step yet"


def _cannot(program: CompiledThreads, state: ThreadsState, t: int) -> str:
    lock = state.waits_for[t]
    if lock in state.semaphores:
        return f"{lock} is 0"
    if state.status[t] == "blocked":
        owner = state.owners[lock]
        return f"it holds {lock} itself and waits for it" if owner == t else f"{program.names[owner]} holds {lock}"
    if state.failed:
        return "a step has failed"
    return f"it sleeps on {lock}" if state.status[t] == "asleep" else "it is done"


def _fails(program: CompiledThreads, before: ThreadsState, t: int, place: int) -> str:
    op = program.code[t, place, state_space.OP]
    if op == state_space.ENTER:
        return "another thread is inside"
    if op == state_space.LEAVE:
        return "no thread is inside"
    if op in (state_space.UNLOCK, state_space.WAIT):
        return "it does not hold that lock"
    known = {**before.registers[t], **before.shared}
    words = program.lines[t][place].split()
    return ", ".join(f"{w} is {known[w]}" for w in words if w in known)


def play(
    threads: Sequence[Iterable[Step]],
    schedule: str | Iterable[int | Move] = (),
    shared: Mapping[str, int] | None = None,
    *,
    seed: int | None = None,
    names: Sequence[str] | None = None,
    semaphores: Mapping[str, int] | None = None,
) -> Execution:
    """Run threads along a schedule given by hand, and on at random if a seed is given.

    Parameters
    ----------
    threads : sequence of iterables of Step
    schedule : str or iterable of int or Move
        Who steps next: thread names of one letter (``"AABB"``), numbers, or moves; at most 10 000.  A thread that
        cannot step is left where it is, and the run says why.
    shared, semaphores : mapping of str to int
        First values.
    seed : int, optional
        Go on, after the schedule, with threads drawn at random until none can step (at most 10 000 steps).
    names : sequence of str, optional
        Of the threads.

    Raises
    ------
    TypeError, ValueError
        A program that is none; a thread that is not there.

    Examples
    --------
    >>> from oslab.synchronization import add, load, store
    >>> increment = [load("r", "x"), add("r", 1), store("x", "r")]
    >>> play([increment, increment], "ABABAB", {"x": 0}).end.shared
    {'x': 1}
    """
    return play_program(compile_threads(threads, shared, names, semaphores), schedule, seed)


@checked(
    program=Instance(CompiledThreads), schedule=Instance((Sequence, Iterator, tuple)), seed=replace(SEED, optional=True)
)
def play_program(
    program: CompiledThreads, schedule: str | Iterable[int | Move] = (), seed: int | None = None
) -> Execution:
    """Run a compiled program; see `play`."""
    moves = []
    for who in islice(schedule, MOST_MOVES + 1):
        t = program.names.index(who) if isinstance(who, str) and who in program.names else who
        move = t if isinstance(t, Move) else Move(int(t)) if type(t) in (int, np.int64) else None
        if move is None or not 0 <= move.thread < len(program.names):
            raise ValueError(f"schedule: {shown(who)} is no thread; there are {', '.join(program.names)}")
        moves.append(move)
    if len(moves) > MOST_MOVES:
        raise ValueError(f"schedule: allowed are at most {MOST_MOVES} steps")
    if seed is not None:
        moves += _draw_moves(program, Execution(program, tuple(moves))._vector(len(moves)).copy(), random.Random(seed))
    return Execution(program, tuple(moves))


def _draw_moves(program: CompiledThreads, v: np.ndarray, draw: random.Random, most: int = MOST_MOVES) -> list[Move]:
    n, moves = len(program.names), []
    while len(moves) < most:
        can = [Move(t, c) for t in range(n) for c in range(n) if state_space.advance(v.copy(), t, c, program.code)]
        if not can:
            break
        t = draw.choice(sorted({move.thread for move in can}))
        moves.append(draw.choice([move for move in can if move.thread == t]))
        state_space.advance(v, *moves[-1], program.code)
    return moves
