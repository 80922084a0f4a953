"""How large the processor's caches are, so that what must not fit into them does not."""

import re
from pathlib import Path

from oslab.machine import procfs

__all__ = ["beyond_caches", "last_level_cache"]

CPU = Path("/sys/devices/system/cpu/cpu0/cache")
ASSUMED, TIMES = 32 << 20, 4
UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


def last_level_cache(folder: Path = CPU) -> int | None:
    """Return the size of the largest cache that the first CPU has or shares, bytes; None where the system does not say."""
    found = [
        re.fullmatch(r"(\d+)([KMG]?)", (procfs.text.read(file) or "").strip()) for file in folder.glob("index*/size")
    ]
    return max((int(one[1]) * UNITS[one[2]] for one in found if one), default=None)


def beyond_caches(least: int = 0) -> int:
    """Return how many bytes a probe of memory must go through, again and again, to find little of them in a cache.

    Four times the last level (STREAM asks as much of each array), 32 MiB where it is not known; but no more than a quarter of
    the memory that is available.

    Parameters
    ----------
    least : int
        Bytes below which it shall not be, unless memory is short.
    """
    wanted = max(least, TIMES * (last_level_cache() or ASSUMED))
    available = getattr(procfs.meminfo(), "available", None)
    return min(wanted, available // 4) if available else wanted
