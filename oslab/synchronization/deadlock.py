"""Deadlock: resource-allocation graphs, dining philosophers, and the four Coffman conditions as switches."""

from dataclasses import dataclass
from functools import lru_cache

from oslab.base import Several, checked, choice, flag, integer, plural, shown
from oslab.synchronization.atomic_steps import NAME, Step, jump, label, lock, trylock, unlock
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


PAIRS = Several(Several(NAME, least=2, most=2), least=0)


def allocation_graph(
    program: CompiledThreads, state: ThreadsState
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return who holds what, as (lock, thread), and who waits for what, as (thread, lock).

    Parameters
    ----------
    program : Program
    state : tuple
        One of its states.
    """
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

    Raises
    ------
    TypeError, ValueError
        No pairs of names, more than 10 000 of them, or a resource with two holders: `detect` is for these.
    """
    owner: dict[str, str] = {}
    for resource, process in PAIRS.check("holds", holds):
        if owner.setdefault(resource, process) != process:
            raise ValueError(
                f"holds: {shown(resource)} is held by {shown(owner[resource])} and {shown(process)}; with several instances "
                "a cycle need not be a deadlock: use detect"
            )
    wants: dict[str, list[str]] = {}
    for process, resource in PAIRS.check("requests", requests):
        wants.setdefault(process, []).append(resource)
    done: set[str] = set()
    for start in wants:
        path, places, pending = [start], {start: 0}, [iter(wants[start])]
        while pending:
            resource = next(pending[-1], None)
            process = owner.get(resource) if resource is not None else None
            if resource is None:
                pending.pop()
                done.add(path[-1])
                places.pop(path.pop())
                del path[-1:]  # the resource by which it was reached
            elif process in places:
                return (*path, resource)[places[process] :]
            elif process is not None and process not in done:
                path += [resource, process]
                places[process] = len(path) - 1
                pending.append(iter(wants.get(process, ())))
    return ()


@checked(n=integer(2, 26), without=choice(("", *CONDITIONS)))
def philosophers(n: int, without: str = "") -> list[list[Step]]:
    """Return the programs of `n` philosophers, each taking both forks once.

    Parameters
    ----------
    n : int
        2 to 26; philosopher i has fork i at the left and fork i + 1 at the right.
    without : str
        The Coffman condition that is taken away: ``""`` none, ``"mutual_exclusion"`` (each has copies: nothing to
        take), ``"hold_and_wait"`` (both forks in one step), ``"no_preemption"`` (the second fork is tried; if it is
        taken the first is given back), ``"circular_wait"`` (the fork of the smaller number first).
    """
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
        return f"{plural(self.n, 'philosopher')}, without {', '.join(self.removed) or 'nothing'}: {self.verdict}"


@checked(n=integer(2, 8), mutual_exclusion=flag(), hold_and_wait=flag(), no_preemption=flag(), circular_wait=flag())
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
    TypeError, ValueError
        Another number of philosophers; what is no bool.
    """
    removed = tuple(
        c for c, on in zip(CONDITIONS, (mutual_exclusion, hold_and_wait, no_preemption, circular_wait)) if not on
    )
    verdict = _verdict(n, removed[0] if removed else "")
    return Dinner(verdict, n, removed)
