"""Where measurements put their files, and that these go again."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator

from oslab.machine.child import uninterrupted
from oslab.machine.procfs import mounts

__all__ = ["disk_folder", "temporary_folder"]


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
