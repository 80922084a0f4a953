"""Deadlock: resource-allocation graphs, dining philosophers, and the four Coffman conditions as switches."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from oslab.synchronization.atomic_steps import Step, jump, label, lock, trylock, unlock
from oslab.synchronization.execution import ThreadsState
from oslab.synchronization.interleaving import Demonstration, Verdict, check
from oslab.synchronization.thread_compiler import CompiledThreads

__all__ = ["CONDITIONS", "Dinner", "STRATEGIES", "allocation_graph", "dine", "find_deadlock", "philosophers"]

CONDITIONS = ("mutual_exclusion", "hold_and_wait", "no_preemption", "circular_wait")
STRATEGIES = {
    "": "all four hold",
    "mutual_exclusion": "sharing",
    "hold_and_wait": "all at once",
    "no_preemption": "try, back off",
    "circular_wait": "ordering",
}


def allocation_graph(
    program: CompiledThreads, state: ThreadsState
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return who holds what, as (lock, thread), and who waits for what, as (thread, lock)."""
    holds = [(name, program.names[owner]) for name, owner in state.owners.items() if owner >= 0]
    return holds, [(program.names[t], name) for t, name in enumerate(state.waits_for) if state.status[t] == "blocked"]


def find_deadlock(holds: list[tuple[str, str]], requests: list[tuple[str, str]]) -> tuple[str, ...]:
    """Return a cycle of a resource-allocation graph with one instance of each resource, or ().

    Parameters
    ----------
    holds : list of (resource, process)
    requests : list of (process, resource)

    Returns
    -------
    tuple of str
        Process, resource, process, …; with one instance each, a cycle is a deadlock and the other way round.
    """
    owner, wants = dict(holds), {}
    for process, resource in requests:
        wants.setdefault(process, []).append(resource)

    def walk(path: tuple[str, ...]) -> tuple[str, ...]:
        for resource in wants.get(path[-1], ()):
            process = owner.get(resource)
            if process in path[::2]:
                return (*path, resource)[2 * path[::2].index(process) :]
            if process is not None and (found := walk((*path, resource, process))):
                return found
        return ()

    return next((found for process in wants if (found := walk((process,)))), ())


def philosophers(n: int, without: str = "") -> list[list[Step]]:
    """Return the programs of `n` philosophers, each taking both forks once.

    Parameters
    ----------
    n : int
        2 or more; philosopher i has fork i at the left and fork i + 1 at the right.
    without : str
        The Coffman condition that is taken away: ``""`` none, ``"mutual_exclusion"`` (each has copies: nothing to
        take), ``"hold_and_wait"`` (both forks in one step), ``"no_preemption"`` (the second fork is tried; if it is
        taken the first is given back), ``"circular_wait"`` (the fork of the smaller number first).
    """
    if n < 2:
        raise ValueError(f"n={n!r}: allowed are whole numbers from 2 up")
    if without and without not in CONDITIONS:
        raise ValueError(f"without={without!r}: allowed are {', '.join(CONDITIONS)}")
    programs = []
    for i in range(n):
        one, two = f"f{i}", f"f{(i + 1) % n}"
        if without == "circular_wait" and i == n - 1:
            one, two = two, one
        programs.append(
            {
                "mutual_exclusion": [
                    lock(f"copy of {one} for {i}", f"copy of {two} for {i}")._replace(text="use copies"),
                    unlock(f"copy of {one} for {i}", f"copy of {two} for {i}")._replace(text="leave copies"),
                ],
                "hold_and_wait": [lock(one, two), unlock(one, two)],
                "no_preemption": [
                    label("again"),
                    lock(one),
                    trylock(two, "back")._replace(text=f"try {two}"),
                    unlock(one, two),
                    jump("end"),
                    label("back"),
                    unlock(one)._replace(text=f"else unlock {one}"),
                    jump("again"),
                    label("end"),
                ],
            }.get(without, [lock(one), lock(two), unlock(one, two)])
        )
    return programs


@lru_cache(maxsize=64)
def _verdict(n: int, without: str) -> Verdict:
    return check(*philosophers(n, without), names=tuple(f"P{i}" for i in range(n)))


@dataclass(frozen=True, eq=False)
class Dinner(Demonstration):
    """What `dine` returns: `Demonstration` philosophers.

    Attributes
    ----------
    n : int
    removed : tuple of str
        The conditions that are off.
    """

    n: int
    removed: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.n} philosophers, without {', '.join(self.removed) or 'nothing'}: {self.verdict}"


def dine(
    n: int = 5,
    mutual_exclusion: bool = True,
    hold_and_wait: bool = True,
    no_preemption: bool = True,
    circular_wait: bool = True,
) -> Dinner:
    """Seat philosophers with some of the four conditions, and run them in every way.

    Parameters
    ----------
    n : int
        2 to 8.
    mutual_exclusion, hold_and_wait, no_preemption, circular_wait : bool
        The Coffman conditions; of those that are off the first one's strategy is used.

    Raises
    ------
    ValueError
        Another number of philosophers.
    """
    if not 2 <= n <= 8:
        raise ValueError(f"n={n!r}: allowed are whole numbers from 2 to 8")
    removed = tuple(
        c for c, on in zip(CONDITIONS, (mutual_exclusion, hold_and_wait, no_preemption, circular_wait)) if not on
    )
    verdict = _verdict(n, removed[0] if removed else "")
    return Dinner(verdict, n, removed)
