"""What an operation costs by blocking threads, epoll and io_uring, as a sum of named costs.

The costs of one each are those that ``programs/costs.c`` measured on the machine of the recorded runs (``runs/costs.json``;
a test compares), so that picture, sentence, table, code and exercise say the same.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, Series, checked, choice, flag, integer, plural, quantity, real, shown
from oslab.devices.ring_job import count_calls

__all__ = [
    "COSTS",
    "COSTS_FROM",
    "JOBS",
    "SERVERS",
    "TERMS",
    "Bill",
    "JobCosts",
    "OperationCosts",
    "bill_operations",
    "expect_race",
    "find_costs",
]

SERVERS = {
    "threads": "threads",
    "level": "epoll, level",
    "edge": "epoll, edge",
    "uring": "io_uring",
    "registered": "io_uring, registered",
    "sqpoll": "io_uring, SQPOLL",
}
JOBS = {"echo": "echo on 127.0.0.1", "cached": "reads from the page cache", "direct": "reads past the page cache"}
TERMS = {
    "system_call": "system calls",
    "copy": "copy",
    "pin": "pinning",
    "wake": "wake-ups",
    "switch": "context switches",
}
BATCHES = 2 ** np.arange(9)
COSTS = {"system_call": 0.0759, "copy": 0.0868, "pin": 0.0427, "wake": 0.17, "switch": 0.4865}  # µs
COSTS_FROM = "recorded on a 2-CPU virtual machine, 2026-11-25"
MICROS = real(0, 1e9, unit="µs")
TOGETHER = integer(1, 1 << 20)


@dataclass(frozen=True)
class Bill:
    """What one operation costs on the CPU that serves it.

    Attributes
    ----------
    terms : dict of str to float
        µs by key of `TERMS`.
    calls : float
        System calls.
    """

    terms: dict[str, float]
    calls: float

    @property
    def total(self) -> float:
        """µs."""
        return math.fsum(self.terms.values())

    @property
    def rate(self) -> float:
        """Thousand operations a second."""
        return 1e3 / self.total if self.total else math.inf


def _add_up(costs: dict[str, float], calls: float, copies: float, pins: float, wakes: float) -> Bill:
    """Return the bill of so many of each; each wake-up brings a switch."""
    counts = {"system_call": calls, "copy": copies, "pin": pins, "wake": wakes, "switch": wakes}
    return Bill({term: count * costs[term] for term, count in counts.items()}, calls)


@dataclass(frozen=True)
class OperationCosts(Result):
    """What `bill_operations` returns.

    Attributes
    ----------
    batch, connections, ready : int
        `ready`: operations that are ready together, the smaller of the two.
    direct : bool
        Files read past the page cache.
    costs : dict of str to float
        µs: a system call, copying the data, pinning a buffer's pages, waking a sleeper, a switch.
    bills : dict of str to Bill
        By key of `SERVERS`; epoll has none where it cannot be used.
    """

    batch: int
    connections: int
    ready: int
    direct: bool
    costs: dict[str, float]
    bills: dict[str, Bill]

    def with_costs(self, costs: dict[str, float]) -> OperationCosts:
        """Return the same with other costs."""
        return bill_operations(self.batch, self.connections, self.direct, **costs)

    def curve(self, way: str) -> tuple[np.ndarray, np.ndarray]:
        """Return batches, and operations a second (thousands) with each."""
        choice(tuple(self.bills)).check("way", way)
        rate = [bill_operations(int(b), self.connections, self.direct, **self.costs).bills[way].rate for b in BATCHES]
        return BATCHES, np.array(rate)

    @property
    def costs_from(self) -> str:
        """Where the costs come from: where they were recorded, or "as given"."""
        return COSTS_FROM if self.costs == COSTS else "as given"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a way: µs an operation by term, their sum, operations a second in thousands, whose costs."""
        for key, b in self.bills.items():
            terms = {TERMS[t]: b.terms[t] for t in TERMS}
            yield {"way": SERVERS[key], **terms, "sum, µs": b.total, "k/s": b.rate, "costs": self.costs_from}

    def __str__(self) -> str:
        said = "; ".join(f"{SERVERS[key]} {quantity(b.total, 'µs')}" for key, b in self.bills.items())
        return f"batch {self.batch}, {plural(self.connections, 'connection')}, costs {self.costs_from}: {said}"


