"""Time is booked once and in full; helpers are followed; futexes are locks only where threads take turns."""

import math

import pytest
from hypothesis import given, settings, strategies as st

from oslab.ai.booking import book, split_ready
from oslab.ai.causes import CAUSES, LABS, NOTES, REMEDIES, name_causes
from oslab.machine.procfs.tree import Interval, Piece, ThreadTotals
from oslab.machine.procfs.waits import Wait
from tools.notebooks import NOTEBOOKS, read

KINDS = ("storage", "network", "gil", "lock", "sleep", "gpu", "futex", "mutex", "helpers", "unknown")


def thread(tid, pid=1, **more):
    return ThreadTotals(pid, tid, **{"user": 1.0, "wakes": 50, **more})


def asleep(kind, run=0.0, ready=0.0, key=None):
    return Piece(run, ready, "S", Wait(kind, kind, key))


def running(run=0.1, ready=0.0):
    return Piece(run, ready, "R", None)


def booked(rows, threads, **more):
    """Book intervals of 0.1 s, each a dict of thread to piece."""
    return book([Interval(0.1, 0.0, row) for row in rows], {one.tid: one for one in threads}, 1, **more)


PIECES = st.builds(
    Piece,
    st.floats(0, 0.12),
    st.floats(0, 0.12),
    st.sampled_from("SDRT"),
    st.none() | st.builds(Wait, st.sampled_from(KINDS), st.just("x"), st.sampled_from([1, 2])),
)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(0, 0.2), st.dictionaries(st.integers(1, 4), PIECES)), min_size=1, max_size=6),
    st.floats(0, 2),
    st.integers(1, 4),
    st.floats(0, 20e9),
)
def test_all_time_is_booked_once(rows, busy, cpus, rate):
    threads = {tid: thread(tid, 1 + tid % 2, run=0.3, system=0.2, minor=10_000) for tid in range(1, 5)}
    found = book([Interval(0.1, t, row) for t, row in rows], threads, 1, cpus, busy, {1: rate}, {1: 40.0})
    assert set(found.shares) == set(CAUSES) and min(found.shares.values()) >= -1e-9
    assert sum(found.shares.values()) == pytest.approx(1)
    assert set(found.follows) <= {1, 2} and -1e-9 <= found.followed <= 1 + 1e-9


@pytest.mark.parametrize("kind", ["storage", "network", "gil", "lock", "sleep", "gpu", "unknown"])
def test_a_sleep_of_the_main_thread_is_booked_as_what_it_is(kind):
    assert booked([{1: asleep(kind)}] * 4, [thread(1)]).shares[kind] == pytest.approx(1)


def test_what_is_not_known_is_no_cause():
    found = booked([{1: asleep("futex", key=5)}] * 4, [thread(1)])
    assert found.shares["unknown"] == pytest.approx(1) and name_causes(found.shares)[0] == ()
    assert book([], {}, 1).shares["unknown"] == 1


def test_helpers_are_followed_and_watchmen_are_not():
    main, worker = thread(1), thread(2, pid=7, run=0.4)
    watchman = thread(3, wakes=1)
    row = {1: asleep("helpers"), 2: running(), 3: asleep("network")}
    found = booked([row] * 4, [main, worker, watchman])
    assert found.shares["compute"] > 0.95 and found.follows == (7,) and found.followed == pytest.approx(1)
    alone = booked([{1: asleep("helpers"), 3: asleep("network")}] * 4, [main, watchman])
    assert alone.shares["network"] == pytest.approx(1), "if nobody else is there, it is who is waited for"
    looks = booked([{1: asleep("sleep"), 2: running()}] * 4, [main, thread(2, run=0.4)])
    assert looks.shares["compute"] == pytest.approx(1), "a main thread that only looks from time to time"
    both = booked([{1: asleep("sleep")}] * 4, [main])
    assert both.shares["sleep"] == pytest.approx(1)


def test_a_futex_is_a_lock_where_threads_take_turns():
    main, four = thread(1, wakes=0), [thread(k, run=0.1) for k in (2, 3, 4)]
    turns = [{1: asleep("helpers"), **{k: running() if k == 2 + j % 3 else asleep("futex", key=9) for k in (2, 3, 4)}}
             for j in range(6)]  # fmt: skip
    assert booked(turns, [main, *four], cpus=2).shares["lock"] == pytest.approx(2 / 3, abs=0.05)
    assert booked(turns, [main, *four], cpus=2).follows == (1,)
    fed = booked(turns, [thread(1, wakes=60), *four], cpus=2)
    assert fed.shares["lock"] == 0, "the main thread hands out work"
    idle = [{1: running(), **{k: asleep("futex", key=9) for k in (2, 3, 4)}}] * 6
    waits = [row | {1: asleep("helpers")} for row in idle]
    for rows in (idle, waits):
        assert booked(rows, [main, *four]).shares["lock"] == 0, "all wait: there is no work"
    crowd = [thread(k, run=0.6, ready=0.6) for k in (2, 3, 4)]
    assert booked(turns, [main, *crowd], cpus=2).shares["lock"] == 0, "spinning libraries"
    two = [{1: asleep("mutex", key=3)}, {1: running()}] * 3
    assert booked(two, [thread(1), thread(2)]).shares["lock"] == pytest.approx(0.5), "a mutex says so itself"


