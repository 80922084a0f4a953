"""The shared counter: k increments in each of n threads, with what guards them, by hand or in every way."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from oslab.base import Result, checked, choice, columns, integer, plural, readable, text
from oslab.synchronization import Execution, Verdict, check, play
from oslab.synchronization.atomic_steps import Step, add, load, lock, store, unlock

__all__ = ["GUARDS", "WorstLoss", "count_by_hand", "count_in_every_way", "increments", "worst_loss"]

GUARDS = {"nothing": "none", "a lock": "lock", "one atomic step": "atomic"}


LIMIT = 300_000
THREADS, TIMES, GUARD = integer(1, 8), integer(1, 50), choice(tuple(GUARDS.values()))


@checked(times=TIMES, guard=GUARD)
def increments(times: int = 1, guard: str = "none") -> list[Step]:
    """Return the program of a thread that increments ``x``.

    Parameters
    ----------
    times : int
        1 to 50.
    guard : {'none', 'lock', 'atomic'}
        Nothing, a lock around the three steps, or a single indivisible step in their place.

    Raises
    ------
    TypeError, ValueError
        Another number of increments, or another guard.
    """
    three = [load("r", "x"), add("r", 1), store("x", "r")]
    return {"none": three, "lock": [lock("m"), *three, unlock("m")], "atomic": [add("x", 1)]}[guard] * times


@checked(threads=THREADS, times=TIMES, guard=GUARD, schedule=text(10_000))
def count_by_hand(threads: int = 2, times: int = 1, guard: str = "none", schedule: str = "") -> Execution:
    """Run incrementing threads along a schedule.

    Parameters
    ----------
    threads, times, guard
        How many threads, 1 to 8; see `increments`.
    schedule : str
        The letters of the threads, such as ``"AABB"``; see `play`.

    Raises
    ------
    TypeError, ValueError
        An argument out of range, or a letter that is no thread's.
    """
    return play([increments(times, guard)] * threads, schedule, {"x": 0})


@checked(threads=THREADS, times=TIMES, guard=GUARD)
@lru_cache(maxsize=64)
def count_in_every_way(threads: int = 2, times: int = 1, guard: str = "none") -> Verdict:
    """Run incrementing threads in every way.

    Parameters
    ----------
    threads, times, guard
        How many threads, 1 to 8; see `increments`.

    Raises
    ------
    TypeError, ValueError
        An argument out of range.
    """
    return check(*[increments(times, guard)] * threads, shared={"x": 0}, limit=LIMIT)


@dataclass(frozen=True, eq=False)
class WorstLoss(Result):
    """What `worst_loss` returns: for each number of threads the most that can be lost, in percent."""

    times: int
    threads: np.ndarray
    percent: np.ndarray

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a number of threads."""
        return columns({"threads": self.threads, "lost at most, %": self.percent})

    def __str__(self) -> str:
        return f"{plural(self.times, 'increment')} a thread: up to {readable(self.percent[-1], 4)} % can be lost"


@checked(times=integer(1, 10**12), threads=integer(1, 10_000))
def worst_loss(times: int = 1_000_000, threads: int = 8) -> WorstLoss:
    """Return how much unguarded threads can lose.

    Parameters
    ----------
    times : int
        Increments in each thread.
    threads : int
        The most.

    Notes
    -----
    With two increments or more in each of several threads the counter can end with 2, and never with less: the last
    thread to store has loaded a value that was stored in the meantime, at least 1.  With one increment each it can
    end with 1.  `check` says the same for every size that it can run.

    Raises
    ------
    TypeError, ValueError
        A number out of range.
    """
    n = np.arange(1, threads + 1)
    least = np.where(n == 1, times, min(times, 2))
    return WorstLoss(times, n, 100 * (1 - least / (n * times)))
