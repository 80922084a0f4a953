"""Bursts of a process's threads, looked up again and again in schedstat: coarse, but it needs no tool and no right."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from oslab.base import Instance, checked, integer, real
from oslab.machine import procfs
from oslab.scheduling.workload import Workload, in_ms

__all__ = ["sample_schedule"]

EVERY = 0.002
MOST = 12
SLEEPING = ("S", "D", "I")


class _Sampled:
    """One thread: its bursts so far, and when and how far it was looked at last."""

    def __init__(self, name: str, now: int, ran: int):
        self.name, self.arrival, self.parts = name, now, [0]
        self._now, self._ran = now, ran

    def look(self, now: int, ran: int, asleep: bool) -> None:
        """Count what it ran, then, if it sleeps now, the rest of the interval: its counter stands still meanwhile."""
        run, passed = ran - self._ran, now - self._now
        self._now, self._ran = now, ran
        self._add(0, run)
        if asleep:
            self._add(1, passed - run)

    def _add(self, kind: int, time: int) -> None:
        if time > 0:
            if (len(self.parts) - 1) % 2 != kind:
                self.parts.append(0)
            self.parts[-1] += time


@checked(pid=integer(1, 2**31), alive=Instance(Callable), seconds=real(0.01, 86_400, unit="s"))  # type: ignore[arg-type]
def sample_schedule(pid: int, alive: Callable[[], Any], seconds: float = 10.0) -> Workload:
    """Watch a process, its descendants and their threads, until it has ended or the time is up.

    Parameters
    ----------
    pid : int
    alive : callable
        Returns whether it still runs.
    seconds : float

    Returns
    -------
    Workload
        The 12 threads with the most CPU time; what each waited for a CPU is left out.

    Raises
    ------
    ValueError
        Nothing ran, or nothing could be read.
    """
    begin, threads = time.monotonic_ns(), dict[Path, _Sampled]()
    while alive() and time.monotonic_ns() < begin + seconds * 1e9:
        for folder in _threads(pid):
            seen, state = procfs.schedstat(folder), procfs.stat(folder)
            if seen is None or state is None:
                continue
            now, ran = time.monotonic_ns(), round(seen.run_time * 1e9)
            one = threads.setdefault(folder, _Sampled("", now, ran))
            one.name = f"{re.sub('[^A-Za-z0-9_./:+-]+', '_', state.name)}-{folder.name}"
            one.look(now, ran, state.state in SLEEPING)
        time.sleep(EVERY)
    busiest = sorted(threads.values(), key=lambda one: -sum(one.parts[::2]))[:MOST]
    found = sorted((one for one in busiest if sum(one.parts[::2])), key=lambda one: one.arrival)
    if not found:
        raise ValueError(f"pid={pid}: none of its threads ran while it was watched")
    bursts = [[in_ms(part) for part in one.parts] for one in found]
    return Workload([in_ms(one.arrival - begin) for one in found], bursts, names=[one.name for one in found])


def _threads(pid: int) -> list[Path]:
    found, pending = [], [pid]
    while pending and len(found) < 1000:
        one = pending.pop()
        found += sorted(Path(f"/proc/{one}/task").glob("*"))
        pending += procfs.children(one) or ()
    return found
