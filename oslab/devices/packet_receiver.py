"""Packets against one CPU: an interrupt a packet, interrupts put together, or polling while there is much to do.

With an interrupt a packet, what arrives comes before what has arrived: above some load the CPU takes in packets that
it has no time to use (receive livelock; Mogul and Ramakrishnan, ACM TOCS 15(3), 1997).  Polling under load is Linux's
NAPI with its budget (Documentation/networking/napi.rst), here with equal turns for the application.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from oslab.devices.receive_kernel import receive_packets

__all__ = ["LOADS", "RECEIVERS", "LoadCurve", "LoadSweep", "Reception", "receive", "sweep_load"]

RECEIVERS = {
    "interrupts": "an interrupt a packet",
    "coalescing": "interrupts put together",
    "polling": "polling under load",
}
LOADS = np.array(
    [10, 20, 30, 40, 60, 80, 100, 120, 140, 160, 180, 200, 240, 280, 320, 360, 400, 500, 600, 800], np.float64
)
TICK = 0.01  # µs
BUDGET = 64
PERCENTILES = (50, 99)


@dataclass(frozen=True)
class Reception:
    """What `receive` returns.

    Attributes
    ----------
    way : str
    load : float
        Thousand packets a second.
    arrived, delivered, interrupts, wasted : int
        `wasted`: given up at the socket, after the kernel's work on them.
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
    wasted: int
    seconds: float
    kernel_share: float
    application_share: float
    latency: np.ndarray

    @property
    def throughput(self) -> float:
        """Thousand packets a second that the application gets done."""
        return self.delivered / self.seconds / 1e3

    def percentile(self, share: float) -> float:
        """Return the latency that this share of packets (in %) does not exceed, µs; nan if none was delivered."""
        return float(np.percentile(self.latency, share)) if len(self.latency) else math.nan

    def table(self) -> list[dict[str, Any]]:
        """Return one row."""
        return [
            {
                "way": RECEIVERS[self.way],
                "load, k/s": self.load,
                "done, k/s": float(f"{self.throughput:.3g}"),
                "interrupts, k/s": float(f"{self.interrupts / self.seconds / 1e3:.3g}"),
                "median, µs": float(f"{self.percentile(50):.3g}"),
                "99 %, µs": float(f"{self.percentile(99):.3g}"),
            }
        ]

    def __str__(self) -> str:
        return (
            f"{RECEIVERS[self.way]}, {self.load:g} k packets/s: {self.throughput:.3g} k/s done, kernel "
            f"{100 * self.kernel_share:.3g} % of the CPU, median {self.percentile(50):.3g} µs"
        )


@dataclass(frozen=True)
class LoadCurve:
    """One way at many loads; arrays of float64 with one value a load: k/s, k/s, and µs for each of 50 and 99 %."""

    way: str
    load: np.ndarray
    throughput: np.ndarray
    latency: np.ndarray

    @property
    def peak(self) -> float:
        """The most that is done a second, in thousands."""
        return float(self.throughput.max())


@dataclass(frozen=True)
class LoadSweep:
    """What `sweep_load` returns: the reception at one load, and curves of all ways."""

    now: Reception
    curves: tuple[LoadCurve, ...]

    def table(self) -> list[dict[str, Any]]:
        """Return one row a load: what each way gets done, in thousands a second."""
        return [
            {"load, k/s": float(load), **{RECEIVERS[c.way]: float(f"{c.throughput[k]:.3g}") for c in self.curves}}
            for k, load in enumerate(LOADS)
        ]

    def __str__(self) -> str:
        return str(self.now) + "".join(
            f"\n{RECEIVERS[c.way]}: at most {c.peak:.3g} k/s, {c.throughput[-1]:.3g} k/s at {c.load[-1]:g} k/s"
            for c in self.curves
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
    """Let packets arrive at random (Poisson) and see what the application gets done.

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
        An argument that is out of range.
    """
    if way not in RECEIVERS:
        raise ValueError(f"way={way!r}: allowed are {', '.join(RECEIVERS)}")
    for name, value, most in (
        ("packets", packets, 10**7),
        ("ring", ring, 1 << 20),
        ("socket", socket, 1 << 20),
        ("count", count, ring),
    ):
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{name}={value!r}: a whole number")
        if not 1 <= value <= most:
            raise ValueError(f"{name}={value!r}: allowed are 1 to {most}")
    for name, value, low in (
        ("load", load, 1e-3),
        ("delay", delay, 0),
        ("interrupt_cost", interrupt_cost, 0),
        ("packet_cost", packet_cost, TICK),
        ("application_cost", application_cost, TICK),
    ):
        if not low <= value <= 1e6:
            raise ValueError(f"{name}={value!r}: allowed are {low:g} to 1000000")
    arrivals = _arrivals(float(load), packets, seed)
    done = np.empty(packets, np.int64)
    costs = np.array([round(c / TICK) for c in (interrupt_cost, packet_cost, application_cost)], np.int64)
    batch = {"interrupts": 1, "coalescing": count, "polling": BUDGET}[way]
    horizon = int(arrivals[-1]) + 1
    raised, in_kernel, in_application, wasted = receive_packets(
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
        float(load),
        packets,
        int(got.sum()),
        int(raised),
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


def sweep_load(
    way: str = "interrupts", load: float = 100.0, count: int = 8, delay: float = 50.0, seed: int = 1
) -> LoadSweep:
    """Return what happens at a load, and the curves of the three ways over all loads; arguments as for `receive`."""
    now = receive(way, load, count, delay, seed=seed)
    return LoadSweep(
        now, tuple(_curve(each, *((count, delay) if each == "coalescing" else (1, 0.0)), seed) for each in RECEIVERS)
    )
