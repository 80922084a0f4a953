"""Memory that grows against its limits."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.ai.memory_growth import BATCH, MIB, grow_memory, high_delay

INF = float("inf")


def test_the_brake_as_the_kernel_has_it():
    """The table in mm/memcontrol.c, usage above 100 MiB: ms for 64 pages."""
    table = {101: 6, 102: 25, 103: 57, 104: 102, 105: 159, 106: 230}
    for usage, ms in table.items():
        expected = 0 if ms <= 10 else ms
        assert 1000 * high_delay(usage / 100 - 1) == pytest.approx(expected, abs=1.5)
    assert high_delay(-1) == 0 and high_delay(9) == 2


def test_high_brakes_and_max_kills():
    both, hard, soft = grow_memory(), grow_memory(high=INF), grow_memory(max=INF)
    assert hard.killed == pytest.approx(10, abs=0.1) and hard.anonymous.max() <= 1000 and not hard.braked.any()
    assert soft.killed == INF and both.killed == INF and 800 < both.anonymous.max() < 900
    assert both.first_braked == pytest.approx(8.1, abs=0.1) and both.braked[-1] > 0.95
    assert grow_memory(wants=700).braked.max() == 0


@settings(max_examples=30, deadline=None)
@given(
    st.floats(50, 2000) | st.just(INF),
    st.floats(50, 2000) | st.just(INF),
    st.floats(1, 500),
    st.floats(0, 500),
    st.floats(10, 3000),
)
def test_memory_laws(high, top, rate, reading, wants):
    run = grow_memory(high, top, rate, reading, wants=wants)
    total = run.anonymous + run.cache
    assert (total <= top + 1e-6).all() and (run.anonymous <= wants + 1e-6).all()
    assert (run.cache[run.anonymous >= min(high, top)] <= 1e-6).all(), "page cache goes before anything else suffers"
    assert (np.diff(run.anonymous)[run.time[1:] < run.killed] <= rate * run.time[1] + 1e-6).all()
    assert (run.killed < INF) == bool((np.diff(run.anonymous) < 0).any())
    assert (0 <= run.braked).all() and (run.braked <= 1 + 1e-9).all()


def test_growth_above_high_batch_by_batch():
    """The twin takes one batch after another and sleeps as the kernel says."""
    high, rate, seconds = 100.0, 50.0, 20.0
    own, now, batch = 0.0, 0.0, BATCH / MIB
    while now < seconds:
        own += batch
        now += batch / rate + high_delay(own / high - 1)
    assert grow_memory(high, INF, rate, 0, seconds, 1000).anonymous[-1] == pytest.approx(own, rel=0.01)


def test_asleep_is_what_the_picture_shows_last():
    """Before the kill, or the end, or until it has all that it wants: not after, when nothing sleeps any more."""
    assert grow_memory().asleep == pytest.approx(0.987, abs=0.001)
    assert grow_memory(high=100, max=INF, rate=20, wants=105, reading=0).asleep > 0.5
    killed = grow_memory(high=700, max=705, rate=100)
    at = int(round(killed.killed / killed.time[1]))
    assert (
        killed.killed < INF
        and killed.braked[-2] == 0
        and killed.asleep == pytest.approx(killed.braked[at - 30 : at].mean(), 0.1)
    )


def test_bad_memory():
    for name, value in (("high", 0), ("max", -1), ("rate", 0), ("seconds", 0), ("wants", 0), ("reading", -1)):
        with pytest.raises(ValueError, match=f"{name}={value}"):
            grow_memory(**{name: value})
