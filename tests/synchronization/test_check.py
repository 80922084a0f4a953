"""The exhaustive checker: closed forms, a naive twin on small programs, limits, what is bad input."""

import itertools
import math
from math import comb, factorial

import pytest
from hypothesis import assume, given, settings, strategies as st

from oslab.base.numbers import readable
from oslab.synchronization import (
    add,
    branch,
    broadcast,
    check,
    down,
    enter,
    expect,
    increments,
    jump,
    label,
    leave,
    load,
    lock,
    philosophers,
    play,
    signal,
    store,
    trylock,
    unlock,
    up,
    wait,
)
from tests.naive.interleaving import enumerate_schedules, find_livelocks

MOST_SCHEDULES = 4200  # of independent threads: 4 + 3 + 3 steps; the naive twin walks through each
INCREMENT = [load("r", "x"), add("r", 1), store("x", "r")]


def agree(threads, shared, semaphores=None):
    """Check a program both ways and compare all that is counted."""
    outcomes, ends, nearest = enumerate_schedules(threads, shared, semaphores or {})
    verdict = check(*threads, shared=shared, semaphores=semaphores)
    assert verdict.complete
    assert verdict.outcomes == outcomes
    assert verdict.schedules == sum(ends.values())
    assert sum(t.schedules for t in verdict.deadlocks) == ends["deadlock"]
    assert sum(t.schedules for t in verdict.failures) == ends["failed"]
    for kind, troubles in (("deadlock", verdict.deadlocks), ("failed", verdict.failures)):
        if troubles:
            assert troubles[0].run.steps == nearest[kind]
            assert getattr(troubles[0].run.end, {"deadlock": "stuck", "failed": "failed"}[kind])
    return verdict


@pytest.mark.parametrize("lengths", [(1, 1), (3, 2), (5, 4, 3), (4, 4, 4, 4), (30, 30), (40, 40, 40)])
def test_independent_steps_have_multinomially_many_schedules(lengths):
    verdict = check(
        *[[add(f"y{t}", 1)] * n for t, n in enumerate(lengths)], shared={f"y{t}": 0 for t in range(len(lengths))}
    )
    assert verdict.schedules == factorial(sum(lengths)) // math.prod(map(factorial, lengths))
    assert verdict.states == math.prod(n + 1 for n in lengths)
    assert verdict.outcomes == {lengths: verdict.schedules}


def test_counts_beyond_the_first_limbs_are_exact():
    verdict = check(*[[add(f"y{t}", 1)] * 100 for t in range(2)], shared={"y0": 0, "y1": 0})
    assert verdict.schedules == comb(200, 100) > 2**128


def test_two_increments_lose_in_18_of_20():
    assert check(INCREMENT, INCREMENT, shared={"x": 0}).outcomes == {(1,): 18, (2,): 2}


@pytest.mark.parametrize("threads, times", [(2, 2), (2, 3), (3, 2), (3, 3)])
def test_the_least_of_many_increments_is_two(threads, times):
    outcomes = check(*[INCREMENT * times] * threads, shared={"x": 0}).outcomes
    assert (min(outcomes), max(outcomes)) == ((2,), (threads * times,))
    assert outcomes[(threads * times,)] == factorial(threads * times) // factorial(times) ** threads


@pytest.mark.parametrize("guard", ["lock", "atomic"])
def test_a_guard_leaves_one_outcome(guard):
    assert list(check(*[increments(3, guard)] * 3, shared={"x": 0}).outcomes) == [(9,)]


