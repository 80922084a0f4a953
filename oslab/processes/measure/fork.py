"""fork on this machine: whose the pages are, what it costs, and what reading dirties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oslab.base.series import Series
from oslab.machine import fork_cost
from oslab.machine.cost import here
from oslab.processes.measure.child_program import run_experiment

__all__ = ["fork_latency", "pages_after_fork", "reading_dirties"]


def pages_after_fork(pages: int = 4096, shares: tuple[float, ...] = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)) -> list[Series]:
    """Fork, write a share of the pages in the child, and ask smaps who has what.

    Parameters
    ----------
    pages : int
        4 KiB each, all touched by the parent.
    shares : tuple of float
        0 to 1.

    Returns
    -------
    list of Series
        Pages of the child that are its own, and those that are shared, by the share written.
    """
    if not 1 <= pages <= 1 << 16 or not all(0 <= s <= 1 for s in shares):
        raise ValueError(f"pages={pages!r}, shares={shares!r}: 1 to 65536 pages, shares from 0 to 1")
    found = run_experiment("sharing", pages, *shares)
    return [
        here(name, list(shares), [found[key]], "pages", "share written")
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
    yield [returned, ended, here("write a page", ["its own", "the first after fork", "the second"], rows, "µs")]


def reading_dirties(count: int = 300_000) -> list[Series]:
    """Let a forked child read numbers, from a list and from an array, and ask smaps which pages it made its own.

    Returns
    -------
    list of Series
        MiB dirtied, and MiB that the numbers take.
    """
    found = run_experiment("reading", count)
    names = ["list of integers", "array"]
    return [here("dirtied by reading", names, found["rows"], "MiB"), here("all of it", names, [found["sizes"]], "MiB")]
