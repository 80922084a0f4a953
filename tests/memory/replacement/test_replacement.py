"""Every policy against its naive twin, the published fault counts, and the shape of a result."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.memory import POLICIES, ReplacementRun, Trace, simulate
from tests.naive.replacement import NAIVE, second_chance

BELADY = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
SILBERSCHATZ = [7, 0, 1, 2, 0, 3, 0, 4, 2, 3, 0, 3, 2, 1, 2, 0, 1, 7, 0, 1]
CLEAR = {"reference_on_load": False}
FAULTS = [  # Belady with 3 and 4 frames, Silberschatz with 3
    ("fifo", {}, 9, 10, 15),
    ("lru", {}, 10, 8, 12),
    ("opt", {}, 7, 6, 9),
    ("clock", {}, 9, 10, 14),
    ("clock", CLEAR, 10, 8, 11),
]
VARIANTS = [(key, {}) for key in POLICIES] + [("clock", CLEAR)]
VARIANTS += [
    ("random", {"seed": 7}),
    ("twoq", {"a1in": 0.5, "a1out": 0.3}),
    ("lirs", {"hir": 0.4}),
    ("s3fifo", {"small": 0.4}),
    ("lfu", {"tie": "fifo"}),
    ("nru", {"interval": 1}),
    ("aging", {"interval": 3}),
    ("wsclock", {"tau": 2}),
]
VARIANTS = [variant for variant in VARIANTS if variant[0] in POLICIES]
traces = st.lists(st.integers(0, 11), min_size=1, max_size=120)


def events(result):
    return [(bool(hit), None if gone < 0 else int(gone)) for hit, gone in zip(result.hit, result.evicted, strict=True)]


def small_traces(length, pages):
    """Every trace up to renaming: each page number is at most one above all before it."""

    def grow(trace, known):
        if trace:
            yield trace
        if len(trace) < length:
            for page in range(min(known + 1, pages)):
                yield from grow([*trace, page], max(known, page + 1))

    return grow([], 0)


def test_every_registered_policy_has_a_naive_twin():
    assert set(POLICIES) <= set(NAIVE), f"write a twin of {set(POLICIES) - set(NAIVE)} in tests/naive"


@pytest.mark.parametrize(("policy", "options", "belady3", "belady4", "silberschatz"), FAULTS)
def test_fault_counts_of_the_textbooks(policy, options, belady3, belady4, silberschatz):
    assert simulate(BELADY, policy, 3, **options).faults == belady3
    assert simulate(BELADY, policy, 4, **options).faults == belady4
    assert simulate(SILBERSCHATZ, policy, 3, **options).faults == silberschatz


PUBLISHED = [
    # Tanenbaum, Modern Operating Systems, problems of chapter 3: 8 pages, 4 frames
    ("0172327103", {4: {"fifo": 6, "lru": 7}}),
    # Silberschatz, Galvin, Gagne, Operating System Concepts, 9th ed., exercise 9.8
    (
        "1 2 3 4 2 1 5 6 2 1 2 3 7 6 3 2 1 2 3 6",
        {
            1: {"lru": 20, "fifo": 20, "opt": 20},
            2: {"lru": 18, "fifo": 18, "opt": 15},
            3: {"lru": 15, "fifo": 16, "opt": 11},
            4: {"lru": 10, "fifo": 14, "opt": 8},
            5: {"lru": 8, "fifo": 10, "opt": 7},
            6: {"lru": 7, "fifo": 10, "opt": 7},
            7: {"lru": 7, "fifo": 7, "opt": 7},
        },
    ),
    # Silberschatz, Galvin, Gagne, 9th ed., practice exercise with three frames
    ("7 2 3 1 2 5 3 4 6 7 7 1 0 5 4 6 2 3 0 1", {3: {"lru": 18, "fifo": 17, "opt": 13}}),
    # Stallings, Operating Systems, figure 8.15: three frames; he counts faults after the frames are full (3 more here)
    ("2 3 2 1 5 2 4 5 3 2 5 2", {3: {"opt": 6, "lru": 7, "fifo": 9, "clock": 8}}),
    # GATE CS 2014, set 1
    ("4 7 6 1 7 6 1 2 7 2", {3: {"lru": 6}}),
    # GATE CS 2010: 100 pages in some order, then in the reverse order
    ("0-99 99-0", {4: {"fifo": 196}}),
]


@pytest.mark.parametrize(("text", "answers"), PUBLISHED)
def test_published_exercises(text, answers):
    for frames, faults in answers.items():
        assert {policy: simulate(text, policy, frames).faults for policy in faults} == faults


@pytest.mark.parametrize(("policy", "options"), VARIANTS)
def test_equals_its_twin_on_every_small_trace(policy, options):
    naive = NAIVE[policy]
    for trace in small_traces(7, 4):
        for frames in range(1, 5):
            ours = events(simulate(trace, policy, frames, **options))
            assert ours == list(naive(trace, frames, **options)), (trace, frames)


@pytest.mark.parametrize(("policy", "options"), VARIANTS)
def test_equals_its_twin_on_generated_traces(policy, options):
    @settings(max_examples=60, deadline=None)
    @given(traces, st.integers(1, 9))
    def check(trace, frames):
        ours = events(simulate(trace, policy, frames, **options))
        assert ours == list(NAIVE[policy](trace, frames, **options))

    check()


@pytest.mark.parametrize(("policy", "options"), VARIANTS)
def test_equals_its_twin_on_a_longer_trace(policy, options):
    rng = np.random.default_rng(5)
    trace = np.minimum(rng.geometric(0.02, 4000), 150).tolist() + list(range(100, 180)) * 4
    for frames in (1, 2, 40, 64):
        ours = events(simulate(trace, policy, frames, **options))
        assert ours == list(NAIVE[policy](trace, frames, **options))


def test_a_planted_bug_is_seen_by_the_twins():
    def last_in_first_out(trace, frames):
        queue = []
        for page in trace:
            hit, gone = page in queue, None
            if not hit:
                if len(queue) == frames:
                    gone = queue.pop()
                queue.append(page)
            yield hit, gone

    assert any(events(simulate(trace, "fifo", 2)) != list(last_in_first_out(trace, 2)) for trace in small_traces(5, 4))


@settings(max_examples=80, deadline=None)
@given(traces, st.integers(1, 7), st.booleans())
def test_second_chance_as_a_queue_is_clock(trace, frames, on_load):
    queue = list(second_chance(trace, frames, on_load))
    assert events(simulate(trace, "clock", frames, reference_on_load=on_load)) == queue


def test_second_chance_differs_from_clock_with_the_other_convention():
    assert events(simulate(SILBERSCHATZ, "clock", 3)) != list(second_chance(SILBERSCHATZ, 3, False))


@pytest.mark.parametrize(("policy", "options"), VARIANTS)
def test_a_run_in_slices_equals_the_whole(policy, options):
    trace = Trace(np.random.default_rng(3).zipf(1.3, 3000) % 97)
    whole = simulate(trace, policy, 20, **options)
    run = ReplacementRun(trace, policy, 20, **options)
    for length in itertools.cycle([1, 7, 250]):
        if run.finished:
            break
        run.advance(length)
    assert events(run.result()) == events(whole)
    counted = ReplacementRun(trace, policy, 20, record=False, **options)
    counted.advance(len(trace))
    assert counted.faults == whole.faults == np.count_nonzero(~whole.hit)


@pytest.mark.parametrize("policy", list(POLICIES))
def test_page_numbers_do_not_matter_only_their_order_of_arrival(policy):
    trace = np.random.default_rng(4).integers(0, 12, 300)
    names = np.random.default_rng(5).permutation(12) * 2**58 // 3
    plain, renamed = simulate(trace, policy, 5), simulate(names[trace], policy, 5)
    assert (plain.hit == renamed.hit).all()
    gone = plain.evicted >= 0
    assert (names[plain.evicted[gone]] == renamed.evicted[gone]).all()


@pytest.mark.parametrize("policy", list(POLICIES))
def test_more_frames_than_pages_fault_once_a_page(policy):
    result = simulate(BELADY, policy, 10**12)
    assert result.faults == 5
    assert (result.evicted == -1).all()


@pytest.mark.parametrize("frames", [0, -3, 2**63])
def test_frames_out_of_range(frames):
    with pytest.raises(ValueError, match=r"frames=.*allowed are whole numbers from 1 up"):
        simulate(BELADY, "lru", frames)


@pytest.mark.parametrize("frames", ["3", None, True, [3], 2.5, float("nan")])
def test_frames_of_another_type(frames):
    with pytest.raises(TypeError, match=r"frames=.*allowed are whole numbers from 1 up"):
        simulate(BELADY, "lru", frames)


def test_unknown_policy_and_option():
    with pytest.raises(ValueError, match="policy='lifo': allowed are 'fifo', 'lru'"):
        simulate(BELADY, "lifo", 3)
    with pytest.raises(TypeError, match="'lru' has no such option"):
        simulate(BELADY, "lru", 3, reference_on_load=True)
    with pytest.raises(TypeError, match="reference_on_load=1"):
        simulate(BELADY, "clock", 3, reference_on_load=1)


def test_result_tells_the_story():
    result = simulate(BELADY, "fifo", 3)
    assert str(result) == "FIFO, 3 frames: 9 faults in 12 references (miss ratio 0.75)"
    assert result.table()[3] == {"step": 4, "page": 4, "result": "fault", "evicted": 1}
    long = simulate(np.arange(5000) % 7, "fifo", 3).table()
    assert len(long) == 20
    assert long[0] == {"steps": "1 to 250", "faults": 250, "miss ratio": 1.0}


def test_result_without_a_record():
    run = ReplacementRun(BELADY, "fifo", 3, record=False)
    run.advance()
    with pytest.raises(ValueError, match="record=True"):
        run.result()


@pytest.mark.parametrize(
    ("policy", "peer", "options"),
    [
        ("fifo", "FIFO", {}),
        ("lru", "LRU", {}),
        ("clock", "Clock", CLEAR),
        ("sieve", "Sieve", {}),
        ("opt", "Belady", {}),
    ],
)
def test_equals_libcachesim(policy, peer, options):
    libcachesim = pytest.importorskip("libcachesim")
    if policy not in POLICIES:
        pytest.skip("not registered")
    rng = np.random.default_rng(11)
    for pages, frames in ((rng.zipf(1.2, 3000) % 300, 40), (rng.integers(0, 50, 1500), 12)):
        trace = Trace(pages)
        cache = getattr(libcachesim, peer)(frames)
        hits = []
        for k, page in enumerate(trace.dense.tolist()):
            request = libcachesim.Request()
            request.obj_id, request.obj_size, request.clock_time = page + 1, 1, k
            later = int(trace.next_use[k])
            request.next_access_vtime = later + 1 if later != 0xFFFFFFFF else np.iinfo(np.int64).max
            hits.append(cache.get(request))
        ours = simulate(trace, policy, frames, **options)
        assert np.array_equal(ours.hit, hits)
