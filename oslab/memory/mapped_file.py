"""A mapped file read in slices: which pages come into memory, and which faults that takes."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import SEED, Stepped, checked, choice, columns, integer, plural

__all__ = ["ADVICE", "BLOCK", "FILE_PAGES", "ORDERS", "SLICES", "MappedReads", "read_mapped", "slices_in"]

ORDERS = ("in order", "shuffled")
ADVICE = ("normal", "random")
FILE_PAGES = 16_384
SLICES = 64
# What Linux maps at one fault where it is in the page cache already; also the unit of the picture.
BLOCK = 16
PAGES = integer(1, 1 << 18)


@dataclass(frozen=True, eq=False)
class MappedReads(Stepped, over="starts"):
    """What `read_mapped` returns.

    Attributes
    ----------
    order, advice : str
    read_ahead : int
        Pages read at one major fault.
    starts : ndarray of int64, shape (slices,)
        First page of each slice.
    slice_pages, file_pages : int
    since : ndarray of int64, shape (file_pages,)
        The slice, from 1, at which a page came into the page cache; one more than there are slices if none.
    major, minor : ndarray of int64, shape (slices + 1,)
        Faults so far, after each slice.
    reasons : tuple of str
        What each slice met.
    """

    order: str
    advice: str
    read_ahead: int
    starts: np.ndarray
    slice_pages: int
    file_pages: int
    since: np.ndarray
    major: np.ndarray
    minor: np.ndarray
    reasons: tuple[str, ...]

    def _replayed(self, step: int) -> np.ndarray:
        """Return which pages are in the page cache after `step` slices; bool, shape (file_pages,)."""
        return self.since <= step

    @property
    def asked(self) -> int:
        """Pages that the slices hold, each counted once."""
        return len(np.unique(self.starts[:, None] + np.arange(self.slice_pages)))

    @property
    def loaded(self) -> np.ndarray:
        """Pages in the page cache after each slice; int64, shape (slices + 1,)."""
        return np.cumsum(np.bincount(self.since, minlength=self.steps + 2))[: self.steps + 1]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a slice."""
        return columns(
            {
                "slice": range(1, self.steps + 1),
                "first page": self.starts,
                "major faults so far": self.major[1:],
                "minor faults so far": self.minor[1:],
                "pages in memory": self.loaded[1:],
            }
        )

    def __str__(self) -> str:
        return (
            f"{plural(self.steps, 'slice')} {self.order}, {self.advice} advice: {self.major[-1]} major and {self.minor[-1]} "
            f"minor faults; {plural(self.asked, 'page')} asked for, {self.loaded[-1]} loaded"
        )


LIMITS = {"slice_pages": PAGES, "file_pages": PAGES, "slices": PAGES, "seed": SEED, "order": choice(ORDERS)}


@checked(**LIMITS)
def slices_in(
    order: str, slice_pages: int = 1, file_pages: int = FILE_PAGES, slices: int = SLICES, seed: int = 1
) -> np.ndarray:
    """Return the first page of each slice: one after the other, or anywhere in the file.

    Parameters
    ----------
    order : {'in order', 'shuffled'}
    slice_pages, file_pages, slices, seed : int
        Up to 262 144 pages, 1 GiB.

    Raises
    ------
    ValueError
        Another order; slices that do not fit into the file.
    """
    if slice_pages * slices > file_pages:
        raise ValueError(
            f"slice_pages={slice_pages!r}, slices={slices!r}: allowed are numbers from 1 up whose product is at "
            f"most the file's {file_pages} pages"
        )
    places = (
        np.arange(slices) if order == ORDERS[0] else np.random.default_rng(seed).permutation(file_pages // slice_pages)
    )
    return places[:slices].astype(np.int64) * slice_pages


@checked(advice=choice(ADVICE), read_ahead=integer(0, 1 << 20), **LIMITS)
def read_mapped(
    order: str = "shuffled",
    advice: str = "normal",
    read_ahead: int = 32,
    slice_pages: int = 1,
    file_pages: int = FILE_PAGES,
    slices: int = SLICES,
    seed: int = 1,
) -> MappedReads:
    """Read slices of a mapped file that is not in memory at the start.

    Parameters
    ----------
    order : {'in order', 'shuffled'}
    advice : {'normal', 'random'}
        As given to madvise; random switches reading ahead off.
    read_ahead : int
        Pages that a device reads ahead; 32, 128 KiB, is Linux's default.
    slice_pages, file_pages, slices, seed : int

    Raises
    ------
    ValueError
        Another order or advice; a number out of range.

    Notes
    -----
    A page that is not in the page cache takes a major fault, and with it come the pages around: half of `read_ahead` before
    and half after it.  A page that is there, but not in the page table, takes a minor fault, which maps what is there of its
    block of 16 pages.  Source: do_sync_mmap_readahead and filemap_map_pages in mm/filemap.c of the kernel.  Left out: windows
    that are read before they are needed, and folios of more than one page.

    Examples
    --------
    >>> print(read_mapped("in order", slices=4))
    4 slices in order, normal advice: 1 major and 1 minor faults; 4 pages asked for, 32 loaded
    """
    starts = slices_in(order, slice_pages, file_pages, slices, seed)
    window = 1 if advice == "random" else max(1, read_ahead)
    since, mapped = np.full(file_pages, slices + 1), np.zeros(file_pages, bool)
    major, minor, reasons = np.zeros(slices + 1, np.int64), np.zeros(slices + 1, np.int64), []
    for step, start in enumerate(starts.tolist(), 1):
        major[step], minor[step] = major[step - 1], minor[step - 1]
        said = ""
        for page in range(start, start + slice_pages):
            if mapped[page]:
                continue
            if since[page] > step:
                first = max(0, page - window // 2)
                part = since[first : first + window]
                part[part > step] = step
                mapped[page] = True
                major[step] += 1
                came = f"pages {first} to {min(first + window, file_pages) - 1}" if window > 1 else "only this page"
                said = said or f"page {page} is not in memory: a major fault, which reads {came}."
            else:
                block = slice(page // BLOCK * BLOCK, page // BLOCK * BLOCK + BLOCK)
                mapped[block] |= since[block] <= step
                minor[step] += 1
                said = said or f"page {page} is in the page cache but not mapped yet: a minor fault."
        reasons.append(said or f"page {start} is mapped already: no fault.")
    return MappedReads(order, advice, read_ahead, starts, slice_pages, file_pages, since, major, minor, tuple(reasons))
