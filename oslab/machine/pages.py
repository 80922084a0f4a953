"""Memory of one's own by the page: anonymous, aligned, with huge pages or without, and what was really given."""

from __future__ import annotations

import contextlib
import mmap
import re
from pathlib import Path
from types import TracebackType

import numpy as np

from oslab.base import flag, integer

__all__ = ["HUGE", "Pages"]

HUGE = 2 << 20
SMAPS = Path("/proc/self/smaps")


class Pages:
    """Anonymous memory that starts at a multiple of 2 MiB; a context manager that gives it back.

    Parameters
    ----------
    size : int
        Bytes.
    huge : bool or None
        Ask for transparent huge pages (true), or for none (false), by ``madvise``; None: as the system has it.

    Attributes
    ----------
    bytes : ndarray of uint8, shape (size,)
        The memory.  No page of it exists before it is written.
    advised : bool
        Whether the system took the advice; macOS knows none.

    Raises
    ------
    TypeError, ValueError
        A size that is no whole number above 0.

    Examples
    --------
    >>> with Pages(1 << 20) as pages:
    ...     pages.bytes[0] = 1
    ...     pages.address % HUGE
    0
    """

    def __init__(self, size: int, huge: bool | None = None):
        self.size = integer(1, 1 << 40).check("size", size)
        flag(optional=True).check("huge", huge)
        whole = -(-self.size // HUGE) * HUGE
        self._map = mmap.mmap(-1, whole + HUGE, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
        start = np.frombuffer(self._map, np.uint8).ctypes.data
        offset = -start % HUGE
        self.address = start + offset
        advice = getattr(mmap, "MADV_HUGEPAGE" if huge else "MADV_NOHUGEPAGE", None)
        self.advised = huge is None
        if huge is not None and advice is not None:
            with contextlib.suppress(OSError):  # a kernel without huge pages
                self._map.madvise(advice, offset, whole)
                self.advised = True
        self.bytes: np.ndarray = np.frombuffer(self._map, np.uint8, self.size, offset)

    def words(self, dtype: type = np.uint64) -> np.ndarray:
        """Return the memory as an array of numbers of a type."""
        return self.bytes[: self.size // np.dtype(dtype).itemsize * np.dtype(dtype).itemsize].view(dtype)

    @property
    def huge_bytes(self) -> int | None:
        """How much of it lies in huge pages now (AnonHugePages of smaps), or None where that cannot be known."""
        try:
            text = SMAPS.read_text(errors="replace")
        except OSError:
            return None
        found = 0
        for part in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", text, flags=re.M)[1:]:
            start, end = (int(n, 16) for n in part.split(None, 1)[0].split("-"))
            given = re.search(r"^AnonHugePages: +(\d+) kB", part, re.M)
            if given and start < self.address + self.size and end > self.address:
                found += int(given[1]) * 1024
        return min(found, self.size)

    def close(self) -> None:
        """Give the memory back; views of it that are still held keep it until they go."""
        self.bytes = np.empty(0, np.uint8)
        with contextlib.suppress(BufferError):
            self._map.close()

    def __enter__(self) -> Pages:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
