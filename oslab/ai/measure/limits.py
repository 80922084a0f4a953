"""Limits of control groups: those set on this very process, and a real run under a quota.

The run makes one group below the process's own, if it may, lets children run in it for a second, and removes it again,
also when this process is killed meanwhile; it stays where it is, and no setting of an existing group is touched.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oslab.ai.bandwidth_control import PERIOD, QUOTA, quota_label
from oslab.base import Series, checked, integer, memory_size, plural, quantity, readable
from oslab.machine import Child, Unavailable, recorded, start_all, usable_cpus
from oslab.machine.procfs import control_groups as own_groups, text

__all__ = ["GroupFiles", "group_for_a_run", "own_limits", "run_under_quota"]

SECONDS, MOST_THREADS, GAP = 1.0, 4, 0.7
# A child: waits for a word, then spins on its CPU and notes the stretches in which it ran, ns of the common clock.
SPIN = """
import json, os, sys, time
cpu, seconds, gap = json.loads(sys.argv[1])
if hasattr(os, "sched_setaffinity"): os.sched_setaffinity(0, {cpu})
if not sys.stdin.readline(): sys.exit()
used = time.process_time()
clock, gap, runs = time.monotonic_ns, gap * 1e6, []
begin = last = clock()
end = begin + seconds * 1e9
while last < end:
    now = clock()
    if now - last > gap:
        runs.append((begin, last))
        begin = now
    last = now
runs.append((begin, last))
print(json.dumps([time.process_time() - used, runs]), flush=True)
"""
# Outlives this process if that is killed: when its standard input ends, it removes the group as soon as that is empty.
REMOVER = """
import json, os, sys, time
print(1, flush=True)
sys.stdin.read()
for _ in range(400):
    try: sys.exit(os.rmdir(json.loads(sys.argv[1])))
    except FileNotFoundError: break
    except OSError: time.sleep(0.02)
