"""Schedules against published values, a naive twin, and the laws that hold for every policy."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.scheduling import POLICIES, WEIGHTS, Workload, simulate
from oslab.scheduling.schedule import Slices

times = st.lists(st.tuples(st.integers(0, 20), st.integers(1, 12)), min_size=1, max_size=6)


def lanes(schedule, cpu=None):
    s = schedule.slices
    rows = sorted(zip(s.start.tolist(), s.end.tolist(), s.task.tolist(), s.cpu.tolist()))
    return [row for row in rows if cpu is None or row[3] == cpu]


def broken_laws(schedule, workload, cpus):
    """The laws of bookkeeping that a schedule breaks."""
    broken = []
    ran = np.zeros(len(workload))
    for start, end, task, _ in lanes(schedule):
        ran[task] += end - start
    if not np.allclose(ran, workload.burst):
        broken.append("every task runs exactly its burst")
    for cpu in range(cpus):
        mine = lanes(schedule, cpu)
        if any(a[1] > b[0] + 1e-9 for a, b in zip(mine, mine[1:], strict=False)):
            broken.append("slices of a CPU do not overlap")
    for task in range(len(workload)):
        mine = [row for row in lanes(schedule) if row[2] == task]
        if any(a[1] > b[0] + 1e-9 for a, b in zip(mine, mine[1:], strict=False)):
            broken.append("no task is on two CPUs")
    if not np.isclose(schedule.busy + schedule.idle + schedule.switching, cpus * schedule.makespan):
        broken.append("run + idle + switch = CPUs x makespan")
    if (schedule.waiting < -1e-9).any() or (schedule.response < -1e-9).any():
        broken.append("waiting >= 0")
    return broken


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=12, deadline=None)
@given(tasks=times, cpus=st.integers(1, 3), cost=st.sampled_from([0.0, 0.5]))
def test_bookkeeping(policy, tasks, cpus, cost):
    workload = Workload(*map(list, zip(*tasks, strict=True)))
    schedule = simulate(workload, policy, cpus=cpus, switch_cost=cost)
    assert broken_laws(schedule, workload, cpus) == []


def test_a_planted_bug_breaks_the_bookkeeping():
    workload = Workload([0, 0], [3, 3])
    schedule = simulate(workload, "fifo")
    s = schedule.slices
    schedule.__dict__["slices"] = Slices(s.task, s.cpu, s.start - [0, 1], s.end)
    assert set(broken_laws(schedule, workload, 1)) >= {
        "every task runs exactly its burst",
        "slices of a CPU do not overlap",
    }


@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=12, deadline=None)
@given(tasks=times)
def test_the_cpu_is_idle_only_when_nobody_is_there(policy, tasks):
    schedule = simulate(Workload(*map(list, zip(*tasks, strict=True))), policy)
    now = 0
    for start, end, _, _ in lanes(schedule):
        if start > now + 1e-9:
            waiting = [
                k for k, (arrival, _) in enumerate(tasks) if arrival < start and schedule.completion[k] > now + 1e-9
            ]
            assert not waiting
        now = end


@settings(max_examples=20, deadline=None)
@given(tasks=times)
def test_srtf_has_the_least_mean_turnaround(tasks):
    workload = Workload(*map(list, zip(*tasks, strict=True)))
    best = simulate(workload, "srtf").turnaround.mean()
    assert all(best <= simulate(workload, key).turnaround.mean() + 1e-9 for key in POLICIES)
    assert any(
        simulate(Workload([0, 1], [9, 1]), key).turnaround.mean() > 6.0 for key in POLICIES
    )  # and is not always tied


def naive_round_robin(tasks, quantum):
    """Millisecond by millisecond, with a list for a queue; arrivals queue before a task whose turn ends."""
    left, queue, done, now, coming = (
        [b for _, b in tasks],
        [],
        [None] * len(tasks),
        0,
        sorted(range(len(tasks)), key=lambda k: tasks[k][0]),
    )
    running, used = None, 0
    while None in done:
        queue += [k for k in coming if tasks[k][0] == now]
        coming = [k for k in coming if tasks[k][0] > now]
        if running is not None and left[running] == 0:
            done[running], running = now, None
        if running is not None and used == quantum:
            queue.append(running)
            running = None
        if running is None and queue:
            running, used = queue.pop(0), 0
        if running is not None:
            left[running], used = left[running] - 1, used + 1
        now += 1
    return done


@settings(max_examples=30, deadline=None)
@given(tasks=times, quantum=st.integers(1, 5))
def test_round_robin_equals_its_twin(tasks, quantum):
    schedule = simulate(Workload(*map(list, zip(*tasks, strict=True))), "rr", quantum=float(quantum))
    assert schedule.completion.tolist() == naive_round_robin(tasks, quantum)


@settings(max_examples=30, deadline=None)
@given(tasks=times)
def test_fifo_equals_its_twin(tasks):
    now, done = 0, {}
    for k in sorted(range(len(tasks)), key=lambda k: tasks[k][0]):
        now = done[k] = max(now, tasks[k][0]) + tasks[k][1]
    schedule = simulate(Workload(*map(list, zip(*tasks, strict=True))), "fifo")
    assert schedule.completion.tolist() == [done[k] for k in range(len(tasks))]


def test_weights_are_the_kernels_table():
    assert len(WEIGHTS) == 40 and int(np.sum(WEIGHTS)) == 445163
    assert (WEIGHTS[0], WEIGHTS[20], WEIGHTS[25], WEIGHTS[39]) == (88761, 1024, 335, 15)


@pytest.mark.parametrize(("nice", "share"), [(1, 0.5553), (5, 0.7535), (10, 0.9030), (19, 0.9856)])
def test_cfs_shares_follow_the_weights(nice, share):
    schedule = simulate(Workload([0, 0], [4000, 4000], nice=[0, nice]), "cfs", tick=0.05)
    until = 2000.0
    mine = sum(min(end, until) - start for start, end, task, _ in lanes(schedule) if task == 0 and start < until)
    assert mine / until == pytest.approx(share, abs=0.01)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (dict(arrival=[0], burst=[0]), "burst"),
        (dict(arrival=[-1], burst=[1]), "arrival"),
        (dict(arrival=[], burst=[]), "arrival|burst|task"),
        (dict(arrival=[float("nan")], burst=[1]), "arrival"),
        (dict(arrival=[0], burst=[1], nice=20), "nice"),
    ],
)
def test_workloads_that_cannot_be(arguments, says):
    with pytest.raises(ValueError, match=says):
        Workload(**arguments)


@pytest.mark.parametrize(
    ("policy", "options", "says"),
    [("best", {}, "best"), ("rr", {"quantum": 0.0}, "quantum"), ("fifo", {"quantum": 1.0}, "quantum")],
)
def test_calls_that_cannot_be(policy, options, says):
    with pytest.raises((ValueError, TypeError), match=says):
        simulate(Workload([0], [1]), policy, **options)


@pytest.mark.parametrize("policy", POLICIES)
def test_every_decision_says_why(policy):
    schedule = simulate(Workload([0, 1, 2, 3], [5, 3, 8, 2]), policy)
    for step in range(1, schedule.steps + 1):
        assert any(name in schedule.why(step) for name in schedule.names)
    assert len(schedule.table()) == 4 and str(schedule)


def breaks_hrrn(work, schedule):
    """Return when a task was picked though another one that waited had a higher response ratio, or None."""
    for task, _, start, _ in zip(*schedule.slices):
        waiting = [k for k in range(len(work)) if work.arrival[k] <= start and schedule.completion[k] > start]
        ratios = {k: 1 + (start - work.arrival[k]) / work.burst[k] for k in waiting}
        if ratios[int(task)] < max(ratios.values()) - 1e-9:
            return float(start)
    return None


class Forgetful:
    """HRRN with a planted bug: it weighs waiting alone, and forgets the burst."""

    def __init__(self):
        self.ready = []

    def arrive(self, task, now):
        self.ready.append((task, now))

    def pick(self, now):
        best = max(self.ready, key=lambda one: now - one[1])
        self.ready.remove(best)
        return best[0]

    def ran(self, task, ms, now):
        pass


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 15), st.integers(1, 9)), min_size=1, max_size=7))
def test_hrrn_picks_the_highest_ratio(tasks):
    work = Workload(*zip(*tasks, strict=True))
    assert breaks_hrrn(work, simulate(work, "hrrn")) is None


@pytest.mark.parametrize("policy", ["sjf", "fifo", Forgetful])
def test_another_rule_breaks_the_law_of_hrrn(policy):
    works = [Workload([0, 1, 2, 3], [8, a, b, 4]) for a in range(1, 9) for b in range(1, 9)]
    assert any(breaks_hrrn(work, simulate(work, policy)) is not None for work in works)