def test_who_has_the_cpu():
    assert split_ready(3.0, 1.0, 4.0, 0.0) == (3.0, 0.0)
    own, others = split_ready(3.0, 1.0, 1.0, 2.0)
    assert own == pytest.approx(0) and others == pytest.approx(3)
    row = [{1: running(0.02, 0.08)}] * 10
    assert booked(row, [thread(1, run=0.2, ready=0.8)], busy=1.0).shares["others"] == pytest.approx(0.8)
    unknown = booked(row, [thread(1, run=0.2, ready=0.8)], busy=math.nan)
    assert unknown.shares["ready"] == pytest.approx(0.8) and unknown.shares["others"] == 0


def test_a_wait_that_is_counted_late_is_booked_where_it_was():
    late = [{1: running(0.1)}, {1: running(0.0)}, {1: running(0.0)}, {1: running(0.1, 0.2)}]
    found = booked(late, [thread(1, run=0.2, ready=0.2)], busy=0.4)
    assert found.shares["unknown"] == pytest.approx(0) and found.shares["compute"] == pytest.approx(0.5)
    assert found.shares["others"] == pytest.approx(0.5), "nobody of its own ran meanwhile"


def test_quota_on_old_and_new_kernels():
    main = {1: thread(1)}
    stopped = Interval(0.1, 0.07, {1: running(0.03)})  # 6.18: neither run nor ready
    waiting = Interval(0.1, 0.07, {1: running(0.03, 0.07)})  # before: ready
    signalled = Interval(0.1, 0.0, {1: Piece(0.03, 0.0, "T", None)})
    for one in (stopped, waiting, signalled):
        assert book([one] * 3, main, 1).shares["quota"] == pytest.approx(0.7)


def test_time_on_a_cpu_has_four_causes():
    row = [{1: running()}] * 10
    for cause, totals, rates in (
        ("compute", {}, {1: 1e9}),
        ("memory", {}, {1: 20e9}),
        ("kernel", {"user": 0.1, "system": 0.9}, {}),
        ("faults", {"user": 0.1, "system": 0.9, "minor": 200_000}, {}),
        ("compute", {}, None),  # bytes could not be asked for: it is said beside the verdict
        ("unknown", {}, {}),  # or could, but it never ran long enough: arithmetic would be a guess
    ):
        found = booked(row, [thread(1, run=1.0, **totals)], touched=rates)
        assert found.shares[cause] >= 0.9, (cause, found.shares)
    huge = book([Interval(0.1, 0, row[0])] * 10, {1: thread(1, user=0.5, system=0.5, minor=3000)}, 1, huge={1: 3000.0})
    assert huge.shares["faults"] == pytest.approx(0.5)


def test_children_that_came_and_went_are_booked():
    main = thread(1, child_user=0.3, child_system=0.5)
    found = booked([{1: asleep("helpers")}] * 10, [main])
    assert found.shares["kernel"] == pytest.approx(0.5) and found.shares["compute"] == pytest.approx(0.3)
    assert found.shares["unknown"] == pytest.approx(0.2)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(CAUSES)), st.floats(0, 1), min_size=1))
def test_causes_are_named_by_their_shares(parts):
    total = sum(parts.values()) or 1
    shares = {cause: parts.get(cause, 0) / total for cause in CAUSES}
    named, doubt = name_causes(shares)
    assert bool(named) != bool(doubt) and "unknown" not in named and len(named) <= 3
    for cause in named:
        assert shares[cause] >= 0.22 * (1 - shares["others"]) - 1e-9


def test_each_cause_and_note_has_words_and_a_lab():
    headings = {path.stem: "".join(c.source for c in read(path).cells) for path in NOTEBOOKS.glob("*.ipynb")}
    assert set(REMEDIES) == set(CAUSES) and set(LABS) == {*CAUSES, *NOTES} - {"unknown"}
    for notebook, heading in LABS.values():
        assert f"## {heading}" in headings[notebook], (notebook, heading)


def test_a_timer_that_waits_for_a_cpu_is_no_worker():
    """On a busy machine a timer's thread is ready for long and runs for nothing: the main thread's sleep stays its own."""
    rows = [{1: asleep("sleep"), 2: asleep("lock", run=0.001, ready=0.05)}] * 10
    found = booked(rows, [thread(1, run=0.0), thread(2, run=0.01, ready=0.5)])
    assert found.follows == () and found.shares["sleep"] == pytest.approx(1)
    worker = booked(
        [{1: asleep("sleep"), 2: running(0.03, 0.06)}] * 10, [thread(1, run=0.0), thread(2, run=0.3, ready=0.6)]
    )
    assert worker.follows and worker.shares["sleep"] < 0.1
