"""Physical memory: frames of 4 KiB, allocated or free."""

from collections.abc import Iterator
from typing import Any

from oslab.base import Result, checked, integer, memory_size, text

__all__ = ["FRAME", "PhysicalMemory"]

FRAME = 4096


class PhysicalMemory(Result):
    """A machine's memory, handed out in frames; the lowest free place that fits is taken first.

    Parameters
    ----------
    size : int
        Bytes; a multiple of 4096.

    Raises
    ------
    ValueError
        A size that is no positive multiple of 4096.

    Examples
    --------
    >>> memory = PhysicalMemory(1 << 20)
    >>> memory.allocate(owner="A"), memory.allocate(owner="B"), memory.used
    (0, 4096, 8192)
    """

    @checked(size=integer(FRAME, 1 << 52))
    def __init__(self, size: int = 16 << 30):
        if size % FRAME:
            raise ValueError(f"size={size}: allowed are multiples of {FRAME} from {FRAME} to 2**52")
        self.size = size
        self._taken: dict[int, tuple[int, str]] = {}

    @checked(size=integer(FRAME, 1 << 52), owner=text(200))
    def allocate(self, size: int = FRAME, owner: str = "") -> int:
        """Return the address of `size` adjacent bytes, aligned to their size.

        Raises
        ------
        ValueError
            A size that is no power of two from 4096 up.
        MemoryError
            No such place is free.
        """
        if size & (size - 1):
            raise ValueError(f"size={size}: allowed are powers of two from {FRAME} up")
        start = 0
        for address, (length, _) in sorted(self._taken.items()):
            if start + size <= address:
                break
            start = max(start, -(-(address + length) // size) * size)
        if start + size > self.size:
            raise MemoryError(f"no {memory_size(size)} in a row are free; {self}")
        self._taken[start] = (size, owner)
        return start

    @checked(address=integer())
    def free(self, address: int) -> None:
        """Give back what was allocated at `address`.

        Raises
        ------
        ValueError
            Nothing was.
        """
        if self._taken.pop(address, None) is None:
            raise ValueError(f"address={address:#x}: nothing was allocated there")

    @property
    def used(self) -> int:
        """Bytes taken."""
        return sum(length for length, _ in self._taken.values())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each piece taken, in order of address."""
        for start, (length, owner) in sorted(self._taken.items()):
            yield {"address": f"{start:#x}", "KiB": length // 1024, "owner": owner}

    def __str__(self) -> str:
        return f"{memory_size(self.used)} of {memory_size(self.size)} taken"
