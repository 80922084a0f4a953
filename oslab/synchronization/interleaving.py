"""Threads interleaved in every way there is: outcomes, deadlocks, failures, each with its number of schedules."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from oslab._jit import warmer
from oslab.synchronization import state_space
from oslab.synchronization.atomic_steps import Step
from oslab.synchronization.execution import Execution, Move, ThreadsState, play_program
from oslab.synchronization.exhaustive_search import StateSearch
from oslab.synchronization.thread_compiler import CompiledThreads, compile_threads

__all__ = ["Demonstration", "Counterexample", "Verdict", "check", "check_program"]

LIMIT = 1_000_000


@dataclass(frozen=True, eq=False)
class Counterexample:
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
    def run(self) -> Execution:
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
    program : CompiledThreads
    states : int
        Different states seen.
    complete : bool
        Whether these are all that can be reached; if not, counts are lower bounds and nothing is proved absent.
    schedules : int or inf
        Number of schedules to their end; inf where threads can go round in circles.
    outcomes : dict of tuple to int or inf
        Final values of the shared variables, in the order of `shared`, with the number of schedules that lead there.
    deadlocks, failures : tuple of Counterexample
        Nearest first; `failures` includes what is held twice.
    """

    program: CompiledThreads
    states: int
    complete: bool
    schedules: int | float
    outcomes: dict[tuple[int, ...], int | float]
    deadlocks: tuple[Counterexample, ...]
    failures: tuple[Counterexample, ...]

    @property
    def double_held(self) -> tuple[Counterexample, ...]:
        """The failures in which two threads are in one critical section."""
        return tuple(t for t in self.failures if t.kind == "double-held")

    @property
    def safe(self) -> bool | None:
        """Whether nothing bad can happen; None if that is not known."""
        return False if self.deadlocks or self.failures else (True if self.complete else None)

    @property
    def worst(self) -> Counterexample | None:
        """The bad state that is reached in the fewest steps, or None."""
        return min((*self.failures[:1], *self.deadlocks[:1]), key=lambda t: t.run.steps, default=None)

    def table(self) -> list[dict[str, Any]]:
        """Return one row an outcome, and one for each bad state (the first hundred)."""
        rows = [
            {
                "end": ", ".join(f"{k} = {x}" for k, x in zip(self.program.shared, values)) or "all done",
                "schedules": many,
            }
            for values, many in sorted(self.outcomes.items())
        ]
        return rows + [{"end": str(t), "schedules": t.schedules} for t in (*self.failures, *self.deadlocks)[:100]]

    def __str__(self) -> str:
        if not self.complete:
            bad = len(self.deadlocks) + len(self.failures)
            return f"not finished: {self.states} states seen, {bad or 'no'} bad ones among them; nothing is proved"
        many = "without end many" if self.schedules == math.inf else str(self.schedules)
        ends = ", ".join(f"{'/'.join(map(str, v)) or 'done'}: {c}" for v, c in sorted(self.outcomes.items()))
        bad = f"{len(self.deadlocks)} deadlocks, {len(self.failures)} failures"
        return f"{self.states} states, {many} schedules; outcomes {ends or 'none'}; {bad}"


@dataclass(frozen=True, eq=False)
class Demonstration:
    """The verdict on threads that were run in every way, with the steps of one schedule, `run`, to look at."""

    verdict: Verdict

    @cached_property
    def run(self) -> Execution:
        """A shortest schedule to the first thing that goes wrong, or one at random where nothing can."""
        return self.verdict.worst.run if self.verdict.worst else play_program(self.verdict.program, seed=1)

    @property
    def steps(self) -> int:
        """Of the schedule."""
        return self.run.steps

    def state(self, step: int) -> ThreadsState:
        """Return the state after a step."""
        return self.run.state(step)

    def why(self, step: int) -> str:
        """Return what a step did."""
        return self.run.why(step)

    def table(self) -> list[dict[str, Any]]:
        """Return one row a step."""
        return self.run.table()


def check(
    *threads: Iterable[Step],
    shared: Mapping[str, int] | None = None,
    names: Sequence[str] | None = None,
    limit: int = LIMIT,
) -> Verdict:
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


def check_program(program: CompiledThreads, limit: int = LIMIT) -> Verdict:
    """Check a compiled program; see `check`."""
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ValueError(f"limit={limit!r}: allowed are whole numbers from 1 up")
    search = StateSearch(program, limit)
    counts = search.count()
    outcomes: dict[tuple[int, ...], int | float] = {}
    bad: dict[str, list[Counterexample]] = {"deadlock": [], "double-held": [], "failure": []}
    ends = np.flatnonzero(search.kind[: search.expanded] != state_space.INNER)
    for s in ends.tolist():
        v = search.vector(s)
        if search.kind[s] == state_space.FINISHED:
            values = tuple(int(v[f]) for f in program.shared.values())
            outcomes[values] = outcomes.get(values, 0) + counts[s]
            continue
        site = v[2 * len(program.names)]
        held = bool(site) and program.code[(*program.sites[site - 1], state_space.OP)] == state_space.ENTER
        kind = "deadlock" if search.kind[s] == state_space.STUCK else "double-held" if held else "failure"
        bad[kind].append(Counterexample(kind, counts[s], search, s))
    failures = sorted(bad["double-held"] + bad["failure"], key=lambda t: t._state)
    endless = search.looped and search.complete
    total = math.inf if endless else sum(counts[s] for s in ends.tolist())
    return Verdict(
        program,
        search.found,
        search.complete,
        total,
        dict(sorted(outcomes.items())),
        tuple(bad["deadlock"]),
        tuple(failures),
    )


@warmer
def warm() -> None:
    """Compile the kernels on two threads of one step."""
    one = compile_threads([[Step("add", ("x", 1), "")]] * 2, {"x": 0})
    check_program(one)
    play_program(one, "AB").state(2)
