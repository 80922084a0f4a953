"""The virtual file system: one open, read, write, close and stat over several file systems."""

from __future__ import annotations

import errno
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from oslab.filesystems.blocks import BlockFileSystem, Stat
from oslab.filesystems.disk import ROOT
from oslab.filesystems.paths import fail, walk

__all__ = ["CallStory", "GeneratedFileSystem", "MemoryFileSystem", "OpenFile", "Process", "Stop", "VFS", "follow_calls"]

Node = tuple[str, int]  # mount point, inode


class MemoryFileSystem(BlockFileSystem):
    """Like tmpfs: the same operations, with nothing below; blocks are pages of memory, and a crash leaves nothing."""

    kind = "tmpfs"


class GeneratedFileSystem:
    """Like procfs: a directory of files that are made up when they are read.

    Parameters
    ----------
    files : dict of str to callable
        Each returns the text that a read finds.
    """

    kind, root = "proc", ROOT

    def __init__(self, files: dict[str, Callable[[], str]]):
        self._files = list(files.items())

    def lookup(self, parent: int, name: str) -> int | None:
        """Return the inode of a name."""
        if parent != ROOT:
            raise fail(errno.ENOTDIR, name)
        return next((ROOT + k for k, (known, _) in enumerate(self._files, 1) if known == name), None)

    def stat(self, number: int) -> Stat:
        """Return what stat tells: files of size 0, as in /proc."""
        return Stat(number, "directory" if number == ROOT else "file", 2 if number == ROOT else 1, 0, 0)

    def readlink(self, number: int) -> None:
        """Return None: there are no symbolic links here."""

    def read_inode(self, number: int, offset: int = 0, size: int | None = None) -> bytes:
        """Make the text up and return a part of it."""
        if number == ROOT:
            raise fail(errno.EISDIR, "/")
        text = self._files[number - ROOT - 1][1]().encode()
        return text[offset:None if size is None else offset + size]

    def write(self, *arguments: Any) -> None:
        """Refuse: EACCES."""
        raise fail(errno.EACCES, "a generated file")

    append = truncate = create = unlink = mkdir = write

    def hold(self, number: int) -> None:
        """Note nothing: what is made up cannot go."""

    release = hold


@dataclass(eq=False)
class OpenFile:
    """An open file description: what a descriptor, or several, stand for.

    Attributes
    ----------
    node : tuple
        Mount point and inode.
    path : str
    writable, appending : bool
    offset : int
        Where the next read or write begins.
    references : int
        Descriptors that lead here, in all processes.
    """

    node: Node
    path: str
    writable: bool = False
    appending: bool = False
    offset: int = 0
    references: int = 1


@dataclass(eq=False)
class Process:
    """A process's table of file descriptors."""

    name: str = "A"
    files: dict[int, OpenFile] = field(default_factory=dict)

    def add(self, file: OpenFile) -> int:
        """Return the lowest free descriptor, now leading to `file`."""
        number = next(n for n in range(len(self.files) + 1) if n not in self.files)
        self.files[number] = file
        return number


class Stop(NamedTuple):
    """One step of a call: the layer it is in, the call, and what happens."""

    layer: str
    call: str
    sentence: str


