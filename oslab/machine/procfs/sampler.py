"""A sampler: counters of a process and of the machine, read at an interval by one thread that ends by itself."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.machine.procfs.process import descriptors, schedstat, smaps_rollup, stat, status
from oslab.machine.procfs.resources import io
from oslab.machine.procfs.system import meminfo, pressure, system_stat

__all__ = ["COUNTERS", "Sampler", "Samples"]

LONGEST, SHORTEST_INTERVAL = 120.0, 0.005


def _cpu(name: str) -> Callable[[int | str], float | None]:
    def read(pid: int | str) -> float | None:
        cpu = getattr(system_stat(), "cpu", None)
        return getattr(cpu, name, None)

    return read


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


# name: how it is read, its unit, and whether it is summed up since a start (so that differences count)
COUNTERS: dict[str, tuple[Callable[[int | str], float | None], str, bool]] = {
    "resident": (_field(stat, "resident"), "bytes", False),
    "virtual": (_field(stat, "virtual_size"), "bytes", False),
    "proportional": (lambda pid: (smaps_rollup(pid) or {}).get("Pss"), "bytes", False),
    "threads": (_field(stat, "threads"), "threads", False),
    "descriptors": (descriptors, "descriptors", False),
    "minor_faults": (_field(stat, "minor_faults"), "faults", True),
    "major_faults": (_field(stat, "major_faults"), "faults", True),
    "user_time": (_field(stat, "user_time"), "s", True),
    "system_time": (_field(stat, "system_time"), "s", True),
    "run_time": (_field(schedstat, "run_time"), "s", True),
    "wait_time": (_field(schedstat, "wait_time"), "s", True),
    "stopped": (_stopped, "1 if stopped", False),
    "voluntary_switches": (_field(status, "voluntary_switches"), "switches", True),
    "involuntary_switches": (_field(status, "involuntary_switches"), "switches", True),
    "read_bytes": (_field(io, "read_bytes"), "bytes", True),
    "written_characters": (_field(io, "written_characters"), "bytes", True),
    "machine_busy": (_cpu("busy"), "s", True),
    "machine_idle": (_cpu("idle"), "s", True),
    "machine_steal": (_cpu("steal"), "s", True),
    "machine_available": (lambda pid: getattr(meminfo(), "available", None), "bytes", False),
    "cpu_pressure": (_stalled("cpu"), "s", True),
    "memory_pressure": (_stalled("memory"), "s", True),
    "io_pressure": (_stalled("io"), "s", True),
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

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each sample, rounded to 4 digits; unknown values are None."""
        return [
            {"s": round(float(t), 3)}
            | {name: None if np.isnan(v[k]) else float(f"{v[k]:.4g}") for name, v in self.values.items()}
            for k, t in enumerate(self.time)
        ]

    def __str__(self) -> str:
        span = self.time[-1] if len(self.time) else 0.0
        head = f"{len(self.time)} samples in {span:.3g} s" + (", then the process was gone" if self.ended else "")
        return "\n".join(
            [
                head,
                *(
                    f"{name:>22}  {v[0]:.4g} … {v[-1]:.4g} {COUNTERS[name][1]}"
                    for name, v in self.values.items()
                    if len(v)
                ),
            ]
        )


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
        Seconds from one sample to the next, at least 0.005.
    longest : float
        Seconds after which it stops by itself, at most 120.
    on_sample : callable, optional
        Called with the sampler, in its thread, after each sample.

    Raises
    ------
    ValueError
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
        on_sample: Callable[[Sampler], None] | None = None,
    ):
        self.counters = tuple(counters)
        unknown = [name for name in self.counters if name not in COUNTERS]
        if unknown or not self.counters:
            raise ValueError(f"counters={list(self.counters)!r}: allowed are {', '.join(COUNTERS)}")
        if not SHORTEST_INTERVAL <= interval <= longest:
            raise ValueError(f"interval={interval!r}: allowed are {SHORTEST_INTERVAL} to longest={longest!r} seconds")
        if longest > LONGEST:
            raise ValueError(f"longest={longest!r}: at most {LONGEST:g} seconds")
        self.pid, self.interval, self.longest = pid, interval, longest
        self._on_sample = on_sample
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
        row = [
            float("nan") if (value := COUNTERS[name][0](self.pid)) is None else float(value) for name in self.counters
        ]
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
            self._sample()
            if self._on_sample is not None:
                self._on_sample(self)
