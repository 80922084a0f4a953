"""Context switches on this machine: what one costs, and how many there are."""

from typing import Any

from oslab.base import Series, checked, real
from oslab.machine import procfs, recorded, switch_cost
from oslab.processes.measure.fork import run_experiment

__all__ = ["switch_counts", "switch_here"]


def switch_here() -> list[Series]:
    """Return what a switch costs here by ping-pong on one CPU, between processes and between threads, µs."""
    kinds = ["processes", "threads"]
    costs = [switch_cost(kind, fresh=True) for kind in kinds]
    median, low, high = ([getattr(cost, name) for cost in costs] for name in ("median", "low", "high"))
    fields = {"origin": "this machine", "repeats": costs[0].repeats, **recorded.here()}
    return [Series("switch", kinds, median, "µs", low=low, high=high, **fields)]


SITUATIONS = (("sleeps 1 ms at a time", "sleeps"), ("computes, with a rival on its CPU", "computes"))


@checked(seconds=real(0, 2, above=True))
def switch_counts(seconds: float = 0.5) -> list[dict[str, Any]]:
    """Return the switches of a process that sleeps and of one that computes beside a rival, and of this kernel so far.

    Parameters
    ----------
    seconds : float
        For which each is watched, up to 2.
    """
    found = run_experiment("switches", seconds)
    rows = [(what, *map(round, found[key]), "a second") for what, key in SITUATIONS]
    if (mine := procfs.status()) is not None:
        own = mine.voluntary_switches, mine.involuntary_switches
        rows.append(("this notebook's first thread", *own, "since its start"))
    return [dict(zip(("process", "voluntary", "involuntary", "counted"), row)) for row in rows]