class VFS:
    """Mount points, a dentry cache, and the calls.

    Parameters
    ----------
    root : file system
        Mounted at ``/``.
    dentries : int
        Names that are remembered; the one used longest ago is forgotten first.

    Attributes
    ----------
    hits, misses : int
        Of the dentry cache.
    story : list of Stop
        What the calls did, layer by layer.

    Examples
    --------
    >>> vfs, process = VFS(MemoryFileSystem()), Process()
    >>> fd = vfs.open(process, "/notes", "w")
    >>> vfs.write(process, fd, b"hello"), vfs.read(process, vfs.open(process, "/notes"), 2)
    (5, b'he')
    """

    def __init__(self, root: Any, dentries: int = 64):
        if dentries < 1:
            raise ValueError(f"dentries={dentries!r}: allowed are whole numbers from 1 up")
        self.mounts: dict[str, Any] = {"/": root}
        self.cache: OrderedDict[tuple[Node, str], int | None] = OrderedDict()
        self.hits = self.misses = 0
        self.story: list[Stop] = []
        self._dentries, self._call = dentries, ""

    def _say(self, layer: str, sentence: str) -> None:
        self.story.append(Stop(layer, self._call, sentence))

    def mount(self, path: str, fs: Any) -> None:
        """Mount a file system over an existing directory."""
        self._call = f"mount({path})"
        if self.stat(path).kind != "directory":
            raise fail(errno.ENOTDIR, path)
        self.mounts["/" + path.strip("/")] = fs

    def _child(self, stack: list, name: str) -> Node:
        point, parent = stack[-1][1]
        fs, path = self.mounts[point], "/".join([*(n for n, _ in stack), name])
        if path in self.mounts:
            self._say("mount table", f"{path} is a mount point: on with the root of {self.mounts[path].kind}.")
            return path, self.mounts[path].root
        key = ((point, parent), name)
        if key in self.cache:
            self.hits += 1
            self.cache.move_to_end(key)
            self._say("dentry cache", f"{name!r} is known: inode {self.cache[key]}.")
        else:
            self.misses += 1
            self.cache[key] = fs.lookup(parent, name)
            self._say("dentry cache", f"{name!r} is not known here.")
            self._say("file system", f"{fs.kind} looks {name!r} up in its directory and finds inode {self.cache[key]}.")
            if len(self.cache) > self._dentries:
                self.cache.popitem(last=False)
        if self.cache[key] is None:
            raise fail(errno.ENOENT, path)
        return point, self.cache[key]

    def _walk(self, path: str, follow: bool = True) -> Node:
        return walk(("/", self.mounts["/"].root), path, self._child, self._target, follow)[-1][1]

    def _target(self, node: Node) -> str | None:
        return self.mounts[node[0]].readlink(node[1])

    def _parent(self, path: str) -> tuple[Any, Node, str]:
        head, _, name = path.rstrip("/").rpartition("/")
        node = self._walk(head or "/")
        return self.mounts[node[0]], node, name

    def open(self, process: Process, path: str, mode: str = "r") -> int:
        """Open a file and return a descriptor.

        Parameters
        ----------
        mode : {'r', 'r+', 'w', 'a'}
            ``w`` makes or empties the file, ``a`` makes it and writes at the end.
        """
        if mode not in ("r", "r+", "w", "a"):
            raise ValueError(f"mode={mode!r}: allowed are r, r+, w, a")
        self._call = f"open({path})"
        self._say("system call", f"{process.name} calls open({path!r}, {mode!r}) and enters the kernel.")
        try:
            node = self._walk(path)
        except FileNotFoundError:
            if mode in ("r", "r+"):
                raise
            fs, parent, name = self._parent(path)
            fs.create((parent[1], name))
            self.cache.pop((parent, name), None)
            node = self._walk(path)
        fs = self.mounts[node[0]]
        if mode != "r" and fs.stat(node[1]).kind == "directory":
            raise fail(errno.EISDIR, path)
        if mode == "w":
            fs.truncate(node[1], 0)
        fs.hold(node[1])
        number = process.add(OpenFile(node, path, mode != "r", mode == "a"))
        self._say("descriptors", f"{process.name}'s descriptor {number} leads to a new open file: {path}, offset 0.")
        return number

    def _file(self, process: Process, fd: int) -> tuple[OpenFile, Any]:
        if fd not in process.files:
            raise fail(errno.EBADF, f"descriptor {fd}")
        file = process.files[fd]
        self._say("descriptors", f"{process.name}'s descriptor {fd} leads to the open file {file.path}, offset {file.offset}.")
        return file, self.mounts[file.node[0]]

    def read(self, process: Process, fd: int, size: int) -> bytes:
        """Read at the open file's offset, and move it."""
        self._call = f"read({fd}, {size})"
        self._say("system call", f"{process.name} calls read({fd}, {size}) and enters the kernel.")
        file, fs = self._file(process, fd)
        data = fs.read_inode(file.node[1], file.offset, size)
        how = {"block": "finds the blocks by the inode's map, and reads them through the page cache",
               "tmpfs": "copies from its pages: there is no disk below", "proc": "makes the text up now"}[fs.kind]
        self._say("file system", f"{fs.kind} {how}: {len(data)} bytes.")
        if fs.kind == "block":
            self._say("block layer", "What the page cache lacks comes from the disk; the next read finds it in memory.")
        file.offset += len(data)
        self._say("open file", f"The offset moves to {file.offset}, for everyone who shares this open file.")
        return data

    def write(self, process: Process, fd: int, data: bytes) -> int:
        """Write at the open file's offset, or at the end if it was opened so; return how many bytes."""
        self._call = f"write({fd})"
        file, fs = self._file(process, fd)
        if not file.writable:
            raise fail(errno.EBADF, f"descriptor {fd}")
        if file.appending:
            file.offset = fs.stat(file.node[1]).size
        fs.write(file.node[1], file.offset, data)
        file.offset += len(data)
        return len(data)

    def close(self, process: Process, fd: int) -> None:
        """Give a descriptor back; the open file goes with the last one."""
        self._call = f"close({fd})"
        file, fs = self._file(process, fd)
        del process.files[fd]
        file.references -= 1
        if not file.references:
            fs.release(file.node[1])

    def fork(self, process: Process, name: str = "B") -> Process:
        """Return a child whose descriptors lead to the same open files."""
        self._call = "fork()"
        for file in process.files.values():
            file.references += 1
        self._say("descriptors", f"{name} gets a copy of {process.name}'s descriptors; the open files are shared.")
        return Process(name, dict(process.files))

    def dup(self, process: Process, fd: int) -> int:
        """Return another descriptor of the same open file."""
        self._call = f"dup({fd})"
        file, _ = self._file(process, fd)
        file.references += 1
        return process.add(file)

    def stat(self, path: str, follow: bool = True) -> Stat:
        """Return what is known of the file at a path."""
        self._call = f"stat({path})"
        node = self._walk(path, follow)
        return self.mounts[node[0]].stat(node[1])

    def unlink(self, path: str) -> None:
        """Remove a name."""
        self._call = f"unlink({path})"
        fs, parent, name = self._parent(path)
        fs.unlink((parent[1], name))
        self.cache.pop((parent, name), None)

    @property
    def hit_ratio(self) -> float:
        """Share of the names that were found in the dentry cache."""
        return self.hits / max(1, self.hits + self.misses)


@dataclass(frozen=True)
class CallStory:
    """What `follow_calls` returns: the stops on the way, and what was asked of whom."""

    path: str
    kind: str
    stops: tuple[Stop, ...]
    hit_ratio: float

    @property
    def steps(self) -> int:
        """Number of stops."""
        return len(self.stops)

    def state(self, step: int) -> Stop | None:
        """Return where the call is after a step; None before the first."""
        return self.stops[step - 1] if step else None

    def why(self, step: int) -> str:
        """Return what happens at a step, 1 to `steps`."""
        return self.stops[step - 1].sentence

    def table(self) -> list[dict[str, Any]]:
        """Return one row a stop."""
        return [s._asdict() for s in self.stops]

    def __str__(self) -> str:
        return "\n".join(f"{s.call}: {s.sentence}" for s in self.stops)


def follow_calls(path: str = "/home/notes", again: bool = False, fork: bool = True) -> CallStory:
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
    return CallStory(path, kind, tuple(vfs.story), vfs.hit_ratio)
