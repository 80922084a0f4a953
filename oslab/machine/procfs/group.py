"""What a control group was granted, took and was denied, from the files of version 2 or version 1."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from oslab.machine.procfs.system import Pressure, parse_pressure
from oslab.machine.procfs.text import Record, counts, read, whole, whole_lines

__all__ = ["GroupUsage", "group_usage"]

# Version 1 writes "no limit" as the largest multiple of a page below 2**63.
_NO_LIMIT = 1 << 60


@dataclass(frozen=True)
class GroupUsage(Record):
    """A control group; None is not known, infinity is no limit.

    Attributes
    ----------
    quota : float or None
        CPUs' worth of time: quota / period.
    period : float or None
        Seconds.
    weight : int or None
        ``cpu.weight`` (1 to 10000, default 100), or ``cpu.shares`` of version 1 (default 1024).
    run_time : float or None
        Seconds on CPUs.
    periods, throttled_periods : int or None
        With a quota: periods that passed, and those in which it was used up.
    throttled_time : float or None
        Seconds stood still for it, summed over CPUs.
    memory, memory_high, memory_max : float or None
        Bytes: taken, throttled and reclaimed beyond, killed beyond.
    memory_events : dict of str to int
        How often: ``high``, ``max``, ``oom``, ``oom_kill``; version 1 has ``max`` only (its failcnt).
    anonymous, file, faults, major_faults : int or None
        From ``memory.stat``: bytes, and page faults.
    cpu_pressure, memory_pressure, io_pressure : Pressure or None
        Version 2 only.
    """

    version: int
    quota: float | None = None
    period: float | None = None
    weight: int | None = None
    run_time: float | None = None
    periods: int | None = None
    throttled_periods: int | None = None
    throttled_time: float | None = None
    memory: float | None = None
    memory_high: float | None = None
    memory_max: float | None = None
    memory_events: dict[str, int] | None = None
    anonymous: int | None = None
    file: int | None = None
    faults: int | None = None
    major_faults: int | None = None
    cpu_pressure: Pressure | None = None
    memory_pressure: Pressure | None = None
    io_pressure: Pressure | None = None


def group_usage(
    folder: str | Path | None = None,
    *,
    cpu: str | Path | None = None,
    cpuacct: str | Path | None = None,
    memory: str | Path | None = None,
) -> GroupUsage:
    """Read the files of a control group.

    Parameters
    ----------
    folder : path, optional
        A group of version 2.
    cpu, cpuacct, memory : path, optional
        The group's folders under the controllers of version 1, instead.
    """
    return _version_2(Path(folder)) if folder is not None else _version_1(cpu, cpuacct, memory)


def _word(path: Path) -> str | None:
    lines = whole_lines(read(path))
    return lines[0] if len(lines) == 1 else None


def _amount(word: str | None) -> float | None:
    number = whole(word)
    return math.inf if word == "max" or (number or 0) >= _NO_LIMIT else number


def _scaled(value: int | None, unit: float) -> float | None:
    return None if value is None else value / unit


def _share(quota: float | None, period: int | None) -> float | None:
    return None if quota is None or not period else quota / period


def _version_2(folder: Path) -> GroupUsage:
    quota, period = ((_word(folder / "cpu.max") or "").split() + ["", ""])[:2]
    used, stat = counts(read(folder / "cpu.stat")), counts(read(folder / "memory.stat"))
    return GroupUsage(
        2,
        _share(_amount(quota), whole(period)),
        _scaled(whole(period), 1e6),
        whole(_word(folder / "cpu.weight")),
        _scaled(used.get("usage_usec"), 1e6),
        used.get("nr_periods"),
        used.get("nr_throttled"),
        _scaled(used.get("throttled_usec"), 1e6),
        *(_amount(_word(folder / f"memory.{name}")) for name in ("current", "high", "max")),
        counts(read(folder / "memory.events")) or None,
        stat.get("anon"),
        stat.get("file"),
        stat.get("pgfault"),
        stat.get("pgmajfault"),
        *(parse_pressure(read(folder / f"{name}.pressure")) for name in ("cpu", "memory", "io")),
    )


def _version_1(cpu: str | Path | None, cpuacct: str | Path | None, memory: str | Path | None) -> GroupUsage:
    def at(folder: str | Path | None, name: str) -> str | None:
        return None if folder is None else _word(Path(folder) / name)

    def table(folder: str | Path | None, name: str) -> dict[str, int]:
        return {} if folder is None else counts(read(Path(folder) / name))

    quota, period = at(cpu, "cpu.cfs_quota_us"), whole(at(cpu, "cpu.cfs_period_us"))
    used, stat = table(cpu, "cpu.stat"), table(memory, "memory.stat")
    full = whole(at(memory, "memory.failcnt"))
    return GroupUsage(
        1,
        _share(math.inf if quota == "-1" else whole(quota), period),
        _scaled(period, 1e6),
        whole(at(cpu, "cpu.shares")),
        _scaled(whole(at(cpuacct, "cpuacct.usage")), 1e9),
        used.get("nr_periods"),
        used.get("nr_throttled"),
        _scaled(used.get("throttled_time"), 1e9),
        _amount(at(memory, "memory.usage_in_bytes")),
        _amount(at(memory, "memory.soft_limit_in_bytes")),
        _amount(at(memory, "memory.limit_in_bytes")),
        None if full is None else {"max": full},
        stat.get("rss"),
        stat.get("cache"),
        stat.get("pgfault"),
        stat.get("pgmajfault"),
    )
