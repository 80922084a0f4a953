"""Files of /proc as typed records: sizes in bytes, times in seconds; what is missing is None, never a guess.

Each function returns None (or an empty list) where its file cannot be read: on systems without /proc, for a
process that has gone, or without the right.  Units follow Documentation/filesystems/proc.rst of the kernel
(the ``kB`` of these files means 1024 bytes).
"""

from __future__ import annotations

import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

__all__ = ["CpuInfo", "MappedRange", "MemoryInfo", "ProcessStat", "ProcessStatus",
           "cpuinfo", "maps", "meminfo", "smaps_rollup", "stat", "status", "vmstat"]

PROC = Path("/proc")


class Record:
    """Printing and rows for the records of this file."""

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each field that is known."""
        return [{"field": f.name, "value": value} for f in fields(self)  # type: ignore[arg-type]
                if (value := getattr(self, f.name)) is not None]

    def __str__(self) -> str:
        return "\n".join(f"{row['field']:>22}  {row['value']}" for row in self.table())


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
    """What chapter 3 needs of ``/proc/PID/status``; sizes in bytes.

    Attributes
    ----------
    vm_size, vm_peak : int or None
        Virtual size, now and at its largest: address space, not memory.
    vm_rss, vm_hwm : int or None
        Resident memory, now and at its largest.
    page_tables : int or None
        Memory taken by the page tables (``VmPTE``).
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


@dataclass(frozen=True)
class ProcessStat(Record):
    """What chapter 3 needs of ``/proc/PID/stat``; times in seconds, sizes in bytes."""

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


@dataclass(frozen=True)
class MemoryInfo(Record):
    """What chapter 3 needs of ``/proc/meminfo``; bytes, but `huge_pages_*` are counts."""

    total: int | None
    free: int | None
    available: int | None
    buffers: int | None
    cached: int | None
    active: int | None
    inactive: int | None
    dirty: int | None
    swap_total: int | None
    swap_free: int | None
    page_tables: int | None
    anonymous_huge: int | None
    huge_pages_total: int | None
    huge_pages_free: int | None
    huge_page_size: int | None


@dataclass(frozen=True)
class CpuInfo(Record):
    """The first processor of ``/proc/cpuinfo``.

    Attributes
    ----------
    virtual : bool or None
        Whether the processor says that a hypervisor runs it; the rest is then what the hypervisor chose to tell.
    physical_bits, virtual_bits : int or None
        Width of addresses.
    """

    count: int
    vendor: str | None
    model_name: str | None
    family: int | None
    model: int | None
    virtual: bool | None
    physical_bits: int | None
    virtual_bits: int | None
    flags: frozenset[str]

    def has(self, flag: str) -> bool:
        """Whether the processor lists the flag, such as ``"pcid"`` or ``"la57"``."""
        return flag in self.flags


def maps(pid: int | str = "self") -> list[MappedRange]:
    """Return the ranges that a process has mapped, in order of address; an empty list if they cannot be read."""
    text = _read(PROC / str(pid) / "maps")
    found = []
    for line in (text or "").splitlines():
        parts = line.split(None, 5)
        try:
            start, end = (int(n, 16) for n in parts[0].split("-"))
            found.append(MappedRange(start, end, parts[1], int(parts[2], 16), int(parts[4]),
                                     parts[5] if len(parts) > 5 else ""))
        except (IndexError, ValueError):
            continue
    return found


def smaps_rollup(pid: int | str = "self") -> dict[str, int] | None:
    """Return the sums of ``/proc/PID/smaps_rollup`` in bytes: Rss, Pss, Shared_Clean, AnonHugePages and so on."""
    entries = _colons(_read(PROC / str(pid) / "smaps_rollup"))
    if entries is None:
        return None
    sizes = {name: _bytes(value) for name, value in entries.items()}
    return {name: size for name, size in sizes.items() if size is not None} or None


def status(pid: int | str = "self") -> ProcessStatus | None:
    """Return what chapter 3 needs of ``/proc/PID/status``."""
    e = _colons(_read(PROC / str(pid) / "status"))
    if e is None:
        return None

    def size(key: str) -> int | None:
        return _bytes(e.get(key))

    def count(key: str) -> int | None:
        return _whole(e.get(key))

    return ProcessStatus(
        e.get("Name"), e.get("State"), count("Pid"), count("PPid"), count("Threads"), size("VmPeak"),
        size("VmSize"), size("VmHWM"), size("VmRSS"), size("RssAnon"), size("RssFile"), size("RssShmem"),
        size("VmPTE"), size("VmSwap"), count("voluntary_ctxt_switches"), count("nonvoluntary_ctxt_switches"))


def stat(pid: int | str = "self") -> ProcessStat | None:
    """Return what chapter 3 needs of ``/proc/PID/stat``; the name may hold spaces and brackets."""
    text = _read(PROC / str(pid) / "stat")
    try:
        head, _, tail = (text or "").rpartition(")")
        number, _, name = head.partition("(")
        f = tail.split()
        ticks = os.sysconf("SC_CLK_TCK")
        return ProcessStat(int(number), name, f[0], int(f[1]), int(f[7]), int(f[9]), int(f[11]) / ticks,
                           int(f[12]) / ticks, int(f[17]), int(f[20]), int(f[21]) * os.sysconf("SC_PAGE_SIZE"))
    except (IndexError, ValueError, OSError):
        return None


def meminfo() -> MemoryInfo | None:
    """Return what chapter 3 needs of ``/proc/meminfo``."""
    e = _colons(_read(PROC / "meminfo"))
    if e is None:
        return None
    sizes = ("MemTotal", "MemFree", "MemAvailable", "Buffers", "Cached", "Active", "Inactive", "Dirty",
             "SwapTotal", "SwapFree", "PageTables", "AnonHugePages")
    return MemoryInfo(*(_bytes(e.get(key)) for key in sizes), _whole(e.get("HugePages_Total")),
                      _whole(e.get("HugePages_Free")), _bytes(e.get("Hugepagesize")))


def vmstat() -> dict[str, int] | None:
    """Return the counters of ``/proc/vmstat`` since start: pgfault, pgmajfault, pgscan_kswapd and so on."""
    text = _read(PROC / "vmstat")
    if text is None:
        return None
    pairs = (line.split() for line in text.splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()} or None


def cpuinfo() -> CpuInfo | None:
    """Return the first processor of ``/proc/cpuinfo``; fields that this architecture lacks are None."""
    text = _read(PROC / "cpuinfo")
    if not text or not text.strip():
        return None
    blocks = [block for block in text.split("\n\n") if "processor" in block]
    e = _colons(blocks[0] if blocks else text) or {}
    flags = frozenset((e.get("flags") or e.get("Features") or "").split())
    bits = [int(word) for word in (e.get("address sizes") or "").split() if word.isdigit()]
    physical, virtual = bits if len(bits) == 2 else (None, None)
    return CpuInfo(len(blocks), e.get("vendor_id"), e.get("model name"), _whole(e.get("cpu family")),
                   _whole(e.get("model")), ("hypervisor" in flags) if "flags" in e else None, physical, virtual,
                   flags)


def _read(path: Path) -> str | None:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return None


def _colons(text: str | None) -> dict[str, str] | None:
    """Lines ``key: value`` as a dict; lines without a colon are left out."""
    if not text:
        return None
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, _, value in pairs}


def _bytes(value: str | None) -> int | None:
    parts = (value or "").split()
    return int(parts[0]) * 1024 if len(parts) == 2 and parts[0].isdigit() and parts[1] == "kB" else None


def _whole(value: str | None) -> int | None:
    return int(value) if value is not None and value.isdigit() else None
