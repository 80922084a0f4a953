"""Quotas: the case of the facts, the fluid limit, the law on a period, and a twin that goes tick by tick."""

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from oslab.ai.bandwidth_control import Requests, fluid_run, throttle, watch_quota
from oslab.base.numbers import readable
from tests.naive import bandwidth_control as naive


def test_eight_threads_on_eight_cpus():
    run = throttle(100, 100, 8, 8, 5.0)
    assert sorted(run.stops) == [10, 10, 10, 10, 15, 15, 15, 15]
    assert sum(draw.got > 0 for draw in run.draws if draw.time < 100_000) == 20
    assert run.run_per_period.tolist() == [100] * 5 and run.throttled_periods == 5
    assert run.throttled == 5 * 700 and "throttled until 100 ms" in run.why(21)


@pytest.mark.parametrize("quota, threads, cpus", [(100, 8, 8), (25, 3, 4), (50, 2, 2), (30, 16, 8)])
def test_the_fluid_formula_is_the_limit_of_small_slices(quota, threads, cpus):
    fluid = fluid_run(quota, 100, min(threads, cpus))
    off = []
    for slice_ in (5.0, 1.0, 0.1):
        stops = throttle(quota, 100, threads, cpus, slice_, periods=1).stops
        off.append(np.abs(stops[np.isfinite(stops)] - fluid).max())
        assert off[-1] <= slice_
    assert off[-1] <= 0.1


def test_no_limit_no_stall():
    run = throttle(float("inf"), 100, 8, 8)
    assert run.throttled == 0 and run.run_per_period.tolist() == [800] * 5 and not run.draws
    assert throttle(200, 100, 2, 8).throttled == 0, "two threads cannot use more than two CPUs"


def test_more_threads_can_be_slower():
    """A request of 20 ms, a quota of 25: four threads answer in 5 ms, eight need the next period."""
    p99 = {n: throttle(25, 100, n, 8, requests=Requests(100, 20), periods=20).quantile(0.99) for n in (1, 4, 8)}
    assert p99[1] == 20 and p99[4] == 5 and p99[8] > 100


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 300),
    st.integers(1, 12),
    st.integers(1, 8),
    st.sampled_from([0.5, 1.0, 5.0, 7.0]),
    st.booleans(),
    st.integers(5, 150),
    st.integers(1, 100),
)
def test_laws(quota, threads, cpus, slice_, busy, every, work):
    run = throttle(quota, 100, threads, cpus, slice_, requests=None if busy else Requests(every, work), periods=6)
    assert (run.run_per_period <= quota + slice_ * cpus + 1e-6).all()
    assert (
        run.runs[:, 1:].sum() >= 0
        and (run.runs[:, 2] > run.runs[:, 1]).all()
        and (run.stalls[:, 2] > run.stalls[:, 1]).all()
    )
    for cpu in range(cpus):
        mine = sorted(
            [tuple(r[1:]) for r in run.runs if r[0] == cpu] + [tuple(s[1:]) for s in run.stalls if s[0] == cpu]
        )
        assert all(a[1] <= b[0] + 1e-9 for a, b in zip(mine, mine[1:]))
    if busy:
        used = min(threads, cpus) * 600.0
        assert run.runs[:, 2].sum() - run.runs[:, 1].sum() + run.throttled == pytest.approx(used)
    elif len(run.latency):
        assert run.latency.min() >= round(work * 1000 / threads) / 1000 - 1e-9
    for k in range(1, run.steps + 1):
        time, left = run.state(k)
        assert 0 <= left <= quota + slice_ * cpus and run.why(k).startswith(f"{readable(time, 6)} ms: CPU")


def test_what_the_pool_holds():
    pool = throttle(25, 100, 8, 8, requests=Requests(100, 20), periods=1).pool.tolist()
    assert pool[:6] == [[0, 25], [0, 20], [0, 15], [0, 10], [0, 5], [0, 0]]
    assert [level for time, level in pool if time == 2.5] == [1.5, 3, 4.5, 6, 7.5], (
        "each keeps 1 ms of the 2.5 left to it"
    )
    assert [7.5, 2.5] in pool and [7.5, 0] in pool


