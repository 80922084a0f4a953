"""What fsck would find: blocks owned twice or by nobody, wrong link counts, entries that lead nowhere."""

from collections import Counter
from typing import NamedTuple

from oslab.base import checked
from oslab.filesystems.block_map import decode
from oslab.filesystems.disk import BLOCK_BITMAP, DISK, INODE_BITMAP, ROOT, Entries, Geometry, Inode, Node, Pointers

__all__ = ["Contents", "Problem", "contents", "problems"]


class Problem(NamedTuple):
    """One thing that is wrong with a disk: its kind and a sentence."""

    kind: str
    text: str


class _Scan:
    """The inode table of a disk with every map decoded; damaged blocks are noted, not followed."""

    def __init__(self, disk: tuple):
        self.disk, self.g = disk, disk[0]
        g: Geometry = self.g
        table = [inode for k in range(3, g.journal_head) for inode in (disk[k] if _is_table(disk[k]) else ())]
        self.inodes: dict[int, Inode] = {n: i for n, i in enumerate(table[: g.inodes], 1) if i.kind != "free"}
        self.where, self.tree, self.entries = {}, {}, {}
        for n, inode in self.inodes.items():
            self.where[n], self.tree[n] = ({}, {}) if isinstance(inode.map, str) else decode(inode, g, self.read)
            if inode.kind == "directory":
                self.entries[n] = [item for k in sorted(self.where[n]) for item in self._items(self.where[n][k])]

    def read(self, block: int) -> object:
        return self.disk[block] if self.g.data <= block < self.g.blocks else None

    def _items(self, block: int) -> tuple:
        held = self.read(block)
        return held.items if isinstance(held, Entries) else ()


def _is_table(value: object) -> bool:
    return type(value) is tuple and all(isinstance(row, Inode) for row in value)


@checked(disk=DISK)
def problems(disk: tuple) -> list[Problem]:
    """Return what breaks the invariants of the file system on a disk; an empty list if nothing does.

    Kinds: ``"marked free"``, ``"leak"``, ``"owned twice"``, ``"damaged"``, ``"dangling entry"``, ``"link count"``,
    ``"inode bitmap"``.  An inode without links that is still allocated was open when the machine stopped; it is a leak.
    """
    g, bitmap, inode_bitmap = disk[0], disk[BLOCK_BITMAP], disk[INODE_BITMAP]
    found = [
        Problem("damaged", f"block {k} should be a bitmap")
        for k in (BLOCK_BITMAP, INODE_BITMAP)
        if type(disk[k]) is not int
    ]
    found += [
        Problem("damaged", f"block {k} should be part of the inode table")
        for k in range(3, g.journal_head)
        if not _is_table(disk[k])
    ]
    if found:
        return found
    scan = _Scan(disk)
    owners = Counter(block for n in scan.inodes for part in (scan.where[n], scan.tree[n]) for block in part.values())
    for block, count in owners.items():
        if not g.data <= block < g.blocks:
            found.append(Problem("damaged", f"a pointer leads to block {block}, outside the data blocks"))
        elif not bitmap >> block & 1:
            found.append(Problem("marked free", f"block {block} belongs to a file, but the bitmap marks it free"))
        if count > 1:
            found.append(Problem("owned twice", f"block {block} is used in {count} places"))
    found += [
        Problem("leak", f"block {block} is marked used but belongs to no file")
        for block in range(g.data, g.blocks)
        if bitmap >> block & 1 and block not in owners
    ]
    found += _wrong_blocks(scan)
    links: Counter[int] = Counter()
    for directory, items in scan.entries.items():
        for name, number in items:
            links[number] += 1
            if number not in scan.inodes:
                found.append(Problem("dangling entry", f"{name!r} leads to inode {number}, which is free"))
        if items[:1] != [(".", directory)] or [name for name, _ in items[1:2]] != [".."]:
            found.append(Problem("damaged", f"directory {directory} does not begin with . and .."))
    for number in range(1, g.inodes + 1):
        used, inode = number in scan.inodes, scan.inodes.get(number)
        if number != ROOT - 1 and used != bool(inode_bitmap >> number - 1 & 1):
            found.append(
                Problem("inode bitmap", f"inode {number} is {'in use' if used else 'free'}; the bitmap says otherwise")
            )
        if used and not inode.links:
            found.append(Problem("leak", f"inode {number} has no name but is not freed"))
        elif used and inode.links != links[number]:
            found.append(Problem("link count", f"inode {number} counts {inode.links} links but has {links[number]}"))
    return found


def _wrong_blocks(scan: _Scan) -> list[Problem]:
    """Blocks of a directory, or of a file's tree, that hold something else."""
    found = []
    for number, inode in scan.inodes.items():
        wanted = {block: (Pointers, Node) for block in scan.tree[number].values()}
        if inode.kind == "directory":
            wanted |= dict.fromkeys(scan.where[number].values(), Entries)
        found += [
            Problem("damaged", f"block {block} of inode {number} should hold pointers but holds something else")
            for block, kind in wanted.items()
            if not isinstance(scan.read(block), kind)
        ]
    return found


Contents = dict[str, tuple[str, object]]


@checked(disk=DISK)
def contents(disk: tuple) -> Contents:
    """Return what a user sees: path → ("file", its blocks), ("directory", None) or ("symlink", target).

    A file's blocks are a tuple of bytes, the last one cut at the end of the file; a block that holds no bytes
    stands as what it holds.

    Parameters
    ----------
    disk : Disk
        What is on it.
    """
    scan, seen, found, pending = _Scan(disk), set(), {}, [("", ROOT)]
    while pending:
        path, number = pending.pop()
        inode = scan.inodes.get(number)
        if inode is None:
            continue
        if inode.kind == "directory":
            found[path or "/"] = ("directory", None)
            if number not in seen:
                seen.add(number)
                pending += [(f"{path}/{name}", n) for name, n in scan.entries[number] if name not in (".", "..")]
        elif isinstance(inode.map, str):
            found[path] = ("symlink", inode.map)
        else:
            found[path] = (inode.kind, _blocks(scan, number, inode))
    return found


def _blocks(scan: _Scan, number: int, inode: Inode) -> tuple:
    bs, where = scan.g.block_size, scan.where[number]
    held = []
    for k in range(-(-inode.size // bs)):
        value = scan.read(where[k]) if k in where else bytes(bs)
        held.append(value[: inode.size - k * bs] if isinstance(value, bytes) else value)
    return tuple(held)
