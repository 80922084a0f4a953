"""Deadlock: resource-allocation graphs, dining philosophers, and the four Coffman conditions as switches."""

from __future__ import annotations

import random
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from typing import Any

from oslab.synchronization.interleaving import Verdict, check
from oslab.synchronization.program import Program
from oslab.synchronization.running import Moment, Run, play_program
from oslab.synchronization.steps import Step, jump, label, lock, trylock, unlock

__all__ = ["CONDITIONS", "Dinner", "STRATEGIES", "allocation_graph", "dine", "find_deadlock", "meals_per_second", "philosophers"]

CONDITIONS = ("mutual_exclusion", "hold_and_wait", "no_preemption", "circular_wait")
STRATEGIES = {"": "all four hold", "mutual_exclusion": "sharing", "hold_and_wait": "all at once",
              "no_preemption": "try, back off", "circular_wait": "ordering"}


def allocation_graph(program: Program, state: Moment) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
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
                return (*path, resource)[2 * path[::2].index(process):]
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
        programs.append({
            "mutual_exclusion": [lock(f"copy of {one} for {i}", f"copy of {two} for {i}"),
                                 unlock(f"copy of {one} for {i}", f"copy of {two} for {i}")],
            "hold_and_wait": [lock(one, two), unlock(one, two)],
            "no_preemption": [label("again"), lock(one), trylock(two, "back"), unlock(one, two), jump("end"),
                              label("back"), unlock(one), jump("again"), label("end")],
        }.get(without, [lock(one), lock(two), unlock(one, two)]))
    return programs


@lru_cache(maxsize=64)
def _verdict(n: int, without: str) -> Verdict:
    return check(*philosophers(n, without), names=tuple(f"P{i}" for i in range(n)))


@dataclass(frozen=True, eq=False)
class Dinner:
    """What `dine` returns.

    Attributes
    ----------
    n : int
    removed : tuple of str
        The conditions that are off.
    verdict : Verdict
        Of the philosophers run in every way.
    run : Run
        A shortest schedule to the deadlock, or a schedule at random where there is none.
    meals : dict of str to float
        Meals a second for each strategy, by the condition it removes ('' for none); nan where it stopped for good.
    stopped : dict of str to float
        When it stopped for good, seconds; absent where it did not.
    """

    n: int
    removed: tuple[str, ...]
    verdict: Verdict
    run: Run
    meals: dict[str, float]
    stopped: dict[str, float]

    @property
    def steps(self) -> int:
        """Of the schedule shown."""
        return self.run.steps

    def state(self, step: int) -> Moment:
        """Return the state after a step."""
        return self.run.state(step)

    def why(self, step: int) -> str:
        """Return what a step did."""
        return self.run.why(step)

    def table(self) -> list[dict[str, Any]]:
        """Return one row a strategy."""
        return [{"removed": key.replace("_", " ") or "nothing", "strategy": STRATEGIES[key], "meals a second": round(rate, 3),
                 "stopped after, s": round(self.stopped[key], 1) if key in self.stopped else "never",
                 "deadlock reachable": bool(_verdict(self.n, key).deadlocks)} for key, rate in self.meals.items()]

    def __str__(self) -> str:
        return f"{self.n} philosophers, without {', '.join(self.removed) or 'nothing'}: {self.verdict}"


def dine(n: int = 5, mutual_exclusion: bool = True, hold_and_wait: bool = True, no_preemption: bool = True,
         circular_wait: bool = True, think: float = 1.0, eat: float = 1.0, seed: int = 1) -> Dinner:
    """Seat philosophers with some of the four conditions, run them in every way, and time each strategy.

    Parameters
    ----------
    n : int
        2 to 8.
    mutual_exclusion, hold_and_wait, no_preemption, circular_wait : bool
        The Coffman conditions; of those that are off the first one's strategy is used.
    think, eat : float
        Means, in seconds.
    seed : int

    Raises
    ------
    ValueError
        Another number of philosophers, a time that is not above 0.
    """
    if not 2 <= n <= 8:
        raise ValueError(f"n={n!r}: allowed are whole numbers from 2 to 8")
    removed = tuple(c for c, on in zip(CONDITIONS, (mutual_exclusion, hold_and_wait, no_preemption, circular_wait)) if not on)
    verdict = _verdict(n, removed[0] if removed else "")
    run = verdict.deadlocks[0].run if verdict.deadlocks else play_program(verdict.program, seed=seed)
    timed = {key: meals_per_second(n, key, think, eat, seed) for key in STRATEGIES}
    return Dinner(n, removed, verdict, run, {key: rate for key, (rate, _) in timed.items()},
                  {key: end for key, (_, end) in timed.items() if end is not None})


