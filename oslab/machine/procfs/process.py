"""What one process is and does: /proc/PID/stat, status, maps, smaps_rollup, schedstat, sched and fd."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from oslab.machine.procfs import text
from oslab.machine.procfs.text import Record, clock_ticks, cpu_list, entries, of, size, whole, whole_lines

__all__ = [
    "MappedRange",
    "ProcessStat",
    "ProcessStatus",
    "SchedulerTimes",
    "children",
    "descriptors",
    "maps",
    "sched",
    "schedstat",
    "smaps_rollup",
    "stat",
    "status",
]

Pid = int | str | Path
_MAP = re.compile(r"([0-9a-f]+)-([0-9a-f]+) ([r-][w-][x-][sp]) ([0-9a-f]{8,}) [0-9a-f]+:[0-9a-f]+ ([0-9]+)(?: +(.*))?$")
_STATES = frozenset("RSDTtZXxKWPI")
# Fields after the name in /proc/PID/stat since Linux 3.5; fewer are damage, more may come.
_STAT_FIELDS = 50


@dataclass(frozen=True)
class MappedRange(Record):
    """One line of ``/proc/PID/maps``.

    Attributes
    ----------
    start, end : int
        Addresses; `end` is the first one beyond.
    permissions : str
        Such as ``"r-xp"``: read, write, execute, private or shared.
    offset : int
        Bytes into the file.
    inode : int
        0 for memory without a file.
    path : str
        A file, a name in brackets such as ``[heap]``, or empty.
    """

    start: int
    end: int
    permissions: str
    offset: int
    inode: int
    path: str

    @property
    def size(self) -> int:
        """Bytes of address space."""
        return self.end - self.start

    @property
    def shared(self) -> bool:
        """Whether writes are seen by others who map the same."""
        return self.permissions[3:4] == "s"


@dataclass(frozen=True)
class ProcessStatus(Record):
    """``/proc/PID/status``; sizes in bytes.

    Attributes
    ----------
    state : str or None
        A letter and what it means: ``"S (sleeping)"``.
    user : int or None
        The effective user's number.
    vm_size, vm_peak : int or None
        Virtual size, now and at its largest: address space, not memory.
    vm_rss, vm_hwm : int or None
        Resident memory, now and at its largest.
    page_tables : int or None
        Memory taken by the page tables (``VmPTE``).
    voluntary_switches, involuntary_switches : int or None
        Of the first thread only: gave up the CPU to wait, or lost it to another.
    cpus_allowed, nodes_allowed : frozenset of int or None
        CPUs it may run on, NUMA nodes it may take memory from.
    """

    name: str | None
    state: str | None
    pid: int | None
    parent: int | None
    threads: int | None
    vm_peak: int | None
    vm_size: int | None
    vm_hwm: int | None
    vm_rss: int | None
    rss_anonymous: int | None
    rss_file: int | None
    rss_shared_memory: int | None
    page_tables: int | None
    vm_swap: int | None
    voluntary_switches: int | None
    involuntary_switches: int | None
    group: int | None = None
    user: int | None = None
    vm_locked: int | None = None
    vm_data: int | None = None
    vm_stack: int | None = None
    huge_pages: int | None = None
    cpus_allowed: frozenset[int] | None = None
    nodes_allowed: frozenset[int] | None = None


@dataclass(frozen=True)
class ProcessStat(Record):
    """``/proc/PID/stat``, all threads of the process together; times in seconds, sizes in bytes.

    Attributes
    ----------
    state : str
        ``R`` running or runnable, ``S`` asleep, ``D`` asleep and not to be woken by signals, ``T`` stopped, ``Z`` ended.
    minor_faults, major_faults : int
        Page faults served without and with reading a disk.
    children_user_time, children_system_time : float
        Of children that ended and were waited for.
    start_time : float
        Since the machine started.
    processor : int
        Where it ran last.
    block_io_delay : float
        Time waited for block devices; 0 where the kernel does not account delays.
    """

    pid: int
    name: str
    state: str
    parent: int
    minor_faults: int
    major_faults: int
    user_time: float
    system_time: float
    threads: int
    virtual_size: int
    resident: int
    children_user_time: float = 0.0
    children_system_time: float = 0.0
    priority: int = 20
    nice: int = 0
    start_time: float = 0.0
    processor: int = 0
    block_io_delay: float = 0.0


@dataclass(frozen=True)
class SchedulerTimes(Record):
    """``/proc/PID/schedstat`` of all threads that now live.

    Attributes
    ----------
    run_time : float
        Seconds on a CPU.
    wait_time : float
        Seconds ready to run while others had the CPU.
    slices : int
        Times it was given a CPU.
    """

    run_time: float
    wait_time: float
    slices: int


def maps(pid: Pid = "self") -> list[MappedRange]:
    """Return the ranges that a process has mapped, in order of address; an empty list if they cannot be read."""
    found = []
    for line in whole_lines(of(pid, "maps")):
        match = _MAP.match(line)
        if match:
            start, end, offset = (int(match[k], 16) for k in (1, 2, 4))
            if start < end:
                found.append(MappedRange(start, end, match[3], offset, int(match[5]), match[6] or ""))
    return found


def smaps_rollup(pid: Pid = "self") -> dict[str, int] | None:
    """Return the sums of ``/proc/PID/smaps_rollup`` in bytes: Rss, Pss, Shared_Clean, AnonHugePages and so on."""
    sizes = {name: size(value) for name, value in entries(of(pid, "smaps_rollup")).items()}
    return {name: number for name, number in sizes.items() if number is not None} or None


def status(pid: Pid = "self") -> ProcessStatus | None:
    """Return ``/proc/PID/status``."""
    e = entries(of(pid, "status"))
    if not e:
        return None

    def sizes(*keys: str) -> list[int | None]:
        return [size(e.get(key)) for key in keys]

    def count(key: str) -> int | None:
        return whole(e.get(key))

    users = [whole(word) for word in e.get("Uid", "").split()]
    return ProcessStatus(
        e.get("Name"),
        e.get("State"),
        count("Pid"),
        count("PPid"),
        count("Threads"),
        *sizes("VmPeak", "VmSize", "VmHWM", "VmRSS", "RssAnon", "RssFile", "RssShmem", "VmPTE", "VmSwap"),
        count("voluntary_ctxt_switches"),
        count("nonvoluntary_ctxt_switches"),
        count("Tgid"),
        users[1] if len(users) == 4 else None,
        *sizes("VmLck", "VmData", "VmStk", "HugetlbPages"),
        cpu_list(e.get("Cpus_allowed_list")),
        cpu_list(e.get("Mems_allowed_list")),
    )


def stat(pid: Pid = "self") -> ProcessStat | None:
    """Return ``/proc/PID/stat``, whose name may hold spaces and brackets."""
    line = of(pid, "stat") or ""
    head, _, tail = line.rpartition(") ")
    number, opened, name = head.partition(" (")
    words = tail.split()
    if not (line.endswith("\n") and opened and len(words) >= _STAT_FIELDS and words[0] in _STATES):
        return None
    numbers = [number, *words[1:]]
    if not all(re.fullmatch("-?[0-9]+", word) for word in numbers):
        return None
    f = [0, *map(int, words[1:])]
    hz = clock_ticks()
    return ProcessStat(
        int(number),
        name,
        words[0],
        f[1],
        f[7],
        f[9],
        f[11] / hz,
        f[12] / hz,
        f[17],
        f[20],
        f[21] * os.sysconf("SC_PAGE_SIZE"),
        f[13] / hz,
        f[14] / hz,
        f[15],
        f[16],
        f[19] / hz,
        f[36],
        f[39] / hz,
    )


def schedstat(pid: Pid = "self") -> SchedulerTimes | None:
    """Return run and wait time of all threads of a process.

    The file of the process itself counts its first thread only, so those in ``task/`` are summed; threads that ended
    are lost with their files.
    """
    tasks = text.PROC / str(pid) / "task"
    try:
        folders = sorted(tasks.iterdir())
    except OSError:
        folders = [text.PROC / str(pid)]
    rows = [row for folder in folders if (row := _three(of(folder, "schedstat")))]
    if not rows:
        return None
    run, wait, slices = (sum(column) for column in zip(*rows))
    return SchedulerTimes(run / 1e9, wait / 1e9, slices)


def _three(line: str | None) -> tuple[int, ...] | None:
    numbers = [whole(word) for word in (line or "").split()]
    ended = (line or "").endswith("\n")
    return tuple(numbers) if ended and len(numbers) == 3 and None not in numbers else None  # type: ignore[arg-type]


def sched(pid: Pid = "self") -> dict[str, float] | None:
    """Return the numbers of ``/proc/PID/sched`` by their names; times (with a decimal point) from milliseconds to seconds.

    Linux 5.16 dropped the prefix ``se.statistics.``; it is dropped here for all.
    """
    found: dict[str, float] = {}
    for key, value in entries(of(pid, "sched")).items():
        if re.fullmatch(r"-?[0-9]+(\.[0-9]{6})?", value):
            found[key.removeprefix("se.statistics.")] = float(value) / 1000 if "." in value else float(value)
    return found or None


def descriptors(pid: Pid = "self") -> int | None:
    """Return how many file descriptors a process has open; None without the right to look."""
    try:
        return sum(1 for _ in (text.PROC / str(pid) / "fd").iterdir())
    except OSError:
        return None


def children(pid: Pid = "self") -> list[int]:
    """Return the processes that this one started and that live, from the lists of its threads."""
    found: list[int] = []
    try:
        folders = list((text.PROC / str(pid) / "task").iterdir())
    except OSError:
        return []
    for folder in folders:
        line = of(folder, "children") or ""
        words = line.split()
        # The list ends with a space, unless it was cut off.
        found += [n for word in (words if line.endswith(" ") else words[:-1]) if (n := whole(word)) is not None]
    return sorted(found)
