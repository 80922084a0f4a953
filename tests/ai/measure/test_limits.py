"""Limits of control groups, of both versions, and a real run under a quota that leaves nothing behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oslab import machine
from oslab.ai.measure import limits, recorded_run


def write(folder, **files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return folder


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
    assert said["memory, slowed above"] == "1 GiB" and said["memory in use"] == "5 MiB" and said["weight"] == "50"
    assert said["periods throttled"] == "3 of 10" and said["processes, at most"] == "64"


def test_limits_of_version_1_and_of_damaged_files(tmp_path, monkeypatch):
    cpu = write(tmp_path / "cpu", cpu__cfs_quota_us="-1\n", cpu__cfs_period_us="100000\n", cpu__shares="1024\n")
    memory = write(tmp_path / "memory", memory__limit_in_bytes="9223372036854771712\n", memory__usage_in_bytes="\n")
    bad = write(tmp_path / "bad", cpu__max="many\n", memory__max="12 13 x\n", cpu__weight="heavy\n")
    monkeypatch.setattr(limits, "own_groups", lambda: iter([("cpu,cpuacct", cpu), ("memory", memory), ("", bad)]))
    said = {row["limit"]: row["here"] for row in limits.own_limits()}
    assert said["CPU time"] == "no limit" and said["weight"] == "1\u202f024" and "memory in use" not in said
    assert said["memory, at most"] == "no limit"
    monkeypatch.setattr(limits, "own_groups", lambda: iter([]))
    assert all(row["limit"] in ("shared memory", "Python counts", "may run on") for row in limits.own_limits())


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
    monkeypatch.setattr(limits, "SECONDS", 0.4)
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


KILLED = """
import os, signal, sys
from pathlib import Path
from oslab.ai.measure import limits
limits.own_groups = lambda: iter([("cpu", Path(sys.argv[1]))])
with limits.group_for_a_run() as group:
    assert group.folder.is_dir()
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(os, "killpg"), reason="no process groups")
def test_a_kill_leaves_no_group(tmp_path):
    """Whoever makes the group may be killed before it can remove it: somebody else does."""
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    end = time.monotonic() + 10
    while list(tmp_path.iterdir()) and time.monotonic() < end:
        time.sleep(0.02)
    assert list(tmp_path.iterdir()) == []


def test_recorded_runs():
    assert recorded_run("never")() is None
    assert list(recorded_run("quota")()[0].x) == ["periods", "throttled periods", "throttled, ms", "CPU time, ms"]
