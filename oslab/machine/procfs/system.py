"""What the whole machine does: /proc/meminfo, stat, vmstat, interrupts, softirqs, pressure and cpuinfo."""

from __future__ import annotations

import re
from dataclasses import dataclass

from oslab.machine.procfs import text
from oslab.machine.procfs.text import Record, counts, entries, microseconds, read, size, ticks, whole, whole_lines

__all__ = [
    "CpuInfo",
    "CpuTimes",
    "MemoryInfo",
    "Pressure",
    "Stall",
    "SystemStat",
    "cpuinfo",
    "interrupts",
    "meminfo",
    "parse_pressure",
    "pressure",
    "softirqs",
    "system_stat",
    "vmstat",
]

_STALL = re.compile(r"(some|full) avg10=(\d+\.\d\d) avg60=(\d+\.\d\d) avg300=(\d+\.\d\d) total=(\d+)$", re.ASCII)


@dataclass(frozen=True)
class MemoryInfo(Record):
    """``/proc/meminfo``; bytes, but `huge_pages_*` are counts."""

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
    anonymous: int | None = None
    mapped: int | None = None
    shared_memory: int | None = None
    slab: int | None = None
    reclaimable: int | None = None
    writeback: int | None = None
    commit_limit: int | None = None
    committed: int | None = None


@dataclass(frozen=True)
class CpuTimes(Record):
    """Seconds that CPUs spent since start.

    Attributes
    ----------
    nice : float
        Running programs of lowered priority.
    iowait : float
        Idle while something waited for a disk; not to be relied on.
    irq, softirq : float
        In interrupts, and in their second halves.
    steal : float
        Taken by the hypervisor for other machines.
    """

    user: float
    nice: float
    system: float
    idle: float
    iowait: float
    irq: float
    softirq: float
    steal: float

    @property
    def busy(self) -> float:
        """Seconds in which the CPU was neither idle nor taken away."""
        return self.user + self.nice + self.system + self.irq + self.softirq


@dataclass(frozen=True)
class SystemStat(Record):
    """``/proc/stat``.

    Attributes
    ----------
    cpu : CpuTimes or None
        Of all CPUs together.
    cpus : dict of int to CpuTimes
        Of each CPU that is on.
    switches, forks, interrupts : int or None
        Since start.
    running, blocked : int or None
        Tasks that run or are ready; tasks that wait for a disk.
    boot_time : int or None
        Seconds since 1970.
    """

    cpu: CpuTimes | None
    cpus: dict[int, CpuTimes]
    switches: int | None
    forks: int | None
    interrupts: int | None
    running: int | None
    blocked: int | None
    boot_time: int | None


@dataclass(frozen=True)
class Stall(Record):
    """How long tasks stood still: shares of the last 10, 60 and 300 s (0 to 1), and seconds since start."""

    avg10: float
    avg60: float
    avg300: float
    total: float


@dataclass(frozen=True)
class Pressure(Record):
    """A file of ``/proc/pressure``: at least one task stood still (`some`), or all that were not idle (`full`)."""

    some: Stall | None
    full: Stall | None


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


def meminfo() -> MemoryInfo | None:
    """Return ``/proc/meminfo``."""
    e = entries(read(text.PROC / "meminfo"))
    if not e:
        return None

    def sizes(*keys: str) -> list[int | None]:
        return [size(e.get(key)) for key in keys]

    return MemoryInfo(
        *sizes(
            "MemTotal",
            "MemFree",
            "MemAvailable",
            "Buffers",
            "Cached",
            "Active",
            "Inactive",
            "Dirty",
            "SwapTotal",
            "SwapFree",
            "PageTables",
            "AnonHugePages",
        ),
        whole(e.get("HugePages_Total")),
        whole(e.get("HugePages_Free")),
        *sizes(
            "Hugepagesize",
            "AnonPages",
            "Mapped",
            "Shmem",
            "Slab",
            "SReclaimable",
            "Writeback",
            "CommitLimit",
            "Committed_AS",
        ),
    )


def vmstat() -> dict[str, int] | None:
    """Return the counters of ``/proc/vmstat`` since start: pgfault, pgmajfault, pgscan_kswapd and so on."""
    return counts(read(text.PROC / "vmstat")) or None


