"""Banker, lock order, philosophers and the bounded buffer: facts, laws, brute force, bad input."""

import itertools

import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

from oslab.synchronization import (
    allocation_graph,
    amdahl,
    check,
    count_in_every_way,
    decide,
    detect,
    dine,
    find_deadlock,
    flow,
    is_safe,
    lock,
    lock_order,
    meals_per_second,
    philosophers,
    review,
    safe_sequences,
    serve,
    try_mistake,
    unlock,
    worst_loss,
)
from oslab.synchronization.deadlock import CONDITIONS
from oslab.synchronization.lock_graph import find_cycles

ALLOCATION = [[0, 1, 0], [2, 0, 0], [3, 0, 2], [2, 1, 1], [0, 0, 2]]
MAXIMUM = [[7, 5, 3], [3, 2, 2], [9, 0, 2], [2, 2, 2], [4, 3, 3]]


def works(order, free, maximum, allocation):
    """Whether processes can finish in this order, from the rule."""
    free = list(free)
    for p in order:
        if any(m - a > f for m, a, f in zip(maximum[p], allocation[p], free)):
            return False
        free = [f + a for f, a in zip(free, allocation[p])]
    return True


def test_silberschatz():
    found = list(safe_sequences([3, 3, 2], MAXIMUM, ALLOCATION))
    assert len(found) == 16 and (1, 3, 4, 2, 0) in found and is_safe([3, 3, 2], MAXIMUM, ALLOCATION) in found
    assert review([3, 3, 2], MAXIMUM, ALLOCATION).need.tolist() == [
        [7, 4, 3],
        [1, 2, 2],
        [6, 0, 0],
        [0, 1, 1],
        [4, 3, 1],
    ]
    first = decide([3, 3, 2], MAXIMUM, ALLOCATION, 1, [1, 0, 2])
    free, given = first.after.available[0], first.after.allocation
    assert first.answer == "granted" and free.tolist() == [2, 3, 0]
    assert decide(free, MAXIMUM, given, 4, [3, 3, 0]).answer == "wait"
    assert decide(free, MAXIMUM, given, 0, [0, 2, 0]).answer == "denied"


@st.composite
def states(draw):
    n, types = draw(st.integers(1, 7)), draw(st.integers(1, 3))
    matrix = st.lists(st.lists(st.integers(0, 4), min_size=types, max_size=types), min_size=n, max_size=n)
    allocation, more = draw(matrix), draw(matrix)
    free = draw(st.lists(st.integers(0, 4), min_size=types, max_size=types))
    return free, [[a + b for a, b in zip(*rows)] for rows in zip(allocation, more)], allocation


@settings(max_examples=60, deadline=None)
@given(states())
def test_banker_agrees_with_all_orders(state):
    right = [order for order in itertools.permutations(range(len(state[1]))) if works(order, *state)]
    found = is_safe(*state)
    assert (found is not None) == bool(right) and (found is None or found in right)
    if len(state[1]) <= 5:
        assert list(safe_sequences(*state)) == right


def test_the_comparison_notices_a_planted_bug():
    """A check that compares what is free with the maximum, not the need, finds this safe state unsafe."""
    state = ([0], [[1]], [[1]])
    assert is_safe(*state) == (0,) and not all(m <= state[0][0] for m in state[1][0])


@settings(max_examples=40, deadline=None)
@given(states(), st.data())
def test_a_grant_leaves_a_safe_state_and_a_denial_an_unsafe_one(state, data):
    free, maximum, allocation = state
    p = data.draw(st.integers(0, len(maximum) - 1))
    request = [data.draw(st.integers(0, m - a)) for m, a in zip(maximum[p], allocation[p])]
    answer = decide(*state, p, request)
    assert not answer.over
    assume(answer.answer != "wait")
    assert all(r <= f for r, f in zip(request, free))
    given = [list(row) for row in allocation]
    given[p] = [a + r for a, r in zip(given[p], request)]
    safe = (
        any(
            works(order, [f - r for f, r in zip(free, request)], maximum, given)
            for order in itertools.permutations(range(len(maximum)))
        )
        if len(maximum) <= 5
        else answer.after.safe
    )
    assert (answer.answer == "granted") == safe


