"""Clock (second chance): a hand goes round the frames and takes the first page whose R bit is clear.

Source: Corbató, A paging experiment with the Multics system, 1969; Tanenbaum, Modern Operating Systems, 4th
ed., 3.4.5.  No ties: the hand passes one frame at a time.  It clears each set bit that it passes, takes the
first page whose bit is clear, and stops one frame further.  Free frames are filled in order first.

Two conventions give different faults: the bit of a page just loaded is set (textbooks), or stays clear until
its next use (libCacheSim, and many caches).
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.base import Parameter
from oslab.memory.replacement.base import POLICIES, Lists, Policy, hand_stops

USED, HAND = 0, 1
ABSENT, CLEAR, SET = 0, 1, 2


class State(NamedTuple):
    """`bit` of each page: absent, clear or set; `ring` the page in each frame; `at` frames used and hand."""

    bit: np.ndarray
    ring: np.ndarray
    at: np.ndarray
    loaded: int


def start(trace, frames, reference_on_load):
    """Return the empty memory, the hand on frame 0."""
    return State(
        np.zeros(trace.distinct, np.uint8),
        np.zeros(min(frames, trace.distinct), np.uint32),
        np.zeros(2, np.int64),
        SET if reference_on_load else CLEAR,
    )


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    bit, ring = state.bit, state.ring
    frames = len(ring)
    used, hand = state.at[USED], state.at[HAND]
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if bit[page]:
            bit[page] = SET
        else:
            faults += 1
            if used < frames:
                ring[used] = page
                used += 1
            else:
                victim = ring[hand]
                while bit[victim] == SET:
                    bit[victim] = CLEAR
                    hand += 1
                    if hand == frames:
                        hand = 0
                    victim = ring[hand]
                bit[victim] = ABSENT
                ring[hand] = page
                hand += 1
                if hand == frames:
                    hand = 0
                if evicted is not None:
                    evicted[i] = pages[victim]
            bit[page] = state.loaded
            if hit is not None:
                hit[i] = False
    state.at[USED], state.at[HAND] = used, hand
    return faults


def describe(state):
    """Return the pages from the hand on, with their R bits."""
    used, hand = state.at.tolist()
    ring = state.ring[:used].tolist()
    bits = {page: int(state.bit[page] == SET) for page in ring}
    return Lists({"from the hand": ring[hand:] + ring[:hand]}, {"R": bits}, hand=ring[hand] if used else None)


def reason(eviction):
    """Return which pages the hand passed, and where it stopped."""
    return hand_stops(eviction, eviction.before.lists["from the hand"])


POLICIES.register(
    "clock",
    label="Clock",
    summary="A hand goes round; a page used since its last visit gets a second chance.",
    source="Corbató, A paging experiment with the Multics system, 1969",
    tie_rule="none needed: the hand passes one frame at a time",
    parameters={"reference_on_load": Parameter(True, help="R bit set when a page is loaded")},
)(Policy(start, advance, describe, reason, on_hit="its R bit is set"))
