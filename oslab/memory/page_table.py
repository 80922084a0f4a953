"""Page tables of x86-64: a tree that maps virtual pages, and the walk that the hardware makes through it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from oslab.base import Instance, Result, checked, flag, integer, plural, text
from oslab.memory.addresses import ADDRESS, LEVEL_NAMES, LEVELS, PAGE_SIZES, cut, is_canonical, layout, split
from oslab.memory.physical_memory import FRAME, PhysicalMemory

__all__ = ["Entry", "PageTable", "Walk", "WalkStep"]

PHYSICAL_BITS = 52


class Entry(NamedTuple):
    """An entry of a page table.

    Attributes
    ----------
    address : int
        Physical, of the next table or, in a leaf, of the page.
    leaf : bool
    writable, user : bool
        What it lets through; a walk is refused if any of its entries refuses.
    """

    address: int
    leaf: bool
    writable: bool = True
    user: bool = True


class WalkStep(NamedTuple):
    """One memory read of a walk: `entry` is None where nothing is present."""

    level: str
    table: int
    index: int
    entry: Entry | None


@dataclass(frozen=True)
class Walk(Result):
    """What a walk found.

    Attributes
    ----------
    address : int
        Virtual.
    physical : int or None
        None if there was a fault.
    fault : str or None
        ``"non-canonical"``, ``"not present"`` or ``"protection"``.
    page_size : int or None
        Of the page found, allowed or not.
    path : tuple of WalkStep
        The reads, from the root.
    reason : str
        What happened, in a sentence.
    """

    address: int
    physical: int | None
    fault: str | None
    page_size: int | None
    path: tuple[WalkStep, ...]
    reason: str

    @property
    def reads(self) -> int:
        """Memory reads made."""
        return len(self.path)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each read."""
        for k, s in enumerate(self.path, 1):
            found = (
                "not present" if s.entry is None else f"{'page' if s.entry.leaf else 'table'} at {s.entry.address:#x}"
            )
            yield {"read": k, "level": s.level, "table at": f"{s.table:#x}", "index": s.index, "entry": found}

    def __str__(self) -> str:
        return f"{self.reason}  {plural(self.reads, 'memory read')}."


