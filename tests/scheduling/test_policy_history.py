"""Schedules followed, quanta swept, shares, the labs' workloads, and the guess of a burst."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab import scheduling
from oslab.scheduling import Workload, follow, simulate


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 12), st.integers(-5, 10)), min_size=1, max_size=5),
    st.sampled_from(["cfs", "eevdf", "mlfq"]),
)
def test_what_is_followed_is_what_the_state_says(tasks, policy):
    arrival, burst, nice = zip(*tasks)
    run = simulate(Workload(arrival, burst, nice=nice), policy)
    seen = follow(run)
    assert seen.steps == run.steps and seen.until(seen.steps) == run.makespan
    for step in {1, (run.steps + 1) // 2, run.steps}:
        known = run.state(step).values[seen.name]
        task = int(run.turns[step - 1, 0])
        assert seen.values[step - 1, task] == pytest.approx(known[task], abs=1e-9)
    assert seen.shares(seen.steps).sum() == pytest.approx(1)
    assert seen.shares(seen.steps) == pytest.approx(run.workload.burst / run.workload.burst.sum())


def test_shares_while_all_compute_are_those_of_the_weights():
    seen = scheduling.nice_tasks(3, 0, 0, 5, burst=300.0)
    due = np.array([1024, 1024, 335]) / 2383
    assert seen.shares(seen.steps, together=True) == pytest.approx(due, abs=0.02)
    assert seen.shares(seen.steps) == pytest.approx([1 / 3] * 3), "when all are done each has had its burst"


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 99), st.integers(1, 40))
def test_stride_stays_within_a_quantum(tickets, quantum):
    found = scheduling.share_errors(tickets, quantum, 1, 2000.0)
    assert found.worst("stride") <= quantum + 1e-6
    assert found.errors["lottery"][0] == found.errors["stride"][0] == 0


def test_errors_are_looked_at_wherever_they_are_largest():
    """With 50 tickets of 100 stride is off by half a quantum at the end of every other turn, by hand and by the model."""
    found = scheduling.share_errors(50, 10)
    assert found.worst("stride") == 5
    run = simulate(Workload([0, 0], [4000, 4000], tickets=[37, 63]), "lottery", quantum=7, seed=3)
    had, worst = 0.0, 0.0
    for task, _, start, end in sorted(zip(*run.slices), key=lambda row: row[2]):
        had += (min(end, 4000) - start) * (task == 0) if start < 4000 else 0
        worst = max(worst, abs(had - min(end, 4000) * 0.37))
    assert scheduling.share_errors(37, 7, 3).worst("lottery") == pytest.approx(worst)


def test_the_sweep_is_round_robin_at_each_quantum():
    work = scheduling.inference_server(60, 0.9, 3)
    swept = scheduling.sweep_quantum(work, 3.0, 0.1, (1, 10))
    assert swept.quantum.tolist() == [1, 3, 10]
    run = simulate(work, "rr", quantum=10, switch_cost=0.1)
    assert swept.at(10)[0] == run.turnaround.mean()
    assert swept.at(10)[2] == pytest.approx(run.switching / (run.busy + run.switching))
    huge = scheduling.sweep_quantum(work, 1000.0, 0.0, (500,))
    assert huge.at(1000)[0] == simulate(work, "fifo").turnaround.mean()


def test_the_workloads():
    assert scheduling.convoy(30, 2, 3, 2).burst.tolist() == [2, 30, 2, 2]
    server = scheduling.inference_server(20_000, 0.8, 1)
    assert server.burst.sum() / server.arrival[-1] == pytest.approx(0.8, rel=0.03)
    assert np.median(server.burst) < 4 and server.burst.max() > 100
    assert len(scheduling.batch_and_interactive(2, 1)) == 3
    assert scheduling.two_bands(9).names == ("cheat", "honest A", "honest B")
    assert scheduling.random_tasks(5, 3).burst.tolist() == scheduling.random_tasks(5, 3).burst.tolist()


def test_the_guess():
    assert scheduling.predicted_bursts([6, 4, 6, 4, 13, 13, 13]) == [10, 8, 6, 6, 5, 9, 11, 12]
    assert scheduling.predicted_bursts([3], 1.0) == [10, 3] and scheduling.predicted_bursts([3], 0.0) == [10, 10]


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: scheduling.convoy(place=7), "place=7"),
        (lambda: scheduling.inference_server(load=0), "load=0"),
        (lambda: scheduling.random_tasks(0), "tasks=0"),
        (lambda: scheduling.share_errors(100), "tickets=100"),
        (lambda: scheduling.predicted_bursts([1], 2), "alpha=2"),
        (lambda: scheduling.follow_newcomer(3, "late"), "newcomer='late'"),
        (lambda: follow(simulate(Workload([0], [1]), "fifo")), "allowed are cfs, eevdf and mlfq"),
        (lambda: scheduling.sweep_quantum(Workload([0], [1]), -1.0), "quantum"),
        (lambda: scheduling.batch_and_interactive(0, 0), "at least one program"),
    ],
)
def test_bad_input(call, words):
    with pytest.raises(ValueError, match=words):
        call()
