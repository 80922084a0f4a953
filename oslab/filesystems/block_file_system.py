"""A small block file system: directories as files, and every operation is the block writes it causes."""

import errno
from collections import Counter
from collections.abc import Iterator
from typing import Any

from oslab.base import shown
from oslab.filesystems import block_map
from oslab.filesystems.disk import ROOT, Entries
from oslab.filesystems.path_walk import NAME_MAX, encode, fail, walk
from oslab.filesystems.volume import WHOLE, Change, Stat, Volume, operation

__all__ = ["BlockFileSystem", "Change", "Stat"]

INLINE_TARGET = 60
Place = str | tuple[int, str]


def _check_place(path: Any) -> Place:
    if isinstance(path, str) or (isinstance(path, tuple) and [type(part) for part in path] == [int, str]):
        return path
    raise TypeError(f"path={shown(path)}: allowed are a text, or a pair of a directory's inode and a name")


class BlockFileSystem(Volume):
    """A file system on a small disk.

    Operations return a `Change`; one that fails raises `OSError` with the errno that Linux gives and changes nothing.  A path
    may also be given as a pair of the parent directory's inode and a name.

    Parameters
    ----------
    disk : tuple, optional
        As `make_disk` returns it.

    Attributes
    ----------
    disk : tuple
    held : Counter
        How often each inode is open; one without links lives on until it is released.

    Notes
    -----
    The lowest free block, or inode, is taken; a block is not taken in the operation that frees it.  There are no owners,
    permissions or times.

    Examples
    --------
    >>> fs = BlockFileSystem()
    >>> _ = fs.create("/a")
    >>> [write.label for write in fs.append("/a", b"hello").writes]
    ['data', 'inode table', 'block bitmap']
    """

    kind = "disk"

    # Directories.

    def _rows(self, number: int) -> Iterator[tuple[int, Entries]]:
        if self.inode(number).kind != "directory":
            raise fail(errno.ENOTDIR, f"inode {number}")
        where = self._where(number)[0]
        yield from ((where[k], self._get(where[k])) for k in sorted(where))

    def entries(self, number: int = ROOT) -> dict[str, int]:
        """Return a directory's names and the inodes they lead to, without . and .."""
        return {name: n for _, row in self._rows(number) for name, n in row.items if name not in (".", "..")}

    def lookup(self, parent: int, name: str) -> int | None:
        """Return the inode that a name in a directory leads to, or None."""
        return self.entries(parent).get(name)

    def _enter(self, parent: int, name: str, number: int) -> None:
        """Add an entry, or turn the one of that name to another inode."""
        rows = list(self._rows(parent))
        for block, row in rows:
            if any(n == name for n, _ in row.items):
                self._put(block, Entries(tuple((n, number if n == name else i) for n, i in row.items)), "directory")
                return
        for block, row in rows:
            if len(row.items) < self.geometry.per_block:
                self._put(block, Entries((*row.items, (name, number))), "directory")
                return
        block, where = self._take(), dict(self._where(parent)[0])
        where[len(where)] = block
        self._put(block, Entries(((name, number),)), "directory")
        self._remap(parent, where, len(where) * self.geometry.block_size)

    def _leave(self, parent: int, name: str) -> None:
        block, row = next((b, r) for b, r in self._rows(parent) if any(n == name for n, _ in r.items))
        self._put(block, Entries(tuple(item for item in row.items if item[0] != name)), "directory")

    # Paths.

    def _child(self, stack: list, name: str) -> int:
        number = self.lookup(stack[-1][1], name)
        if number is None:
            raise fail(errno.ENOENT, name)
        return number

    def readlink(self, number: int) -> str | None:
        """Return where a symbolic link leads; None for anything else."""
        inode = self.inode(number)
        if inode.kind != "symlink":
            return None
        return inode.map if isinstance(inode.map, str) else self.read_inode(number).decode(errors="surrogatepass")

    def resolve(self, path: Place, follow: bool = True) -> int:
        """Return the inode that a path leads to."""
        if isinstance(_check_place(path), tuple):
            return self._child([("", path[0])], path[1])
        return walk(ROOT, path, self._child, self.readlink, follow)[-1][1]

    def _split(self, path: Place) -> tuple[int, str]:
        """Return the parent directory and the last name of a path."""
        if isinstance(_check_place(path), tuple):
            parent, name = path
        else:
            head, _, name = path.rstrip("/").rpartition("/")
            parent = self.resolve(head or "/")
        if name in ("", ".", ".."):
            raise fail(errno.EEXIST if path else errno.ENOENT, str(path))
        if len(encode(name)) > NAME_MAX:
            raise fail(errno.ENAMETOOLONG, name)
        return parent, name

    def _new(self, path: Place) -> tuple[int, str]:
        parent, name = self._split(path)
        if self.lookup(parent, name) is not None:
            raise fail(errno.EEXIST, name)
        return parent, name

    def _make(self, kind: str, links: int, path: Place) -> int:
        """Take an inode and give it a name."""
        parent, name = self._new(path)
        number = self._take_inode(kind, links)
        self._enter(parent, name, number)
        return number

    def _file(self, path: Place | int) -> int:
        number = path if isinstance(path, int) else self.resolve(path)
        if self.inode(number).kind == "directory":
            raise fail(errno.EISDIR, str(path))
        return number

    def stat(self, path: Place | int, follow: bool = True) -> Stat:
        """Return what is known of the file at a path, or of an inode."""
        number = path if isinstance(path, int) else self.resolve(path, follow)
        inode = self.inode(number)
        held = () if isinstance(inode.map, str) else self._where(number)
        return Stat(number, inode.kind, inode.links, inode.size, sum(map(len, held)))

    def read(self, path: Place, offset: int = 0, size: int | None = None) -> bytes:
        """Return a file's bytes."""
        return self.read_inode(self.resolve(path), offset, size)

    # Operations.

    @operation
    def create(self, path: Place) -> None:
        """Make an empty file."""
        self._make("file", 1, path)

    @operation
    def write(self, path: Place | int, offset: int, data: bytes) -> None:
        """Write bytes at an offset; what lies between the end and the offset becomes a hole."""
        self._fill(self._file(path), offset, data)

    @operation
    def append(self, path: Place | int, data: bytes) -> None:
        """Write bytes at the end."""
        number = self._file(path)
        self._fill(number, self.inode(number).size, data)

    @operation
    def truncate(self, path: Place | int, size: int = 0) -> None:
        """Cut a file, or make it longer by a hole."""
        number, bs, size = self._file(path), self.geometry.block_size, WHOLE.check("size", size)
        if size < 0:
            raise fail(errno.EINVAL, f"size {size}")
        if size > block_map.largest(self.geometry) * bs:
            raise fail(errno.EFBIG, f"size {size}")
        where = self._where(number)[0]
        self._zero_tail(self.inode(number), where, size)
        kept = {k: block for k, block in where.items() if k * bs < size}
        if kept != where:
            self._remap(number, kept, size)
        self._set_inode(number, size=size)

    @operation
    def link(self, old: Place, new: Place) -> None:
        """Make another name for a file."""
        number = self.resolve(old, follow=False)
        if self.inode(number).kind == "directory":
            raise fail(errno.EPERM, str(old))
        self._enter(*self._new(new), number)
        self._set_inode(number, links=self.inode(number).links + 1)

    @operation
    def unlink(self, path: Place) -> None:
        """Remove a name; the file goes with its last name, once nobody has it open."""
        parent, name = self._split(path)
        number = self._file(self._child([("", parent)], name))
        self._leave(parent, name)
        self._drop(number, 1)

    @operation
    def symlink(self, target: str, path: Place) -> None:
        """Make a file that holds a path; a short one stands in the inode itself."""
        if not isinstance(target, str):
            raise TypeError(f"target={shown(target)}: allowed are texts")
        if not target:
            raise fail(errno.ENOENT, target)
        number = self._make("symlink", 1, path)
        if (size := len(encode(target))) < INLINE_TARGET:
            self._set_inode(number, map=target, size=size)
        else:
            self._fill(number, 0, encode(target), "symlink")

    @operation
    def mkdir(self, path: Place) -> None:
        """Make an empty directory."""
        parent, _ = self._split(path)
        number, block = self._make("directory", 2, path), self._take()
        self._put(block, Entries(((".", number), ("..", parent))), "directory")
        self._remap(number, {0: block}, self.geometry.block_size)
        self._set_inode(parent, links=self.inode(parent).links + 1)

    @operation
    def rmdir(self, path: Place) -> None:
        """Remove an empty directory."""
        parent, name = self._split(path)
        number = self._child([("", parent)], name)
        self._need_empty(number)
        self._leave(parent, name)
        self._drop(number, 2)
        self._set_inode(parent, links=self.inode(parent).links - 1)

    def _need_empty(self, number: int) -> None:
        if self.entries(number):
            raise fail(errno.ENOTEMPTY, f"inode {number}")

    @operation
    def rename(self, old: Place, new: Place) -> None:
        """Give a file another name, in one step; a file that has this name already goes."""
        (parent, name), (other, newer) = self._split(old), self._split(new)
        number, there = self._child([("", parent)], name), self.lookup(other, newer)
        moved = self.inode(number).kind == "directory"
        if number == there:
            return
        if moved and self._inside(other, number):
            raise fail(errno.EINVAL, str(new))
        if there is not None:
            self._check_replaced(moved, there)
        self._enter(other, newer, number)
        self._leave(parent, name)
        if moved and parent != other:
            block, row = next(self._rows(number))
            self._put(block, Entries(tuple((n, other if n == ".." else i) for n, i in row.items)), "directory")
        delta = Counter({parent: -moved})
        delta[other] += moved and (there is None)
        for directory, change in delta.items():
            if change:
                self._set_inode(directory, links=self.inode(directory).links + change)
        if there is not None:
            self._drop(there, 2 if moved else 1)

    def _check_replaced(self, moved: bool, there: int) -> None:
        directory = self.inode(there).kind == "directory"
        if directory != moved:
            raise fail(errno.EISDIR if directory else errno.ENOTDIR, f"inode {there}")
        if directory:
            self._need_empty(there)

    def _inside(self, directory: int, other: int) -> bool:
        """Whether a directory is another one or stands below it."""
        while directory not in (other, ROOT):
            directory = dict(next(self._rows(directory))[1].items)[".."]
        return directory == other

    @operation
    def release(self, number: int) -> None:
        """Close one hold on an inode; it is freed if that was the last and it has no name."""
        self.inode(number)
        self.held[number] -= 1
        if not self.held[number] and not self.inode(number).links:
            self._drop(number, 0)

    def hold(self, number: int) -> None:
        """Keep an inode although its last name may go."""
        self.inode(number)
        self.held[number] += 1
