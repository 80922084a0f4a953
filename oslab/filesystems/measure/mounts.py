"""What is mounted here and how full it is; where measurements put their files, and that these go again."""

import contextlib
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from oslab.base import FileName, checked, rounded, shown
from oslab.filesystems.capacity import Capacity, count_files
from oslab.machine import Unavailable
from oslab.machine.child import uninterrupted
from oslab.machine.procfs import mounts

__all__ = ["free_space", "mounts_by_type", "room_in", "temporary_folder"]


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


@checked(folder=FileName())
def room_in(folder: str = "", size: int = 8 << 20, bytes_per_inode: int = 16384, file_size: int = 4096) -> Capacity:
    """Count the files that still fit into the file system of a learner's folder; nothing is written.

    Parameters
    ----------
    folder : str
        '' for a new file system, as `count_files` makes it of the other arguments.
    size, bytes_per_inode : int
        Of the new one; not used for a folder.
    file_size : int
        Of every file, bytes.

    Raises
    ------
    TypeError, ValueError
        As for `count_files`; a folder that is none, or whose file system makes inodes as they are needed.
    """
    if not folder:
        return count_files(size, bytes_per_inode, file_size)
    s: Any = os.statvfs(folder) if hasattr(os, "statvfs") and os.path.isdir(folder) else None
    if not (s and s.f_files):
        raise ValueError(f"folder={shown(str(folder))}: allowed are folders of a file system that counts its inodes")
    size, block = s.f_blocks * s.f_frsize, s.f_frsize
    new = count_files(size, max(size // s.f_files, 1024), file_size)
    return replace(
        new,
        bytes_per_inode=size // s.f_files,
        block_size=block,
        all_blocks=s.f_blocks,
        all_inodes=s.f_files,
        inodes=s.f_favail,
        blocks=s.f_bavail,
        by_blocks=s.f_bavail // -(-new.sizes // block),
    )


@contextlib.contextmanager
def temporary_folder(within: str | None = None) -> Iterator[str]:
    """Make a folder for the block that follows; it is removed with its contents, also after an interrupt."""
    with uninterrupted():
        made = tempfile.TemporaryDirectory(prefix="oslab-", dir=within)
    try:
        yield made.name
    finally:
        with uninterrupted():
            made.cleanup()
