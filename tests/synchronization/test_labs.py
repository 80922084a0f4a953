"""Chapter 4's labs driven as a script drives them, its questions, its threads."""

import json
from pathlib import Path

import pytest

from oslab import explore, slider, synchronization
from oslab.lab.buttons import LetterButtons
from oslab.machine import compiler, run_c
from oslab.quizzes import check_bank
from oslab.quizzes.checks import check_question
from oslab.synchronization import questions
from oslab.synchronization.banker import SILBERSCHATZ

S = synchronization


def lab(view, function, **controls):
    return explore(view, **controls)(function).lab


def test_a_schedule_is_pressed():
    def counter(schedule="AB", threads=2, guard="none"):
        return S.count_by_hand(threads, 1, guard, schedule)

    made = lab(S.CounterByHand, counter, schedule=S.hand("AB"), threads=slider(2, 3), **S.HAND)
    press = made.controls["schedule"].press
    for letter in "ABAB":
        press(letter)
    assert made.result.end.shared == {"x": 1} and made.code == "counter(schedule='ABABAB', threads=2, guard='none')"
    assert made.canvas.view.title == "All done: 2 increments finished, x = 1, 1 of them lost"
    press(None)
    assert made.result.steps == 5 and made.step == 5
    press("C")
    assert "'C' is no thread" in made.error
    press("")
    assert made.result.steps == 0 and "Nothing has happened yet" in made.text and not made.error
    made.controls["guard"].value = "lock"
    press("A")
    press("B")
    assert "B cannot step: A holds m." in made.text


def test_presses_is_a_control_with_a_value():
    seen, control = [], LetterButtons("AB", "A")
    control.observe(lambda change: seen.append(change["new"]), "value")
    for button in control.children:
        button.click()
    assert seen == ["AA", "AAB", "AA", ""]


def test_outcomes_say_how_many_lose():
    def outcomes(threads=2, times=1, guard="none"):
        return S.count_in_every_way(threads, times, guard)

    made = lab(
        S.OutcomeBars,
        outcomes,
        threads=slider(2, 3),
        times=slider(1, 3),
        guard=S.GUARDS,
        predict=questions.fewest_in_the_end,
    )
    assert made.canvas.view.title == "18 of 20 schedules lose an update"
    made.controls["guard"].value = "lock"
    assert made.canvas.view.title == "All 2 schedules end with x = 2: nothing can be lost"
    made.controls["guard"].value = "none"
    made.controls["threads"].value = made.controls["times"].value = 3
    assert "x ends between 2 and 9; 1\u202f680 of them" in made.text


def test_buffer_flow_names_the_bottleneck():
    def buffer(size=10, produce=2.0, consume=3.0):
        return S.flow(1, 1, size, produce, consume)

    made = lab(S.BufferFlow, buffer, size=slider(1, 32), **S.SPEEDS)
    assert "consumers are the bottleneck" in made.text
    made.controls["size"].value = 32
    assert "consumers are the bottleneck" in made.text, (
        "the slower side, though only the other ever waits for it at the start"
    )
    made.controls["produce"].value = 9.0
    assert "producers are the bottleneck" in made.text
    made.controls["produce"].value = 3.0
    assert "neither side is a bottleneck" in made.text


def test_a_mistake_is_stepped_to_its_end():
    def mistakes(mistake="if", producers=1, consumers=2, size=1):
        return S.try_mistake(mistake, producers, consumers, size)

    made = lab(S.BufferTrial, mistakes, **S.TRIAL)
    assert "that fails: count is -1." in made.text and "fail, the shortest in 18 steps" in made.canvas.view.title
    made.step = 16
    assert "C1: wake, lock m." in made.text
    made.controls["consumers"].value = 1
    assert made.canvas.view.title.startswith("Cannot fail: 126 states")
    made.controls["mistake"].value = "one_condition"
    made.controls["producers"].value = made.controls["consumers"].value = 2
    made.step = made.result.steps
    assert made.text.endswith("Nobody can go on: a deadlock.")


@pytest.mark.parametrize("switch", ["mutual_exclusion", "hold_and_wait", "no_preemption", "circular_wait"])
def test_each_switch_removes_the_deadlock(switch):
    def dinner(n=5, mutual_exclusion=True, hold_and_wait=True, no_preemption=True, circular_wait=True):
        return S.dine(n, mutual_exclusion, hold_and_wait, no_preemption, circular_wait)

    made = lab(S.DinnerTable, dinner, n=slider(2, 8))
    assert made.canvas.view.title == "5 philosophers: 120 of 352\u202f050 schedules deadlock"
    assert [len(kind._shafts.get_segments()) for kind in made.canvas.view._cycle] == [5, 5], "held solid, wanted dotted"
    made.controls[switch].value = False
    assert "none is a deadlock" in made.text and "no deadlock" in made.canvas.view.title


