"""A quota watched: three periods drawn out, and what it does to requests in the long run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oslab.ai.bandwidth_control import Requests, Throttling, fluid_run, throttle

__all__ = ["QuotaStory", "watch_quota"]

DRAWN, LONG = 3, 20


@dataclass(frozen=True, eq=False)
class QuotaStory:
    """What `watch_quota` returns; a step is a draw from the pool in the three periods drawn.

    Attributes
    ----------
    run : Throttling
        Three periods.
    long, free : Throttling or None
        Twenty periods with the quota and without; None where the threads are always busy.
    """

    run: Throttling
    long: Throttling | None
    free: Throttling | None

    @property
    def steps(self) -> int:
        """Draws."""
        return self.run.steps

    def state(self, k: int) -> tuple[float, float]:
        """Return the time of draw `k` and what the pool has after it, ms."""
        return self.run.state(k)

    def why(self, k: int) -> str:
        """Say what draw `k` (from 1) got and why."""
        return self.run.why(k)

    @property
    def fluid(self) -> float:
        """For how long each CPU would run in a period if slices were infinitely small, ms."""
        return fluid_run(self.run.quota, self.run.period, min(self.run.threads, self.run.cpus))

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each period."""
        return self.run.table()

    def __str__(self) -> str:
        return str(self.long or self.run)


def watch_quota(
    quota: float = 25, period: float = 100, threads: int = 8, cpus: int = 8, request: float = 0
) -> QuotaStory:
    """Run threads under a quota; see `throttle`.

    Parameters
    ----------
    quota, period : float
        ms.
    threads, cpus : int
    request : float
        ms of CPU time of a request, one a period; 0: threads that are always busy.

    Raises
    ------
    ValueError
        A value out of range.
    """
    if request < 0:
        raise ValueError(f"request={request!r}: allowed are numbers from 0 up")
    work = Requests(period, request) if request else None
    run = throttle(quota, period, threads, cpus, requests=work, periods=DRAWN)
    if work is None:
        return QuotaStory(run, None, None)
    return QuotaStory(
        run,
        throttle(quota, period, threads, cpus, requests=work, periods=LONG),
        throttle(float("inf"), period, threads, cpus, requests=work, periods=LONG),
    )