class PageTable:
    """Page tables of one process: a tree of tables with 512 entries, of which only those that are needed exist.

    Parameters
    ----------
    levels : {4, 5}
    memory : PhysicalMemory, optional
        Where the tables themselves are kept; a memory of its own if none is given.
    owner : str
        Whose they are, for the list of what memory is used for.

    Examples
    --------
    >>> tables = PageTable()
    >>> tables.map(0x7f1234567000, 0x5000)
    >>> walk = tables.walk(0x7f1234567abc)
    >>> hex(walk.physical), walk.reads, walk.fault
    ('0x5abc', 4, None)
    """

    @checked(levels=LEVELS, memory=Instance(PhysicalMemory, optional=True), owner=text(200))
    def __init__(self, levels: int = 4, memory: PhysicalMemory | None = None, owner: str = ""):
        self.levels = levels
        self.memory = PhysicalMemory() if memory is None else memory
        self._owner = f"page table of {owner}" if owner else "page table"
        self._tables: dict[int, dict[int, Entry]] = {}
        self.root = self._new_table()

    @property
    def table_bytes(self) -> int:
        """Memory taken by the tables themselves."""
        return FRAME * len(self._tables)

    @checked(virtual=ADDRESS, physical=integer(0, (1 << PHYSICAL_BITS) - 1), writable=flag(), user=flag())
    def map(self, virtual: int, physical: int, page_size: int = 4096, writable: bool = True, user: bool = True) -> None:
        """Map the page at `virtual` to the memory at `physical`.

        Raises
        ------
        ValueError
            An address that is not a multiple of the page size or not canonical; a page that overlaps one mapped already.
        MemoryError
            No frame is free for a table; the tables are as before.
        """
        parts = split(virtual, page_size, self.levels)
        for name, value in (("virtual", parts.address), ("physical", physical)):
            if value % page_size:
                raise ValueError(f"{name}={value:#x}: allowed are multiples of the page size, {page_size:#x}")
        made, table = [], self.root
        for level, index in zip(parts.names[:-1], parts.indices[:-1], strict=True):
            entry = self._tables[table].get(index)
            if entry is None:
                try:
                    entry = Entry(self._new_table(), leaf=False)
                except MemoryError:
                    self._prune(made)
                    raise
                self._tables[table][index] = entry
                made.append((table, index))
            elif entry.leaf:
                raise ValueError(f"virtual={virtual:#x}: a larger page, mapped in the {level}, covers it already")
            table = entry.address
        if parts.indices[-1] in self._tables[table]:
            raise ValueError(f"virtual={virtual:#x}: it, or a part of it, is mapped already")
        self._tables[table][parts.indices[-1]] = Entry(physical, True, writable, user)

    @checked(virtual=ADDRESS)
    def unmap(self, virtual: int) -> Entry:
        """Remove the page that holds the address `virtual`, and the tables that are empty then; return its entry.

        Raises
        ------
        ValueError
            No page holds it.
        """
        walk = self.walk(virtual, user=False)
        if walk.physical is None:
            raise ValueError(f"virtual={virtual:#x}: no page is mapped there ({walk.fault})")
        last = walk.path[-1]
        del self._tables[last.table][last.index]
        self._prune([(step.table, step.index) for step in walk.path[:-1]])
        return last.entry

    @checked(address=ADDRESS, write=flag(), user=flag())
    def walk(self, address: int | str, write: bool = False, user: bool = True) -> Walk:
        """Translate an address as the hardware does after a TLB miss.

        Parameters
        ----------
        address : int or str
            Virtual.
        write, user : bool
            What the access is.  As on x86 with CR0.WP set, a write needs `writable` in kernel mode too.
        """
        if not is_canonical(address, self.levels):
            said = f"{address:#x} is not canonical: the CPU faults before it reads a table."
            return Walk(address, None, "non-canonical", None, (), said)
        table, path = self.root, []
        for depth, (level, index) in enumerate(
            zip(LEVEL_NAMES[self.levels], cut(address, *layout(4096, self.levels)).indices, strict=True), 1
        ):
            entry = self._tables[table].get(index)
            path.append(WalkStep(level, table, index, entry))
            if entry is None:
                said = f"Entry {index} of the {level} is not present: a page fault."
                return Walk(address, None, "not present", None, tuple(path), said)
            if entry.leaf:
                return _end_at_leaf(address, FRAME << 9 * (self.levels - depth), tuple(path), write, user)
            table = entry.address
        raise AssertionError("the last level holds leaves only")

    def mappings(self) -> Iterator[tuple[int, int, Entry]]:
        """Yield virtual address, page size and entry of every page, in order of index."""
        yield from self._below(self.root, 0, self.levels - 1)

    def _below(self, table: int, start: int, height: int) -> Iterator[tuple[int, int, Entry]]:
        size = FRAME << 9 * height
        for index, entry in sorted(self._tables[table].items()):
            address = start + index * size
            if not entry.leaf:
                yield from self._below(entry.address, address, height - 1)
            else:
                above = 0 if is_canonical(address, self.levels) else (1 << 64) - (1 << 12 + 9 * self.levels)
                yield address | above, size, entry

    def _new_table(self) -> int:
        address = self.memory.allocate(owner=self._owner)
        self._tables[address] = {}
        return address

    def _prune(self, path: list[tuple[int, int]]) -> None:
        for table, index in reversed(path):
            below = self._tables[table][index].address
            if self._tables[below]:
                return
            del self._tables[below], self._tables[table][index]
            self.memory.free(below)


def _end_at_leaf(address: int, page_size: int, path: tuple[WalkStep, ...], write: bool, user: bool) -> Walk:
    """Return the walk that ended at a leaf: a physical address, or a protection fault."""
    entry = path[-1].entry
    if write and not entry.writable:
        why = "is read-only"
    elif user and not entry.user:
        why = "belongs to the kernel"
    else:
        physical = entry.address + address % page_size
        return Walk(address, physical, None, page_size, path, f"{address:#x} is at {physical:#x}.")
    return Walk(address, None, "protection", page_size, path, f"The {PAGE_SIZES[page_size]} page {why}: a page fault.")
