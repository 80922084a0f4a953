"""A set-associative cache with LRU in each set: a level of a TLB, or of the paging-structure caches.

Each set is a list in the order of last use, linked through its items.  A cache is emptied in no time: what bears
the number of an earlier epoch counts as gone.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel

__all__ = ["LruSets"]

BEFORE, AFTER, STAMP, SET = 0, 1, 2, 3
FIRST, LAST, COUNT, EPOCH = 0, 1, 2, 3


class Lists(NamedTuple):
    """`links` of each item (before, after, epoch, set), and `sets` (first, last, count, epoch); uint32."""

    links: np.ndarray
    sets: np.ndarray


class LruSets:
    """A cache, empty at the start.

    Parameters
    ----------
    number : ndarray of int64, shape (items,)
        Modulo `sets`, the set in which an item stands.
    sets, ways : int
    """

    def __init__(self, number: np.ndarray, sets: int, ways: int):
        self._ways = np.uint32(ways)
        self._state = Lists(np.zeros((len(number), 4), np.uint32), np.zeros((sets, 4), np.uint32))
        if sets > 1:
            self._state.links[:, SET] = number % sets

    def use(self, item: np.ndarray, epoch: np.ndarray | None = None) -> np.ndarray:
        """Use items one after the other; return whether each was there.

        Parameters
        ----------
        item : ndarray of uint32, shape (n,)
        epoch : ndarray of uint32, shape (n,), optional
            From 1 up; where it grows, the cache is emptied first.

        Returns
        -------
        ndarray of bool, shape (n,)
        """
        hit = np.empty(len(item), np.bool_)
        advance(self._state, self._ways, item, epoch, hit)
        return hit


@kernel
def advance(state, ways, item, epoch, hit):
    """Use every item; one that is not there comes in, and if its set is full, the one used longest ago goes."""
    links, sets = state.links, state.sets
    now = np.uint32(1)
    for i in range(len(item)):
        one = item[i]
        if epoch is not None:
            now = epoch[i]
        row = links[one, SET]
        first = sets[row, FIRST]
        if links[one, STAMP] == now:
            hit[i] = True
            if first != one:
                before, after = links[one, BEFORE], links[one, AFTER]
                if sets[row, LAST] == one:
                    sets[row, LAST] = before
                else:
                    links[after, BEFORE] = before
                links[before, AFTER] = after
                links[one, AFTER] = first
                links[first, BEFORE] = one
                sets[row, FIRST] = one
            continue
        hit[i] = False
        links[one, STAMP] = now
        if sets[row, EPOCH] != now:
            sets[row, EPOCH] = now
            sets[row, COUNT] = 0
        count = sets[row, COUNT]
        sets[row, FIRST] = one
        if count == 0:
            sets[row, LAST] = one
        else:
            links[one, AFTER] = first
            links[first, BEFORE] = one
        if count < ways:
            sets[row, COUNT] = count + 1
        else:
            last = sets[row, LAST]
            links[last, STAMP] = 0
            sets[row, LAST] = links[last, BEFORE]
