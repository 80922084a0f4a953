"""Chapter 4's labs driven as a script drives them, its questions, its threads."""

from dataclasses import replace

import pytest

from oslab import synchronization
from oslab.base.measured import both
from oslab.base.numbers import quantity
from oslab.lab.buttons import LetterButtons
from oslab.machine import compiler, run_c
from oslab.quizzes import check_bank
from oslab.quizzes.checks import check_question
from oslab.synchronization import questions
from oslab.synchronization.banker import SILBERSCHATZ
from tests.house.picture_texts import texts

S = synchronization


NOTEBOOK = "04_synchronization"


def test_a_schedule_is_pressed(lab_of):
    made = lab_of(NOTEBOOK, "counter").lab
    press = made.controls["schedule"].press
    press("")
    for letter in "ABABAB":
        press(letter)
    assert made.result.end.shared == {"x": 1} and "schedule='ABABAB', threads=2" in made.code
    assert made.canvas.view.title == "All done: 2 increments finished, x = 1, 1 of them lost"
    press(None)
    assert made.result.steps == 5 and made.step == 5
    press("C")
    assert "'C' is no thread" in made.error
    press("")
    assert made.result.steps == 0 and "No step has been taken yet" in made.text and not made.error
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


def test_outcomes_say_how_many_lose(lab_of):
    made = lab_of(NOTEBOOK, "outcomes").lab
    assert made.canvas.view.title == "18 of 20 schedules lose an update"
    made.controls["guard"].value = "lock"
    assert made.canvas.view.title == "All 2 schedules end with x = 2: nothing can be lost"
    made.controls["guard"].value = "none"
    made.controls["threads"].value = made.controls["times"].value = 3
    assert "x ends between 2 and 9; 1\u202f680 of them" in made.text


def test_buffer_flow_names_the_bottleneck(lab_of):
    made = lab_of(NOTEBOOK, "buffer").lab
    assert "consumers are the bottleneck" in made.text
    made.controls["size"].value = 32
    assert "consumers are the bottleneck" in made.text, (
        "the slower side, though only the other ever waits for it at the start"
    )
    made.controls["produce"].value = 9.0
    assert "producers are the bottleneck" in made.text
    made.controls["produce"].value = 3.0
    assert "neither side is a bottleneck" in made.text


def test_a_mistake_is_stepped_to_its_end(lab_of):
    made = lab_of(NOTEBOOK, "mistakes").lab
    made.step = made.result.steps
    assert "that fails: count is -1." in made.text and "fail, the shortest in 18 steps" in made.canvas.view.title
    made.step = 16
    assert "C1: wake, lock m." in made.text
    made.controls["consumers"].value = 1
    assert made.canvas.view.title.startswith("Cannot fail: 126 states")
    made.controls["mistake"].value = "one_condition"
    made.controls["producers"].value = made.controls["consumers"].value = 2
    made.step = made.result.steps
    assert made.text.endswith("No thread can continue: a deadlock.")


@pytest.mark.parametrize("switch", ["mutual_exclusion", "hold_and_wait", "no_preemption", "circular_wait"])
def test_each_switch_removes_the_deadlock(lab_of, switch):
    made = lab_of(NOTEBOOK, "dinner").lab
    assert made.canvas.view.title == "5 philosophers: 120 of 352\u202f050 schedules deadlock"
    made.controls[switch].value = False
    assert "none is a deadlock" in made.text and "no deadlock" in made.canvas.view.title


def test_a_dinner_shows_what_two_of_them_do(lab_of):
    made = lab_of(NOTEBOOK, "dinner").lab
    made.step = 1
    assert "P0: lock f0." in made.text
    made.controls["no_preemption"].value = False
    made.controls["n"].value = 8
    assert "all 153\u202f630 reachable states" in made.text and "infinitely many schedules" in made.canvas.view.title


def test_meals_are_compared(lab_of):
    made = lab_of(NOTEBOOK, "meals").lab
    before = made.canvas.view.title
    made.controls["eat"].value, made.controls["think"].value = 0.2, 5.0
    assert before != made.canvas.view.title == "Ordering gets 95 % of the meals that sharing gets"
    made.controls["n"].value, made.controls["think"].value = 3, 0.2
    assert f"this run deadlocked after {quantity(made.result.stopped[''], 's')}" in made.text


def test_lock_graph_follows_what_is_typed(lab_of):
    made = lab_of(NOTEBOOK, "order").lab
    assert made.canvas.view.title == "1 cycle: x → y → z → x" and "changing 1 section." in made.text
    made.controls["sections"].value = "A: x y, A: y x"
    assert "The cycle cannot deadlock" in made.text
    made.controls["sections"].value = "A: g x y, B: g y x, C: a b c d, D: d a"
    made.controls["sections"].value = "A x"
    assert "'A x' is not understood" in made.error and made.canvas.view.title.startswith("5 cycles")