@pytest.mark.parametrize(
    "arguments, said",
    [
        (([1], [[1]], [[2]]), "allocation, row 0, column 0: 2 is above its maximum 1"),
        (([1], [[1], [-1]], [[0], [0]]), "maximum[1, 0]=-1"),
        (([1, 1], [[1, 1], [1]], [[0, 0], [0, 0]]), "maximum, row 1: 1 columns"),
        (([1], [[1, 1]], [[0, 0]]), "available=[1]: 1 resource type, the others have 2"),
        (([1], [[1]], [[0], [0]]), "allocation has 2 rows"),
        (([], [[]], [[]]), "is empty"),
    ],
)
def test_inconsistent_matrices_are_named(arguments, said):
    with pytest.raises(ValueError) as caught:
        is_safe(*arguments)
    assert said in str(caught.value)


def test_bad_requests_are_named():
    over = decide([3, 3, 2], MAXIMUM, ALLOCATION, 1, [2, 0, 0])
    assert over.answer == "denied" and over.over and "at most (1 2 2) more" in over.reason and over.after is over.before
    with pytest.raises(ValueError, match="process=5"):
        decide([3, 3, 2], MAXIMUM, ALLOCATION, 5, [0, 0, 0])
    with pytest.raises(ValueError, match=r"maximum\[0, 1\]=0.5"):
        is_safe([1, 1], [[1, 0.5]], [[0, 0]])
    for process in (True, 0.0, "1"):
        with pytest.raises(TypeError, match="process="):
            decide([3, 3, 2], MAXIMUM, ALLOCATION, process, [0, 0, 0])


def test_a_denial_without_any_step_is_a_result_of_its_own():
    """The banker with process 0: nobody could finish, so there is no step 1 (issue 17, 6)."""
    found = decide([1], [[2], [2]], [[0], [1]], 0, [1])
    assert found.answer == "denied" and found.steps == 0 and found.state(0).tolist() == [0]
    with pytest.raises(ValueError, match="step=1"):
        found.state(1)
    with pytest.raises(ValueError, match="step=0"):
        found.why(0)


def test_deadlocks_of_silberschatz_are_detected():
    """Operating System Concepts, section 8.6.2: with the requests first given all finish, with one more C four do not."""
    held = [[0, 1, 0], [2, 0, 0], [3, 0, 3], [2, 1, 1], [0, 0, 2]]
    wanted = [[0, 0, 0], [2, 0, 2], [0, 0, 0], [1, 0, 0], [0, 0, 2]]
    found = detect([0, 0, 0], held, wanted)
    assert works(found.order, [0, 0, 0], [[a + b for a, b in zip(*rows)] for rows in zip(held, wanted)], held)
    assert sorted(found.order) == [0, 1, 2, 3, 4] and found.deadlocked == ()
    wanted[2] = [0, 0, 1]
    assert detect([0, 0, 0], held, wanted).deadlocked == (1, 2, 3, 4)


def test_the_deadlock_of_tanenbaum_is_detected():
    """Modern Operating Systems, figure 6-7: the third process is first; if it wants a Blu-ray drive too, all are stuck."""
    held, wanted = [[0, 0, 1, 0], [2, 0, 0, 1], [0, 1, 2, 0]], [[2, 0, 0, 1], [1, 0, 1, 0], [2, 1, 0, 0]]
    assert detect([2, 1, 0, 0], held, wanted).order == (2, 1, 0)
    wanted[2] = [2, 1, 0, 1]
    assert detect([2, 1, 0, 0], held, wanted).deadlocked == (0, 1, 2)


@settings(max_examples=60, deadline=None)
@given(states())
def test_the_deadlocked_are_those_that_no_order_finishes(state):
    free, wanted, held = state
    found = detect(free, held, wanted)
    able, grown = set(), True
    while grown:
        now = [f + sum(held[p][j] for p in able) for j, f in enumerate(free)]
        more = {p for p in range(len(held)) if p not in able and all(w <= n for w, n in zip(wanted[p], now))}
        able, grown = able | more, bool(more)
    assert set(found.order) == able
    assert set(found.deadlocked) == {p for p in range(len(held)) if p not in able and any(held[p])}
    assert len(found.table()) == len(held)


def test_a_cycle_is_found_without_recursion_and_of_one_holder_each():
    n = 10_000
    holds = [(f"r{k}", f"p{k}") for k in range(n)]
    ring = find_deadlock(holds, [(f"p{k}", f"r{(k + 1) % n}") for k in range(n)])
    assert len(ring) == 2 * n and set(ring[::2]) == {f"p{k}" for k in range(n)}
    assert find_deadlock(holds, [(f"p{k}", f"r{k + 1}") for k in range(n)]) == ()
    for pairs in ([("r", "p"), ("r", "q")], [("r", "q"), ("r", "p")]):
        with pytest.raises(ValueError, match="'r' is held by .* use detect"):
            find_deadlock(pairs, [])
    with pytest.raises(TypeError, match="holds"):
        find_deadlock([3], [])


