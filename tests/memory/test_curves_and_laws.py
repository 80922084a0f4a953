"""Laws that policies obey, and the curves; each law is shown to fail where it should."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import POLICIES, Trace, curve_in_steps, miss_ratio_curve, reuse_distances, simulate
from tests.naive.replacement import stack_depths

traces = st.lists(st.integers(0, 11), min_size=1, max_size=150)
BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
INCLUSIVE = [key for key in ("lru", "opt") if key in POLICIES]


def inclusion_fails_at(trace, policy, most=8):
    """Return the first size at which a hit becomes a fault with one frame more; None for never."""
    hits = [simulate(trace, policy, frames).hit for frames in range(1, most)]
    return next((k + 1 for k in range(most - 2) if (hits[k] & ~hits[k + 1]).any()), None)


@pytest.mark.parametrize("policy", INCLUSIVE)
def test_inclusion(policy):
    @settings(max_examples=60, deadline=None)
    @given(traces)
    def check(trace):
        assert inclusion_fails_at(trace, policy) is None

    check()


def test_inclusion_fails_for_fifo():
    assert inclusion_fails_at(BELADY, "fifo") == 3


@settings(max_examples=60, deadline=None)
@given(traces)
def test_lru_curve_is_simulation_at_every_size(trace):
    curve = miss_ratio_curve(trace)
    assert curve.frames.tolist() == list(range(1, len(set(trace)) + 1))
    assert curve.faults.tolist() == [simulate(trace, "lru", int(k)).faults for k in curve.frames]


def test_lru_curve_is_not_the_curve_of_fifo():
    fifo = [simulate(BELADY, "fifo", k).faults for k in range(1, 6)]
    assert miss_ratio_curve(BELADY).faults.tolist() != fifo


@settings(max_examples=60, deadline=None)
@given(traces)
def test_reuse_distances_equal_the_naive_stack(trace):
    assert reuse_distances(trace).tolist() == [d or -1 for d in stack_depths(trace)]


def test_reuse_distances_across_many_compactions():
    """Long enough to fill the time line many times, and wide enough for several groups of it."""
    rng = np.random.default_rng(8)
    trace = Trace(np.concatenate([np.arange(3000), rng.integers(0, 3000, 20_000), np.arange(3000)]))
    distances = reuse_distances(trace)
    for frames in (1, 7, 700, 2047, 2049, 3000):
        fits = (distances > 0) & (distances <= frames)
        assert (fits == simulate(trace, "lru", frames).hit).all()


@settings(max_examples=40, deadline=None)
@given(traces, st.integers(1, 7))
def test_no_policy_beats_opt(trace, frames):
    if "opt" not in POLICIES:
        pytest.skip("not registered")
    best = simulate(trace, "opt", frames).faults
    assert all(simulate(trace, policy, frames).faults >= best for policy in POLICIES)


def test_lru_is_not_optimal_so_the_law_can_fail():
    faults = {policy: simulate(BELADY, policy, 3).faults for policy in POLICIES}
    assert min(faults.values()) < faults["lru"]


@pytest.mark.parametrize("policy", list(POLICIES))
def test_curve_at_chosen_sizes_is_simulation(policy):
    trace = Trace(np.random.default_rng(2).zipf(1.4, 2000) % 61)
    curve = miss_ratio_curve(trace, policy, [5, 1, 30, 5, 400])
    assert curve.frames.tolist() == [1, 5, 30, 400]
    assert curve.faults.tolist() == [simulate(trace, policy, k).faults for k in (1, 5, 30, 400)]
    assert curve.miss_ratio.tolist() == (curve.faults / 2000).tolist()
    assert curve.complete


def test_default_sizes_go_from_one_frame_to_all_pages():
    curve = miss_ratio_curve(np.arange(5000) % 997, "fifo")
    assert (curve.frames[0], curve.frames[-1]) == (1, 997)
    assert 15 < len(curve.frames) <= 24
    assert curve.at(996) == 1.0
    assert curve.at(2000) == pytest.approx(997 / 5000)
    assert str(curve).startswith("FIFO, miss ratio at frames: 1: 1,")


def test_curve_reports_progress_and_stops():
    trace = Trace(np.arange(20_000) % 997)
    shares = []
    miss_ratio_curve(trace, "clock", progress=shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    stop = threading.Event()
    curve = miss_ratio_curve(trace, "clock", stop=stop, progress=lambda share: stop.set())
    assert not curve.complete
    steps = curve_in_steps(trace, "fifo")
    next(steps)
    steps.close()


@pytest.mark.parametrize("frames", [[0, 3], [2.5], [], "12", [[1]], [10**30], range(10**6)])
def test_curve_refuses_bad_sizes(frames):
    with pytest.raises((TypeError, ValueError), match="frames"):
        miss_ratio_curve(BELADY, "fifo", frames)