@checked(
    batch=TOGETHER,
    connections=TOGETHER,
    direct=flag(),
    system_call=MICROS,
    copy=MICROS,
    pin=MICROS,
    wake=MICROS,
    switch=MICROS,
)
def bill_operations(
    batch: int = 8,
    connections: int = 64,
    direct: bool = False,
    *,
    system_call: float = COSTS["system_call"],
    copy: float = COSTS["copy"],
    pin: float = COSTS["pin"],
    wake: float = COSTS["wake"],
    switch: float = COSTS["switch"],
) -> OperationCosts:
    """Add up what one operation costs by each way.

    Each operation is one read of 4 KiB.  A thread blocks in every read: it is woken and switched to.  epoll and
    io_uring are woken once for all operations that are ready together; epoll then makes a call for each (with edges
    one more, which finds nothing), io_uring none.  SQPOLL saves the last call, and keeps a second CPU busy, which is
    not on this bill.  The data of a buffered read is copied by every way.  A direct read is not copied: the device
    writes into pages that are pinned, for each operation or, with registered buffers, once; epoll refuses files.

    Parameters
    ----------
    batch : int
        Most operations submitted, or reported, at a time; 1 or more.
    connections : int
        Sockets, or operations under way; 1 or more; no more than these can be ready together.
    direct : bool
        Files opened with O_DIRECT instead of sockets.
    system_call, copy, pin, wake, switch : float
        µs, 0 or more; those of the recorded machine if not given.

    Raises
    ------
    TypeError, ValueError
        A batch or connections below 1, a negative cost.
    """
    costs = {"system_call": system_call, "copy": copy, "pin": pin, "wake": wake, "switch": switch}
    ready = min(batch, connections)
    calls = {way: n / ready for way, n in count_calls(ready, ready).items()}
    once = 1 / ready
    per_way = {  # calls, pins, wake-ups, an operation
        "threads": (calls["threads"], 1, 1),
        "level": (calls["epoll"], 1, once),
        "edge": (calls["epoll"] + 1, 1, once),
        "uring": (calls["io_uring"], 1, once),
        "registered": (calls["io_uring"], 0, once),
        "sqpoll": (calls["sqpoll"], 1, 0),
    }
    bills = {
        key: _add_up(costs, n, not direct, pins * direct, wakes)
        for key, (n, pins, wakes) in per_way.items()
        if not (direct and key in ("level", "edge"))
    }
    return OperationCosts(batch, connections, ready, direct, costs, bills)


@dataclass(frozen=True)
class JobCosts(Result):
    """What `expect_race` returns.

    Attributes
    ----------
    job : str
    together : int
    costs : dict of str to float
        µs by key of `TERMS`.
    bills : dict of str to Bill
        By way.
    """

    job: str
    together: int
    costs: dict[str, float]
    bills: dict[str, Bill]

    costs_from = OperationCosts.costs_from

    @property
    def calls(self) -> dict[str, float]:
        """System calls an operation by way."""
        return {way: bill.calls for way, bill in self.bills.items()}

    @property
    def micros(self) -> dict[str, float]:
        """µs of the CPU an operation by way."""
        return {way: bill.total for way, bill in self.bills.items()}

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a way."""
        for way, bill in self.bills.items():
            yield {"way": way, "calls": bill.calls, "µs": bill.total, "k/s": bill.rate, "costs": self.costs_from}

    def __str__(self) -> str:
        each = (f"{w} {plural(b.calls, 'call')}, {quantity(b.total, 'µs')}" for w, b in self.bills.items())
        return f"{JOBS[self.job]}, {self.together} together, costs {self.costs_from}: " + "; ".join(each)


@checked(job=choice(JOBS), together=TOGETHER)
def expect_race(job: str = "echo", together: int = 16, costs: dict[str, float] | None = None) -> JobCosts:
    """Add up what an operation of a job costs that C programs do here, by the ways that can do it.

    An echo is a receive and a send; its bytes are too few for their copy to count.  A read from the page cache never
    blocks.  The device, the network's code and the other side are on no bill.

    Parameters
    ----------
    job : {'echo', 'cached', 'direct'}
    together : int
        Connections that are ready together, or reads under way; 1 or more.
    costs : dict of str to float, optional
        µs by key of `TERMS`; those of the recorded machine where none are given.

    Raises
    ------
    TypeError, ValueError
        No such job; fewer than one together; costs of something else, or below 0.
    """
    if not isinstance(costs, dict | None):
        raise TypeError(f"costs={shown(costs)}: allowed are a dictionary with keys of {', '.join(TERMS)}, or None")
    given = {
        choice(TERMS).check("costs", term): MICROS.check(f"costs[{term!r}]", v) for term, v in (costs or {}).items()
    }
    c, each = {**COSTS, **given}, 1 / together
    if job == "echo":  # calls, copies, pins, wake-ups
        counts = {"threads": (2, 0, 0, 1), "epoll": (2 + each, 0, 0, each), "io_uring": (2 * each, 0, 0, each)}
    else:
        cached = job == "cached"
        calls = {"threads": 1, "io_uring": each, "io_uring, registered": each}
        pinned = {"threads": 1, "io_uring": 1, "io_uring, registered": 0}
        counts = {way: (n, cached, 0 if cached else pinned[way], 0 if cached else n) for way, n in calls.items()}
    return JobCosts(job, together, c, {way: _add_up(c, *some) for way, some in counts.items()})


def find_costs(measured: Iterable[Series] | None, origin: str = "this machine") -> dict[str, float] | None:
    """Return the costs, in µs, that were measured: of the series of this origin whose x are the keys of `TERMS`."""
    for series in measured or ():
        if series.origin == origin and series.x.tolist() == list(TERMS):
            return dict(zip(TERMS, series.median.tolist()))
    return None
