"""Measurements leave no process, thread or file behind; nothing here is timed."""

import os
import re
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from oslab import machine
from oslab.machine import procfs
from oslab.processes import PROGRAMS, measure, read_control_block, switch_counts
from oslab.processes.measure import child_program

pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="measured by /proc")


@pytest.fixture(autouse=True)
def leaves_nothing():
    machine.sandbox.session_folder()
    before = (
        set(procfs.children()),
        os.sched_getaffinity(0),
        threading.active_count(),
        set(os.listdir(tempfile.gettempdir())),
    )
    yield
    assert set(procfs.children()) <= before[0] and os.sched_getaffinity(0) == before[1]
    assert threading.active_count() <= before[2]
    assert not [name for name in set(os.listdir(tempfile.gettempdir())) - before[3] if name.startswith("oslab")]


def last(generator):
    return list(generator)[-1]


def test_reading_dirties_a_list_and_no_array():
    dirtied, sizes = measure.reading_dirties(100_000)
    assert dirtied.median[0] > 0.7 * sizes.median[0] and dirtied.median[1] < 0.1 * sizes.median[1]


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
    assert sleeper["voluntary"] > 10 * max(1, computing["voluntary"])
    assert computing["involuntary"] > 0 and kernel["voluntary"] >= 0


def test_a_probe_that_hangs_is_killed_and_said_so(monkeypatch, tmp_path):
    (tmp_path / "probe.py").write_text("import os, time\nos.fork()\ntime.sleep(60)\n")
    monkeypatch.setattr(child_program, "EXPERIMENTS", tmp_path / "probe.py")
    monkeypatch.setattr(child_program, "SECONDS", 0.5)
    with pytest.raises(machine.Unavailable, match="hung, and was killed"):
        child_program.run_experiment("sharing")
    (tmp_path / "probe.py").write_text("1 / 0\n")
    with pytest.raises(machine.Unavailable, match="ZeroDivisionError"):
        child_program.run_experiment("sharing")


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
