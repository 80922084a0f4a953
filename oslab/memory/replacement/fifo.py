"""FIFO: the page that came in first goes first, however often it is used.

Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 10.4.2.  No ties: one page comes in
at a time.  Belady's anomaly is at home here: more frames can mean more faults.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.memory.replacement.base import POLICIES, Lists, Policy

USED, OLDEST = 0, 1
SHOWN = 8


class State(NamedTuple):
    """`ring` holds the pages in the order of loading, `resident` tells of each page whether it is in it."""

    resident: np.ndarray
    ring: np.ndarray
    at: np.ndarray


def start(trace, frames):
    """Return the empty memory."""
    return State(
        np.zeros(trace.distinct, np.uint8), np.zeros(min(frames, trace.distinct), np.uint32), np.zeros(2, np.int64)
    )


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    resident, ring = state.resident, state.ring
    frames = len(ring)
    used, oldest = state.at[USED], state.at[OLDEST]
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if not resident[page]:
            faults += 1
            if used < frames:
                ring[used] = page
                used += 1
            else:
                victim = ring[oldest]
                resident[victim] = 0
                ring[oldest] = page
                oldest += 1
                if oldest == frames:
                    oldest = 0
                if evicted is not None:
                    evicted[i] = pages[victim]
            resident[page] = 1
            if hit is not None:
                hit[i] = False
    state.at[USED], state.at[OLDEST] = used, oldest
    return faults


def describe(state):
    """Return the queue, the oldest first."""
    used, oldest = state.at.tolist()
    ring = state.ring[:used].tolist()
    return Lists({"queue": ring[oldest:] + ring[:oldest]})


def reason(eviction):
    """Return that the page at the front goes, and when it came."""
    came = {page: eviction.loaded(page) for page in eviction.before.lists["queue"][:SHOWN]}
    return eviction.smallest("first in", came, "it came in first, at {}", "came in at {}")


POLICIES.register(
    "fifo",
    label="FIFO",
    summary="Evicts the page that was loaded first.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 10.4.2",
    tie_rule="none needed: pages come in one at a time",
)(Policy(start, advance, describe, reason))
