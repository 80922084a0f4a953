"""The way of a few calls through the VFS, stop by stop."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oslab.base import Stepped, checked, flag, text
from oslab.filesystems import BlockFileSystem, GeneratedFileSystem, MemoryFileSystem
from oslab.filesystems.vfs import VFS, Process, Stop

__all__ = ["CallTrace", "follow_calls"]


@dataclass(frozen=True)
class CallTrace(Stepped, over="stops"):
    """What `follow_calls` returns.

    Attributes
    ----------
    path, kind : str
        The file, and the type of its file system.
    stops : tuple of Stop
        On the way, in order.
    hit_ratio : float
        Share of the names that the dentry cache knew.
    """

    path: str
    kind: str
    stops: tuple[Stop, ...]
    hit_ratio: float

    def _replayed(self, step: int) -> Stop | None:
        return self.stops[step - 1] if step else None

    def why(self, step: int) -> str:
        """Return what happens at a step, 1 to `steps`."""
        return self.stops[self._step(step, 1) - 1].sentence

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a stop."""
        yield from (s._asdict() for s in self.stops)

    def __str__(self) -> str:
        return "\n".join(f"{s.call}: {s.sentence}" for s in self.stops)


@checked(path=text(), again=flag(), fork=flag())
def follow_calls(path: str = "/home/notes", again: bool = False, fork: bool = True) -> CallTrace:
    """Follow open and read, and a child's read after fork, through the VFS.

    Parameters
    ----------
    path : str
        ``/home/notes`` on the block file system, ``/tmp/scratch`` in memory, ``/proc/uptime`` made up.
    again : bool
        Whether the path was opened before, so that the dentry cache knows it.
    fork : bool
        Whether a child reads on.

    Raises
    ------
    TypeError, ValueError
        An argument of another type.
    OSError
        No such file.
    """
    disk, memory = BlockFileSystem(), MemoryFileSystem()
    for name in ("/home", "/tmp", "/proc"):
        disk.mkdir(name)
    disk.create("/home/notes")
    disk.append("/home/notes", b"The disk remembers what it is told to remember. " * 2)
    memory.create("/scratch")
    memory.append("/scratch", b"Gone when the power goes. " * 4)
    vfs, process = VFS(disk), Process("A")
    vfs.mount("/tmp", memory)
    vfs.mount("/proc", GeneratedFileSystem({"uptime": lambda: "1729.25 3301.12 (made up when it is read)\n" * 2}))
    vfs.cache.clear()
    if again:
        vfs.close(process, vfs.open(process, path))
    vfs.story.clear()
    vfs.hits = vfs.misses = 0
    fd = vfs.open(process, path)
    vfs.read(process, fd, 32)
    if fork:
        vfs.read(vfs.fork(process), fd, 32)
    kind = vfs.mounts[process.files[fd].node[0]].kind
    return CallTrace(path, kind, tuple(vfs.story), vfs.hit_ratio)
