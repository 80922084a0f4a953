"""Placement on two sockets, and the loop that feeds a GPU: limits that can be worked out by hand."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oslab.ai.input_pipeline import feed
from oslab.ai.numa import MACHINES, PAGES, best_placement, place


def test_presets_are_those_of_the_facts():
    pairs = [(m.local, m.remote) for m in MACHINES.values()]
    assert pairs == [(100, 300), (77.9, 143.2), (85.0, 136.3), (89.3, 138.9), (108.2, 195.7), (84.5, 564.5)]


@pytest.mark.parametrize("machine", MACHINES)
def test_bandwidth_of_a_core_follows_from_the_latency(machine):
    two = MACHINES[machine]
    local, remote = (place(0, pages, 0, machine=machine).bandwidth for pages in ("bind_0", "bind_1"))
    assert local / remote == pytest.approx(two.remote / two.local)
    assert local == pytest.approx(12 * 64 / two.local)
    between = place(0, "interleave", 0, machine=machine).bandwidth
    assert 1 / between == pytest.approx((1 / local + 1 / remote) / 2)


def test_the_case_of_the_guide():
    """Workers on node 0, the GPU on node 1: all tensors cross the link, once."""
    far, near = place(0, "first_touch", 1), place(1, "first_touch", 1)
    assert far.stages["link"] == pytest.approx(154 / 30) and near.stages["link"] == 0
    assert far.step == near.step == 40, "the crossing is hidden behind the computing"
    worst = place(0, "bind_1", 1)
    assert worst.bottleneck == "decode" and worst.step == pytest.approx((180 + 6 * 154 / 2.56) / 8)
    assert place(0, "bind_1", 1, gpus=4).bottleneck == "link"


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 1),
    st.sampled_from(PAGES),
    st.integers(0, 1),
    st.sampled_from(list(MACHINES)),
    st.integers(1, 4),
    st.floats(1, 200),
    st.floats(1, 500),
    st.integers(1, 32),
)
def test_placement_laws(workers, pages, gpu, machine, gpus, compute, batch, count):
    more = {"machine": machine, "gpus": gpus, "compute": compute, "batch": batch, "count": count}
    found = place(workers, pages, gpu, **more)
    mirrored = place(1 - workers, pages.translate(str.maketrans("01", "10")), 1 - gpu, **more)
    assert mirrored.step == pytest.approx(found.step) and mirrored.link_use == pytest.approx(found.link_use)
    assert found.step == max(found.stages.values()) == found.stages[found.bottleneck]
    assert 0 <= found.gpu_idle < 1 and 0 <= found.link_use <= 1 and sum(found.shares) == 1
    best = best_placement(gpu, **more)
    assert best[0].step <= found.step and (best[0].workers, best[0].stages["link"]) == (gpu, 0)
    assert len(best) == 8 and place(workers, pages, gpu, **{**more, "compute": compute + 1}).step >= found.step
    # Every byte of a batch crosses PCIe once and a core six times; each lies in the memory of one node.
    load = (found.stages["memory 0"] + found.stages["memory 1"]) * MACHINES[machine].memory / gpus
    assert load == pytest.approx(7 * batch)


@pytest.mark.parametrize("pages", PAGES)
def test_numactl(pages):
    line = place(1, pages, 1).numactl
    assert re.fullmatch(r"numactl --cpunodebind=1 --(localalloc|membind=[01]|interleave=0,1) python train.py", line)
    assert pages not in ("bind_0", "bind_1") or f"--membind={pages[-1]}" in line


@pytest.mark.parametrize(
    "name, value",
    [
        ("workers", 2),
        ("gpu", -1),
        ("pages", "far"),
        ("machine", "abacus"),
        ("gpus", 0),
        ("compute", 0),
        ("batch", -1),
        ("count", 0),
    ],
)
def test_bad_placements(name, value):
    with pytest.raises(ValueError, match=f"{name}={value!r}"):
        place(**{name: value})


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
