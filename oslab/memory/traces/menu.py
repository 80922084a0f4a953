"""Every trace that a menu offers: generated ones with their options, and recordings of real programs."""

from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from oslab.base import SEED, Instance, Registry, checked, choice, flag, integer, teacher_folder
from oslab.memory.traces.generators import GENERATORS, generate
from oslab.memory.traces.loading import load
from oslab.memory.traces.recordings import RECORDED, recorded
from oslab.memory.traces.trace import Trace
from oslab.memory.traces.zipf import SAMPLE

__all__ = ["MOST", "TRACES", "reference_trace"]

MOST = 2_000_000

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


def _make_own(path: Path) -> Callable[[int, int], Trace]:
    """A trace of the teacher's folder, read when it is first asked for."""
    read = lru_cache(maxsize=1)(lambda: load(path, column=0 if path.suffix == ".csv" else None))
    return lambda length, seed: read()[:length]


teacher_folder.join(TRACES, teacher_folder.files("memory", "traces"), _make_own)


@checked(
    trace=choice(TRACES),
    length=integer(1, MOST),
    seed=SEED,
    options=Instance(Mapping, optional=True),
    sample=flag(),
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
    chosen = TRACES[trace].options(options or {})
    return _make(trace, min(length, SAMPLE) if sample else length, seed, tuple(chosen.items()))


@lru_cache(maxsize=4)
def _make(trace: str, length: int, seed: int, options: tuple) -> Trace:
    return Trace(TRACES[trace].implementation(length, seed, **dict(options)))
