"""Reference strings: the page numbers that a program touches, in order, renumbered once for the kernels."""

import functools
import re
from typing import Any

import numpy as np

from oslab._jit import kernel
from oslab.base import plural
from oslab.base.arguments import INTEGERS, limit_length, shown

__all__ = ["TRACE", "Trace"]

ALLOWED = "allowed are whole page numbers from 0 to 2**63 - 1"
TEXTS = "allowed are page numbers, ranges such as 0-5, single letters, each with a w behind it if it writes; or digits in a run"
NEVER = np.uint32(0xFFFFFFFF)
HASH_FACTOR = 0x1E3779B97F4A7C15
HASH_SHIFT = 24
LONGEST, LONGEST_TEXT = 1 << 31, 2_000_000
WORD = re.compile(r"(?:([0-9]{1,19})(?:-([0-9]{1,19}))?|([A-Za-z]))([wW]?)")


class Letter(int):
    """A page number that is shown as a letter, 0 as A; else it is an int like others."""

    def __str__(self) -> str:
        return chr(65 + int(self))

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    __repr__ = __str__


class Trace:
    """A page-reference string, checked and renumbered once; accepted wherever a trace is.

    Parameters
    ----------
    pages : array_like of int, str or Trace
        Page numbers in the order of reference.  A text holds them separated by commas, blanks or new lines: numbers,
        ranges (``0-5``), or letters, which are shown as such; a ``w`` behind one says that the reference writes.
        Where nothing separates them, a run of digits is read digit by digit, as textbooks print strings:
        ``"0172327103"`` has ten references, ``"12"`` two; ``"12,"`` is page 12.
    name : str
        What the program was, for titles.
    writes : array_like of bool, optional
        Which references write; those of the text, or none, if not given.

    Attributes
    ----------
    pages : ndarray of int64, shape (distinct,)
        The distinct page numbers, in the order of their first reference.
    dense : ndarray of uint32, shape (n,)
        The references as positions in `pages`.
    name : str
    writes : ndarray of bool, shape (n,), or None
        Which references write; None if none does.
    letters : bool
        Whether pages are shown as letters, page 0 as A.

    Raises
    ------
    TypeError
        Something that is no sequence of numbers.
    ValueError
        No reference at all; a fraction, NaN, a negative number or one of 2**63 and more; a text that cannot be read.

    Examples
    --------
    >>> trace = Trace([7, 0, 1, 7])
    >>> len(trace), trace.distinct, trace.pages.tolist(), trace.dense.tolist()
    (4, 3, [7, 0, 1], [0, 1, 2, 0])
    >>> Trace("0172"), Trace("A Bw A")
    (Trace(0, 1, 7, 2; 4 references, 4 pages), Trace(A, Bw, A; 3 references, 2 pages))
    """

    __slots__ = ("__dict__", "dense", "letters", "name", "pages", "writes")

    def __init__(self, pages: Any, name: str = "", writes: Any = None, *, argument: str = "pages"):
        self.letters, self.writes = False, None
        if isinstance(pages, Trace):
            self.pages, self.dense, self.letters, self.writes = pages.pages, pages.dense, pages.letters, pages.writes
            name = name or pages.name
        elif isinstance(pages, str):
            numbers, self.writes, self.letters = _read(pages, argument)
            self.pages, self.dense = _renumber(numbers)
        else:
            self.pages, self.dense = _renumber(_check(pages, argument))
        if not isinstance(name, str):
            raise TypeError(f"name={shown(name)}: allowed are texts")
        self.name = name
        if writes is not None:
            given = np.asarray(writes)
            if given.shape != self.dense.shape or given.dtype.kind not in "biu" or not np.isin(given, (0, 1)).all():
                raise ValueError(f"writes={shown(writes)}: allowed are {len(self)} truth values, one a reference")
            self.writes = _freeze(given.astype(bool))

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

    def page(self, number: int) -> int:
        """Return a page number that prints as it is shown: as a letter or a number."""
        return Letter(number) if self.letters else int(number)

    def __len__(self) -> int:
        return len(self.dense)

    def __getitem__(self, part: Any) -> Any:
        """Return the page number at a position, or the trace of a slice."""
        if not isinstance(part, slice):
            return self.page(self.pages[self.dense[part]])
        start, stop, step = part.indices(len(self))
        some = object.__new__(Trace)
        if start == 0 and step == 1 and stop > 0:
            some.dense = self.dense[:stop]
            some.pages, some.name = self.pages[: int(some.dense.max()) + 1], self.name
        else:
            some.__init__(self.pages[self.dense[part]], self.name)
        some.letters, some.writes = self.letters, None if self.writes is None else self.writes[part]
        return some

    def __repr__(self) -> str:
        marks = [""] * 12 if self.writes is None else ["w" * int(w) for w in self.writes[:12]]
        some = ", ".join(
            f"{self.page(page)}{w}" for page, w in zip(self.pages[self.dense[:12]].tolist(), marks, strict=False)
        )
        name = f"{self.name}: " if self.name else ""
        more = ", …" if len(self) > 12 else ""
        return f"Trace({name}{some}{more}; {plural(len(self), 'reference')}, {plural(self.distinct, 'page')})"


