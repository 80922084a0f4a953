"""fork on this machine: which pages are shared, the cost of a fork, and the pages that reading copies.

Experiments run as programs of their own, with a time limit: the notebook's kernel and its affinity are left alone.
"""

import json
import pickle
import sys
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from oslab.base import Series, Several, checked, integer, real, shown
from oslab.machine import fork_cost, sandbox
from oslab.machine.recorded import measured

__all__ = ["fork_latency", "pages_after_fork", "reading_dirties", "run_experiment", "share_data"]

EXPERIMENTS = Path(__file__).with_name("experiments.py")
SECONDS, OWN_SECONDS = 6.0, 100.0
LARGEST = 256 << 20


def run_experiment(name: str, *arguments: float) -> dict[str, Any]:
    """Run an experiment of `experiments.py` and return what it found.

    Raises
    ------
    Unavailable
        It did not end well, or this system has no fork; the message says why.
    """
    return json.loads(sandbox.ask(EXPERIMENTS, name, *arguments, seconds=SECONDS))


@checked(pages=integer(1, 1 << 16), shares=Several(real(0, 1), most=20))
def pages_after_fork(pages: int = 4096, shares: tuple[float, ...] = (0.0, 0.1, 0.25, 0.5, 0.75, 1.0)) -> list[Series]:
    """Fork, write a share of the pages in the child, and read from smaps which pages are shared.

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
    """Let a forked child read numbers, from a list and from an array, and read from smaps which pages were copied.

    Parameters
    ----------
    count : int
        How many numbers; at most 2 million.

    Returns
    -------
    list of Series
        MiB dirtied, and MiB that the numbers take.
    """
    listed = [10_000_000 + k for k in range(count)]
    runs = [_give_to_workers(data, 0.0)["rows"] for data in (listed, array("q", listed))]
    names, sizes = ["list of integers", "array"], [8 + sys.getsizeof(listed[0]), 8]
    return [
        measured("dirtied by reading", names, [[row[0] for row in pair] for pair in zip(*runs)], "MiB"),
        measured("all of it", names, [[count * size / 2**20 for size in sizes]], "MiB"),
    ]


def _give_to_workers(data: Any, written: float) -> dict[str, Any]:
    """Pickle data for a program of its own, in which `own` of `experiments.py` gives them to workers."""
    try:
        content = pickle.dumps(data, protocol=5)
    except Exception as error:  # whatever a class of the learner's raises
        raise TypeError(f"data={shown(data)}: allowed is data that pickle accepts ({error})") from None
    if len(content) > LARGEST:
        raise ValueError(f"data={shown(data)}: allowed are at most 256 MiB of pickled data")
    with sandbox.run_folder() as folder:
        (folder / "data").write_bytes(content)
        module = type(data).__module__.partition(".")[0].replace("__main__", "builtins")
        asked = EXPERIMENTS, "own", folder / "data", module, written
        return json.loads(sandbox.ask(*asked, seconds=OWN_SECONDS, packages=True))


@checked(written=real(0, 1))
def share_data(data: Any, written: float = 0.25) -> list[Series]:
    """Give a list, array or tensor of the learner's to forked and spawned workers; read their private memory from smaps.

    Parameters
    ----------
    data : object
        It can be pickled, has a length and items that can be set; at most 256 MiB.
    written : float
        Share of the items that a worker sets, each to the value that it has.

    Returns
    -------
    list of Series
        MiB of its own, of a forked worker that has read all items, of one that has written a share, and of a spawned one,
        which gets a copy; then ms until a forked worker and a spawned one have the data.

    Raises
    ------
    TypeError, ValueError
        Data of another kind, or too large.
    Unavailable
        A system without fork, or the data cannot be loaded in a program of its own.
    """
    if not hasattr(data, "__setitem__") or not hasattr(data, "__len__") or isinstance(data, Mapping):
        raise TypeError(f"data={shown(data)}: allowed are lists, arrays and tensors")
    found = _give_to_workers(data, written)
    names = ["forked, all read", f"forked, {100 * written:.0f} % written", "spawned"]
    return [
        measured("memory of a worker's own", names, found["rows"], "MiB"),
        measured("until it has the data", ["forked", "spawned"], found["times"], "ms"),
    ]
