"""What is mounted where: /proc/PID/mountinfo."""

import os
import re
import tempfile
from dataclasses import dataclass

from oslab.base import shown
from oslab.machine.procfs import text

__all__ = ["Mount", "disk_folder", "mounts"]


@dataclass(frozen=True)
class Mount:
    """One line of ``/proc/PID/mountinfo``.

    Attributes
    ----------
    point : str
        The folder on which it is mounted.
    kind : str
        The type of file system.
    root : str
        The folder of that file system that is seen there.
    options : frozenset of str
        Those of the file system itself, such as the controllers of a control group.
    """

    point: str
    kind: str
    root: str
    options: frozenset[str]


def mounts(pid: text.Pid = "self") -> list[Mount]:
    """Return what a process sees as mounted, in the order in which it was; an empty list if that cannot be read."""
    try:
        lines = (text.PROC / str(pid) / "mountinfo").read_bytes().split(b"\n")[:-1]
    except OSError:
        return []
    found = []
    for line in lines:
        before, _, after = line.partition(b" - ")
        where, what = before.split(b" "), after.split(b" ")
        if len(where) >= 6 and len(what) >= 3:
            names = (_plain(word) for word in (where[4], what[0], where[3]))
            found.append(Mount(*names, frozenset(os.fsdecode(what[2]).split(","))))
    return found


def disk_folder(own: str = "") -> tuple[str | None, str]:
    """Return a writable folder that does not stand in memory, or None if there is none, and its type of file system.

    Parameters
    ----------
    own : str
        A folder to be taken wherever it stands; '' for none.

    Raises
    ------
    ValueError
        `own` is no folder in which this user may make files.
    """
    mounted = mounts()
    if own and not (os.path.isdir(own) and os.access(own, os.W_OK | os.X_OK)):
        raise ValueError(f"folder={shown(str(own))}: allowed are folders in which you may make files")
    for folder in [os.path.realpath(own)] if own else [tempfile.gettempdir(), "/var/tmp", os.getcwd()]:
        over = [m for m in mounted if folder == m.point or folder.startswith(m.point.rstrip("/") + "/")]
        kind = max(over, key=lambda m: len(m.point)).kind if over else "disk"
        if own or (os.access(folder, os.W_OK) and kind not in ("tmpfs", "ramfs")):
            return folder, kind
    return None, "tmpfs"


def _plain(word: bytes) -> str:
    # The kernel writes blanks and backslashes of a name as octal numbers, and all other bytes as they are.
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), word))
