"""Aging: eight bits a page, in which its R bits of the last eight intervals stand; the smallest number goes.

Source: Tanenbaum, Modern Operating Systems, 4th ed., 3.4.7.  Before every `interval`-th reference each page's counter is
shifted to the right, its R bit put in at the left, and R cleared.  Ties: among equal counters the page in the lowest
frame goes.  A page that is loaded has counter 0 and R set.
"""

from functools import partial

from oslab._jit import kernel
from oslab.memory.replacement.base import POLICIES, Policy
from oslab.memory.replacement.frame_table import USED, describe_frames, load, new_frames
from oslab.memory.replacement.nru import INTERVAL


def start(trace, frames, interval):
    """Return the empty memory."""
    return new_frames(trace, frames, interval)


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    faults, frames, counter = 0, len(state.page), state.note
    for i in range(first, last):
        if i % state.every == 0:
            for k in range(frames):
                counter[k] = (counter[k] >> 1) + (int(state.r[k]) << 7)
                state.r[k] = 0
        page = dense[i]
        frame = int(state.frame_of[page])
        if frame < 0:
            faults += 1
            frame = int(state.at[USED])
            if frame == frames:
                frame = 0
                for k in range(1, frames):
                    if counter[k] < counter[frame]:
                        frame = k
            victim = load(state, frame, page)
            counter[frame] = 0
            if victim >= 0 and evicted is not None:
                evicted[i] = pages[victim]
            if hit is not None:
                hit[i] = False
        state.r[frame] = 1
        if state.writes[i]:
            state.m[frame] = 1
    return faults


def reason(eviction):
    """Return the counters compared, as bits."""
    known = eviction.before.values
    counters = dict(known["counter"])
    if (eviction.step - 1) % eviction.options["interval"] == 0:
        counters = {page: (value >> 1) + (known["R"][page] << 7) for page, value in counters.items()}
    return eviction.smallest("smallest counter, then lowest frame", counters, "its counter is {:08b}", "has {:08b}")


POLICIES.register(
    "aging",
    label="Aging",
    summary="Evicts the page whose R bits of the last eight intervals form the smallest number.",
    source="Tanenbaum, Modern Operating Systems, 4th ed., 3.4.7",
    tie_rule="among equal counters the page in the lowest frame is evicted",
    parameters={"interval": INTERVAL},
)(Policy(start, advance, partial(describe_frames, note="counter"), reason, on_hit="its R bit is set"))
