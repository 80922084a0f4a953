"""The loop that feeds a GPU: the slowest stage decides, and nothing overtakes."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.ai.input_pipeline import feed


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 10), st.integers(1, 4), st.integers(1, 300), st.integers(1, 100), st.integers(0, 200), st.booleans()
)
def test_in_the_long_run_the_slowest_stage_decides(workers, prefetch, decode, compute, batch, pinned):
    run = feed(workers, prefetch, decode, compute=compute, batch=batch, pinned=pinned, cpus=16, batches=400)
    copy = batch / (25 if pinned else 6)
    behind = compute + copy if not pinned else max(compute, copy)
    assert (
        run.step == pytest.approx(max(decode / workers, behind), rel=0.03)
        or prefetch == 1
        and run.step >= behind - 1e-9
    )
    assert run.gpu_busy == pytest.approx(compute / run.step)


@settings(max_examples=60, deadline=None)
@given(
    st.integers(0, 8),
    st.integers(1, 4),
    st.floats(0, 1),
    st.just(0.0) | st.floats(0, 1),
    st.sampled_from(["processes", "threads"]),
    st.booleans(),
    st.integers(1, 99),
)
def test_order_and_limits(workers, prefetch, gil, spread, kind, pinned, seed):
    run = feed(workers, prefetch, kind=kind, gil=gil, spread=spread, pinned=pinned, seed=seed)
    moments = [run.started, run.decoded, run.taken, run.copied, run.computing, run.computed]
    assert all((b >= a - 1e-9).all() for a, b in zip(moments, moments[1:]))
    assert (run.computing[1:] >= run.computed[:-1] - 1e-9).all(), "one batch at a time"
    if pinned:
        assert (run.taken[1:] >= run.computing[:-1] - 1e-9).all(), "one batch is copied ahead, no more"
    if workers:
        ahead = workers * prefetch
        assert (run.started[ahead:] >= run.taken[:-ahead] - 1e-9).all(), "no worker is further ahead than it may be"
        busy = [(run.started <= t) & (run.decoded > t) for t in run.started]
        assert max(b.sum() for b in busy) <= workers
    if kind == "threads" and workers and not spread:
        assert (np.diff(run.decoded) >= gil * 200 - 1e-9).all(), "one thread at a time holds the lock"
    assert all(run.why(k) for k in range(1, run.steps + 1))
    assert all(v >= 0 for k in (0, 1, 30, 60) for v in run.state(k).values())


def test_the_gil_bounds_threads_and_not_processes():
    threads = feed(8, kind="threads", gil=0.5, decode=200, cpus=8)
    assert threads.step == pytest.approx(100) and threads.bottleneck == "decode"
    assert feed(8, kind="processes", gil=0.5, decode=200, cpus=8).bottleneck == "compute"
    assert feed(8, kind="threads", gil=0, decode=200, cpus=8).step == pytest.approx(60)
    assert feed(12, kind="threads", gil=0.5, decode=200, cpus=8).step == pytest.approx(100), (
        "two CPUs are enough for them"
    )
    assert feed(12, kind="threads", gil=0.5, decode=200, cpus=1).step == pytest.approx(200), "one is not"
    assert feed(12, kind="processes", decode=800, cpus=8).step == pytest.approx(100)


def test_where_the_time_goes():
    alone = feed(0, decode=100, compute=40, batch=100)
    assert alone.step == pytest.approx(144) and alone.gpu_busy == pytest.approx(40 / 144)
    assert feed(4, decode=40, pinned=False).bottleneck == "copy"
    assert feed(8, cpus=4, decode=200, compute=40).step == pytest.approx(50), "eight workers on four CPUs are four"
    assert feed(4).why(30).endswith("did not wait") and "ms for its decode" in feed(1).why(30)


@pytest.mark.parametrize(
    "name, value",
    [
        ("workers", -1),
        ("workers", 65),
        ("prefetch", 0),
        ("gil", 1.5),
        ("cpus", 0),
        ("spread", 3),
        ("batches", 3),
        ("compute", 0),
        ("batch", -1),
        ("kind", "fibres"),
    ],
)
def test_bad_feeding(name, value):
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        feed(**{name: value})
