"""CFS and EEVDF beside the numbers of the kernel's rules; fairness, and what starts where; several CPUs."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.scheduling import POLICIES, WEIGHTS, Workload, simulate
from tests.scheduling.test_schedules import lanes


def order(schedule, most):
    return " ".join(schedule.names[task] for task in schedule.turns[:most, 0])


def lengths_ns(schedule):
    return (schedule.turns[:, 3] - schedule.turns[:, 2]).tolist()


def test_eevdf_short_slices_come_sooner():
    schedule = simulate(Workload([0, 0, 0], [99, 99, 33], base_slice=[3, 3, 1]), "eevdf", tick=0)
    assert order(schedule, 20) == " ".join(["C A C B C"] * 4)
    assert lengths_ns(schedule)[:5] == [1e6, 3e6, 1e6, 3e6, 1e6]


def test_cfs_slices_of_nice_0_and_5():
    schedule = simulate(Workload([0, 0], [50, 50], nice=[0, 5]), "cfs", tick=0)
    assert lengths_ns(schedule)[:2] == [4_520_971, 1_479_028]


@pytest.mark.parametrize(("nice", "grows"), [(5, 3_056_716), (1, 1_248_780), (0, 1_000_000)])
def test_vruntime_of_a_millisecond(nice, grows):
    schedule = simulate(Workload([0, 1], [5, 5], nice=[nice, -20]), "cfs")  # the one that comes at 1 ms takes over
    assert schedule.turns[0].tolist() == [0, 0, 0, 1_000_000]
    assert round(schedule.state(2).values["vruntime"][0] * 1e6) == grows


def test_numbers_scale_with_the_cpus():
    twice = {cpus: Workload([0] * 2 * cpus, [90] * 2 * cpus) for cpus in (1, 2, 4)}
    turns = {cpus: lengths_ns(simulate(workload, "cfs", cpus=cpus, tick=0))[0] for cpus, workload in twice.items()}
    assert turns == {1: 3e6, 2: 6e6, 4: 9e6}  # latency is 6 ms x (1 + log2 CPUs), two tasks on each


def test_a_task_alone_makes_way_when_its_new_slice_is_over():
    schedule = simulate(Workload([0, 100], [200, 50], nice=[0, 10]), "cfs", tick=0)
    assert schedule.steps < 60 and schedule.slices.end[0] == 100  # it ran for longer than its new slice of 5.4 ms
    later = simulate(Workload([0, 2], [200, 50]), "cfs", tick=0, newcomer="min")
    assert later.slices.end[0] == 3  # slices of 3 ms, now that there are two


def test_many_tasks_lengthen_the_period():
    turns = lengths_ns(simulate(Workload([0] * 12, [9] * 12), "cfs", tick=0))
    assert set(turns[:12]) == {750_000}


services = st.lists(st.integers(-8, 8), min_size=2, max_size=5)


def unfairness(schedule, weight, until):
    """How far each task's CPU time is from its share, at most, over all ends of turns, ms."""
    worst = 0.0
    for now in schedule.slices.end[schedule.slices.end <= until]:
        ran = np.zeros(len(weight))
        for start, end, task, _ in lanes(schedule):
            ran[task] += max(0.0, min(end, now) - start)
        worst = max(worst, np.abs(ran - now * weight / weight.sum()).max())
    return worst


@settings(max_examples=25, deadline=None)
@given(nice=services)
def test_cfs_shares_stay_within_a_slice_of_the_weights(nice):
    workload = Workload([0] * len(nice), [200] * len(nice), nice=nice)
    schedule = simulate(workload, "cfs", tick=0)
    slices = 6 * workload.weight / workload.weight.sum()
    assert unfairness(schedule, workload.weight, 60) <= slices.max() + 1e-3
    even = np.full(len(nice), 1024)
    if np.ptp(workload.weight) > 2000:  # planted: other weights than those it ran by
        assert unfairness(schedule, even, 60) > slices.max()


@settings(max_examples=25, deadline=None)
@given(nice=services, slices=st.lists(st.integers(1, 4), min_size=5, max_size=5))
def test_eevdf_lags_stay_inside_their_bound(nice, slices):
    n = len(nice)
    schedule = simulate(Workload([0] * n, [200] * n, nice=nice, base_slice=slices[:n]), "eevdf", tick=0)
    lags = np.array([[schedule.state(k).values["lag"][t] for t in range(n)] for k in range(2, 40)])
    assert np.abs(lags).max() <= max(slices[:n]) + 1e-3 and np.abs(lags.sum(axis=1)).max() < 1e-3


def test_a_late_comer_at_zero_starves_the_others():
    workload = Workload([0, 0, 100], [500, 500, 120])
    late = {start: simulate(workload, "cfs", newcomer=start) for start in ("debit", "min", "zero")}
    alone = {start: next(a for a, _, task, _ in lanes(s) if task != 2 and a > 101) for start, s in late.items()}
    assert late["zero"].response[2] <= 3 and alone["zero"] >= 148  # nobody else for about 50 ms: it catches up from 0
    assert alone["min"] < 110 and alone["debit"] < 110
    placed = {
        start: next(v[2] for k in range(1, schedule.steps) if 2 in (v := schedule.state(k).values["vruntime"]))
        for start, schedule in late.items()
    }
    assert placed["debit"] == placed["min"] + 2 and placed["zero"] == 0  # a slice of three is 2 ms


tasks = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 12)), min_size=1, max_size=9)


