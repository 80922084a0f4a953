"""The chase is one cycle over every place; kernels equal their naive twins; memory is what was asked for."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.machine import pointer_chase
from oslab.machine.pages import HUGE, Pages
from oslab.machine.pointer_chase import bandwidth, chain, chase, follow, latency_curve, triad


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, tmp_path):
    monkeypatch.setattr("oslab.machine.cost._folder", lambda: tmp_path)
    monkeypatch.setattr("oslab.machine.cost._KEPT", {})


def walk(links, start):
    """The naive twin: the places of a chase until it comes to one for the second time, in a list."""
    seen = [start]
    while (following := int(links[seen[-1]])) not in seen:
        seen.append(following)
    return seen, following


def is_one_cycle(links, start, count):
    seen, back = walk(links, start)
    return len(seen) == count and back == start


@given(st.sampled_from([8, 64, 128, 4096]), st.integers(2, 120), st.integers(0, 99))
@settings(max_examples=40, deadline=None)
def test_a_chase_is_one_cycle_with_one_place_a_stride(stride, count, seed):
    links = np.full(count * stride // 8, 1 << 40, np.uint64)
    start = chain(links, stride, count, seed)
    seen, back = walk(links, start)
    assert back == start and sorted(place * 8 // stride for place in seen) == list(range(count))
    assert int(follow(links, np.uint64(start), 7 * count + 1)) == seen[1 % count]


def test_two_cycles_would_be_seen():
    links = np.zeros(16, np.uint64)
    start = chain(links, 8, 16)
    assert is_one_cycle(links, start, 16)
    other = int(links[start])
    links[start], links[other] = links[other], links[start]
    assert not is_one_cycle(links, start, 16)


def test_places_use_every_line_of_a_page_alike():
    links = np.full(128 * 512, 1 << 40, np.uint64)
    chain(links, 4096, 128)
    lines = np.flatnonzero(links != 1 << 40) % 512 // 8
    assert np.bincount(lines, minlength=64).tolist() == [2] * 64


def test_triad_equals_its_twin():
    b, c = np.random.default_rng(1).random((2, 1001))
    a = np.empty(1001)
    triad(a, b, c, 3.0)
    assert a.tolist() == [x + 3.0 * y for x, y in zip(b.tolist(), c.tolist())]


def test_chase_says_where_and_in_what_it_ran():
    pytest.importorskip("numba")
    found = chase(1 << 20, 4096, huge=False, repeats=5, seconds=0.005)
    assert found.low <= found.median <= found.high and found.unit == "ns" and found.repeats == 5
    assert found.huge_share in (0, None) and float(found) == found.median > 0
    assert found.origin == "this machine" and found.machine and found.date and "5 repeats" in str(found)


def test_curves_and_bandwidth_are_kept(monkeypatch):
    pytest.importorskip("numba")
    curve = latency_curve([1 << 14, 1 << 16])
    assert curve.x.tolist() == [1 << 14, 1 << 16] and (curve.median > 0).all() and curve.unit == "ns"
    assert float(bandwidth(24_000, 2)) > 0
    monkeypatch.setattr(pointer_chase, "chase", None)
    assert latency_curve([1 << 14, 1 << 16]) is curve


@pytest.mark.parametrize(
    "call, said",
    [
        (lambda: chase(4096), "working_set=4096"),
        (lambda: chase(1 << 20, 4), "stride=4"),
        (lambda: chase(1 << 20, 12), "stride=12"),
        (lambda: chase(1 << 20, repeats=0), "repeats=0"),
        (lambda: bandwidth(10), "size=10"),
        (lambda: bandwidth(threads=0), "threads=0"),
        (lambda: Pages(0), "size=0"),
        (lambda: Pages(1.5), "size=1.5"),
        (lambda: Pages(True), "size=True"),
    ],
)
def test_what_makes_no_measurement_is_refused(call, said):
    with pytest.raises(TypeError if said in ("size=1.5", "size=True") else ValueError, match=said):
        call()


def test_the_interpreter_is_not_measured(monkeypatch):
    monkeypatch.setenv("OSLAB_JIT", "0")
    with pytest.raises(OSError, match="OSLAB_JIT=0"):
        chase(1 << 20)


@pytest.mark.parametrize("huge", [True, False, None])
def test_pages_are_aligned_and_say_how_many_are_huge(huge):
    with Pages(3 * HUGE + 5000, huge) as pages:
        assert pages.bytes.ctypes.data == pages.address and pages.address % HUGE == 0
        assert pages.huge_bytes in (0, None)  # none exists before it is touched
        pages.bytes[:] = 1
        given = pages.huge_bytes
        assert given is None or (0 <= given <= pages.size if huge is not False else given == 0)
        assert pages.words().size == pages.size // 8
    assert pages.bytes.size == 0