@given(st.lists(st.tuples(st.sampled_from("pqrs"), st.sampled_from("abcd")), max_size=8), st.permutations("pqrs"))
def test_a_cycle_is_found_where_there_is_one(requests, owners):
    """Against powers of the relation "waits for"."""
    owner = dict(zip("abcd", owners))
    waits = {(p, owner[r]) for p, r in requests}
    reach = set(waits)
    for _ in range(4):
        reach |= {(a, d) for a, b in reach for c, d in waits if b == c}
    ring = find_deadlock(list(owner.items()), requests)
    assert bool(ring) == any(a == b for a, b in reach)
    for k in range(0, len(ring), 2):
        process, resource, after = ring[k], ring[k + 1], ring[(k + 2) % len(ring)]
        assert (process, resource) in requests and owner[resource] == after


@pytest.mark.parametrize("n", range(2, 9))
@pytest.mark.parametrize("without", CONDITIONS)
def test_without_any_condition_no_deadlock_is_reachable(n, without):
    verdict = check(*philosophers(n, without))
    assert verdict.complete and not verdict.deadlocks and not verdict.failures


@pytest.mark.parametrize("n", range(2, 9))
def test_with_all_four_the_deadlock_is_a_ring(n):
    verdict = check(*philosophers(n))
    ring = find_deadlock(*allocation_graph(verdict.program, verdict.deadlocks[0].run.end))
    assert len(ring) == 2 * n and len(set(ring)) == 2 * n
    assert find_deadlock(*allocation_graph(verdict.program, verdict.deadlocks[0].run.state(n - 1))) == ()


@pytest.mark.parametrize("seed", range(1, 6))
def test_strategies_cost_throughput(seed):
    rate = serve(5, seed=seed).rate
    assert rate["mutual_exclusion"] > rate["hold_and_wait"] > rate["circular_wait"]
    rate = serve(5, 5.0, 0.2, seed).rate
    assert rate["circular_wait"] > 0.9 * rate["mutual_exclusion"]


@pytest.mark.parametrize("without", CONDITIONS)
def test_philosophers_without_a_condition_never_stop_and_keep_to_what_is_possible(without):
    for n, think, eat in ((2, 0.2, 5.0), (3, 0.2, 0.2), (5, 1.0, 1.0)):
        rate, stopped = meals_per_second(n, without, think, eat)
        most = n / (think + eat) if without == "mutual_exclusion" else min(n / (think + eat), (n // 2) / eat)
        assert stopped is None and 0 < rate < 1.5 * most


def test_with_all_four_they_stop_for_good():
    rate, stopped = meals_per_second(3, "", 0.2, 0.2)
    assert 0 < stopped < 100 and rate > 0


def test_bad_dinners_are_named():
    with pytest.raises(ValueError, match="n=9"):
        dine(n=9)
    with pytest.raises(ValueError, match="without='greed'"):
        philosophers(3, "greed")
    for arguments, said in ((dict(n=1), "n=1"), (dict(think=0.0), "think=0.0"), (dict(eat=-1.0), "eat=-1.0")):
        with pytest.raises(ValueError, match=said):
            serve(**arguments)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.permutations("wxyz").map(lambda p: p[:2])), min_size=1, max_size=4)
)
def test_no_cycle_no_deadlock_and_the_order_removes_every_cycle(sections):
    found = lock_order(sections)
    assert found.cycles or not found.verdict.deadlocks
    again = lock_order(found.fixed)
    assert not again.cycles and not again.broken and not again.verdict.deadlocks
    assert bool(found.broken) == bool(found.cycles)
    assert all(tuple(sections[k][1]) == pair or k in found.broken for k, (_, pair) in enumerate(found.fixed))


def test_a_cycle_need_not_be_a_deadlock():
    for text in ("A: x y, A: y x", "A: g x y, B: g y x"):
        assert lock_order(text).cycles and lock_order(text).verdict.safe
    assert lock_order("A: x y, B: y x").verdict.deadlocks


def test_cycles_are_elementary_and_all_there():
    edges = dict.fromkeys(itertools.permutations("abc", 2))
    assert find_cycles(edges) == [("a", "b"), ("a", "c"), ("b", "c"), ("a", "b", "c"), ("a", "c", "b")]


