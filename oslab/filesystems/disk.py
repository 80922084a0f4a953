"""The disk of the small file system: what each block holds, and where it stands.

A disk is a tuple of blocks and a block is an immutable value, so a crash that loses some writes is a new tuple that
shares the rest, and two disks are equal exactly when every block is.
"""

from typing import Any, NamedTuple

from oslab.base import Instance, Parameter, checked, choice, integer, shown

__all__ = [
    "BLOCK_BITMAP",
    "DISK",
    "FREE_INODE",
    "GARBAGE",
    "INODE_BITMAP",
    "LAYOUTS",
    "ROOT",
    "Entries",
    "Geometry",
    "Inode",
    "JournalHead",
    "Node",
    "Pointers",
    "Write",
    "make_disk",
]

BLOCK_BITMAP, INODE_BITMAP = 1, 2
ROOT = 2
GARBAGE = b"#"
LAYOUTS = ("pointers", "extents")


class Geometry(NamedTuple):
    """The superblock: how the disk is laid out, from block 0 on.

    Superblock, block bitmap, inode bitmap, inode table, journal, data.

    Attributes
    ----------
    blocks, inodes : int
    journal : int
        Blocks of the journal, its head included.
    block_size : int
        Bytes; a block also holds a quarter as many pointers, or a sixteenth as many directory entries or inodes.
    layout : {'pointers', 'extents'}
        How an inode says where its blocks are.
    """

    blocks: int = 52
    inodes: int = 12
    journal: int = 20
    block_size: int = 64
    layout: str = "pointers"

    @property
    def per_block(self) -> int:
        """Directory entries, or inodes, in a block."""
        return self.block_size // 16

    @property
    def journal_head(self) -> int:
        """Block of the journal's head."""
        return 3 + -(-self.inodes // self.per_block)

    @property
    def data(self) -> int:
        """First block that files and directories may take."""
        return self.journal_head + self.journal


class Inode(NamedTuple):
    """What is known of a file, all but its name.

    Attributes
    ----------
    kind : {'free', 'file', 'directory', 'symlink'}
    links : int
        Directory entries that lead here.
    size : int
        Bytes.
    map : tuple or str
        Where its blocks are (see `layout`); a short symbolic link's target instead.
    """

    kind: str
    links: int
    size: int
    map: tuple | str


class Entries(NamedTuple):
    """A directory's block: pairs of a name and an inode number."""

    items: tuple[tuple[str, int], ...]


class Pointers(NamedTuple):
    """An indirect block: block numbers, 0 for none."""

    items: tuple[int, ...]


class Node(NamedTuple):
    """A block of an extent tree: extents (first file block, first block, length), or children (first file block, block)."""

    items: tuple[tuple[int, ...], ...]


class JournalHead(NamedTuple):
    """The first block of the journal: the number of the oldest transaction that recovery must look at."""

    transaction: int


class Write(NamedTuple):
    """One block write that an operation causes.

    Attributes
    ----------
    block : int
    value : object
        What the block holds afterwards.
    label : str
        What the block is: "inode table", "data".
    """

    block: int
    value: object
    label: str


class _Disk:
    """The declaration of an argument that is a disk: a tuple of as many blocks as its superblock says."""

    def check(self, name: str, value: Any) -> Any:
        """Return the disk; raise a `TypeError` where it is none."""
        if isinstance(value, tuple) and value and isinstance(value[0], Geometry) and len(value) == value[0].blocks:
            return value
        raise TypeError(f"{name}={shown(value)}: allowed is a disk as make_disk returns it")


DISK = _Disk()
FREE_INODE = Inode("free", 0, 0, ())


GEOMETRY = {
    "blocks": integer(1, 1 << 16),
    "inodes": integer(ROOT, 1 << 12),
    "journal": integer(4, 1 << 12),
    "block_size": Parameter(kind=int, low=48, high=1 << 12),
    "layout": choice(LAYOUTS),
}


@checked(geometry=Instance(Geometry, optional=True))
def make_disk(geometry: Geometry | None = None) -> tuple:
    """Return a disk with an empty root directory; its free blocks hold what others left behind.

    Raises
    ------
    TypeError, ValueError
        A geometry without room for anything, of more than 65 536 blocks of 4096 bytes, or with an unknown layout.
    """
    g = geometry or Geometry()
    for name, parameter in GEOMETRY.items():
        parameter.check(name, getattr(g, name))
    if g.block_size % 16 or g.blocks <= g.data:
        raise ValueError(f"geometry={g}: allowed are a multiple of 16 bytes, and more than {g.data} blocks")
    blocks = [GARBAGE * g.block_size] * g.blocks
    blocks[0], blocks[BLOCK_BITMAP], blocks[INODE_BITMAP] = g, (2 << g.data) - 1, 0b11
    root = Inode(
        "directory", 2, g.block_size, (g.data, *[0] * 14) if g.layout == "pointers" else (0, ((0, g.data, 1),))
    )
    for k in range(3, g.journal_head):
        blocks[k] = (FREE_INODE,) * g.per_block
    blocks[3 + (ROOT - 1) // g.per_block] = tuple(root if k == ROOT - 1 else FREE_INODE for k in range(g.per_block))
    blocks[g.journal_head] = JournalHead(1)
    blocks[g.data] = Entries(((".", ROOT), ("..", ROOT)))
    return tuple(blocks)
