"""Demand paging: a policy run over a trace, whole or in slices."""

from functools import partial
from typing import Any

import numpy as np

from oslab._jit import warmer
from oslab.base import Entry, checked, flag, integer
from oslab.memory.replacement import POLICIES
from oslab.memory.replacement.result import Replacement
from oslab.memory.replacement.user_policy import POLICY, find
from oslab.memory.traces.trace import TRACE, Trace

__all__ = ["FRAMES", "ReplacementRun", "simulate"]

SLICE = 1 << 20
FRAMES = integer(1)


@checked(trace=TRACE, policy=POLICY, frames=FRAMES)
def simulate(trace: Any, policy: Any, frames: int, **options: Any) -> Replacement:
    """Run a replacement policy over a trace, with pure demand paging from an empty memory.

    Parameters
    ----------
    trace : Trace or array_like of int
        Page numbers in the order of reference.  A list is renumbered at each call; make a `Trace` of it once.
    policy : str or class
        A key of `POLICIES`, or a class of your own with the methods ``hit(page)`` and ``evict(page)``: see
        `oslab.memory.replacement.user_policy`, and `judge`.
    frames : int
        Page frames, at least 1.
    **options
        The policy's own, as `POLICIES` lists them.

    Returns
    -------
    Replacement
        Faults, hits, evictions; with the state and the reason of each step.

    Raises
    ------
    ValueError
        Unknown policy; no frame; an empty trace or a wrong page number; an option out of range; an answer of your
        own policy that cannot be carried out.
    TypeError
        An option that the policy does not have, or an argument of a wrong type.

    Examples
    --------
    >>> print(simulate([1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5], "fifo", 3))
    FIFO, 3 frames: 9 faults in 12 references (miss ratio 0.75)
    """
    run = ReplacementRun(trace, policy, frames, **options)
    while not run.finished:
        run.advance(SLICE)
    return run.result()


class ReplacementRun:
    """A run that can be taken in slices: for a progress bar, for a stop button, or for the count alone.

    Parameters
    ----------
    trace, policy, frames, **options
        As in `simulate`.
    record : bool
        Whether hits and evictions are kept; without them only `faults` is counted, which is faster.

    Attributes
    ----------
    done, faults : int
        References taken so far, and their faults.

    Examples
    --------
    >>> run = ReplacementRun([1, 2, 3, 1], "lru", 2)
    >>> run.advance(3), run.faults, run.finished
    (3, 3, False)
    """

    @checked(trace=TRACE, policy=POLICY, frames=FRAMES, record=flag())
    def __init__(self, trace: Any, policy: Any, frames: int, *, record: bool = True, **options: Any):
        self.entry: Entry = find(policy)
        self.frames = frames
        self.options = self.entry.options(options)
        self.trace = trace
        self.rules = self.entry.implementation
        self.done = self.faults = 0
        self._state = self.rules.start(self.trace, self.frames, **self.options)
        length = len(self.trace)
        self._hit = np.full(length, True) if record else None
        self._evicted = np.full(length, -1, np.int64) if record else None

    @property
    def finished(self) -> bool:
        """Whether the whole trace has been taken."""
        return self.done == len(self.trace)

    @checked(references=integer(1))
    def advance(self, references: int = SLICE) -> int:
        """Take up to `references` more references; return how many are done in all."""
        last = min(len(self.trace), self.done + references)
        self.faults += int(
            self.rules.advance(
                self._state, self.trace.dense, self.done, last, self._hit, self._evicted, self.trace.pages
            )
        )
        self.done = last
        return last

    def result(self) -> Replacement:
        """Return what has been done so far.

        Raises
        ------
        ValueError
            Nothing was done, or nothing was kept.
        """
        if self._hit is None or not self.done:
            raise ValueError("no result: advance first, and keep record=True")
        return Replacement(
            self.trace[: self.done] if not self.finished else self.trace,
            self.entry.key,
            self.entry.label,
            self.frames,
            self.options,
            self._hit[: self.done],
            self._evicted[: self.done],
            self.faults,
            self.rules,
        )


def _warm(key: str) -> None:
    trace = Trace([1, 2, 3, 1, 4, 2])
    simulate(trace, key, 2).state(5)
    ReplacementRun(trace, key, 2, record=False).advance()


for _key in POLICIES:
    warmer(0 if _key in ("lru", "opt") else 3)(partial(_warm, _key))
