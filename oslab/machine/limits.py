"""What of this machine the process may use: its CPUs, their time, memory, huge pages."""

import contextlib
import os
from collections.abc import Iterator
from math import inf
from pathlib import Path
from typing import Any

from oslab.base import checked, integer
from oslab.machine import procfs
from oslab.machine.procfs import GroupUsage, control_groups, group_usage
from oslab.machine.procfs.text import Pid, read

__all__ = ["cpu_quota", "memory_limit", "pinned", "thp_mode", "throttled_time", "usable_cpus"]

SYS = Path("/sys")


class _Process:
    """The declaration of a process: its number, ``"self"``, or a folder with such files as /proc has."""

    def check(self, name: str, value: Any) -> Pid:
        """Return `value`; raise a `TypeError` or `ValueError` where it is none."""
        if isinstance(value, Path) or (isinstance(value, str) and value == "self"):
            return value
        return integer(1, 1 << 22).check(name, int(value) if isinstance(value, str) and value.isdecimal() else value)


def usable_cpus() -> int:
    """Return on how many CPUs this process may run (its affinity; a quota is `cpu_quota`)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@checked(pid=_Process())
def cpu_quota(pid: Pid = "self") -> float | None:
    """Return how many CPUs' time the control groups grant a process, or None if they set no limit.

    Parameters
    ----------
    pid : int, optional
        Of another process.
    """
    return min((one.quota for one in _usages(pid) if one.quota is not None and one.quota < inf), default=None)


@checked(pid=_Process())
def memory_limit(pid: Pid = "self") -> int | None:
    """Return the bytes that the control groups grant a process, or None if they set no limit below the machine's.

    Parameters
    ----------
    pid : int, optional
        Of another process.
    """
    total = getattr(procfs.meminfo(), "total", None) or 1 << 60
    limits = (one.memory_max for one in _usages(pid))
    return min((int(one) for one in limits if one is not None and one < total), default=None)


@checked(pid=_Process())
def throttled_time(pid: Pid = "self") -> float:
    """Return the seconds for which the control groups of a process were throttled, on all CPUs; 0 where none tells."""
    return max((one.throttled_time or 0.0 for one in _usages(pid)), default=0.0)


def _usages(pid: Pid) -> list[GroupUsage]:
    return [group_usage(folder, 1 if controllers else 2) for controllers, folder in control_groups(pid)]


def thp_mode() -> str | None:
    """Return when the kernel gives transparent huge pages: ``"always"``, ``"madvise"``, ``"never"``; None: not known."""
    text = read(SYS / "kernel/mm/transparent_hugepage/enabled") or ""
    return text.partition("[")[2].partition("]")[0] or None


@checked(cpu=integer(0, 1 << 16, optional=True))
@contextlib.contextmanager
def pinned(cpu: int | None = None) -> Iterator[str]:
    """Keep this thread on one CPU; afterwards it may run where it might before.

    Parameters
    ----------
    cpu : int, optional
        The last one allowed if not given; the first has the most interrupts.

    Yields
    ------
    str
        ``""``, or why it is not pinned: some systems (macOS) cannot.

    Raises
    ------
    ValueError
        A CPU on which this process may not run.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield "this system does not pin threads"
        return
    before = os.sched_getaffinity(0)
    cpu = max(before) if cpu is None else cpu
    if cpu not in before:
        raise ValueError(f"cpu={cpu!r}: this process may run on {', '.join(map(str, sorted(before)))}")
    try:
        os.sched_setaffinity(0, {cpu})
    except OSError as error:  # sandboxes may refuse it
        yield f"pinning was refused ({error.strerror})"
        return
    try:
        yield ""
    finally:
        os.sched_setaffinity(0, before)
