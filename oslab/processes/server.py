"""An inference server: requests, worker threads, cores; throughput and latency against the number of threads."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab._jit import kernel, warmer
from oslab.base import SEED, Array, Result, Several, checked, choice, columns, integer, plural, readable, real
from oslab.processes.switching import switch_cost

__all__ = ["LOADS", "THREADS", "Serving", "serve"]

LOADS = ("open", "closed")
THREADS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64)
REQUESTS = 2000
FAR = 1e300


@kernel
def serve_loop(gaps, work, waits, threads, cores, speed, closed, latency, left):
    """Serve all requests in order of coming; fill their latencies and ends.

    `gaps` are the times between comings (open), or before each request of a client (closed: `closed` clients).  A request
    takes a thread, works on the cores, which are shared equally, waits, and gives the thread back.  `speed[k]` is how fast each
    of k works.
    """
    n = len(work)
    came = np.empty(n)
    arrivals = np.full(n, FAR)  # closed: when each request is sent; those not yet sent lie far away
    if closed == 0:
        at = 0.0
        for i in range(n):
            at += gaps[i]
            arrivals[i] = at
    else:
        for i in range(min(closed, n)):
            arrivals[i] = gaps[i]
    sent = n if closed == 0 else min(closed, n)
    queue = np.empty(n, np.int64)
    head, tail, nearest = 0, 0, 0
    who = np.full(threads, -1, np.int64)
    todo = np.zeros(threads)
    until = np.full(threads, FAR)
    now, done = 0.0, 0
    busy = 0
    while done < n:
        if closed == 0:
            coming = arrivals[nearest] if nearest < n else FAR
        else:
            coming = FAR
            for i in range(max(0, nearest), sent):
                if arrivals[i] < coming:
                    coming = arrivals[i]
        step, kind, which = coming - now, 0, -1
        for k in range(threads):
            if who[k] >= 0:
                if todo[k] > 0:
                    if todo[k] / speed[busy] < step:
                        step, kind, which = todo[k] / speed[busy], 1, k
                elif until[k] - now < step:
                    step, kind, which = until[k] - now, 2, k
        for k in range(threads):
            if who[k] >= 0 and todo[k] > 0 and k != which:
                todo[k] = max(todo[k] - step * speed[busy], 1e-12)
        now += step
        if kind == 0:
            for i in range(nearest, sent):
                if arrivals[i] == coming:
                    came[i] = now
                    arrivals[i] = FAR
                    queue[tail] = i
                    tail += 1
                    break
            while nearest < sent and arrivals[nearest] == FAR:
                nearest += 1
        elif kind == 1:
            todo[which] = 0.0
            until[which] = now + waits[who[which]]
            busy -= 1
        else:
            i = who[which]
            latency[i] = now - came[i]
            left[i] = now
            who[which] = -1
            until[which] = FAR
            done += 1
            if closed > 0 and sent < n:
                arrivals[sent] = now + gaps[sent]
                sent += 1
        for k in range(threads):
            if who[k] < 0 and head < tail:
                who[k] = queue[head]
                todo[k] = work[queue[head]]
                head += 1
                busy += 1


@dataclass(frozen=True, eq=False)
class Serving(Result):
    """What `serve` returns; a value for each number of threads.

    Attributes
    ----------
    threads : ndarray of int64, shape (n,)
    throughput : ndarray of float64, shape (n,)
        Requests a second.
    p50, p99 : ndarray of float64, shape (n,)
        ms, from coming to answer.
    load : str
    offered : float
        Requests a second that come (open), or clients (closed).
    cores : int
    """

    threads: np.ndarray
    throughput: np.ndarray
    p50: np.ndarray
    p99: np.ndarray
    load: str
    offered: float
    cores: int

    @property
    def best(self) -> int:
        """The number of threads with the least p99."""
        return int(self.threads[np.argmin(self.p99)])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each number of threads."""
        return columns(
            {"threads": self.threads, "requests a second": self.throughput, "p50, ms": self.p50, "p99, ms": self.p99}
        )

    def __str__(self) -> str:
        k = int(np.argmin(self.p99))
        return (
            f"{self.load} load, {plural(self.cores, 'core')}: least p99, {readable(self.p99[k])} ms, with "
            f"{plural(self.best, 'thread')}; {readable(self.p99[-1])} ms with {self.threads[-1]}"
        )


