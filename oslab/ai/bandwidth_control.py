"""CPU bandwidth control: a group's quota as a pool that is filled each period and from which CPUs draw slices.

Rules: Documentation/scheduler/sched-bwc.rst of Linux.  A CPU that runs the group's threads and has no time of its own
left draws a slice (5 ms) from the pool; where the pool is empty it is throttled until the pool is filled again.  Slices
that were drawn do not expire; what was not drawn by the end of a period is lost.  A CPU that falls idle gives back all
but 1 ms; if more than a slice has come back so and a CPU is throttled, the pool is handed out again 5 ms later, unless a
new period is nearer than 7 ms (kernel/sched/fair.c: the slack timer).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Draw", "Requests", "Throttling", "fluid_run", "throttle"]

KEPT = 1000  # µs that stay behind on an idle CPU
SLACK, NEAR = 5000, 7000  # µs until what came back is handed out; before a new period it is not
LONGEST = 200_000


class Draw(NamedTuple):
    """A CPU asked the pool for a slice: when (µs), which CPU, what it got and what the pool had before (µs)."""

    time: int
    cpu: int
    got: int
    pool: int


@dataclass(frozen=True, eq=False)
class Requests:
    """Work that comes as requests.

    Attributes
    ----------
    every : float
        ms from one arrival to the next.
    work : float
        ms of CPU time that a request needs, shared out evenly among the threads.
    """

    every: float = 40.0
    work: float = 20.0


@dataclass(frozen=True, eq=False)
class Throttling:
    """What `throttle` returns; times in ms.  A step is a draw from the pool.

    Attributes
    ----------
    quota, period, slice : float
        `quota` is infinite where there is no limit.
    threads, cpus, periods : int
    runs : ndarray of float64, shape (n, 3)
        CPU, start, end of every stretch in which the group ran.
    stalls : ndarray of float64, shape (n, 3)
        CPU, start, end of every stretch in which it was throttled.
    latency : ndarray of float64
        Of each request that ended, in the order of arrival; empty for busy threads.
    draws : tuple of Draw
    pool : ndarray of float64, shape (n, 2)
        When what the pool holds changed, and to how much.
    """

    quota: float
    period: float
    slice: float
    threads: int
    cpus: int
    periods: int
    runs: np.ndarray
    stalls: np.ndarray
    latency: np.ndarray
    draws: tuple[Draw, ...]
    pool: np.ndarray

    @property
    def run_per_period(self) -> np.ndarray:
        """CPU time used in each period, ms, float64[periods]."""
        edges = self.period * np.arange(self.periods + 1)
        inside = np.minimum(self.runs[:, 2:], edges[1:]) - np.maximum(self.runs[:, 1:2], edges[:-1])
        return np.maximum(inside, 0).sum(axis=0)

    @property
    def throttled(self) -> float:
        """Time throttled, summed over the CPUs, ms (``throttled_usec`` of cpu.stat)."""
        return float((self.stalls[:, 2] - self.stalls[:, 1]).sum())

    @property
    def throttled_periods(self) -> int:
        """Periods in which some CPU was throttled (``nr_throttled`` of cpu.stat)."""
        begins = np.floor(self.stalls[:, 1] / self.period + 1e-9)
        return len(set(begins.tolist()))

    @property
    def stops(self) -> np.ndarray:
        """When each CPU stopped first, ms, float64[cpus]; infinite where it never did."""
        first = np.full(self.cpus, np.inf)
        np.minimum.at(first, self.stalls[:, 0].astype(int), self.stalls[:, 1])
        return first

    def quantile(self, share: float) -> float:
        """Return the latency below which a share of the requests stays (the smallest such value), ms; NaN without requests."""
        return float(np.quantile(self.latency, share, method="inverted_cdf")) if len(self.latency) else float("nan")

    @property
    def steps(self) -> int:
        """Draws from the pool."""
        return len(self.draws)

    def state(self, k: int) -> tuple[float, float]:
        """Return the time of draw `k` (from 1) and what the pool has after it, ms."""
        if k == 0:
            return 0.0, self.quota
        draw = self.draws[k - 1]
        return draw.time / 1000, (draw.pool - draw.got) / 1000

    def why(self, k: int) -> str:
        """Say what draw `k` (from 1) got and why."""
        time, cpu, got, pool = self.draws[k - 1]
        said = f"{time / 1000:g} ms: CPU {cpu} has used up its slice; the pool holds {pool / 1000:g} ms"
        if not got:
            return said + f": throttled until {(time / 1000 // self.period + 1) * self.period:g} ms"
        return said + f", so it gets {got / 1000:g} ms" + (" (less than a slice)" if got < self.slice * 1000 else "")

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each period."""
        begins = np.floor(self.stalls[:, 1] / self.period + 1e-9)
        rows = []
        for k, run in enumerate(self.run_per_period):
            mine = self.stalls[begins == k]
            rows.append(
                {
                    "period": k + 1,
                    "CPU time used, ms": round(float(run), 3),
                    "CPUs throttled": len(mine),
                    "throttled, ms": round(float((mine[:, 2] - mine[:, 1]).sum()), 3),
                }
            )
        return rows

    def __str__(self) -> str:
        said = (
            f"{self.threads} threads on {self.cpus} CPUs, {self.quota:g} ms every {self.period:g} ms: throttled in "
            f"{self.throttled_periods} of {self.periods} periods, {self.throttled:.4g} ms in all"
        )
        if len(self.latency):
            said += f"; {len(self.latency)} requests, p50 {self.quantile(0.5):.4g} ms, p99 {self.quantile(0.99):.4g} ms"
        return said


