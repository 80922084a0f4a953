"""Workloads of the menu: drawn, written down, and taken from the kernel's own events."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from oslab import scheduling
from oslab.scheduling import Workload

SWITCHES = [  # when, whose turn ends, how, whose begins
    (1.000, ("swapper/0", 0, 120), "R", ("a", 7, 120)),
    (1.002, ("a", 7, 120), "R+", ("a", 8, 125)),
    (1.005, ("b c", 8, 125), "S", ("a", 7, 120)),
    (1.009, ("a", 7, 120), "D", ("b c", 8, 125)),
    (1.010, ("b c", 8, 125), "X", ("perf", 9, 120)),
]
OTHERS = {
    1.001: "a 7 [000] 1.001000000: sched:sched_process_fork: comm=a pid=7 child_comm=a child_pid=8",
    1.006: "a 7 [000] 1.006000000: sched:sched_waking: comm=b c pid=8 prio=125 target_cpu=000",
}


def switch(when, old, state, new):
    name = "{} prev_pid={} prev_prio={}".format(*old)
    after = "{} next_pid={} next_prio={}".format(*new)
    return f"x 1 [000] {when:.9f}: sched:sched_switch: prev_comm={name} prev_state={state} ==> next_comm={after}"


LINES = {**OTHERS, **{one[0]: switch(*one) for one in SWITCHES}}
EVENTS = "".join(f"  {LINES[when]}\n" for when in sorted(LINES))


@pytest.fixture
def mine():
    yield "mine"
    if "mine" in scheduling.WORKLOADS:
        del scheduling.WORKLOADS["mine"]


def test_events_become_bursts_and_waiting_for_a_cpu_is_left_out():
    work = Workload.from_perf_sched(EVENTS)
    assert work.names == ("a-7", "b_c-8") and work.nice.tolist() == [0, 5]
    assert work.arrival.tolist() == [0, 2]
    assert work.parts_of(0) == [6.0]  # preempted at 2 ms, on again from 5 to 9: one burst
    assert work.parts_of(1) == [3.0, 1.0, 1.0]  # asleep from 5 to 6, then in the queue
    assert Workload.from_perf_sched(EVENTS.splitlines(), 1).names == ("a-7",)
    assert Workload.from_perf_sched(EVENTS, of=[8]).names == ("b_c-8",)
    assert Workload.from_perf_sched(EVENTS, of=[7]).names == ("a-7", "b_c-8")  # and what it started
    for text, of in (("", None), ("a 0 5\n", None), (EVENTS, [99])):
        with pytest.raises(ValueError, match="source has no"):
            Workload.from_perf_sched(text, of=of)


def test_a_recorded_schedule_keeps_each_tasks_cpu_time():
    work = Workload.from_perf_sched(EVENTS)
    run = scheduling.simulate(work, "cfs")
    ran = [sum(b - a for task, _, a, b in zip(*(c.tolist() for c in run.slices)) if task == k) for k in range(2)]
    assert ran == pytest.approx(work.burst.tolist()) and work.burst.tolist() == [6.0, 4.0]


BURSTS = st.lists(st.integers(1, 10**9).map(lambda ns: ns / 1e6), min_size=1, max_size=5).map(
    lambda b: b[: len(b) - 1 + len(b) % 2]
)


@given(st.lists(BURSTS, min_size=1, max_size=4))
def test_text_is_read_as_it_was_written(bursts):
    work = Workload(list(range(len(bursts))), bursts, nice=[k - 2 for k in range(len(bursts))])
    again = Workload.parse("\ufeff# a comment\n" + work.as_text())
    assert again.parts.tolist() == work.parts.tolist() and again.nice.tolist() == work.nice.tolist()
    assert again.arrival_ns.tolist() == work.arrival_ns.tolist() and again.names == work.names


def test_the_busiest_of_many():
    work = Workload(range(5), [1, [9, 2, 1], 3, 8, 2], nice=[0, 1, 2, 3, 4])
    some = work.busiest(2)
    assert some.names == ("B", "D") and some.parts_of(0) == [9.0, 2.0, 1.0] and some.nice.tolist() == [1, 3]
    assert work.busiest(5) is work


def test_a_file_of_either_kind(tmp_path):
    (tmp_path / "events.txt").write_text("# perf script\n" + EVENTS)
    (tmp_path / "tasks.txt").write_text("# oslab trace\nA 0 5\nB 1 3 nice=2\n")
    events, tasks = (scheduling.workload_of_file(str(tmp_path / name)) for name in ("events.txt", "tasks.txt"))
    assert len(events) == 2 and tasks.names == ("A", "B")
    assert scheduling.typed_or_recorded("C 0 1", str(tmp_path / "tasks.txt")).names == ("A", "B")
    assert scheduling.typed_or_recorded("C 0 1").names == ("C",)
    with pytest.raises(OSError):
        scheduling.workload_of_file(str(tmp_path / "none"))


def test_an_own_entry_takes_one_line(mine):
    scheduling.WORKLOADS[mine] = "A 0 5; B 1 3"
    assert scheduling.sample_workload(mine).names == ("A", "B")
    scheduling.WORKLOADS[mine] = Workload([0], [1])
    assert scheduling.sample_workload(mine).burst.tolist() == [1.0]
    with pytest.raises(ValueError):
        scheduling.WORKLOADS["random"] = "A 0 5"


@pytest.mark.parametrize("key", list(scheduling.WORKLOADS))
def test_every_workload_of_the_menu_runs(key):
    assert np.isfinite(scheduling.simulate(scheduling.sample_workload(key), "rr", quantum=4.0).turnaround).all()


def test_your_file_in_both_labs(lab_of, tmp_path):
    (tmp_path / "tasks.txt").write_text("mine 0 5 1 5\nother 1 3\n")
    one = lab_of("02_scheduling", "who_runs").lab
    one.controls["workload"].value = "yours"
    assert one.error == "" and one.result.names[0] == "gzip"
    one.controls["file"].value = str(tmp_path / "tasks.txt")
    assert one.error == "" and one.result.names == ("mine", "other")
    two = lab_of("02_scheduling", "own_tasks").lab
    two.controls["file"].value = str(tmp_path / "tasks.txt")
    assert two.error == "" and two.result.names == ("mine", "other")
