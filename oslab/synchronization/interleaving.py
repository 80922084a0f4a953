"""Threads interleaved in every way there is: outcomes, deadlocks, failures, each with its number of schedules."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from oslab._jit import warmer
from oslab.base import Instance, Result, Stepped, checked, integer, plural, readable
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
        ``"deadlock"``, ``"livelock"`` (threads go round and no end can be reached any more), ``"double-held"`` (two threads
        in one critical section) or ``"failure"``.
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
        if not self.schedule:
            return f"{self.kind} from the start, whatever the schedule"
        return f"{self.kind} after {plural(self.run.steps, 'step')}: {' '.join(names[m.thread] for m in self.schedule)}"


@dataclass(frozen=True, eq=False)
class Verdict(Result):
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
    livelocks : tuple of Counterexample
        States from which neither an end nor a deadlock can be reached, as they are entered; nearest first.
    """

    program: CompiledThreads
    states: int
    complete: bool
    schedules: int | float
    outcomes: dict[tuple[int, ...], int | float]
    deadlocks: tuple[Counterexample, ...]
    failures: tuple[Counterexample, ...]
    livelocks: tuple[Counterexample, ...] = ()

    @property
    def bad(self) -> tuple[Counterexample, ...]:
        """All that can go wrong."""
        return (*self.failures, *self.deadlocks, *self.livelocks)

    @property
    def double_held(self) -> tuple[Counterexample, ...]:
        """The failures in which two threads are in one critical section."""
        return tuple(t for t in self.failures if t.kind == "double-held")

    @property
    def safe(self) -> bool | None:
        """Whether nothing bad can happen; None if that is not known."""
        return False if self.bad else (True if self.complete else None)

    @property
    def worst(self) -> Counterexample | None:
        """The bad state that is reached in the fewest steps, or None."""
        nearest = (*self.failures[:1], *self.deadlocks[:1], *self.livelocks[:1])
        return min(nearest, key=lambda t: t.run.steps, default=None)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row an outcome, and one for each bad state (the first hundred)."""
        for values, many in sorted(self.outcomes.items()):
            end = ", ".join(f"{k} = {x}" for k, x in zip(self.program.shared, values)) or "all done"
            yield {"end": end, "schedules": many}
        yield from ({"end": str(t), "schedules": t.schedules} for t in self.bad[:100])

    def __str__(self) -> str:
        if not self.complete:
            bad = plural(len(self.bad), "bad one") if self.bad else "no bad ones"
            return f"not finished: {plural(self.states, 'state')} seen, {bad} among them; nothing is proved"
        many = "infinitely many schedules" if self.schedules == math.inf else plural(self.schedules, "schedule")
        ends = ", ".join(f"{'/'.join(map(str, v)) or 'done'}: {_say(c)}" for v, c in sorted(self.outcomes.items()))
        bad = ", ".join(plural(len(getattr(self, kind)), kind[:-1]) for kind in ("deadlocks", "failures", "livelocks"))
        return f"{plural(self.states, 'state')}, {many}; outcomes {ends or 'none'}; {bad}"


def _say(count: int | float) -> str:
    return "infinitely many" if count == math.inf else readable(count)


@dataclass(frozen=True, eq=False)
class Demonstration(Stepped):
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

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a step."""
        return self.run.rows()


def check(
    *threads: Iterable[Step],
    shared: Mapping[str, int] | None = None,
    names: Sequence[str] | None = None,
    semaphores: Mapping[str, int] | None = None,
    limit: int = LIMIT,
) -> Verdict:
    """Run threads in every way there is, remembering states, and count the schedules.

    Parameters
    ----------
    *threads : iterables of Step
        At most 26, of at most 1000 steps.
    shared, semaphores : mapping of str to int
        Shared variables and semaphores, and their first values.
    names : sequence of str, optional
        Of the threads.
    limit : int
        Stop when so many states have been seen; the verdict is then not `complete`.  At most 4 million.

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
    return check_program(compile_threads(threads, shared, names, semaphores), limit)


@checked(program=Instance(CompiledThreads), limit=integer(1, 4_000_000))
def check_program(program: CompiledThreads, limit: int = LIMIT) -> Verdict:
    """Check a compiled program; see `check`."""
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
    livelocks = [Counterexample("livelock", counts[s], search, s) for s in (search.endless() if search.looped else ())]
    total = math.inf if endless else sum(counts[s] for s in ends.tolist())
    return Verdict(
        program,
        search.found,
        search.complete,
        total,
        dict(sorted(outcomes.items())),
        tuple(bad["deadlock"]),
        tuple(failures),
        tuple(livelocks),
    )


@warmer(4)
def warm() -> None:
    """Compile the kernels on two threads of one step, and on one that goes round."""
    one = compile_threads([[Step("add", ("x", 1), "")]] * 2, {"x": 0})
    check_program(one)
    round_and_round = [Step("label", ("a",), ""), Step("branch", ("x", "==", 0, "a"), "")]
    check_program(compile_threads([round_and_round], {"x": 0}))
    play_program(one, "AB").state(2)
