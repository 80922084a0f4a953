"""Slices of a mapped file beside a slow twin, the lines' faults, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import line_costs, read_mapped
from oslab.memory.mapped_file import ADVICE, BLOCK, ORDERS, slices_in


def twin(starts, slice_pages, file_pages, window):
    """Yield major and minor faults so far: two sets of pages, those in the page cache and those in the page table."""
    cache, table, major, minor = set(), set(), 0, 0
    for start in starts:
        for page in range(start, start + slice_pages):
            if page in table:
                continue
            if page in cache:
                minor += 1
                first = page - page % BLOCK
                table |= {p for p in range(first, first + BLOCK) if p in cache}
            else:
                major += 1
                first = max(0, page - window // 2)
                cache |= set(range(first, min(file_pages, first + window)))
                table.add(page)
        yield major, minor, len(cache)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from(ORDERS),
    st.sampled_from(ADVICE),
    st.integers(0, 100),
    st.integers(1, 5),
    st.integers(1, 20),
    st.integers(0, 50),
)
def test_equals_its_twin(order, advice, read_ahead, slice_pages, slices, seed):
    run = read_mapped(order, advice, read_ahead, slice_pages, 256, slices, seed)
    window = 1 if advice == "random" else max(1, read_ahead)
    expected = list(twin(run.starts.tolist(), slice_pages, 256, window))
    assert list(zip(run.major[1:], run.minor[1:], run.loaded[1:], strict=True)) == expected
    assert run.state(run.steps).sum() == run.loaded[-1] >= run.asked
    assert run.state(0).sum() == run.major[0] == run.minor[0] == 0


def test_a_planted_bug_is_seen_by_the_twin():
    run = read_mapped("in order", "normal", 32, 1, 256, 40)
    assert list(run.major[1:]) != [major for major, _, _ in twin(run.starts.tolist(), 1, 256, 16)]


def test_shuffled_slices_bring_in_more_than_they_ask_for():
    normal, random = (read_mapped("shuffled", advice, 2048) for advice in ADVICE)
    assert (normal.asked, normal.loaded[-1], normal.major[-1], normal.minor[-1]) == (64, 16_384, 11, 50)
    assert (random.loaded[-1], random.major[-1], random.minor[-1]) == (64, 64, 0)
    assert read_mapped("in order", "normal", 2048).loaded[-1] == 2048


def test_reasons_name_the_fault_and_the_pages():
    run = read_mapped("in order", "normal", 8, 1, 256, 6)
    assert run.why(1) == "page 0 is not in memory: a major fault, which reads pages 0 to 7."
    assert run.why(2) == "page 1 is in the page cache but not mapped yet: a minor fault."
    assert run.why(3) == "page 2 is mapped already: no fault."
    assert read_mapped("shuffled", "random").why(1).endswith("reads only this page.")
    assert len(run.table()) == run.steps == 6


def test_slices_lie_apart_and_in_the_file():
    for order in ORDERS:
        starts = slices_in(order, 4, 1024, 64)
        assert len(np.unique(starts)) == 64 and (starts % 4 == 0).all() and starts.max() + 4 <= 1024


def test_lines_of_the_guide():
    costs = line_costs(1024)
    assert dict(zip(costs.lines, costs.faults, strict=True))["sum the batch"] == 32
    assert (costs.faults[7], costs.faults[8]) == (2048, 4)
    assert line_costs(1).faults[5] == 1 and line_costs(33).faults[5] == 2
    assert str(costs).startswith("mmap the file: 0, slice header: 1") and len(costs.table()) == 9


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: read_mapped("backwards"), "order='backwards': allowed are 'in order', 'shuffled'"),
        (lambda: read_mapped(advice="none"), "advice='none'"),
        (lambda: read_mapped(read_ahead=-1), "read_ahead=-1"),
        (lambda: read_mapped(read_ahead=True), "read_ahead=True"),
        (lambda: read_mapped(read_ahead=1.5), "read_ahead=1.5"),
        (lambda: read_mapped(slice_pages=300), "slice_pages=300"),
        (lambda: read_mapped(slices=0), "slices=0"),
        (lambda: line_costs(0), "rows=0"),
        (lambda: line_costs(9000), "rows=9000"),
        (lambda: line_costs(True), "rows=True"),
    ],
)
def test_refuses(call, message):
    with pytest.raises(TypeError if message.endswith(("=True", "=1.5")) else ValueError, match=message):
        call()
