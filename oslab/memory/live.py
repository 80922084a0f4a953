"""A million references while you drag: one policy replayed at one size, the others' curves beside it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from oslab.base.arguments import whole
from oslab.base.registry import Registry
from oslab.memory.demand_paging import Run
from oslab.memory.miss_ratio import MissRatioCurve, curve_in_steps, default_sizes
from oslab.memory.reference_string import Trace
from oslab.memory.replacement import POLICIES
from oslab.memory.traces import GENERATORS, RECORDED, generate, recorded
from oslab.memory.traces.zipf import SAMPLE

__all__ = ["MOST", "TRACES", "Replay", "curves", "reference_trace", "replay"]

MOST = 2_000_000
POINTS = 160

TRACES = Registry("trace")
"""Every trace, generated or recorded: ``implementation(length, seed, **options)`` returns a `Trace`."""

for _key, _entry in GENERATORS.items():
    TRACES.register(
        _key,
        label=_entry.label,
        summary=_entry.summary,
        source=_entry.source,
        tie_rule=_entry.tie_rule,
        parameters=_entry.parameters,
    )(partial(generate, _key))
for _key, _recording in RECORDED.items():
    TRACES.register(
        f"recorded_{_key}",
        label=f"{_recording.label} (recorded)",
        summary=_recording.summary,
        source=_recording.command,
        tie_rule="none: recorded",
    )(lambda length, seed, _key=_key: recorded(_key)[:length])


@dataclass(frozen=True)
class Replay:
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

    def table(self) -> list[dict[str, Any]]:
        """Return one row."""
        return [
            {
                "trace": self.trace,
                "policy": self.label,
                "frames": self.frames,
                "references": self.references,
                "pages": self.distinct,
                "faults": self.faults,
                "miss ratio": float(f"{self.miss_ratio:.4g}"),
            }
        ]

    def __str__(self) -> str:
        return (
            f"{self.label}, {self.frames} frames, {self.trace}: {self.faults} faults in {self.references} references "
            f"(miss ratio {self.miss_ratio:.3g})"
        )


def reference_trace(
    trace: str = "zipf",
    length: int = 1_000_000,
    seed: int = 1,
    options: Mapping[str, Any] | None = None,
    sample: bool = False,
) -> Trace:
    """Return a trace of the registry; the last few are kept.

    Parameters
    ----------
    trace : str
        A key of `TRACES`.
    length : int
        References; a recorded trace has at most as many as were recorded.
    seed : int
    options : mapping, optional
        The trace's own.
    sample : bool
        Draw at most 100 000 references instead, to have it at once.

    Raises
    ------
    ValueError
        An unknown trace, a length that is not between 1 and 2 000 000, an option out of range.
    """
    whole("length", length, 1, MOST)
    entry = TRACES[trace]
    chosen = entry.options(options or {})
    return _made(trace, min(length, SAMPLE) if sample else length, seed, tuple(chosen.items()))


@lru_cache(maxsize=4)
def _made(trace: str, length: int, seed: int, options: tuple) -> Trace:
    return Trace.of(TRACES[trace].implementation(length, seed, **dict(options)))


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
    run = Run(trace, policy, frames, record=False, **options)
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


def curves(trace: str, length: int, seed: int, trace_options: Mapping[str, Any]) -> Iterator[dict[str, MissRatioCurve]]:
    """Yield the miss-ratio curves of all policies, LRU's first, as far as they are known, by policy key."""
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
