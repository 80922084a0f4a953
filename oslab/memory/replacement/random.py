"""Random: any page may go, whatever its past; the yardstick that a policy should beat.

Source of the numbers: Park, Miller, Random number generators: good ones are hard to find, CACM 31(10), 1988, with
the multiplier 48271.  x starts at seed mod (2**31 - 2) + 1; at each eviction x becomes 48271 x mod (2**31 - 1)
and the page in frame floor(x frames / 2**31) goes.  No ties.  The new page takes that frame.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.base import Parameter
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason

USED, X = 0, 1
MODULUS, MULTIPLIER = 2**31 - 1, 48271


class State(NamedTuple):
    """`resident` by page, `memory` the page in each frame, `at` frames used and the last random number."""

    resident: np.ndarray
    memory: np.ndarray
    at: np.ndarray


def start(trace, frames, seed):
    """Return the empty memory."""
    return State(
        np.zeros(trace.distinct, np.uint8),
        np.zeros(min(frames, trace.distinct), np.uint32),
        np.array([0, seed % (MODULUS - 1) + 1], np.int64),
    )


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    resident, memory = state.resident, state.memory
    frames = len(memory)
    used, x = int(state.at[USED]), int(state.at[X])
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if resident[page]:
            continue
        faults += 1
        frame = used
        if used < frames:
            used += 1
        else:
            x = x * MULTIPLIER % MODULUS
            frame = x * frames >> 31
            victim = memory[frame]
            resident[victim] = 0
            if evicted is not None:
                evicted[i] = pages[victim]
        memory[frame] = page
        resident[page] = 1
        if hit is not None:
            hit[i] = False
    state.at[USED], state.at[X] = used, x
    return faults


def describe(state):
    """Return the pages by frame."""
    return Lists({"by frame": state.memory[: state.at[USED]].tolist()}, numbers={"x": int(state.at[X])})


def reason(eviction):
    """Return the frame that was drawn."""
    memory = eviction.before.lists["by frame"]
    frame = memory.index(eviction.evicted)
    text = f"Page {eviction.evicted} is evicted: frame {frame} of {len(memory)} was drawn."
    return Reason(text, "drawn at random", {page: k for k, page in enumerate(memory)})


POLICIES.register(
    "random",
    label="Random",
    summary="Evicts a page drawn at random.",
    source="Park, Miller, Random number generators: good ones are hard to find, CACM 31(10), 1988",
    tie_rule="none needed: the frame is drawn",
    parameters={"seed": Parameter(0, low=0, high=2**31 - 1, help="seed of the random numbers")},
)(Policy(start, advance, describe, reason))
