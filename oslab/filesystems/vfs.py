"""The virtual file system: one open, read, write, close and stat over several file systems."""

import errno
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from oslab.base import Instance, checked, choice, integer, plural
from oslab.filesystems.block_file_system import Stat
from oslab.filesystems.path_walk import fail, walk

__all__ = ["VFS", "OpenFile", "Process", "Stop"]

Node = tuple[str, int]  # mount point, inode


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
    """A process's table of file descriptors.

    Attributes
    ----------
    name : str
    files : list
        The open files, by descriptor.
    """

    name: str = "A"
    files: dict[int, OpenFile] = field(default_factory=dict)

    def add(self, file: OpenFile) -> int:
        """Return the lowest free descriptor from 3 up (0 to 2 are input, output and errors), now leading to `file`."""
        number = next(n for n in range(3, len(self.files) + 4) if n not in self.files)
        self.files[number] = file
        return number


class Stop(NamedTuple):
    """One step of a call: the layer it is in, the call, and what happens."""

    layer: str
    call: str
    sentence: str


PROCESS, SIZE = Instance(Process), integer()


class VFS:
    """Mount points, a dentry cache, and the calls.

    Parameters
    ----------
    root : file system
        Mounted at ``/``.
    dentries : int
        Names that are kept; the least recently used one is evicted first.

    Attributes
    ----------
    hits, misses : int
        Of the dentry cache.
    story : list of Stop
        What the calls did, layer by layer.

    Examples
    --------
    >>> from oslab.filesystems import MemoryFileSystem
    >>> vfs, process = VFS(MemoryFileSystem()), Process()
    >>> fd = vfs.open(process, "/notes", "w")
    >>> vfs.write(process, fd, b"hello"), vfs.read(process, vfs.open(process, "/notes"), 2)
    (5, b'he')
    """

    @checked(dentries=integer(1, 1 << 20))
    def __init__(self, root: Any, dentries: int = 64):
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
            self._say("mount table", f"{path} is a mount point: continue at the root of {self.mounts[path].kind}.")
            return path, self.mounts[path].root
        key = ((point, parent), name)
        if key in self.cache:
            self.hits += 1
            self.cache.move_to_end(key)
            self._say("dentry cache", f"{name!r} is in the cache: inode {self.cache[key]}.")
        else:
            self.misses += 1
            self.cache[key] = fs.lookup(parent, name)
            self._say("dentry cache", f"{name!r} is not in the cache.")
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
        head, _, name = Instance(str).check("path", path).rstrip("/").rpartition("/")
        node = self._walk(head or "/")
        return self.mounts[node[0]], node, name

    @checked(process=PROCESS, mode=choice(("r", "r+", "w", "a")))
    def open(self, process: Process, path: str, mode: str = "r") -> int:
        """Open a file and return a descriptor.

        Parameters
        ----------
        mode : {'r', 'r+', 'w', 'a'}
            ``w`` makes or empties the file, ``a`` makes it and writes at the end.
        """
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
        if SIZE.check("fd", fd) not in PROCESS.check("process", process).files:
            raise fail(errno.EBADF, f"descriptor {fd}")
        file = process.files[fd]
        self._say(
            "descriptors", f"{process.name}'s descriptor {fd} leads to the open file {file.path}, offset {file.offset}."
        )
        return file, self.mounts[file.node[0]]

    @checked(process=PROCESS, size=SIZE)
    def read(self, process: Process, fd: int, size: int) -> bytes:
        """Read at the open file's offset, and move it."""
        self._call = f"read({fd}, {size})"
        self._say("system call", f"{process.name} calls read({fd}, {size}) and enters the kernel.")
        file, fs = self._file(process, fd)
        data = fs.read_inode(file.node[1], file.offset, size)
        how = {
            "disk": "finds the blocks by the inode's map, and reads them through the page cache",
            "tmpfs": "copies from its pages in memory: there is no disk below",
            "proc": "generates the text now",
        }[fs.kind]
        self._say("file system", f"{fs.kind} {how}: {plural(len(data), 'byte')}.")
        if fs.kind == "disk":
            self._say("block layer", "Blocks missing in the page cache come from the disk; the next read finds them.")
        file.offset += len(data)
        self._say("open file", f"The offset moves to {file.offset}, for all who share this open file.")
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
        """Close a descriptor; the open file is freed with its last one."""
        self._call = f"close({fd})"
        file, fs = self._file(process, fd)
        del process.files[fd]
        file.references -= 1
        if not file.references:
            fs.release(file.node[1])

    def fork(self, process: Process, name: str = "B") -> Process:
        """Return a child whose descriptors lead to the same open files."""
        self._call = "fork()"
        for file in PROCESS.check("process", process).files.values():
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
        """Return the status of the file at a path."""
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
