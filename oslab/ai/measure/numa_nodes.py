"""NUMA nodes of this machine: what /sys says of them, and what a read from each to each takes."""

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from oslab.base import Instance, checked, rounded
from oslab.machine import Pages, need, pinned, usable_cpus
from oslab.machine.caches import beyond_caches
from oslab.machine.pointer_chase import chain, follow, triad
from oslab.machine.procfs import cpu_list, text
from oslab.machine.recorded import measured

__all__ = ["NODES", "Node", "gpu_list", "node_costs", "node_table", "nodes"]

NODES = Path("/sys/devices/system/node")
CHASED, LEAST_STREAMED, STEPS, REPEATS = 96 << 20, 96 << 20, 150_000, 5


@dataclass(frozen=True)
class Node:
    """A NUMA node; what the system does not tell is None or empty.

    Attributes
    ----------
    number : int
    cpus : tuple of int
    memory, free : int or None
        Bytes.
    distances : tuple of int
        To each node, 10 is local: hints of the firmware, no nanoseconds.
    """

    number: int
    cpus: tuple[int, ...]
    memory: int | None
    free: int | None
    distances: tuple[int, ...]


def nodes(folder: Path = NODES) -> list[Node]:
    """Return the nodes of this machine; empty where the system shows none."""
    found = []
    for place in folder.glob("node[0-9]*"):
        sizes = {m[1]: int(m[2]) << 10 for m in re.finditer(r"(Mem\w+): +(\d+) kB", text.read(place / "meminfo") or "")}
        distances = (text.read(place / "distance") or "").split()
        found.append(
            Node(
                int(place.name[4:]),
                tuple(sorted(cpu_list(text.read(place / "cpulist")) or ())),
                sizes.get("MemTotal"),
                sizes.get("MemFree"),
                tuple(map(int, distances)) if all(map(str.isdigit, distances)) else (),
            )
        )
    return sorted(found, key=lambda node: node.number)


@checked(folder=Instance(Path))
def node_table(folder: Path = NODES) -> list[dict[str, Any]]:
    """Return one row for each node; distances by the number of the node, which need not be 0, 1 and 2.

    Parameters
    ----------
    folder : path, optional
        Where the nodes are; the system's own if not given.
    """
    listed = nodes(folder)
    return [
        {
            "node": n.number,
            "CPUs": ", ".join(map(str, n.cpus)) or "none",
            "memory, GiB": "?" if n.memory is None else rounded(n.memory / 2**30, 3),
            "free, GiB": "?" if n.free is None else rounded(n.free / 2**30, 3),
            "distance to each": ", ".join(f"{one.number}: {far}" for one, far in zip(listed, n.distances)) or "?",
        }
        for n in listed
    ]


def gpu_list() -> str:
    """Return what ``nvidia-smi -L`` says: GPUs and their MIG instances; or a sentence why there are none."""
    try:
        need("gpu")
        done = subprocess.run(["nvidia-smi", "-L"], capture_output=True, text=True, timeout=3, check=False)
        return re.sub(r"UUID: (\S{8})\S+", r"UUID: \1…", done.stdout.strip() or done.stderr.strip())
    except (OSError, subprocess.TimeoutExpired) as missing:
        return str(missing)


def node_costs() -> Iterator[Any]:
    """Time reads by a CPU of each node from memory of each node; some 0.5 s for each pair, at most four pairs.

    Memory is placed by its first touch, from a CPU of the node; on a machine with one node there is one pair.

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end the latency of a random chase over 96 MiB, ns, and the bandwidth of a triad
        by one thread, GB/s (24 bytes an element), by pair "CPU's node → memory's node".

    Raises
    ------
    Unavailable
        Without numba, or without memory for it.
    """
    need("numba", "memory")
    allowed = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(usable_cpus()))
    with_cpus = {n.number: min(set(n.cpus) & allowed) for n in nodes() if set(n.cpus) & allowed} or {0: None}
    pairs = list(product(list(with_cpus)[:2], repeat=2))
    chases, triads = [], []
    for k, (mine, other) in enumerate(pairs):
        chases.append(_chase(with_cpus[mine], with_cpus[other]))
        yield (k + 0.5) / len(pairs)
        triads.append(_triad(with_cpus[mine], with_cpus[other]))
        yield (k + 1) / len(pairs)
    names = [f"node {a} → node {b}" for a, b in pairs]
    yield [
        measured("latency", names, np.transpose(chases), "ns", x_unit="pair"),
        measured("triad", names, np.transpose(triads), "GB/s", x_unit="pair"),
    ]


def _chase(cpu: int | None, owner: int | None) -> list[float]:
    """Nanoseconds a read of `cpu`, of memory that `owner` has touched first."""
    with Pages(CHASED, True) as pages:
        words = pages.words()
        with pinned(owner):
            at = [np.uint64(chain(words, 64, CHASED // 64))]
        times = _time(cpu, partial(_go_on, words, at))
        del words
    return [time / STEPS for time in times]


def _go_on(words: np.ndarray, at: list[np.uint64]) -> None:
    """Follow a chase from where it stands, so that no run meets what the one before has brought into the caches."""
    at[0] = np.uint64(follow(words, at[0], STEPS))


def _triad(cpu: int | None, owner: int | None) -> list[float]:
    """Gigabytes a second, likewise."""
    with Pages(beyond_caches(LEAST_STREAMED), True) as pages:
        words = pages.words(np.float64)
        third = len(words) // 3
        a, b, c = (words[k * third : (k + 1) * third] for k in range(3))
        with pinned(owner):
            words[:] = 1.0
        times = _time(cpu, partial(triad, a, b, c, 3.0))
        del words, a, b, c
    return [24 * third / time for time in times]


def _time(cpu: int | None, run: Callable[[], Any]) -> list[float]:
    """How long each run on a CPU takes, ns; the first does not count."""
    moments = [0.0] * (REPEATS + 2)
    with pinned(cpu):
        for k in range(REPEATS + 2):
            moments[k] = time.perf_counter_ns()
            if k <= REPEATS:
                run()
    return np.diff(moments)[1:].tolist()
