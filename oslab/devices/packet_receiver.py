"""Packets against one CPU: one interrupt per packet, coalesced interrupts, or polling while there is much to do.

With one interrupt per packet, what arrives comes before what has arrived: above some load the CPU takes in packets that
it has no time to use (receive livelock; Mogul and Ramakrishnan, ACM TOCS 15(3), 1997).  Polling under load is Linux's
NAPI with its budget (Documentation/networking/napi.rst), here with equal turns for the application.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from oslab.base import SEED, Result, checked, choice, integer, quantity, readable, real, shown
from oslab.devices.receive_kernel import receive_packets

__all__ = ["LOADS", "RECEIVERS", "LoadCurve", "LoadSweep", "Reception", "receive", "sweep_load"]

RECEIVERS = {
    "interrupts": "one interrupt per packet",
    "coalescing": "coalesced interrupts",
    "polling": "polling under load",
}
LOADS = np.array(
    [10, 20, 30, 40, 60, 80, 100, 120, 140, 160, 180, 200, 240, 280, 320, 360, 400, 500, 600, 800], np.float64
)
TICK = 0.01  # µs
BUDGET = 64
PERCENTILES = (50, 99)
MOST_PLACES, MOST_MICROS = 1 << 20, 1e6
LOAD = {
    "way": choice(RECEIVERS),
    "load": real(1e-3, MOST_MICROS, unit="k/s"),
    "count": integer(1, MOST_PLACES, unit="packets"),
    "delay": real(0, MOST_MICROS, unit="µs"),
    "seed": SEED,
}


@dataclass(frozen=True)
class Reception(Result):
    """What `receive` returns.

    Attributes
    ----------
    way : str
    load : float
        Thousand packets a second.
    arrived, delivered, interrupts : int
    dropped : int
        Packets that found the device's ring full; they cost no work.
    wasted : int
        Packets that were given up at the socket, after the kernel's work on them.
    seconds : float
        Simulated.
    kernel_share, application_share : float
        Of the CPU's time.
    latency : ndarray of float64, shape (delivered,)
        µs from arrival until the application is ready with a packet.
    """

    way: str
    load: float
    arrived: int
    delivered: int
    interrupts: int
    dropped: int
    wasted: int
    seconds: float
    kernel_share: float
    application_share: float
    latency: np.ndarray

    @property
    def throughput(self) -> float:
        """Packets that the application serves, in thousands a second."""
        return self.delivered / self.seconds / 1e3

    @property
    def waiting(self) -> int:
        """Packets that are still queued, or worked on, when the last one has arrived."""
        return self.arrived - self.delivered - self.dropped - self.wasted

    def percentile(self, share: float) -> float:
        """Return the latency that this share of packets (in %) does not exceed, µs; nan if none was delivered."""
        share = real(0, 100).check("share", share)
        return float(np.percentile(self.latency, share)) if len(self.latency) else math.nan

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row."""
        yield {
            "way": RECEIVERS[self.way],
            "load, k/s": self.load,
            "done, k/s": self.throughput,
            "interrupts, k/s": self.interrupts / self.seconds / 1e3,
            "dropped by the card": self.dropped,
            "discarded later": self.wasted,
            "median, µs": self.percentile(50),
            "99 %, µs": self.percentile(99),
        }

    def __str__(self) -> str:
        return (
            f"{RECEIVERS[self.way]}, {readable(self.load)} k packets/s: {readable(self.throughput)} k/s done, kernel "
            f"{readable(100 * self.kernel_share)} % of the CPU, median {quantity(self.percentile(50), 'µs')}"
        )


@dataclass(frozen=True)
class LoadCurve:
    """One way at many loads.

    Attributes
    ----------
    way : str
    load, throughput : ndarray of float64, shape (n,)
        Thousand packets a second.
    latency : ndarray of float64, shape (2, n)
        µs that 50 and 99 % of the packets do not exceed.
    """

    way: str
    load: np.ndarray
    throughput: np.ndarray
    latency: np.ndarray

    @property
    def peak(self) -> float:
        """The largest throughput, in thousands of packets a second."""
        return float(self.throughput.max())


