"""Reference strings: the page numbers that a program touches, in order, renumbered once for the kernels."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np

from oslab._jit import kernel

__all__ = ["Trace"]

ALLOWED = "allowed are whole page numbers from 0 to 2**63 - 1"
NEVER = np.uint32(0xFFFFFFFF)
HASH_FACTOR = 0x1E3779B97F4A7C15
HASH_SHIFT = 24
LONGEST = 1 << 31


class Trace:
    """A page-reference string, checked and renumbered once; accepted wherever a trace is.

    Parameters
    ----------
    pages : array_like of int, str or Trace
        Page numbers in the order of reference; a text holds them separated by commas or blanks.
    name : str
        What the program was, for titles.

    Attributes
    ----------
    pages : ndarray of int64, shape (distinct,)
        The distinct page numbers, in the order of their first reference.
    dense : ndarray of uint32, shape (n,)
        The references as positions in `pages`.
    name : str

    Raises
    ------
    TypeError
        Something that is no sequence of numbers.
    ValueError
        No reference at all; a fraction, NaN, a negative number or one of 2**63 and more.

    Examples
    --------
    >>> trace = Trace([7, 0, 1, 7])
    >>> len(trace), trace.distinct, trace.pages.tolist(), trace.dense.tolist()
    (4, 3, [7, 0, 1], [0, 1, 2, 0])
    """

    __slots__ = ("__dict__", "dense", "name", "pages")

    def __init__(self, pages: Any, name: str = ""):
        if isinstance(pages, Trace):
            self.pages, self.dense, self.name = pages.pages, pages.dense, name or pages.name
            return
        self.pages, self.dense = _renumber(_check(pages))
        self.name = name

    @classmethod
    def of(cls, pages: Any) -> Trace:
        """Return `pages` itself if it is a trace, else the trace made of it."""
        return pages if isinstance(pages, Trace) else cls(pages)

    @property
    def distinct(self) -> int:
        """How many different pages there are."""
        return len(self.pages)

    @functools.cached_property
    def numbers(self) -> np.ndarray:
        """The references in the caller's numbers, int64, shape (n,)."""
        return _freeze(self.pages[self.dense])

    @functools.cached_property
    def next_use(self) -> np.ndarray:
        """For each reference the position of the next one to its page, uint32; ``0xFFFFFFFF`` for never."""
        following = np.empty(len(self.dense), np.uint32)
        link_next_uses(self.dense, np.full(self.distinct, NEVER), following)
        return _freeze(following)

    def __len__(self) -> int:
        return len(self.dense)

    def __getitem__(self, part: Any) -> Any:
        """Return the page number at a position, or the trace of a slice."""
        if not isinstance(part, slice):
            return int(self.pages[self.dense[part]])
        start, stop, step = part.indices(len(self))
        if start == 0 and step == 1 and stop > 0:
            head = object.__new__(Trace)
            head.dense = self.dense[:stop]
            head.pages, head.name = self.pages[: int(head.dense.max()) + 1], self.name
            return head
        return Trace(self.pages[self.dense[part]], self.name)

    def __repr__(self) -> str:
        some = ", ".join(str(page) for page in self.pages[self.dense[:12]].tolist())
        name = f"{self.name}: " if self.name else ""
        more = ", …" if len(self) > 12 else ""
        return f"Trace({name}{some}{more}; {len(self)} references, {self.distinct} pages)"