def test_a_draw_says_when_its_cpu_goes_on():
    """What is said of a CPU that got nothing is what is drawn of it."""
    run = throttle(25, 100, 8, 8, requests=Requests(100, 20), periods=3)
    for k, draw in enumerate(run.draws, 1):
        if not draw.got:
            [end] = [end for cpu, begin, end in run.stalls if (cpu, begin) == (draw.cpu, draw.time / 1000)]
            assert f"throttled until {end:g} ms" in run.why(k)
            assert ("a new period begins" in run.why(k)) == (end % 100 == 0)
    assert "until 7.5 ms, when the unused time" in run.why(6) and "until 100 ms, when a new period" in run.why(8)


def test_requests_have_a_rate_of_their_own():
    """Nobody waits where the quota is never used up; and where it is, more threads than it has CPUs answer later."""
    late = {n: watch_quota(25, 100, n, 8, 10, 45) for n in (1, 4, 8)}
    p99 = [run.long.quantile(0.99) for run in late.values()]
    assert p99 == sorted(p99) and p99[0] == 15 and p99[2] > 6 * p99[0]
    assert len(late[1].long.latency) == 100 and not any(run.long.piles_up for run in late.values())
    assert late[8].free.quantile(0.99) == 1.25, "without the quota eight threads are eight times as fast"
    assert watch_quota(25, 100, 1, 8, 30, 100).long.piles_up, "30 ms are asked for, 25 are there"
    assert watch_quota(25, 100, 1, 8, 5, 90).long.quantile(1.0) == 5


def test_what_cannot_be_worked_out_in_time_is_refused():
    for more in (
        {"periods": 1000, "slice": 0.1, "cpus": 64, "threads": 64, "quota": 900_000},
        {"periods": 1000, "requests": Requests(0.1, 0.1), "threads": 1024},
    ):
        with pytest.raises(ValueError, match="periods=1000: too many draws and requests"):
            throttle(**more)


def ticks(run, cpu, tick):
    """The story of a CPU as the twin tells it."""
    line = ["."] * round(run.periods * run.period / tick)
    for kind, spans in (("r", run.runs), ("s", run.stalls)):
        for who, begin, end in spans:
            if who == cpu:
                line[round(begin / tick) : round(end / tick)] = kind * round((end - begin) / tick)
    return "".join(line)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 80),
    st.integers(1, 10),
    st.integers(1, 6),
    st.integers(1, 5),
    st.booleans(),
    st.integers(3, 60),
    st.integers(1, 15),
)
@example(28, 4, 5, 4, False, 55, 5)  # the slack timer goes off
@example(19, 5, 5, 5, False, 36, 2)  # the new period is too near for it
def test_the_twin_agrees(quota, threads, cpus, slice_, busy, every, piece):
    """Everything in whole ms: what each CPU does in each of them is the same, and when each request ends."""
    given_ = None if busy else Requests(every, piece * threads)
    run = throttle(quota, 40, threads, cpus, float(slice_), requests=given_, periods=4)
    story, ended = naive.run(
        quota, 40, threads, cpus, slice_, 4, *(() if busy else (every, piece)), kept=1, slack=5, near=7
    )
    assert [ticks(run, cpu, 1) for cpu in range(cpus)] == story
    if not busy:
        assert run.latency.tolist() == [ended[k] - every * k for k in sorted(ended)]


@pytest.mark.parametrize(
    "name, value",
    [
        ("quota", 0),
        ("period", 0.5),
        ("period", 2000),
        ("threads", 0),
        ("cpus", 65),
        ("slice", 0),
        ("periods", 0),
        ("quota", float("nan")),
    ],
)
def test_bad_values(name, value):
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        throttle(**{name: value})


def test_bad_requests():
    with pytest.raises(ValueError, match="every=0"):
        Requests(0, 1)
    with pytest.raises(TypeError, match="requests=20: allowed is a Requests"):
        throttle(requests=20)
