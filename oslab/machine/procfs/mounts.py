"""What is mounted where: /proc/PID/mountinfo."""

import os
import re
from dataclasses import dataclass

from oslab.machine.procfs import text

__all__ = ["Mount", "mounts"]


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


def _plain(word: bytes) -> str:
    # The kernel writes blanks and backslashes of a name as octal numbers, and all other bytes as they are.
    return os.fsdecode(re.sub(rb"\\([0-7]{3})", lambda found: bytes([int(found[1], 8)]), word))
