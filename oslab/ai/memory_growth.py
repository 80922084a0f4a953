"""A group whose memory grows: page cache given back, the brake of memory.high, the kill of memory.max.

The brake is that of mm/memcontrol.c (calculate_high_delay, Linux 5.4 and later): above memory.high by a share o, an
allocation of 64 pages sleeps 64 o² seconds, nothing below 10 ms, at most 2 s.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["MemoryGrowth", "grow_memory", "high_delay"]

MIB = 1 << 20
BATCH = 64 * 4096
LEAST, MOST = 0.010, 2.0
STEPS = 600


@dataclass(frozen=True, eq=False)
class MemoryGrowth:
    """What `grow_memory` returns.

    Attributes
    ----------
    high, max : float
        MiB; infinite where there is no limit.
    time : ndarray of float64
        s.
    anonymous, cache : ndarray of float64
        MiB of the program's own memory, and of pages of files.
    braked : ndarray of float64
        Share of each step that the program slept because of memory.high.
    killed : float
        When it was killed, s; infinite if it was not.
    reclaimed : float
        MiB of page cache that the limits took back.
    """

    high: float
    max: float
    time: np.ndarray
    anonymous: np.ndarray
    cache: np.ndarray
    braked: np.ndarray
    killed: float
    reclaimed: float

    @property
    def first_braked(self) -> float:
        """When memory.high first slept, s; infinite if never."""
        return float(self.time[np.argmax(self.braked > 0)]) if (self.braked > 0).any() else float("inf")

    def table(self) -> list[dict[str, Any]]:
        """Return eleven rows over the time."""
        return [
            {
                "time, s": round(float(self.time[k]), 2),
                "anonymous, MiB": round(float(self.anonymous[k]), 1),
                "page cache, MiB": round(float(self.cache[k]), 1),
                "asleep, %": round(100 * float(self.braked[k]), 1),
            }
            for k in np.linspace(0, len(self.time) - 1, 11).astype(int)
        ]

    def __str__(self) -> str:
        end = f"killed after {self.killed:.3g} s" if np.isfinite(self.killed) else f"alive after {self.time[-1]:.3g} s"
        return (
            f"{end}, {self.anonymous.max():.4g} MiB of its own at most, {self.reclaimed:.4g} MiB of page cache taken back, "
            f"asleep {100 * self.braked.mean():.3g} % of the time"
        )


def high_delay(overage: float) -> float:
    """Return the sleep for 64 pages, s, at a share `overage` above memory.high."""
    delay = 64 * max(overage, 0.0) ** 2
    return 0.0 if delay <= LEAST else min(delay, MOST)


def grow_memory(
    high: float = 800.0,
    max: float = 1000.0,
    rate: float = 100.0,
    reading: float = 150.0,
    seconds: float = 20.0,
    wants: float = 1500.0,
) -> MemoryGrowth:
    """Let a program take memory and read files in a group with limits; no swap.

    Parameters
    ----------
    high, max : float
        memory.high and memory.max, MiB; infinite is no limit.
    rate : float
        MiB/s of its own memory that it takes, until it has `wants`.
    reading : float
        MiB/s of files that it reads and that stay in the page cache while there is room.
    seconds : float
        How long to look.
    wants : float
        MiB.

    Raises
    ------
    ValueError
        A value out of range.

    Notes
    -----
    In 600 steps.  Page cache is given back at once and at no cost, anonymous memory cannot be without swap.  The page
    cache's own allocations do not sleep here: they are given back at once.
    """
    for name, value in (("high", high), ("max", max), ("rate", rate), ("seconds", seconds), ("wants", wants)):
        if not value > 0:
            raise ValueError(f"{name}={value!r}: allowed are numbers above 0")
    if reading < 0:
        raise ValueError(f"reading={reading!r}: allowed are numbers from 0 up")
    dt = seconds / STEPS
    own = cache = reclaimed = 0.0
    killed = float("inf")
    rows = []
    for k in range(STEPS + 1):
        rows.append([k * dt, own, cache, 0.0])
        if killed < float("inf"):
            continue
        taken, slept = _take(own, rate, wants, high, dt)
        own += taken
        rows[-1][3] = slept / dt
        cache += reading * dt
        over = own + cache - min(high, max)
        back = min(cache, over) if over > 0 else 0.0
        cache, reclaimed = cache - back, reclaimed + back
        if own > max:
            killed, own = (k + 1) * dt, 0.0
    table = np.array(rows)
    return MemoryGrowth(float(high), float(max), *table.T, killed, reclaimed)


def _take(own: float, rate: float, wants: float, high: float, dt: float) -> tuple[float, float]:
    """Memory taken in a step, and how long of it was slept: batches, each with its sleep."""
    batch, left, taken, slept = BATCH / MIB, dt, 0.0, 0.0
    while left > 1e-12 and own + taken < wants:
        delay = high_delay((own + taken - high) / high) if own + taken > high else 0.0
        if not delay:
            # On to where the brake begins, or to the end of the step.
            brake = high * (1 + (LEAST / 64) ** 0.5) + batch - own - taken
            amount = min(left * rate, wants - own - taken, brake if brake > batch / 2 else batch)
            taken, left = taken + amount, left - amount / rate
            continue
        share = min(1.0, left / (batch / rate + delay))
        taken += min(batch * share, wants - own - taken)
        slept += delay * share
        left -= (batch / rate + delay) * share
    return taken, slept