class _TraceArgument:
    """The declaration of a trace, or of what one can be made of."""

    def check(self, name: str, value: Any) -> Trace:
        return value if isinstance(value, Trace) else Trace(value, argument=name)


TRACE = _TraceArgument()


def _read(text: str, name: str) -> tuple[np.ndarray, np.ndarray | None, bool]:
    """Return the page numbers of a text, which of them write, and whether they are letters."""
    if len(text) > LONGEST_TEXT:
        raise ValueError(f"{name} has {len(text)} characters: allowed are {LONGEST_TEXT}")
    words = re.split(r"[\s,;]+", text.strip(" \t\r\n"))
    if len(words) == 1 and (run := re.fullmatch("([0-9]{2,})|[A-VX-Za-vx-z]{2,}", words[0])):
        characters = np.frombuffer(words[0].upper().encode(), np.uint8).astype(np.int64)
        return characters - (48 if run[1] else 65), None, not run[1]
    pages, writes, kinds = [], [], set()
    for word in filter(None, words):
        found = WORD.fullmatch(word)
        if found is None:
            raise ValueError(f"{shown(word)} in {name}: {TEXTS}")
        first, last, letter, write = found.groups()
        start = ord(letter.upper()) - 65 if letter else int(first)
        stop = int(last or start)
        if max(start, stop) >= 2**63 or abs(stop - start) + len(pages) > LONGEST_TEXT:
            raise ValueError(f"{shown(word)} in {name}: {ALLOWED}, at most {LONGEST_TEXT} of them")
        step = 1 if stop >= start else -1
        pages += range(start, stop + step, step)
        writes += [bool(write)] * (len(pages) - len(writes))
        kinds.add(bool(letter))
    if len(kinds) > 1:
        raise ValueError(f"{name}={shown(text)} mixes letters and page numbers: allowed is one of the two")
    numbers = _check(pages, name)
    return numbers, _freeze(np.array(writes)) if any(writes) else None, True in kinds


def _check(pages: Any, name: str) -> np.ndarray:
    """Return `pages` as a new or shared int64 array in C order, or say what is wrong with it."""
    limit_length(name, pages, LONGEST)
    try:
        given = np.asarray(pages)
    except (ValueError, OverflowError):
        raise TypeError(f"{name}={shown(pages)}: {ALLOWED}, one after the other") from None
    if given.ndim != 1:
        raise TypeError(f"{name}={shown(pages)} has {given.ndim} dimensions: one sequence is needed")
    if not 0 < len(given) <= LONGEST:
        raise ValueError(f"{name} has {len(given)} references: allowed are 1 to 2**31 page numbers")
    if given.dtype.kind == "O":
        given = _convert_objects(given, name)
    if given.dtype.kind == "f":
        wrong = ~(np.isfinite(given) & (given == np.floor(given)) & (given >= 0) & (given < 2.0**63))
    elif given.dtype.kind == "u":
        wrong = given > np.uint64(2**63 - 1) if given.dtype.itemsize == 8 else None
    elif given.dtype.kind == "i":
        wrong = given < 0 if given.min() < 0 else None
    else:
        raise TypeError(f"{name}={shown(pages)} holds {given.dtype}: {ALLOWED}")
    if wrong is not None and wrong.any():
        where = int(np.argmax(wrong))
        raise ValueError(f"{name}[{where}]={given[where]}: {ALLOWED}")
    return np.ascontiguousarray(given, dtype=np.int64)


def _convert_objects(given: np.ndarray, name: str) -> np.ndarray:
    """Return Python objects as int64, the first wrong one named."""
    for where, value in enumerate(given):
        if isinstance(value, bool) or not isinstance(value, (*INTEGERS, float)):
            raise TypeError(f"{name}[{where}]={shown(value)}: {ALLOWED}")
        if not 0 <= value < 2**63 or value != int(value):
            raise ValueError(f"{name}[{where}]={shown(value)}: {ALLOWED}")
    return np.array([int(value) for value in given], dtype=np.int64)


def _freeze(array: np.ndarray) -> np.ndarray:
    array.flags.writeable = False
    return array


def _renumber(numbers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the distinct numbers in order of first appearance, and the positions of all in them."""
    numbers, dense = _freeze(numbers.view()), np.empty(len(numbers), np.uint32)
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
