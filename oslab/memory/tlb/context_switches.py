"""What context switches do to a TLB: processes that take turns, with and without address-space tags."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from oslab.base import Result, checked, choice, columns, integer, plural, readable
from oslab.memory.tlb.processors import PROCESSORS, Geometry, geometry
from oslab.memory.tlb.simulation import simulate_tlb

__all__ = ["SwitchCosts", "switch_costs"]

COUNTED = 1 << 15
EVERY = (*(4**k for k in range(2, 8)), COUNTED)
MOST_PAGES = 1 << 12


@dataclass(frozen=True, eq=False)
class SwitchCosts(Result):
    """What `switch_costs` returns.

    Attributes
    ----------
    pages, processes, every : int
        Pages that each process uses; processes; accesses between two switches.
    processor : str
        A key of `PROCESSORS`.
    geometry : Geometry
    intervals : ndarray of int64, shape (k,)
        Accesses between two switches, of the curves.
    tagged, flushed : ndarray of float64, shape (k,)
        Walks in a thousand accesses, with PCID and without.
    tagged_here, flushed_here : float
        At `every`.
    """

    pages: int
    processes: int
    every: int
    processor: str
    geometry: Geometry
    intervals: np.ndarray
    tagged: np.ndarray
    flushed: np.ndarray
    tagged_here: float
    flushed_here: float

    @property
    def fits(self) -> bool:
        """Whether the larger level holds the pages of all processes together."""
        return self.pages * self.processes <= self.geometry.reach(1)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row an interval."""
        walks = {"walks in 1000, PCID": self.tagged, "walks in 1000, flush": self.flushed}
        return columns({"accesses between switches": self.intervals, **walks})

    def __str__(self) -> str:
        return (
            f"{plural(self.processes, 'process', 'processes')} of {plural(self.pages, 'page')}, a switch every "
            f"{plural(self.every, 'access', 'accesses')}: {readable(self.tagged_here)} walks in 1000 accesses with PCID, "
            f"{readable(self.flushed_here)} if each switch flushes"
        )


@checked(
    pages=integer(1, MOST_PAGES), processes=integer(1, 16), every=integer(1, COUNTED), processor=choice(PROCESSORS)
)
def switch_costs(
    pages: int = 256, processes: int = 2, every: int = 4096, processor: str = "zen4", **options: Any
) -> SwitchCosts:
    """Let processes take turns, each using pages of its own at random, and count the walks.

    Parameters
    ----------
    pages : int
        That each process uses, of 4 KiB; up to 4096.
    processes : int
        1 to 16.
    every : int
        Accesses between two switches, up to 32 768.
    processor : str
        A key of `PROCESSORS`.
    **options
        The processor's own.

    Raises
    ------
    ValueError
        A number out of range, an unknown processor.

    Notes
    -----
    32 768 accesses are counted, after as many, in turns that all processes get, that fill the TLB; all use the same addresses.
    """
    found = geometry(processor, **options)
    _uses(pages)  # drawn once, before both threads ask for it
    jobs = [(n, pcid) for pcid in (True, False) for n in (*EVERY, every)]
    # The kernels let go of the lock, so two threads take little more than half the time, and the slider is followed.
    with ThreadPoolExecutor(2) as pool:
        walks = np.array(list(pool.map(lambda job: _walks(pages, processes, job[0], found, job[1]), jobs)))
    tagged, flushed = walks.reshape(2, len(EVERY) + 1)
    return SwitchCosts(
        pages,
        processes,
        every,
        processor,
        found,
        np.array(EVERY),
        tagged[:-1],
        flushed[:-1],
        float(tagged[-1]),
        float(flushed[-1]),
    )


@lru_cache(maxsize=4)
def _uses(pages: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, pages, 2 * COUNTED) * 4096


@lru_cache(maxsize=1024)
def _walks(pages: int, processes: int, every: int, found: Geometry, pcid: bool) -> float:
    before = np.arange(COUNTED) // min(every, COUNTED // (2 * processes))
    turn = np.concatenate([before, before[-1] + 1 + np.arange(COUNTED) // every]) % processes
    run = simulate_tlb(
        _uses(pages),
        found.entries,
        found.ways,
        l2_entries=found.l2_entries,
        l2_ways=found.l2_ways or None,
        spaces=turn,
        pcid=pcid,
    )
    return 1000 * float(np.mean(run.level[COUNTED:] == 0))
