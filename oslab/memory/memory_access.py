"""One memory access, step by step: through the TLB, or down the page tables and then through the TLB."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from oslab.base import Stepped, checked, flag, real
from oslab.memory.addresses import ADDRESS, LEVELS, PAGE, split

__all__ = ["MemoryAccess", "AccessStep", "follow_access"]


class AccessStep(NamedTuple):
    """One step of an access.

    Attributes
    ----------
    place : str
        ``"TLB"``, ``"CR3"``, a table's level, or ``"memory"``.
    phase : int
        Which of the five steps of a miss it belongs to, 1 to 5.
    reads : int
        Memory reads made so far, this step's included.
    sentence : str
        What happens, with the values.
    """

    place: str
    phase: int
    reads: int
    sentence: str


@dataclass(frozen=True)
class MemoryAccess(Stepped, over="stops"):
    """What `follow_access` returns.

    Attributes
    ----------
    address, page_size, levels : int
    hit : bool
        Whether the TLB knows the page.
    stops : tuple of AccessStep
    latency : float
        Of one memory read, ns.
    """

    address: int
    page_size: int
    levels: int
    hit: bool
    stops: tuple[AccessStep, ...]
    latency: float

    @property
    def reads(self) -> int:
        """Memory reads in all, the data's own included."""
        return self.stops[-1].reads

    @property
    def time(self) -> float:
        """Of all memory reads, ns."""
        return self.reads * self.latency

    def _replayed(self, step: int) -> AccessStep | None:
        return self.stops[step - 1] if step else None

    def why(self, step: int) -> str:
        """Return what happens at a step, 1 to `steps`."""
        return self.stops[self._step(step, 1) - 1].sentence

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a step."""
        for k, s in enumerate(self.stops, 1):
            yield {"step": k, "place": s.place, "memory reads so far": s.reads, "what happens": s.sentence}

    def __str__(self) -> str:
        return "\n".join(f"{k}. {s.sentence}" for k, s in enumerate(self.stops, 1))


@checked(address=ADDRESS, page_size=PAGE, hit=flag(), levels=LEVELS, latency=real(0, 1e9, above=True))
def follow_access(
    address: int | str = 0x7F1234567ABC,
    page_size: int = 4096,
    hit: bool = False,
    levels: int = 4,
    latency: float = 100.0,
) -> MemoryAccess:
    """Follow one read of memory from the virtual address to the data.

    Parameters
    ----------
    address : int or str
        Virtual; a string is read as hexadecimal.
    page_size : {4096, 2097152, 1073741824}
        Bytes.
    hit : bool
        Whether the TLB holds the translation.
    levels : {4, 5}
        Of the page tables.
    latency : float
        Of one memory read, ns; caches left out.

    Raises
    ------
    ValueError
        Another page size, number of levels, or an address that is not canonical.

    Notes
    -----
    Source: Intel SDM volume 3A, 4.5 and 4.10.

    Examples
    --------
    >>> follow_access(hit=False).reads, follow_access(hit=True).reads
    (5, 1)
    """
    parts = split(address, page_size, levels)
    number, page = parts.address, parts.address // page_size
    if hit:
        stops = [
            AccessStep("TLB", 1, 0, f"The CPU looks up page {page:#x} in the TLB and finds it: a hit, no walk."),
            AccessStep(
                "memory",
                5,
                1,
                f"The frame and the offset {parts.offset:#x} make the physical address, and the data are read.",
            ),
        ]
        return MemoryAccess(number, page_size, levels, True, tuple(stops), latency)
    stops = [
        AccessStep("TLB", 1, 0, f"The CPU looks up page {page:#x} in the TLB and does not find it: a miss."),
        AccessStep("CR3", 2, 0, "The MMU reads the physical address of the root table from register CR3."),
    ]
    for reads, (level, index) in enumerate(zip(parts.names, parts.indices, strict=True), 1):
        gives = (
            "the address of the next table"
            if reads < parts.reads
            else "the page's frame"
            if page_size == 4096
            else f"the {parts.page_name} page itself"
        )
        stops.append(AccessStep(level, 3, reads, f"Memory read {reads}: entry {index} of the {level} gives {gives}."))
    stops += [
        AccessStep(
            "TLB",
            4,
            parts.reads,
            "The translation is stored in the TLB, where the next access to this page will find it.",
        ),
        AccessStep(
            "memory",
            5,
            parts.reads + 1,
            f"The access is repeated; it now hits the TLB and reads the data at offset {parts.offset:#x}.",
        ),
    ]
    return MemoryAccess(number, page_size, levels, False, tuple(stops), latency)
