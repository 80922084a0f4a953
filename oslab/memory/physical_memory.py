"""Physical memory: frames of 4 KiB, who has them, and which are free."""

from __future__ import annotations

from typing import Any

__all__ = ["FRAME", "PhysicalMemory"]

FRAME = 4096


class PhysicalMemory:
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

    def __init__(self, size: int = 16 << 30):
        if isinstance(size, bool) or not isinstance(size, int) or size <= 0 or size % FRAME or size > 1 << 52:
            raise ValueError(f"size={size!r}: allowed are multiples of {FRAME} from {FRAME} to 2**52")
        self.size = size
        self._taken: dict[int, tuple[int, str]] = {}

    def allocate(self, size: int = FRAME, owner: str = "") -> int:
        """Return the address of `size` bytes in a row, aligned to their size.

        Raises
        ------
        ValueError
            A size that is no power of two from 4096 up.
        MemoryError
            No such place is free.
        """
        if isinstance(size, bool) or not isinstance(size, int) or size < FRAME or size & (size - 1):
            raise ValueError(f"size={size!r}: allowed are powers of two from {FRAME} up")
        start = 0
        for address, (length, _) in sorted(self._taken.items()):
            if start + size <= address:
                break
            start = max(start, -(-(address + length) // size) * size)
        if start + size > self.size:
            raise MemoryError(f"no {size} bytes in a row are free: {self.used} of {self.size} are taken")
        self._taken[start] = (size, owner)
        return start

    def free(self, address: int) -> None:
        """Give back what was allocated at `address`.

        Raises
        ------
        ValueError
            Nothing was.
        """
        if self._taken.pop(address, None) is None:
            raise ValueError(f"address={address:#x}: nothing was allocated there")

    def owner(self, address: int) -> str | None:
        """Return who has the byte at `address`; None where it is free."""
        return next((who for start, (length, who) in self._taken.items() if start <= address < start + length), None)

    @property
    def used(self) -> int:
        """Bytes taken."""
        return sum(length for length, _ in self._taken.values())

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each piece taken, in order of address."""
        return [
            {"address": f"{start:#x}", "KiB": length // 1024, "owner": owner}
            for start, (length, owner) in sorted(self._taken.items())
        ]

    def __str__(self) -> str:
        return f"{self.used // 1024} of {self.size // 1024} KiB taken"
