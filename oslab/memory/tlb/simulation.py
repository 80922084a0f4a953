"""Simulation of a TLB: two levels, sets with LRU, address spaces, page sizes, paging-structure caches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from oslab._jit import warmer
from oslab.base import Result, plural, readable
from oslab.base.arguments import checked, flag, integer, limit_length, real, shown
from oslab.memory.addresses import LEVELS, PAGE_SIZES
from oslab.memory.tlb.lru_sets import LruSets
from oslab.memory.traces.trace import Trace

if TYPE_CHECKING:
    from oslab.memory.page_table import PageTable

__all__ = ["TlbRun", "simulate_tlb"]

MOST_SPACES = 256
MOST_ADDRESSES = 1 << 31
MOST_ENTRIES = 1 << 20
ENTRIES, NO_ENTRIES, WAYS = integer(1, MOST_ENTRIES), integer(0, MOST_ENTRIES), integer(1, MOST_ENTRIES, optional=True)
TIME = real(0, 1e15)
SLICE = 1 << 16  # what numpy does between the kernels then stays in the processor's cache


@dataclass(frozen=True, eq=False)
class TlbRun(Result):
    """What `simulate_tlb` returns.

    Attributes
    ----------
    addresses : ndarray of int64 or uint64, shape (n,)
    page_size : int or ndarray of int64, shape (n,)
        Bytes.
    entries, ways, l2_entries, l2_ways : int
        `l2_entries` is 0 where there is one level.
    level : ndarray of uint8, shape (n,)
        Which level knew the page: 1, 2, or 0 for a miss in both.
    reads : ndarray of uint8, shape (n,)
        Memory reads of the walk; 0 at a hit.
    """

    addresses: np.ndarray
    page_size: Any
    entries: int
    ways: int
    l2_entries: int
    l2_ways: int
    level: np.ndarray
    reads: np.ndarray

    @property
    def hit(self) -> np.ndarray:
        """Whether a level knew the page; bool, shape (n,)."""
        return self.level > 0

    @property
    def hits(self) -> int:
        """Accesses whose page a level knew."""
        return int(np.count_nonzero(self.level))

    @property
    def misses(self) -> int:
        """Accesses that needed a walk."""
        return len(self.level) - self.hits

    @property
    def l1_hits(self) -> int:
        """Accesses whose page the first level knew."""
        return int(np.count_nonzero(self.level == 1))

    @property
    def l2_hits(self) -> int:
        """Accesses whose page only the second level knew."""
        return self.hits - self.l1_hits

    @property
    def walk_reads(self) -> int:
        """Memory reads of all walks."""
        return int(self.reads.sum(dtype=np.int64))

    @property
    def hit_ratio(self) -> float:
        """Hits in each access, between 0 and 1."""
        return self.hits / len(self.level)

    @checked(access=TIME, l2=TIME, read=real(0, 1e15, optional=True))
    def effective_time(self, access: float = 100.0, l2: float = 0.0, read: float | None = None) -> float:
        """Return the mean time of an access, translation included, in the unit of the arguments.

        Parameters
        ----------
        access : float
            The access itself, its address translated.
        l2 : float
            What it costs more to find the page in the second level.
        read : float, optional
            One memory read of a walk; as long as an access if not given.
        """
        return access + (self.l2_hits * l2 + self.walk_reads * (access if read is None else read)) / len(self.level)

    def translate(self, tables: PageTable) -> np.ndarray:
        """Return the physical addresses, int64: at a miss the tables are walked, at a hit the entry kept is used.

        Raises
        ------
        ValueError
            An address whose page is not mapped.
        """
        kept: dict[tuple[int, int], int] = {}
        sizes = np.broadcast_to(self.page_size, len(self.addresses))
        physical = np.empty(len(self.addresses), np.int64)
        for i, (address, size, hit) in enumerate(
            zip(self.addresses.tolist(), sizes.tolist(), self.hit.tolist(), strict=True)
        ):
            page, offset = divmod(address, size)
            if not hit:
                walk = tables.walk(address)
                if walk.physical is None:
                    raise ValueError(f"addresses[{i}]={address:#x}: {walk.reason}")
                kept[page, size] = walk.physical - offset
            physical[i] = kept[page, size] + offset
        return physical

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a level."""
        counts = [("L1 TLB", self.l1_hits), ("L2 TLB", self.l2_hits), ("walk", self.misses)]
        for name, count in counts:
            if self.l2_entries or name != "L2 TLB":
                yield {"found in": name, "accesses": count, "share": count / len(self.level)}

    def __str__(self) -> str:
        second = f" and {self.l2_entries}" if self.l2_entries else ""
        return (
            f"TLB of {self.entries}{second} entries: {plural(self.hits, 'hit')} and {plural(self.misses, 'miss', 'misses')} in "
            f"{plural(len(self.level), 'access', 'accesses')} (hit ratio {readable(self.hit_ratio)}), "
            f"{plural(self.walk_reads, 'read')} by walks"
        )


