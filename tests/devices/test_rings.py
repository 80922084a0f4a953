"""The rings: a twin of lists, a real ring, wrap-around, and what is refused."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab import machine
from oslab.devices import Rings, count_calls, run_job
from oslab.machine.io_uring import RealRing
from tests.naive import rings as naive

there = pytest.mark.skipif(
    not (machine.can("io_uring") and machine.can("liburing")), reason="no io_uring, or no liburing"
)
crowded = st.lists(
    st.sampled_from([*["now, submit"] * 3, "later, submit", "finish", "reap", "submit", "flush"]),
    min_size=6,
    max_size=40,
)
actions = st.lists(
    st.one_of(
        st.sampled_from(["now", "later", "bad", "now", "now"]),
        st.sampled_from(["now, submit", "submit", "reap", "flush", "finish", "finish last"]),
    ),
    max_size=60,
)


def act(rings, script):
    """Carry a script out on a model, a twin or a real ring; yield what each action returned."""
    flying, name = [], 0
    pushed = []
    for action in (each for one in script for each in one.split(", ")):
        if action in ("now", "later", "bad"):
            name += 1
            ok = rings.push(name, action)
            if ok:
                pushed.append((name, action))
            yield ok
        elif action == "submit":
            yield rings.submit()
            flying += [n for n, takes in pushed if takes == "later"]
            pushed = []
        elif action == "reap":
            found = rings.reap()
            yield None if found is None else tuple(found)
        elif action == "flush":
            rings.flush()
            yield None
        elif flying:
            yield rings.finish(flying.pop(0 if action == "finish" else -1))


@settings(deadline=None)
@given(st.one_of(actions, crowded), st.integers(1, 8), st.sampled_from([0, 1, 2**32 - 1, 2**32 - 5, 2**31]))
def test_the_model_does_what_its_twin_of_lists_does_also_where_indices_wrap(script, entries, start):
    model = Rings(entries, start=start)
    size = len(model.state.sq)
    twin = naive.Rings(size, 2 * size)
    for mine, other in zip(act(model, script), act(twin, script), strict=True):
        assert mine == other
        s = model.state
        assert s.indices == twin.indices(start) and len(s.in_flight) == len(twin.flying)
        assert [tuple(c) for c in s.overflow] == twin.aside
        assert [s.cq[(s.cq_head + k) % len(s.cq)] for k in range(s.ready)] == twin.ready


@settings(deadline=None)
@given(actions, st.integers(1, 4))
def test_nothing_is_lost_and_nothing_comes_twice(script, entries):
    rings = Rings(entries)
    accepted = [n for n in act(rings, script) if isinstance(n, tuple)]
    rings.submit()
    for request in rings.state.in_flight:
        rings.finish(request.user_data)
    while (found := rings.reap()) is not None:
        accepted.append(tuple(found))
    names = [name for name, _ in accepted]
    assert len(names) == len(set(names)) == rings.state.sq_tail
    assert all(-9 <= result <= 1 for _, result in accepted)


@there
@settings(max_examples=50, deadline=None)
@given(st.one_of(st.tuples(actions, st.integers(1, 5)), st.tuples(crowded, st.just(1))))
def test_a_real_ring_does_the_same(made):
    script, entries = made
    model = Rings(entries)
    with RealRing(entries) as real:
        assert real.sizes == (len(model.state.sq), len(model.state.cq))
        for k, (mine, other) in enumerate(zip(act(model, script), act(real, script))):
            assert mine == other, k
            assert model.state.indices == real.indices, k
            assert bool(model.state.overflow) == real.overflow


@there
@pytest.mark.parametrize("entries", [1, 2, 3, 5, 100, 32768])
def test_the_kernel_rounds_as_the_model_does(entries):
    model = Rings(entries)
    with RealRing(entries) as real:
        assert real.sizes == (len(model.state.sq), len(model.state.cq))


@there
def test_a_real_polling_thread_takes_requests_without_a_call():
    model = Rings(4, sqpoll=True)
    with RealRing(4, sqpoll=True) as real:
        for rings in (model, real):
            assert rings.push(1) and rings.push(2) and rings.submit() == 2
        model.pass_time(1)
        for _ in range(20_000):
            if real.indices == model.state.indices:
                break
        assert real.indices == model.state.indices == (2, 2, 0, 2)
        assert real.reap() == model.reap() and real.reap() == model.reap()


def test_a_full_queue_would_block_and_overwrites_nothing():
    rings = Rings(2)
    assert [rings.push(k) for k in (1, 2, 3)] == [True, True, False]
    assert [r.user_data for r in rings.state.sq] == [1, 2]
    assert rings.submit() == 2 and rings.push(3)


@pytest.mark.parametrize("make", [Rings, pytest.param(RealRing, marks=there)])
def test_what_comes_while_others_are_kept_aside_waits_behind_them(make):
    names = []
    rings = make(1)
    try:
        for name in range(1, 6):
            if name == 5:
                names.append(rings.reap()[0])
            rings.push(name)
            rings.submit()
        while (found := rings.reap()) is not None:
            names.append(found[0])
    finally:
        if make is RealRing:
            rings.__exit__()
    assert names == [1, 2, 3, 4, 5]


def test_a_full_completion_queue_keeps_the_rest_aside_in_order():
    rings = Rings(1)
    for name in (1, 2, 3, 4):
        rings.push(name)
        rings.submit()
    assert rings.state.ready == 2 and [c.user_data for c in rings.state.overflow] == [3, 4]
    before = rings.state.calls
    assert [rings.reap().user_data for _ in range(4)] == [1, 2, 3, 4] and rings.state.calls == before + 1
    assert rings.reap() is None


def test_the_polling_thread_sleeps_and_is_woken_by_one_call():
    rings = Rings(4, sqpoll=True, idle_ms=10)
    rings.push(0)
    rings.submit()
    assert rings.pass_time(0) == 1 and not rings.state.asleep
    for wait, asleep in ((5, False), (4, False), (1, True)):
        rings.pass_time(wait)
        assert rings.state.asleep is asleep
    calls = rings.state.calls
    rings.push(1)
    rings.submit()
    assert rings.state.calls == calls + 1 and not rings.state.asleep and rings.pass_time(1) == 1
    rings.push(2)
    rings.submit()
    assert rings.state.calls == calls + 1


def test_registered_buffers_are_pinned_once():
    counts = {}
    for registered in (False, True):
        job = run_job(8, 4, 4, registered=registered)
        counts[registered] = job.states[-1].pins, job.states[-1].lookups
    assert counts == {False: (8, 8), True: (1, 1)}


@given(st.integers(1, 64), st.integers(1, 16), st.booleans(), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_job_takes_the_calls_that_the_formula_says(operations, batch, sqpoll, registered):
    job = run_job(operations, batch, 16, sqpoll=sqpoll, registered=registered)
    calls = count_calls(operations, batch)
    assert job.calls == calls["sqpoll" if sqpoll else "io_uring"]
    assert job.calls == sum(step.call != "" for step in job.done)
    assert sorted(job.reaped) == list(range(1, operations + 1))
    assert job.state(job.steps).indices[0] == operations and job.state(0).calls == job.states[0].calls
    assert len(job.table()) == job.steps and all(job.why(k + 1) for k in range(job.steps))


def test_calls_of_epoll_counted_by_doing_it():
    waits = reads = 0
    ready = 1000
    while ready:
        waits += 1
        batch = min(ready, 32)
        reads += batch
        ready -= batch
    assert count_calls(1000, 32)["epoll"] == waits + reads == 1032
    assert "by epoll" in str(run_job())


@pytest.mark.parametrize(
    "make, said",
    [
        (lambda: Rings(0), "entries=0"),
        (lambda: Rings(32769), "1 to 32768"),
        (lambda: Rings(4, 2), "cq_entries=2"),
        (lambda: Rings(4, 65537), "1 to 65536"),
        (lambda: Rings(4, start=2**32), "start"),
        (lambda: Rings(4, idle_ms=0), "idle_ms"),
        (lambda: Rings(4).push(-1), "user_data=-1"),
        (lambda: Rings(4).push(1, "soon"), "'now', 'later', 'bad'"),
        (lambda: Rings(4).finish(3), "in flight are none"),
        (lambda: run_job(batch=5), "batch=5"),
        (lambda: run_job(0), "operations=0"),
        (lambda: run_job(65), "operations=65"),
        (lambda: count_calls(3, 0), "batch=0"),
    ],
)
def test_bad_input_is_named(make, said):
    with pytest.raises(ValueError, match=said):
        make()


def test_a_fraction_of_an_entry_is_no_entry():
    with pytest.raises(TypeError, match="entries=2.5"):
        Rings(2.5)
