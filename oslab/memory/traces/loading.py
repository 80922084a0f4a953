"""The learner's own traces, in the formats that people have, read block by block, with errors that name the line."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from oslab.base import Instance, checked, flag, integer, plural, readable
from oslab.memory.traces.formats import (
    Block,
    LackeyPages,
    read_faults,
    read_lackey,
    read_npy,
    read_oracle,
    read_text,
    recognise,
)
from oslab.memory.traces.page_hash import hash_pages
from oslab.memory.traces.strace import read_strace
from oslab.memory.traces.stream import Stream
from oslab.memory.traces.table import find_layout, read_table
from oslab.memory.traces.trace import Trace

__all__ = ["LackeyPages", "OwnTrace", "load", "load_in_steps"]

LONGEST = 50_000_000
PAGE = 4096
SAYS = {
    "npy": "a .npy file",
    "oracle": "libCacheSim's oracleGeneral",
    "lackey": "the output of valgrind's lackey",
    "faults": "the page faults of perf script",
    "strace": "the output of strace",
    "text": "a list of page numbers",
}
MOST = integer(1, LONGEST, optional=True)


class OwnTrace(Trace):
    """A trace that `load` read.

    Attributes
    ----------
    taken_for : str
        What the file was taken for.
    rate : float
        Share of the pages that are followed: 1.0 unless `most` was given and the file is longer.  Where it is less, a
        frame stands for ``1 / rate`` frames.
    read : int
        References of the file as far as it was read.
    complete : bool
        False where reading was stopped.
    """

    taken_for: str
    rate: float
    read: int
    complete: bool

    def __repr__(self) -> str:
        part = "" if self.complete else ", stopped early"
        return f"{super().__repr__()[:-1]}; taken for {self.taken_for}{part})"


@checked(
    page_size=integer(1, 1 << 62, optional=True),
    instructions=flag(),
    most=MOST,
    progress=Instance(Callable, optional=True),  # type: ignore[arg-type]
    stop=Instance(threading.Event, optional=True),
)
def load(
    source: Any,
    *,
    column: int | str | None = None,
    size: int | str | None = None,
    page_size: int | None = None,
    instructions: bool = False,
    most: int | None = None,
    progress: Callable[[float], None] | None = None,
    stop: Any = None,
) -> OwnTrace:
    r"""Read a trace from a file or from its content, in bounded memory.

    Parameters
    ----------
    source : str, path or bytes
        A file's name, or what would be in it: text with a line break in it, or bytes; gzip and zstd are unpacked.
        Understood are lists of numbers (decimal or 0x hexadecimal, ranges such as 4-9, with a ``w`` behind what
        writes, separated by commas, blanks or lines; ``#`` starts a comment), what ``oslab record`` writes, CSV,
        MSR's block traces, ``.npy`` files, the output of ``valgrind --tool=lackey --trace-mem=yes``, of ``strace -f
        -y`` and of ``perf script`` for page faults, and libCacheSim's oracleGeneral.
    column : int or str, optional
        The CSV column that holds the numbers: its place from 0, or its name in the first line.  Not needed where the
        first line names one page, key, obj_id, offset or address.  Keys may be names.
    size : int or str, optional
        The CSV column of a request's bytes; the other column is an offset then.
    page_size : int, optional
        Divide the numbers, which are addresses then, by this power of two.  For lackey's output, faults, strace and
        tables with sizes 4096 unless told otherwise.
    instructions : bool
        Of lackey's output: keep instruction fetches too, not only loads, stores and modifies.
    most : int, optional
        Of a file with more references than this, follow a sample of the pages (SHARDS) that has no more.
    progress : callable, optional
        Called with the share read, 0 to 1.
    stop : threading.Event, optional
        Once it is set, what has been read so far is returned.

    Returns
    -------
    OwnTrace
        Its `taken_for` says what the file was taken for.  From lackey's output, references in a row to the same page
        are merged, as in the recorded traces; from the other formats all are kept.

    Raises
    ------
    ValueError
        A line that is not what was expected (it is named), an empty file, one that is none of these, a wrong option,
        more than 50 million references without `most`.
    OSError
        The file cannot be read.

    Examples
    --------
    >>> load("0x10  # the first\n17, 16\n")
    Trace(16, 17, 16; 3 references, 2 pages; taken for a list of page numbers)
    """
    trace = None
    for value in load_in_steps(
        source, column=column, size=size, page_size=page_size, instructions=instructions, most=most, stop=stop
    ):
        if isinstance(value, OwnTrace):
            trace = value
        elif progress is not None:
            progress(value)
    assert trace is not None
    return trace


@checked(
    page_size=integer(1, 1 << 62, optional=True),
    instructions=flag(),
    most=MOST,
    stop=Instance(threading.Event, optional=True),
)
def load_in_steps(
    source: Any,
    *,
    column: int | str | None = None,
    size: int | str | None = None,
    page_size: int | None = None,
    instructions: bool = False,
    most: int | None = None,
    stop: Any = None,
) -> Iterator[float | OwnTrace]:
    """Yield the share read (float), and at the end the trace; arguments as for `load`."""
    if page_size and page_size & (page_size - 1):
        raise ValueError(f"page_size={page_size}: allowed are powers of two from 1 up")
    stream = Stream(source)
    try:
        says, blocks = _reader(stream, column, size, page_size, instructions)
        kept, complete = _Kept(most), True
        for pages, writes in blocks:
            kept.add(pages, writes)
            yield stream.share
            if stop is not None and stop.is_set():
                complete = False
                break
        yield kept.trace(stream.name, says + stream.packed, complete)
    except ValueError as error:
        raise ValueError(str(error) if "source" in str(error) else f"source: {error}") from None
    finally:
        stream.close()


def _reader(
    stream: Stream, column: Any, size: Any, page_size: int | None, instructions: bool
) -> tuple[str, Iterator[Block]]:
    """Return what a stream is taken for, and what reads it."""
    kind = "text" if column is not None or size is not None else recognise(stream.head)
    page = page_size or PAGE
    if kind == "lackey":
        return SAYS[kind], read_lackey(stream, page, instructions)
    if kind == "strace":
        return SAYS[kind], read_strace(stream, page)
    if kind == "faults":
        return SAYS[kind], read_faults(stream, page)
    if kind == "text" and (layout := find_layout(stream.head, column, size)):
        return layout.says, read_table(stream, layout, page_size)
    plain: dict[str, Callable[[Stream], Iterator[Block]]] = {"npy": read_npy, "oracle": read_oracle, "text": read_text}
    return SAYS[kind], _divided(plain[kind](stream), page_size)


def _divided(blocks: Iterator[Block], page_size: int | None) -> Iterator[Block]:
    for numbers, writes in blocks:
        yield (numbers // page_size if page_size else numbers), writes


class _Kept:
    """What is kept of the references as they come: all, or those of pages whose hash is below the rate."""

    def __init__(self, most: int | None):
        self._most, self._sampled = most or LONGEST, most is not None
        self._pages: list[np.ndarray] = []
        self._writes: list[np.ndarray | None] = []
        self.rate, self.read, self._have = 1.0, 0, 0

    def add(self, pages: np.ndarray, writes: np.ndarray | None) -> None:
        before = self.read
        self.read += len(pages)
        if not len(pages):
            return
        pages = _whole(pages, before)
        self._append(pages, writes)
        while self._have > self._most:
            if not self._sampled:
                raise ValueError(
                    f"source holds more than {plural(self._most, 'reference')}: say most=, to follow a sample of its pages"
                )
            self.rate /= 2
            old = self._pages, self._writes
            self._pages, self._writes, self._have = [], [], 0
            for pages, writes in zip(*old, strict=True):
                self._append(pages, writes)

    def _append(self, pages: np.ndarray, writes: np.ndarray | None) -> None:
        if self.rate < 1:
            followed = hash_pages(pages) < self.rate
            pages, writes = pages[followed], None if writes is None else writes[followed]
        self._pages.append(pages)
        self._writes.append(writes)
        self._have += len(pages)

    def trace(self, name: str, says: str, complete: bool) -> OwnTrace:
        if not self._have:
            raise ValueError("source holds no page number: at least one is needed")
        if self.rate < 1:
            every = readable(round(1 / self.rate))
            name = f"{name or 'sample'}, 1 page in {every}: a frame stands for {every}"
            says += f", of whose {plural(self.read, 'reference')} those to 1 page in {every} are kept (SHARDS)"
        writes = None
        if any(one is not None and one.any() for one in self._writes):
            both = zip(self._pages, self._writes, strict=True)
            writes = np.concatenate([np.zeros(len(p), bool) if w is None else w for p, w in both])
        pages = np.concatenate(self._pages)
        self._pages, self._writes = [], []
        trace = OwnTrace(pages, name, writes, argument="source")
        trace.taken_for, trace.rate, trace.read, trace.complete = says, self.rate, self.read, complete
        return trace


def _whole(pages: np.ndarray, before: int) -> np.ndarray:
    """Return numbers as int64 page numbers, or name the first that is none."""
    if pages.dtype.kind == "f":
        wrong = ~(np.isfinite(pages) & (pages == np.floor(pages)) & (pages >= 0) & (pages < 2.0**63))
    else:
        wrong = pages < 0 if pages.dtype.kind == "i" else pages > np.uint64(2**63 - 1)
    if wrong.any():
        where = int(np.argmax(wrong))
        raise ValueError(f"source[{before + where}]={pages[where]}: allowed are whole page numbers from 0 to 2**63 - 1")
    return pages.astype(np.int64)
