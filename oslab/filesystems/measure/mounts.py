"""What is mounted here, and how full it is."""

from __future__ import annotations

import os
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from oslab.machine import Unavailable
from oslab.machine.procfs import mounts

__all__ = ["disk_folder", "free_space", "mounts_by_type"]


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
    for point, kind in {one.point: one.kind for one in mounts()}.items() or [("/", "?")]:
        try:
            s = os.statvfs(point)
        except OSError:
            continue
        if s.f_blocks * s.f_frsize >= 1 << 20:
            rows[point] = {
                "mounted at": point,
                "type": kind,
                "GiB": float(f"{s.f_blocks * s.f_frsize / 2**30:.3g}"),
                "blocks used, %": round(100 * (1 - s.f_bfree / s.f_blocks), 1),
                "inodes": s.f_files,
                "inodes used, %": round(100 * (1 - s.f_ffree / s.f_files), 1) if s.f_files else 0.0,
            }
    return list(rows.values())


def mounts_by_type() -> list[dict[str, Any]]:
    """Return one row for each type of file system mounted here: how many, one of them, whether a device is below."""
    mounted = mounts()
    try:
        known = [line.split() for line in Path("/proc/filesystems").read_text().splitlines()]
    except OSError:
        known = []
    without = {words[-1] for words in known if words[0] == "nodev"}
    return [
        {
            "type": kind,
            "mounted": count,
            "for example": next(one.point for one in mounted if one.kind == kind),
            "a block device below": "no" if kind in without else "yes",
        }
        for kind, count in Counter(one.kind for one in mounted).most_common()
    ]


def disk_folder() -> tuple[str | None, str]:
    """A writable folder that does not stand in memory, if there is one, and its type of file system."""
    mounted = [(one.point, one.kind) for one in mounts()]
    for folder in (tempfile.gettempdir(), "/var/tmp", os.getcwd()):
        over = [m for m in mounted if folder == m[0] or folder.startswith(m[0].rstrip("/") + "/")]
        kind = max(over, key=lambda m: len(m[0]))[1] if over else "disk"
        if os.access(folder, os.W_OK) and kind not in ("tmpfs", "ramfs"):
            return folder, kind
    return None, "tmpfs"
