"""Lab 5 on this machine: a helper, or another process, is watched through /proc while it runs."""

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from oslab.ai.counters import HELPERS, KERNEL, LONGEST, PANELS, Expected, Watched, expect
from oslab.base import Series, memory_size, plural, readable
from oslab.machine import Child, Unavailable, need, procfs, recorded
from oslab.machine.procfs import Sampler, Samples, stat

__all__ = ["load_watched", "own_counters", "scale", "to_series", "watch"]

INTERVAL, DELIVERED = 0.1, 0.5
MEMORY = {
    "MemTotal": "total",
    "MemFree": "free",
    "MemAvailable": "available",
    "Cached": "cached",
    "AnonHugePages": "anonymous_huge",
}


def watch(helper: str = "compute", seconds: int = LONGEST, process: str = "helper") -> Iterator[Any]:
    """Start a helper and watch it, or watch another process instead, through /proc; ends after `seconds`, at most 10.

    Parameters
    ----------
    helper : str
        A key of `HELPERS`.
    seconds : int
    process : str
        ``"helper"``, ``"kernel"`` (this notebook's own process) or a process's number.

    Yields
    ------
    float or dict of str to Watched
        Shares of the time; what is known so far, by `Expected.subject`.

    Raises
    ------
    Unavailable
        No /proc, or no such process.
    ValueError
        `process` is none of these.
    """
    expected = expect(helper, seconds, process)
    need("procfs")
    found = None
    with _start(expected) as (pid, who):
        with Sampler(pid, list(PANELS), interval=INTERVAL, longest=seconds) as sampler:
            begin = time.perf_counter()
            while (passed := time.perf_counter() - begin) < seconds and sampler.running:
                time.sleep(min(DELIVERED, seconds - passed))
                yield min(1.0, passed / seconds)
                if found := scale(who, sampler.samples, "this machine"):
                    yield {expected.subject: found}
            found = scale(who, sampler.samples, "this machine") or found
    if found is None:
        raise Unavailable(f"Process {pid} ended, or may not be looked at.")
    yield {expected.subject: found}


@contextlib.contextmanager
def _start(expected: Expected) -> Iterator[tuple[int, str]]:
    """The number of the process to be watched, which runs, and who that is."""
    if expected.process == "helper":
        with Child("oslab.ai.measure.children.stressors", [expected.helper, expected.seconds]) as child:
            child.line(5.0)
            yield child.pid, expected.who
        return
    if expected.process == "kernel":
        yield os.getpid(), KERNEL
        return
    there = stat(int(expected.process))
    if there is None:
        raise Unavailable(f"There is no process {expected.process}, or it may not be looked at.")
    yield int(expected.process), f"process {expected.process} ({there.name})"


def scale(who: str, samples: Samples, where: str) -> Watched | None:
    """Return what is drawn of samples, of which one may have come just after another; None where there are too few."""
    samples = samples.apart(INTERVAL / 2)
    if len(samples.time) < 3:
        return None
    values = {
        name: (samples.rate(name) if rate else samples.values[name][1:]) / unit
        for name, (_, _, unit, rate) in PANELS.items()
    }
    return Watched(who, samples.time[1:], values, where)


def to_series(watched: Watched, helper: str) -> list[Series]:
    """Return a run as series that can be recorded; what is not known is −1."""
    return [
        Series(
            f"{helper}: {name}",
            np.round(watched.time, 3),
            np.nan_to_num(np.round(values, 4), nan=-1.0),
            PANELS[name][1],
            "s",
            origin="this machine",
            **recorded.here(),
        )
        for name, values in watched.values.items()
    ]


def load_watched() -> dict[str, Watched]:
    """Return the recorded run of each helper."""
    found: dict[str, dict[str, Any]] = {}
    series = recorded.load("oslab.ai", "watched")
    for one in series:
        helper, _, name = one.label.partition(": ")
        found.setdefault(helper, {})[name] = np.where(one.median < 0, np.nan, one.median)
    return {
        helper: Watched(
            f"a program that {HELPERS[helper]}",
            next(s.x for s in series if s.label.startswith(f"{helper}: ")),
            values,
            series[0].where,
        )
        for helper, values in found.items()
    }


def own_counters() -> list[dict[str, Any]]:
    """Return what /proc says of this very process and of the machine: file, counter, value; empty without /proc."""
    status, times, memory, nodes = procfs.status(), procfs.schedstat(), procfs.meminfo(), procfs.numa_maps() or []
    maps, handles, pages = procfs.maps(), procfs.descriptors(), {node: 0 for one in nodes for node in one.pages}
    for one in nodes:
        for node, count in one.pages.items():
            pages[node] += count * (one.page_size or 4096)
    mapped = maps and f"{plural(len(maps), 'range')}, {memory_size(sum(one.size for one in maps))}"
    found = [
        ("/proc/self/maps", "mapped", mapped or None),
        ("/proc/self/status", "VmRSS", getattr(status, "vm_rss", None)),
        ("/proc/self/status", "VmPeak", getattr(status, "vm_peak", None)),
        ("/proc/self/status", "Threads", getattr(status, "threads", None)),
        ("/proc/self/task/*/schedstat", "on a CPU, s", getattr(times, "run_time", None)),
        ("/proc/self/task/*/schedstat", "ready, waiting for one, s", getattr(times, "wait_time", None)),
        *(("/proc/self/numa_maps", f"memory on node {node}", pages[node]) for node in sorted(pages)),
        ("/proc/self/fd", "open descriptors", handles if handles is None else len(handles)),
        *(("/proc/meminfo", name, getattr(memory, field, None)) for name, field in MEMORY.items()),
    ]
    for resource in ("cpu", "memory", "io"):
        some = getattr(procfs.pressure(resource), "some", None)
        found.append((f"/proc/pressure/{resource}", "some, last 10 s", some and f"{readable(100 * some.avg10)} %"))
    return [
        {"file": file, "counter": name, "value": _show(name, value)} for file, name, value in found if value is not None
    ]


def _show(counter: str, value: Any) -> Any:
    """A counter's value as it is printed: sizes in KiB, MiB or GiB."""
    if isinstance(value, str) or counter in ("Threads", "open descriptors"):
        return value
    return readable(value) if counter.endswith(", s") else memory_size(value)
