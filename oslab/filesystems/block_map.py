"""Where a file's blocks are: 12 + 3 pointers as in ext2, or extents as in ext4; both ways, map to tree and tree to map."""

import errno
import os
from collections.abc import Callable, Mapping

from oslab.filesystems.disk import Geometry, Inode, Node, Pointers

__all__ = [
    "DIRECT",
    "INLINE_EXTENTS",
    "LONGEST_EXTENT",
    "MOST_BLOCKS",
    "count_reachable",
    "decode",
    "empty_map",
    "encode",
    "find_extents",
    "largest",
    "path_to_block",
]

DIRECT = 12
INLINE_EXTENTS = 4
LONGEST_EXTENT = 32768
MOST_BLOCKS = 1 << 32  # of a file with extents

Tree = dict[tuple[int, ...], int]


def path_to_block(number: int, per_block: int, direct: int = DIRECT, levels: int = 3) -> tuple[int, ...]:
    """Return the way from the inode to a file block: the slot in the inode, then the entry in each indirect block.

    Raises
    ------
    OSError
        EFBIG: beyond the last indirect block's last.

    Examples
    --------
    >>> path_to_block(11, 1024), path_to_block(12, 1024), path_to_block(1036, 1024)
    ((11,), (12, 0), (13, 0, 0))
    """
    if number < direct:
        return (number,)
    rest = number - direct
    for level in range(1, levels + 1):
        if rest < per_block**level:
            return (direct + level - 1, *(rest // per_block**k % per_block for k in reversed(range(level))))
        rest -= per_block**level
    raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))


def _number(path: tuple[int, ...], per_block: int) -> int:
    """The inverse of `path_to_block`."""
    number, level = 0, len(path) - 1
    for digit in path[1:]:
        number = number * per_block + digit
    return count_reachable(per_block, levels=level - 1) + number if level else path[0]


def count_reachable(per_block: int, direct: int = DIRECT, levels: int = 3) -> int:
    """Return how many blocks direct pointers and so many levels of indirect blocks lead to."""
    return direct + sum(per_block**level for level in range(1, levels + 1))


def largest(g: Geometry) -> int:
    """Return how many blocks the largest file has."""
    return count_reachable(g.block_size // 4) if g.layout == "pointers" else MOST_BLOCKS


def empty_map(g: Geometry) -> tuple:
    """Return the map of a file without blocks."""
    return (0,) * 15 if g.layout == "pointers" else (0, ())


def find_extents(blocks: Mapping[int, int]) -> list[tuple[int, int, int]]:
    """Return the extents of a map from file blocks to blocks: (first file block, first block, length)."""
    found: list[tuple[int, int, int]] = []
    for logical, block in sorted(blocks.items()):
        if (
            found
            and logical == found[-1][0] + found[-1][2]
            and block == found[-1][1] + found[-1][2] < (found[-1][1] + LONGEST_EXTENT)
        ):
            found[-1] = (*found[-1][:2], found[-1][2] + 1)
        else:
            found.append((logical, block, 1))
    return found


def decode(inode: Inode, g: Geometry, read: Callable[[int], object]) -> tuple[dict[int, int], Tree]:
    """Return where each file block is, and the blocks of the tree that says so, by their place in it.

    A tree block that holds something else counts as empty; what leads there is in the tree all the same.
    """
    found: dict[int, int] = {}
    tree: Tree = {}
    if g.layout == "pointers":
        pending = [((slot,), block, max(0, slot - DIRECT + 1)) for slot, block in enumerate(inode.map) if block]
        while pending:
            path, block, level = pending.pop()
            if not level:
                found[_number(path, g.block_size // 4)] = block
                continue
            tree[path] = block
            held = read(block)
            items = held.items if isinstance(held, Pointers) else ()
            pending += [((*path, k), child, level - 1) for k, child in enumerate(items) if child]
        return found, tree
    depth, items = inode.map
    for level in range(depth, 0, -1):
        below = []
        for k, (_, block) in enumerate(items):
            tree[level - 1, k] = block
            held = read(block)
            below += held.items if isinstance(held, Node) else ()
        items = [item for item in below if len(item) == (3 if level == 1 else 2)]
    for logical, block, length in items:
        found.update((logical + k, block + k) for k in range(length))
    return found, tree


def encode(
    blocks: Mapping[int, int], tree: Tree, g: Geometry, take: Callable[[], int]
) -> tuple[tuple, Tree, dict[int, object]]:
    """Return an inode's map, its tree, and what the tree's blocks hold; blocks are taken where the old tree has none."""
    return (_encode_pointers if g.layout == "pointers" else _encode_extents)(blocks, tree, g, take)


def _encode_pointers(blocks, tree, g, take):
    p = g.block_size // 4
    paths = {path_to_block(number, p): block for number, block in blocks.items()}
    nodes = sorted({path[:k] for path in paths for k in range(1, len(path))})
    kept = {node: tree.get(node) or take() for node in nodes}
    tables = {(): [0] * 15, **{node: [0] * p for node in nodes}}
    for path, block in (paths | kept).items():
        tables[path[:-1]][path[-1]] = block
    return tuple(tables[()]), kept, {block: Pointers(tuple(tables[node])) for node, block in kept.items()}


def _encode_extents(blocks, tree, g, take):
    per, level, items = (g.block_size - 12) // 12, 0, find_extents(blocks)
    kept, held = {}, {}
    while len(items) > INLINE_EXTENTS:
        above = []
        for k, first in enumerate(range(0, len(items), per)):
            block = kept[level, k] = tree.get((level, k)) or take()
            held[block] = Node(tuple(items[first : first + per]))
            above.append((items[first][0], block))
        level, items = level + 1, above
    return (level, tuple(items)), kept, held
