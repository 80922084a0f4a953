"""CPU bandwidth control: a group's quota as a pool that is filled each period and from which CPUs draw slices.

Rules: Documentation/scheduler/sched-bwc.rst of Linux.  A CPU that runs the group's threads and has no time of its own
left draws a slice (5 ms) from the pool; where the pool is empty it is throttled until the pool is filled again.  Slices
that were drawn do not expire; what was not drawn by the end of a period is lost.  A CPU that falls idle gives back all
but 1 ms; if more than a slice has come back so and a CPU is throttled, the pool is handed out again 5 ms later, unless a
new period is nearer than 7 ms (kernel/sched/fair.c: the slack timer).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from oslab.base import Instance, Stepped, checked, integer, plural, quantity, readable, real

__all__ = ["Draw", "Requests", "Throttling", "fluid_run", "quota_label", "throttle", "watch_quota"]

KEPT = 1000  # µs that stay behind on an idle CPU
SLACK, NEAR = 5000, 7000  # µs until what came back is handed out; before a new period it is not
MOST_WORK = 1_000_000  # CPUs looked at in one run: some 2 s
DRAWN, WATCHED, LONGEST = (
    3,
    100,
    100,
)  # periods in the picture; requests, and periods at most, that quantiles are taken of
PERIOD = real(1, 1000, unit="ms")
QUOTA = real(1, 1_000_000, unit="ms", unlimited=True)


class Draw(NamedTuple):
    """A CPU asked the pool for a slice: when (µs), which CPU, what it got and what the pool had before (µs)."""

    time: int
    cpu: int
    got: int
    pool: int


@dataclass(frozen=True)
class Requests:
    """Work that comes as requests, the first at 0.

    Attributes
    ----------
    every : float
        ms from one arrival to the next.
    work : float
        ms of CPU time that a request needs, shared out evenly among the threads.
    """

    every: float = 40.0
    work: float = 20.0

    def __post_init__(self) -> None:
        for name in ("every", "work"):
            real(0.1, 1_000_000).check(name, getattr(self, name))


@dataclass(frozen=True, eq=False)
class Throttling(Stepped, over="draws"):
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
    every : float
        ms from one request to the next; 0: the threads are always busy.
    long, free : Throttling or None
        By `watch_quota`: a hundred requests or so, with the quota and without; None where the threads are always busy.
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
    every: float = 0.0
    long: Throttling | None = None
    free: Throttling | None = None

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
    def throttled_in(self) -> np.ndarray:
        """In which period, from 0, each stall began."""
        return np.floor(self.stalls[:, 1] / self.period + 1e-9).astype(int)

    @property
    def throttled_periods(self) -> int:
        """Periods in which some CPU was throttled (``nr_throttled`` of cpu.stat)."""
        return len(set(self.throttled_in.tolist()))

    @property
    def stops(self) -> np.ndarray:
        """When each CPU stopped first, ms, float64[cpus]; infinite where it never did."""
        first = np.full(self.cpus, np.inf)
        np.minimum.at(first, self.stalls[:, 0].astype(int), self.stalls[:, 1])
        return first

    @property
    def fluid(self) -> float:
        """For how long each CPU would run in a period if slices were infinitely small, ms."""
        return fluid_run(self.quota, self.period, min(self.threads, self.cpus))

    @property
    def piles_up(self) -> bool:
        """Whether requests need more CPU time than there is, so that each waits longer than the one before."""
        return self.every > 0 and len(self.latency) < 0.9 * self.periods * self.period / self.every

    @checked(share=real(0, 1))
    def quantile(self, share: float) -> float:
        """Return the latency below which a share of the requests stays (the smallest such value), ms; NaN without requests."""
        return float(np.quantile(self.latency, share, method="inverted_cdf")) if len(self.latency) else float("nan")

    def _replayed(self, step: int) -> tuple[float, float]:
        """The time of a draw and what the pool has after it, ms."""
        if step == 0:
            return 0.0, self.quota
        draw = self.draws[step - 1]
        return draw.time / 1000, (draw.pool - draw.got) / 1000

    def why(self, step: int) -> str:
        """Say what a draw (from 1) got and why."""
        time, cpu, got, pool = self.draws[self._step(step, 1) - 1]
        said = (
            f"{readable(time / 1000, 6)} ms: CPU {cpu} has no time left; the pool holds {quantity(pool / 1000, 'ms')}"
        )
        if got:
            less = " (less than a slice)" if got < round(self.slice * 1000) else ""
            return f"{said}, so it gets {quantity(got / 1000, 'ms')}{less}"
        mine = self.stalls[(self.stalls[:, 0] == cpu) & (np.abs(self.stalls[:, 1] - time / 1000) < 1e-6)]
        end = float(mine[0, 2]) if len(mine) else time / 1000
        what = (
            "a new period begins"
            if abs(end / self.period - round(end / self.period)) < 1e-9
            else ("the unused time of other CPUs is distributed")
        )
        return f"{said}: throttled until {readable(end, 6)} ms, when {what}"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each period."""
        for k, run in enumerate(self.run_per_period):
            mine = self.stalls[self.throttled_in == k]
            yield {
                "period": k + 1,
                "CPU time used, ms": float(run),
                "CPUs throttled": len(set(mine[:, 0].tolist())),
                "throttled, ms": float((mine[:, 2] - mine[:, 1]).sum()),
            }

    def __str__(self) -> str:
        if self.long:
            return str(self.long)
        said = (
            f"{plural(self.threads, 'thread')} on {plural(self.cpus, 'CPU')}, {quantity(self.quota, 'ms')} every "
            f"{quantity(self.period, 'ms')}: throttled in {self.throttled_periods} of {plural(self.periods, 'period')}, "
            f"{quantity(self.throttled, 'ms')} in all"
        )
        if len(self.latency):
            p50, p99 = (quantity(self.quantile(share), "ms") for share in (0.5, 0.99))
            said += f"; {plural(len(self.latency), 'request')}, p50 {p50}, p99 {p99}"
        return said


