"""Two ways to keep a run queue, timed by `measure_picks`: a red-black tree, and a list that is looked through.

A turn takes the task with the least vruntime out and puts it back further on, at an even place among the others.
"""

from __future__ import annotations

import numpy as np

from oslab._jit import kernel, warmer
from oslab.scheduling import rbtree

__all__ = ["WINDOW", "keys_in", "leftmost_looks", "scan_turns", "tree_grown", "tree_turns"]

WINDOW = 1 << 31
PRIME = 2**31 - 1


@kernel
def drawn(x):
    """Return the next number of Park and Miller's generator."""
    return x * 48271 % PRIME


@kernel
def tree_grown(table, heads, first, last, x):
    """Put nodes `first` to `last` (without it) into the first tree, at random keys; return the generator's state."""
    for i in range(first, last):
        x = drawn(x)
        rbtree.insert(table, heads, 0, i, x * WINDOW // PRIME)
    return x


@kernel
def tree_turns(table, heads, turns, x):
    """Take the leftmost out and put it back, so often; return the generator's state."""
    for _ in range(turns):
        i = heads[0, rbtree.LEFT]
        key = table[i].key
        rbtree.erase(table, heads, 0, i)
        x = drawn(x)
        rbtree.insert(table, heads, 0, i, key + x * WINDOW // PRIME)
    return x


@kernel
def leftmost_looks(table, heads, looks, k):
    """Look at the leftmost's key, so often; each look says which of two equal rows of `heads` is read next."""
    for _ in range(looks):
        k = (k + table[heads[k, rbtree.LEFT]].key) & 1
    return k


@kernel
def scan_turns(keys, turns, x):
    """Look through all keys for the least and put that further on, so often; return the generator's state."""
    for _ in range(turns):
        best, least = 0, keys[0]
        for i in range(1, len(keys)):
            if keys[i] < least:
                best, least = i, keys[i]
        x = drawn(x)
        keys[best] = least + x * WINDOW // PRIME
    return x


def keys_in(table: np.ndarray, n: int) -> np.ndarray:
    """Return the keys of the first n nodes, as a list for `scan_turns`."""
    return table["key"][1 : n + 1].copy()


@warmer
def _warm() -> None:
    table, heads = rbtree.new_table(2), rbtree.new_heads(2)
    x = tree_grown(table, heads, 1, 3, 1)
    tree_turns(table, heads, 1, x)
    leftmost_looks(table, heads, 1, 0)
    scan_turns(keys_in(table, 2), 1, x)
