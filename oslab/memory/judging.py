"""Laws that every page-replacement policy obeys, tried on the learner's own; the smallest trace that breaks one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.memory.demand_paging import Run, simulate
from oslab.memory.reference_string import Trace
from oslab.memory.replacement.own import BrokenPolicy, find

__all__ = ["Judgement", "judge", "small_traces"]

LENGTH, PAGES, FRAMES = 6, 4, 3
LONGER, LONG = 12, 60
LAWS = {
    "only a page in memory can go": "it never evicts a page that is not there",
    "never more pages than frames": "it makes room whenever memory is full",
    "no page goes while a frame is free": "it evicts nobody while a frame is free",
    "evict returns a page or None": "it answers with a page number, or with None",
    "its code runs": "its hooks raise no error",
    "same trace, same evictions": "the same references give the same evictions again",
    "OPT is never beaten": "it never faults less often than OPT",
}


@dataclass(frozen=True)
class Judgement:
    """What `judge` found.

    Attributes
    ----------
    policy : str
        Its name on screen.
    broken : str
        The law that is broken, or ''.
    trace : tuple of int
        The smallest trace that breaks it; empty if none does.
    frames : int
        With how many frames; 0 if no law is broken.
    message : str
        What happened there.
    runs : int
        How many runs were looked at.
    """

    policy: str
    broken: str
    trace: tuple[int, ...]
    frames: int
    message: str
    runs: int

    @property
    def lawful(self) -> bool:
        """Whether every law held."""
        return not self.broken

    def table(self) -> list[dict[str, Any]]:
        """Return one row a law; after the first that is broken the others are not known."""
        return [{"law": law, "means": means, "holds": "no" if law == self.broken else "yes" if self.lawful else "-"}
                for law, means in LAWS.items()]

    def __str__(self) -> str:
        if self.lawful:
            return f"{self.policy} keeps all {len(LAWS)} laws in {self.runs} runs."
        memory = f"{self.frames} frame{'s' * (self.frames != 1)}"
        return (f"{self.policy} breaks a law: {self.broken}. The smallest trace: {' '.join(map(str, self.trace))}, with "
                f"{memory}.\n{self.message}")

    __repr__ = __str__


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


def judge(policy: Any) -> Judgement:
    """Try a policy on every small trace, then on longer ones, and tell which law it breaks first.

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
    name, runs = find(policy).label, 0
    for trace in small_traces():
        for frames in range(1, FRAMES + 1):
            runs += 1
            if (found := _breach(policy, trace, frames)) is not None:
                return Judgement(name, found[0], tuple(trace), frames, found[1], runs)
    for seed in range(LONGER):
        trace, frames = _longer(seed), 2 + seed % 5
        runs += 1
        if (found := _breach(policy, trace, frames)) is not None:
            trace, found = _cut(policy, trace, frames, found)
            return Judgement(name, found[0], tuple(trace), frames, found[1], runs)
    return Judgement(name, "", (), 0, "", runs)


def _longer(seed: int) -> list[int]:
    draw = np.random.default_rng(seed)
    if seed % 3 == 0:
        return np.resize(np.arange(1, 5 + seed), LONG).tolist()
    return np.minimum(draw.geometric(0.25, LONG), 9).tolist()


def _breach(policy: Any, trace: list[int], frames: int) -> tuple[str, str] | None:
    """Return the law that a run breaks and what happened, or None."""
    pages = Trace(trace)
    try:
        run = simulate(pages, policy, frames)
        again = simulate(pages, policy, frames)
    except BrokenPolicy as error:
        return error.law, str(error)
    except Exception as error:  # whatever the learner's code raises
        where = " ".join(getattr(error, "__notes__", []))
        return "its code runs", f"{type(error).__name__}: {error}. {where}"
    if not np.array_equal(run.evicted, again.evicted):
        step = int(np.argmax(run.evicted != again.evicted))
        return "same trace, same evictions", (f"At reference {step + 1} page {run.evicted[step]} went the first time, "
                                              f"{again.evicted[step]} the second.")
    best = Run(pages, "opt", frames, record=False)
    best.advance(len(trace))
    if run.faults < best.faults:
        return "OPT is never beaten", f"{run.faults} faults; OPT makes {best.faults}."
    return None


def _cut(policy: Any, trace: list[int], frames: int, found: tuple[str, str]) -> tuple[list[int], tuple[str, str]]:
    """Leave out references, from the end on, as long as the same law stays broken."""
    k = len(trace) - 1
    while k >= 0:
        shorter = trace[:k] + trace[k + 1:]
        other = _breach(policy, shorter, frames) if shorter else None
        if other is not None and other[0] == found[0]:
            trace, found = shorter, other
        k -= 1
    return trace, found