@checked(quota=QUOTA, period=PERIOD, running=integer(1, 1024))
def fluid_run(quota: float, period: float, running: int) -> float:
    """Return for how long `running` busy CPUs run in each period, ms, if slices were infinitely small.

    Parameters
    ----------
    quota, period : float
        ms of CPU time in each period, and its length.
    running : int
        Threads that run at a time.
    """
    return min(quota / running, period)


@checked(
    quota=QUOTA,
    period=PERIOD,
    threads=integer(1, 1024),
    cpus=integer(1, 64),
    slice=real(0.1, 1000),
    requests=Instance(Requests, optional=True),
    periods=integer(1, 1000),
)
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
        Values out of range, or together more than can be worked out; what is allowed is named.

    Notes
    -----
    Times are whole microseconds inside.  CPUs draw in the order of their numbers where they draw at the same time.
    """
    run = _Control(quota, period, threads, cpus, slice, requests, periods)
    run.go()

    def spans(kind: Iterable[tuple[int, int, int]]) -> np.ndarray:
        return np.array(sorted(kind), dtype=np.float64).reshape(-1, 3) / (1, 1000, 1000)

    done = [last - k * run.every for k, (left, last) in run.pending.items() if left == 0]
    found = (spans(run.runs), spans(run.stalls), np.array(done, dtype=np.float64) / 1000, tuple(run.draws))
    levels = np.array(run.levels, dtype=np.float64) / 1000
    return Throttling(quota, period, slice, threads, cpus, periods, *found, levels, requests.every if requests else 0.0)


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
        self.limited = math.isfinite(quota)
        self.period, self.slice, self.cpus = round(period * 1000), round(slice * 1000), cpus
        self.quota = round(quota * 1000) if self.limited else 0
        self.end = self.period * periods
        self.threads = threads
        self.every = round(requests.every * 1000) if requests else 0
        self.piece = max(round(requests.work * 1000 / threads), 1) if requests else 0
        self.now = 0
        self.levels: list[tuple[int, int]] = []
        self._fill(self.quota)
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

    def _fill(self, level: int) -> None:
        """Set what the pool holds, and note it."""
        self.pool = level
        self.levels.append((self.now, level))

    def _doing(self, kind: str) -> list[int]:
        """CPUs that run, or that are throttled."""
        return [cpu for cpu, since in enumerate(self.since) if since and since[0] == kind]

    def go(self) -> None:
        arrival, work = 0 if self.every else self.end, 0
        refill = self.period
        while self.now < self.end:
            if self.every and self.now == arrival:
                self._arrive(arrival // self.every)
                arrival, work = arrival + self.every, work + self.threads
            for cpu in range(self.cpus):
                self._decide(cpu)
            if self.slack < self.end and self.now >= self.slack:
                self._hand_out()
                continue
            running = self._doing("run")
            lasts = [min(self.queue[cpu][0][1], self.local[cpu] if self.limited else self.end) for cpu in running]
            events = [refill, self.end, self.slack, *([arrival] if self.every else [])]
            step = min(*(event - self.now for event in events), *lasts)
            self.now += step
            for cpu in running:
                self._pass(cpu, step)
            if self.now == refill:
                self._fill(self.quota)
                refill += self.period
                self._release(self.cpus)
            work += self.cpus
            if work > MOST_WORK:
                raise ValueError(
                    f"periods={self.end // self.period}: too many draws and requests to be worked out; allowed are fewer "
                    "periods, CPUs or requests, or larger slices"
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
                self._fill(self.pool + self.local[cpu] - KEPT)
                self.local[cpu] = KEPT
                near = -self.now % self.period <= NEAR
                if self.pool > self.slice and self._doing("stall") and self.slack == self.end and not near:
                    self.slack = self.now + SLACK
            return
        if self.limited and not self.local[cpu]:
            got = min(self.slice, self.pool)
            self.draws.append(Draw(self.now, cpu, got, self.pool))
            self._fill(self.pool - got)
            self.local[cpu] = got
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
        for cpu in self._doing("stall")[:most]:
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


def quota_label(quota: float, period: float) -> str:
    """Return how the label of a real run under this quota begins."""
    return f"{quantity(quota, 'ms')} of {quantity(period, 'ms')},"


@checked(
    quota=QUOTA,
    period=PERIOD,
    threads=integer(1, 1024),
    cpus=integer(1, 64),
    request=real(0, 1000, unit="ms"),
    every=real(1, 1000, unit="ms"),
)
def watch_quota(
    quota: float = 25.0,
    period: float = 100.0,
    threads: int = 8,
    cpus: int = 8,
    request: float = 0.0,
    every: float = 100.0,
) -> Throttling:
    """Run threads under a quota for three periods, and requests for a hundred more; see `throttle`.

    Parameters
    ----------
    quota, period : float
        ms.
    threads, cpus : int
    request : float
        ms of CPU time of a request; 0: threads that are always busy.
    every : float
        ms from one request to the next.

    Raises
    ------
    ValueError
        A value out of range.
    """
    work = Requests(every, request) if request else None
    run = throttle(quota, period, threads, cpus, requests=work, periods=DRAWN)
    if work is None:
        return run
    periods = max(DRAWN, min(LONGEST, math.ceil(WATCHED * every / period)))
    long, free = (throttle(q, period, threads, cpus, requests=work, periods=periods) for q in (quota, math.inf))
    return replace(run, long=long, free=free)
