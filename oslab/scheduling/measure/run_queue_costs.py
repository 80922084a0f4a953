"""What it costs on this machine to pick the next task of many: a red-black tree beside a list that is looked through.

A turn takes the task with the least vruntime out and puts it back further on, at an even place among the others.
"""

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from oslab._jit import kernel, warmer
from oslab.base import Series, Several, checked, integer, shown
from oslab.machine import need, pinned, recorded
from oslab.scheduling import red_black_tree

__all__ = ["LABELS", "TASKS", "pick_costs"]

TASKS = (10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
LABELS = ("look at the leftmost", "take out and put back, tree", "look through the list")
REPEATS, MOST, SECONDS = 5, 2_000_000, 0.003
WINDOW = 1 << 31
PRIME = 2**31 - 1


@kernel
def drawn(x):
    """Return the next number of Park and Miller's generator."""
    return x * 48271 % PRIME


@kernel
def grow_tree(table, heads, first, last, x):
    """Put nodes `first` to `last` (without it) into the first tree, at random keys; return the generator's state."""
    for i in range(first, last):
        x = drawn(x)
        red_black_tree.insert(table, heads, 0, i, x * WINDOW // PRIME)
    return x


@kernel
def turn_tree(table, heads, turns, x):
    """Take the leftmost out and put it back, so often; return the generator's state."""
    for _ in range(turns):
        i = heads[0, red_black_tree.LEFT]
        key = table[i].key
        red_black_tree.erase(table, heads, 0, i)
        x = drawn(x)
        red_black_tree.insert(table, heads, 0, i, key + x * WINDOW // PRIME)
    return x


@kernel
def look_at_leftmost(table, heads, looks, k):
    """Look at the leftmost's key, so often; each look says which of two equal rows of `heads` is read next."""
    for _ in range(looks):
        k = (k + table[heads[k, red_black_tree.LEFT]].key) & 1
    return k


@kernel
def turn_list(keys, turns, x):
    """Look through all keys for the least and put that further on, so often; return the generator's state."""
    for _ in range(turns):
        best, least = 0, keys[0]
        for i in range(1, len(keys)):
            if keys[i] < least:
                best, least = i, keys[i]
        x = drawn(x)
        keys[best] = least + x * WINDOW // PRIME
    return x


def copy_keys(table: np.ndarray, n: int) -> np.ndarray:
    """Return the keys of the first n nodes, as a list for `scan_turns`."""
    return table["key"][1 : n + 1].copy()


@checked(sizes=Several(integer(2, MOST), most=50))
def pick_costs(sizes: Sequence[int] = TASKS) -> Iterator[float | list[Series]]:
    """Time a turn of a run queue of growing length: red-black tree, its cached leftmost, a list.

    Parameters
    ----------
    sizes : sequence of int
        How many tasks are runnable: growing, from 2 to 2 million.

    Yields
    ------
    float
        Share of the work done.
    list of Series
        ns, in the order of `LABELS`, by the number of tasks; so far.

    Raises
    ------
    ValueError
        Numbers that do not grow, or out of range.
    Unavailable
        Without numba: the interpreter would be measured instead.

    Notes
    -----
    A turn takes the least vruntime out and puts it back at an even place among the others, as when every task gets the
    same slice.  Medians of 5 repeats of at least 3 ms.  Picking alone, with the leftmost kept at hand, does not depend on
    the number of tasks; the tree's turn grows like log n until the tree no longer fits the caches, and then faster.
    """
    if list(sizes) != sorted(set(sizes)):
        raise ValueError(f"sizes={shown(sizes)}: allowed are numbers that grow")
    need("numba")
    table, heads = red_black_tree.new_table(sizes[-1]), red_black_tree.new_heads(2)
    found: list[list[np.ndarray]] = [[] for _ in LABELS]
    grown, x = 1, 1
    for number, n in enumerate(sizes, 1):
        while grown <= n:
            last = min(n + 1, grown + 200_000)
            x = grow_tree(table, heads, grown, last, x)
            grown = last
            yield (number - 1) / len(sizes)
        keys = copy_keys(table, n)
        with pinned():
            found[1].append(_each(lambda turns, x=x: turn_tree(table, heads, turns, x)))
            heads[1] = heads[0]
            found[0].append(_each(lambda looks: look_at_leftmost(table, heads, looks, 0)))
            found[2].append(_each(lambda turns, x=x, keys=keys: turn_list(keys, turns, x)))
        yield number / len(sizes)
        yield [
            recorded.measured(label, sizes[:number], np.stack(values, axis=1), "ns", x_unit="runnable tasks")
            for label, values in zip(LABELS, found, strict=True)
        ]


def _each(turns: Callable[[int], object]) -> np.ndarray:
    """Return the ns of a turn in each repeat; so many turns at a time that they take long enough to be timed."""
    turns(1)  # or the kernel's compilation is timed
    count = 1
    while (taken := _timed(turns, count)) < SECONDS / 4 * 1e9:
        count *= 4
    count = max(1, round(count * SECONDS * 1e9 / taken))
    return np.array([_timed(turns, count) / count for _ in range(REPEATS)])


def _timed(turns: Callable[[int], object], count: int) -> int:
    begin = time.perf_counter_ns()
    turns(count)
    return time.perf_counter_ns() - begin


@warmer(2)
def _warm() -> None:
    table, heads = red_black_tree.new_table(2), red_black_tree.new_heads(2)
    x = grow_tree(table, heads, 1, 3, 1)
    turn_tree(table, heads, 1, x)
    look_at_leftmost(table, heads, 1, 0)
    turn_list(copy_keys(table, 2), 1, x)
