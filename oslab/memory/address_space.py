"""Address spaces: each process has page tables of its own, and all share one physical memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oslab.base import Instance, Result, checked, choice, flag, integer, shown, text
from oslab.memory import PageTable, PhysicalMemory, Walk
from oslab.memory.addresses import ADDRESS, LEVELS, PAGE, PAGE_SIZES, Split, cut, is_canonical, layout, split

__all__ = ["PAGES", "AddressSpace", "Location", "locate", "two_processes"]

PAGES = ("mapped", "read-only", "kernel only", "missing")


class AddressSpace(Result):
    """The virtual memory of one process.

    Parameters
    ----------
    name : str
    memory : PhysicalMemory
        Shared by all address spaces of the machine.
    levels : {4, 5}
    """

    @checked(name=text(200), memory=Instance(PhysicalMemory), levels=LEVELS)
    def __init__(self, name: str, memory: PhysicalMemory, levels: int = 4):
        self.name, self.memory = name, memory
        self.page_table = PageTable(levels, memory, name)
        self._own: set[int] = set()

    @checked(virtual=ADDRESS, pages=integer(1, 1024), page_size=PAGE, writable=flag())
    def allocate(self, virtual: int, pages: int = 1, page_size: int = 4096, writable: bool = True) -> None:
        """Map `pages` new pages from `virtual` on, each to the lowest free memory.

        Raises
        ------
        ValueError
            As `PageTable.map`; fewer than one page, or more than 1024.
        MemoryError
            Memory is full; pages mapped before that stay.
        """
        for k in range(pages):
            physical = self.memory.allocate(page_size, self.name)
            try:
                self.page_table.map(virtual + k * page_size, physical, page_size, writable)
            except (ValueError, MemoryError):
                self.memory.free(physical)
                raise
            self._own.add(physical)

    @checked(virtual=ADDRESS, writable=flag())
    def share(self, virtual: int, other: AddressSpace, at: int | None = None, writable: bool = True) -> None:
        """Map a page of `other` here too: the page that holds `virtual`, at the same address or at `at`.

        Raises
        ------
        ValueError
            `other` has no page there; another memory; as `PageTable.map`.
        """
        if Instance(AddressSpace).check("other", other).memory is not self.memory:
            raise ValueError(f"other={other.name!r} lives in another memory: only pages of one memory can be shared")
        walk = other.walk(virtual)
        if walk.physical is None:
            raise ValueError(f"virtual={virtual:#x}: {other.name} has no page there ({walk.fault})")
        start = virtual - virtual % walk.page_size if at is None else ADDRESS.check("at", at)
        self.page_table.map(start, walk.path[-1].entry.address, walk.page_size, writable)

    def unmap(self, virtual: int) -> None:
        """Remove the page that holds `virtual`; its memory is given back if it was allocated here."""
        physical = self.page_table.unmap(virtual).address
        if physical in self._own:
            self._own.remove(physical)
            self.memory.free(physical)

    def walk(self, address: int | str, write: bool = False) -> Walk:
        """Translate an address as this process sees it."""
        return self.page_table.walk(address, write)

    @property
    def resident(self) -> int:
        """Bytes of all pages mapped, shared ones included."""
        return sum(size for _, size, _ in self.page_table.mappings())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a page."""
        for virtual, size, entry in self.page_table.mappings():
            yield {
                "process": self.name,
                "virtual": f"{virtual:#x}",
                "physical": f"{entry.address:#x}",
                "page": PAGE_SIZES[size],
                "writable": entry.writable,
                "shared": entry.address not in self._own,
            }

    def __str__(self) -> str:
        return (
            f"{self.name}: {self.resident // 1024} KiB mapped, {self.page_table.table_bytes // 1024} KiB of page tables"
        )


@checked(pages=integer(1, 100), shared=flag())
def two_processes(pages: int = 4, shared: bool = True) -> tuple[AddressSpace, AddressSpace]:
    """Return processes A and B that use the same virtual addresses over one memory.

    Parameters
    ----------
    pages : int
        Private pages of each, from 0x400000 on, allocated in turn; 1 to 100.
    shared : bool
        Whether both also map one page, a library's say, at 0x7f0000000000.
    """
    memory = PhysicalMemory(1 << 20)
    first, second = (AddressSpace(name, memory) for name in "AB")
    for k in range(pages):
        for process in (first, second):
            process.allocate(0x400000 + k * 4096)
    if shared:
        first.allocate(0x7F0000000000, writable=False)
        second.share(0x7F0000000000, first, writable=False)
    return first, second


@dataclass(frozen=True)
class Location(Split):
    """The translation of an address: its parts, and the walk through the tables.

    Attributes
    ----------
    canonical : bool
    physical : int or None
        None when the walk ends in a fault.
    walk : Walk
    table_bytes : int
        Memory taken by the tables that translate this one page.
    """

    canonical: bool
    physical: int | None
    walk: Walk
    table_bytes: int

    @property
    def reads(self) -> int:
        """Memory reads of the walk."""
        return self.walk.reads

    def __str__(self) -> str:
        return f"{super().__str__() if self.canonical else f'{self.address:#x}'}.  {self.walk}"


@checked(address=ADDRESS, page_size=PAGE, levels=LEVELS, page=choice(PAGES), write=flag(), bits=text(100))
def locate(
    address: int | str = 0x7F1234567ABC,
    page_size: int = 4096,
    levels: int = 4,
    page: str = "mapped",
    write: bool = False,
    bits: str = "",
) -> Location | Split:
    """Follow an address through page tables in which its page, or the one beside it, is mapped.

    Parameters
    ----------
    address : int or str
        Virtual; a string is read as hexadecimal.  One that is not canonical gives the fault it gives on the machine.
    page_size : {4096, 2097152, 1073741824}
    levels : {4, 5}
    page : {'mapped', 'read-only', 'kernel only', 'missing'}
        What its entry says; where it is missing, the page beside it is there.
    write : bool
        Whether the access writes.
    bits : str
        Another machine's layout as it is typed, ``"10 10 12"``: the address is only taken apart then, as by `split`.

    Raises
    ------
    ValueError
        Another page size, number of levels or kind of page; more than 64 bits; nonsense in a string.

    Examples
    --------
    >>> locate(0x7f1234567abc).indices, locate(0x7f1234567abc, 2 << 20).reads
    ((254, 72, 418, 359), 3)
    >>> locate(page="read-only", write=True).walk.fault
    'protection'
    >>> print(locate("0x403004", bits="10 10 12"))
    0x403004: level 1 1, level 2 3, offset 0x4 in a 4 KiB page
    """
    if bits.strip():
        widths = bits.replace(",", " ").split()
        if not 2 <= len(widths) <= 6 or not all(width.isdecimal() for width in widths):
            raise ValueError(
                f"bits={shown(bits)}: allowed are 2 to 6 numbers, of the indices and of the offset: 10 10 12"
            )
        return split(address, bits=tuple(map(int, widths)))
    parts = cut(address, *layout(page_size, levels))
    memory = PhysicalMemory(8 << 30)
    tables = PageTable(levels, memory)
    canonical = is_canonical(address, levels)
    if canonical:
        start = address - parts.offset
        tables.map(
            start ^ page_size if page == "missing" else start,
            memory.allocate(page_size, "page"),
            page_size,
            writable=page != "read-only",
            user=page != "kernel only",
        )
    walk = tables.walk(address, write)
    return Location(
        **vars(parts), canonical=canonical, physical=walk.physical, walk=walk, table_bytes=tables.table_bytes
    )
