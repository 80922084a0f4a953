"""Measurements leave no process, thread or file behind; nothing here is timed."""

import os
import re
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from oslab import machine
from oslab.machine import procfs
from oslab.processes import PROGRAMS, measure, read_control_block, switch_counts
from oslab.processes.measure import fork

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measured by /proc")


def folders():
    """Those in which programs of this session run; what was compiled is kept in files."""
    return [path for path in machine.sandbox.session_folder().iterdir() if path.is_dir()]


@pytest.fixture(autouse=True)
def leaves_nothing():
    before = set(procfs.children()), os.sched_getaffinity(0), threading.active_count(), set(folders())
    yield
    assert set(procfs.children()) <= before[0] and os.sched_getaffinity(0) == before[1]
    assert threading.active_count() <= before[2]
    assert set(folders()) <= before[3]


def last(generator):
    """What a measurement gives in the end; a machine that is too busy for it is none of ours."""
    try:
        return list(generator)[-1]
    except machine.Unavailable as error:
        pytest.skip(str(error))


def test_reading_dirties_a_list_more_than_an_array():
    dirtied, sizes = measure.reading_dirties(100_000)
    assert dirtied.median[0] > dirtied.median[1] and sizes.median[0] > sizes.median[1] > 0


def test_data_of_ones_own_is_copied_by_reading_a_list_and_by_spawning():
    try:
        lists, _ = measure.share_data([10**7 + k for k in range(100_000)])
        arrays, times = measure.share_data(np.arange(500_000.0), written=1.0)
    except machine.Unavailable as error:
        pytest.skip(str(error))
    assert lists.median[0] > 1 > arrays.median[0] and arrays.median[1] > 3 and arrays.median[2] > 3
    assert (
        list(arrays.x) == ["forked, all read", "forked, 100 % written", "spawned"] and times.median[0] < times.median[1]
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [("text", "data='text'"), ([lambda: 0], "pickle accepts"), (5, "data=5"), (b"bytes", "data=b'bytes'")],
)
def test_data_that_no_worker_can_get_is_refused(data, message):
    with pytest.raises(TypeError, match=message):
        measure.share_data(data)


def test_threads_and_processes():
    found = {s.label: s for s in last(measure.compare_workers())}
    assert tuple(found) == measure.ASPECTS
    assert found["address space"].median.tolist() == [1, 0] and found["a crash"].median.tolist() == [0, 1]
    for aspect in ("creation", "communication", "two CPU-bound jobs"):
        assert (found[aspect].low > 0).all() and found[aspect].repeats >= 5 and found[aspect].origin == "this machine"


def test_the_cost_of_a_fork_and_of_a_first_write():
    returned, ended, writes = last(measure.fork_latency())
    assert len(returned.x) == len(ended.x) == 4 and (writes.low > 0).all() and writes.repeats >= 5


def test_switches_are_voluntary_for_a_sleeper_and_forced_beside_a_rival():
    sleeper, computing, kernel = switch_counts(0.4)
    assert sleeper["voluntary"] > computing["voluntary"] and computing["involuntary"] >= 0 <= kernel["voluntary"]
    with pytest.raises(ValueError, match="seconds=0"):
        switch_counts(0)


def test_a_probe_that_hangs_is_killed_and_said_so(monkeypatch, tmp_path):
    (tmp_path / "probe.py").write_text("import os, time\nos.fork()\ntime.sleep(60)\n")
    monkeypatch.setattr(fork, "EXPERIMENTS", tmp_path / "probe.py")
    monkeypatch.setattr(fork, "SECONDS", 0.5)
    with pytest.raises(machine.Unavailable, match="hung, and was killed"):
        fork.run_experiment("sharing")
    (tmp_path / "probe.py").write_text("1 / 0\n")
    with pytest.raises(machine.Unavailable, match="ZeroDivisionError"):
        fork.run_experiment("sharing")


def test_a_control_block_of_this_process():
    block = read_control_block()
    assert block.values["pid, parent"] == f"{os.getpid()}, parent {os.getppid()}" and block.origin == "this machine"
    assert len(block.table()) == len(block.values) == 9
    total, *kinds = map(int, re.findall(r"\d+", block.values["files"]))
    assert total == sum(kinds) > 2, "the kinds of open files add up"
    with pytest.raises(ValueError, match="pid="):
        read_control_block("-1")


def test_recorded_runs():
    for name in ("pages", "latency", "reading", "workers", "switch"):
        assert all(s.origin == "recorded" and s.machine and s.date for s in measure.recorded_run(name)())
    assert measure.recorded_run("never")() is None


@pytest.mark.skipif(not machine.can("compiler"), reason="no C compiler")
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("exit", "3"), "wait status 0x0300: exit code 3"),
        (("exit", "256"), "exit code 0"),
        (("signal", "9"), "killed by signal 9"),
        (("exec", "a", "b"), "argv[3] = b\nwait status 0x0400: exit code 4"),
    ],
)
def test_the_program_of_lab_5(words, said):
    run = machine.run_c(Path(PROGRAMS / "first_child.c").read_text(), args=words)
    assert said in run.stdout and run.ok and run.left == 0 and not run.diagnostics
