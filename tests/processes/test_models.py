"""The life of processes, the price of a switch, useful work, the inference server."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.base.numbers import rounded
from oslab.processes import PARENTS, PLACES, live, read_times, serve, serve_times, switch_price, useful_work
from oslab.processes.server import LOADS, serve_loop
from tests.naive import serving

ALLOWED = {
    ("", "new"),
    ("new", "ready"),
    ("ready", "running"),
    ("running", "ready"),
    ("running", "waiting"),
    ("waiting", "ready"),
    ("running", "zombie"),
    ("zombie", "terminated"),
}


@settings(max_examples=20, deadline=None)
@given(
    st.integers(1, 8),
    st.sampled_from([0.0, 0.3, 0.5, 0.9]),
    st.sampled_from([0.5, 2.0, 4.0, 100.0]),
    st.sampled_from(PARENTS),
    st.integers(1, 50),
)
def test_a_life_takes_only_the_ways_of_the_chart(processes, io_share, quantum, parent, seed):
    life = live(processes, io_share, quantum, parent, seed)
    now, running, last = [""] * processes, 0, 0.0
    for k, event in enumerate(life.events, 1):
        assert event.before == now[event.process] and event.time >= last
        if event.cause == "re-parented":
            assert parent == "exits first" and event.before == event.after
        else:
            assert (event.before, event.after) in ALLOWED
        now[event.process], last = event.after, event.time
        running = now.count("running")
        assert running <= 1 and tuple(now) == life.state(k) and sum(life.counts(k).values()) <= processes
        assert life.names[event.process] in life.why(k)
    assert set(now) == {"terminated"} and last == life.end
    for row in life.table():
        assert row["running, ms"] == pytest.approx(12.0, abs=1.2), "every process has its CPU time"
    if quantum == 100.0:
        assert not any(e.cause == "quantum over" for e in life.events)
    zombies = sum(row["zombie, ms"] for row in life.table())
    assert zombies >= 6 * processes if parent == "waits late" else parent == "exits first" or zombies == 0


def test_a_late_wait_leaves_zombies_and_an_early_exit_orphans():
    late = live(3, parent="waits late")
    assert max(late.counts(k)["zombie"] for k in range(late.steps + 1)) == 3
    assert late.end == max(e.time for e in late.events if e.cause == "exited") + 6
    orphans = live(3, parent="exits first")
    assert [e.cause for e in orphans.events].count("re-parented") == 3


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_the_server_is_its_slow_twin(data):
    n = data.draw(st.integers(1, 12))
    numbers = st.integers(1, 64).map(lambda k: k / 8)
    gaps, work, waits = (np.array(data.draw(st.lists(numbers, min_size=n, max_size=n))) for _ in range(3))
    # Times that never meet: which of two events at one instant comes first is not part of the model.
    gaps, waits = gaps + np.arange(n) / 1013, waits + np.arange(n) ** 2 / 7919
    work = work + np.sqrt(np.arange(n) + 2) / 997
    threads, cores, closed = (
        data.draw(st.integers(1, 5)),
        data.draw(st.integers(1, 3)),
        data.draw(st.sampled_from([0, 1, 3])),
    )
    speed = np.minimum(1.0, cores / np.maximum(np.arange(threads + 1), 1)) * 0.75
    latency, left = np.empty(n), np.empty(n)
    serve_loop(gaps, work, waits, threads, cores, speed, closed, latency, left)
    twin = serving.serve(gaps, work, waits, threads, lambda k: Fraction(speed[k]), closed)
    np.testing.assert_allclose(latency, [float(a) for a, _ in twin], rtol=1e-9)
    np.testing.assert_allclose(left, [float(b) for _, b in twin], rtol=1e-9)


def test_one_thread_serves_one_request_after_the_other():
    slow = serve("closed", 0.05, cores=1, waiting=0.0, threads=(1,), working_set=0)
    # Two clients, one thread: the second waits for the first; nothing is lost to switches.
    assert slow.offered == 2 and 60 < slow.throughput[0] < 100
    full = serve("closed", 1.5, cores=4, waiting=0.0, working_set=0, direct=0, threads=(4, 64))
    assert full.throughput == pytest.approx([400, 400], rel=0.05), "4 cores, 10 ms each"


@pytest.mark.parametrize("load", LOADS)
def test_more_threads_than_needed_cost(load):
    run = serve(load, 0.8, working_set=16)
    best = int(np.argmin(run.p99))
    assert run.p99[0] > 2 * run.p99[best] and run.p99[-1] > 1.2 * run.p99[best] and (run.p50 <= run.p99).all()
    assert run.throughput[:3] == pytest.approx(run.throughput[0] * np.array([1, 2, 3]), rel=0.03)
    assert len(run.table()) == len(run.threads) and "least p99" in str(run)


def test_the_price_of_a_switch():
    prices = [switch_price(place) for place in PLACES]
    assert prices[0].total > prices[1].total > prices[2].total
    assert prices[0].total - prices[1].total == 64 * 20, "256 KiB are 64 pages to walk for"
    assert prices[1].total - prices[2].total == 150
    for price in prices:
        assert price.state(price.steps) == price.total == pytest.approx(price.direct + price.refills)
        assert [row["ns"] for row in price.table()] == [rounded(c) for c in price.costs]
    assert switch_price(working_set=1 << 20).total == switch_price(working_set=1 << 21).total, (
        "bounded by TLB and cache"
    )


@given(st.integers(1, 16), st.floats(0, 0.95), st.floats(0, 1e5))
def test_useful_work(cpus, waiting, working_set):
    run = useful_work(cpus, waiting, working_set)
    assert (run.useful >= 0).all() and (run.useful + run.switching <= 1 + 1e-9).all()
    few = run.threads <= cpus
    assert run.useful[few] == pytest.approx(run.threads[few] * (1 - waiting) / cpus)
    assert (run.switching[few] == 0).all(), "each has a CPU of its own"
    assert (np.diff(run.useful[run.best - 1 :]) <= 1e-12).all(), "after the sweet spot it only falls"


def test_useful_work_by_hand():
    assert useful_work(4, 0.5).best == 8 and useful_work(4, 0.0).best == 4
    assert useful_work(1, 0.0, 0.0, direct=1000.0, burst=1.0).useful[1] == 0.5


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: live(0), "processes=0"),
        (lambda: live(io_share=1), "io_share=1"),
        (lambda: live(quantum=0), "quantum=0"),
        (lambda: live(parent="runs"), "parent='runs'"),
        (lambda: switch_price("x"), "place='x'"),
        (lambda: switch_price(working_set=-1), "working_set=-1"),
        (lambda: useful_work(0), "cpus=0"),
        (lambda: useful_work(waiting=1), "waiting=1"),
        (lambda: serve("half"), "load='half'"),
        (lambda: serve(pressure=9), "pressure=9"),
        (lambda: serve(threads=(65,)), r"threads\[0\]=65"),
        (lambda: serve(threads=()), "threads has 0 items"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(ValueError, match=said):
        call()


def test_measured_times_of_equal_length_give_no_queue_and_their_own_latency(tmp_path):
    file = tmp_path / "times.txt"
    file.write_text("# ms, from the server's log\n40; 40\n40,40\n")
    assert read_times(str(file)).tolist() == read_times("40 40, 40 40").tolist() == [40.0] * 4
    run = serve_times(str(file), "closed", 0.05, cores=1, waiting=0.5, threads=(1, 2))
    # Two clients that think for 10 ms each; one thread serves one of them at a time.
    assert run.p50[1] < run.p50[0] and run.p50[1] >= 40 * 0.99
    assert serve_times("  ", cores=2, threads=(1, 4)).table() == serve(cores=2, threads=(1, 4)).table()


@given(st.lists(st.floats(0.01, 1e4), min_size=1, max_size=30), st.floats(1e-3, 1e3))
def test_times_that_are_all_longer_make_all_latencies_longer_by_as_much(times, factor):
    """Without switches, which do not grow with the times, an open load keeps its shape."""
    texts = [" ".join(repr(t * by) for t in times) for by in (1, factor)]
    one, other = (serve_times(words, cores=64, pressure=0.5, threads=(64,)) for words in texts)
    assert other.p50 == pytest.approx(factor * one.p50, rel=1e-6)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: serve_times("12\n13 x9"), "times, line 2: 'x9'"),
        (lambda: serve_times("12, -3"), "times, line 1: '-3'"),
        (lambda: serve_times("nan"), "times, line 1: 'nan'"),
        (lambda: read_times("# nothing"), "at least one"),
        (lambda: serve_times("5", threads=(0,)), r"threads\[0\]=0"),
    ],
)
def test_times_that_are_none_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
