"""Reuse: how many different pages lie between two uses of a page, and the LRU curve that follows from it.

Mattson's stack distance (IBM Systems Journal 9(2), 1970): LRU keeps pages in the order of last use, so a
reference hits in every memory of at least as many frames as pages were used since, its own included.
One pass therefore gives the faults at every size.

The last uses are marks on a time line, and the distance is a count of marks: words of 32 marks, counts
inside each group of 64 words, a Fenwick tree over the groups.  When the line is full, its marks are pushed
together; it has room for twice as many as there are pages, so this costs nothing on the whole: n log n.
"""

from typing import Any, NamedTuple

import numpy as np

from oslab._jit import compiled, kernel
from oslab.base import checked
from oslab.memory.traces.trace import TRACE, Trace

__all__ = ["TimeLine", "reuse_distances"]

NOW, LIVE = 0, 1
WORD, GROUP, SPAN = 32, 64, 32 * 64
TO_WORD, TO_GROUP = 5, 11
FIRST_USE = -1
BEHIND = np.array([0] * GROUP + [1] * GROUP, dtype=np.uint16)


class TimeLine(NamedTuple):
    """The time line: `mark` of each page (-1: never used), `owner` of each mark, bits, and their counts."""

    mark: np.ndarray
    owner: np.ndarray
    bits: np.ndarray
    inside: np.ndarray
    tree: np.ndarray
    at: np.ndarray
    counts: np.ndarray


def start(trace: Trace) -> TimeLine:
    """Return the empty time line; ``counts[d]`` will hold how often distance d occurred."""
    pages = trace.distinct
    groups = -(-2 * pages // SPAN) + 1
    return TimeLine(
        np.full(pages, -1, np.int32),
        np.zeros(groups * SPAN, np.uint32),
        np.zeros(groups * GROUP, np.uint32),
        np.zeros(groups * GROUP, np.uint16),
        np.zeros(groups + 1, np.int32),
        np.zeros(2, np.int64),
        np.zeros(pages + 1, np.int64),
    )


@checked(trace=TRACE)
def reuse_distances(trace: Any) -> np.ndarray:
    """Return, for each reference, how many frames LRU needs to have its page still in memory.

    Parameters
    ----------
    trace : Trace or array_like of int

    Returns
    -------
    ndarray of int64, shape (n,)
        Different pages since the last use, this one included; -1 at the first use of a page.

    Examples
    --------
    >>> reuse_distances([1, 2, 2, 3, 1]).tolist()
    [-1, -1, 1, -1, 3]
    """
    distances = np.full(len(trace), FIRST_USE, np.int64)
    advance(start(trace), trace.dense, 0, len(trace), distances)
    return distances


def _lower_slice(inside, base, word):
    inside[base : base + GROUP] -= BEHIND[GROUP - 1 - word : 2 * GROUP - 1 - word]


def _lower_loop(inside, base, word):
    # A fixed count and no branch: the compiler makes a few vector instructions of it.
    for k in range(GROUP):
        inside[np.uint64(base + k)] -= BEHIND[np.uint64(GROUP - 1 - word + k)]


lower = kernel(_lower_loop if compiled else _lower_slice)


@kernel
def ones(word):
    """Return how many of 32 bits are set."""
    word = word - ((word >> 1) & 0x55555555)
    word = (word & 0x33333333) + ((word >> 2) & 0x33333333)
    word = (word + (word >> 4)) & 0x0F0F0F0F
    return ((word * 0x01010101) >> 24) & 0xFF


@kernel
def add(tree, group, change):
    """Add to a group's count, Fenwick's way."""
    k = group + 1
    while k < len(tree):
        tree[k] += change
        k += k & -k


@kernel
def push_together(line, now, page):
    """Move the marks to the front, in order, that of `page` left out; return how many there are."""
    bits, inside = line.bits, line.inside
    kept = 0
    for k in range(now):
        owner = line.owner[k]
        if line.mark[owner] == k and owner != page:
            line.owner[kept] = owner
            line.mark[owner] = kept
            kept += 1
    bits[:] = 0
    line.tree[:] = 0
    for word in range(kept >> TO_WORD):
        bits[word] = 0xFFFFFFFF
    if kept & (WORD - 1):
        bits[kept >> TO_WORD] = (1 << (kept & (WORD - 1))) - 1
    for word in range((kept >> TO_WORD) + 1):
        inside[word] = (word & (GROUP - 1)) * WORD
    for group in range(kept >> TO_GROUP):
        add(line.tree, group, SPAN)
    return kept


@kernel
def advance(line, dense, first, last, distances):
    """Take references `first` to `last`: count their distances, and fill `distances` unless it is None."""
    mark, bits, inside, tree, counts = line.mark, line.bits, line.inside, line.tree, line.counts
    now, live = line.at[NOW], line.at[LIVE]
    for i in range(first, last):
        page = dense[i]
        old = int(mark[page])
        if old < 0:
            live += 1
        else:
            word, bit = old >> TO_WORD, 1 << (old & (WORD - 1))
            group = old >> TO_GROUP
            marks = int(bits[word])
            before = ones(marks & (bit - 1)) + int(inside[word])
            k = group
            while k > 0:
                before += int(tree[k])
                k &= k - 1
            bits[word] = marks ^ bit
            lower(inside, group * GROUP, word & (GROUP - 1))
            if group < (now >> TO_GROUP):
                add(tree, group, -1)
            counts[live - before] += 1
            if distances is not None:
                distances[i] = live - before
        if now == len(line.owner):
            now = push_together(line, now, page)
        bits[now >> TO_WORD] = int(bits[now >> TO_WORD]) | 1 << (now & (WORD - 1))
        mark[page] = now
        line.owner[now] = page
        now += 1
        if now & (WORD - 1) == 0 and now < len(line.owner):
            word = now >> TO_WORD
            sofar = int(inside[word - 1]) + ones(int(bits[word - 1]))
            if word & (GROUP - 1):
                inside[word] = sofar
            else:
                inside[word] = 0
                add(tree, (word >> TO_GROUP - TO_WORD) - 1, sofar)
    line.at[NOW], line.at[LIVE] = now, live
