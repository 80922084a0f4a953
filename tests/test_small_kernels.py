"""Small kernels of all wings beside their twins."""

import numpy as np
from hypothesis import given, settings, strategies as st

from oslab.machine import pointer_chase
from oslab.memory import Trace, simulate
from oslab.memory.replacement.result import place
from oslab.memory.traces import zipf
from oslab.scheduling import heap, load_balancing
from tests.naive import small

pages = st.lists(st.integers(0, 2**62), min_size=1, max_size=30).flatmap(
    lambda known: st.lists(st.sampled_from(known), min_size=1, max_size=60)
)
some = settings(max_examples=40, deadline=None)


@some
@given(pages=pages)
def test_renumbering_and_next_uses(pages):
    trace = Trace(pages)
    dense, order, following = small.renumbered(pages)
    never = np.iinfo(trace.next_use.dtype).max
    assert trace.dense.tolist() == dense and trace.pages.tolist() == order
    assert trace.next_use.tolist() == [never if k is None else k for k in following]


@some
@given(pages=st.lists(st.integers(0, 6), min_size=1, max_size=40), frames=st.integers(1, 4))
def test_places(pages, frames):
    result = simulate(pages, "lru", frames)
    dense = result.trace.dense
    number = {page: k for k, page in enumerate(result.trace.pages.tolist())}
    evicted = np.array([number.get(page, -1) for page in result.evicted.tolist()])
    found = np.full(frames, -1, np.int64)
    place(dense, result.hit, evicted, found, np.full(len(number), -1, np.int64))
    assert found.tolist() == small.places(dense.tolist(), result.hit.tolist(), evicted.tolist(), frames)


@some
@given(
    uniforms=st.lists(st.floats(0, 1, exclude_max=True), min_size=1, max_size=20),
    n=st.integers(1, 50),
    skew=st.floats(0, 2),
    cells=st.sampled_from([1, 8, 64]),
)
def test_draws_by_guide(uniforms, n, skew, cells):
    cumulative = zipf.zipf_cumulative(n, skew)
    guide, drawn = np.zeros(cells, np.int64), np.zeros(len(uniforms), np.int64)
    zipf.fill_guide(cumulative, guide)
    zipf.draw_by_guide(np.array(uniforms), cumulative, guide, drawn)
    assert drawn.tolist() == small.first_above(cumulative.tolist(), uniforms)


@some
@given(
    order=st.permutations(range(9)), steps=st.integers(0, 30), a=st.lists(st.integers(-9, 9), min_size=3, max_size=3)
)
def test_a_chase_and_a_triad(order, steps, a):
    links = np.array(order, np.uint64)
    assert pointer_chase.follow(links, np.uint64(0), steps) == small.followed(order, 0, steps)
    out, b = np.zeros(3), np.array(a, float)
    pointer_chase.triad(out, b, b[::-1].copy(), 2.0)
    assert out.tolist() == [x + 2 * y for x, y in zip(a, a[::-1])]


@some
@given(steps=st.lists(st.none() | st.tuples(st.integers(-5, 5), st.integers(0, 3)), max_size=40))
def test_heap(steps):
    kernel, twin = heap.new(40), small.Sorted()
    for task, step in enumerate(steps):
        if step is not None:
            heap.push(kernel, step[0], 100 * step[1] + task, task)
            twin.push(step[0], 100 * step[1] + task, task)
        elif twin.rows:
            assert heap.pop(kernel) == twin.pop()
        assert heap.entries(kernel) == twin.rows
        assert heap.first_key(kernel) == (twin.rows[0][0] if twin.rows else 2**62)


@some
@given(counts=st.lists(st.integers(0, 4), min_size=1, max_size=6), data=st.data())
def test_which_cpu(counts, data):
    before = data.draw(st.integers(-1, len(counts) - 1))
    queues = np.array([[0, count] for count in counts], np.int64)
    assert load_balancing.home_for(queues, before) == small.fewest_first(counts, before)
    cpu = np.full((len(counts), 7), -1, np.int64)
    cpu[:, load_balancing.TASK] = np.where(np.array(counts) > 0, 0, -1)
    most = max(count - 1 for count in counts)
    assert load_balancing.busiest(queues, cpu) == (
        next(c for c, n in enumerate(counts) if n - 1 == most) if most > 0 else -1
    )