def fluid_run(quota: float, period: float, running: int) -> float:
    """Return for how long `running` busy CPUs run in each period, ms, if slices were infinitely small."""
    return min(quota / running, period)


def throttle(
    quota: float = 100.0,
    period: float = 100.0,
    threads: int = 8,
    cpus: int = 8,
    slice: float = 5.0,
    *,
    requests: Requests | None = None,
    periods: int = 5,
) -> Throttling:
    """Run a group's threads under a quota.

    Parameters
    ----------
    quota, period : float
        ms of CPU time that the group may use, and how often it gets them: ``cpu.max``.  An infinite quota is no limit.
    threads : int
        Thread k runs on CPU k modulo `cpus`, and threads of one CPU one after another.
    cpus : int
        1 to 64.
    slice : float
        ms that a CPU draws at once.
    requests : Requests, optional
        Without them every thread is always busy.
    periods : int
        How long.

    Raises
    ------
    ValueError
        Values out of range; what is allowed is named.

    Notes
    -----
    Times are whole microseconds inside.  CPUs draw in the order of their numbers where they draw at the same time.
    """
    for name, value, low, high in (
        ("quota", quota, 1, None),
        ("period", period, 1, 1000),
        ("threads", threads, 1, 1024),
        ("cpus", cpus, 1, 64),
        ("slice", slice, 0.1, 1000),
        ("periods", periods, 1, 1000),
    ):
        if not value >= low or (high is not None and value > high):
            raise ValueError(f"{name}={value!r}: allowed are {low} to {high or 'inf'}")
    if requests and not (requests.every > 0 and requests.work > 0):
        raise ValueError(f"requests={requests!r}: allowed are times above 0")
    run = _Control(quota, period, threads, cpus, slice, requests, periods)
    run.go()

    def spans(kind: list[tuple[int, int, int]]) -> np.ndarray:
        return np.array(sorted(kind), dtype=np.float64).reshape(-1, 3) / (1, 1000, 1000)

    done = [(k, last) for k, (left, last) in run.pending.items() if left == 0]
    latency = np.array([last - k * run.every for k, last in done], dtype=np.float64) / 1000
    return Throttling(
        float(quota),
        float(period),
        float(slice),
        threads,
        cpus,
        periods,
        spans(run.runs),
        spans(run.stalls),
        latency,
        tuple(run.draws),
        np.array(run.levels, dtype=np.float64) / 1000,
    )


