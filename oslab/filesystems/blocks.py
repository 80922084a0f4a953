"""A small block file system: bitmaps, an inode table, directories as files; every operation is the block writes it causes."""

from __future__ import annotations

import errno
from collections import Counter
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, NamedTuple

from oslab.filesystems import layout
from oslab.filesystems.disk import (
    BLOCK_BITMAP,
    FREE_INODE,
    INODE_BITMAP,
    ROOT,
    Entries,
    Geometry,
    Inode,
    Write,
    make_disk,
)
from oslab.filesystems.paths import NAME_MAX, fail, walk

__all__ = ["BlockFileSystem", "Change", "Stat"]

INLINE_TARGET = 60
ORDER = ("data", "symlink", "indirect", "extent tree", "directory", "inode table", "inode bitmap", "block bitmap")
Place = str | tuple[int, str]


class Change(NamedTuple):
    """What an operation does to the disk.

    Attributes
    ----------
    writes : tuple of Write
        Each block once: data, then what leads to them, then the bitmaps.
    freed : frozenset of int
        Blocks that belong to nobody any more.
    """

    writes: tuple[Write, ...]
    freed: frozenset[int]


class Stat(NamedTuple):
    """What stat tells: `blocks` counts the data and tree blocks, each of the file system's own size."""

    inode: int
    kind: str
    links: int
    size: int
    blocks: int


def _operation(method: Callable[..., Any]) -> Callable[..., Change]:
    """Make a method one operation: its writes are staged, kept if it returns, forgotten if it raises."""

    @wraps(method)
    def run(self: BlockFileSystem, *arguments: Any, **options: Any) -> Change:
        self._staged, self._labels, self._freed = {}, {}, set()
        try:
            method(self, *arguments, **options)
            writes = (Write(b, v, self._labels[b]) for b, v in self._staged.items()
                      if v != self.disk[b] and b not in self._freed)
            change = Change(tuple(sorted(writes, key=lambda w: (ORDER.index(w.label), w.block))), frozenset(self._freed))
            blocks = list(self.disk)
            for write in change.writes:
                blocks[write.block] = write.value
            self.disk = tuple(blocks)
            return change
        finally:
            self._staged = {}

    return run


