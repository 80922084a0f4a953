"""Miss-ratio curves: faults against memory; LRU at every size in one pass, the others at chosen sizes."""

import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab._jit import warmer
from oslab.base import Result, readable
from oslab.base.arguments import Instance, checked, integer, limit_length, shown
from oslab.memory import reuse_distance as reuse
from oslab.memory.demand_paging import FRAMES, ReplacementRun
from oslab.memory.replacement.user_policy import POLICY, find
from oslab.memory.traces.trace import TRACE, Trace

__all__ = ["MissRatioCurve", "curve_in_steps", "default_sizes", "miss_ratio_curve"]

WORKERS = 2
SIZES, MOST_SIZES = 24, 10_000
SLICE = 1 << 18


@dataclass(frozen=True, eq=False)
class MissRatioCurve(Result):
    """Miss ratio against memory.

    Attributes
    ----------
    policy, label : str
        Its key and its name on screen.
    frames : ndarray of int64, shape (k,)
        Page frames, ascending.
    faults : ndarray of int64, shape (k,)
    miss_ratio : ndarray of float64, shape (k,)
        Faults in each reference, between 0 and 1.
    references : int
    options : dict
        The policy's own.
    complete : bool
        False where the work was stopped before every size was done.
    """

    policy: str
    label: str
    frames: np.ndarray
    faults: np.ndarray
    references: int
    options: Mapping[str, Any]
    complete: bool = True

    @property
    def miss_ratio(self) -> np.ndarray:
        """Faults in each reference, float64, shape (k,)."""
        return self.faults / self.references

    def at(self, frames: int) -> float:
        """Return the miss ratio at the largest size of the curve that is not above `frames`."""
        k = int(np.searchsorted(self.frames, frames, side="right")) - 1
        return float(self.miss_ratio[k]) if k >= 0 else 1.0

    def rows(self, most: int = SIZES) -> Iterator[dict[str, Any]]:
        """Yield up to `most` rows, the sizes evenly spread over octaves."""
        octaves = np.geomspace(*self.frames[[0, -1]], most) if len(self.frames) else []
        for k in np.unique(np.searchsorted(self.frames, np.floor(np.add(octaves, 1e-6)))).tolist():
            yield {"frames": self.frames[k], "faults": self.faults[k], "miss ratio": self.miss_ratio[k]}

    def __str__(self) -> str:
        points = ", ".join(f"{row['frames']}: {readable(row['miss ratio'])}" for row in self.rows(8))
        stopped = "" if self.complete else " (stopped early)"
        return f"{self.label}, miss ratio at frames{stopped}: {points}"

    __repr__ = __str__


@checked(trace=TRACE, count=integer(1, MOST_SIZES))
def default_sizes(trace: Trace, count: int = SIZES) -> np.ndarray:
    """Return up to `count` sizes from 1 frame to one for each page, evenly spread over octaves.

    Parameters
    ----------
    trace : Trace or sequence of int
    count : int
        How many sizes at most.
    """
    return np.unique(np.rint(np.geomspace(1, trace.distinct, count)).astype(np.int64))


@checked(
    trace=TRACE,
    policy=POLICY,
    stop=Instance(threading.Event, optional=True),
    progress=Instance(Callable, optional=True),  # type: ignore[arg-type]
)
def miss_ratio_curve(
    trace: Any,
    policy: Any = "lru",
    frames: Any = None,
    *,
    stop: Any = None,
    progress: Callable[[float], None] | None = None,
    **options: Any,
) -> MissRatioCurve:
    """Return the miss ratio of a policy against the number of frames.

    Parameters
    ----------
    trace : Trace or array_like of int
    policy : str or class
        A key of `POLICIES`, or a class of your own.
    frames : array_like of int, optional
        The sizes, at most 10 000; LRU takes every size by default, the others 24 spread over octaves.
    stop : threading.Event, optional
        Looked at between slices; once it is set, what is known so far is returned.
    progress : callable, optional
        Called with the share done, 0 to 1.
    **options
        The policy's own.

    Notes
    -----
    LRU costs one pass of n log n for all sizes together, and the time does not depend on `frames`.  For
    the others, each size is a run of its own; they share two threads.

    Examples
    --------
    >>> miss_ratio_curve([1, 2, 3, 1, 2, 3], frames=[1, 2, 3]).miss_ratio.tolist()
    [1.0, 1.0, 0.5]
    """
    curve = None
    for value in curve_in_steps(trace, policy, frames, **options):
        if not isinstance(value, float):
            curve = value
        elif progress is not None:
            progress(value)
        if stop is not None and stop.is_set():
            break
    return curve


