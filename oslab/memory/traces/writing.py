"""Traces as files: what `oslab record` writes, and what a training script writes of its own samples."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from oslab.base import Array, FileName, Instance, checked, integer
from oslab.memory.traces.formats import page_ranges
from oslab.memory.traces.trace import TRACE, Trace

__all__ = ["TITLE", "record_indices", "trace_lines", "write_trace"]

TITLE = "oslab trace"
LARGEST = 1 << 50
FILE = FileName(optional=True)


@checked(
    indices=Array(int, low=0, high=LARGEST, most=100_000_000),
    bytes_per_sample=integer(1, 1 << 40),
    start=integer(0, LARGEST),
    page_size=integer(1, 1 << 30),
    file=FILE,
)
def record_indices(
    indices: Any, bytes_per_sample: int, start: int = 0, page_size: int = 4096, file: Any = None
) -> Trace:
    """Return the pages of a file of samples that a loader reads, from the order in which it takes the samples.

    Three lines in a training script: collect ``indices.append(index)`` in the dataset's ``__getitem__``, and call this
    at the end.  It is exact where each sample is read whole, once, from one file.

    Parameters
    ----------
    indices : array_like of int
        The samples' numbers, from 0, in the order of reading; at most 100 million.
    bytes_per_sample : int
        Of one sample in the file, all alike.
    start : int
        Bytes before the first sample.
    page_size : int
    file : str or path, optional
        Write the trace there too, for `load` and the labs.

    Raises
    ------
    ValueError
        No index, a negative one, a size out of range, more than 2**31 references.

    Examples
    --------
    >>> record_indices([2, 0], 4096, start=128)
    Trace(samples: 2, 3, 0, 1; 4 references, 4 pages)
    """
    if int(indices.max()) * bytes_per_sample + start > LARGEST:
        raise ValueError(f"indices and bytes_per_sample make a file of more than {LARGEST} bytes: allowed is less")
    touched = (bytes_per_sample - 1) // page_size + 2
    if touched * len(indices) >= 2**31:
        raise ValueError("indices and bytes_per_sample make more than 2**31 references: allowed is less")
    pages, _ = page_ranges(start + indices * bytes_per_sample, np.full(len(indices), bytes_per_sample), page_size)
    trace = Trace(pages, "samples")
    if file is not None:
        write_trace(
            file, trace, {"kind": "samples", "bytes a sample": str(bytes_per_sample), "page size": str(page_size)}
        )
    return trace


@checked(file=FileName(), trace=TRACE, notes=Instance(Mapping))
def write_trace(file: Any, trace: Any, notes: Mapping[str, str]) -> None:
    """Write a trace as text: `notes` as comments, then a page or a range of pages a line, with a ``w`` after a write."""
    with Path(file).open("w", encoding="utf-8") as out:
        out.write(f"# {TITLE}\n")
        out.writelines(f"# {name}: {value}\n".replace("\r", " ") for name, value in notes.items())
        out.writelines(trace_lines(trace))


@checked(trace=TRACE)
def trace_lines(trace: Any) -> Iterator[str]:
    """Yield the lines of a trace: consecutive references to consecutive pages become a range."""
    pages = trace.numbers
    writes = np.zeros(len(pages), bool) if trace.writes is None else trace.writes
    new = (np.diff(pages) != 1) | (writes[1:] != writes[:-1])
    first = np.concatenate([[0], np.flatnonzero(new) + 1])
    last = np.concatenate([first[1:] - 1, [len(pages) - 1]])
    for a, b, write in zip(pages[first].tolist(), pages[last].tolist(), writes[first].tolist(), strict=True):
        yield f"{a}{f'-{b}' if b > a else ''}{'w' if write else ''}\n"
