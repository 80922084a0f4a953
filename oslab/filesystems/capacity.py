"""Which ends first, blocks or inodes: how many files of a size fit into a file system like ext4."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["Capacity", "count_files"]

RESERVED, INODE_SIZE, FIXED = 11, 256, 9


@dataclass(frozen=True, eq=False)
class Capacity:
    """What `count_files` returns.

    Attributes
    ----------
    size, bytes_per_inode, block_size, file_size : int
        Bytes.
    inodes : int
        Free for files.
    blocks : int
        Free for data.
    sizes : ndarray of int64
        File sizes from one byte to the whole disk.
    by_inodes, by_blocks : ndarray of int64
        How many files of each size the inodes, and the blocks, are enough for.
    """

    size: int
    bytes_per_inode: int
    block_size: int
    file_size: int
    inodes: int
    blocks: int
    sizes: np.ndarray
    by_blocks: np.ndarray

    def files(self, size: int) -> tuple[int, int]:
        """Return how many files of a size the inodes and the blocks are enough for."""
        return self.inodes, self.blocks // -(-size // self.block_size)

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

    def table(self) -> list[dict[str, Any]]:
        """Return one row for some sizes."""
        return [
            {"file size, bytes": s, "inodes are enough for": i, "blocks are enough for": b}
            for s in (1024, 4096, 16384, 65536, 1 << 20)
            for i, b in [self.files(s)]
        ]

    def __str__(self) -> str:
        return f"{min(self.files(self.file_size))} files of {self.file_size} bytes fit; then the {self.first} end"


def count_files(
    size: int = 8 << 20, bytes_per_inode: int = 16384, file_size: int = 4096, block_size: int = 4096
) -> Capacity:
    """Count the files that fit into a new file system.

    Parameters
    ----------
    size : int
        Of the file system, bytes.
    bytes_per_inode : int
        For how many bytes of disk one inode is made (``mke2fs -i``).
    file_size : int
        Of every file, bytes.
    block_size : int

    Raises
    ------
    ValueError
        A value below 1, or a disk that the inodes alone fill.

    Notes
    -----
    Counts inodes of 256 bytes, 11 of them reserved, and 9 blocks for superblock, bitmaps and the first directories; the blocks
    that the names fill, some 200 to 300 a block, are left out.
    """
    for name, value in (("size", size), ("bytes_per_inode", bytes_per_inode), ("file_size", file_size)):
        if value < 1:
            raise ValueError(f"{name}={value!r}: allowed are whole numbers from 1 up")
    per_block = block_size // INODE_SIZE
    made = max(-(-size // bytes_per_inode // per_block) * per_block, per_block)
    blocks = size // block_size - made // per_block - FIXED
    if blocks < 1:
        raise ValueError(
            f"bytes_per_inode={bytes_per_inode!r}: the inodes alone fill {size} bytes; allowed are larger numbers"
        )
    sizes = np.unique(np.geomspace(256, size, 120).astype(np.int64))
    by_blocks = blocks // -(-sizes // block_size)
    return Capacity(size, bytes_per_inode, block_size, file_size, made - RESERVED, blocks, sizes, by_blocks)
