"""What of this machine the process may use: its CPUs, their time, memory, huge pages."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from oslab.machine import procfs

__all__ = ["cpu_quota", "memory_limit", "own_groups", "pinned", "thp_mode", "usable_cpus"]

SYS, PROC, CGROUP = Path("/sys"), Path("/proc"), Path("/sys/fs/cgroup")


def usable_cpus() -> int:
    """Return on how many CPUs this process may run (its affinity; a quota is `cpu_quota`)."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def own_groups() -> Iterator[tuple[str, Path]]:
    """Yield the control groups of this process, outermost last: controllers ('' for version 2) and folder."""
    for line in (_read(PROC / "self/cgroup") or "").splitlines():
        _, controllers, path = line.split(":", 2)
        roots = [CGROUP / controllers] if controllers else [CGROUP, CGROUP / "unified"]
        for root in roots:
            folder = root / path.lstrip("/")
            # Inside a container the path may be the one outside; its root is then this group.
            for place in (folder, *folder.parents) if folder.is_dir() else (root,):
                if place.is_dir():
                    yield controllers, place
                if place == root:
                    break


def cpu_quota() -> float | None:
    """Return how many CPUs' time the control groups grant this process, or None if they set no limit."""
    found = []
    for controllers, folder in own_groups():
        if not controllers:
            words = (_read(folder / "cpu.max") or "max").split()
        elif "cpu" in controllers.split(","):
            words = [_read(folder / f"cpu.cfs_{name}_us") or "-1" for name in ("quota", "period")]
        else:
            continue
        if len(words) == 2 and words[0].isdigit() and words[1].isdigit():
            found.append(int(words[0]) / int(words[1]))
    return min(found, default=None)


def memory_limit() -> int | None:
    """Return the bytes that the control groups grant this process, or None if they set no limit below the machine's."""
    total = getattr(procfs.meminfo(), "total", None)
    found = []
    for controllers, folder in own_groups():
        if controllers in ("", "memory"):
            word = _read(folder / ("memory.limit_in_bytes" if controllers else "memory.max")) or ""
            if word.isdigit() and int(word) < (total or 1 << 60):
                found.append(int(word))
    return min(found, default=None)


def thp_mode() -> str | None:
    """Return when the kernel gives transparent huge pages: ``"always"``, ``"madvise"``, ``"never"``; None: not known."""
    text = _read(SYS / "kernel/mm/transparent_hugepage/enabled") or ""
    return text.partition("[")[2].partition("]")[0] or None


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


def _read(path: str | Path) -> str | None:
    with contextlib.suppress(OSError):
        return Path(path).read_text(errors="replace").strip()
    return None
