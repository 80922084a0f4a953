"""A disk under change: blocks and inodes taken and given back, files read and filled, all writes of an operation staged."""

import errno
from collections import Counter
from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from oslab.base import Instance, Parameter, integer
from oslab.filesystems import block_map
from oslab.filesystems.disk import BLOCK_BITMAP, DISK, FREE_INODE, INODE_BITMAP, ROOT, Geometry, Inode, Write, make_disk
from oslab.filesystems.path_walk import fail

__all__ = ["Change", "Stat", "Volume", "operation"]

WHOLE, BYTES = Parameter(kind=int), Instance(bytes)
ORDER = ("data", "symlink", "indirect", "extent tree", "directory", "inode table", "inode bitmap", "block bitmap")


class Change(NamedTuple):
    """What an operation does to the disk.

    Attributes
    ----------
    writes : tuple of Write
        Each block once: data, then what leads to them, then the bitmaps.
    freed : frozenset of int
        Blocks that no longer belong to any file.
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


def operation(method: Callable[..., Any]) -> Callable[..., Change]:
    """Make a method one operation: its writes are staged, kept if it returns, forgotten if it raises."""

    @wraps(method)
    def run(self: Volume, *arguments: Any, **options: Any) -> Change:
        self._staged, self._labels, self._freed = {}, {}, set()
        try:
            method(self, *arguments, **options)
            # A block that was free is written even if it looks right: what it held need never have reached the disk.
            was_used = self.disk[BLOCK_BITMAP]
            writes = (
                Write(b, v, self._labels[b])
                for b, v in self._staged.items()
                if (v != self.disk[b] or not was_used >> b & 1) and b not in self._freed
            )
            change = Change(
                tuple(sorted(writes, key=lambda w: (ORDER.index(w.label), w.block))), frozenset(self._freed)
            )
            blocks = list(self.disk)
            for write in change.writes:
                blocks[write.block] = write.value
            self.disk = tuple(blocks)
            return change
        finally:
            self._staged = {}

    return run


class Volume:
    """The layer below names and directories; see `BlockFileSystem`."""

    def __init__(self, disk: tuple | None = None):
        self.disk = make_disk() if disk is None else DISK.check("disk", disk)
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
        integer(1, self.geometry.inodes).check("inode", number)
        place, k = divmod(number - 1, self.geometry.per_block)
        return self._get(3 + place)[k]

    def _set_inode(self, number: int, **fields: Any) -> None:
        place, k = divmod(number - 1, self.geometry.per_block)
        row = self._get(3 + place)
        self._put(3 + place, (*row[:k], row[k]._replace(**fields), *row[k + 1 :]), "inode table")

    def _take_inode(self, kind: str, links: int) -> int:
        bitmap = self._get(INODE_BITMAP)
        number = next((n for n in range(1, self.geometry.inodes + 1) if not bitmap >> n - 1 & 1), None)
        if number is None:
            raise fail(errno.ENOSPC, "no free inode")
        self._put(INODE_BITMAP, bitmap | 1 << number - 1, "inode bitmap")
        self._set_inode(number, kind=kind, links=links, size=0, map=block_map.empty_map(self.geometry))
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

    def _where(self, number: int) -> tuple[dict[int, int], block_map.Tree]:
        return block_map.decode(self.inode(number), self.geometry, self._get)

    def _remap(self, number: int, blocks: dict[int, int], size: int) -> None:
        old, tree = self._where(number)
        new_map, kept, held = block_map.encode(blocks, tree, self.geometry, self._take)
        for block, value in held.items():
            self._put(block, value, "indirect" if self.geometry.layout == "pointers" else "extent tree")
        self._give_back({*old.values(), *tree.values()} - {*blocks.values(), *kept.values()})
        self._set_inode(number, map=new_map, size=size)

    def read_inode(self, number: int, offset: int = 0, size: int | None = None) -> bytes:
        """Return the bytes of a file from `offset` on; holes read as zeros."""
        inode, bs, offset = self.inode(number), self.geometry.block_size, integer().check("offset", offset)
        size = integer(optional=True).check("size", size)
        if inode.kind == "directory":
            raise fail(errno.EISDIR, f"inode {number}")
        end = inode.size if size is None else min(inode.size, offset + size)
        where = self._where(number)[0]
        first, last = offset // bs, -(-end // bs)
        held = b"".join(self._get(where[k]) if k in where else bytes(bs) for k in range(first, last))
        return held[offset - first * bs : end - first * bs]

    def _fill(self, number: int, offset: int, data: bytes, label: str = "data") -> None:
        g, inode = self.geometry, self.inode(number)
        bs, end = g.block_size, WHOLE.check("offset", offset) + len(BYTES.check("data", data))
        if offset < 0:
            raise fail(errno.EINVAL, f"offset {offset}")
        if end > block_map.largest(g) * bs:
            raise fail(errno.EFBIG, f"offset {end}")
        where = dict(self._where(number)[0])
        before = dict(where)
        for k in range(offset // bs, -(-end // bs)) if data else ():
            valid = max(0, min(bs, inode.size - k * bs))
            old = (self._get(where[k])[:valid] if k in where else b"").ljust(bs, b"\0")
            lo, hi = max(offset - k * bs, 0), min(end - k * bs, bs)
            where[k] = where.get(k) or self._take()
            self._put(where[k], old[:lo] + data[k * bs + lo - offset : k * bs + hi - offset] + old[hi:], label)
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
