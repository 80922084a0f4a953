"""References that write: the policies with R and M bits against their twins, and the pages written back, recounted."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import POLICIES, Trace, simulate
from tests.naive.replacement import NAIVE

NOTING = [
    ("clock_dirty", {}),
    ("nru", {"interval": 4}),
    ("nru", {"interval": 1}),
    ("aging", {"interval": 3}),
    ("wsclock", {"tau": 1}),
    ("wsclock", {"tau": 5}),
]
referenced = st.lists(st.tuples(st.integers(0, 9), st.booleans()), min_size=1, max_size=100)


def split(references):
    return [page for page, _ in references], [write for _, write in references]


def events(result):
    return [(bool(hit), None if gone < 0 else int(gone)) for hit, gone in zip(result.hit, result.evicted, strict=True)]


def recounted(pages, writes, evicted):
    """Pages that were dirty when they went."""
    dirty, written = set(), 0
    for page, write, gone in zip(pages, writes, evicted, strict=True):
        written += gone in dirty
        dirty.discard(gone)
        if write:
            dirty.add(page)
    return written


@pytest.mark.parametrize(("policy", "options"), NOTING)
def test_equals_its_twin_where_some_references_write(policy, options):
    @settings(max_examples=150, deadline=None)
    @given(referenced, st.integers(1, 7))
    def check(references, frames):
        pages, writes = split(references)
        ours = simulate(Trace(pages, writes=writes), policy, frames, **options)
        assert events(ours) == list(NAIVE[policy](pages, frames, writes=writes, **options))

    check()


@pytest.mark.parametrize("policy", list(POLICIES))
def test_pages_written_back_recounted(policy):
    @settings(max_examples=30, deadline=None)
    @given(referenced, st.integers(1, 5))
    def check(references, frames):
        pages, writes = split(references)
        run = simulate(Trace(pages, writes=writes), policy, frames)
        if policy == "wsclock":
            written = []
            list(NAIVE["wsclock"](pages, frames, writes=writes, written=written))
            assert run.writebacks == len(written) >= recounted(pages, [False] * len(pages), run.evicted.tolist())
        else:
            assert run.writebacks == recounted(pages, writes, run.evicted.tolist())

    check()


def test_without_writes_nothing_is_written_back():
    assert simulate([1, 2, 3, 1], "clock_dirty", 2).writebacks == 0


def test_a_clean_page_goes_before_a_dirty_one():
    """Both not used since the hand passed: page 1 is older, but it was written."""
    run = simulate(Trace("1w 2 3 4"), "clock_dirty", 3)
    assert run.evicted.tolist() == [-1, -1, -1, 2] and run.writebacks == 0
    assert run.why(4).endswith(
        "Page 2 is evicted: the first from the hand on that is not used, clean once the hand had cleared the R bits."
    )
    assert str(run).endswith("(miss ratio 1), 0 pages written back")


def test_nru_takes_the_lowest_class():
    """Tanenbaum's classes, R cleared before reference 5: page 1 is (0, 1), 2 is (1, 0), 3 is (0, 0)."""
    run = simulate(Trace("1w 2 3 3 2 4"), "nru", 3, interval=4)
    assert run.evicted.tolist()[-1] == 3 and "it is in class 0; page 1 is in class 1" in run.why(6)


def test_a_trace_with_writes_is_sliced_and_printed_with_them():
    trace = Trace("A Bw A C", "demo")
    assert trace.writes.tolist() == [False, True, False, False] and trace.letters
    assert (
        trace[1:3].writes.tolist() == [True, False] and str(trace) == "Trace(demo: A, Bw, A, C; 4 references, 3 pages)"
    )
    assert Trace([1, 2], writes=[0, 1]).writes.tolist() == [False, True]
    for wrong in ([1], [1, 2], "ab", [[1, 0]], np.array([0.5, 1])):
        with pytest.raises(ValueError, match="writes="):
            Trace([1, 2], writes=wrong)


def test_letters_stay_letters_in_reasons_states_and_tables():
    run = simulate("A B C A D", "lru", 3)
    assert run.why(5) == "Page D is not in memory: a fault. Page B is evicted: last used at 2; page C was used at 3."
    assert str(run.state(5).frames) == "(A, D, C)" and run.table()[4] == {
        "step": 5,
        "page": 3,
        "result": "fault",
        "evicted": 1,
    }
    assert str(run.table()[4]["page"]) == "D"
