"""Data TLBs of real processors, and one of any size."""

from typing import Any, NamedTuple

from oslab.base import Parameter, Registry, checked, choice, memory_size
from oslab.memory.addresses import PAGE_SIZES

__all__ = ["PROCESSORS", "Geometry", "geometry"]

LRU = "LRU in each set; real processors only come close to it"
WALK_CACHE = 32
ENTRIES = (8, 16, 32, 64, 128, 256, 512, 1024, 1536, 2048, 3072, 4096)  # as real ones have them


class Geometry(NamedTuple):
    """Entries and ways of both levels of a TLB, and the entries per level of its paging-structure caches."""

    entries: int
    ways: int
    l2_entries: int = 0
    l2_ways: int = 0
    walk_cache: int = WALK_CACHE

    def reach(self, page_size: int = 4096) -> int:
        """Return the memory that the larger level covers, bytes."""
        return max(self.entries, self.l2_entries) * page_size

    def __str__(self) -> str:
        second = f" and {self.l2_entries}" if self.l2_entries else ""
        return f"{self.entries}{second} entries, reach " + ", ".join(
            f"{memory_size(self.reach(size))} with {name} pages" for size, name in PAGE_SIZES.items() if size < 1 << 30
        )


PROCESSORS = Registry("processor")
"""Geometries by processor: ``implementation(**options)`` returns a `Geometry`."""


def _register(key: str, label: str, source: str, found: Geometry) -> None:
    PROCESSORS.register(key, label=label, summary=f"{label}: {found}.", source=source, tie_rule=LRU)(lambda: found)


# The number of ways of a second level is not in these sources: 16 or 12 divide it into 128 or 256 sets.
_register("zen4", "AMD Zen 4", "read by CPUID on a Zen 4; ways of the second level assumed", Geometry(72, 72, 3072, 12))
_register("zen2", "AMD Zen 2", "read by CPUID on a Zen 2; ways of the second level assumed", Geometry(64, 64, 2048, 16))
_register(
    "golden_cove",
    "Intel Golden Cove (unverified)",
    "no primary source found; 96 entries for loads and 2048 in the second level are often quoted",
    Geometry(96, 6, 2048, 16),
)


@PROCESSORS.register(
    "own",
    label="one level of your own",
    summary="One level of as many entries and ways as you like.",
    source="Silberschatz, Galvin, Gagne, Operating System Concepts, chapter on main memory",
    tie_rule=LRU,
    parameters={
        "entries": Parameter(64, choices=ENTRIES, unit="entries"),
        "ways": Parameter(4, choices=(1, 2, 4, 8), unit="ways"),
    },
)
def _own(entries: int, ways: int) -> Geometry:
    return Geometry(entries, ways)


@checked(processor=choice(PROCESSORS))
def geometry(processor: str = "zen4", **options: Any) -> Geometry:
    """Return the TLB of a processor.

    Parameters
    ----------
    processor : str
        A key of `PROCESSORS`.
    **options
        The entry's own: `entries` and `ways` of ``"own"``.

    Raises
    ------
    ValueError
        An unknown processor, an option out of range.

    Examples
    --------
    >>> print(geometry("zen4"))
    72 and 3072 entries, reach 12 MiB with 4 KiB pages, 6 GiB with 2 MiB pages
    """
    entry = PROCESSORS[processor]
    return entry.implementation(**entry.options(options))