def test_banker_says_granted_wait_denied(lab_of):
    made = lab_of(NOTEBOOK, "banker").lab
    made.step = made.result.steps
    assert "granted" in made.canvas.view.title and "P1 P3 P4 P0 P2" in made.text
    made.controls["process"].value = 0
    made.controls["request"].value = "4 0 0"
    assert "must wait" in made.canvas.view.title
    made.controls["request"].value = "9, 0, 0"
    assert (
        "exceeds the declared maximum" in made.canvas.view.title
        and "at most (7 4 3) more" in made.text
        and not made.error
    )
    made.controls["request"].value = "1"
    assert "request=(1,)" in made.error or "1 resource type" in made.error
    made.controls["request"].value = "0 0 0"
    made.controls["state"].value = SILBERSCHATZ.replace("2 1 1 /", "2 1 9 /")
    assert "allocation, row 3, column 2: 9 is above its maximum 2" in made.error
    made.controls["state"].value = "1 0 2 0\n0 0 1 2 / 0 0 1 2\n1, 0, 0, 0 / 1, 7, 5, 0"
    made.controls["request"].value = "0 0 0 0"
    assert made.error == "" and made.result.after.maximum.shape == (2, 4)


@pytest.mark.parametrize(
    "state, said",
    [
        ("3; 1 1", "state, P0: '1 1'"),
        ("3; 1 / x", "maximum, row 0, column 0: 'x'"),
        ("", "0 resource types"),
        ("1; 0 / 1", "only 1 resource type"),
        ("1 1 1; 0 0 0 / 1 1", "allocation has 1 row and 3 columns, maximum 1 and 2"),
    ],
)
def test_bad_states_are_named(state, said):
    with pytest.raises(ValueError) as caught:
        S.bank(0, 1, 1, 1, state)
    assert said in str(caught.value)


@pytest.mark.parametrize("parted", [" ", ", ", ","])
def test_a_state_may_be_typed_with_commas_and_lines(parted):
    text = SILBERSCHATZ.replace(" / ", "/").replace("; ", "\n").replace(" ", parted)
    assert S.bank(1, state=text, request=f"1{parted}0{parted}2").answer == "granted" == S.bank().answer


def test_recorded_runs_are_drawn_and_named(lab_of):
    made = lab_of(NOTEBOOK, "locks").lab
    made.controls["share"].value = 0.25
    assert "(recorded): one lock 1.68" in made.text
    made.controls["share"].value = 0.7
    assert "recorded" not in made.text
    made = lab_of(NOTEBOOK, "lost").lab
    assert "C, mutex: 0 %" in made.text and "Python, c += 1: 0 %" in made.text
    made.controls["increments"].value = 1
    assert "each can lose at most 87.5 %." in made.text and "mutex" not in made.text


def test_own_threads_are_checked_as_they_are_typed(lab_of):
    made = lab_of(NOTEBOOK, "own").lab
    assert made.canvas.view.title == "A livelock: no thread can ever end, from the start"
    made.controls["program"].value = "x = 0\ndef A(): x += 1\ndef B(): x += 1"
    assert made.canvas.view.title == "No bad state, 2 outcomes: 21 states, 20 schedules, all tried"
    assert "Outcomes: x = 1 in 18 schedules; x = 2 in 2 schedules." in made.text
    shown = [text for text, _ in texts(made.canvas)]
    assert {"x = 1: 18 ways", "x = 2: 2 ways"} <= set(shown)
    made.controls["program"].value = "def A(): x += 1"
    assert "line 1: x has no value" in made.error and made.canvas.view.title.startswith("No bad state")
    made.controls["ready"].value = "dining room"
    assert made.error == "" and "29\u202f625 schedules" in made.canvas.view.title


def test_no_recorded_lock_passes_its_upper_bound():
    """The bound is that of one lock; 64 locks, and no sharing, may pass it."""
    for share, series in S.recorded_costs().items():
        one = next(s for s in series if s.label == "one lock")
        bound = S.amdahl(share).bound
        assert all(low <= 1.02 * bound[int(n) - 1] for n, low in zip(one.x, one.low))


@pytest.mark.parametrize("name", ["locks", "lost"])
def test_what_is_measured_here_is_drawn_beside_what_was_recorded(lab_of, name):
    lab = lab_of(NOTEBOOK, name).lab
    recorded = (S.recorded_costs if name == "locks" else S.recorded_losses)()
    here = {key: [replace(s, origin="this machine") for s in series] for key, series in recorded.items()}
    view, before = lab.canvas.view, lab.text
    view.update(lab.result, measured=both(recorded, here))
    said = view.describe(lab.result, measured=both(recorded, here))
    assert said != before and ("this machine" in said or ", here:" in said)


def test_questions_are_right_and_their_predictions_too():
    check_bank(S.QUIZ)
    for name in dir(questions):
        if name not in ("QUIZ", "quiz", "predictions"):
            check_question(getattr(questions, name)(1))
    for seed in range(4):
        assert "outcomes" not in questions.while_or_if(seed).why, "a verdict in words"


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
