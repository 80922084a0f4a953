"""Placement on two sockets: limits that can be worked out by hand."""

import re

import pytest
from hypothesis import given, settings, strategies as st

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
