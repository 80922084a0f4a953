"""What policies keep of each frame whose hardware notes use (R) and writing (M): their common state and its kernels."""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.memory.replacement.base import Lists

__all__ = ["HAND", "USED", "WRITTEN", "FrameTable", "describe_frames", "load", "new_frames"]

USED, HAND, WRITTEN = 0, 1, 2


class FrameTable(NamedTuple):
    """`frame_of` each page, -1 if absent; by frame the `page`, its bits `r` and `m`, and a `note` of the policy's own.

    `at` holds the frames used, the frame under the hand, and the pages written back; `writes` tells of each reference
    whether it writes; `every` is the policy's option.
    """

    frame_of: np.ndarray
    page: np.ndarray
    r: np.ndarray
    m: np.ndarray
    note: np.ndarray
    at: np.ndarray
    writes: np.ndarray
    every: int


def new_frames(trace, frames, every):
    """Return empty frames, the hand on frame 0."""
    frames = min(frames, trace.distinct)
    writes = np.zeros(len(trace), np.bool_) if trace.writes is None else trace.writes
    writes.flags.writeable = False  # as a trace's are: so one kernel serves both
    bits = (np.zeros(frames, np.uint8) for _ in range(2))
    return FrameTable(
        np.full(trace.distinct, -1, np.int32),
        np.zeros(frames, np.uint32),
        *bits,
        np.zeros(frames, np.int64),
        np.zeros(3, np.int64),
        writes,
        every,
    )


@kernel
def load(table, frame, page):
    """Put a page into a frame, clean; return the page that was there, or -1."""
    victim = -1
    if frame == table.at[USED]:
        table.at[USED] += 1
    else:
        victim = int(table.page[frame])
        table.frame_of[victim] = -1
        table.at[WRITTEN] += int(table.m[frame])
    table.page[frame] = page
    table.frame_of[page] = frame
    table.m[frame] = 0
    return victim


def describe_frames(table, note="", hand=False):
    """Return the pages by frame (from the hand on, if there is one), their bits, and the policy's note."""
    used, at, written = table.at.tolist()
    pages = table.page[:used].tolist()
    named = {"R": table.r, "M": table.m} | ({note: table.note} if note else {})
    values = {name: dict(zip(pages, of[:used].tolist(), strict=True)) for name, of in named.items()}
    lists = {"from the hand": pages[at:] + pages[:at]} if hand else {"by frame": pages}
    return Lists(lists, values, {"written back": written}, hand=pages[at] if hand and used else None)
