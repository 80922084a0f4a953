"""An LRU miss-ratio curve from a sample of the pages, beside the exact one.

Source: Waldspurger, Park, Garthwaite and Ahmad, Efficient MRC construction with SHARDS, FAST 2015.  A page is
followed if a hash of its number falls below the rate, so all its references are followed or none.  A distance among
followed pages is the true one times the rate, on average.  Adjusted as there (SHARDS-adj): popular pages may be in the
sample or not, so the difference between the references expected and those followed is counted at the smallest distance.
"""

import functools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import SEED, Result, checked, columns, integer, readable, real
from oslab.memory import MissRatioCurve, miss_ratio_curve, reuse_distance
from oslab.memory.traces.page_hash import hash_pages
from oslab.memory.traces.trace import TRACE, Trace

__all__ = ["SampledCurve", "sampled_curve"]


@dataclass(frozen=True, eq=False)
class SampledCurve(Result):
    """What `sampled_curve` returns.

    Attributes
    ----------
    rate : float
        Share of pages that should be followed.
    pages, references : int
        Pages and references followed.
    frames : ndarray of int64, shape (k,)
        Sizes, spread over octaves.
    estimate, exact : ndarray of float64, shape (k,)
        Miss ratios by the sample and by the whole trace.
    total : int
        References of the whole trace.
    distinct : int
        Pages of the whole trace.
    name : str
        The trace's name.
    seconds : tuple of float
        What the estimate and the exact curve took on this machine.
    """

    rate: float
    pages: int
    references: int
    frames: np.ndarray
    estimate: np.ndarray
    exact: np.ndarray
    total: int
    distinct: int
    name: str
    seconds: tuple[float, float]

    @property
    def least(self) -> int:
        """The first of `frames` for which the sample has a whole frame."""
        return min(int(np.searchsorted(self.frames, 1 / self.rate)), len(self.frames) - 1)

    @property
    def error(self) -> float:
        """Mean absolute difference of the two miss ratios, over the sizes for which the sample has a frame."""
        return float(np.mean(np.abs(self.estimate - self.exact)[self.least :]))

    @property
    def worst(self) -> tuple[int, float]:
        """The size with the largest difference, and that difference."""
        apart = np.abs(self.estimate - self.exact)[self.least :]
        return int(self.frames[self.least + np.argmax(apart)]), float(apart.max())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield up to 20 rows, a size each."""
        named = {"frames": self.frames, "sampled": self.estimate, "exact": self.exact}
        step = -(-len(self.frames) // 20)
        return columns(
            {name: values[::step] for name, values in named.items()}
            | {"difference": (self.estimate - self.exact)[::step]}
        )

    def __str__(self) -> str:
        return (
            f"{self.name or 'trace'}: following {self.pages} of {self.distinct} pages ({self.references} of {self.total} "
            f"references), the error of LRU's miss ratio is {readable(self.error)} on average, {readable(self.worst[1])} at most"
        )


@checked(trace=TRACE, rate=real(0, 1, above=True), seed=SEED, points=integer(2, 10_000))
def sampled_curve(trace: Any, rate: float = 0.01, seed: int = 1, points: int = 120) -> SampledCurve:
    """Estimate LRU's miss-ratio curve from a sample of the pages, and compare it with the exact curve.

    Parameters
    ----------
    trace : Trace or array_like of int
    rate : float
        Share of the pages to follow, above 0 up to 1.
    seed : int
        Chooses the hash, not negative.
    points : int
        Sizes at which the two are compared, 2 to 10 000.

    Raises
    ------
    ValueError
        A rate, seed or number of points out of range.

    Examples
    --------
    >>> sampled_curve([1, 2, 3, 1, 2, 3], rate=1.0).error
    0.0
    """
    exact, exact_seconds = _exact(trace)
    begin = time.perf_counter()
    followed = hash_pages(trace.pages, seed) < rate
    sample = trace.dense[followed[trace.dense]]
    faults = _faults(sample, followed, len(trace) * rate)
    seconds = time.perf_counter() - begin
    frames = np.unique(np.rint(np.geomspace(1, trace.distinct, points)).astype(np.int64))
    estimate = np.interp(frames * rate, np.arange(len(faults)), faults) / (len(trace) * rate)
    return SampledCurve(
        rate,
        int(followed.sum()),
        len(sample),
        frames,
        np.clip(estimate, 0, 1),
        exact.miss_ratio[frames - 1],
        len(trace),
        trace.distinct,
        trace.name,
        (seconds, exact_seconds),
    )


def _faults(sample: np.ndarray, followed: np.ndarray, expected: float) -> np.ndarray:
    """Return the faults in 0, 1, 2 … frames of the sample's LRU, the references scaled to those expected."""
    number = np.cumsum(followed) - 1
    small = object.__new__(Trace)
    small.dense, small.pages, small.name = number[sample].astype(np.uint32), np.flatnonzero(followed), ""
    if not len(sample):
        return np.array([expected])
    line = reuse_distance.start(small)
    reuse_distance.advance(line, small.dense, 0, len(sample), None)
    counts = line.counts.astype(float)
    counts[1] += expected - len(sample)
    return np.maximum(expected - np.cumsum(counts), 0.0)


@functools.lru_cache(maxsize=2)
def _exact(trace: Trace) -> tuple[MissRatioCurve, float]:
    begin = time.perf_counter()
    curve = miss_ratio_curve(trace)
    return curve, time.perf_counter() - begin
