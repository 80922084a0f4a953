"""Every trace that a menu offers: generated ones with their options, recordings of real programs, and your own."""

import os
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from importlib import resources
from pathlib import Path
from typing import Any

from oslab.base import (
    SEED,
    FileName,
    Instance,
    OpenRegistry,
    Parameter,
    checked,
    choice,
    flag,
    integer,
    plural,
    teacher_folder,
)
from oslab.memory.traces.generators import GENERATORS, generate, typed_or_drawn
from oslab.memory.traces.loading import OwnTrace, load, load_in_steps
from oslab.memory.traces.recordings import RECORDED, recorded
from oslab.memory.traces.trace import TRACE, Trace
from oslab.memory.traces.zipf import SAMPLE

__all__ = ["MOST", "OWN_FILE", "TRACES", "prepare_file", "reference_trace", "trace_of_file", "typed_or_recorded"]

MOST = 2_000_000
PATH = FileName()


def _maker(key: str, value: Any) -> Callable[..., Trace]:
    """Return ``make(length, seed)`` for an entry of the learner's: such a function, or a trace."""
    if callable(value):
        return lambda length, seed: Trace(value(length, seed), key)
    trace = TRACE.check(key, value)
    return lambda length, seed: Trace(trace[:length], key)


TRACES = OpenRegistry("trace", _maker)
"""Every trace, generated or recorded: ``implementation(length, seed, **options)`` returns a `Trace`.

``TRACES["mine"] = load("mine.txt")`` adds one to the menus of the labs whose cells are run after that.
"""

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

_read: dict[tuple, OwnTrace] = {}


def _stamp(file: str) -> tuple[str, int, int]:
    """What tells one state of a file from another.

    Raises
    ------
    OSError
        There is no such file.
    """
    found = os.stat(file)
    return os.path.abspath(file), found.st_size, found.st_mtime_ns


@checked(path=PATH)
def prepare_file(path: str) -> Iterator[float | str]:
    """Read a trace file for the labs: yield the share read, then a description of its format; the last trace is kept.

    Parameters
    ----------
    path : str
        Of one with more than 2 000 000 references, a sample of the pages is followed.

    Raises
    ------
    ValueError
        A file that is none of the formats of `load`, or a line that is wrong.
    OSError
        A file that cannot be read.
    """
    stamp = _stamp(path)
    for value in load_in_steps(path, most=MOST):
        if isinstance(value, OwnTrace):
            _read.clear()
            _read[stamp] = value
            yield f"{plural(value.read, 'reference')}, taken for {value.taken_for}"
        else:
            yield value


OWN_FILE = Parameter(
    "", high=4096, prepare=prepare_file, help="written by oslab record, or any file that memory.load reads"
)


@checked(file=PATH)
def trace_of_file(file: str = "") -> OwnTrace:
    """Return the trace in a file; in place of '', an example: a sort of 4 MB in 400 KiB of memory.

    Parameters
    ----------
    file : str

    Raises
    ------
    ValueError, OSError
        As for `prepare_file`.
    """
    if not file:
        return _example()
    if _stamp(file) not in _read:
        for _ in prepare_file(file):
            pass
    return _read[_stamp(file)]


@lru_cache(maxsize=1)
def _example() -> OwnTrace:
    trace = load(Path(str(resources.files("oslab.memory.traces").joinpath("data", "example.txt"))))
    trace.name = "an example, sort"
    return trace


@TRACES.register(
    "yours",
    label="your file",
    summary="A file written by oslab record, or any that memory.load reads; until one is named, an example.",
    source="your own",
    tie_rule="none: recorded",
    parameters={"file": OWN_FILE},
)
def own_file(length: int, seed: int, file: str = "") -> Trace:
    """Return a file's first `length` references."""
    return trace_of_file(file)[:length]


@checked(file=PATH, first=integer(0, 2**31), most=integer(1, 1000))
def typed_or_recorded(references: Any, seed: int = 0, file: str = "", first: int = 0, most: int = 24) -> Trace:
    """Return references: typed, drawn from a seed for an exercise, or a part of a file with its pages numbered from 1.

    Parameters
    ----------
    references, seed
        As for `typed_or_drawn`; not used where a file is named.
    file : str
    first, most : int
        The first reference of the file to be taken, from 0, and how many.

    Raises
    ------
    ValueError
        Nothing typed, no page; a file with fewer references than `first`.
    OSError
        A file that cannot be read.
    """
    if not file:
        return typed_or_drawn(references, seed)
    whole = trace_of_file(file)
    if first >= len(whole):
        raise ValueError(f"first={first}: the file has {plural(len(whole), 'reference')}")
    part = Trace(whole.numbers[first : first + most])
    return Trace(part.dense.astype("int64") + 1, whole.name)


def _make_own(path: Path) -> Callable[[int, int], Trace]:
    """A trace of the teacher's folder, read when it is first asked for."""
    read = lru_cache(maxsize=1)(lambda: load(path, column=0 if path.suffix == ".csv" else None))
    return lambda length, seed: Trace(read()[:length])


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
    OSError
        A file of your own that cannot be read.
    """
    chosen = TRACES[trace].options(options or {})
    stamp = _stamp(chosen["file"]) if chosen.get("file") else ()
    made = TRACES[trace].implementation
    return _make(trace, made, min(length, SAMPLE) if sample else length, seed, tuple(chosen.items()), stamp)


@lru_cache(maxsize=4)
def _make(trace: str, made: Callable[..., Any], length: int, seed: int, options: tuple, stamp: tuple) -> Trace:
    return Trace(made(length, seed, **dict(options)))
