"""What a run of a replacement policy gives: faults, hits, evictions, and each step's state and reason."""

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab._jit import kernel
from oslab.base import Stepped, plural, readable
from oslab.memory.replacement.base import Eviction, Policy, Reason, Snapshot
from oslab.memory.traces.trace import Trace

__all__ = ["Replacement"]

ROWS = 1000
PARTS = 20


@dataclass(frozen=True, eq=False)
class Replacement(Stepped):
    """The run of one policy over one trace.

    Attributes
    ----------
    trace : Trace
    policy, label : str
        Its key and its name on screen.
    frames : int
        Page frames of memory, all empty at the start.
    options : dict
        The policy's own, complete.
    hit : ndarray of bool, shape (n,)
        Whether each reference found its page in memory.
    evicted : ndarray of int64, shape (n,)
        The page that went at each reference, in the caller's numbers; -1 for none.
    faults : int
        References that did not find their page; the first touch of each page counts.
    """

    trace: Trace
    policy: str
    label: str
    frames: int
    options: Mapping[str, Any]
    hit: np.ndarray
    evicted: np.ndarray
    faults: int
    rules: Policy

    @property
    def steps(self) -> int:
        """How many references there are, one a step."""
        return len(self.hit)

    @property
    def miss_ratio(self) -> float:
        """Faults in each reference, between 0 and 1."""
        return self.faults / len(self.hit)

    @functools.cached_property
    def writebacks(self) -> int:
        """Dirty pages that were written back: when they went, or before that where the policy does so."""
        if self.trace.writes is None:
            return 0
        state, _, evicted = self._rerun(self.steps)
        if self.rules.written is not None:
            return self.rules.written(state)
        dirty = np.zeros(self.trace.distinct, np.bool_)
        return int(count_written(self.trace.dense, self.trace.writes, evicted, dirty))

    def _rerun(self, step: int) -> tuple[Any, np.ndarray, np.ndarray]:
        """Return the policy's state after `step`, hits, and evictions in dense numbers."""
        hit, evicted = np.full(step, True), np.full(step, -1, np.int64)
        state = self.rules.start(self.trace, self.frames, **self.options)
        dense_pages = np.arange(self.trace.distinct, dtype=np.int64)
        dense_pages.flags.writeable = False  # as a trace's are: so one kernel serves both
        self.rules.advance(state, self.trace.dense, 0, step, hit, evicted, dense_pages)
        return state, hit, evicted

    def _replayed(self, step: int) -> Snapshot:
        whole, dense = self.trace, self.trace.dense
        state, hit, evicted = self._rerun(step)
        places = np.full(min(self.frames, whole.distinct), -1, np.int64)
        place(dense, hit, evicted, places, np.full(whole.distinct, -1, np.int64))
        known = self.rules.describe(state)
        number = [whole.page(page) for page in whole.pages.tolist()]
        # More frames than pages stay free for good; a picture needs no more than some of them.
        empty = (None,) * min(self.frames - len(places), 64)
        return Snapshot(
            step=step,
            page=whole[step - 1] if step else None,
            hit=bool(hit[-1]) if step else None,
            evicted=number[evicted[-1]] if step and evicted[-1] >= 0 else None,
            frames=tuple(number[p] if p >= 0 else None for p in places.tolist()) + empty,
            lists={name: tuple(number[p] for p in pages) for name, pages in known.lists.items()},
            values={name: {number[p]: value for p, value in of.items()} for name, of in known.values.items()},
            numbers=dict(known.numbers),
            hand=None if known.hand is None else number[known.hand],
        )

    def reason(self, step: int) -> Reason | None:
        """Return why a page went at `step` (from 1); None where none did."""
        step = self._step(step, 1)
        if self.evicted[step - 1] < 0:
            return None
        return self.rules.reason(
            Eviction(
                self.trace,
                step,
                self.trace[step - 1],
                self.trace.page(self.evicted[step - 1]),
                self.hit,
                self.state(step - 1),
                self.state(step),
                self.options,
            )
        )

    def why(self, step: int) -> str:
        """Return a sentence on what happened at `step` (from 1), and why.

        Raises
        ------
        ValueError
            A step that is not between 1 and `steps`.
        """
        step = self._step(step, 1)
        page = self.trace[step - 1]
        if self.hit[step - 1]:
            frame = self.state(step).frames.index(page)
            then = f"; {self.rules.on_hit}" if self.rules.on_hit else ""
            return f"Page {page} is in frame {frame}: a hit{then}."
        reason = self.reason(step)
        if reason is not None:
            return f"Page {page} is not in memory: a fault. {reason.text}"
        return f"Page {page} is not in memory: a fault. Frame {self.state(step).frames.index(page)} is free."

    def rows(self) -> list[dict[str, Any]]:
        """Return a row for each step, or for each twentieth of a trace of more than 1000 references."""
        if self.steps <= ROWS:
            return [
                {
                    "step": k + 1,
                    "page": self.trace[k],
                    "result": "hit" if self.hit[k] else "fault",
                    "evicted": self.trace.page(self.evicted[k]) if self.evicted[k] >= 0 else None,
                }
                for k in range(self.steps)
            ]
        edges = np.linspace(0, self.steps, PARTS + 1).astype(np.int64)
        faults = np.diff(np.concatenate([[0], np.cumsum(~self.hit)])[edges])
        return [
            {"steps": f"{a + 1} to {b}", "faults": f, "miss ratio": f / (b - a)}
            for a, b, f in zip(edges[:-1].tolist(), edges[1:].tolist(), faults, strict=True)
        ]

    def __str__(self) -> str:
        chosen = "".join(f", {name}={value}" for name, value in self.options.items())
        return (
            f"{self.label}, {plural(self.frames, 'frame')}{chosen}: {plural(self.faults, 'fault')} in "
            f"{plural(self.steps, 'reference')} (miss ratio {readable(self.miss_ratio)})"
            + (f", {plural(self.writebacks, 'page')} written back" if self.trace.writes is not None else "")
        )

    __repr__ = __str__


@kernel
def count_written(dense, writes, evicted, dirty):
    """Return how many pages were dirty when they went; `dirty` holds False for each page."""
    written = 0
    for i in range(len(dense)):
        if evicted[i] >= 0:
            written += int(dirty[evicted[i]])
            dirty[evicted[i]] = False
        if writes[i]:
            dirty[dense[i]] = True
    return written


@kernel
def place(dense, hit, evicted, places, frame_of):
    """Fill `places` with the page in each frame, -1 for none; a page takes the frame of the one that goes."""
    used = 0
    for i in range(len(hit)):
        if not hit[i]:
            if evicted[i] >= 0:
                frame = frame_of[evicted[i]]
            else:
                frame = used
                used += 1
            frame_of[dense[i]] = frame
            places[frame] = dense[i]
