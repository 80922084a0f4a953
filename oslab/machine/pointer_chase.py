"""Memory probes: the latency of a pointer chase and the bandwidth of a triad, as compiled kernels.

A chase reads one word, which says where the next is: no access can begin before the one before it has ended, so
its time is latency.  The triad ``a = b + s c`` is that of STREAM (McCalpin), which counts 24 bytes for an element.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from oslab._jit import kernel, warmer
from oslab.base import SEED, Series, Several, checked, flag, integer, plural, real
from oslab.machine.capability import need
from oslab.machine.cost import Cost, kept
from oslab.machine.limits import pinned, usable_cpus
from oslab.machine.pages import Pages
from oslab.machine.recorded import measured

__all__ = ["Chase", "bandwidth", "chain", "chase", "follow", "latency_curve", "triad"]

WORD, LINE = 8, 64
SIZES = tuple(1 << k for k in range(14, 28))


@kernel
def follow(links, start, steps):
    """Return where a chase stands after some steps."""
    at = start
    for _ in range(steps):
        at = links[at]
    return at


@kernel
def triad(a, b, c, factor):
    """Set `a` to ``b + factor * c``."""
    for i in range(len(a)):
        a[i] = b[i] + factor * c[i]


@warmer(3)
def _warm() -> None:
    follow(np.zeros(1, np.uint64), np.uint64(0), 1)
    triad(*(np.zeros(1) for _ in range(3)), 1.0)


@dataclass(frozen=True)
class Chase(Cost):
    """The cost of one step of a chase.

    Attributes
    ----------
    working_set, stride : int
        Bytes over which it goes, and between two places.
    huge_share : float or None
        Part of the working set that lay in huge pages; None where the system does not tell.
    """

    working_set: int = 0
    stride: int = 0
    huge_share: float | None = None


def chain(links: np.ndarray, stride: int, count: int, seed: int = 1) -> int:
    """Write a chase into memory: `count` places, one a stride, in random order, in one cycle.

    Within its stride each place lies one cache line further than the one before, since places at the same offset
    of every page would fall into the same few sets of a cache.

    Parameters
    ----------
    links : ndarray of uint64
        The memory; each word that is used holds the index of the next.

    Returns
    -------
    int
        Where the chase starts.
    """
    k = np.arange(count, dtype=np.int64)
    lines = max(1, stride // LINE)
    places = (k * stride + k % lines * LINE) // WORD if stride >= LINE else k * stride // WORD
    places = np.random.default_rng(seed).permutation(places)
    links[places] = np.roll(places, -1)
    return int(places[0])


_SIZE, _STRIDE = integer(2 * WORD, 1 << 40), integer(WORD, 1 << 30)
_HUGE = flag(optional=True)


@checked(
    working_set=_SIZE,
    stride=_STRIDE,
    huge=_HUGE,
    repeats=integer(1, 1000),
    seconds=real(0, 60, above=True),
    seed=SEED,
)
def chase(
    working_set: int,
    stride: int = 4096,
    huge: bool | None = False,
    *,
    repeats: int = 5,
    seconds: float = 0.1,
    seed: int = 1,
) -> Chase:
    """Measure the latency of a read, in a random chase that touches one line a stride.

    Parameters
    ----------
    working_set : int
        Bytes over which it goes; at least two strides.
    stride : int
        Bytes, a multiple of 8: 4096 touches one line a page, 64 every line.
    huge : bool or None
        Ask for huge pages, for none, or (None) leave it to the system.
    repeats : int
        At least 1.
    seconds : float
        For all repeats.
    seed : int
        Of the order of the chase.

    Returns
    -------
    Chase
        ns a read; `huge_share` says whether huge pages were really given.

    Raises
    ------
    ValueError
        Sizes that make no chase.
    Unavailable
        Without numba: the interpreter would be measured instead.
    """
    if stride % WORD:
        raise ValueError(f"stride={stride!r}: a multiple of {WORD} bytes")
    if working_set < 2 * stride:
        raise ValueError(f"working_set={working_set!r}: at least two strides of {stride} bytes")
    need("numba")
    count = working_set // stride
    with Pages(count * stride, huge) as pages, pinned():
        links = pages.words()
        at = np.uint64(chain(links, stride, count, seed))
        given = pages.huge_bytes
        at, each = _timed(links, at, max(20_000, min(count, 500_000)))
        steps = max(5_000, int(seconds / repeats * 1e9 / each))
        times = []
        for _ in range(repeats):
            at, each = _timed(links, np.uint64(at), steps)
            times.append(each)
        del links
    series = measured("read in a random chase", [float(working_set)], np.array(times)[:, None], "ns", x_unit="bytes")
    share = None if given is None else given / (count * stride)
    return Chase(**vars(Cost.of(series)), working_set=working_set, stride=stride, huge_share=share)


def _timed(links: np.ndarray, at: np.uint64, steps: int) -> tuple[int, float]:
    """Follow the links; return where that ends, and ns a step."""
    begin = time.perf_counter_ns()
    at = follow(links, np.uint64(at), steps)
    return at, (time.perf_counter_ns() - begin) / steps


@checked(sizes=Several(_SIZE, most=100), stride=_STRIDE, huge=_HUGE, fresh=flag())
def latency_curve(
    sizes: Sequence[int] = SIZES, stride: int = 4096, huge: bool | None = False, *, fresh: bool = False
) -> Series:
    """Return the latency of a chase over working sets of several sizes; measured once on a machine and kept.

    Parameters
    ----------
    sizes : sequence of int
        Working sets in bytes.
    stride, huge
        As for `chase`.
    fresh : bool
        Measure again.

    Returns
    -------
    Series
        x in bytes, values in ns.
    """

    def measure() -> list[Series]:
        found = [chase(size, stride, huge) for size in sizes]
        pages = {True: "huge pages", False: "4 KiB pages", None: "pages as given"}[huge]
        first = measured(pages, [float(size) for size in sizes], [[c.median for c in found]], "ns", x_unit="bytes")
        low, high = np.array([(c.low, c.high) for c in found]).T
        return [replace(first, low=low, high=high, repeats=found[0].repeats)]

    return kept(f"latency {sizes} {stride} {huge}", measure, fresh)[0]


@checked(size=integer(24, 1 << 40), threads=integer(1, 4096), repeats=integer(1, 1000), fresh=flag())
def bandwidth(size: int = 192 << 20, threads: int = 1, *, repeats: int = 7, fresh: bool = False) -> Cost:
    """Return the bandwidth of the triad on this machine; measured once and kept.

    Parameters
    ----------
    size : int
        Bytes of each array.
    threads : int
    repeats : int
        Of which the median is taken.
    fresh : bool
        Measure again instead of what is kept.

    Returns
    -------
    Cost
        GB/s (10**9 bytes); 24 bytes an element, as STREAM counts.

    Raises
    ------
    ValueError
        Less than one element a thread, or no thread.
    Unavailable
        Without numba.
    """
    if size < 24 * threads:
        raise ValueError(f"size={size!r}, threads={threads!r}: at least one thread, and 24 bytes for each")
    need("numba")

    def measure() -> list[Series]:
        n = size // 24
        with Pages(24 * n, None) as pages, ThreadPoolExecutor(threads) as pool:
            words = pages.words(np.float64)
            words[:] = 1.0
            cuts = [n * k // threads for k in range(threads + 1)]
            jobs = [tuple(words[k * n + cuts[t] : k * n + cuts[t + 1]] for k in range(3)) for t in range(threads)]
            rates = []
            for _ in range(repeats + 1):  # the first one brings the pages in
                begin = time.perf_counter_ns()
                list(pool.map(lambda job: triad(*job, 3.0), jobs))
                rates.append(24 * n / (time.perf_counter_ns() - begin))
            del words, jobs
        return [
            measured(
                f"triad with {plural(threads, 'thread')}",
                [float(threads)],
                np.array(rates[1:])[:, None],
                "GB/s",
                x_unit="threads",
            )
        ]

    [series] = kept(f"bandwidth {size} {threads} {repeats}", measure, fresh)
    return Cost.of(series, note=f"{usable_cpus()} CPUs usable" if threads > usable_cpus() else "")
