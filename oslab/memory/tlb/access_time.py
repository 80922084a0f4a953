"""The effective access time: what an access takes on average, given the TLB's hit ratio and the share of page faults."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, checked, integer, quantity, readable, real
from oslab.memory.tlb.simulation import simulate_tlb
from oslab.memory.traces.trace import TRACE, Trace

__all__ = ["AccessTime", "access_time_of", "effective_access_time"]

TIME, SHARE, LEVELS = real(0, 1e12), real(0, 1), integer(0, 10)


@checked(hit_ratio=SHARE, tlb=TIME, memory=TIME, levels=LEVELS, fault_ratio=SHARE, fault_time=real(0, 1e15))
def effective_access_time(
    hit_ratio: float, tlb: float, memory: float, levels: int = 4, fault_ratio: float = 0, fault_time: float = 0
) -> float:
    """Return the mean time of an access, in the unit of the times given.

    Parameters
    ----------
    hit_ratio : float
        Share of accesses whose page the TLB knows, 0 to 1.
    tlb, memory : float
        Time of a look into the TLB, and of one access to memory.
    levels : int
        Tables that a walk reads after a miss; 1 in most exercises.
    fault_ratio, fault_time : float
        Share of accesses that fault, and what such an access takes in all.

    Notes
    -----
    A hit takes ``tlb + memory``, a miss ``tlb + levels * memory + memory``, a fault `fault_time` instead.
    Source: Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed., 9.3.2 and 10.2.3.

    Examples
    --------
    >>> round(effective_access_time(0.99, 0, 10, levels=1), 3), effective_access_time(1, 0, 200, 1, 0.001, 8_000_000)
    (10.1, 8199.8)
    """
    found = tlb + memory + (1 - hit_ratio) * levels * memory
    return (1 - fault_ratio) * found + fault_ratio * fault_time


@dataclass(frozen=True, eq=False)
class AccessTime(Result):
    """What `access_time_of` returns.

    Attributes
    ----------
    trace : Trace
    entries, levels : int
        Of the TLB; tables of a walk.
    hit_ratio : float
        Found by running the trace through the TLB.
    tlb, memory : float
        ns.
    ratios, times : ndarray of float64, shape (k,)
        Hit ratios from 0 to 1, and the effective access time at each, ns.
    here : float
        At `hit_ratio`, ns.
    """

    trace: Trace
    entries: int
    levels: int
    hit_ratio: float
    tlb: float
    memory: float
    ratios: np.ndarray
    times: np.ndarray
    here: float

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for what was found, and one for each tenth of the hit ratio."""
        yield {"hit ratio": self.hit_ratio, "access time, ns": self.here}
        for ratio, time in zip(self.ratios[::10], self.times[::10], strict=True):
            yield {"hit ratio": ratio, "access time, ns": time}

    def __str__(self) -> str:
        return (
            f"hit ratio {readable(self.hit_ratio)} with {self.entries} entries: {quantity(self.here, 'ns')} an access"
        )


@checked(trace=TRACE, entries=integer(1, 1 << 16), tlb=TIME, memory=TIME, levels=LEVELS)
def access_time_of(
    trace: Any, entries: int = 64, tlb: float = 1.0, memory: float = 100.0, levels: int = 4
) -> AccessTime:
    """Run a trace of pages through a fully associative TLB, and put its hit ratio into the formula.

    Parameters
    ----------
    trace : Trace or array_like of int
        Page numbers below 2**35.
    entries : int
        Of the TLB; the one used longest ago goes.
    tlb, memory : float
        ns of a look into the TLB, and of an access to memory.
    levels : int
        Tables that a walk reads, 0 to 10.
    """
    if int(trace.pages.max()) >= 1 << 35:
        raise ValueError(f"trace holds page {trace.pages.max()}: allowed are pages below 2**35")
    ratio = simulate_tlb(trace.numbers << 12, entries, entries).hit_ratio
    ratios = np.linspace(0, 1, 101)
    times = np.array([effective_access_time(r, tlb, memory, levels) for r in ratios.tolist()])
    here = effective_access_time(ratio, tlb, memory, levels)
    return AccessTime(trace, entries, levels, ratio, tlb, memory, ratios, times, here)