REACH, HORIZON = 0.1, 100


@lru_cache(maxsize=512)
def meals_per_second(
    n: int, without: str = "", think: float = 1.0, eat: float = 1.0, seed: int = 1
) -> tuple[float, float | None]:
    """Time `n` philosophers who think, take forks, eat and start again.

    Parameters
    ----------
    n : int
    without : str
        See `philosophers`.
    think, eat : float
        Means of exponentially distributed times, seconds; the second fork is reached for 0.1 s after the first.
    seed : int

    Returns
    -------
    tuple of (float, float or None)
        Meals a second over 100 seconds, or until it stopped for good, and when that was.

    Notes
    -----
    Tie rule: a fork goes to whoever asked first; with both at once, to the first in line who can have both.
    """
    if think <= 0 or eat <= 0:
        raise ValueError(f"think={think!r}, eat={eat!r}: allowed are seconds above 0")
    return _Table(n, without, think, eat, seed).run()


class _Table:
    """Philosophers over time: events on a heap, one line of waiting philosophers."""

    def __init__(self, n: int, without: str, think: float, eat: float, seed: int):
        self.n, self.without, self.think, self.eat = n, without, think, eat
        self.draw = random.Random(seed)
        self.owner = [-1] * n
        self.line: list[tuple[int, tuple[int, ...]]] = []
        self.events: list[tuple[float, int, int, str]] = []
        self.serial = self.meals = 0

    def _at(self, time: float, who: int, what: str) -> None:
        self.serial += 1
        heappush(self.events, (time, self.serial, who, what))

    def forks(self, who: int) -> tuple[int, int]:
        one, two = who, (who + 1) % self.n
        return (two, one) if self.without == "circular_wait" and who == self.n - 1 else (one, two)

    def run(self) -> tuple[float, float | None]:
        for who in range(self.n):
            self._at(self.draw.expovariate(1 / self.think), who, "hungry")
        now = 0.0
        while self.events:
            now, _, who, what = heappop(self.events)
            if now > HORIZON:
                return self.meals / HORIZON, None
            getattr(self, what)(now, who)
        return self.meals / now, now

    def hungry(self, now: float, who: int) -> None:
        if self.without == "mutual_exclusion":
            self.dine(now, who)
        else:
            wanted = self.forks(who)
            self.ask(now, who, wanted if self.without == "hold_and_wait" else wanted[:1])

    def ask(self, now: float, who: int, wanted: tuple[int, ...]) -> None:
        self.line.append((who, wanted))
        self.serve(now)

    def serve(self, now: float) -> None:
        for who, wanted in list(self.line):
            if all(self.owner[f] < 0 for f in wanted):
                self.line.remove((who, wanted))
                for f in wanted:
                    self.owner[f] = who
                if len(wanted) == 2 or wanted[0] == self.forks(who)[1]:
                    self.dine(now, who)
                else:
                    self._at(now + REACH, who, "second")

    def second(self, now: float, who: int) -> None:
        fork = self.forks(who)[1]
        if self.without == "no_preemption" and self.owner[fork] >= 0:
            self.owner[self.forks(who)[0]] = -1
            self._at(now + self.draw.uniform(0, 2 * REACH), who, "hungry")
            self.serve(now)
        else:
            self.ask(now, who, (fork,))

    def dine(self, now: float, who: int) -> None:
        self._at(now + self.draw.expovariate(1 / self.eat), who, "full")

    def full(self, now: float, who: int) -> None:
        self.meals += 1
        self.owner = [-1 if o == who else o for o in self.owner]
        self._at(now + self.draw.expovariate(1 / self.think), who, "hungry")
        self.serve(now)
