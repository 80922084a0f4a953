"""OPT (Bélády's MIN): the page goes that will not be used for the longest time.

Source: Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal 5(2), 1966;
optimality: Mattson et al., 1970.  It must know the future, so it is no policy for a machine but the bound for
all.  Ties: among pages that are never used again the one used longest ago goes (the faults are the same).

The next uses of the pages in memory are bits on the time line, with a bit above each word that is not empty, and
so on up; the farthest one is found in a few steps from the top.  Bits of the past do no harm: every page in
memory has its bit in the future, or stands in the queue of pages never used again, which are taken first.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason
from oslab.memory.traces.trace import NEVER

USED, FRONT, BACK, DONE = 0, 1, 2, 3
WORD, TO_WORD = 32, 5


class State(NamedTuple):
    """`resident` by page; `bits` the levels of the bitmap, each from its `level` on; `never` the queue."""

    resident: np.ndarray
    dense: np.ndarray
    next_use: np.ndarray
    bits: np.ndarray
    level: np.ndarray
    never: np.ndarray
    at: np.ndarray
    frames: int


def start(trace, frames):
    """Return the empty memory, with every reference's next use."""
    sizes = [-(-len(trace) // WORD)]
    while sizes[-1] > 1:
        sizes.append(-(-sizes[-1] // WORD))
    level = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    return State(
        np.zeros(trace.distinct, np.uint8),
        trace.dense,
        trace.next_use,
        np.zeros(level[-1], np.uint32),
        level[:-1].copy(),
        np.zeros(trace.distinct, np.uint32),
        np.zeros(4, np.int64),
        frames,
    )


@kernel
def add(bits, level, time):
    """Set the bit of a time, and those above it."""
    for k in range(len(level)):
        word = level[k] + (time >> TO_WORD)
        before = int(bits[word])
        bits[word] = before | 1 << (time & (WORD - 1))
        if before:
            break
        time >>= TO_WORD


@kernel
def remove(bits, level, time):
    """Clear the bit of a time, and those above words that become empty."""
    for k in range(len(level)):
        word = level[k] + (time >> TO_WORD)
        bits[word] = int(bits[word]) & ~(1 << (time & (WORD - 1)))
        if bits[word]:
            break
        time >>= TO_WORD


@kernel
def latest(bits, level):
    """Return the last time whose bit is set."""
    time = 0
    for k in range(len(level)):
        word = int(bits[level[len(level) - 1 - k] + time])
        time <<= TO_WORD
        for step in (16, 8, 4, 2, 1):
            if word >> step:
                word >>= step
                time += step
    return time


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    resident, bits, level, never = state.resident, state.bits, state.level, state.never
    used, front, back = state.at[USED], state.at[FRONT], state.at[BACK]
    farthest = latest(bits, level)
    candidate = dense[farthest]
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if not resident[page]:
            faults += 1
            if used < state.frames:
                used += 1
            else:
                if front < back:
                    victim = never[front]
                    front += 1
                else:
                    victim = candidate
                    remove(bits, level, farthest)
                    farthest = latest(bits, level)
                    candidate = dense[farthest]  # now, not when it is needed: so memory answers in the meantime
                resident[victim] = 0
                if evicted is not None:
                    evicted[i] = pages[victim]
            resident[page] = 1
            if hit is not None:
                hit[i] = False
        following = state.next_use[i]
        if following == NEVER:
            never[back] = page
            back += 1
        else:
            add(bits, level, int(following))
            if following > farthest:
                farthest, candidate = int(following), page
    state.at[USED], state.at[FRONT], state.at[BACK], state.at[DONE] = used, front, back, last
    return faults


def describe(state):
    """Return the pages by next use, those never used again and then the farthest first."""
    _, front, back, done = state.at.tolist()
    words = state.bits[: -(-len(state.dense) // WORD)].view(np.uint8)
    if words.dtype.byteorder == ">":
        words = words.byteswap()
    times = np.flatnonzero(np.unpackbits(words, bitorder="little"))
    times = times[times >= done][::-1]
    order = state.never[front:back].tolist()
    following = dict.fromkeys(order)
    following.update(zip(state.dense[times].tolist(), (times + 1).tolist(), strict=True))
    return Lists({"by next use": list(following)}, {"next use": following})


def reason(eviction):
    """Return the next uses compared."""
    following = eviction.before.values["next use"]
    mine = following[eviction.evicted]
    others = [page for page in eviction.before.lists["by next use"] if page != eviction.evicted]
    text = f"Page {eviction.evicted} is evicted: "
    text += "it is never used again" if mine is None else f"it is next used at {mine}"
    if others:
        rival = following[others[0]]
        text += f"; page {others[0]} " + ("neither" if rival is None else f"at {rival}")
    return Reason(text + ".", "farthest next use", dict(following))


POLICIES.register(
    "opt",
    label="OPT",
    summary="Evicts the page whose next use is furthest in the future; no policy has fewer faults.",
    source="Belady, A study of replacement algorithms for a virtual-storage computer, IBM Systems Journal, 1966",
    tie_rule="among pages never used again the least recently used one is evicted",
)(Policy(start, advance, describe, reason))
