"""A group whose memory grows: page cache given back, the brake of memory.high, the kill of memory.max.

The brake is that of mm/memcontrol.c (calculate_high_delay, Linux 5.4 and later): above memory.high by a share o, an
allocation of 64 pages sleeps 64 o² seconds, nothing below 10 ms, at most 2 s.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, checked, columns, quantity, readable, real

__all__ = ["MemoryGrowth", "grow_memory", "high_delay"]

MIB = 1 << 20
BATCH = 64 * 4096
LEAST, MOST = 0.010, 2.0
STEPS = 600
LIMIT = real(1, 1_000_000, unlimited=True, unit="MiB")


@dataclass(frozen=True, eq=False)
class MemoryGrowth(Result):
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

    @property
    def asleep(self) -> float:
        """Share of the last second asleep because of memory.high: before the kill, or the end, or until it had all it wants."""
        last = int(np.flatnonzero(np.diff(self.anonymous, prepend=0) > 1e-9)[-1])
        lasted = max(1, round(1 / float(self.time[1])))
        return float(self.braked[max(0, last - lasted) : last].mean()) if last else 0.0

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield eleven rows over the time."""
        at = np.linspace(0, len(self.time) - 1, 11).astype(int)
        names = {"time, s": self.time, "anonymous, MiB": self.anonymous, "page cache, MiB": self.cache}
        return columns({name: values[at] for name, values in (names | {"asleep, %": 100 * self.braked}).items()})

    def __str__(self) -> str:
        killed = np.isfinite(self.killed)
        end = f"killed after {quantity(self.killed, 's')}" if killed else f"alive after {quantity(self.time[-1], 's')}"
        return (
            f"{end}, {quantity(self.anonymous.max(), 'MiB')} of its own at most, {quantity(self.reclaimed, 'MiB')} of page "
            f"cache reclaimed, asleep {readable(100 * self.braked.mean())} % of the time"
        )


@checked(overage=real())
def high_delay(overage: float) -> float:
    """Return the sleep for 64 pages, s, at a share `overage` above memory.high."""
    delay = 64 * max(overage, 0.0) ** 2
    return 0.0 if delay <= LEAST else min(delay, MOST)


@checked(
    high=LIMIT,
    max=LIMIT,
    rate=real(0.1, 100_000, unit="MiB/s"),
    reading=real(0, 100_000, unit="MiB/s"),
    seconds=real(0.1, 3600, unit="s"),
    wants=real(0.1, 1_000_000, unit="MiB"),
)
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
    return MemoryGrowth(high, max, *table.T, killed, reclaimed)


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