STEPS = [
    load("r", "x"),
    load("s", "y"),
    add("r", 1),
    add("r", "s"),
    add("x", 2),
    store("x", "r"),
    store("y", 3),
    lock("m"),
    lock("n"),
    lock("m", "n"),
    unlock("m"),
    unlock("n"),
    signal("c"),
    broadcast("c"),
    wait("c", "m"),
    enter("z"),
    leave("z"),
    expect("x", "<", 4),
    branch("r", ">=", 1, "end"),
    branch("x", "!=", "y", "end"),
    trylock("m", "end"),
    jump("end"),
    down("s"),
    up("s"),
]


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(st.sampled_from(STEPS), max_size=5), min_size=1, max_size=3))
def test_agrees_with_the_naive_enumerator(bodies):
    lengths = [len(body) + sum(step.op == "wait" for step in body) for body in bodies]
    assume(factorial(sum(lengths)) // math.prod(map(factorial, lengths)) <= MOST_SCHEDULES)
    agree([[*body, label("end")] for body in bodies], {"x": 0, "y": 0}, {"s": 1})


def test_a_thread_that_enters_a_section_twice_fails():
    assert agree([[enter("z"), enter("z")]], {}).double_held


def test_agrees_on_all_pairs_of_lock_programs():
    programs = [list(p) for n in range(4) for p in itertools.product([lock("m"), unlock("m"), add("x", 1)], repeat=n)]
    for a, b in itertools.combinations_with_replacement(programs, 2):
        agree([a, b], {"x": 0})


def test_the_comparison_notices_a_planted_bug(monkeypatch):
    """A checker that counts states, not schedules, is told apart from the naive one."""
    from oslab.synchronization import exhaustive_search

    monkeypatch.setattr(exhaustive_search.Counts, "__getitem__", lambda self, state: 1)
    with pytest.raises(AssertionError):
        agree([INCREMENT, INCREMENT], {"x": 0})


def test_a_flag_is_no_lock_and_petersons_is():
    flag = [label("w"), branch("flag", "==", 1, "w"), store("flag", 1), enter("z"), leave("z"), store("flag", 0)]
    verdict = check(flag, flag, shared={"flag": 0})
    assert verdict.double_held and verdict.double_held[0].run.steps == 6 and verdict.schedules == math.inf

    def peterson(me):
        other = 1 - me
        return [
            store(f"w{me}", 1),
            store("turn", other),
            label("w"),
            branch(f"w{other}", "==", 0, "in"),
            branch("turn", "==", other, "w"),
            label("in"),
            enter("z"),
            leave("z"),
            store(f"w{me}", 0),
        ]

    verdict = check(peterson(0), peterson(1), shared={"w0": 0, "w1": 0, "turn": 0})
    assert verdict.safe and verdict.complete


def two_flags(me):
    other = 1 - me
    return [
        store(f"w{me}", 1),
        label("w"),
        branch(f"w{other}", "==", 1, "w"),
        enter("z"),
        leave("z"),
        store(f"w{me}", 0),
    ]


def test_two_flags_without_a_turn_go_round_for_ever():
    """Both announce that they want in, and both wait for the other: no deadlock, and no end (issue 18, 9)."""
    verdict = check(two_flags(0), two_flags(1), shared={"w0": 0, "w1": 0})
    assert not verdict.deadlocks and not verdict.failures and verdict.safe is False
    (livelock,) = verdict.livelocks
    assert str(livelock) == "livelock after 2 steps: A B" and verdict.worst is livelock
    assert livelock.run.end.shared == {"w0": 1, "w1": 1} and "1 livelock" in str(verdict)
    assert verdict.table()[-1] == {"end": "livelock after 2 steps: A B", "schedules": math.inf}


@settings(max_examples=150, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([*STEPS, jump("top"), branch("x", "==", 0, "top")]), max_size=5),
        min_size=1,
        max_size=3,
    )
)
def test_livelocks_are_found_where_sets_grown_backwards_find_them(bodies):
    threads = [[label("top"), load("q", "x"), *body, label("end")] for body in bodies]
    shared, semaphores = {"x": 0, "y": 0}, {"s": 1}
    verdict = check(*threads, shared=shared, semaphores=semaphores, limit=3000)
    assume(verdict.complete)
    nearest = find_livelocks(threads, shared, semaphores)
    assert (verdict.livelocks[0].run.steps if verdict.livelocks else None) == nearest
    assert not verdict.livelocks or verdict.schedules == math.inf


def test_a_thread_that_goes_round_beside_one_that_sleeps_is_a_livelock():
    verdict = check([lock("m"), wait("c", "m")], [label("a"), branch("x", "==", 0, "a")], shared={"x": 0})
    assert verdict.livelocks and verdict.livelocks[0].run.steps == 0, "no end can be reached from the start"


def test_a_semaphore_lets_as_many_in_as_it_counts():
    inside = [down("s"), add("n", 1), expect("n", "<=", 2), add("n", -1), up("s")]
    assert check(*[inside] * 3, shared={"n": 0}, semaphores={"s": 2}).safe
    assert check(*[inside] * 3, shared={"n": 0}, semaphores={"s": 3}).failures
    verdict = check([down("s")], [down("s")], semaphores={"s": 1})
    end = verdict.deadlocks[0].run.end
    assert end.waits_for == ("", "s") and end.semaphores == {"s": 0} and end.stuck
    run = play([[down("s")], [down("s"), up("s")]], "BABA", semaphores={"s": 1})
    assert run.why(2) == "A cannot step: s is 0." and run.why(1) == "B: down s: s is now 0."


def test_a_limit_proves_nothing():
    full = check(*[INCREMENT * 3] * 3, shared={"x": 0})
    part = check(*[INCREMENT * 3] * 3, shared={"x": 0}, limit=1000)
    assert full.complete and not part.complete and part.safe is None
    assert 1000 <= part.states < full.states and part.schedules <= full.schedules
    assert str(part).startswith(f"not finished: {readable(part.states)} states seen")