@pytest.mark.parametrize(
    "text",
    [
        "A: x y z, B: y x",
        "A: x->y->z, B: y->x",
        "A: x→y → z; B:y→x",
        "A: x, y, z, B: y, x",
        "A: x y z\nB: y x\n",
        "  A : x > y > z ;; B : y > x , ",
    ],
)
def test_sections_are_read_as_people_write_them(text):
    found = lock_order(text)
    assert found.sections == (("A", ("x", "y", "z")), ("B", ("y", "x"))) and found.verdict.deadlocks


@pytest.mark.parametrize(
    "text, said",
    [
        ("A: x<y", "'<y' is not understood"),
        ("A: x y, B: y-x", "'-x' is not understood"),
        ("A->B", "'A->B' is not understood"),
        ("x y", "'x y' is not understood"),
        ("A: x x", "takes a lock twice"),
        ("", "0 given"),
        ("A: a b c d e f g h", "8 locks"),
    ],
)
def test_bad_sections_are_named(text, said):
    with pytest.raises(ValueError) as caught:
        lock_order(text)
    assert said in str(caught.value)


@pytest.mark.parametrize("sides", [(1, 1), (1, 2), (2, 1), (2, 2)])
@pytest.mark.parametrize("mistake", ["none", "if", "one_condition", "one_broadcast", "no_unlock"])
def test_where_each_mistake_can_fail(mistake, sides):
    verdict = try_mistake(mistake, *sides, size=1).verdict
    fails = mistake == "no_unlock" or (mistake in ("if", "one_condition") and sides != (1, 1))
    assert verdict.complete and verdict.safe is not fails
    if mistake == "if" and fails:
        assert verdict.failures and not verdict.deadlocks
    if mistake == "one_condition" and fails:
        assert verdict.deadlocks and not verdict.failures


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 9), st.integers(1, 30), st.integers(0, 99))
def test_a_flow_never_overfills_and_lets_everything_through(producers, consumers, size, items, seed):
    run = flow(producers, consumers, size, items=items, seed=seed)
    assert run.count.min() >= 0 and run.count.max() <= size and run.count[-1] == 0
    assert np.count_nonzero(np.diff(run.count) > 0) == producers * items
    assert set(np.abs(np.diff(run.count)).tolist()) == {1}
    for t in range(len(run.names)):
        mine = sorted((b, e) for u, b, e, _ in run.spans if u == t)
        assert all(e <= b + 1e-9 for (_, e), (b, _) in zip(mine, mine[1:]))


@settings(max_examples=30, deadline=None)
@given(st.floats(0.5, 5), st.floats(0.5, 5), st.integers(1, 20), st.integers(0, 99))
def test_a_larger_buffer_never_slows_a_pair_down(produce, consume, size, seed):
    ends = [flow(1, 1, places, produce, consume, seed=seed).end for places in (size, size + 1, 50)]
    assert ends[0] >= ends[1] - 1e-9 and ends[1] >= ends[2] - 1e-9


def test_bad_buffers_are_named():
    for arguments, said in ((dict(size=0), "size=0"), (dict(mistake="typo"), "mistake='typo'")):
        with pytest.raises(ValueError, match=said):
            try_mistake(**arguments)
    with pytest.raises(ValueError, match="produce=0"):
        flow(produce=0)


def test_worst_loss_is_what_the_checker_finds():
    for threads, times in ((1, 3), (2, 1), (2, 2), (2, 3), (3, 2), (3, 1)):
        least = min(count_in_every_way(threads, times).outcomes)[0]
        assert worst_loss(times, threads).percent[-1] == pytest.approx(100 * (1 - least / (threads * times)))


def test_amdahl():
    assert amdahl(0.25, 8).speedup[-1] == pytest.approx(1 / (0.25 + 0.75 / 8)) and amdahl(0.25).limit == 4
    assert (
        np.array_equal(amdahl(0.0, 8).speedup, np.arange(1, 9))
        and amdahl(0.3, 2).on_cpus[-1] == amdahl(0.3, 2).speedup[1]
    )
    with pytest.raises(ValueError, match="share=2"):
        amdahl(2)


def test_locks_at_once_are_taken_all_or_none():
    verdict = check([lock("a", "b"), unlock("a", "b")], [lock("b", "a"), unlock("a", "b")])
    assert verdict.safe and verdict.schedules == 2
