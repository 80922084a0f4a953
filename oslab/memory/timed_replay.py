"""A million references while you drag: one policy replayed at one size, the others' curves beside it."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oslab.base import SEED, Instance, Result, checked, choice, flag, integer, plural, readable
from oslab.memory import POLICIES, MissRatioCurve, curve_in_steps, default_sizes
from oslab.memory.demand_paging import FRAMES, ReplacementRun
from oslab.memory.traces.menu import MOST, TRACES, reference_trace
from oslab.memory.traces.trace import TRACE, Trace

__all__ = ["Replay", "curves", "replay"]

POINTS = 160


@dataclass(frozen=True)
class Replay(Result):
    """What `replay` returns.

    Attributes
    ----------
    policy, label : str
        Its key and its name on screen.
    trace : str
        The trace's name.
    frames, references, distinct, faults : int
        `distinct` is the number of different pages.
    seconds : float
        What the run took on this machine.
    sample : bool
        Whether the trace is a short one, drawn while a slider moves.
    """

    policy: str
    label: str
    trace: str
    frames: int
    references: int
    distinct: int
    faults: int
    seconds: float
    sample: bool

    @property
    def miss_ratio(self) -> float:
        """Faults in each reference, between 0 and 1."""
        return self.faults / self.references

    def rows(self) -> list[dict[str, Any]]:
        """Return one row."""
        return [
            {
                "trace": self.trace,
                "policy": self.label,
                "frames": self.frames,
                "references": self.references,
                "pages": self.distinct,
                "faults": self.faults,
                "miss ratio": self.miss_ratio,
            }
        ]

    def __str__(self) -> str:
        return (
            f"{self.label}, {plural(self.frames, 'frame')}, {self.trace}: {plural(self.faults, 'fault')} in "
            f"{plural(self.references, 'reference')} (miss ratio {readable(self.miss_ratio)})"
        )


@checked(trace=TRACE, policy=choice(POLICIES), frames=FRAMES, sample=flag())
def replay(trace: Trace, policy: str = "lru", frames: int = 10_000, sample: bool = False, **options: Any) -> Replay:
    """Run a policy over a trace and count its faults, timed.

    Parameters
    ----------
    trace : Trace
    policy : str
        A key of `POLICIES`.
    frames : int
    sample : bool
        Only noted in the result.
    **options
        The policy's own.
    """
    run = ReplacementRun(trace, policy, frames, record=False, **options)
    before = time.perf_counter()
    while not run.finished:
        run.advance()
    seconds = time.perf_counter() - before
    return Replay(
        policy,
        POLICIES[policy].label,
        run.trace.name,
        run.frames,
        len(run.trace),
        run.trace.distinct,
        run.faults,
        seconds,
        sample,
    )


@checked(trace=choice(TRACES), length=integer(1, MOST), seed=SEED, trace_options=Instance(Mapping))
def curves(trace: str, length: int, seed: int, trace_options: Mapping[str, Any]) -> Iterator[dict[str, MissRatioCurve]]:
    """Yield the miss-ratio curves of all policies, LRU's first, as far as they are known, by policy key.

    Parameters
    ----------
    trace : str
        A key of `TRACES`.
    length, seed : int
    trace_options : mapping
        The trace's own.
    """
    references = reference_trace(trace, length, seed, trace_options)
    known: dict[str, MissRatioCurve] = {}
    for policy in sorted(POLICIES, key=lambda key: key != "lru"):
        sizes = default_sizes(references, POINTS) if policy == "lru" else None
        for value in curve_in_steps(references, policy, sizes):
            if isinstance(value, float):
                yield value
            elif len(value.frames):
                known = {**known, policy: value}
        yield known
