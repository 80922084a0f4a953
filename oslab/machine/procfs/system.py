"""What the whole machine does: /proc/meminfo, stat, interrupts, softirqs, pressure and cpuinfo."""

import re
from dataclasses import dataclass

from oslab.base import choice
from oslab.machine.procfs import text
from oslab.machine.procfs.text import entries, read, size, ticks, whole, whole_lines

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
    "pressure",
    "softirqs",
    "system_stat",
]

_STALL = re.compile(r"(some|full) avg10=(\d+\.\d\d) avg60=(\d+\.\d\d) avg300=(\d+\.\d\d) total=(\d+)$", re.ASCII)


@dataclass(frozen=True)
class MemoryInfo:
    """``/proc/meminfo``; bytes."""

    total: int | None
    free: int | None
    available: int | None
    cached: int | None
    anonymous_huge: int | None


@dataclass(frozen=True)
class CpuTimes:
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
class SystemStat:
    """``/proc/stat``.

    Attributes
    ----------
    cpu : CpuTimes or None
        Of all CPUs together.
    cpus : dict of int to CpuTimes
        Of each CPU that is on.
    running : int or None
        Tasks that run or are ready.
    """

    cpu: CpuTimes | None
    cpus: dict[int, CpuTimes]
    running: int | None


@dataclass(frozen=True)
class Stall:
    """How long tasks stood still: shares of the last 10, 60 and 300 s (0 to 1), and seconds since start."""

    avg10: float
    avg60: float
    avg300: float
    total: float


@dataclass(frozen=True)
class Pressure:
    """A file of ``/proc/pressure``: at least one task stood still (`some`), or all that were not idle (`full`)."""

    some: Stall | None
    full: Stall | None


@dataclass(frozen=True)
class CpuInfo:
    """The first processor of ``/proc/cpuinfo``.

    Attributes
    ----------
    virtual : bool or None
        Whether the processor says that a hypervisor runs it; the rest is then what the hypervisor chose to tell.
    """

    model_name: str | None
    family: int | None
    model: int | None
    virtual: bool | None


def meminfo() -> MemoryInfo | None:
    """Return ``/proc/meminfo``."""
    e = entries(read(text.PROC / "meminfo"))
    keys = "MemTotal", "MemFree", "MemAvailable", "Cached", "AnonHugePages"
    return MemoryInfo(*(size(e.get(key)) for key in keys)) if e else None


def system_stat() -> SystemStat | None:
    """Return ``/proc/stat``."""
    rows: dict[str, list[str]] = {}
    for line in whole_lines(read(text.PROC / "stat")):
        key, *words = line.split() or [""]
        rows[key] = [] if key in rows else words
    if not rows:
        return None

    times = {key: _cpu_times(words) for key, words in rows.items() if re.fullmatch(r"cpu[0-9]*", key)}
    return SystemStat(
        times.get("cpu"),
        {int(key[3:]): t for key, t in times.items() if key != "cpu" and t},
        whole(next(iter(rows.get("procs_running", [])), None)),
    )


def _cpu_times(words: list[str]) -> CpuTimes | None:
    # Since 2.6.33 there are ten columns; guest time, the last two, is also part of user and nice.
    seconds = [ticks(word) for word in words]
    return CpuTimes(*seconds[:8]) if len(seconds) >= 10 and None not in seconds else None  # type: ignore[arg-type]


def interrupts() -> dict[str, tuple[int, str]] | None:
    """Return ``/proc/interrupts``: how often each line interrupted a CPU, and what it is for.

    Lines that are counted for no CPU are left out.
    """
    return _over_cpus("interrupts")


def softirqs() -> dict[str, int] | None:
    """Return ``/proc/softirqs``: how often each kind ran on a CPU."""
    found = _over_cpus("softirqs")
    return None if found is None else {name: count for name, (count, _) in found.items()}


def _over_cpus(name: str) -> dict[str, tuple[int, str]] | None:
    head, *lines = whole_lines(read(text.PROC / name)) or [""]
    cpus = [whole(word.removeprefix("CPU")) for word in head.split()]
    if not cpus or None in cpus or not all(word.startswith("CPU") for word in head.split()):
        return None
    found: dict[str, tuple[int, str]] = {}
    for line in lines:
        label, _, rest = line.partition(":")
        words = rest.split()
        numbers, after = [whole(word) for word in words[: len(cpus)]], words[len(cpus) :]
        # A number after those of the CPUs is for one that the first line lacks.
        if len(numbers) == len(cpus) and None not in numbers and whole(next(iter(after), None)) is None:
            found[label.strip()] = sum(numbers), " ".join(after)  # type: ignore[arg-type]
    return found


def pressure(resource: str) -> Pressure | None:
    """Return ``/proc/pressure/cpu``, ``io``, ``memory`` or ``irq``; None where the kernel does not watch it.

    Raises
    ------
    ValueError
        No such resource.
    """
    choice(("cpu", "io", "memory", "irq")).check("resource", resource)
    found: dict[str, Stall] = {}
    for line in whole_lines(read(text.PROC / "pressure" / resource)):
        match = _STALL.match(line)
        if match:
            shares = [float(word) / 100 for word in match.group(2, 3, 4)]
            if max(shares) <= 1:
                found[match[1]] = Stall(*shares, int(match[5]) / 1e6)
    return Pressure(found.get("some"), found.get("full")) if found else None


def cpuinfo() -> CpuInfo | None:
    """Return the first processor of ``/proc/cpuinfo``; fields that this architecture lacks are None."""
    content = read(text.PROC / "cpuinfo")
    if not content or not content.strip():
        return None
    first = next((block for block in content.split("\n\n") if "processor" in block), content)
    e = entries(first.rstrip("\n") + "\n")
    virtual = "hypervisor" in e["flags"].split() if "flags" in e else None
    return CpuInfo(e.get("model name"), whole(e.get("cpu family")), whole(e.get("model")), virtual)
