"""Locks and priority inversion: the published schedule, a naive twin, and what each protocol promises."""

import math

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from oslab.scheduling import PROTOCOLS, LockTask, inversion, simulate_locks
from tests.naive import locks as naive


def tell(schedule):
    """Who ran when, in one line."""
    return " ".join(f"{schedule.names[task]}{start:g}-{end:g}" for task, _, start, end in zip(*schedule.slices))


@pytest.mark.parametrize(
    ("protocol", "line", "turnaround", "switches"),
    [
        ("none", "L0-2 H2-3 L3-4 M4-10 L10-12 H12-15 L15-16", 13, 6),
        ("inheritance", "L0-2 H2-3 L3-6 H6-9 M9-15 L15-16", 7, 5),
        ("ceiling", "L0-5 H5-9 M9-15 L15-16", 7, 3),
    ],
)
def test_the_three_protocols_on_the_three_tasks(protocol, line, turnaround, switches):
    schedule = inversion(protocol)
    assert (tell(schedule), schedule.turnaround[1], schedule.switches) == (line, turnaround, switches)
    assert schedule.names == ("L", "H", "M") and schedule.deadlock is None and not schedule.stuck.any()


def test_without_a_protocol_h_waits_for_m_however_long_m_is():
    assert [inversion("none", m).turnaround[1] for m in (1, 6, 60)] == [8, 13, 67]
    assert {inversion("inheritance", m).turnaround[1] for m in (1, 6, 60)} == {7}


def test_which_lock_is_held_when_and_who_waits():
    schedule = inversion("inheritance")
    assert [tuple(row) for row in zip(*schedule.holds)] == [(0, 0, 1, 6), (1, 0, 6, 8)]
    assert [tuple(row) for row in zip(*schedule.blocks)] == [(1, 0, 0, 3, 6)]
    assert schedule.blocked.tolist() == [0, 3, 0] and schedule.locks == ("m",)
    assert inversion("ceiling").blocks.task.size == 0


def test_two_locks_in_opposite_order_deadlock_under_inheritance_not_under_the_ceiling():
    stuck = inversion("inheritance", locks=2)
    assert stuck.deadlock == (5, ("L", "H"), ("n", "m"))
    assert stuck.turnaround.tolist() == [math.inf, math.inf, 7] and "deadlock at 5 ms" in str(stuck)
    assert inversion("none", locks=2).deadlock is not None
    free = inversion("ceiling", locks=2)
    assert free.deadlock is None and tell(free) == "L0-5 H5-9 M9-15 L15-16"


CHAIN = [(0, 4, [("m", 4)]), (1, 3, [("n", [1, ("m", 1)])]), (4, 1, [1, ("n", 1)]), (5, 2, [7])]


def test_inheritance_passes_through_a_chain():
    schedule = simulate_locks([LockTask(name, *task) for name, task in zip("ABCX", CHAIN, strict=True)], "inheritance")
    assert tell(schedule) == "A0-1 B1-2 A2-4 C4-5 A5-6 B6-7 C7-8 X8-15"  # C lends to B, and B to A, before X
    assert naive.run(CHAIN, "inheritance")[1] == schedule.completion.tolist() == [6, 7, 8, 15]


def test_reasons_name_the_lender_and_the_lock():
    reasons = [inversion("inheritance").why(k) for k in (3, 4)]
    assert reasons[0] == (
        "At 3 ms H has to wait for m, which L holds: L has the highest priority, 1 (inherited from H, which waits "
        "for m; its own is 3); no other task is ready."
    )
    assert reasons[1] == "At 6 ms L releases m: H has the highest priority, 1; M has 2."
    later = simulate_locks(
        [LockTask("L", 0, 3, [("m", 4)]), LockTask("H", 1, 1, [("m", 1)]), LockTask("X", 0, 0, [1])], "ceiling"
    )
    assert "the ceiling of m; its own is 3" in simulate_locks(
        [LockTask("L", 0, 3, [("m", 4)]), LockTask("H", 5, 1, [("m", 1)]), LockTask("X", 1, 0, [1])], "ceiling"
    ).why(3)
    assert later.state(1).holder == {} and later.state(0).ready == ()


