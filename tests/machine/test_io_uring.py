"""A real ring, where io_uring and liburing are there: sizes, indices, errors, and nothing left open."""

import os

import pytest

from oslab import machine
from oslab.machine.io_uring import RealRing

there = pytest.mark.skipif(
    not (machine.can("io_uring") and machine.can("liburing")), reason="no io_uring, or no liburing"
)


@there
def test_sizes_are_rounded_up_and_refused():
    with RealRing(3) as ring:
        assert ring.sizes == (4, 8) and ring.indices == (0, 0, 0, 0)
    for size in (0, 32769):
        with pytest.raises(OSError):
            RealRing(size)


@there
def test_an_error_comes_back_as_minus_errno():
    with RealRing(2) as ring:
        assert ring.push(5, "bad") and ring.push(6) and not ring.push(7)
        assert ring.submit() == 2 and ring.indices == (2, 2, 0, 2)
        assert ring.reap() == (5, -9) and ring.reap() == (6, 0) and ring.reap() is None


@there
def test_nothing_is_left_open():
    before = os.listdir("/proc/self/fd")
    with RealRing(2) as ring:
        ring.push(1, "later")
        ring.submit()
    assert len(os.listdir("/proc/self/fd")) == len(before)


def test_without_liburing_a_sentence_says_so(monkeypatch):
    from oslab.machine import capability_checks

    found = capability_checks.importlib.util.find_spec
    monkeypatch.setattr(
        capability_checks.importlib.util, "find_spec", lambda name: None if name == "liburing" else found(name)
    )
    with pytest.raises(machine.Unavailable, match="liburing is not installed|io_uring"):
        RealRing(2)
