"""What is mounted here and how full it is; where measurements put their files, and that these go again."""

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oslab.base import rounded
from oslab.machine import Unavailable
from oslab.machine.child import uninterrupted
from oslab.machine.procfs import mounts

__all__ = ["disk_folder", "free_space", "mounts_by_type", "temporary_folder"]


def free_space() -> list[dict[str, Any]]:
    """Return one row for each mounted file system of 1 MiB or more: its size, and the shares of blocks and inodes in use.

    Raises
    ------
    Unavailable
        A system without statvfs.
    """
    if not hasattr(os, "statvfs"):
        raise Unavailable("This needs statvfs, which this system does not have.")
    rows = {}
    for point, kind in [(m.point, m.kind) for m in mounts()] or [("/", "?")]:
        try:
            s = os.statvfs(point)
        except OSError:
            continue
        if s.f_blocks * s.f_frsize >= 1 << 20:
            rows[point] = {
                "mounted at": point,
                "type": kind,
                "GiB": rounded(s.f_blocks * s.f_frsize / 2**30, 3),
                "blocks used, %": round(100 * (1 - s.f_bfree / s.f_blocks), 1),
                "inodes": s.f_files,
                "inodes used, %": round(100 * (1 - s.f_ffree / s.f_files), 1) if s.f_files else 0.0,
            }
    return list(rows.values())


def mounts_by_type() -> list[dict[str, Any]]:
    """Return one row for each type of file system mounted here: how many, one of them, whether a device is below."""
    try:
        known = [line.split() for line in Path("/proc/filesystems").read_text().splitlines()]
    except OSError:
        known = []
    without, mounted = {words[-1] for words in known if words[0] == "nodev"}, mounts()
    return [
        {
            "type": kind,
            "mounted": count,
            "for example": next(m.point for m in mounted if m.kind == kind),
            "a block device below": "no" if kind in without else "yes",
        }
        for kind, count in Counter(m.kind for m in mounted).most_common()
    ]


def disk_folder() -> tuple[str | None, str]:
    """Return a writable folder that does not stand in memory, or None if there is none, and its type of file system."""
    mounted = mounts()
    for folder in (tempfile.gettempdir(), "/var/tmp", os.getcwd()):
        over = [m for m in mounted if folder == m.point or folder.startswith(m.point.rstrip("/") + "/")]
        kind = max(over, key=lambda m: len(m.point)).kind if over else "disk"
        if os.access(folder, os.W_OK) and kind not in ("tmpfs", "ramfs"):
            return folder, kind
    return None, "tmpfs"


@contextlib.contextmanager
def temporary_folder(within: str | None = None) -> Iterator[str]:
    """Make a folder for the block that follows; it goes with what is in it, also after an interrupt."""
    with uninterrupted():
        made = tempfile.TemporaryDirectory(prefix="oslab-", dir=within)
    try:
        yield made.name
    finally:
        with uninterrupted():
            made.cleanup()