@dataclass(frozen=True)
class LoadSweep(Result):
    """What `sweep_load` returns: the reception at one load, and curves of all ways.

    Attributes
    ----------
    now : Reception
        At the load that is marked.
    curves : tuple of LoadCurve
        One for each way.
    """

    now: Reception
    curves: tuple[LoadCurve, ...]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a load: what each way gets done, in thousands a second."""
        for k, load in enumerate(LOADS):
            yield {"load, k/s": load, **{RECEIVERS[c.way]: c.throughput[k] for c in self.curves}}

    def __str__(self) -> str:
        return str(self.now) + "".join(
            f"\n{RECEIVERS[c.way]}: at most {readable(c.peak)} k/s, {readable(float(c.throughput[-1]))} k/s at "
            f"{readable(float(c.load[-1]))} k/s"
            for c in self.curves
        )


@checked(
    **LOAD,
    packets=integer(1, 10**7),
    interrupt_cost=real(0, MOST_MICROS, unit="µs"),
    packet_cost=real(TICK, MOST_MICROS, unit="µs"),
    application_cost=real(TICK, MOST_MICROS, unit="µs"),
    ring=integer(1, MOST_PLACES),
    socket=integer(1, MOST_PLACES),
)
def receive(
    way: str = "interrupts",
    load: float = 100.0,
    count: int = 8,
    delay: float = 50.0,
    *,
    packets: int = 3000,
    interrupt_cost: float = 2.0,
    packet_cost: float = 1.0,
    application_cost: float = 5.0,
    ring: int = 256,
    socket: int = 256,
    seed: int = 1,
) -> Reception:
    """Let packets arrive at random (Poisson) and count how many the application serves.

    Parameters
    ----------
    way : {'interrupts', 'coalescing', 'polling'}
    load : float
        Thousand packets a second.
    count, delay : int, float
        Coalescing only: an interrupt when so many packets wait, or the first has waited so long (µs).
    packets : int
        How many arrive.
    interrupt_cost, packet_cost, application_cost : float
        µs for an interrupt, for the kernel's part of a packet, for the application's; the latter two above 0.
    ring, socket : int
        Packets that the device's ring and the socket's queue hold; what comes to a full one is lost.
    seed : int

    Raises
    ------
    TypeError, ValueError
        An argument of another type, or out of range.
    """
    if count > ring:
        raise ValueError(f"count={shown(count)}: allowed are 1 to {ring}, the packets that the ring holds")
    arrivals = _arrivals(load, packets, seed)
    done = np.empty(packets, np.int64)
    costs = np.array([round(c / TICK) for c in (interrupt_cost, packet_cost, application_cost)], np.int64)
    batch = {"interrupts": 1, "coalescing": count, "polling": BUDGET}[way]
    horizon = int(arrivals[-1]) + 1
    raised, in_kernel, in_application, dropped, wasted = receive_packets(
        arrivals,
        costs,
        np.array([ring, socket], np.int64),
        way == "polling",
        batch,
        round(delay / TICK) if way == "coalescing" else 0,
        horizon,
        done,
    )
    got = done >= 0
    return Reception(
        way,
        load,
        packets,
        int(got.sum()),
        int(raised),
        int(dropped),
        int(wasted),
        horizon * TICK / 1e6,
        in_kernel / horizon,
        in_application / horizon,
        (done[got] - arrivals[got]) * TICK,
    )


@lru_cache(maxsize=128)
def _arrivals(load: float, packets: int, seed: int) -> np.ndarray:
    arrivals = np.cumsum(np.random.default_rng(seed).exponential(size=packets))
    # Stretched so that the last one comes when the load says: the load is met exactly, whatever the seed.
    arrivals = np.rint(arrivals * (packets * 1e3 / load / TICK / arrivals[-1])).astype(np.int64)
    arrivals.setflags(write=False)
    return arrivals


@lru_cache(maxsize=64)
def _curve(way: str, count: int, delay: float, seed: int) -> LoadCurve:
    runs = [receive(way, load, count, delay, seed=seed) for load in LOADS]
    return LoadCurve(
        way,
        LOADS,
        np.array([r.throughput for r in runs]),
        np.array([[r.percentile(p) for r in runs] for p in PERCENTILES]),
    )


@checked(**LOAD)
def sweep_load(
    way: str = "interrupts", load: float = 100.0, count: int = 8, delay: float = 50.0, seed: int = 1
) -> LoadSweep:
    """Return what happens at a load, and the curves of the three ways over all loads; parameters as for `receive`.

    Parameters
    ----------
    way : str
        How packets are received.
    load : float
        Thousand packets a second; marked in the curves.
    count, delay : int, float
        Packets and µs after which a held-back interrupt is sent.
    seed : int
        Of the arrivals.
    """
    now = receive(way, load, count, delay, seed=seed)
    return LoadSweep(
        now, tuple(_curve(each, *((count, delay) if each == "coalescing" else (1, 0.0)), seed) for each in RECEIVERS)
    )
