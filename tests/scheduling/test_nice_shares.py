"""Busy children on one CPU: what is measured, what is refused, and that nothing is left."""

import os
import time
from pathlib import Path

import pytest

from oslab import machine, scheduling
from oslab.machine import recorded


def children():
    listed = Path(f"/proc/self/task/{os.getpid()}/children")
    return set(listed.read_text().split()) if listed.exists() else set()


needs = pytest.mark.skipif(
    not machine.can("pinning") or not hasattr(os, "getpriority") or os.getpriority(os.PRIO_PROCESS, 0) > 0,
    reason="children cannot be pinned or have nice 0 here",
)


@needs
def test_shares_follow_the_weights_and_nothing_is_left():
    before, cpus, nice = children(), os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)
    *shares, series = scheduling.busy_shares((0, 19), 0.6)
    assert all(isinstance(s, float) and 0 <= s <= 1 for s in shares) and shares == sorted(shares)
    got = series[0]
    assert list(got.x) == ["nice 0", "nice 19"] and got.repeats == 5 and got.origin == "this machine"
    assert got.median[0] > 80 > 20 > got.median[1], "weights 1024 and 15"
    assert (children(), os.sched_getaffinity(0), os.getpriority(os.PRIO_PROCESS, 0)) == (before, cpus, nice)


@needs
def test_a_measurement_that_is_broken_off_leaves_no_child():
    before = children()
    running = scheduling.busy_shares((0, 5, 0), 2.0)
    next(running)
    assert len(children() - before) == 3 or not Path("/proc/self/task").exists()
    begin = time.monotonic()
    running.close()
    assert time.monotonic() - begin < 1.5, "children are ended, not waited for"
    assert children() == before


@pytest.mark.parametrize(
    "nice, seconds", [((0,), 1), ((0, -1), 1), ((0, 20), 1), ((0, 1, 2, 3), 1), ((0, 5), 0), ((0, 5), 60)]
)
def test_bad_input(nice, seconds):
    with pytest.raises(ValueError, match="allowed are"):
        next(scheduling.busy_shares(nice, seconds))


def test_what_the_kernel_says_of_this_process():
    said = scheduling.own_scheduling()
    assert said.startswith("ran ") or "needs Linux" in said


def test_the_recorded_runs():
    assert recorded.names("oslab.scheduling") == ["picks", "shares"]
    shares = recorded.load("oslab.scheduling", "shares")
    assert shares[0].median[0] == pytest.approx(75.35, abs=3), "nice 0 against 5 by the weight table"
    leftmost, tree, scan = recorded.load("oslab.scheduling", "picks")
    assert max(leftmost.median) < 5 * min(leftmost.median) and scan.median[-1] > 50 * tree.median[-1]