def test_a_dinner_shows_what_two_of_them_do():
    def dinner(n=5, no_preemption=True):
        return S.dine(n, no_preemption=no_preemption)

    made = lab(S.DinnerTable, dinner, n=slider(2, 8))
    made.step = 1
    assert "P0: lock f0." in made.text
    made.controls["no_preemption"].value = False
    made.controls["n"].value = 8
    assert "all 153\u202f630 reachable states" in made.text and "infinitely many schedules" in made.canvas.view.title


def test_meals_are_compared():
    def meals(n=5, think=1.0, eat=1.0, seed=1):
        return S.serve(n, think, eat, seed)

    made = lab(S.StrategyBars, meals, n=slider(2, 8), think=slider(0.2, 5.0, 0.1), eat=slider(0.2, 5.0, 0.1))
    before = made.canvas.view.title
    made.controls["eat"].value, made.controls["think"].value = 0.2, 5.0
    assert before != made.canvas.view.title == "Ordering gets 95% of the meals that sharing gets"
    made.controls["n"].value, made.controls["think"].value = 3, 0.2
    assert f"this run deadlocked after {made.result.stopped['']:.3g} s" in made.text


def test_lock_graph_follows_what_is_typed():
    def order(sections="A: x y, B: y z, C: z x"):
        return S.lock_order(sections)

    made = lab(S.LockGraph, order)
    assert made.canvas.view.title == "1 cycle: x → y → z → x" and "changing 1 section." in made.text
    made.controls["sections"].value = "A: x y, A: y x"
    assert "only possible" in made.text
    made.controls["sections"].value = "A: g x y, B: g y x, C: a b c d, D: d a"
    assert made.canvas.view._path[1].get_text() == "C lock a, C lock b, C lock c, D lock d", "without those that finish"
    made.controls["sections"].value = "A x"
    assert "'A x' is not understood" in made.error and made.canvas.view.title.startswith("5 cycles")


def test_banker_says_granted_wait_denied():
    def banker(process=1, a=1, b=0, c=2, state=SILBERSCHATZ):
        return S.bank(process, a, b, c, state)

    made = lab(S.BankersTable, banker, **S.BANK)
    assert "granted" in made.canvas.view.title and "P1 P3 P4 P0 P2" in made.text
    made.controls["c"].value = 0
    made.controls["process"].value = 0
    made.controls["a"].value = 4
    assert "must wait" in made.canvas.view.title
    made.controls["a"].value = 9
    assert "above its maximum" in made.canvas.view.title and "at most (7 4 3) more" in made.text and not made.error
    made.controls["a"].value = 0
    made.controls["state"].value = SILBERSCHATZ.replace("2 1 1 /", "2 1 9 /")
    assert "allocation, row 3, column 2: 9 is above its maximum 2" in made.error


@pytest.mark.parametrize(
    "state, said",
    [
        ("3; 1 1", "state, P0: '1 1'"),
        ("3; 1 / x", "maximum, row 0, column 0: 'x'"),
        ("", "0 resource types"),
        ("1; 0 / 1", "only 1 resource types"),
        ("1 1 1; 0 0 0 / 1 1", "allocation has 1 rows and 3 columns, maximum 1 and 2"),
    ],
)
def test_bad_states_are_named(state, said):
    with pytest.raises(ValueError) as caught:
        S.bank(0, 1, 1, 1, state)
    assert said in str(caught.value)


def test_recorded_runs_are_drawn_and_named():
    made = lab(
        S.LockCosts,
        lambda share=0.25, cpus=2: S.amdahl(share, cpus),
        share=slider(0.0, 1.0),
        cpus=slider(1, 16),
        recorded=S.recorded_costs,
    )
    assert "(recorded): one lock 1.68" in made.text
    made.controls["share"].value = 0.7
    assert "recorded" not in made.text
    made = lab(
        S.LostUpdates,
        lambda increments=1_000_000: S.worst_loss(increments),
        increments=slider(1, 1_000_000),
        recorded=S.recorded_losses,
    )
    assert "C, mutex: 0 %" in made.text and "Python, c += 1: 0 %" in made.text
    made.controls["increments"].value = 1
    assert "each can lose is 87.5 %." in made.text and "mutex" not in made.text


