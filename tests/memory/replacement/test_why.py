"""States and reasons, recomputed from the events alone."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import POLICIES, simulate

traces = st.lists(st.integers(0, 7), min_size=1, max_size=60)
BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]


def residents(result):
    """Yield the pages in memory after each step, replayed from hits and evictions."""
    memory = set()
    yield set(memory)
    pages, evicted = result.trace.numbers.tolist(), result.evicted.tolist()
    for page, hit, gone in zip(pages, result.hit, evicted, strict=True):
        assert hit == (page in memory)
        memory.discard(gone)
        memory.add(page)
        yield set(memory)


def last_uses(trace, step, memory):
    return {page: max(k + 1 for k in range(step - 1) if trace[k] == page) for page in memory}


def load_times(trace, result, step, memory):
    return {page: max(k + 1 for k in range(step - 1) if trace[k] == page and not result.hit[k]) for page in memory}


def uses_since_loading(trace, result, step, memory):
    loaded = load_times(trace, result, step, memory)
    return {page: trace[loaded[page] - 1 : step - 1].count(page) for page in memory}


def next_uses(trace, step, memory):
    return {page: trace.index(page, step) + 1 if page in trace[step:] else None for page in memory}


RECOMPUTED = {
    "fifo": lambda trace, result, step, memory: load_times(trace, result, step, memory),
    "lru": lambda trace, result, step, memory: last_uses(trace, step, memory),
    "lfu": uses_since_loading,
    "opt": lambda trace, result, step, memory: next_uses(trace, step, memory),
}


@pytest.mark.parametrize("policy", list(POLICIES))
def test_states_hold_the_pages_that_the_events_leave(policy):
    @settings(max_examples=15, deadline=None)
    @given(traces, st.integers(1, 5))
    def check(trace, frames):
        result = simulate(trace, policy, frames)
        where = {}
        for step, memory in enumerate(residents(result)):
            state = result.state(step)
            assert set(state.resident) == memory
            assert len(state.resident) == len(memory)
            assert len(state.frames) == frames
            assert state.step == step
            now = {page: state.frames.index(page) for page in memory}
            assert all(where[page] == now[page] for page in memory & where.keys())
            where = now
            shown = [page for name, pages in state.lists.items() if "gone" not in name for page in pages]
            assert sorted(shown) == sorted(memory), "the lists together hold each page in memory once"
            gone = [page for name, pages in state.lists.items() if "gone" in name for page in pages]
            assert not memory & set(gone)
            assert state.hand is None or state.hand in memory

    check()


@pytest.mark.parametrize("policy", list(POLICIES))
def test_reasons_name_the_page_that_goes(policy):
    @settings(max_examples=15, deadline=None)
    @given(traces, st.integers(1, 4))
    def check(trace, frames):
        result = simulate(trace, policy, frames)
        memories = list(residents(result))
        for step in range(1, len(trace) + 1):
            why, gone = result.why(step), int(result.evicted[step - 1])
            assert why.startswith(f"Page {trace[step - 1]} is ")
            assert (": a hit" in why) == bool(result.hit[step - 1])
            reason = result.reason(step)
            assert (reason is None) == (gone < 0)
            if reason is not None:
                assert f"Page {gone} is evicted: " in why
                assert gone in reason.values
                assert set(reason.values) <= memories[step - 1]

    check()


@pytest.mark.parametrize("policy", [key for key in RECOMPUTED if key in POLICIES])
def test_values_compared_are_right_and_the_loser_has_the_worst(policy):
    @settings(max_examples=25, deadline=None)
    @given(traces, st.integers(1, 4))
    def check(trace, frames):
        result = simulate(trace, policy, frames)
        for step, memory in enumerate(list(residents(result))[:-1], start=1):
            reason = result.reason(step)
            if reason is None:
                continue
            assert reason.values == RECOMPUTED[policy](trace, result, step, memory)
            loser = reason.values[int(result.evicted[step - 1])]
            if policy == "opt":
                assert loser is None or loser == max(filter(None, reason.values.values()))
                assert loser is None or None not in reason.values.values()
            else:
                assert loser == min(reason.values.values())

    check()


def test_recomputed_values_differ_where_the_rule_is_another():
    """The check above can fail: FIFO's load times are not LRU's last uses."""
    result = simulate([1, 2, 1, 3], "fifo", 2)
    assert load_times([1, 2, 1, 3], result, 4, {1, 2}) != last_uses([1, 2, 1, 3], 4, {1, 2})


def test_lru_says_when_pages_were_used():
    assert simulate(BELADY, "lru", 3).why(4) == (
        "Page 4 is not in memory: a fault. Page 1 is evicted: last used at 1; page 2 was used at 2."
    )


def test_clock_tells_what_the_hand_passed():
    result = simulate([1, 2, 3, 4, 2, 5], "clock", 3)
    assert result.why(4).endswith("every R bit was set, the hand cleared them all and came round to it.")
    assert result.why(5) == "Page 2 is in frame 1: a hit; its R bit is set."
    assert result.why(6).endswith("Page 3 is evicted: its R bit is clear; the hand passed page 2 and cleared its bit.")
    state = result.state(5)
    assert state.values["R"] == {4: 1, 2: 1, 3: 0}
    assert state.hand == 2
    assert state.frames == (4, 2, 3)


@pytest.mark.parametrize(
    ("step", "error"), [(-1, ValueError), (13, ValueError), (1.0, TypeError), (True, TypeError), ("3", TypeError)]
)
def test_steps_out_of_range(step, error):
    result = simulate(BELADY, "lru", 3)
    with pytest.raises(error, match="step="):
        result.state(step)
    with pytest.raises(error, match="step="):
        result.why(step)