def programs(locks, most):
    """Programs that take locks not held, nested."""
    part = st.integers(1, most)
    if locks:
        part = part | st.sampled_from(locks).flatmap(
            lambda lock: st.tuples(st.just(lock), programs([other for other in locks if other != lock], most))
        )
    return st.lists(part, min_size=1, max_size=3)


task_lists = st.lists(
    st.tuples(st.integers(0, 10), st.integers(1, 4), programs(["m", "n", "k"], 3)), min_size=1, max_size=5
)


@settings(max_examples=60, deadline=None)
@given(tasks=task_lists, protocol=st.sampled_from(list(PROTOCOLS)))
def test_equals_the_twin(tasks, protocol):
    schedule = simulate_locks([LockTask(f"T{k}", *task) for k, task in enumerate(tasks)], protocol)
    line, done = naive.run(tasks, protocol)
    mine = [None] * len(line)
    for task, _, start, end in zip(*schedule.slices):
        mine[int(start) : int(end)] = [task] * int(end - start)
    assert mine == line and schedule.makespan == len(line)
    assert schedule.completion.tolist() == [math.inf if end is None else end for end in done]


# A task gets its first lock in the instant in which it blocks for the second one, for ever.
NESTED = [
    (0, 1, [1]),
    (0, 2, [("n", [1, 1])]),
    (3, 1, [("k", [("m", [1])])]),
    (2, 1, [("m", [1, ("n", [("k", [1])])])]),
]


@settings(max_examples=60, deadline=None)
@example(tasks=NESTED, protocol="none")
@given(tasks=task_lists, protocol=st.sampled_from(list(PROTOCOLS)))
def test_what_the_protocols_promise(tasks, protocol):
    schedule = simulate_locks([LockTask(f"T{k}", *task) for k, task in enumerate(tasks)], protocol)
    for lock in range(len(schedule.locks)):
        mine = schedule.holds.lock == lock
        assert (schedule.holds.end[mine][:-1] <= schedule.holds.start[mine][1:]).all()  # one holder at a time
    ran = np.bincount(schedule.slices.task, schedule.slices.end - schedule.slices.start, len(tasks))
    assert np.array_equal(ran[~schedule.stuck], schedule.workload.burst[~schedule.stuck])
    assert schedule.stuck.any() == (schedule.deadlock is not None)
    if protocol == "ceiling":
        assert schedule.blocks.task.size == 0 and schedule.deadlock is None
    state = {k: "new" for k in range(len(tasks))}
    for change in schedule.events():
        assert state[change.task] == change.before
        state[change.task] = change.after
    assert [s == "done" for s in state.values()] == (~schedule.stuck).tolist()
    for step in range(1, schedule.steps + 1):
        assert schedule.why(step) and schedule.state(step).running[0] == schedule.turns[step - 1, 0]


def nest(depth):
    program = [1]
    for k in range(depth):
        program = [(f"m{k}", program)]
    return program


def nested(lock):
    return LockTask("A", 0, 1, [(lock, [1, ("m", 1)])])


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: inversion("best"), "protocol='best'"),
        (lambda: inversion("none", 0), "m_burst=0"),
        (lambda: inversion("none", 6, -1), "l_section=-1"),
        (lambda: inversion("none", locks=3), "locks=3"),
        (lambda: inversion("none", float("nan")), "m_burst=nan"),
        (lambda: simulate_locks([], "none"), "tasks"),
        (lambda: simulate_locks([nested("m")], "none"), "takes 'm' while it holds it"),
        (lambda: simulate_locks([LockTask("A", 0, 1, [])], "none"), "empty"),
        (lambda: simulate_locks([LockTask("A", 0, 1, [("m", 0)])], "none"), "program of A=0"),
        (lambda: simulate_locks([LockTask("A", 0, 1, [("m",)])], "none"), "a section is written"),
        (lambda: simulate_locks([LockTask("A", 0, 1, "m")], "none"), "program of A='m'"),
        (lambda: simulate_locks([LockTask("A", 0, 1, nest(500))], "none"), "too deep"),
        (lambda: simulate_locks(LockTask("A", 0, 1, [1]), "none"), "tasks"),
    ],
)
def test_calls_that_cannot_be(call, says):
    with pytest.raises((ValueError, TypeError), match=says):
        call()