def _check(pages: Any) -> np.ndarray:
    """Return `pages` as a new or shared int64 array in C order, or say what is wrong with it."""
    if isinstance(pages, str):
        pages = [_number(word) for word in pages.replace(",", " ").split()]
    try:
        given = np.asarray(pages)
    except (ValueError, OverflowError):
        raise TypeError(f"trace={_shorten(pages)}: {ALLOWED}, one after the other") from None
    if given.ndim != 1:
        raise TypeError(f"trace={_shorten(pages)} has {given.ndim} dimensions: one sequence is needed")
    if len(given) == 0:
        raise ValueError("trace is empty: at least one page number is needed")
    if len(given) > LONGEST:
        raise ValueError(f"trace has {len(given)} references: allowed are up to 2**31")
    if given.dtype.kind == "O":
        given = _from_objects(given)
    if given.dtype.kind == "f":
        wrong = ~(np.isfinite(given) & (given == np.floor(given)) & (given >= 0) & (given < 2.0**63))
    elif given.dtype.kind == "u":
        wrong = given > np.uint64(2**63 - 1) if given.dtype.itemsize == 8 else None
    elif given.dtype.kind == "i":
        wrong = given < 0 if given.min() < 0 else None
    else:
        raise TypeError(f"trace={_shorten(pages)} holds {given.dtype}: {ALLOWED}")
    if wrong is not None and wrong.any():
        where = int(np.argmax(wrong))
        raise ValueError(f"trace[{where}]={given[where]}: {ALLOWED}")
    return np.ascontiguousarray(given, dtype=np.int64)


def _number(word: str) -> int:
    try:
        return int(word)
    except ValueError:
        raise ValueError(f"{word!r} in the trace is not a page number: {ALLOWED}") from None


def _from_objects(given: np.ndarray) -> np.ndarray:
    """Return Python objects as int64, the first wrong one named."""
    for where, value in enumerate(given):
        if isinstance(value, bool) or not hasattr(value, "__float__"):
            raise TypeError(f"trace[{where}]={value!r}: {ALLOWED}")
        if not 0 <= value < 2**63 or value != int(value):
            raise ValueError(f"trace[{where}]={value}: {ALLOWED}")
    return np.array([int(value) for value in given], dtype=np.int64)


def _shorten(pages: Any) -> str:
    text = repr(pages)
    return text if len(text) <= 60 else text[:57] + "..."


def _freeze(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _renumber(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct numbers in order of first appearance, and the positions of all in them."""
    dense = np.empty(len(numbers), np.uint32)
    done, found, size = 0, 0, 1 << 12
    pages = np.empty(0, np.int64)
    while done < len(numbers):
        table = np.full(size, NEVER)
        pages = np.concatenate([pages[:found], np.empty(size // 2 - found, np.int64)])
        file_again(pages, found, table)
        done, found = renumber(numbers, done, pages, found, table, dense)
        size *= 4
    return _freeze(pages[:found].copy()), _freeze(dense)


@kernel
def file_again(pages, found, table):
    """Put the first `found` of `pages` into an empty hash table (open addressing, linear probing)."""
    mask = len(table) - 1
    for k in range(found):
        page = int(pages[k])
        slot = (((page ^ (page >> 29)) * HASH_FACTOR) >> HASH_SHIFT) & mask
        while table[slot] != NEVER:
            slot = (slot + 1) & mask
        table[slot] = k


@kernel
def renumber(numbers, start, pages, found, table, dense):
    """Number the pages from `start` on; stop before the table is more than half full.

    Returns how far it came and how many pages are known.
    """
    mask = len(table) - 1
    room = len(pages)
    for i in range(start, len(numbers)):
        page = int(numbers[i])
        # In 64 wrapping bits and in Python's unbounded integers the bits taken here are the same.
        slot = (((page ^ (page >> 29)) * HASH_FACTOR) >> HASH_SHIFT) & mask
        known = table[slot]
        while known != NEVER and pages[known] != page:
            slot = (slot + 1) & mask
            known = table[slot]
        if known == NEVER:
            if found == room:
                return i, found
            pages[found] = page
            table[slot] = found
            dense[i] = found
            found += 1
        else:
            dense[i] = known
    return len(numbers), found


@kernel
def link_next_uses(dense, seen, following):
    """Fill `following` with the position of the next reference to the same page; `seen` holds NEVER."""
    for k in range(len(dense)):
        i = len(dense) - 1 - k
        page = dense[i]
        following[i] = seen[page]
        seen[page] = i
