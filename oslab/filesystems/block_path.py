"""From a byte of a file to its block: down the pointers of ext2, and down the extents of ext4."""

from __future__ import annotations

import errno
from dataclasses import dataclass
from typing import Any

from oslab.filesystems.block_map import INLINE_EXTENTS, LONGEST_EXTENT, largest, path_to_block
from oslab.filesystems.disk import Geometry
from oslab.filesystems.path_walk import fail

__all__ = ["BLOCK_SIZES", "BlockPath", "find_block"]

BLOCK_SIZES = {"1 KiB": 1024, "2 KiB": 2048, "4 KiB": 4096}
SLOTS = ("direct", "single", "double", "triple")


@dataclass(frozen=True)
class BlockPath:
    """What `find_block` returns.

    Attributes
    ----------
    offset, block_size : int
        Bytes.
    number : int
        Block of the file, from 0.
    path : tuple of int or None
        Slot in the inode, then the entry in each indirect block; None beyond the largest file of this map.
    largest : int
        Bytes that 12 + 3 pointers reach.
    extents, depth : int
        Of the file's extent tree; depth 0: all of them stand in the inode.
    """

    offset: int
    block_size: int
    number: int
    path: tuple[int, ...] | None
    largest: int
    extents: int
    depth: int

    @property
    def level(self) -> str:
        """Which pointers lead there: ``'direct'``, ``'single'``, ``'double'``, ``'triple'``."""
        return "beyond" if self.path is None else SLOTS[len(self.path) - 1]

    @property
    def reads(self) -> int:
        """Blocks read by way of pointers, the inode not counted, the data counted; 0 beyond the largest file."""
        return 0 if self.path is None else len(self.path)

    @property
    def extent_reads(self) -> int:
        """Blocks read by way of extents, counted likewise."""
        return self.depth + 1

    def table(self) -> list[dict[str, Any]]:
        """Return one row a map."""
        return [
            {"map": "pointers", "level": self.level, "reads": self.reads, "largest file, bytes": self.largest},
            {
                "map": "extents",
                "level": f"depth {self.depth}",
                "reads": self.extent_reads,
                "largest file, bytes": 2**32 * self.block_size,
            },
        ]

    def __str__(self) -> str:
        way = " → ".join(map(str, self.path)) if self.path else "none"
        return (
            f"byte {self.offset} is in file block {self.number}: pointers {way}, {self.reads} reads; "
            f"extents {self.extent_reads}"
        )


def find_block(offset: int, block_size: int = 4096, extents: int = 1) -> BlockPath:
    """Find the way to the block that holds a byte of a file.

    Parameters
    ----------
    offset : int
        Bytes.
    block_size : int
        Bytes: a power of two from 1024 to 65536.
    extents : int
        In how many pieces the file lies, at least; a piece covers at most 32 768 blocks, so a long file has more.

    Raises
    ------
    ValueError
        A negative offset, another block size, fewer than one extent.
    OSError
        EFBIG: beyond the largest file of both maps.

    Notes
    -----
    Pointers take 4 bytes; extents 12, after a header of 12; four of them stand in the inode
    (Documentation/filesystems/ext4/ifork.rst).

    Examples
    --------
    >>> find_block(5_000_000).path, find_block(5_000_000).reads
    ((13, 0, 184), 3)
    """
    if offset < 0:
        raise ValueError(f"offset={offset!r}: allowed are whole numbers from 0 up")
    if block_size not in {1 << k for k in range(10, 17)}:
        raise ValueError(f"block_size={block_size!r}: allowed are powers of two from 1024 to 65536")
    if extents < 1:
        raise ValueError(f"extents={extents!r}: allowed are whole numbers from 1 up")
    number = offset // block_size
    if number >= 2**32:
        raise fail(errno.EFBIG, f"offset {offset}")
    most = largest(Geometry(block_size=block_size))
    path = path_to_block(number, block_size // 4) if number < most else None
    count, per, depth = max(extents, -(-(number + 1) // LONGEST_EXTENT)), (block_size - 12) // 12, 0
    while INLINE_EXTENTS * per**depth < count:
        depth += 1
    return BlockPath(offset, block_size, number, path, most * block_size, count, depth)