@checked(
    load=choice(LOADS),
    pressure=real(0.05, 1.5),
    cores=integer(1, 64),
    waiting=real(0, 0.9),
    working_set=real(0, 1024),
    cpu=real(0.1, 1000),
    cache=real(0.1, 4096),
    quantum=real(0.1, 1000),
    direct=real(0, 1e4),
    line=real(0, 1e3),
    threads=Several(integer(1, 64), most=64),
    seed=SEED,
    times=Array(low=1e-9, optional=True),
)
def serve(
    load: str = "open",
    pressure: float = 0.8,
    cores: int = 4,
    waiting: float = 0.5,
    working_set: float = 4.0,
    *,
    cpu: float = 10.0,
    cache: float = 32.0,
    quantum: float = 3.0,
    direct: float = 2.0,
    line: float = 4.0,
    threads: tuple[int, ...] = THREADS,
    seed: int = 1,
    times: np.ndarray | None = None,
) -> Serving:
    """Run an inference server with each number of worker threads over the same requests.

    Parameters
    ----------
    load : {'open', 'closed'}
        Requests come at random whatever the server does; or from clients, each of which thinks for 10 ms after an answer.
    pressure : float
        Open: the rate as a share of what the cores could do without switches; closed: clients, 32 times that.  0.05 to 1.5.
    cores : int
        1 to 64.
    waiting : float
        Share of a request's own time spent waiting (GPU, storage); 0 to 0.9.
    working_set, cache : float
        MiB of each request, and of the cache that all share.
    cpu : float
        ms of CPU a request needs on average; times have a gamma distribution of shape 4.
    quantum, direct, line : float
        ms a turn; µs a switch; ns a line of the cache that is read anew.
    threads : tuple of int
        1 to 64, at most 64 numbers.
    seed : int
        Of the requests.
    times : ndarray of float64, optional
        ms, above 0: how long single requests took; they are drawn from these, `waiting` is the share of each in which it
        waits, and `cpu` is not used.

    Raises
    ------
    TypeError, ValueError
        An argument of another type or out of range.

    Notes
    -----
    k requests at work on c cores each go at c / k, less the share of a turn that its switch costs (see `useful_work`).
    The first tenth of the requests is left out.
    """
    draw = np.random.default_rng(seed)
    if times is None:
        work = draw.gamma(4.0, cpu / 4, REQUESTS)
        waits = draw.gamma(4.0, cpu * waiting / (1 - waiting) / 4, REQUESTS) if waiting else np.zeros(REQUESTS)
    else:
        whole = draw.choice(times, REQUESTS)
        work, waits = whole * (1 - waiting), whole * waiting
        cpu = work.mean()
    clients = max(1, round(32 * pressure)) if load == "closed" else 0
    rate = pressure * cores / cpu  # a ms
    gaps = draw.exponential(10.0 if clients else 1 / rate, REQUESTS)
    active = np.arange(max(threads) + 1)
    cost = switch_cost(active, cores, working_set * 1024, cache * 1024, line, direct)
    speed = np.minimum(1.0, cores / np.maximum(active, 1)) * quantum / (quantum + cost)
    found, warm = [], REQUESTS // 10
    for count in threads:
        latency, left = np.empty((2, REQUESTS))
        serve_loop(gaps, work, waits, count, cores, speed, clients, latency, left)
        order = np.sort(left)
        found.append(
            (1e3 * (REQUESTS - warm) / (order[-1] - order[warm - 1]), *np.percentile(latency[warm:], [50, 99]))
        )
    return Serving(np.array(threads), *np.array(found).T, load, clients or 1e3 * rate, cores)


@warmer(1)
def _warm() -> None:
    serve(threads=(1,))
