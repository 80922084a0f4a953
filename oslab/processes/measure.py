"""What this machine does: forks and their memory, threads against processes, switches; each in a program of its own.

The probes run as children with a time limit (`probe.py`), so neither the notebook's kernel nor its affinity is touched, and
nothing is left, also after an interrupt.
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from oslab.base.series import Series
from oslab.machine import Unavailable, fork_cost, procfs, recorded, switch_cost
from oslab.machine.cost import here
from oslab.machine.sandbox import run_folder, supervise
from oslab.processes.control_block import ControlBlock, number_of

__all__ = [
    "ASPECTS",
    "compare_workers",
    "fork_latency",
    "pages_after_fork",
    "read_control_block",
    "reading_dirties",
    "recorded_run",
    "switch_counts",
    "switch_here",
]

PROBE = Path(__file__).with_name("probe.py")
SECONDS = 6.0
ASPECTS = ("address space", "creation", "communication", "a crash", "two CPU-bound jobs")


def recorded_run(name: str) -> Callable[[], list[Series] | None]:
    """Return a function that loads a recorded run, or gives None where there is none."""
    return lambda: recorded.load("oslab.processes", name) if name in recorded.names("oslab.processes") else None


def probe(kind: str, *arguments: float) -> dict[str, Any]:
    """Run a probe and return what it found.

    Raises
    ------
    Unavailable
        It did not end well; the message says why.
    """
    if not hasattr(os, "fork"):
        raise Unavailable("This needs fork, which this system does not have.")
    with run_folder() as folder:
        report = supervise(
            [sys.executable, "-I", "-S", str(PROBE), kind, *map(str, arguments)],
            folder,
            seconds=SECONDS,
            own_user=False,
        )
    if report["stopped"]:
        raise Unavailable(f"{kind}: it hung, and was killed after {SECONDS:g} s; nothing of it is left.")
    if report["wait_status"] != 0 or report["trouble"]:
        last = report["stderr"].decode(errors="replace").strip().splitlines()[-1:] or [report["trouble"]]
        raise Unavailable(f"{kind}: it could not be measured here ({last[0]}).")
    return json.loads(report["stdout"])


def pages_after_fork(pages: int = 4096, shares: tuple[float, ...] = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)) -> list[Series]:
    """Fork, write a share of the pages in the child, and ask smaps who has what.

    Parameters
    ----------
    pages : int
        4 KiB each, all touched by the parent.
    shares : tuple of float
        0 to 1.

    Returns
    -------
    list of Series
        Pages of the child that are its own, and those that are shared, by the share written.
    """
    if not 1 <= pages <= 1 << 16 or not all(0 <= s <= 1 for s in shares):
        raise ValueError(f"pages={pages!r}, shares={shares!r}: 1 to 65536 pages, shares from 0 to 1")
    found = probe("sharing", pages, *shares)
    return [
        here(name, list(shares), [found[key]], "pages", "share written")
        for name, key in (("the child's own", "private"), ("shared", "shared"))
    ]


def fork_latency() -> Iterator[Any]:
    """Measure fork against touched memory, then the first write to a shared page, then what reading dirties.

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end the series of `fork_cost`, and µs a page for three kinds of writes.
    """
    returned, ended = fork_cost(fresh=True)
    yield 0.6
    rows = probe("first_write", 2048)["rows"]
    yield [returned, ended, here("write a page", ["its own", "the first after fork", "the second"], rows, "µs")]


def reading_dirties(count: int = 300_000) -> list[Series]:
    """Let a forked child read numbers, from a list and from an array, and ask smaps which pages it made its own.

    Returns
    -------
    list of Series
        MiB dirtied, and MiB that the numbers take.
    """
    found = probe("reading", count)
    names = ["list of integers", "array"]
    return [here("dirtied by reading", names, found["rows"], "MiB"), here("all of it", names, [found["sizes"]], "MiB")]


def compare_workers() -> Iterator[Any]:
    """Measure every row of the table "threads or processes".

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end one series for each of `ASPECTS`.
    """
    two = ["a thread", "a process"]
    seeing = here(ASPECTS[0], two, [probe("seeing")["seen"]], "changes the parent sees")
    yield 0.1
    creation = here(ASPECTS[1], ["thread", "fork", "new interpreter"], probe("creation")["rows"], "µs")
    yield 0.4
    passing = here(
        ASPECTS[2],
        ["thread, by reference", "shared memory", "pipe", "pipe, pickled floats"],
        probe("passing")["rows"],
        "µs",
    )
    yield 0.6
    crash = here(ASPECTS[3], two, [probe("crashing")["left"]], "of 2 workers go on")
    yield 0.7
    counting = here(
        ASPECTS[4], ["one after the other", "two threads", "two processes"], probe("counting", 1_000_000)["rows"], "ms"
    )
    yield [seeing, creation, passing, crash, counting]


def switch_here() -> list[Series]:
    """Return what a switch costs here by ping-pong on one CPU, between processes and between threads, µs."""
    costs = [switch_cost(kind, fresh=True) for kind in ("processes", "threads")]
    return [
        Series(
            "switch",
            ["processes", "threads"],
            [c.median for c in costs],
            "µs",
            low=[c.low for c in costs],
            high=[c.high for c in costs],
            origin="this machine",
            repeats=costs[0].repeats,
            **recorded.here(),
        )
    ]


def switch_counts(seconds: float = 0.5) -> list[dict[str, Any]]:
    """Return the switches of a process that sleeps and of one that computes beside a rival, and of this kernel so far."""
    found = probe("switches", seconds)
    rows = [
        {"process": what, "voluntary": round(found[key][0]), "involuntary": round(found[key][1]), "counted": "a second"}
        for what, key in (("sleeps 1 ms at a time", "sleeps"), ("computes, with a rival on its CPU", "computes"))
    ]
    mine = procfs.status()
    if mine is not None:
        rows.append(
            {
                "process": "this notebook's first thread",
                "voluntary": mine.voluntary_switches,
                "involuntary": mine.involuntary_switches,
                "counted": "since its start",
            }
        )
    return rows


def read_control_block(pid: str = "self") -> ControlBlock:
    """Read what the system shows of a process now.

    Parameters
    ----------
    pid : str
        A number, ``"self"`` (this kernel) or ``"parent"`` (who started it).

    Raises
    ------
    ValueError
        No number.
    Unavailable
        No such process (any more), or no /proc.
    """
    if not Path("/proc/self/stat").exists():
        raise Unavailable("This needs /proc, which only Linux has; the recorded values are shown.")
    number = number_of(pid)
    stat, status = procfs.stat(number), procfs.status(number)
    if stat is None or status is None:
        raise Unavailable(f"There is no process {number} (any more), or you may not look at it.")
    maps, times = procfs.maps(number), procfs.schedstat(number)
    values = {
        "pid, parent": f"{stat.pid}, parent {stat.parent}",
        "state": f"{status.state or stat.state}, {stat.threads} thread{'s' * (stat.threads != 1)}",
        "mm (memory)": f"{len(maps)} ranges, {_mib(stat.virtual_size)} of addresses"
        if maps
        else "not to be seen by you",
        "mm (resident)": f"{_mib(status.vm_rss)} in frames, page tables {_mib(status.page_tables)}",
        "files": _files(number),
        "thread (registers)": f"saved {status.voluntary_switches} times when it waited, {status.involuntary_switches} by force",
        "prio, static_prio": f"{stat.priority}, nice {stat.nice}",
        "se.sum_exec_runtime": f"{times.run_time:.3g} s on a CPU, {times.wait_time:.2g} s ready"
        if times
        else "not counted here",
        "children": f"{len(procfs.children(number))}",
    }
    return ControlBlock(f"{stat.name!r}", values, **recorded.here())


def _mib(size: int | None) -> str:
    return "? MiB" if size is None else f"{size / 2**20:.3g} MiB"


def _files(pid: int) -> str:
    """How many descriptors are open, and what they lead to: ``"8 open: 5 sockets, 3 files"``."""
    links = procfs.descriptors(pid)
    if links is None:
        return "not to be seen by you"
    found = Counter(
        "file" if target.startswith("/") else target.split(":")[0].replace("anon_inode", "event")
        for target in links.values()
    )
    return f"{found.total()} open: " + ", ".join(f"{n} {kind}{'s' * (n != 1)}" for kind, n in found.most_common())
