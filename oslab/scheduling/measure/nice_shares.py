"""What this machine's own scheduler does: busy processes of different nice values on one CPU, and the cost of a pick."""

import os
import time
from collections.abc import Iterator

import numpy as np

from oslab.base import Series, Several, checked, integer, readable, real
from oslab.machine import Child, Unavailable, need, procfs, recorded, start_all

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


@checked(nice=Several(integer(0, 19), 2, MOST), seconds=real(0.2, 2.5))
def busy_shares(nice: tuple[int, ...] = (0, 5), seconds: float = SECONDS) -> Iterator[float | list[Series]]:
    """Let busy processes of these nice values share one CPU for two seconds, and measure the share of each.

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
    need("pinning")
    mine = os.getpriority(os.PRIO_PROCESS, 0)
    if mine > min(nice):
        raise Unavailable(
            f"this notebook runs with nice {mine}: children cannot have {min(nice)}; choose {mine} or more"
        )
    cpu = max(os.sched_getaffinity(0))
    with start_all([Child(CHILD, [cpu, value, seconds, WINDOWS]) for value in nice]) as children:
        for child in children:
            child.line(10.0)
        begin = time.monotonic() + 0.05
        for child in children:
            child.say(begin)
        while (done := (time.monotonic() - begin) / seconds) < 1:
            yield max(0.0, done)
            time.sleep(0.1)
        rows = [child.line(10.0) for child in children]
    yield _to_series(nice, rows)


def _to_series(values: tuple[int, ...], rows: list[list[float]]) -> list[Series]:
    used = np.diff(np.array([row[: WINDOWS + 1] for row in rows]), axis=1)
    share = (100 * used / used.sum(axis=0)).T
    x = [f"nice {value}" + (f" ({k + 1})" if value in values[:k] else "") for k, value in enumerate(values)]
    found = [recorded.measured("share of one CPU", x, share, "%")]
    for label, column in (("waited in the run queue", -2), ("se.slice", -1)):
        numbers = np.array([row[column] for row in rows]) / 1e6
        if np.any(numbers < 0):
            break
        found.append(recorded.measured(label, x, numbers, "ms"))
    return found


def own_scheduling() -> str:
    """Return the kernel's figures for this process: time run, time waited, turns, slice.

    Returns
    -------
    str
        A line for each figure, or one line if the kernel does not provide them.
    """

    times, known = procfs.schedstat(), procfs.sched() or {}
    if times is None:
        return "/proc/self/schedstat is missing here: it needs Linux with CONFIG_SCHED_INFO"
    told = [
        ("ran", 1e3 * times.run_time, "ms"),
        ("waited for the CPU", 1e3 * times.wait_time, "ms"),
        ("turns", times.slices, ""),
    ]
    for key, scale, unit in (
        ("se.vruntime", 1e3, "ms"),
        ("se.slice", 1e-6, "ms"),
        ("se.load.weight", 1 / 1024, "(1024 at nice 0)"),
        ("nr_voluntary_switches", 1, ""),
        ("nr_involuntary_switches", 1, ""),
    ):
        if key in known:
            told.append((key, scale * known[key], unit))
    return "\n".join(f"{key:<26}{readable(value):>12} {unit}".rstrip() for key, value, unit in told)
