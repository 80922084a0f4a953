"""Measurements: real and damaged files, nothing left behind; nothing here is timed."""

import os
from pathlib import Path

import pytest

from oslab import machine
from oslab.ai.measure import limits, numa_nodes, runs


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


def test_gpus_on_pci(tmp_path):
    write(tmp_path / "0000:3b:00.0", **{"class": "0x030200\n", "numa_node": "1\n"})
    write(tmp_path / "0000:00:02.0", **{"class": "0x030000\n", "numa_node": "-1\n"})
    write(tmp_path / "0000:00:1f.0", **{"class": "0x060100\n", "numa_node": "0\n"})
    assert numa_nodes.gpu_nodes(tmp_path) == {"0000:00:02.0": None, "0000:3b:00.0": 1}


def test_without_a_gpu_a_sentence_says_so(monkeypatch):
    monkeypatch.setattr(
        numa_nodes, "need", lambda *keys: (_ for _ in ()).throw(machine.Unavailable("This needs an NVIDIA GPU."))
    )
    assert numa_nodes.gpu_list() == "This needs an NVIDIA GPU."


@pytest.mark.skipif(not machine.can("numba"), reason="no numba")
def test_costs_of_the_nodes(monkeypatch):
    monkeypatch.setattr(numa_nodes, "CHASED", 1 << 20)
    monkeypatch.setattr(numa_nodes, "STREAMED", 3 << 20)
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


def test_limits_of_version_2(tmp_path, monkeypatch):
    inner = write(
        tmp_path / "a/b",
        cpu__max="max 100000\n",
        cpu__weight="50\n",
        memory__max="max\n",
        memory__high="1073741824\n",
        memory__current="5242880\n",
        cpu__stat="nr_periods 10\nnr_throttled 3\nthrottled_usec 7\n",
        pids__max="max\n",
    )
    outer = write(tmp_path / "a", cpu__max="25000 100000\n", memory__max="17179869184\n", pids__max="64\n")
    monkeypatch.setattr(limits, "own_groups", lambda: iter([("", inner), ("", outer)]))
    said = {row["limit"]: row["here"] for row in limits.own_limits()}
    assert said["CPU time"] == "25 ms of every 100 ms: 0.25 CPUs" and said["memory, at most"] == "16 GiB"
    assert said["memory, braked above"] == "1 GiB" and said["memory in use"] == "5 MiB" and said["weight"] == "50"
    assert said["periods throttled"] == "3 of 10" and said["processes, at most"] == "64"


def test_limits_of_version_1_and_of_damaged_files(tmp_path, monkeypatch):
    cpu = write(tmp_path / "cpu", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n", cpu__shares="1024\n")
    memory = write(tmp_path / "memory", memory__limit_in_bytes="9223372036854771712\n", memory__usage_in_bytes="\n")
    bad = write(tmp_path / "bad", cpu__max="many\n", memory__max="12 13 x\n", cpu__weight="heavy\n")
    monkeypatch.setattr(limits, "own_groups", lambda: iter([("cpu,cpuacct", cpu), ("memory", memory), ("", bad)]))
    said = {row["limit"]: row["here"] for row in limits.own_limits()}
    assert said["CPU time"] == "no limit" and said["weight"] == "1024" and "memory in use" not in said
    assert said["memory, at most"] == "no limit"
    monkeypatch.setattr(limits, "own_groups", lambda: iter([]))
    assert all(row["limit"] in ("shared memory", "Python thinks", "may run on") for row in limits.own_limits())


def groups_here():
    return {
        str(p) for p in Path("/sys/fs/cgroup").glob("**/oslab-*") if p.is_dir() and f"oslab-{os.getpid()}-" in p.name
    }


def test_an_ordinary_user_is_told_and_nothing_changes(tmp_path, monkeypatch):
    for groups in ([], [("", tmp_path)], [("cpu", Path("/proc/self/fd"))]):
        monkeypatch.setattr(limits, "own_groups", lambda groups=groups: iter(groups))
        with pytest.raises(machine.Unavailable, match="A run under a quota needs.*What helps"):
            limits.run_under_quota()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("version", [1, 2])
def test_files_of_a_group(tmp_path, version):
    group = limits.GroupFiles(tmp_path, version)
    group.set_quota(25, 100)
    group.add(17)
    time = {1: "throttled_time 3000000", 2: "throttled_usec 3000"}[version]
    (tmp_path / "cpu.stat").write_text(f"nr_periods 4\nnr_throttled 2\n{time}\n")
    assert group.stat() == {"periods": 4, "throttled periods": 2, "throttled, ms": 3.0}
    said = {p.name: p.read_text() for p in tmp_path.iterdir()}
    assert said["cgroup.procs"] == "17"
    if version == 2:
        assert said["cpu.max"] == "25000 100000"
    else:
        assert (said["cpu.cfs_quota_us"], said["cpu.cfs_period_us"]) == ("25000", "100000")


def test_a_real_run_under_a_quota(monkeypatch):
    """Where a group may be made: it is obeyed, and neither group nor children stay."""
    monkeypatch.setattr(limits, "SPIN", limits.SPIN.replace("1000000000", "400000000"))
    try:
        counted, *rows = limits.run_under_quota(25, 100, 2)
    except machine.Unavailable as refused:
        pytest.skip(str(refused))
    periods, throttled, _, used = counted.median
    assert groups_here() == set() and counted.label.startswith("25 ms of 100 ms,")
    assert 3 <= periods and throttled <= periods
    assert used <= 25 * (periods + 1) + 5 * len(rows) * 2, "the quota, and slices that were drawn before"
    assert all((row.median >= 0).all() and (row.x[1:] >= row.x[:-1]).all() for row in rows)


def test_an_interrupt_leaves_no_group(monkeypatch):
    def interrupted(*arguments, **more):
        raise KeyboardInterrupt

    monkeypatch.setattr(limits.GroupFiles, "stat", interrupted)
    with pytest.raises((KeyboardInterrupt, machine.Unavailable)):
        limits.run_under_quota()
    assert groups_here() == set()


def test_recorded_runs():
    assert runs.recorded_run("never")() is None
    assert [s.unit for s in runs.recorded_run("nodes")()] == ["ns", "GB/s"]
    assert list(runs.recorded_run("quota")()[0].x) == ["periods", "throttled periods", "throttled, ms", "CPU time, ms"]
