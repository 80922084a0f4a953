"""From a byte of a file to its block: down the pointers of ext2, and down the extents of ext4; the largest file."""

import errno
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oslab.base import Result, checked, choice, integer, plural, readable, shown, text
from oslab.filesystems.block_map import (
    DIRECT,
    INLINE_EXTENTS,
    LONGEST_EXTENT,
    MOST_BLOCKS,
    count_reachable,
    path_to_block,
)
from oslab.filesystems.path_walk import fail

__all__ = ["BLOCK_SIZES", "BlockPath", "find_block", "largest_file", "read_offset"]

BLOCK_SIZES = {"1 KiB": 1024, "2 KiB": 2048, "4 KiB": 4096}
SLOTS = ("direct", "single", "double", "triple")
UNITS = dict.fromkeys(("", "b", "byte", "bytes"), 1) | {
    name: 1 << 10 * k for k, letter in enumerate("kmgtp", 1) for name in (letter, f"{letter}b", f"{letter}ib")
}
BLOCK_SIZE = choice(tuple(1 << k for k in range(6, 17)), unit="bytes")
INODE = {
    "pointer_size": integer(1, 16, unit="bytes"),
    "direct": integer(0, 1000, help="pointers in the inode that lead to data"),
    "levels": integer(0, 3, help="indirect pointers in the inode: single, double, triple"),
}


@dataclass(frozen=True)
class BlockPath(Result):
    """What `find_block` returns.

    Attributes
    ----------
    offset, block_size, pointer_size : int
        Bytes.
    direct, levels : int
        Pointers of the inode that lead to data, and that lead to blocks of pointers.
    number : int
        Block of the file, from 0.
    path : tuple of int or None
        Slot in the inode, then the entry in each indirect block; None beyond the largest file of this map.
    largest : int
        Bytes that the pointers reach.
    extents, depth : int
        Of the file's extent tree; depth 0: all of them stand in the inode; -1: beyond the largest file of ext4.
    """

    offset: int
    block_size: int
    pointer_size: int
    direct: int
    levels: int
    number: int
    path: tuple[int, ...] | None
    largest: int
    extents: int
    depth: int

    @property
    def level(self) -> str:
        """Which pointers lead there: ``'direct'``, ``'single'``, ``'double'``, ``'triple'``, or ``'beyond'``."""
        return "beyond" if self.path is None else SLOTS[len(self.path) - 1]

    @property
    def reads(self) -> int:
        """Blocks read by way of pointers, the inode not counted, the data counted; 0 beyond the largest file."""
        return 0 if self.path is None else len(self.path)

    @property
    def extent_reads(self) -> int:
        """Blocks read by way of extents, counted likewise."""
        return self.depth + 1

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a map."""
        maps = (
            ("pointers", self.level, self.reads, self.largest),
            (
                "extents",
                f"depth {self.depth}",
                self.extent_reads,
                MOST_BLOCKS * self.block_size,
            ),
        )
        yield from (dict(zip(("map", "level", "reads", "reaches, bytes"), one)) for one in maps)

    def __str__(self) -> str:
        way = " → ".join(map(str, self.path)) if self.path else "none"
        return (
            f"byte {readable(self.offset)} is in file block {readable(self.number)}: pointers {way}, "
            f"{plural(self.reads, 'read')}; extents {self.extent_reads}"
        )


@checked(block_size=BLOCK_SIZE, **INODE)
def largest_file(block_size: int, pointer_size: int = 4, direct: int = DIRECT, levels: int = 3) -> int:
    """Return how many bytes the pointers of an inode reach.

    Parameters
    ----------
    block_size : int
        Bytes: a power of two from 64 to 65536.
    pointer_size : int
        Bytes of a block number, 1 to 16.
    direct : int
        Pointers in the inode that lead to data.
    levels : int
        Indirect pointers in the inode: 1 a single one, 2 a double one too, 3 a triple one too.

    Raises
    ------
    TypeError, ValueError
        An argument of another type, or out of range.

    Notes
    -----
    Other limits may come first: ext3's inode counts units of 512 bytes in 32 bits, so its files end at 2 TiB.

    Examples
    --------
    >>> largest_file(128, pointer_size=8, direct=8, levels=2) // 1024  # GATE 2012
    35
    """
    return count_reachable(block_size // pointer_size, direct, levels) * block_size


@checked(offset=integer(0), block_size=BLOCK_SIZE, extents=integer(1, MOST_BLOCKS), **INODE)
def find_block(
    offset: int,
    block_size: int = 4096,
    extents: int = 1,
    *,
    pointer_size: int = 4,
    direct: int = DIRECT,
    levels: int = 3,
) -> BlockPath:
    """Find the way to the block that holds a byte of a file.

    Parameters
    ----------
    offset : int
        Bytes.
    block_size : int
        Bytes: a power of two from 64 to 65536.
    extents : int
        In how many pieces the file lies, at least; a piece covers at most 32 768 blocks, so a long file has more.
    pointer_size, direct, levels : int
        Of the inode with pointers; see `largest_file`.

    Raises
    ------
    TypeError, ValueError
        An argument of another type, or out of range.
    OSError
        EFBIG: beyond the largest file of both maps.

    Notes
    -----
    Extents take 12 bytes, after a header of 12; four of them stand in the inode
    (Documentation/filesystems/ext4/ifork.rst).

    Examples
    --------
    >>> find_block(5_000_000).path, find_block(5_000_000).reads
    ((13, 0, 184), 3)
    """
    number, per = offset // block_size, block_size // pointer_size
    most = count_reachable(per, direct, levels)
    if number >= max(most, MOST_BLOCKS):
        raise fail(errno.EFBIG, f"offset {offset}")
    path = path_to_block(number, per, direct, levels) if number < most else None
    count, fan_out, depth = max(extents, -(-(number + 1) // LONGEST_EXTENT)), (block_size - 12) // 12, 0
    while INLINE_EXTENTS * fan_out**depth < count:
        depth += 1
    depth = depth if number < MOST_BLOCKS else -1
    return BlockPath(offset, block_size, pointer_size, direct, levels, number, path, most * block_size, count, depth)


@checked(words=text(60), block_size=BLOCK_SIZE)
def read_offset(words: str, block_size: int = 4096) -> int:
    """Read an offset as a person writes it: ``"49152"``, ``"5 000 000"``, ``"48 KiB"``, ``"2 TiB"``, ``"12 blocks"``.

    Parameters
    ----------
    words : str
        A whole number and, if it is not bytes, its unit; K, KB and KiB are 1024 bytes.
    block_size : int
        Bytes.

    Raises
    ------
    TypeError, ValueError
        What is no such number, or beyond 2**62.
    """
    digits = "".join(words.split()).replace("_", "").replace(",", "")
    unit = digits.lstrip("0123456789")
    units = UNITS | dict.fromkeys(("block", "blocks"), block_size)
    count = digits.removesuffix(unit) if unit else digits
    if not count or unit.lower() not in units or int(count) * units[unit.lower()] > 1 << 62:
        allowed = "a whole number of bytes, KiB, MiB, GiB, TiB or blocks, such as 48 KiB"
        raise ValueError(f"words={shown(words)}: allowed is {allowed}")
    return int(count) * units[unit.lower()]