def test_questions_are_right_and_their_predictions_too():
    check_bank(S.QUIZ)
    for make in (
        questions.fewest_in_the_end,
        questions.most_lost,
        questions.a_larger_buffer,
        questions.does_if_fail,
        questions.rarer_with_more,
        questions.ordering_when_forks_are_free,
        questions.cycles_with_a_fourth,
        questions.may_the_banker_grant,
        questions.eight_cpus_one_lock,
    ):
        check_question(make(1))


def test_the_deadly_embrace_ends():
    assert S.embrace(seconds=0.2).done == (False, False) and S.embrace(True, seconds=2).done == (True, True)
    with pytest.raises(ValueError, match="seconds=9"):
        S.embrace(seconds=9)


@pytest.mark.skipif(compiler() is None, reason="no C compiler here")
def test_the_buffer_in_c_runs_and_its_mistake_is_stopped():
    text = S.source("bounded_buffer").read_text()
    assert run_c(text).stdout == "50 items went through, their sum is 1225, expected 1225\n"
    forgotten = run_c(text.replace("        pthread_mutex_unlock(&mutex);\n", ""), seconds=0.5)
    assert forgotten.stopped == "time"


@pytest.mark.skipif(compiler() is None, reason="no C compiler here")
def test_what_is_measured_has_the_shape_that_is_drawn():
    ((share, series),) = S.lock_costs(0.5).items()
    assert share == 0.5 and [s.label for s in series] == ["one lock", "64 locks", "no sharing"]
    *shares, last = S.lost_updates(2000)
    assert (
        all(isinstance(s, float) for s in shares) and len(last[2000]) == 5 and all(s.repeats == 5 for s in last[2000])
    )


def test_the_notebook_quotes_what_the_models_say():
    cells = json.loads((Path(__file__).parents[2] / "notebooks" / "04_synchronization.ipynb").read_text())["cells"]
    told = {cell["id"]: "".join(cell["source"]) for cell in cells}
    every, five = S.count_in_every_way(2, 2), S.dine(5).verdict
    costs = {(s.label, int(n)): rate for s in S.recorded_costs()[0.25] for n, rate in zip(s.x, s.median)}
    rate = S.serve(5).rate
    pair = S.try_mistake("if", 1, 1).verdict
    fails = S.try_mistake("if", 1, 2)
    (taken,) = (k for k in range(1, fails.steps + 1) if fails.why(k).startswith("C2: count -= 1"))
    assert min(S.count_in_every_way(2, 3).outcomes) == min(S.count_in_every_way(3, 2).outcomes) == (2,)
    quoted = [
        ("outcomes-idea", f"{every.outcomes[4,]} of {every.schedules} schedules"),
        ("outcomes-idea", f"only {S.count_in_every_way(2, 2, 'lock').schedules} are left of the {every.schedules}"),
        (
            "buffer-idea",
            f"{S.flow(size=10).rate:.0f} items a second come through with 32 places as with 10, and "
            f"{S.flow(size=1).rate:.0f} with a single one",
        ),
        ("buffer-idea", f"{S.flow(size=32).rate:.0f} items"),
        ("buffer-idea", f"about {S.flow(consumers=2).rate:.0f} a second"),
        ("mistakes-idea", f"C2 came by and took the item (step {taken})"),
        ("mistakes-idea", f"all {pair.schedules:_} schedules end well".replace("_", " ")),
        ("dinner-text", f"one in {five.schedules / five.deadlocks[0].schedules:_.0f} schedules".replace("_", " ")),
        ("meals-text", f"{100 * rate['circular_wait'] / rate['mutual_exclusion']:.0f} % of the meals"),
        ("locks-idea", f"got {costs['one lock', 2]:.2f} of the {S.amdahl(0.25, 2).speedup[1]:.1f}"),
        ("locks-idea", f"eight threads they got {costs['one lock', 8]:.2f}"),
    ]
    assert [text for name, text in quoted if text not in told[name]] == []
    plain = S.recorded_losses()[1_000_000][0].median[1:]
    assert 33 <= round(min(plain)) and max(plain) < 50 and "a third to a half" in told["lost-idea"]
    assert S.recorded_costs()[0.5][0].median[1] < 1 and S.serve(3, 0.2, 0.2).stopped[""] < 1
