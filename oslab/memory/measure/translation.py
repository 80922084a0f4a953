"""What translation adds to an access on the real machine: a chase over 4 KiB pages minus the same over huge pages."""

from collections.abc import Iterator

import numpy as np

from oslab.base import Series, Several, checked, integer
from oslab.machine import Unavailable, chase, recorded

__all__ = ["SIZES", "translation_latency"]

SIZES = tuple(1 << k for k in range(17, 28))
SECONDS = 0.1


@checked(stride=integer(64, 1 << 16), sizes=Several(integer(1 << 12, 1 << 30), most=32))
def translation_latency(stride: int = 4096, sizes: tuple[int, ...] = SIZES) -> Iterator[float | list[Series]]:
    """Chase through working sets of growing size, one place a stride, over pages of both sizes.

    Parameters
    ----------
    stride : int
        Bytes, 64 to 65536 to be of use.
    sizes : tuple of int
        Bytes.

    Yields
    ------
    float
        Share of the work done.
    list of Series
        ns an access over 4 KiB pages, over huge pages, and the difference, by MiB; so far.

    Raises
    ------
    Unavailable
        Without numba, or where no huge pages are given.

    Notes
    -----
    Data caches are in both, so that the difference is what translation adds, and what it takes from the caches for page
    tables; in a virtual machine a walk is nested and reads up to 24 entries.
    """
    small, huge, done = [], [], []
    for number, size in enumerate(sizes, 1):
        if size < 8 * stride:
            continue
        small.append(chase(size, stride, False, seconds=SECONDS))
        huge.append(chase(size, stride, True, seconds=SECONDS))
        if size >= 4 << 20 and (huge[-1].huge_share or 0) < 0.5:
            raise Unavailable(
                "no huge pages are given here: /sys/kernel/mm/transparent_hugepage/enabled is neither madvise "
                "nor always"
            )
        done.append(size / 2**20)
        yield number / len(sizes)
        yield _as_series(done, small, huge)
    yield _as_series(done, small, huge)


def _as_series(sizes: list[float], small: list, huge: list) -> list[Series]:
    fields = {"unit": "ns", "x_unit": "working set, MiB", "origin": "this machine", "repeats": 5, **recorded.here()}
    both = [
        Series(
            label,
            np.array(sizes),
            np.array([c.median for c in costs]),
            low=np.array([c.low for c in costs]),
            high=np.array([c.high for c in costs]),
            **fields,
        )
        for label, costs in (("4 KiB pages", small), ("2 MiB pages", huge))
    ]
    extra = Series(
        "extra",
        np.array(sizes),
        both[0].median - both[1].median,
        low=both[0].low - both[1].high,
        high=both[0].high - both[1].low,
        **fields,
    )
    return [*both, extra]
