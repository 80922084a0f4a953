"""Nodes and GPUs: real and damaged files, and what a read costs; nothing here is timed."""

import os

import pytest

from oslab import machine
from oslab.ai.measure import numa_nodes, recorded_run


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


def test_nodes_of_two_sockets_and_of_damaged_files(tmp_path):
    write(
        tmp_path / "node0",
        cpulist="0-3,8\n",
        distance="10 21\n",
        meminfo="Node 0 MemTotal: 1024 kB\nNode 0 MemFree: 512 kB\n",
    )
    write(tmp_path / "node1", cpulist="\n", distance="21 1x\n", meminfo="Node 1 MemTotal: many kB\n")
    write(tmp_path / "node10", cpulist="4-a\n")
    first, second, third = numa_nodes.nodes(tmp_path)
    assert first == numa_nodes.Node(0, (0, 1, 2, 3, 8), 1 << 20, 1 << 19, (10, 21))
    assert (second.cpus, second.memory, second.free, second.distances) == ((), None, None, ())
    assert (third.number, third.cpus) == (10, ())
    assert [row["memory, GiB"] for row in numa_nodes.node_table(tmp_path)][1:] == ["?", "?"]
    assert numa_nodes.nodes(tmp_path / "none") == []


def test_nodes_with_gaps_in_their_numbers(tmp_path):
    """Distances stand in the order of the nodes that are there; Linux 5.15 on some machines ends a list of CPUs with a NUL."""
    write(tmp_path / "node0", cpulist="0-1\0", distance="10 20\n")
    write(tmp_path / "node2", cpulist="2-3\n\0", distance="20 10\n")
    rows = numa_nodes.node_table(tmp_path)
    assert [(row["node"], row["CPUs"]) for row in rows] == [(0, "0, 1"), (2, "2, 3")]
    assert [row["distance to each"] for row in rows] == ["0: 10, 2: 20", "0: 20, 2: 10"]


def test_recorded_costs():
    assert [s.unit for s in recorded_run("nodes")()] == ["ns", "GB/s"]


def test_without_a_gpu_a_sentence_says_so(monkeypatch):
    monkeypatch.setattr(
        numa_nodes, "need", lambda *keys: (_ for _ in ()).throw(machine.Unavailable("This needs an NVIDIA GPU."))
    )
    assert numa_nodes.gpu_list() == "This needs an NVIDIA GPU."


@pytest.mark.skipif(not machine.can("numba"), reason="no numba")
def test_costs_of_the_nodes(monkeypatch):
    monkeypatch.setattr(numa_nodes, "CHASED", 1 << 20)
    monkeypatch.setattr(numa_nodes, "beyond_caches", lambda least: 3 << 20)
    before = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None
    *shares, (latency, rate) = numa_nodes.node_costs()
    assert shares[-1] == 1 and (latency.unit, rate.unit) == ("ns", "GB/s") and list(latency.x) == list(rate.x)
    assert (latency.low > 0).all() and (rate.low > 0).all() and latency.repeats >= 5
    assert before is None or os.sched_getaffinity(0) == before


@pytest.mark.skipif(not machine.can("numba") or not machine.can("two_cpus"), reason="needs numba and two CPUs")
def test_every_pair_of_two_nodes(monkeypatch):
    """A CPU of each node reads what a CPU of each node has touched first."""
    first, second = sorted(os.sched_getaffinity(0))[:2]
    asked = []
    monkeypatch.setattr(
        numa_nodes,
        "nodes",
        lambda: [numa_nodes.Node(k, (cpu,), None, None, ()) for k, cpu in ((0, first), (3, second))],
    )
    monkeypatch.setattr(numa_nodes, "_chase", lambda cpu, owner: asked.append((cpu, owner)) or [1.0] * 5)
    monkeypatch.setattr(numa_nodes, "_triad", lambda cpu, owner: [float(cpu), float(owner)] * 3)
    *_, (latency, rate) = numa_nodes.node_costs()
    assert asked == [(first, first), (first, second), (second, first), (second, second)]
    assert list(latency.x) == ["node 0 → node 0", "node 0 → node 3", "node 3 → node 0", "node 3 → node 3"]
    assert rate.low.tolist() == [float(min(pair)) for pair in asked]
