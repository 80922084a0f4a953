"""The shared counter: k increments in each of n threads, with what guards them, by hand or in every way."""

from __future__ import annotations

from functools import lru_cache

from oslab.synchronization.interleaving import Run, Verdict, check, play
from oslab.synchronization.steps import Step, add, load, lock, store, unlock

__all__ = ["GUARDS", "count_by_hand", "count_in_every_way", "increments"]

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


def count_by_hand(threads: int = 2, times: int = 1, guard: str = "none", schedule: str = "") -> Run:
    """Run `threads` incrementing threads along a schedule such as ``"AABB"``; see `play`."""
    return play([increments(times, guard)] * threads, schedule, {"x": 0})


@lru_cache(maxsize=64)
def count_in_every_way(threads: int = 2, times: int = 1, guard: str = "none") -> Verdict:
    """Run `threads` incrementing threads in every way; see `check`."""
    return check(*[increments(times, guard)] * threads, shared={"x": 0})
