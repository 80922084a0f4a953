"""What this machine's own scheduler does: busy processes of different nice values on one CPU, and the cost of a pick."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from typing import Any

import numpy as np

from oslab.base.series import Series
from oslab.machine import Unavailable, need, procfs, recorded
from oslab.machine.child import Child, start_all

__all__ = ["busy_shares", "own_scheduling"]

SECONDS, WINDOWS, MOST = 2.0, 5, 3
# A child: pins and renices itself, waits for the common start, then spins and notes its CPU time after every window.
CHILD = """
import json, os, sys, time
cpu, nice, seconds, windows = json.loads(sys.argv[1])
os.sched_setaffinity(0, {cpu})
os.setpriority(os.PRIO_PROCESS, 0, nice)
def read(name):
    try:
        with open("/proc/self/" + name) as file:
            return file.read()
    except OSError:
        return ""
def waited():
    words = read("schedstat").split()
    return int(words[1]) if len(words) > 1 else -1
print(json.dumps("ready"), flush=True)
line = sys.stdin.readline()
if not line:
    sys.exit(1)
begin = json.loads(line)
while time.monotonic() < begin:
    time.sleep(0.001)
before, used = waited(), [time.process_time()]
for k in range(windows):
    end = begin + seconds * (k + 1) / windows
    while time.monotonic() < end:
        pass
    used.append(time.process_time())
after = waited()
piece = next((row.split(":")[1].strip() for row in read("sched").splitlines() if row.startswith("se.slice")), "-1")
print(json.dumps([*used, after - before if before >= 0 else -1, float(piece)]), flush=True)
"""


def busy_shares(nice: tuple[int, ...] = (0, 5), seconds: float = SECONDS) -> Iterator[float | list[Series]]:
    """Let busy processes of these nice values share one CPU for two seconds, and see who gets how much.

    Parameters
    ----------
    nice : tuple of int
        2 or 3 values from 0 to 19, not below this process's own.
    seconds : float
        0.2 to 2.5.

    Yields
    ------
    float
        Share of the work done.
    list of Series
        % of the CPU time that they got together, each window of a fifth a repeat; ms of each spent waiting in the run
        queue (/proc/self/schedstat); the kernel's slice (se.slice of /proc/self/sched), ms.  The last two only where
        the kernel tells.

    Raises
    ------
    ValueError, TypeError
        Other numbers of processes, nice values or seconds.
    Unavailable
        No pinning here, or this process is nicer than one of the values.

    Notes
    -----
    Only child processes are pinned and reniced; they end by themselves, and are ended on an interrupt.
    """
    values = tuple(nice)
    if not 2 <= len(values) <= MOST or not all(
        isinstance(v, int) and not isinstance(v, bool) and 0 <= v <= 19 for v in values
    ):
        raise ValueError(f"nice={nice!r}: allowed are 2 or 3 whole numbers from 0 to 19")
    if not 0.2 <= seconds <= 2.5:
        raise ValueError(f"seconds={seconds!r}: allowed are numbers from 0.2 to 2.5")
    need("pinning")
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    if mine > min(values):
        raise Unavailable(
            f"this notebook runs with nice {mine}: children cannot have {min(values)}; choose {mine} or more"
        )
    cpu = max(os.sched_getaffinity(0))
    with start_all([Child(CHILD, [cpu, value, seconds, WINDOWS]) for value in values]) as children:
        for child in children:
            child.line(10.0)
        begin = time.monotonic() + 0.05
        for child in children:
            child.say(begin)
        while (done := (time.monotonic() - begin) / seconds) < 1:
            yield max(0.0, done)
            time.sleep(0.1)
        rows = [child.line(10.0) for child in children]
    yield _to_series(values, rows)


def _to_series(values: tuple[int, ...], rows: list[list[float]]) -> list[Series]:
    used = np.diff(np.array([row[: WINDOWS + 1] for row in rows]), axis=1)
    share = (100 * used / used.sum(axis=0)).T
    x = [f"nice {value}" + (f" ({k + 1})" if value in values[:k] else "") for k, value in enumerate(values)]
    fields: dict[str, Any] = {"origin": "this machine", **recorded.here()}
    found = [Series.of_repeats("share of one CPU", x, share, "%", **fields)]
    for label, column in (("waited in the run queue", -2), ("se.slice", -1)):
        numbers = np.array([row[column] for row in rows]) / 1e6
        if np.all(numbers >= 0):
            found.append(Series(label, x, numbers, "ms", **fields))
        else:
            break
    return found


def own_scheduling() -> str:
    """Return what the kernel says of this very process: time run, time waited, turns, slice.

    Returns
    -------
    str
        A line each; or one line that says that the kernel does not tell.
    """

    times, known = procfs.schedstat(), procfs.sched() or {}
    if times is None:
        return "/proc/self/schedstat is not to be had here: it needs Linux with CONFIG_SCHED_INFO"
    lines = [
        f"ran                  {times.run_time * 1e3:>12.3f} ms",
        f"waited for the CPU   {times.wait_time * 1e3:>12.3f} ms",
        f"turns                {times.slices:>12}",
    ]
    for key, scale, unit in (
        ("se.vruntime", 1e3, "ms"),
        ("se.slice", 1, "ns"),
        ("se.load.weight", 1, "= 1024 · 1024 at nice 0"),
        ("nr_voluntary_switches", 1, ""),
        ("nr_involuntary_switches", 1, ""),
    ):
        if key in known:
            lines.append(f"{key:<26}{known[key] * scale:>16.{6 if unit == 'ms' else 0}f} {unit}".rstrip())
    return "\n".join(lines)
