"""Clock with dirty bits (enhanced second chance): a clean page goes before one that must be written back.

Source: Stallings, Operating Systems, 9th ed., 8.2 (the Macintosh's scheme); Silberschatz, Galvin, Gagne, 10th ed., 10.4.5.3.
The hand starts on frame 0.  First round: the first page with R=0 and M=0 goes, and no bit is changed.  Second round:
the first with R=0 and M=1 goes, and R is cleared on the way.  If that fails too, both rounds are made again; all R are clear
then.  The hand stops one frame further.  No ties: it passes one frame at a time.  A page that is loaded has R set.
"""

from functools import partial

from oslab._jit import kernel
from oslab.memory.replacement.base import POLICIES, Policy, Reason
from oslab.memory.replacement.frame_table import HAND, USED, describe_frames, load, new_frames

CLASSES = ("not used, clean", "not used, dirty", "used, clean", "used, dirty")


def start(trace, frames):
    """Return the empty memory."""
    return new_frames(trace, frames, 0)


@kernel
def find(state):
    """Return the frame whose page goes."""
    r, m, frames = state.r, state.m, len(state.page)
    for dirty in (0, 1, 0, 1):
        for k in range(frames):
            frame = (int(state.at[HAND]) + k) % frames
            if r[frame] == 0 and m[frame] == dirty:
                return frame
            if dirty:
                r[frame] = 0
    return 0


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
                frame = find(state)
                state.at[HAND] = (frame + 1) % frames
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
    """Return the class of the page that goes, in the round in which it was found."""
    r, m = (eviction.before.values[name] for name in "RM")
    line, mine = eviction.before.lists["from the hand"], eviction.evicted
    classes = {page: 2 * r[page] + m[page] for page in line}
    cleared = " once the hand had cleared the R bits" if r[mine] else ""
    kind = CLASSES[m[mine]]
    text = f"Page {mine} is evicted: the first from the hand on that is {kind}{cleared}"
    return Reason(f"{text}{', so it is written back' if m[mine] else ''}.", "lowest class from the hand on", classes)


POLICIES.register(
    "clock_dirty",
    label="Clock with dirty bits",
    summary="Evicts the first page from the hand on that was not used, a clean one if possible.",
    source="Stallings, Operating Systems: Internals and Design Principles, 9th ed., 8.2",
    tie_rule="none needed: the hand passes one frame at a time",
)(Policy(start, advance, partial(describe_frames, hand=True), reason, on_hit="its R bit is set"))
