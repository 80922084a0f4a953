"""Which ends first, blocks or inodes: how many files of a size fit into a file system like ext4."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, checked, choice, integer, plural, shown

__all__ = ["Capacity", "DiskParts", "count_files", "divide_disk"]

RESERVED, INODE_SIZE, FIXED = 11, 256, 7
GROUP_BITMAPS = 2
LARGEST = 1 << 50
BLOCK_SIZE = choice(tuple(1 << k for k in range(9, 17)), unit="bytes")
BYTES = integer(1, LARGEST, unit="bytes")


@dataclass(frozen=True)
class DiskParts(Result):
    """What `divide_disk` returns: the blocks of a whole disk, part by part.

    Attributes
    ----------
    blocks, inodes : int
        In all.
    superblock, inode_bitmap, block_bitmap, inode_table, data : int
        Blocks.
    """

    blocks: int
    inodes: int
    superblock: int
    inode_bitmap: int
    block_bitmap: int
    inode_table: int
    data: int

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a part."""
        for name in ("superblock", "inode_bitmap", "block_bitmap", "inode_table", "data"):
            yield {"part": name.replace("_", " "), "blocks": getattr(self, name)}

    def __str__(self) -> str:
        parts = ", ".join(f"{row['part']} {row['blocks']}" for row in self.table())
        return f"{plural(self.blocks, 'block')}, {plural(self.inodes, 'inode')}: {parts}"


@checked(size=BYTES, block_size=BLOCK_SIZE, inodes=integer(1, 1 << 40), inode_size=integer(16, 1 << 16))
def divide_disk(size: int, block_size: int = 4096, inodes: int = 80, inode_size: int = 256) -> DiskParts:
    """Divide a disk as textbooks do: superblock, a bitmap of inodes, one of blocks, the inode table, data.

    Parameters
    ----------
    size : int
        Of the disk, bytes.
    block_size, inode_size : int
        Bytes; a block holds whole inodes.
    inodes : int

    Raises
    ------
    TypeError, ValueError
        An argument out of range; inodes larger than a block; a disk without room for data.

    Notes
    -----
    A bitmap has a bit for each block of the disk, or for each inode, and takes whole blocks
    (Arpaci-Dusseau, *Operating Systems: Three Easy Pieces*, chapter 40).

    Examples
    --------
    >>> print(divide_disk(256 << 10, 4096, inodes=80, inode_size=256))
    64 blocks, 80 inodes: superblock 1, inode bitmap 1, block bitmap 1, inode table 5, data 56
    """
    blocks, per_block = size // block_size, block_size // inode_size
    if not per_block:
        raise ValueError(f"inode_size={inode_size}: allowed are sizes up to a block's, {block_size}")
    bitmaps = [-(-bits // (8 * block_size)) for bits in (inodes, blocks)]
    table = -(-inodes // per_block)
    data = blocks - 1 - sum(bitmaps) - table
    if data < 1:
        raise ValueError(f"inodes={shown(inodes)}: no room for data is left on {plural(blocks, 'block')}")
    return DiskParts(blocks, inodes, 1, *bitmaps, table, data)


@dataclass(frozen=True, eq=False)
class Capacity(Result):
    """What `count_files` returns.

    Attributes
    ----------
    size, bytes_per_inode, block_size, file_size : int
        Bytes.
    all_blocks, all_inodes : int
        Of the whole disk.
    inodes : int
        Free for files.
    blocks : int
        Free for data.
    sizes : ndarray of int64
        File sizes from 256 bytes to the whole disk.
    by_blocks : ndarray of int64
        How many files of each size the blocks are enough for.
    """

    size: int
    bytes_per_inode: int
    block_size: int
    file_size: int
    all_blocks: int
    all_inodes: int
    inodes: int
    blocks: int
    sizes: np.ndarray
    by_blocks: np.ndarray

    def files(self, size: int) -> tuple[int, int]:
        """Return how many files of a size the inodes and the blocks are enough for."""
        return self.inodes, self.blocks // -(-BYTES.check("size", size) // self.block_size)

    @property
    def first(self) -> str:
        """What ends first: ``'inodes'`` or ``'blocks'``."""
        inodes, blocks = self.files(self.file_size)
        return "inodes" if inodes < blocks else "blocks"

    @property
    def free_share(self) -> float:
        """Share of the data blocks that is still free when the first of them ends."""
        per_file = -(-self.file_size // self.block_size)
        return 1 - min(self.files(self.file_size)) * per_file / self.blocks

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for some sizes."""
        for size in (1024, 4096, 16384, 65536, 1 << 20):
            inodes, blocks = self.files(size)
            yield {"file size, bytes": size, "inodes are enough for": inodes, "blocks are enough for": blocks}

    def __str__(self) -> str:
        fits = plural(min(self.files(self.file_size)), "file")
        return f"{fits} of {plural(self.file_size, 'byte')} fit; then the {self.first} run out"


@checked(
    size=integer(1 << 16, LARGEST, unit="bytes"),
    bytes_per_inode=BYTES,
    file_size=BYTES,
    block_size=choice((1024, 2048, 4096)),
)
def count_files(
    size: int = 8 << 20, bytes_per_inode: int = 16384, file_size: int = 4096, block_size: int = 4096
) -> Capacity:
    """Count the files that fit into a new file system.

    Parameters
    ----------
    size : int
        Of the file system, bytes: 64 KiB to 1 PiB.
    bytes_per_inode : int
        For how many bytes of disk one inode is made (``mke2fs -i``).
    file_size : int
        Of every file, bytes.
    block_size : int
        Bytes: 1024, 2048 or 4096.

    Raises
    ------
    TypeError, ValueError
        An argument out of range, or a disk that the inodes alone fill.

    Notes
    -----
    Counts inodes of 256 bytes, 11 of them reserved, two bitmaps for each group of 8 × block size blocks, and 7 blocks for
    superblock and the first directories; the blocks that the names fill, some 200 to 300 a block, are left out, and so
    are copies of the superblock.
    """
    per_block, all_blocks = block_size // INODE_SIZE, size // block_size
    groups = -(-all_blocks // (8 * block_size))
    made = max(-(-size // bytes_per_inode // per_block) * per_block, per_block)
    blocks = all_blocks - made // per_block - FIXED - GROUP_BITMAPS * groups
    if blocks < 1:
        raise ValueError(
            f"bytes_per_inode={shown(bytes_per_inode)}: the inodes alone fill {size} bytes; allowed are larger numbers"
        )
    # Of each stair both ends: a line through these is right at whole blocks, where it jumps.
    whole = np.unique(np.geomspace(block_size, size, 120).astype(np.int64) // block_size) * block_size
    sizes = np.concatenate([[256], np.stack([whole, whole + 1], axis=1).ravel()])
    by_blocks = blocks // -(-sizes // block_size)
    return Capacity(
        size, bytes_per_inode, block_size, file_size, all_blocks, made, made - RESERVED, blocks, sizes, by_blocks
    )