def system_stat() -> SystemStat | None:
    """Return ``/proc/stat``."""
    rows: dict[str, list[str]] = {}
    for line in whole_lines(read(text.PROC / "stat")):
        key, *words = line.split() or [""]
        rows[key] = [] if key in rows else words
    if not rows:
        return None

    def first(key: str) -> int | None:
        return whole(next(iter(rows.get(key, [])), None))

    # The total stands first and counts more than the numbered sources after it; where they exceed it, it was lost.
    total, sources = first("intr"), [whole(word) or 0 for word in rows.get("intr", [])[1:]]
    interrupts = total if total is None or total >= sum(sources) else None
    times = {key: _cpu_times(words) for key, words in rows.items() if re.fullmatch(r"cpu[0-9]*", key)}
    return SystemStat(
        times.get("cpu"),
        {int(key[3:]): t for key, t in times.items() if key != "cpu" and t},
        first("ctxt"),
        first("processes"),
        interrupts,
        first("procs_running"),
        first("procs_blocked"),
        first("btime"),
    )


def _cpu_times(words: list[str]) -> CpuTimes | None:
    # Since 2.6.33 there are ten columns; guest time, the last two, is also part of user and nice.
    seconds = [ticks(word) for word in words]
    return CpuTimes(*seconds[:8]) if len(seconds) >= 10 and None not in seconds else None  # type: ignore[arg-type]


def interrupts() -> dict[str, dict[int, int]] | None:
    """Return ``/proc/interrupts``: how often each line interrupted each CPU; lines counted for no CPU are left out."""
    return _per_cpu("interrupts")


def softirqs() -> dict[str, dict[int, int]] | None:
    """Return ``/proc/softirqs``: how often each kind ran on each CPU."""
    return _per_cpu("softirqs")


def _per_cpu(name: str) -> dict[str, dict[int, int]] | None:
    head, *lines = whole_lines(read(text.PROC / name)) or [""]
    cpus = [whole(word.removeprefix("CPU")) for word in head.split()]
    if not cpus or None in cpus or not all(word.startswith("CPU") for word in head.split()):
        return None
    found: dict[str, dict[int, int]] = {}
    for line in lines:
        label, _, rest = line.partition(":")
        words = [whole(word) for word in rest.split()[: len(cpus) + 1]]
        if len(words) > len(cpus) and words.pop() is not None:  # a number for a CPU that the first line lacks
            continue
        if len(words) == len(cpus) and None not in words:
            found[label.strip()] = dict(zip(cpus, words))  # type: ignore[arg-type]
    return found


def pressure(resource: str) -> Pressure | None:
    """Return ``/proc/pressure/cpu``, ``io`` or ``memory``; None where the kernel does not watch it.

    Raises
    ------
    ValueError
        No such resource.
    """
    if resource not in ("cpu", "io", "memory", "irq"):
        raise ValueError(f"resource={resource!r}: allowed are 'cpu', 'io', 'memory' and 'irq'")
    return parse_pressure(read(text.PROC / "pressure" / resource))


def parse_pressure(lines: str | None) -> Pressure | None:
    """Return what the text of a pressure file says, of the machine or of a control group."""
    found: dict[str, Stall] = {}
    for line in whole_lines(lines):
        match = _STALL.match(line)
        if match:
            shares = [float(word) / 100 for word in match.group(2, 3, 4)]
            if max(shares) <= 1:
                found[match[1]] = Stall(*shares, microseconds(int(match[5])))  # type: ignore[arg-type]
    return Pressure(found.get("some"), found.get("full")) if found else None


def cpuinfo() -> CpuInfo | None:
    """Return the first processor of ``/proc/cpuinfo``; fields that this architecture lacks are None."""
    content = read(text.PROC / "cpuinfo")
    if not content or not content.strip():
        return None
    blocks = [block for block in content.split("\n\n") if "processor" in block]
    e = entries((blocks[0] if blocks else content).rstrip("\n") + "\n")
    flags = frozenset((e.get("flags") or e.get("Features") or "").split())
    bits = [int(word) for word in (e.get("address sizes") or "").split() if word.isdigit()]
    physical, virtual = bits if len(bits) == 2 else (None, None)
    return CpuInfo(
        len(blocks),
        e.get("vendor_id"),
        e.get("model name"),
        whole(e.get("cpu family")),
        whole(e.get("model")),
        ("hypervisor" in flags) if "flags" in e else None,
        physical,
        virtual,
        flags,
    )
