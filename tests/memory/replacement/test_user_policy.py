"""The learner's own policy: run by `simulate`, judged by the laws, drawn; each law broken on purpose."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from matplotlib.figure import Figure

from oslab import memory
from oslab.memory import FaultGrid, FaultsByFrames, Trace, judge, miss_ratio_curve, simulate
from oslab.memory.replacement_laws import LAWS, small_traces

BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
traces = st.lists(st.integers(0, 9), min_size=1, max_size=80)


class Queue:
    """FIFO, as a learner writes it."""

    def __init__(self, frames):
        self.frames, self.pages = frames, []

    def hit(self, page):
        pass

    def evict(self, page):
        goes = self.pages.pop(0) if len(self.pages) == self.frames else None
        self.pages.append(page)
        return goes


class Stack(Queue):
    """LRU."""

    label = "my LRU"

    def hit(self, page):
        self.pages.remove(page)
        self.pages.append(page)


class Newest(Stack):
    """The page used last goes: beats LRU on a loop."""

    def evict(self, page):
        goes = self.pages.pop() if len(self.pages) == self.frames else None
        self.pages.append(page)
        return goes


@pytest.mark.parametrize(("own", "built_in"), [(Queue, "fifo"), (Stack, "lru")])
def test_a_class_that_is_a_built_in_policy_gives_the_same(own, built_in):
    @settings(max_examples=40, deadline=None)
    @given(traces, st.integers(1, 6))
    def check(trace, frames):
        mine, theirs = simulate(trace, own, frames), simulate(trace, built_in, frames)
        assert mine.hit.tolist() == theirs.hit.tolist()
        assert mine.evicted.tolist() == theirs.evicted.tolist()

    check()


def test_result_state_and_reason():
    run = simulate(BELADY, Stack, 3)
    assert str(run) == "my LRU, 3 frames: 10 faults in 12 references (miss ratio 0.833)"
    state = run.state(5)
    assert set(state.resident) == {3, 4, 1}
    assert state.lists == {"pages": (3, 4, 1)}
    assert run.why(4).endswith("Page 1 is evicted: evict(4) chose it; last used at 1.")
    assert "last used at 3, while page 1 was used at 1" in simulate(BELADY, Newest, 3).why(4)
    assert run.why(2) == "Page 2 is not in memory: a fault. Frame 1 is free."


def test_attributes_are_shown_as_far_as_they_can_be():
    class Counting:
        def __init__(self):
            self._uses, self.hand, self.now, self.odd = {}, None, 0, "x"

        def hit(self, page):
            self._uses[page] += 1

        def evict(self, page):
            self.now += 1
            goes = None
            if len(self._uses) == 2:
                goes = min(self._uses, key=self._uses.get)
                del self._uses[goes]
            self._uses[page], self.hand = 1, page
            return goes

    state = simulate([5, 5, 6, 7], Counting, 2).state(4)
    assert state.values == {"uses": {5: 2, 7: 1}}
    assert (state.hand, state.numbers, state.lists) == (7, {"now": 3}, {"by loading": (5, 7)})


def test_curve_and_slices_take_it_too():
    trace = Trace(np.arange(200) % 9)
    curve = miss_ratio_curve(trace, Newest, [3, 9])
    assert curve.faults.tolist() == [simulate(trace, Newest, 3).faults, 9]
    run = memory.ReplacementRun(trace, Queue, 4)
    for n in itertools.cycle([1, 3]):
        if run.finished:
            break
        run.advance(n)
    assert run.faults == simulate(trace, "fifo", 4).faults


class Ghosts(Queue):
    def evict(self, page):
        super().evict(page)
        return 99


class Hoarder(Queue):
    def evict(self, page):
        return None


class Hasty(Queue):
    def evict(self, page):
        if self.frames == 1:
            return super().evict(page)
        goes = self.pages.pop(0) if len(self.pages) == self.frames - 1 else None
        self.pages.append(page)
        return goes


class Worded(Queue):
    def evict(self, page):
        return ...


class Crashing(Queue):
    def hit(self, page):
        raise KeyError(page)


class Moody(Queue):
    turn = itertools.count()

    def evict(self, page):
        place = next(Moody.turn) % 2
        goes = self.pages.pop(place if self.frames > 1 else 0) if len(self.pages) == self.frames else None
        self.pages.append(page)
        return goes


@pytest.mark.parametrize(
    ("policy", "law", "trace", "frames"),
    [
        (Ghosts, "only a page in memory can go", (1,), 1),
        (Hoarder, "never more pages than frames", (1, 2), 1),
        (Hasty, "no page is evicted while a frame is free", (1, 2), 2),
        (Worded, "evict returns a page or None", (1,), 1),
        (Crashing, "its code runs", (1, 1), 1),
    ],
)
def test_each_law_is_broken_on_the_smallest_trace(policy, law, trace, frames):
    found = judge(policy)
    assert (found.broken, found.trace, found.frames) == (law, trace, frames)
    assert not found.lawful and law in str(found) and policy.__name__ in found.message
    assert [row["law"] for row in found.table() if row["holds"] == "no"] == [law]


def test_a_policy_that_answers_differently_each_time_is_caught():
    assert judge(Moody).broken == "same trace, same evictions"


def test_beating_opt_is_caught(monkeypatch):
    """No class can: so the bound itself is broken here."""
    from oslab.memory import replacement_laws

    monkeypatch.setattr(
        replacement_laws,
        "ReplacementRun",
        lambda trace, policy, frames, record: memory.ReplacementRun(trace, "fifo", frames, record=False),
    )
    assert judge(Stack).broken == "OPT is never beaten"


def test_a_rare_mistake_is_found_on_longer_traces_and_cut_down():
    class Late(Queue):
        count = 0

        def evict(self, page):
            self.count += 1
            return super().evict(page) if self.count < 9 else None

    found = judge(Late)
    assert found.broken == "never more pages than frames"
    assert len(found.trace) == 9


@pytest.mark.parametrize("policy", [Queue, Stack, Newest, "fifo", "sieve"])
def test_lawful_policies_pass(policy):
    found = judge(policy)
    assert found.lawful and found.trace == () and found.runs > 700
    assert {row["holds"] for row in found.table()} == {"yes"} and len(found.table()) == len(LAWS)
    assert "keeps all 7 laws" in str(found)


def test_small_traces_come_shortest_first_and_once():
    found = [tuple(trace) for trace in small_traces(5, 3)]
    assert [len(t) for t in found] == sorted(len(t) for t in found)
    assert len(set(found)) == len(found) == 1 + 2 + 5 + 14 + 41


class NoHit:
    def evict(self, page):
        return None


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (NoHit, "no method hit"),
        (Queue(3), "give the class"),
        (int, "no method hit"),
        (3, "policy=3: allowed are fifo, lru"),
    ],
)
def test_what_is_no_policy(policy, said):
    with pytest.raises((TypeError, ValueError), match=said):
        simulate(BELADY, policy, 3)


def test_no_options_for_a_class():
    with pytest.raises(TypeError, match="no such option"):
        simulate(BELADY, Queue, 3, seed=1)


def test_errors_of_the_learners_code_say_where():
    with pytest.raises(KeyError) as raised:
        simulate([1, 2, 1], Crashing, 2)
    assert "reference 3: raised by hit(1); in memory: 1, 2" in raised.value.__notes__[0]


def test_drawn_beside_the_others():
    view = FaultsByFrames(Figure(figsize=FaultsByFrames.size))
    result = memory.fault_counts([1, 2, 3, 4] * 4, ("lru", "opt", Newest, Worded), focus=3)
    view.update(result)
    assert result.faults["my LRU"].tolist()[:4] == [16, 12, 8, 4] and result.faults["lru"].tolist()[:4] == [
        16,
        16,
        16,
        4,
    ]
    assert "my LRU 8" in view.title
    assert "Worded is not drawn: Worded, reference 1" in view.describe(result)
    grid = FaultGrid(Figure(figsize=FaultGrid.size))
    run = simulate(BELADY, Newest, 3)
    for step in (0, 5, 12):
        grid.update(run, step)
        assert str(int(np.count_nonzero(~run.hit[:step]))) in grid.title
