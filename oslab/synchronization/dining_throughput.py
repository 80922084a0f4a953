"""What each way out of deadlock costs: philosophers over time, and the meals they get."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from typing import Any

from oslab.base import SEED, Result, checked, choice, integer, plural, readable, real
from oslab.synchronization.deadlock import STRATEGIES

__all__ = ["Meals", "meals_per_second", "serve"]

REACH, HORIZON = 0.1, 100


@dataclass(frozen=True, eq=False)
class Meals(Result):
    """What `serve` returns, by strategy: a key of `STRATEGIES`, '' for the one that can deadlock.

    Attributes
    ----------
    n : int
    rate : dict of str to float
        Meals a second, of all philosophers together.
    stopped : dict of str to float
        When it stopped for good, seconds; absent where it did not.
    """

    n: int
    rate: dict[str, float]
    stopped: dict[str, float]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a strategy."""
        for key, rate in self.rate.items():
            yield {
                "removed": key.replace("_", " ") or "nothing",
                "strategy": STRATEGIES[key],
                "meals a second": rate,
                "stopped after, s": self.stopped.get(key, "never"),
            }

    def __str__(self) -> str:
        said = ", ".join(f"{STRATEGIES[k]} {readable(r)}" for k, r in self.rate.items())
        return f"{plural(self.n, 'philosopher')}, meals a second: {said}"


PHILOSOPHERS, TIME = integer(2, 26), real(0.05, 1e4)


@checked(n=PHILOSOPHERS, think=TIME, eat=TIME, seed=SEED)
def serve(n: int = 5, think: float = 1.0, eat: float = 1.0, seed: int = 1) -> Meals:
    """Time philosophers under each strategy.

    Parameters
    ----------
    n, think, eat, seed
        See `meals_per_second`.

    Raises
    ------
    TypeError, ValueError
        An argument out of range.
    """
    timed = {key: meals_per_second(n, key, think, eat, seed) for key in STRATEGIES}
    return Meals(
        n,
        {key: rate for key, (rate, _) in timed.items()},
        {key: end for key, (_, end) in timed.items() if end is not None},
    )


@checked(n=PHILOSOPHERS, without=choice(tuple(STRATEGIES)), think=TIME, eat=TIME, seed=SEED)
@lru_cache(maxsize=512)
def meals_per_second(
    n: int, without: str = "", think: float = 1.0, eat: float = 1.0, seed: int = 1
) -> tuple[float, float | None]:
    """Time `n` philosophers who think, take forks, eat and start again.

    Parameters
    ----------
    n : int
        2 to 26.
    without : str
        See `philosophers`.
    think, eat : float
        Means of exponentially distributed times, seconds, from 0.05; the second fork is reached for 0.1 s after the first.
    seed : int
        Of the times.

    Returns
    -------
    tuple of (float, float or None)
        Meals a second over 100 seconds, or until it stopped for good, and when that was.

    Notes
    -----
    Tie rule: a fork goes to whoever asked first; with both at once, to the first in line who can have both.
    """
    return _Table(n, without, think, eat, seed).run()


class _Table:
    """Philosophers over time: events on a heap, one line of waiting philosophers."""

    def __init__(self, n: int, without: str, think: float, eat: float, seed: int):
        self.n, self.without, self.think, self.eat = n, without, think, eat
        self.draws = [random.Random(f"{seed} {who}") for who in range(n)]  # the same times under every strategy
        self.patience = random.Random(seed)
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
            self._at(self.draws[who].expovariate(1 / self.think), who, "hungry")
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
        self.hand_out(now)

    def hand_out(self, now: float) -> None:
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
            self._at(now + self.patience.uniform(0, 2 * REACH), who, "hungry")
            self.hand_out(now)
        else:
            self.ask(now, who, (fork,))

    def dine(self, now: float, who: int) -> None:
        self._at(now + self.draws[who].expovariate(1 / self.eat), who, "full")

    def full(self, now: float, who: int) -> None:
        self.meals += 1
        self.owner = [-1 if o == who else o for o in self.owner]
        self._at(now + self.draws[who].expovariate(1 / self.think), who, "hungry")
        self.hand_out(now)
