"""How far a TLB reaches: a working set touched again and again, and where its translations are found."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from oslab.base import SEED, Result, Series, checked, choice, columns, integer, plural, quantity, readable, real
from oslab.memory.addresses import PAGE, PAGE_SIZES
from oslab.memory.tlb.processors import PROCESSORS, Geometry, geometry
from oslab.memory.tlb.simulation import simulate_tlb

__all__ = ["LARGEST", "Reach", "chase", "tlb_reach"]

LARGEST = 1 << 30
ROUND = 1 << 14
SMALLEST = 1 << 14
CURVE = tuple(1 << k for k in range(14, 31))


@dataclass(frozen=True, eq=False)
class Reach(Result):
    """What `tlb_reach` returns.

    Attributes
    ----------
    working_set, stride, page_size : int
        Bytes.
    processor : str
        A key of `PROCESSORS`.
    geometry : Geometry
    sizes : ndarray of int64, shape (k,)
        The working sets of the curves, bytes.
    shares : ndarray of float64, shape (k, 3)
        At each size, the shares of accesses that the first level, the second and a walk translate.
    share : ndarray of float64, shape (3,)
        At `working_set`.
    extra : Series
        What translation adds to an access, ns, over the working set in MiB.
    extra_here : float
        At `working_set`, ns.
    pages : int
        Pages that hold the working set.
    """

    working_set: int
    stride: int
    page_size: int
    processor: str
    geometry: Geometry
    sizes: np.ndarray
    shares: np.ndarray
    share: np.ndarray
    extra: Series
    extra_here: float
    pages: int

    @property
    def reach(self) -> int:
        """What the larger level covers, bytes."""
        return self.geometry.reach(self.page_size)

    @property
    def fits(self) -> bool:
        """Whether the larger level has an entry for each page."""
        return self.pages <= self.geometry.reach(1)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a working set."""
        shares = zip(("L1 TLB", "L2 TLB", "walk"), self.shares.T, strict=True)
        return columns({"working set, KiB": self.sizes // 1024, **dict(shares), "extra, ns": self.extra.median})

    def __str__(self) -> str:
        return (
            f"{plural(self.pages, 'page')} of {PAGE_SIZES[self.page_size]}: {readable(self.share[0])} of the accesses hit the "
            f"L1 TLB, {readable(self.share[1])} the L2, {readable(self.share[2])} walk; {quantity(self.extra_here, 'ns')} more "
            "an access"
        )


SIZE = integer(1, LARGEST)


@checked(working_set=SIZE, stride=SIZE, seed=SEED, most=integer(1, 1 << 20))
def chase(working_set: int, stride: int = 4096, seed: int = 1, most: int = ROUND) -> np.ndarray:
    """Return the addresses of two rounds through a working set: every `stride` bytes once, in the same shuffled order.

    Parameters
    ----------
    working_set, stride : int
        Bytes.
    most : int
        Accesses a round; where there are more places, the first `2 * most` of a round are returned.

    Returns
    -------
    ndarray of int64
    """
    return _chase(working_set, stride, seed, most)


@lru_cache(maxsize=32)
def _chase(working_set: int, stride: int, seed: int, most: int) -> np.ndarray:
    places, draw = max(1, working_set // stride), np.random.default_rng(seed)
    order = draw.permutation(places) if places < 4 * most else draw.choice(places, 2 * most, replace=False)
    return np.resize(order, 2 * min(places, most)) * stride


@checked(
    working_set=SIZE,
    stride=SIZE,
    page_size=PAGE,
    processor=choice(PROCESSORS),
    l2_ns=real(0, 1e6),
    read_ns=real(0, 1e6),
)
def tlb_reach(
    working_set: int = 16 << 20,
    stride: int = 4096,
    page_size: int = 4096,
    processor: str = "zen4",
    l2_ns: float = 2.0,
    read_ns: float = 10.0,
    **options: Any,
) -> Reach:
    """Touch a working set round after round, and count where its translations are found.

    Parameters
    ----------
    working_set : int
        Bytes, up to 1 GiB.
    stride : int
        Bytes between the places that are touched; 4096 is one line a page.
    page_size : {4096, 2097152, 1073741824}
    processor : str
        A key of `PROCESSORS`.
    l2_ns, read_ns : float
        What it costs more to find a page in the second level; one read of a walk.
    **options
        The processor's own.

    Raises
    ------
    ValueError
        A size out of range, an unknown processor or page size, a negative time.

    Notes
    -----
    The order is shuffled, so that nothing can be fetched ahead; the first round fills the TLB and is not counted.
    """
    found = geometry(processor, **options)
    sizes = _sizes(found, max(stride, page_size))
    counts = np.array([_count(size, stride, page_size, found) for size in sizes])
    here = np.array(_count(working_set, stride, page_size, found))
    cost = np.array([0.0, l2_ns, 0.0, read_ns])
    extra = Series("model", np.array(sizes) / 2**20, counts @ cost, "ns", x_unit="working set, MiB")
    return Reach(
        working_set,
        stride,
        page_size,
        processor,
        found,
        np.array(sizes),
        counts[:, :3],
        here[:3],
        extra,
        float(here @ cost),
        max(1, -(-working_set // max(page_size, stride))),
    )


def _sizes(found: Geometry, page: int) -> list[int]:
    """Octaves, and the working sets just up to a level's entries and just beyond."""
    edges = {page * (entries + more) for entries in (found.entries, found.l2_entries) if entries for more in (0, 1)}
    return sorted({*CURVE, *(edge for edge in edges if SMALLEST <= edge <= LARGEST)})


@lru_cache(maxsize=1024)
def _count(working_set: int, stride: int, page_size: int, found: Geometry) -> tuple[float, ...]:
    """Shares of an access that L1, L2 and a walk translate, and the reads of walks in an access, in the second round."""
    run = simulate_tlb(
        chase(working_set, stride),
        found.entries,
        found.ways,
        page_size,
        l2_entries=found.l2_entries,
        l2_ways=found.l2_ways or None,
        walk_cache=found.walk_cache,
    )
    half = len(run.level) // 2
    shares = np.bincount(run.level[half:], minlength=3)[[1, 2, 0]] / half
    return (*shares.tolist(), float(run.reads[half:].mean()))
