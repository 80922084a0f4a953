"""A sampler: counters of a process and of the machine, read at an interval by one thread that ends by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Several, choice, real
from oslab.machine.procfs.process import io, schedstat, stat, status
from oslab.machine.procfs.system import pressure

__all__ = ["COUNTERS", "Sampler", "Samples"]

LONGEST, SHORTEST_INTERVAL = 120.0, 0.005


def _stalled(resource: str) -> Callable[[int | str], float | None]:
    def read(pid: int | str) -> float | None:
        some = getattr(pressure(resource), "some", None)
        return getattr(some, "total", None)

    return read


def _field(reader: Callable[[int | str], Any], name: str) -> Callable[[int | str], float | None]:
    return lambda pid: getattr(reader(pid), name, None)


def _stopped(pid: int | str) -> float | None:
    state = getattr(stat(pid), "state", None)
    return None if state is None else float(state in "Tt")


COUNTERS: dict[str, Callable[[int | str], float | None]] = {
    "resident": _field(stat, "resident"),
    "threads": _field(stat, "threads"),
    "minor_faults": _field(stat, "minor_faults"),
    "major_faults": _field(stat, "major_faults"),
    "user_time": _field(stat, "user_time"),
    "system_time": _field(stat, "system_time"),
    "run_time": _field(schedstat, "run_time"),
    "wait_time": _field(schedstat, "wait_time"),
    "stopped": _stopped,
    "voluntary_switches": _field(status, "voluntary_switches"),
    "involuntary_switches": _field(status, "involuntary_switches"),
    "read_bytes": _field(io, "read_bytes"),
    "written_characters": _field(io, "written_characters"),
    "cpu_pressure": _stalled("cpu"),
    "memory_pressure": _stalled("memory"),
    "io_pressure": _stalled("io"),
}


@dataclass(frozen=True, eq=False)
class Samples:
    """Counters over time.

    Attributes
    ----------
    time : ndarray of float64, shape (n,)
        Seconds since the first sample.
    values : dict of str to ndarray of float64, shape (n,)
        By counter; NaN where it could not be read.
    ended : bool
        Whether the process was gone at the last sample.
    """

    time: np.ndarray
    values: dict[str, np.ndarray]
    ended: bool = False

    def rate(self, name: str) -> np.ndarray:
        """Return the counter's growth a second between samples, float64 of shape (n - 1,); NaN where it fell.

        Raises
        ------
        ValueError
            Not recorded.
        """
        growth = np.diff(self._known(name))
        return np.where(growth >= 0, growth, np.nan) / np.diff(self.time)

    def apart(self, seconds: float) -> Samples:
        """Return those samples that are at least so far from the one before: of two close together no rate can be told."""
        kept, last = [], -np.inf
        for k, moment in enumerate(self.time):
            if moment - last >= seconds:
                kept.append(k)
                last = moment
        return Samples(self.time[kept], {name: values[kept] for name, values in self.values.items()}, self.ended)

    def grown(self, name: str) -> float:
        """Return by how much the counter grew from its first to its last known value; NaN if there are not two."""
        known = self._known(name)
        known = known[~np.isnan(known)]
        return float(known[-1] - known[0]) if len(known) > 1 else float("nan")

    def _known(self, name: str) -> np.ndarray:
        if name not in self.values:
            raise ValueError(f"name={name!r}: recorded are {', '.join(self.values)}")
        return self.values[name]


class Sampler:
    """Reads chosen counters at an interval, in a thread of its own, for a bounded time.

    It ends when `stop` is called, the time is over or the process is gone; as a context manager it stops at the end.

    Parameters
    ----------
    pid : int or str
        The process.
    counters : iterable of str
        Names from `COUNTERS`.
    interval : float
        Seconds from one sample to the next, at least 0.005; two are never nearer than half of it.
    longest : float
        Seconds after which it stops by itself, at most 120.

    Raises
    ------
    TypeError, ValueError
        A counter that is not known, or a time out of range.

    Examples
    --------
    >>> from oslab.machine.procfs import Sampler
    >>> with Sampler("self", ["resident"], interval=0.01) as sampler:
    ...     _ = sum(range(1_000_000))
    >>> bool(sampler.samples.values["resident"][0] > 0)
    True
    """

    def __init__(
        self,
        pid: int | str,
        counters: Any,
        *,
        interval: float = 0.1,
        longest: float = 30.0,
    ):
        self.counters = Several(choice(COUNTERS.keys()), most=len(COUNTERS)).check("counters", tuple(counters))
        real(0, LONGEST, above=True).check("longest", longest)
        real(SHORTEST_INTERVAL, longest).check("interval", interval)
        self.pid, self.interval, self.longest = pid, interval, longest
        self._times: list[float] = []
        self._rows: list[list[float]] = []
        self._ended = self._had_memory = False
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="oslab-sampler", daemon=True)

    def start(self) -> Sampler:
        """Take the first sample now, the others in a thread."""
        self._begin = time.perf_counter()
        self._sample()
        self._thread.start()
        return self

    def stop(self) -> Samples:
        """End the thread, take a last sample, and return all."""
        if not self._stop.is_set():
            self._stop.set()
            if self._thread.ident is not None and self._thread is not threading.current_thread():
                self._thread.join()
                if len(self._times) > 1 and time.perf_counter() - self._times[-1] < self.interval / 2:
                    del self._times[-1], self._rows[-1]  # so near to it a rate would be noise
                self._sample()
        return self.samples

    def __enter__(self) -> Sampler:
        return self.start()

    def __exit__(self, *_: Any) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether it still takes samples."""
        return self._thread.is_alive()

    @property
    def samples(self) -> Samples:
        """What was read so far."""
        n = len(self._rows)
        block = np.array(self._rows[:n], dtype=np.float64).reshape(n, len(self.counters))
        times = np.array(self._times[:n], dtype=np.float64)
        return Samples(
            times - times[0] if n else times,
            {name: block[:, k].copy() for k, name in enumerate(self.counters)},
            self._ended,
        )

    def _sample(self) -> None:
        if self._ended:
            return
        now = time.perf_counter()
        row = [float("nan") if (value := COUNTERS[name](self.pid)) is None else float(value) for name in self.counters]
        found = stat(self.pid)
        state = getattr(found, "state", None)
        # A process that has ended but was not waited for still has files, whose sizes are 0.
        if state is None or state in "ZX":
            self._ended = True
            return
        # So has one that is just ending: its memory goes before its state says so (kernel threads never had any).
        if self._rows and not found.virtual_size and self._had_memory:
            return
        self._had_memory = bool(found.virtual_size)
        self._times.append(now)
        self._rows.append(row)

    def _run(self) -> None:
        for k in range(1, int(self.longest / self.interval) + 1):
            if self._stop.wait(max(0.0, self._begin + k * self.interval - time.perf_counter())) or self._ended:
                return
            if time.perf_counter() - self._times[-1] >= self.interval / 2:  # the last one may have come late
                self._sample()