class _Control:
    """The state of a run: the pool, and for each CPU its own time, its queue of pieces of work, and what it does now."""

    def __init__(
        self,
        quota: float,
        period: float,
        threads: int,
        cpus: int,
        slice: float,
        requests: Requests | None,
        periods: int,
    ):
        self.limited = np.isfinite(quota)
        self.period, self.slice, self.cpus = round(period * 1000), round(slice * 1000), cpus
        self.quota = round(quota * 1000) if self.limited else 0
        self.end = self.period * periods
        self.threads = threads
        self.every = round(requests.every * 1000) if requests else 0
        self.piece = max(round(requests.work * 1000 / threads), 1) if requests else 0
        self.now = 0
        self.levels: list[tuple[int, int]] = []
        self.pool = self.quota
        self.slack = self.end  # when what came back is handed out
        self.local = [0] * cpus
        # Pieces of work, oldest first: number of the request and what is left.  Busy threads have one that never ends.
        self.queue: list[deque[list[int]]] = [deque() for _ in range(cpus)]
        self.since: list[tuple[str, int] | None] = [None] * cpus
        self.pending: dict[int, list[int]] = {}
        self.runs: list[tuple[int, int, int]] = []
        self.stalls: list[tuple[int, int, int]] = []
        self.draws: list[Draw] = []
        if not requests:
            for cpu in range(min(threads, cpus)):
                self.queue[cpu].append([-1, 2 * self.end])

    @property
    def pool(self) -> int:
        """What the pool holds; every change is noted."""
        return self._pool

    @pool.setter
    def pool(self, value: int) -> None:
        self._pool = value
        self.levels.append((self.now, value))

    def go(self) -> None:
        arrival = 0 if self.every else self.end
        refill = self.period
        while self.now < self.end:
            if self.every and self.now == arrival:
                self._arrive(arrival // self.every)
                arrival += self.every
            for cpu in range(self.cpus):
                self._decide(cpu)
            running = [cpu for cpu in range(self.cpus) if self.since[cpu] and self.since[cpu][0] == "run"]
            lasts = [min(self.queue[cpu][0][1], self.local[cpu] if self.limited else self.end) for cpu in running]
            if self.slack < self.end and self.now >= self.slack:
                self._hand_out()
                continue
            events = [refill, self.end, self.slack, *([arrival] if self.every else [])]
            step = min(*(event - self.now for event in events), *lasts)
            self.now += step
            for cpu in running:
                self._pass(cpu, step)
            if self.now == refill:
                self.pool, refill = self.quota, refill + self.period
                self._release(self.cpus)
            if len(self.draws) > LONGEST:
                raise ValueError(
                    f"slice={self.slice / 1000:g}: too small for so many periods; allowed are {LONGEST} draws"
                )
        for cpu in range(self.cpus):
            self._close(cpu)

    def _arrive(self, number: int) -> None:
        self.pending[number] = [self.threads, 0]
        for thread in range(self.threads):
            self.queue[thread % self.cpus].append([number, self.piece])

    def _decide(self, cpu: int) -> None:
        """Let a CPU run, draw, be throttled or fall idle."""
        doing = self.since[cpu] and self.since[cpu][0]
        if doing == "stall":
            return
        if not self.queue[cpu]:
            self._close(cpu)
            if self.local[cpu] > KEPT:
                self.pool, self.local[cpu] = self.pool + self.local[cpu] - KEPT, KEPT
                stalled = any(s and s[0] == "stall" for s in self.since)
                if self.pool > self.slice and stalled and self.slack == self.end and -self.now % self.period > NEAR:
                    self.slack = self.now + SLACK
            return
        if self.limited and not self.local[cpu]:
            got = min(self.slice, self.pool)
            self.draws.append(Draw(self.now, cpu, got, self.pool))
            self.pool, self.local[cpu] = self.pool - got, got
            if not got:
                self._close(cpu)
                self.since[cpu] = ("stall", self.now)
                return
        if doing != "run":
            self.since[cpu] = ("run", self.now)

    def _pass(self, cpu: int, step: int) -> None:
        """Let a running CPU work for a while."""
        piece = self.queue[cpu][0]
        piece[1] -= step
        if self.limited:
            self.local[cpu] -= step
        if not piece[1]:
            self.queue[cpu].popleft()
            left = self.pending[piece[0]]
            left[0] -= 1
            left[1] = self.now

    def _release(self, most: int) -> None:
        """Let CPUs that are throttled go on, in the order of their numbers."""
        stalled = [cpu for cpu in range(self.cpus) if self.since[cpu] and self.since[cpu][0] == "stall"]
        for cpu in stalled[:most]:
            self._close(cpu)

    def _hand_out(self) -> None:
        self.slack = self.end
        if self.pool > self.slice:
            self._release(-(-self.pool // self.slice))

    def _close(self, cpu: int) -> None:
        if self.since[cpu]:
            kind, begin = self.since[cpu]
            if self.now > begin:
                (self.runs if kind == "run" else self.stalls).append((cpu, begin, self.now))
            self.since[cpu] = None