@checked(
    entries=ENTRIES,
    ways=ENTRIES,
    l2_entries=NO_ENTRIES,
    l2_ways=WAYS,
    pcid=flag(),
    walk_cache=NO_ENTRIES,
    levels=LEVELS,
)
def simulate_tlb(
    addresses: Any,
    entries: int = 64,
    ways: int = 4,
    page_size: Any = 4096,
    *,
    l2_entries: int = 0,
    l2_ways: int | None = None,
    spaces: Any = None,
    pcid: bool = True,
    walk_cache: int = 0,
    levels: int = 4,
) -> TlbRun:
    """Send addresses through a TLB that is empty at the start.

    Parameters
    ----------
    addresses : array_like of int, shape (n,)
        Virtual, canonical, in the order of access.
    entries, ways : int
        Of the first level; `ways` divides `entries`, and equals it in a fully associative TLB.
    page_size : int or array_like of int, shape (n,)
        4096, 2097152 or 1073741824 bytes, of all pages or of the one at each address.
    l2_entries, l2_ways : int
        Of the second level; 0 entries for none, and all ways if not given.
    spaces : array_like of int, shape (n,), optional
        The address space of each access, 0 to 255; one space if not given.
    pcid : bool
        Whether entries bear the number of their space.  Without, each change of space empties everything.
    walk_cache : int
        Entries a level of the paging-structure caches, by which a walk starts below the root; 0 for none.
    levels : {4, 5}
        Of the page tables.

    Raises
    ------
    ValueError
        No address, or one that is not canonical; ways that do not divide the entries; a number out of range.
    TypeError
        Something that is no whole number.

    Notes
    -----
    The set is the page number modulo the number of sets, and the entry used longest ago goes (no ties); processors come
    close to both.  A page found nowhere comes into both levels, one found in the second into the first; neither level
    contains the other.  Pages of all sizes share the entries.  A walk starts below the lowest table whose entry for the
    address is cached; the entries that it reads are cached then.  Source: Intel SDM volume 3A, 4.10.

    Examples
    --------
    >>> print(simulate_tlb([0x1000, 0x1008, 0x2000, 0x1010]))
    TLB of 64 entries: 2 hits and 2 misses in 4 accesses (hit ratio 0.5), 8 reads by walks
    """
    l2_ways = (l2_ways or l2_entries) if l2_entries else 0
    for name, number in (("ways", ways), ("l2_ways", l2_ways)):
        held = l2_entries if name == "l2_ways" else entries
        if number and held % number:
            raise ValueError(
                f"{name}={number}: allowed are numbers that divide {name.replace('ways', 'entries')}={held}"
            )
    given = _addresses(addresses, levels)
    sizes = _sizes(page_size, len(given))
    space = _spaces(spaces, len(given))
    item, page, owner, size = _pages(given, sizes, space)
    epoch = None if pcid or len(space) == 1 else _epochs(space)
    depth = levels - np.searchsorted(list(PAGE_SIZES), size)
    caches = [LruSets(page, entries // ways, ways)]
    if l2_entries:
        caches.append(LruSets(page, l2_entries // l2_ways, l2_ways))
    upper = _upper(page, owner, depth, levels, walk_cache) if walk_cache else []
    level, reads = np.empty(len(given), np.uint8), np.zeros(len(given), np.uint8)
    for begin in range(0, len(given), SLICE):
        part = slice(begin, begin + SLICE)
        _translate(caches, upper, depth, item[part], None if epoch is None else epoch[part], level[part], reads[part])
    return TlbRun(given, sizes if sizes.ndim else int(sizes), entries, ways, l2_entries, l2_ways, level, reads)


def _translate(
    caches: list[LruSets],
    upper: list[tuple],
    depth: np.ndarray,
    item: np.ndarray,
    epoch: np.ndarray | None,
    level: np.ndarray,
    reads: np.ndarray,
) -> None:
    """Fill the level that knew each page and the reads of its walk; each cache sees what those before it missed."""
    level[:] = 1
    left = None
    for number, cache in enumerate(caches, 1):
        known = cache.use(*_some(item, epoch, left))
        left = np.flatnonzero(~known) if left is None else left[~known]
        level[left] = (number + 1) % (len(caches) + 1)
    reads[left] = 1 if upper else depth[item[left]]
    for deep, entry, cache in upper:
        # Entries of one height above the page; a walk that finds its own there has no need of those higher up.
        passing = deep[item[left]]
        at = left[passing]
        stay = ~passing
        stay[passing] = ~cache.use(*_some(item, epoch, at, entry))
        reads[left[passing & stay]] += 1
        left = left[stay]


def _some(
    item: np.ndarray, epoch: np.ndarray | None, at: np.ndarray | None, entry: np.ndarray | None = None
) -> tuple[np.ndarray, np.ndarray | None]:
    """The items (or the entries above them) and epochs of some accesses."""
    if at is not None:
        item, epoch = item[at], None if epoch is None else epoch[at]
    return item if entry is None else entry[item], epoch


def _epochs(space: np.ndarray) -> np.ndarray:
    """Number the stretches in which one space runs, from 1."""
    return np.concatenate([[1], 1 + np.cumsum(space[1:] != space[:-1])]).astype(np.uint32)


def _upper(page: np.ndarray, owner: np.ndarray, depth: np.ndarray, levels: int, ways: int) -> list[tuple]:
    """Caches of the entries above the pages, the lowest first: which pages have one there, its number, the cache."""
    found = []
    for k in range(levels - 2, -1, -1):
        region = page >> np.maximum(9 * (depth - 1 - k), 0)
        entry = np.unique(region * MOST_SPACES + owner, return_inverse=True)[1].astype(np.uint32)
        found.append((depth > k + 1, entry, LruSets(np.zeros(int(entry.max()) + 1), 1, ways)))
    return found


def _as_array(name: str, value: Any) -> np.ndarray:
    limit_length(name, value, MOST_ADDRESSES)
    try:
        return np.asarray(value)
    except (ValueError, OverflowError):
        raise TypeError(f"{name}={shown(value)}: allowed are whole numbers, in a row") from None


def _addresses(addresses: Any, levels: int) -> np.ndarray:
    given = _as_array("addresses", addresses)
    if given.ndim != 1 or not len(given):
        raise ValueError(f"addresses has shape {given.shape}: allowed are one or more addresses in a row")
    if given.dtype == object or (given.dtype.kind == "f" and not isinstance(addresses, np.ndarray)):
        # numpy makes floats of a list that goes beyond 2**63.
        given = _of_objects(np.asarray(addresses, dtype=object))
    if given.dtype.kind not in "iu":
        raise TypeError(f"addresses holds {given.dtype}: allowed are whole numbers from 0 to 2**64 - 1")
    if given.min() < 0:
        raise ValueError(f"addresses holds {given.min()}: allowed are whole numbers from 0 to 2**64 - 1")
    given = given.astype(np.int64 if given.dtype.kind == "i" else np.uint64, copy=False)
    top = 11 + 9 * levels
    if int(given.max()) >> top:
        above = given >> top
        wrong = (above != 0) & (above != (1 << 64 - top) - 1)
        if wrong.any():
            raise ValueError(
                f"addresses[{wrong.argmax()}]={given[wrong.argmax()]:#x} is not canonical: allowed are addresses "
                f"whose bits 63-{top + 1} equal bit {top}"
            )
    return given


def _of_objects(given: np.ndarray) -> np.ndarray:
    for value in given:
        integer(0, (1 << 64) - 1).check("addresses", value)
    return given.astype(np.uint64)


def _sizes(page_size: Any, n: int) -> np.ndarray:
    sizes = _as_array("page_size", page_size)
    known = np.isin(sizes, list(PAGE_SIZES)) if sizes.dtype.kind in "iu" else np.zeros(sizes.shape, bool)
    if not known.all():
        raise ValueError(f"page_size={shown(sizes[~known].flat[0])}: allowed are {', '.join(map(str, PAGE_SIZES))}")
    if sizes.ndim and sizes.shape != (n,):
        raise ValueError(f"page_size has shape {sizes.shape}: allowed are one size, or one for each of {n} addresses")
    return sizes.astype(np.int64)


def _spaces(spaces: Any, n: int) -> np.ndarray:
    if spaces is None:
        return np.zeros(1, np.int64)
    given = _as_array("spaces", spaces)
    if given.shape != (n,):
        raise ValueError(f"spaces has shape {given.shape}: allowed is one for each of {n} addresses")
    if given.dtype.kind not in "iu":
        raise TypeError(f"spaces holds {given.dtype}: allowed are whole numbers from 0 to {MOST_SPACES - 1}")
    if given.min() < 0 or given.max() >= MOST_SPACES:
        raise ValueError(
            f"spaces goes from {given.min()} to {given.max()}: allowed are numbers from 0 to {MOST_SPACES - 1}"
        )
    return given.astype(np.int64)


def _pages(addresses: np.ndarray, sizes: np.ndarray, space: np.ndarray) -> tuple[np.ndarray, ...]:
    """Number the pages; return the number at each access, and of each number the page, its space and its size."""
    bits = (np.frexp(sizes)[1] - 1).astype(addresses.dtype)
    codes, owners = (len(PAGE_SIZES) if sizes.ndim else 1), int(space.max()) + 1
    low = int((addresses.min() >> bits).min())
    key = addresses >> bits
    key -= addresses.dtype.type(low)
    if owners > 1 or codes > 1:
        # One number for page, space and size.
        key = (key.astype(np.int64) * owners + space) * codes + (
            np.searchsorted(list(PAGE_SIZES), sizes) if codes > 1 else 0
        )
    if int(key.max()) < 2 * len(key) + 4096:
        known, item = np.arange(int(key.max()) + 1), key.astype(np.uint32)
    else:
        trace = Trace(key)
        known, item = trace.pages, trace.dense
    size = np.asarray(list(PAGE_SIZES))[known % codes] if codes > 1 else np.full(len(known), int(sizes))
    return item, known // codes // owners + low, known // codes % owners, size


@warmer(3)
def _warm() -> None:
    simulate_tlb([0, 4096, 0], l2_entries=128, spaces=[0, 1, 0], walk_cache=4)
