"""What an operation costs by blocking threads, epoll and io_uring, as a sum of named costs."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base.series import Series
from oslab.devices.ring_job import count_calls
from oslab.devices.rings import _whole

__all__ = ["COSTS", "SERVERS", "TERMS", "Bill", "OperationCosts", "bill_operations", "costs_of"]

SERVERS = {
    "threads": "threads",
    "level": "epoll, level",
    "edge": "epoll, edge",
    "uring": "io_uring",
    "registered": "io_uring, registered",
    "sqpoll": "io_uring, SQPOLL",
}
TERMS = {
    "system_call": "system calls",
    "copy": "copy",
    "pin": "pinning",
    "wake": "wake-ups",
    "switch": "context switches",
}
BATCHES = 2 ** np.arange(9)
COSTS = {"system_call": 0.25, "copy": 0.4, "pin": 0.3, "wake": 1.0, "switch": 1.5}  # µs, for scale only


@dataclass(frozen=True)
class OperationCosts:
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
        rate = [bill_operations(int(b), self.connections, self.direct, **self.costs).bills[way].rate for b in BATCHES]
        return BATCHES, np.array(rate)

    def table(self) -> list[dict[str, Any]]:
        """Return one row a way: µs an operation by term, their sum, operations a second in thousands."""
        return [
            {
                "way": SERVERS[key],
                **{TERMS[t]: float(f"{b.terms[t]:.3g}") for t in TERMS},
                "sum, µs": float(f"{b.total:.3g}"),
                "k/s": float(f"{b.rate:.3g}"),
            }
            for key, b in self.bills.items()
        ]

    def __str__(self) -> str:
        return f"batch {self.batch}, {self.connections} connections: " + "; ".join(
            f"{SERVERS[key]} {b.total:.3g} µs" for key, b in self.bills.items()
        )


@dataclass(frozen=True)
class Bill:
    """µs that one operation costs on the CPU that serves it, by key of `TERMS`; and system calls an operation."""

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
        µs, 0 or more.

    Raises
    ------
    TypeError, ValueError
        A batch or connections below 1, a negative cost.
    """
    costs = {"system_call": system_call, "copy": copy, "pin": pin, "wake": wake, "switch": switch}
    for name, value in (("batch", batch), ("connections", connections)):
        _whole(name, value, 1, 1 << 20)
    for name, value in costs.items():
        if not 0 <= value < math.inf:
            raise ValueError(f"{name}={value!r}: a cost in µs, 0 or more")
    ready = min(batch, connections)
    calls = {way: n / ready for way, n in count_calls(ready, ready).items()}
    once = 1 / ready
    per_way = {  # calls, pins, wake-ups (each with a switch), an operation
        "threads": (calls["threads"], 1, 1),
        "level": (calls["epoll"], 1, once),
        "edge": (calls["epoll"] + 1, 1, once),
        "uring": (calls["io_uring"], 1, once),
        "registered": (calls["io_uring"], 0, once),
        "sqpoll": (calls["sqpoll"], 1, 0),
    }
    bills = {
        key: Bill(
            {
                "system_call": n * system_call,
                "copy": 0.0 if direct else copy,
                "pin": pins * pin * direct,
                "wake": wakes * wake,
                "switch": wakes * switch,
            },
            n,
        )
        for key, (n, pins, wakes) in per_way.items()
        if not (direct and key in ("level", "edge"))
    }
    return OperationCosts(batch, connections, ready, direct, costs, bills)


def costs_of(measured: list[Series] | None) -> dict[str, float] | None:
    """Return the costs, in µs, that a measurement holds: a series whose x are the keys of `TERMS`."""
    if not measured:
        return None
    return dict(zip(measured[0].x.tolist(), measured[0].median.tolist()))
