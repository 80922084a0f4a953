"""The memory that a program needs: the number of frames with which each policy stays within a miss ratio."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, Several, checked, choice, integer, memory_size, plural, readable, real
from oslab.memory import POLICIES, miss_ratio_curve
from oslab.memory.traces.trace import TRACE, Trace

__all__ = ["FramesWanted", "frames_wanted"]

SIZES = 48
PAGE = 4096
KEYS = ("lru", "clock", "two_list", "sieve", "arc", "opt")


@dataclass(frozen=True, eq=False)
class FramesWanted(Result):
    """What `frames_wanted` returns.

    Attributes
    ----------
    name : str
        The trace's.
    miss_ratio : float
        What was asked.
    least : float
        What misses with memory for every page: the first touches.
    frames : dict of str to int
        By policy's key; 0 where no size is enough.
    page_size, distinct : int
        Bytes; pages of the trace.
    """

    name: str
    miss_ratio: float
    least: float
    frames: dict[str, int]
    page_size: int
    distinct: int

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a policy: frames, memory, and how many frames it saves against LRU."""
        lru = self.frames.get("lru", 0)
        for key, frames in self.frames.items():
            saved = f"{lru - frames}" if lru and frames else "-"
            size = memory_size(frames * self.page_size) if frames else "-"
            yield {"policy": POLICIES[key].label, "frames": frames or "none is enough", "memory": size, "saves": saved}

    def __str__(self) -> str:
        if not any(self.frames.values()):
            first = f"the first touch of each page alone gives {readable(self.least)}"
            return f"{self.name or 'trace'}: no memory size gives a miss ratio of {readable(self.miss_ratio)}; {first}"
        found = {POLICIES[key].label: frames for key, frames in self.frames.items() if frames}
        can = {label: frames for label, frames in found.items() if label != POLICIES["opt"].label} or found
        best = min(can, key=lambda label: can[label])
        all_of = ", ".join(f"{label} {readable(frames)}" for label, frames in found.items())
        return (
            f"{self.name or 'trace'}, {plural(self.distinct, 'page')}: frames for a miss ratio of "
            f"{readable(self.miss_ratio)}: {all_of}; of the policies that can be built, {best} needs least"
        )

    __repr__ = __str__


@checked(
    trace=TRACE,
    miss_ratio=real(0, 1, unit="misses a reference"),
    policies=Several(choice(POLICIES), least=1, most=32),
    page_size=integer(1, 1 << 30),
)
def frames_wanted(
    trace: Trace, miss_ratio: float = 0.5, policies: tuple[str, ...] = KEYS, page_size: int = PAGE
) -> FramesWanted:
    """Return the number of frames with which each policy stays within a miss ratio.

    Parameters
    ----------
    trace : Trace or array_like of int
    miss_ratio : float
        What is enough, misses a reference.
    policies : sequence of str
        Keys of `POLICIES`.
    page_size : int
        Bytes of a frame, for the price.

    Notes
    -----
    48 sizes are tried, evenly spread over octaves: LRU's and OPT's answers are at most one of these steps too large.  With
    FIFO and its like more memory may miss more (Belady's anomaly): theirs is the least size that is enough.

    Examples
    --------
    >>> frames_wanted([1, 2, 3, 1, 2, 3], 0.5, ("lru", "opt")).frames
    {'lru': 3, 'opt': 3}
    """
    sizes = np.unique(np.rint(np.geomspace(1, trace.distinct, SIZES)).astype(np.int64))
    found = {}
    for key in policies:
        curve = miss_ratio_curve(trace, key, sizes)
        enough = curve.frames[curve.miss_ratio <= miss_ratio]
        found[key] = int(enough[0]) if len(enough) else 0
    return FramesWanted(trace.name, miss_ratio, trace.distinct / len(trace), found, page_size, trace.distinct)