"""
# What is asked for: the controller, the file of version 2, the files of version 1.
ASKED = (
    ("CPU time", "cpu", "cpu.max", ("cpu.cfs_quota_us", "cpu.cfs_period_us")),
    ("weight", "cpu", "cpu.weight", ("cpu.shares",)),
    ("periods throttled", "cpu", "cpu.stat", ("cpu.stat",)),
    ("memory, at most", "memory", "memory.max", ("memory.limit_in_bytes",)),
    ("memory, slowed above", "memory", "memory.high", ()),
    ("memory in use", "memory", "memory.current", ("memory.usage_in_bytes",)),
    ("CPUs", "cpuset", "cpuset.cpus.effective", ("cpuset.effective_cpus",)),
    ("processes, at most", "pids", "pids.max", ("pids.max",)),
)


def own_limits() -> list[dict[str, Any]]:
    """Return one row for each limit that the control groups set on this process, of version 1 or 2, and what Python sees.

    A limit may be set by any group above; the narrowest is shown.  What no group has a file for is left out.
    """
    groups = list(own_groups())
    rows = []
    for label, controller, two, one in ASKED:
        found = []
        for controllers, folder in groups:
            if controllers and controller not in controllers.split(","):
                continue
            names, version = (one, 1) if controllers else ((two,), 2)
            texts = [(text.read(folder / name) or "").strip() for name in names]
            if any(texts):
                with contextlib.suppress(ValueError, IndexError):  # a file that is damaged says nothing
                    found.append((*_say(label, texts), f"{names[0]}, version {version}"))
        if found:
            _, words, file = min(found)
            rows.append({"limit": label, "here": words, "from": file})
    shm = Path("/dev/shm")
    if shm.is_dir() and hasattr(os, "statvfs"):
        size = os.statvfs(shm)
        rows.append({"limit": "shared memory", "here": memory_size(size.f_blocks * size.f_frsize), "from": str(shm)})
    rows.append({"limit": "Python counts", "here": plural(os.cpu_count() or 1, "CPU"), "from": "os.cpu_count()"})
    rows.append({"limit": "may run on", "here": plural(usable_cpus(), "CPU"), "from": "os.sched_getaffinity(0)"})
    return rows


def _say(label: str, texts: list[str]) -> tuple[float, str]:
    """How narrow a limit is (smaller is narrower), and the limit in words; ValueError or IndexError for a damaged file."""
    words = " ".join(texts).split()
    if label == "CPU time":
        quota, period = (_number(word) for word in words)
        if quota == float("inf"):
            return quota, "no limit"
        told = f"{quantity(quota / 1000, 'ms')} of every {quantity(period / 1000, 'ms')}"
        return quota / period, f"{told}: {plural(quota / period, 'CPU')}"
    if label == "periods throttled":
        stat = dict(zip(words[::2], map(int, words[1::2])))
        return -stat.get("nr_throttled", 0), f"{stat.get('nr_throttled', 0)} of {stat.get('nr_periods', 0)}"
    if label == "CPUs":
        return len(texts[0]), texts[0] or "none"
    [word] = words
    number = _number(word)
    if label.startswith("memory"):
        limit = float("inf") if number >= 1 << 60 else number  # version 1 says so for none
        return (-limit if "use" in label else limit), "no limit" if limit == float("inf") else memory_size(limit)
    return number, "no limit" if number == float("inf") else readable(number)


def _number(word: str) -> float:
    """A number of such a file; max, and -1 in version 1, mean none."""
    return float("inf") if word in ("max", "-1") else int(word)


class GroupFiles:
    """A control group made for a run, of either version.

    Parameters
    ----------
    folder : Path
        To be made; its parent is a group.
    version : {1, 2}
    """

    def __init__(self, folder: Path, version: int):
        self.folder, self.version = folder, version

    def set_quota(self, quota: float, period: float) -> None:
        """Set the limit, in ms."""
        q, p = round(quota * 1000), round(period * 1000)
        if self.version == 2:
            (self.folder / "cpu.max").write_text(f"{q} {p}")
        else:
            (self.folder / "cpu.cfs_period_us").write_text(str(p))
            (self.folder / "cpu.cfs_quota_us").write_text(str(q))

    def add(self, pid: int) -> None:
        """Move a process into the group."""
        (self.folder / "cgroup.procs").write_text(str(pid))

    def stat(self) -> dict[str, float]:
        """Return periods, throttled periods, and ms throttled, summed over CPUs."""
        words = (self.folder / "cpu.stat").read_text().split()
        found = dict(zip(words[::2], map(int, words[1::2])))
        ms = found["throttled_usec"] / 1e3 if "throttled_usec" in found else found["throttled_time"] / 1e6
        return {"periods": found["nr_periods"], "throttled periods": found["nr_throttled"], "throttled, ms": ms}


@contextlib.contextmanager
def group_for_a_run() -> Iterator[GroupFiles]:
    """Make an empty group below this process's own, and remove it afterwards, also if this process is killed.

    Raises
    ------
    Unavailable
        An ordinary user may not, or the controller is not handed down; nothing was changed then.
    """
    for controllers, place in own_groups():
        names = controllers.split(",")
        if "cpu" in names or controllers == "" and "cpu" in (text.read(place / "cgroup.subtree_control") or "").split():
            break
    else:
        raise Unavailable(
            "A run under a quota needs a control group below this process's own; no cpu controller is handed "
            "down to it. What helps: systemd-run --user --scope -p Delegate=yes, or a privileged container."
        )
    made = GroupFiles(place / f"oslab-{os.getpid()}-{time.monotonic_ns() % 10**6}", 1 if controllers else 2)
    with Child(REMOVER, str(made.folder)) as remover:
        remover.line(8.0)
        try:
            made.folder.mkdir()
        except OSError as error:
            raise Unavailable(
                f"A run under a quota needs a control group; making one in {place} was refused ({error.strerror}). "
                "What helps: systemd-run --user --scope -p Delegate=yes, or a privileged container."
            ) from None
        try:
            yield made
        finally:
            for _ in range(100):  # a process that has just ended may still be counted
                try:
                    made.folder.rmdir()
                    break
                except OSError:
                    time.sleep(0.01)


@checked(quota=QUOTA, period=PERIOD, threads=integer(1, 1024))
def run_under_quota(quota: float = 25.0, period: float = 100.0, threads: int = 2) -> list[Series]:
    """Run busy children, one a CPU, under a real quota for a second.

    Parameters
    ----------
    quota, period : float
        ms, as ``cpu.max`` has them.
    threads : int
        At most as many as CPUs can be used here, and 4.

    Returns
    -------
    list of Series
        First what ``cpu.stat`` counted, and the CPU time that the children used; then for each CPU the stretches in which
        its child ran, x when they began and the values how long they lasted, ms, from the first new period on.

    Raises
    ------
    Unavailable
        No group can be made here.
    """
    if quota == float("inf"):
        raise ValueError("quota=inf: allowed are numbers, since a run without a limit measures none")
    allowed = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    cpus = allowed[: max(1, min(threads, MOST_THREADS))]
    children = [Child(SPIN, [cpu, SECONDS, GAP]) for cpu in cpus]
    with group_for_a_run() as group:
        group.set_quota(quota, period)
        with start_all(children):
            for child in children:
                group.add(child.pid)
            before = group.stat()
            for child in children:
                child.say()
            answers = [child.line(SECONDS * 8) for child in children]
            after = group.stat()
    fields: dict[str, Any] = {"origin": "this machine", **recorded.here()}
    counted = {k: after[k] - before[k] for k in before} | {"CPU time, ms": 1000 * sum(used for used, _ in answers)}
    told = [runs for _, runs in answers]
    label = f"{quota_label(quota, period)} {plural(len(cpus), 'CPU')}"
    series = [Series(label, list(counted), list(counted.values()), "counted", **fields)]
    start = _first_period(told, period)
    for cpu, runs in enumerate(told):
        kept = [((a - start) / 1e6, (b - a) / 1e6) for a, b in runs if a >= start - 5e5 and b > a]
        series.append(Series(f"CPU {cpu}", [k[0] for k in kept], [k[1] for k in kept], "ms", "ms", **fields))
    return series


def _first_period(told: list[list[list[int]]], period: float) -> int:
    """When a new period began: the end of the first long gap of any child, ns; without one, when the first began."""
    ends = [b[0] for runs in told for a, b in zip(runs, runs[1:]) if b[0] - a[1] > 0.2 * period * 1e6]
    return min(ends, default=min(runs[0][0] for runs in told))