class BlockFileSystem:
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

    kind = "block"

    def __init__(self, disk: tuple | None = None):
        self.disk = make_disk() if disk is None else disk
        self.geometry: Geometry = self.disk[0]
        self.held: Counter[int] = Counter()
        self.root = ROOT
        self._staged: dict[int, Any] = {}
        self._labels: dict[int, str] = {}
        self._freed: set[int] = set()

    # Blocks and inodes.

    def _get(self, block: int) -> Any:
        return self._staged[block] if block in self._staged else self.disk[block]

    def _put(self, block: int, value: Any, label: str) -> None:
        self._staged[block], self._labels[block] = value, label

    def _take(self) -> int:
        bitmap = self._get(BLOCK_BITMAP)
        taken = bitmap | self.disk[BLOCK_BITMAP]
        block = next((b for b in range(self.geometry.data, self.geometry.blocks) if not taken >> b & 1), None)
        if block is None:
            raise fail(errno.ENOSPC, "no free block")
        self._put(BLOCK_BITMAP, bitmap | 1 << block, "block bitmap")
        return block

    def _give_back(self, blocks: set[int]) -> None:
        if blocks:
            self._put(BLOCK_BITMAP, self._get(BLOCK_BITMAP) & ~sum(1 << b for b in blocks), "block bitmap")
            self._freed |= blocks

    def inode(self, number: int) -> Inode:
        """Return an inode."""
        place, k = divmod(number - 1, self.geometry.per_block)
        return self._get(3 + place)[k]

    def _set_inode(self, number: int, **fields: Any) -> None:
        place, k = divmod(number - 1, self.geometry.per_block)
        row = self._get(3 + place)
        self._put(3 + place, (*row[:k], row[k]._replace(**fields), *row[k + 1:]), "inode table")

    def _take_inode(self, kind: str, links: int, parent: int, name: str) -> int:
        bitmap = self._get(INODE_BITMAP)
        number = next((n for n in range(1, self.geometry.inodes + 1) if not bitmap >> n - 1 & 1), None)
        if number is None:
            raise fail(errno.ENOSPC, "no free inode")
        self._put(INODE_BITMAP, bitmap | 1 << number - 1, "inode bitmap")
        self._set_inode(number, kind=kind, links=links, size=0, map=layout.empty_map(self.geometry))
        self._enter(parent, name, number)
        return number

    def _drop(self, number: int, links: int) -> None:
        """Take links from an inode, and free it and its blocks when none is left and nobody holds it."""
        inode = self.inode(number)
        left = inode.links - links
        if left > 0 or self.held[number]:
            self._set_inode(number, links=max(left, 0))
            return
        if not isinstance(inode.map, str):
            self._give_back(set().union(*(part.values() for part in self._where(number))))
        self._set_inode(number, **FREE_INODE._asdict())
        self._put(INODE_BITMAP, self._get(INODE_BITMAP) & ~(1 << number - 1), "inode bitmap")

    # Contents.

    def _where(self, number: int) -> tuple[dict[int, int], layout.Tree]:
        return layout.decode(self.inode(number), self.geometry, self._get)

    def _remap(self, number: int, blocks: dict[int, int], size: int) -> None:
        old, tree = self._where(number)
        new_map, kept, held = layout.encode(blocks, tree, self.geometry, self._take)
        for block, value in held.items():
            self._put(block, value, "indirect" if self.geometry.layout == "pointers" else "extent tree")
        self._give_back({*old.values(), *tree.values()} - {*blocks.values(), *kept.values()})
        self._set_inode(number, map=new_map, size=size)

    def read_inode(self, number: int, offset: int = 0, size: int | None = None) -> bytes:
        """Return the bytes of a file from `offset` on; holes read as zeros."""
        inode, bs = self.inode(number), self.geometry.block_size
        if inode.kind == "directory":
            raise fail(errno.EISDIR, f"inode {number}")
        end = inode.size if size is None else min(inode.size, offset + size)
        where = self._where(number)[0]
        first, last = offset // bs, -(-end // bs)
        held = b"".join(self._get(where[k]) if k in where else bytes(bs) for k in range(first, last))
        return held[offset - first * bs:end - first * bs]

    def _fill(self, number: int, offset: int, data: bytes, label: str = "data") -> None:
        g, inode = self.geometry, self.inode(number)
        bs, end = g.block_size, offset + len(data)
        if offset < 0:
            raise fail(errno.EINVAL, f"offset {offset}")
        if end > layout.largest(g) * bs:
            raise fail(errno.EFBIG, f"offset {end}")
        where = dict(self._where(number)[0])
        before = dict(where)
        for k in range(offset // bs, -(-end // bs)) if data else ():
            valid = max(0, min(bs, inode.size - k * bs))
            old = (self._get(where[k])[:valid] if k in where else b"").ljust(bs, b"\0")
            lo, hi = max(offset - k * bs, 0), min(end - k * bs, bs)
            where[k] = where.get(k) or self._take()
            self._put(where[k], old[:lo] + data[k * bs + lo - offset:k * bs + hi - offset] + old[hi:], label)
        self._zero_tail(inode, where, offset if data else 0)
        if where != before:
            self._remap(number, where, max(inode.size, end if data else 0))
        elif end > inode.size and data:
            self._set_inode(number, size=end)

    def _zero_tail(self, inode: Inode, where: dict[int, int], grows_to: int) -> None:
        """Clear what lies behind the old end in its last block, before a larger size shows it."""
        k, valid = divmod(inode.size, self.geometry.block_size)
        if valid and k in where and grows_to > inode.size:
            old = self._get(where[k])
            if where[k] not in self._staged and any(old[valid:]):
                self._put(where[k], old[:valid].ljust(len(old), b"\0"), "data")

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
        return inode.map if isinstance(inode.map, str) else self.read_inode(number).decode()

    def resolve(self, path: Place, follow: bool = True) -> int:
        """Return the inode that a path leads to."""
        if isinstance(path, tuple):
            return self._child([("", path[0])], path[1])
        return walk(ROOT, path, self._child, self.readlink, follow)[-1][1]

    def _split(self, path: Place) -> tuple[int, str]:
        """Return the parent directory and the last name of a path."""
        if isinstance(path, tuple):
            parent, name = path
        else:
            head, _, name = path.rstrip("/").rpartition("/")
            parent = self.resolve(head or "/")
        if name in ("", ".", ".."):
            raise fail(errno.EEXIST if path else errno.ENOENT, str(path))
        if len(name.encode()) > NAME_MAX:
            raise fail(errno.ENAMETOOLONG, name)
        return parent, name

    def _new(self, path: Place) -> tuple[int, str]:
        parent, name = self._split(path)
        if self.lookup(parent, name) is not None:
            raise fail(errno.EEXIST, name)
        return parent, name

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

    @_operation
    def create(self, path: Place) -> None:
        """Make an empty file."""
        self._take_inode("file", 1, *self._new(path))

    @_operation
    def write(self, path: Place | int, offset: int, data: bytes) -> None:
        """Write bytes at an offset; what lies between the end and the offset becomes a hole."""
        self._fill(self._file(path), offset, data)

    @_operation
    def append(self, path: Place | int, data: bytes) -> None:
        """Write bytes at the end."""
        number = self._file(path)
        self._fill(number, self.inode(number).size, data)

    @_operation
    def truncate(self, path: Place | int, size: int = 0) -> None:
        """Cut a file, or make it longer by a hole."""
        number, bs = self._file(path), self.geometry.block_size
        if size < 0:
            raise fail(errno.EINVAL, f"size {size}")
        if size > layout.largest(self.geometry) * bs:
            raise fail(errno.EFBIG, f"size {size}")
        where = self._where(number)[0]
        self._zero_tail(self.inode(number), where, size)
        kept = {k: block for k, block in where.items() if k * bs < size}
        if kept != where:
            self._remap(number, kept, size)
        self._set_inode(number, size=size)

    @_operation
    def link(self, old: Place, new: Place) -> None:
        """Make another name for a file."""
        number = self.resolve(old, follow=False)
        if self.inode(number).kind == "directory":
            raise fail(errno.EPERM, str(old))
        self._enter(*self._new(new), number)
        self._set_inode(number, links=self.inode(number).links + 1)

    @_operation
    def unlink(self, path: Place) -> None:
        """Remove a name; the file goes with its last name, once nobody has it open."""
        parent, name = self._split(path)
        number = self._file(self._child([("", parent)], name))
        self._leave(parent, name)
        self._drop(number, 1)

    @_operation
    def symlink(self, target: str, path: Place) -> None:
        """Make a file that holds a path; a short one stands in the inode itself."""
        if not target:
            raise fail(errno.ENOENT, target)
        number = self._take_inode("symlink", 1, *self._new(path))
        if len(target.encode()) < INLINE_TARGET:
            self._set_inode(number, map=target, size=len(target.encode()))
        else:
            self._fill(number, 0, target.encode(), "symlink")

    @_operation
    def mkdir(self, path: Place) -> None:
        """Make an empty directory."""
        parent, name = self._new(path)
        number, block = self._take_inode("directory", 2, parent, name), self._take()
        self._put(block, Entries(((".", number), ("..", parent))), "directory")
        self._remap(number, {0: block}, self.geometry.block_size)
        self._set_inode(parent, links=self.inode(parent).links + 1)

    @_operation
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

    @_operation
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

    @_operation
    def release(self, number: int) -> None:
        """Close one hold on an inode; it is freed if that was the last and it has no name."""
        self.held[number] -= 1
        if not self.held[number] and not self.inode(number).links:
            self._drop(number, 0)

    def hold(self, number: int) -> None:
        """Keep an inode although its last name may go."""
        self.held[number] += 1
