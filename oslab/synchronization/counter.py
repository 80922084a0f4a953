"""The shared counter: k increments in each of n threads, with what guards them, by hand or in every way."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from oslab.synchronization.atomic_steps import Step, add, load, lock, store, unlock
from oslab.synchronization.execution import Execution, play
from oslab.synchronization.interleaving import Verdict, check

__all__ = ["GUARDS", "WorstLoss", "count_by_hand", "count_in_every_way", "increments", "worst_loss"]

GUARDS = {"nothing": "none", "a lock": "lock", "one atomic step": "atomic"}


def increments(times: int = 1, guard: str = "none") -> list[Step]:
    """Return the program of a thread that increments ``x``.

    Parameters
    ----------
    times : int
    guard : {'none', 'lock', 'atomic'}
        Nothing, a lock around the three steps, or a single indivisible step in their place.

    Raises
    ------
    ValueError
        Fewer than one increment, or another guard.
    """
    if times < 1:
        raise ValueError(f"times={times!r}: allowed are whole numbers from 1 up")
    if guard not in GUARDS.values():
        raise ValueError(f"guard={guard!r}: allowed are {', '.join(GUARDS.values())}")
    three = [load("r", "x"), add("r", 1), store("x", "r")]
    return {"none": three, "lock": [lock("m"), *three, unlock("m")], "atomic": [add("x", 1)]}[guard] * times


def count_by_hand(threads: int = 2, times: int = 1, guard: str = "none", schedule: str = "") -> Execution:
    """Run `threads` incrementing threads along a schedule such as ``"AABB"``; see `play`."""
    return play([increments(times, guard)] * threads, schedule, {"x": 0})


@lru_cache(maxsize=64)
def count_in_every_way(threads: int = 2, times: int = 1, guard: str = "none") -> Verdict:
    """Run `threads` incrementing threads in every way; see `check`."""
    return check(*[increments(times, guard)] * threads, shared={"x": 0})


@dataclass(frozen=True, eq=False)
class WorstLoss:
    """What `worst_loss` returns: for each number of threads the most that can be lost, in percent."""

    times: int
    threads: np.ndarray
    percent: np.ndarray

    def table(self) -> list[dict[str, Any]]:
        """Return one row a number of threads."""
        return [{"threads": int(n), "lost at most, %": round(float(p), 4)} for n, p in zip(self.threads, self.percent)]

    def __str__(self) -> str:
        return f"{self.times} increments a thread: up to {self.percent[-1]:.4g} % can be lost"


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
    ValueError
        A number below 1.
    """
    if times < 1 or threads < 1:
        raise ValueError(f"times={times!r}, threads={threads!r}: allowed are whole numbers from 1 up")
    n = np.arange(1, threads + 1)
    least = np.where(n == 1, times, min(times, 2))
    return WorstLoss(times, n, 100 * (1 - least / (n * times)))
