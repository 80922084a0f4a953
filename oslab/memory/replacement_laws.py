"""Laws that every page-replacement policy obeys, tested on a learner's policy; the smallest trace that breaks a law is shown."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import numpy as np

from oslab.base import checked, plural, policy_laws
from oslab.memory import ReplacementRun, Trace, simulate
from oslab.memory.replacement.user_policy import POLICY, find

__all__ = ["Judgement", "judge", "small_traces"]

LENGTH, PAGES, FRAMES = 6, 4, 3
LONGER, LONG = 12, 60
LAWS = {
    "only a page in memory can go": "it only evicts pages that are in memory",
    "never more pages than frames": "it makes room whenever memory is full",
    "no page is evicted while a frame is free": "it evicts no page while a frame is free",
    "evict returns a page or None": "it returns a page number or None",
    policy_laws.CODE_RUNS: "its hooks raise no error",
    "same trace, same evictions": "the same references give the same evictions again",
    "OPT is never beaten": "it never faults less often than OPT",
}


@dataclass(frozen=True, repr=False)
class Judgement(policy_laws.Judgement):
    """What `judge` found.

    Attributes
    ----------
    trace : tuple of int
        The smallest trace that breaks a law; empty if none does.
    frames : int
        With how many frames; 0 if no law is broken.
    """

    trace: tuple[int, ...] = ()
    frames: int = 0

    @property
    def smallest(self) -> str:
        """The smallest trace that breaks a law, in words."""
        return f"trace: {' '.join(map(str, self.trace))}, with {plural(self.frames, 'frame')}"


def small_traces(length: int = LENGTH, pages: int = PAGES) -> Iterator[list[int]]:
    """Yield every trace up to renaming, the shortest first: a page is at most one above all before it."""
    for n in range(1, length + 1):
        yield from _grow([], 0, n, pages)


def _grow(trace: list[int], known: int, length: int, pages: int) -> Iterator[list[int]]:
    if len(trace) == length:
        yield [page + 1 for page in trace]
        return
    for page in range(min(known + 1, pages)):
        yield from _grow([*trace, page], max(known, page + 1), length, pages)


@checked(policy=POLICY)
def judge(policy: Any) -> Judgement:
    """Try a policy on every small trace, then on longer ones, and report the first law that it breaks.

    Parameters
    ----------
    policy : class or str
        The learner's own, or a key of `POLICIES`.

    Returns
    -------
    Judgement
        Prints as a sentence, with the smallest trace that breaks a law.

    Raises
    ------
    TypeError
        A class without the methods `hit` and `evict`.

    Notes
    -----
    All traces of up to 6 references to up to 4 pages, with 1 to 3 frames, shortest first, so the first that fails
    is a smallest one; then 12 seeded traces of 60 references, of which one that fails is cut down.

    Examples
    --------
    >>> class Forgetful:
    ...     def hit(self, page): pass
    ...     def evict(self, page): return None
    >>> judgement = judge(Forgetful)
    >>> judgement.broken, judgement.trace, judgement.frames
    ('never more pages than frames', (1, 2), 1)
    """
    name = find(policy).label
    small = ((trace, frames) for trace in small_traces() for frames in range(1, FRAMES + 1))
    runs, (trace, frames), found = policy_laws.first_breach(
        chain(small, map(_longer, range(LONGER))), lambda trace, frames: _breach(policy, trace, frames)
    )
    if found is None:
        return Judgement(name, LAWS, runs, "", "")
    if len(trace) > LENGTH:
        trace, found = policy_laws.thinned(trace, found, lambda fewer: _breach(policy, fewer, frames))
    return Judgement(name, LAWS, runs, *found, tuple(trace), frames)


def _longer(seed: int) -> tuple[list[int], int]:
    draw = np.random.default_rng(seed)
    trace = np.resize(np.arange(1, 5 + seed), LONG) if seed % 3 == 0 else np.minimum(draw.geometric(0.25, LONG), 9)
    return trace.tolist(), 2 + seed % 5


def _breach(policy: Any, trace: list[int], frames: int) -> tuple[str, str] | None:
    """Return the law that a run breaks and what happened, or None."""
    pages = Trace(trace)
    runs, broken = policy_laws.run_twice(lambda: simulate(pages, policy, frames))
    if broken:
        return broken
    run, again = runs
    if not np.array_equal(run.evicted, again.evicted):
        step = int(np.argmax(run.evicted != again.evicted))
        return "same trace, same evictions", (
            f"At reference {step + 1} page {run.evicted[step]} went the first time, {again.evicted[step]} the second."
        )
    best = ReplacementRun(pages, "opt", frames, record=False)
    best.advance(len(trace))
    if run.faults < best.faults:
        return "OPT is never beaten", f"{run.faults} faults; OPT makes {best.faults}."
    return None
