"""LRU: the page goes that has not been used for the longest time.

Source: Mattson, Gecsei, Slutz, Traiger, Evaluation techniques for storage hierarchies, IBM Systems Journal
9(2), 1970.  No ties: one page is used at a time.

The trace itself serves as the list: a pointer stands on the reference whose page was used least recently.
Each page's last use tells whether it is in memory (a last use behind the pointer means that it has gone), so
a hit is one read and one write, and the pointer passes every reference once.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.memory.replacement.base import POLICIES, Lists, Policy

USED, TAIL = 0, 1


class State(NamedTuple):
    """`last_use` of each page, -1 for never; `at` holds the frames used and the pointer into the trace."""

    last_use: np.ndarray
    at: np.ndarray
    frames: int


def start(trace, frames):
    """Return the empty memory."""
    return State(np.full(trace.distinct, -1, np.int32), np.zeros(2, np.int64), frames)


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    last_use, frames = state.last_use, state.frames
    used, tail = state.at[USED], state.at[TAIL]
    faults = 0
    for i in range(first, last):
        page = dense[i]
        before = last_use[page]
        last_use[page] = i
        if before < tail:
            faults += 1
            if used < frames:
                used += 1
            else:
                victim = dense[tail]
                while last_use[victim] != tail:
                    tail += 1
                    victim = dense[tail]
                tail += 1
                if evicted is not None:
                    evicted[i] = pages[victim]
            if hit is not None:
                hit[i] = False
    state.at[USED], state.at[TAIL] = used, tail
    return faults


def describe(state):
    """Return the pages by last use, the longest ago first."""
    resident = np.flatnonzero(state.last_use >= state.at[TAIL])
    order = resident[np.argsort(state.last_use[resident])].tolist()
    last = {page: int(state.last_use[page]) + 1 for page in order}
    return Lists({"by last use": order}, {"last use": last})


def reason(eviction):
    """Return the last uses compared."""
    return eviction.smallest("least last use", eviction.before.values["last use"], "last used at {}", "was used at {}")


POLICIES.register(
    "lru",
    label="LRU",
    summary="Evicts the least recently used page.",
    source="Mattson et al., Evaluation techniques for storage hierarchies, IBM Systems Journal 9(2), 1970",
    tie_rule="none needed: pages are used one at a time",
)(Policy(start, advance, describe, reason, on_hit="it is now the one used last"))
