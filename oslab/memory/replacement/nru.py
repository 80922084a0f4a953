"""NRU, not recently used: a page of the lowest class goes: first those not used, among equals those that are clean.

Source: Tanenbaum, Modern Operating Systems, 4th ed., 3.4.2.  All R bits are cleared before every `interval`-th reference;
the class is 2R + M.  Ties: among pages of the lowest class the one in the lowest frame goes (the book draws one at
random).  A page that is loaded has R set.
"""

from oslab._jit import kernel
from oslab.base import Parameter
from oslab.memory.replacement.base import POLICIES, Policy
from oslab.memory.replacement.frame_table import USED, describe_frames, load, new_frames

INTERVAL = Parameter(
    4, low=1, high=1_000_000, log=True, unit="references", help="interval at which all R bits are cleared"
)


def start(trace, frames, interval):
    """Return the empty memory."""
    return new_frames(trace, frames, interval)


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    faults, frames = 0, len(state.page)
    for i in range(first, last):
        if i % state.every == 0:
            state.r[:] = 0
        page = dense[i]
        frame = int(state.frame_of[page])
        if frame < 0:
            faults += 1
            frame = int(state.at[USED])
            if frame == frames:
                lowest = 4
                for k in range(frames):
                    mine = 2 * int(state.r[k]) + int(state.m[k])
                    if mine < lowest:
                        lowest = mine
                        frame = k
            victim = load(state, frame, page)
            if victim >= 0 and evicted is not None:
                evicted[i] = pages[victim]
            if hit is not None:
                hit[i] = False
        state.r[frame] = 1
        if state.writes[i]:
            state.m[frame] = 1
    return faults


def reason(eviction):
    """Return the classes compared."""
    r, m = (eviction.before.values[name] for name in "RM")
    cleared = (eviction.step - 1) % eviction.options["interval"] == 0
    classes = {page: 2 * (r[page] and not cleared) + m[page] for page in eviction.before.lists["by frame"]}
    return eviction.smallest("lowest class 2R + M, then lowest frame", classes, "it is in class {}", "is in class {}")


POLICIES.register(
    "nru",
    label="NRU",
    summary="Evicts a page that was not used recently, a clean one if possible.",
    source="Tanenbaum, Modern Operating Systems, 4th ed., 3.4.2",
    tie_rule="among pages of the lowest class the one in the lowest frame is evicted",
    parameters={"interval": INTERVAL},
)(Policy(start, advance, describe_frames, reason, on_hit="its R bit is set"))
