"""fork on this machine: whose the pages are, what it costs, and what reading dirties.

Experiments run as programs of their own, with a time limit: the notebook's kernel and its affinity are left alone.
"""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oslab.base import Series, Several, checked, integer, real
from oslab.machine import Unavailable, fork_cost, sandbox
from oslab.machine.recorded import measured

__all__ = ["fork_latency", "pages_after_fork", "reading_dirties", "run_experiment"]

EXPERIMENTS = Path(__file__).with_name("experiments.py")
SECONDS = 6.0


def run_experiment(name: str, *arguments: float) -> dict[str, Any]:
    """Run an experiment of `experiments.py` and return what it found.

    Raises
    ------
    Unavailable
        It did not end well, or this system has no fork; the message says why.
    """
    if not hasattr(os, "fork"):
        raise Unavailable("This needs fork, which this system does not have.")
    return json.loads(sandbox.ask(EXPERIMENTS, name, *arguments, seconds=SECONDS))


@checked(pages=integer(1, 1 << 16), shares=Several(real(0, 1), most=20))
def pages_after_fork(pages: int = 4096, shares: tuple[float, ...] = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)) -> list[Series]:
    """Fork, write a share of the pages in the child, and ask smaps who has what.

    Parameters
    ----------
    pages : int
        4 KiB each, all touched by the parent; 1 to 65 536.
    shares : tuple of float
        0 to 1, at most 20.

    Returns
    -------
    list of Series
        Pages of the child that are its own, and those that are shared, by the share written.
    """
    found = run_experiment("sharing", pages, *shares)
    return [
        measured(name, list(shares), [found[key]], "pages", x_unit="share written")
        for name, key in (("the child's own", "private"), ("shared", "shared"))
    ]


def fork_latency() -> Iterator[Any]:
    """Measure fork against touched memory, then the first write to a shared page, then what reading dirties.

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end the series of `fork_cost`, and µs a page for three kinds of writes.
    """
    returned, ended = fork_cost(fresh=True)
    yield 0.6
    rows = run_experiment("first_write", 2048)["rows"]
    yield [returned, ended, measured("write a page", ["its own", "the first after fork", "the second"], rows, "µs")]


@checked(count=integer(1, 2_000_000))
def reading_dirties(count: int = 300_000) -> list[Series]:
    """Let a forked child read numbers, from a list and from an array, and ask smaps which pages it made its own.

    Parameters
    ----------
    count : int
        How many numbers; at most 2 million.

    Returns
    -------
    list of Series
        MiB dirtied, and MiB that the numbers take.
    """
    found = run_experiment("reading", count)
    names = ["list of integers", "array"]
    return [
        measured("dirtied by reading", names, found["rows"], "MiB"),
        measured("all of it", names, [found["sizes"]], "MiB"),
    ]