def idle_while_somebody_waits(schedule, tasks, cpus):
    """The milliseconds in which a CPU stands idle though a task is ready."""
    found = []
    for now in range(round(schedule.makespan)):
        here = sum(at <= now < schedule.completion[k] for k, (at, _) in enumerate(tasks))
        runs = sum(start <= now < end for start, end, _, _ in lanes(schedule))
        found += [now] if runs < min(cpus, here) else []
    return found


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=20, deadline=None)
@given(tasks=tasks, cpus=st.integers(2, 3))
def test_no_cpu_is_idle_while_a_task_waits(policy, tasks, cpus):
    schedule = simulate(Workload(*map(list, zip(*tasks, strict=True))), policy, cpus=cpus)
    assert idle_while_somebody_waits(schedule, tasks, cpus) == []


def test_an_idle_cpu_is_seen():
    tasks = [(0, 4), (0, 4), (0, 4)]
    assert idle_while_somebody_waits(simulate(Workload([0] * 3, [4] * 3), "fifo", cpus=2), tasks, 3) == list(range(4))


@pytest.mark.parametrize("policy", ["cfs", "eevdf"])
def test_an_idle_cpu_takes_a_task_over(policy):
    schedule = simulate(Workload([0] * 4, [2, 2, 30, 30]), policy, cpus=2)  # C and D wait behind A and B
    uneven = simulate(Workload([0] * 3, [2, 30, 30]), policy, cpus=2)
    assert schedule.makespan == 32 and set(schedule.slices.cpu[schedule.slices.task >= 2]) == {0, 1}
    assert uneven.makespan == 32 and uneven.idle == 2


def test_stride_as_in_the_book():
    schedule = simulate(Workload([0] * 3, [50] * 3, tickets=[100, 50, 250]), "stride", quantum=1)
    assert order(schedule, 8) == "A B C C C A C C"


def test_lottery_shares_come_near_the_tickets():
    schedule = simulate(Workload([0, 0], [9000, 9000], tickets=[3, 1]), "lottery", quantum=1)
    mine = np.count_nonzero(schedule.turns[:8000, 0] == 0)
    assert abs(mine / 8000 - 0.75) < 4 * np.sqrt(0.75 * 0.25 / 8000)


def test_mlfq_sinks_a_long_job_and_lets_a_short_one_in():
    schedule = simulate(Workload([0, 100], [200, 20]), "mlfq", levels=3, quantum=10)
    queue = [schedule.state(k).values["queue"][0] for k in (1, 2, 3, 4)]
    assert queue == [1, 2, 3, 3] and schedule.response[1] == 0 and schedule.completion[1] == 120


def test_mlfq_can_be_cheated_under_the_old_rules_only():
    cheat = [9, 1] * 20 + [9]  # gives the CPU up a millisecond before its allotment is over
    ran = {}
    for account in (True, False):
        schedule = simulate(Workload([0, 0], [400, cheat]), "mlfq", quantum=10, account=account)
        ran[account] = sum(
            min(end, 200) - start for start, end, task, _ in lanes(schedule) if task == 1 and start < 200
        )
    assert ran[False] >= 170 and ran[True] <= 120
    lifted = simulate(Workload([0], [100]), "mlfq", quantum=10, boost=50)
    assert [lifted.state(k).values["queue"][0] for k in (5, 6)] == [3, 1]


def test_weights_are_a_table():
    steps = np.array(WEIGHTS[:-1]) / np.array(WEIGHTS[1:])
    assert (1.15 < steps).all() and (steps < 1.35).all() and not np.allclose(steps, 1.25, atol=1e-3)


@pytest.mark.parametrize(
    ("policy", "options", "says"),
    [
        ("cfs", {"tick": -1.0}, "tick"),
        ("cfs", {"newcomer": "first"}, "newcomer"),
        ("eevdf", {"base_slice": 0.0}, "base_slice"),
        ("mlfq", {"levels": 0}, "levels"),
        ("mlfq", {"boost": float("nan")}, "boost"),
        ("lottery", {"seed": -1}, "seed"),
        ("sjf", {"alpha": 2.0}, "alpha"),
        ("stride", {"quantum": float("inf")}, "quantum"),
        ("fifo", {"cpus": 0}, "cpus=0"),
        ("fifo", {"cpus": 1.5}, "cpus=1.5"),
        ("fifo", {"switch_cost": float("nan")}, "switch_cost=nan"),
        ("fifo", {"switch_cost": -1}, "switch_cost=-1"),
        ("fifo", {"tie": "coin"}, "tie='coin'"),
        ("rr", {"slice": 1}, "slice"),
        ("rr", {"quantum": 0.0625, "burst": 1e9}, "quantum=0.0625"),
    ],
)
def test_calls_that_cannot_be(policy, options, says):
    with pytest.raises((ValueError, TypeError), match=says):
        simulate(Workload([0], [options.pop("burst", 1)]), policy, **options)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "text is empty"),
        ("A", "line 1"),
        ("A 0 x", "line 1"),
        ("A 0 5; B 1 x2 3", "line 2.*'x2' is no number"),
        ("A 0 0 4", "burst"),
        ("A 0 5 nice=40", "nice"),
        ("A 0 5 colour=2", "line 1.*'colour=2' is no such option"),
        ("A 0 5 nice=1.5", "line 1.*'nice=1.5' is no whole number"),
        ("A 0 5; A 1 2", "names"),
        ("A 0 5 tickets=2; B 0 1", "tickets"),
    ],
)
def test_tables_that_cannot_be_read(text, says):
    with pytest.raises(ValueError, match=says):
        Workload.parse(text)
