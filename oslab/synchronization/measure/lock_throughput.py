"""What a lock costs on this machine: throughput against the number of threads."""

from functools import cache

from oslab.base import Series, checked, real
from oslab.machine import recorded
from oslab.synchronization.measure.programs import lines_of, series_by_threads

__all__ = ["lock_costs", "recorded_costs"]

REPEATS = 5


@cache
def recorded_costs() -> dict[float, list[Series]]:
    """Return `lock_costs` as it was recorded, for several shares."""
    names = [name for name in recorded.names("oslab.synchronization") if name.startswith("lock_costs_")]
    return {int(name.rpartition("_")[2]) / 100: recorded.load("oslab.synchronization", name) for name in names}


@checked(share=real(0, 1))
def lock_costs(share: float = 0.25) -> dict[float, list[Series]]:
    """Measure throughput with one lock, 64 locks and no sharing, relative to one thread that shares nothing.

    Parameters
    ----------
    share : float
        Of each round that is done under the lock.

    Returns
    -------
    dict of float to list of Series
        By the share, in whole percent.

    Raises
    ------
    TypeError, ValueError
        A share outside 0 to 1.
    OSError
        No C compiler here.
    """
    rows: dict[str, dict[int, list[float]]] = {}
    for line in lines_of("lock_costs", str(round(100 * share))):
        label, threads, rate = line.split(";")
        rows.setdefault(label, {}).setdefault(int(threads), []).append(float(rate))
    alone = sorted(rows["no sharing"][1])[REPEATS // 2]
    return {
        round(share, 2): [
            series_by_threads(label, {n: [v / alone for v in per] for n, per in values.items()}, "times one thread")
            for label, values in rows.items()
        ]
    }
