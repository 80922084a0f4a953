"""What one process is and does: /proc/PID/stat, status, schedstat, sched, io, fd and the lists of its children."""

import contextlib
import os
import re
from dataclasses import dataclass

from oslab.machine.procfs import text
from oslab.machine.procfs.text import Pid, cpu_list, entries, of, size, whole

__all__ = [
    "ProcessIo",
    "ProcessStat",
    "ProcessStatus",
    "SchedulerTimes",
    "children",
    "descriptors",
    "io",
    "own_processes",
    "sched",
    "schedstat",
    "stat",
    "status",
]

_STATES = frozenset("RSDTtZXxKWPI")
# Fields after the name in /proc/PID/stat since Linux 3.5; fewer are damage, more may come.
_STAT_FIELDS = 50


@dataclass(frozen=True)
class ProcessStatus:
    """``/proc/PID/status``; sizes in bytes.

    Attributes
    ----------
    state : str or None
        A letter and what it means: ``"S (sleeping)"``.
    user : int or None
        The effective user's number.
    vm_peak : int or None
        Virtual size at its largest: address space, not memory.
    vm_rss : int or None
        Resident memory.
    page_tables : int or None
        Memory taken by the page tables (``VmPTE``).
    voluntary_switches, involuntary_switches : int or None
        Of the first thread only: gave up the CPU to wait, or lost it to another.
    cpus_allowed : frozenset of int or None
        CPUs it may run on.
    """

    name: str | None
    state: str | None
    threads: int | None
    vm_peak: int | None
    vm_rss: int | None
    page_tables: int | None
    voluntary_switches: int | None
    involuntary_switches: int | None
    user: int | None
    cpus_allowed: frozenset[int] | None


@dataclass(frozen=True)
class ProcessStat:
    """``/proc/PID/stat``, all threads of the process together; times in seconds, sizes in bytes.

    Attributes
    ----------
    state : str
        ``R`` running or runnable, ``S`` asleep, ``D`` asleep and not to be woken by signals, ``T`` stopped, ``Z`` ended.
    minor_faults, major_faults : int
        Page faults served without and with reading a disk.
    start_time : float
        Since the machine started.
    """

    pid: int
    name: str
    state: str
    parent: int
    minor_faults: int
    major_faults: int
    user_time: float
    system_time: float
    priority: int
    nice: int
    threads: int
    start_time: float
    virtual_size: int
    resident: int


@dataclass(frozen=True)
class SchedulerTimes:
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


@dataclass(frozen=True)
class ProcessIo:
    """``/proc/PID/io``: bytes.

    Attributes
    ----------
    read_characters, written_characters : int or None
        What went through read and write calls, from the page cache and pipes too.
    read_bytes, write_bytes : int or None
        What had to be fetched from, or will be sent to, a device.
    """

    read_characters: int | None
    written_characters: int | None
    read_bytes: int | None
    write_bytes: int | None


def status(pid: Pid = "self") -> ProcessStatus | None:
    """Return ``/proc/PID/status``."""
    e = entries(of(pid, "status"))
    if not e:
        return None
    users = [whole(word) for word in e.get("Uid", "").split()]
    return ProcessStatus(
        e.get("Name"),
        e.get("State"),
        whole(e.get("Threads")),
        *(size(e.get(key)) for key in ("VmPeak", "VmRSS", "VmPTE")),
        whole(e.get("voluntary_ctxt_switches")),
        whole(e.get("nonvoluntary_ctxt_switches")),
        users[1] if len(users) == 4 else None,
        cpu_list(e.get("Cpus_allowed_list")),
    )


def stat(pid: Pid = "self") -> ProcessStat | None:
    """Return ``/proc/PID/stat``, whose name may hold spaces and brackets."""
    line = of(pid, "stat") or ""
    head, _, tail = line.rpartition(") ")
    number, opened, name = head.partition(" (")
    words = tail.split()
    if not (line.endswith("\n") and opened and len(words) >= _STAT_FIELDS and words[0] in _STATES):
        return None
    # Priorities may be below 0, and so may what is counted of children: kernels have had such errors.
    if not all(re.fullmatch("-?[0-9]+", word) for word in [number, *words[1:]]):
        return None
    f = [0, *map(int, words[1:])]
    hz, page = os.sysconf("SC_CLK_TCK"), os.sysconf("SC_PAGE_SIZE")
    return ProcessStat(
        int(number),
        name,
        words[0],
        f[1],
        f[7],
        f[9],
        f[11] / hz,
        f[12] / hz,
        f[15],
        f[16],
        f[17],
        f[19] / hz,
        f[20],
        f[21] * page,
    )


def io(pid: Pid = "self") -> ProcessIo | None:
    """Return ``/proc/PID/io``; only one's own processes may be looked at."""
    e = entries(of(pid, "io"))
    return ProcessIo(*(whole(e.get(key)) for key in ("rchar", "wchar", "read_bytes", "write_bytes"))) if e else None


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


def descriptors(pid: Pid = "self") -> dict[int, str] | None:
    """Return the file descriptors that a process has open, and where they lead; None without the right to look.

    A file by its path; others as ``socket:[12]``, ``pipe:[34]``, ``anon_inode:[eventfd]``.
    """
    folder = text.PROC / str(pid) / "fd"
    found = {}
    try:
        for name in os.listdir(folder):
            with contextlib.suppress(FileNotFoundError):  # closed meanwhile, as the one by which they were listed
                found[int(name)] = os.readlink(folder / name)
    except OSError:
        return None
    return found


def children(pid: Pid = "self") -> list[int]:
    """Return the processes that this one started and that live, from the lists of its threads."""
    found: list[int] = []
    try:
        tids = os.listdir(text.PROC / str(pid) / "task")
    except OSError:
        return []
    for tid in tids:
        line = of(pid, f"task/{tid}/children") or ""
        words = line.split()
        # The list ends with a space, unless it was cut off.
        found += [n for word in (words if line.endswith(" ") else words[:-1]) if (n := whole(word)) is not None]
    return sorted(found)


def own_processes(program: str = "") -> list[str]:
    """Return this user's processes, but this one, as number and command line, cut; the 50 newest, the newest first.

    Parameters
    ----------
    program : str
        What the program's name must hold.  Its name is left out then.
    """
    found = []
    user, own = os.getuid() if hasattr(os, "getuid") else -1, os.getpid()
    for folder in text.PROC.glob("[0-9]*"):
        words = (text.read(folder / "cmdline") or "").split("\0")
        name = os.path.basename(words[0])
        with contextlib.suppress(OSError):
            if name and program in name and int(folder.name) != own and folder.stat().st_uid == user:
                found.append((int(folder.name), " ".join(words[1:] if program else [name, *words[1:]])[:60]))
    return [f"{pid} {line}".strip() for pid, line in sorted(found, reverse=True)[:50]]
