"""Updates lost by real threads on one counter, in C and in Python."""

import threading
from collections.abc import Callable, Iterator
from functools import cache

from oslab.base import Series, checked, integer
from oslab.machine import recorded
from oslab.synchronization.measure.programs import lines_of, series_by_threads

__all__ = ["increment", "increment_by_call", "lost_updates", "recorded_losses"]

THREADS = (1, 2, 4, 8)
REPEATS = 5
MOST_IN_PYTHON = 400_000


@cache
def recorded_losses() -> dict[int, list[Series]]:
    """Return `lost_updates` as it was recorded, by the number of increments."""
    return {1_000_000: recorded.load("oslab.synchronization", "lost_updates")}


class Counter:
    """A shared variable."""

    def __init__(self) -> None:
        self.value = 0


def _one() -> int:
    return 1


def increment(counter: Counter, times: int) -> None:
    """Increment in one line."""
    for _ in range(times):
        counter.value += 1


def increment_by_call(counter: Counter, times: int) -> None:
    """Increment with a function call between load and store."""
    for _ in range(times):
        counter.value = counter.value + _one()


def _lose_in_python(work: Callable[[Counter, int], None], threads: int, times: int) -> float:
    """Run Python threads on one counter; return what was lost, in percent."""
    counter, start = Counter(), threading.Barrier(threads)

    def run() -> None:
        start.wait()
        work(counter, times)

    pool = [threading.Thread(target=run, daemon=True) for _ in range(threads)]
    for thread in pool:
        thread.start()
    for thread in pool:
        thread.join()
    return 100 * (1 - counter.value / (threads * times))


@checked(increments=integer(1, 10_000_000))
def lost_updates(increments: int = 1_000_000) -> Iterator[float | dict[int, list[Series]]]:
    """Measure updates lost against the number of threads; yields shares of the work done, then series in percent.

    The series come in a dict, by `increments`.

    Parameters
    ----------
    increments : int
        In each thread, at most 10 million; a twentieth of it under a mutex, and at most 400 000 in Python, which are slower.

    Raises
    ------
    TypeError, ValueError
        A number out of range.
    OSError
        No C compiler here.
    """
    rows: dict[str, dict[int, list[float]]] = {}
    yield 0.05
    for line in lines_of("lost_updates", str(increments)):
        kind, threads, lost = line.split()
        label = ("C, x++", "C, mutex", "C, atomic")[int(kind)]
        rows.setdefault(label, {}).setdefault(int(threads), []).append(float(lost))
    yield 0.4
    for repeat in range(REPEATS):
        for label, work in (("Python, c += 1", increment), ("Python, call between", increment_by_call)):
            for n in THREADS:
                rows.setdefault(label, {}).setdefault(n, []).append(
                    _lose_in_python(work, n, min(increments, MOST_IN_PYTHON))
                )
        yield 0.4 + 0.6 * (repeat + 1) / REPEATS
    yield {increments: [series_by_threads(label, values, "%") for label, values in rows.items()]}