@checked(trace=TRACE, policy=POLICY)
def curve_in_steps(
    trace: Any, policy: Any = "lru", frames: Any = None, **options: Any
) -> Iterator[float | MissRatioCurve]:
    """Yield the share done (float) and the curve as far as it is known, until it is complete.

    Closing the generator stops the work within a slice of 262 144 references.

    Parameters
    ----------
    trace : Trace or sequence of int
    policy : str or class
    frames : sequence of int, optional
        Sizes; as for `miss_ratio_curve`.
    """
    entry = find(policy)
    options = entry.options(options)
    sizes = _check_sizes(frames)
    steps = _lru if policy == "lru" else _sizes_apart
    if sizes is None and policy != "lru":
        sizes = default_sizes(trace)

    def curve(sizes: np.ndarray, faults: np.ndarray, complete: bool) -> MissRatioCurve:
        return MissRatioCurve(entry.key, entry.label, sizes, faults, len(trace), options, complete)

    yield curve(np.empty(0, np.int64), np.empty(0, np.int64), False)
    yield from steps(trace, policy, sizes, options, curve)


def _check_sizes(frames: Any) -> np.ndarray | None:
    if frames is None:
        return None
    limit_length("frames", frames, MOST_SIZES)
    given = np.atleast_1d(np.asarray(frames, dtype=object))
    if given.ndim > 1 or isinstance(frames, str | bytes):
        raise TypeError(f"frames={shown(frames)}: allowed are {FRAMES.allowed}, in a row")
    if not 0 < len(given) <= MOST_SIZES:
        raise ValueError(f"frames has {len(given)} sizes: allowed are 1 to {MOST_SIZES} {FRAMES.allowed}")
    return np.unique(np.array([FRAMES.check("frames", size) for size in given.tolist()], dtype=np.int64))


def _lru(
    trace: Trace,
    policy: Any,
    sizes: np.ndarray | None,
    options: Mapping[str, Any],
    curve: Callable[..., MissRatioCurve],
) -> Iterator[float | MissRatioCurve]:
    line, done = reuse.start(trace), 0
    while done < len(trace):
        last = min(len(trace), done + 4 * SLICE)
        reuse.advance(line, trace.dense, done, last, None)
        done = last
        yield done / len(trace)
    faults = len(trace) - np.cumsum(line.counts)
    if sizes is None:
        sizes = np.arange(1, trace.distinct + 1)
    yield curve(sizes, faults[np.minimum(sizes, trace.distinct)], True)


def _sizes_apart(
    trace: Trace, policy: Any, sizes: np.ndarray, options: Mapping[str, Any], curve: Callable[..., MissRatioCurve]
) -> Iterator[float | MissRatioCurve]:
    stop = threading.Event()

    def faults_at(size: int) -> int | None:
        run = ReplacementRun(trace, policy, size, record=False, **options)
        while not run.finished and not stop.is_set():
            run.advance(SLICE)
        return run.faults

    known: dict[int, int] = {}
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="oslab-curve") as pool:
        try:
            waiting = {pool.submit(faults_at, size): size for size in sizes.tolist()}
            while waiting:
                finished, _ = wait(waiting, return_when=FIRST_COMPLETED)
                for future in finished:
                    known[waiting.pop(future)] = future.result()
                yield len(known) / len(sizes)
                done = np.array(sorted(known), dtype=np.int64)
                faults = np.array([known[size] for size in done.tolist()], dtype=np.int64)
                yield curve(done, faults, not waiting)
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)


@warmer(3)
def _warm() -> None:
    trace = Trace([1, 2, 3, 1, 4, 2])
    miss_ratio_curve(trace)
    miss_ratio_curve(trace, "fifo", [1, 2])
    reuse.reuse_distances(trace)
