"""SIEVE: a queue that is never reordered, and a hand that moves from old to new.

Source: Zhang, Yang, Yue, Vigfusson, Rashmi, SIEVE is simpler than LRU, NSDI 2024.  A hit sets the page's bit.  The
hand starts at the oldest page, clears set bits on its way to newer ones, takes the first page whose bit is
clear, and stays behind it; from the newest it goes back to the oldest.  No ties: one page is under the hand.
Unlike clock's, a survivor keeps its place, and new pages come in at the newest end with a clear bit.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.memory.replacement.base import POLICIES, Lists, Policy, hand_stops
from oslab.memory.replacement.linked_lists import NEWER, append, members, new_links, unlink

USED, HAND = 0, 1
ABSENT, CLEAR, SET = 0, 1, 2


class State(NamedTuple):
    """`bit` of each page: absent, clear or set; `link` the queue; `at` frames used and the page at the hand."""

    bit: np.ndarray
    link: np.ndarray
    at: np.ndarray
    frames: int


def start(trace, frames):
    """Return the empty memory; the hand stands on the queue's own row, which means: start at the oldest."""
    pages = trace.distinct
    return State(np.zeros(pages, np.uint8), new_links(pages, 1), np.array([0, pages], np.int64), frames)


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    bit, link = state.bit, state.link
    queue = len(bit)
    used, hand = state.at[USED], state.at[HAND]
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if bit[page]:
            bit[page] = SET
            continue
        faults += 1
        if used < state.frames:
            used += 1
        else:
            if hand == queue:
                hand = link[queue, NEWER]
            while bit[hand] == SET:
                bit[hand] = CLEAR
                hand = link[hand, NEWER]
                if hand == queue:
                    hand = link[queue, NEWER]
            victim = hand
            hand = link[victim, NEWER]
            unlink(link, victim)
            bit[victim] = ABSENT
            if evicted is not None:
                evicted[i] = pages[victim]
        append(link, queue, page)
        bit[page] = CLEAR
        if hit is not None:
            hit[i] = False
    state.at[USED], state.at[HAND] = used, hand
    return faults


def describe(state):
    """Return the queue, the oldest first, the bits and the hand."""
    queue = members(state.link, len(state.bit))
    hand = int(state.at[HAND])
    at = hand if hand < len(state.bit) else (queue[0] if queue else None)
    return Lists({"queue": queue}, {"R": {page: int(state.bit[page] == SET) for page in queue}}, hand=at)


def reason(eviction):
    """Return which pages the hand passed, and where it stopped."""
    queue, hand = eviction.before.lists["queue"], eviction.before.hand
    start = queue.index(hand)
    return hand_stops(eviction, queue[start:] + queue[:start])


POLICIES.register(
    "sieve",
    label="SIEVE",
    summary="A hand moves from old to new pages; survivors keep their place.",
    source="Zhang et al., SIEVE is simpler than LRU: an efficient turn-key eviction algorithm, NSDI 2024",
    tie_rule="none needed: one page is under the hand",
)(Policy(start, advance, describe, reason, on_hit="its R bit is set"))
