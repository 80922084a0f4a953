"""WSClock: a hand looks for a clean page that has left the working set: not used for more than `tau` references.

Source: Carr, Hennessy, WSClock: a simple and effective algorithm for virtual memory management, SOSP 1981; Tanenbaum,
Modern Operating Systems, 4th ed., 3.4.9.  Virtual time is the number of the reference.  The hand starts on frame 0.  At a page
with R=1 it clears R, notes the time, and goes on.  A page with R=0 whose note is more than `tau` ago goes if it is clean;
if it is dirty, it is written back (at once, here), becomes clean, and the hand goes on.  After a round without a victim:
if something was written, another round; else the first clean page from the hand on goes, or the one under the hand
if all are dirty.  The hand stops one frame further.  No ties: it passes one frame at a time.
"""

from functools import partial

from oslab._jit import kernel
from oslab.base import Parameter
from oslab.memory.replacement.base import POLICIES, Policy, Reason
from oslab.memory.replacement.frame_table import HAND, USED, WRITTEN, describe_frames, load, new_frames


def start(trace, frames, tau):
    """Return the empty memory."""
    return new_frames(trace, frames, tau)


@kernel
def find(state, now):
    """Return the frame whose page goes at time `now`; old dirty pages on the way are written back."""
    r, m, last_use, frames = state.r, state.m, state.note, len(state.page)
    wrote = True
    while wrote:
        wrote = False
        for k in range(frames):
            frame = (int(state.at[HAND]) + k) % frames
            if r[frame]:
                r[frame] = 0
                last_use[frame] = now
            elif now - last_use[frame] > state.every:
                if m[frame] == 0:
                    return frame
                m[frame] = 0
                state.at[WRITTEN] += 1
                wrote = True
    for k in range(frames):
        frame = (int(state.at[HAND]) + k) % frames
        if m[frame] == 0:
            return frame
    return int(state.at[HAND])


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    faults, frames = 0, len(state.page)
    for i in range(first, last):
        page = dense[i]
        frame = int(state.frame_of[page])
        if frame < 0:
            faults += 1
            frame = int(state.at[USED])
            if frame == frames:
                frame = find(state, i + 1)
                state.at[HAND] = (frame + 1) % frames
            victim = load(state, frame, page)
            state.note[frame] = i + 1
            if victim >= 0 and evicted is not None:
                evicted[i] = pages[victim]
            if hit is not None:
                hit[i] = False
        state.r[frame] = 1
        if state.writes[i]:
            state.m[frame] = 1
    return faults


def reason(eviction):
    """Return how long the page was not used, against tau."""
    r, noted = eviction.before.values["R"], eviction.before.values["last noted"]
    ages = {page: 0 if r[page] else eviction.step - noted[page] for page in eviction.before.lists["from the hand"]}
    tau, mine = eviction.options["tau"], ages[eviction.evicted]
    if mine > tau:
        text = f"its use was last noted {mine} references ago, more than tau = {tau}"
    else:
        text = f"no page was unused for more than tau = {tau}, so the first clean one from the hand on"
    return Reason(f"Page {eviction.evicted} is evicted: {text}.", "first clean page older than tau", ages)


POLICIES.register(
    "wsclock",
    label="WSClock",
    summary="Evicts the first clean page outside the working set, and writes old dirty pages back.",
    source="Carr, Hennessy, WSClock: a simple and effective algorithm for virtual memory management, SOSP 1981",
    tie_rule="none needed: the hand passes one frame at a time",
    parameters={
        "tau": Parameter(
            8,
            low=1,
            high=1_000_000,
            log=True,
            unit="references",
            help="a page unused for longer has left the working set",
        )
    },
)(
    Policy(
        start,
        advance,
        partial(describe_frames, note="last noted", hand=True),
        reason,
        on_hit="its R bit is set",
        written=lambda state: int(state.at[WRITTEN]),
    )
)