def test_a_number_that_grows_for_ever_is_stopped_by_the_limit():
    verdict = check([label("a"), add("x", 1), jump("a")], shared={"x": 0}, limit=5000)
    assert not verdict.complete and verdict.safe is None


def test_numbers_beyond_the_first_range():
    assert check([add("x", 10**6), add("x", "x"), add("x", "x")], shared={"x": -7}).outcomes == {(4 * (10**6 - 7),): 1}


def test_endless_loops_have_endless_schedules():
    verdict = check([label("a"), branch("x", "==", 0, "a")], [store("x", 1)], shared={"x": 0})
    assert verdict.outcomes == {(1,): math.inf} and verdict.schedules == math.inf and verdict.safe


def test_shortest_schedule_to_each_bad_state_leads_there():
    verdict = check(*philosophers(3), *philosophers(3))
    assert verdict.deadlocks
    for trouble in verdict.deadlocks:
        assert trouble.run.end.stuck and play([*philosophers(3)] * 2, trouble.schedule).end == trouble.run.end


def test_eight_philosophers_with_ordering_are_proved():
    verdict = check(*philosophers(8, "circular_wait"))
    assert verdict.complete and not verdict.deadlocks


@pytest.mark.parametrize("n", [2, 3, 4, 5])
def test_philosophers_deadlock_in_n_factorial_schedules(n):
    (trouble,) = check(*philosophers(n)).deadlocks
    assert trouble.schedules == factorial(n) and trouble.run.steps == n


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_random_runs_end_in_an_outcome_that_the_checker_knows(seed):
    threads = [increments(2, "lock"), increments(2, "none")]
    outcomes = check(*threads, shared={"x": 0}).outcomes
    run = play(threads, seed=seed, shared={"x": 0})
    assert tuple(run.end.shared.values()) in outcomes and set(run.end.status) == {"done"}
    assert play(threads, seed=seed, shared={"x": 0}).moves == run.moves


def test_by_hand_a_thread_that_cannot_step_stays_and_says_why():
    run = play([increments(1, "lock")] * 2, "AB", {"x": 0})
    assert not run.moved(2) and run.why(2) == "B cannot step: A holds m."
    assert run.why(1) == "A: lock m."
    assert play([[lock("m"), lock("m")]], "AA").why(2) == "A cannot step: it holds m itself and waits for it."


@pytest.mark.parametrize(
    "threads, shared, error, said",
    [
        ([["x += 1"]], {}, TypeError, "thread A, step 1"),
        ([[store("x", 1)]], {}, ValueError, "'x' is not shared"),
        ([[load("r", "x")]], {"y": 0}, ValueError, "'x' is not shared; shared are y"),
        ([[jump("a")]], {}, ValueError, "no label 'a'"),
        ([[label("a"), jump("a")]], {}, ValueError, "in a circle"),
        ([[branch("r", "<", 1, "b"), label("a")]], {}, ValueError, "there are a"),
        ([[]], {"x": 0.5}, TypeError, "shared['x']=0.5"),
        ([], {}, ValueError, "threads"),
        ([[lock("m", "m")]], {}, ValueError, "the same lock twice"),
        ([[down("s")]], {}, ValueError, "no semaphore 's'; there are none"),
        ([itertools.repeat(add("x", 1))], {"x": 0}, ValueError, "thread A has more than 1000 steps"),
        ([3], {}, TypeError, "threads[0]=3"),
        ([[]] * 27, {}, ValueError, "threads has 27 items"),
        ([[]], {"x": True}, TypeError, "shared['x']=True"),
        ([[]], {"x": 1 << 50}, ValueError, "shared['x']=1125899906842624"),
        ([[]], [1], TypeError, "shared=[1]"),
    ],
)
def test_bad_programs_are_named(threads, shared, error, said):
    with pytest.raises(error) as caught:
        check(*threads, shared=shared)
    assert said in str(caught.value)


def test_bad_steps_and_limits_are_named():
    with pytest.raises(ValueError, match="comparison='='"):
        branch("r", "=", 1, "a")
    with pytest.raises(ValueError, match="limit=0"):
        check([add("x", 1)], shared={"x": 0}, limit=0)
    with pytest.raises(ValueError, match="'Z' is no thread"):
        play([[add("x", 1)]], "Z", {"x": 0})


def test_a_livelock_without_a_step_is_said_in_words():
    round_and_round = [label("a"), branch("x", "==", 0, "a")]
    [livelock] = check(round_and_round, shared={"x": 0}).livelocks
    assert str(livelock) == "livelock from the start, whatever the schedule"
