"""NUMA nodes of this machine: what /sys says of them, and what a read from each to each takes."""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from oslab.base.numbers import rounded
from oslab.machine import Pages, need, pinned, usable_cpus
from oslab.machine.caches import beyond_caches
from oslab.machine.pointer_chase import chain, follow, triad
from oslab.machine.procfs import cpu_list
from oslab.machine.recorded import measured

__all__ = ["NODES", "Node", "gpu_list", "gpu_nodes", "node_costs", "node_table", "nodes"]

NODES = Path("/sys/devices/system/node")
PCI = Path("/sys/bus/pci/devices")
CHASED, LEAST_STREAMED, REPEATS = 96 << 20, 96 << 20, 5


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
        sizes = {m[1]: int(m[2]) << 10 for m in re.finditer(r"(Mem\w+): +(\d+) kB", _read(place / "meminfo"))}
        distances = _read(place / "distance").split()
        found.append(
            Node(
                int(place.name[4:]),
                tuple(sorted(cpu_list(_read(place / "cpulist")) or ())),
                sizes.get("MemTotal"),
                sizes.get("MemFree"),
                tuple(map(int, distances)) if all(map(str.isdigit, distances)) else (),
            )
        )
    return sorted(found, key=lambda node: node.number)


def gpu_nodes(folder: Path = PCI) -> dict[str, int | None]:
    """Return the node of each display or 3D controller on PCI, by address; None where the firmware does not say (-1)."""
    found = {}
    for place in sorted(folder.glob("*")):
        if _read(place / "class").startswith("0x03"):
            node = _read(place / "numa_node").strip()
            found[place.name] = int(node) if node.isdigit() else None
    return found


def node_table(folder: Path = NODES) -> list[dict[str, Any]]:
    """Return one row for each node; distances by the number of the node, which need not be 0, 1 and 2."""
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
    allowed = _allowed()
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
    count = CHASED // 64
    with Pages(CHASED, True) as pages:
        links = pages.words()
        with pinned(owner):
            start = np.uint64(chain(links, 64, count))
        with pinned(cpu):
            times = []
            for _ in range(REPEATS + 1):
                begin = time.perf_counter_ns()
                start = np.uint64(follow(links, start, 150_000))
                times.append((time.perf_counter_ns() - begin) / 150_000)
        del links
    return times[1:]


def _triad(cpu: int | None, owner: int | None) -> list[float]:
    with Pages(beyond_caches(LEAST_STREAMED), True) as pages:
        words = pages.words(np.float64)
        third = len(words) // 3
        a, b, c = (words[k * third : (k + 1) * third] for k in range(3))
        with pinned(owner):
            words[:] = 1.0
        with pinned(cpu):
            rates = []
            for _ in range(REPEATS + 1):
                begin = time.perf_counter_ns()
                triad(a, b, c, 3.0)
                rates.append(24 * third / (time.perf_counter_ns() - begin))
        del words, a, b, c
    return rates[1:]


def _allowed() -> set[int]:
    return os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set(range(usable_cpus()))


def _read(path: Path) -> str:
    try:
        return path.read_text(errors="replace")
    except OSError:
        return ""
