"""The labs of notebook 02, driven as a script drives them, and the questions."""

from dataclasses import replace

import numpy as np
import pytest

from oslab import scheduling
from oslab.quizzes import check_bank
from oslab.scheduling.questions import predictions


@pytest.fixture
def lab(lab_of):
    """Return a function of a lab's name that makes it as notebook 02 does."""
    return lambda name: lab_of("02_scheduling", name).lab


def ends(one, *names):
    """Set controls to both of their ends; sentence or title must follow, without a complaint."""
    one.reset()
    for name in names:
        widget = one.controls[name]
        options = getattr(widget, "options", None)
        values = [widget.min, widget.max] if options is None else list(dict(options).values())
        for value in (values[0], values[-1]):
            before, widget.value = one.text + one.canvas.view.title, value
            assert one.error == ""
        assert one.text + one.canvas.view.title != before, name
        one.reset()


def test_who_runs_next(lab):
    one = lab("who_runs")
    assert "Decision 6 of 12. At 18 ms D's turn is over: A is first in the queue, waiting since 14 ms" in one.text
    assert "turnaround 21 ms" in one.canvas.view.title
    ends(one, "tasks", "switch_cost", "cpus")
    for policy in scheduling.POLICIES:
        one.controls["policy"].value = policy
        for step in (0, 1, one.result.steps):
            one.step = step
            assert one.error == "" and scheduling.POLICIES[policy].label in one.canvas.view.title


def test_own_table(lab):
    one = lab("own_tasks")
    kept = one.result
    one.controls["text"].value = "A 0 -3"
    assert "burst" in one.error and "-3" in one.error and one.result is kept
    one.controls["text"].value = "; ".join(f"verylongname{k} 0 2" for k in range(20))
    assert one.error == ""
    one.controls["text"].value = "A 0 0 2 7 1; B 0 0 4 14 2; C 0 0 6 21 3"
    one.controls["policy"].value = "srtf"
    assert one.error == "" and one.result.completion.tolist() == [10, 25, 47], "tasks that begin and end with I/O"
    one.controls["switch_cost"].value, one.controls["first_switch"].value = 1.0, True
    assert one.error == "" and one.result.switches == 3
    one.reset()
    ends(one, "cpus", "switch_cost")


def test_convoy_and_quantum(lab):
    one = lab("convoy")
    assert one.canvas.view.title == "Mean waiting: 38.3 ms under FIFO, 7.5 ms under SJF"
    one.controls["place"].value = 6
    assert "FIFO 7.5" in one.text, "a long job at the end holds up nobody"
    one.controls["rr_quantum"].value = 20
    assert one.canvas.view.title == "Mean waiting: 7.5 ms under every policy"
    ends(one, "long", "place")
    other = lab("quantum")
    assert "with a quantum of 4 ms." in other.text
    ends(other, "quantum", "switch_cost", "tasks", "load")
    other.canvas.view.predict(0.5)
    other.controls["tasks"].value = 1000
    assert other.error == "" and "1\u202f000 requests" in other.text


def test_cheat_and_shares(lab):
    one = lab("cheat")
    assert "cheat 47 %" in one.text
    shares = []
    for account in (False, True):
        one.controls["account"].value = account
        one.step = one.result.steps
        shares.append(one.text.partition("CPU shares so far: ")[2])
    assert shares[0].startswith("cheat 87 %") and shares[1].startswith("cheat 22 %"), "of the time in which all run"
    one.reset()
    ends(one, "programs", "cheat_burst", "boost")
    one.controls["programs"].value = "typing"
    assert "cheat_burst" not in one.controls
    schedule = one.result.schedule
    assert schedule.names == ("edit 1", "edit 2", "batch 1", "batch 2") and one.error == ""
    for step, task in enumerate(schedule.turns[:, 0]):
        assert task > 1 or one.result.values[step, task] == 1, "what mostly waits stays on top"
    assert schedule.waiting[:2].max() < scheduling.simulate(schedule.workload, "rr").waiting[:2].min()
    one.controls["think"].value = 30
    assert one.error == "" and one.result.schedule.makespan > schedule.makespan
    other = lab("shares")
    before = other.text
    other.controls["seed"].value = 2
    assert other.text != before and "stride 0.6" in other.text
    ends(other, "tickets", "quantum")


def test_inside(lab):
    one = lab("inside")
    for step in range(one.result.steps + 1):
        one.step = step
        assert one.error == ""
    assert one.canvas.view.title == "At 130 ms only C is left"
    ends(one, "tasks", "nice_a", "nice_b", "nice_c")
    other = lab("late")
    other.controls["newcomer"].value = "zero"
    follows = [k for k in range(other.result.steps) if 30 < other.result.time[k] < 38]
    running = {int(other.result.schedule.turns[k, 0]) for k in follows}
    assert running == {3}, "from 0 the newcomer runs alone until it is level"
    ends(other, "arrives")


def test_eevdf_and_inversion(lab):
    one = lab("eevdf")
    assert "4 ms for its next turn under CFS, 3 ms under EEVDF" in one.canvas.view.title
    for step in range(one.result.steps + 1):
        one.step = step
        assert one.error == ""
    ends(one, "short_slice", "other_slice", "nice_a", "tick")
    other = lab("inversion")
    other.controls["m_burst"].value, other.controls["l_section"].value = 6, 4
    assert other.canvas.view.title == "H takes 13 ms with no protocol, 7 ms with inheritance, 7 ms with a ceiling"
    other.controls["m_burst"].value = 30
    assert "37 ms with no protocol, 7 ms with inheritance" in other.canvas.view.title
    other.controls["locks"].value = 2
    assert "never with inheritance" in other.canvas.view.title and "deadlock" in other.text
    ends(other, "l_section")


def test_picks_and_real(lab):
    one = lab("picks")
    assert "recorded on" in one.text
    ends(one, "tasks")
    assert not one.measurement.settings, "all sizes are measured, wherever the slider stands"
    other = lab("real")
    assert "Measured, recorded on" in other.text and "nice 0 75.3 %, nice 5 24.7 %" in other.text
    other.controls["nice_b"].value = 10
    assert "Not measured" in other.text, "marks belong to the nice values they were measured with"


@pytest.mark.parametrize(
    "name, answer, asked, other",
    [
        ("convoy", 55, {"long": 60, "place": 1}, {"long": 40}),
        ("cheat", "About half", {"cheat_burst": 9, "account": False}, {"account": True}),
        ("quantum", 0.5, {"switch_cost": 500}, {"switch_cost": 50}),
        ("inside", 14.1, {"tasks": 3, "nice_c": 5}, {"tasks": 4}),
        ("late", "It waits for its turn behind them", {"newcomer": "zero"}, {"newcomer": "min"}),
        ("eevdf", "A larger share", {"nice_a": 0}, {"nice_a": 5}),
        ("inversion", 13, {"m_burst": 6, "l_section": 4}, {"locks": 2}),
    ],
)
def test_a_prediction_stands_only_beside_what_was_asked(lab, name, answer, asked, other):
    one = lab(name)
    one.prediction.answer(answer)

    def shown():
        texts = (artist for artist in one.canvas.view.artists if hasattr(artist, "get_text"))
        return any(text.get_visible() and text.get_text().startswith("your prediction") for text in texts)

    for settings, expected in ((asked, True), (other, False)):
        for control, value in settings.items():
            one.controls[control].value = value
        assert one.error == "" and shown() is expected, settings


def test_measured_and_recorded_stand_side_by_side(lab):
    real = lab("real")
    kept = scheduling.RealShares.fitting((0, 5), real.measured)
    here = [replace(series[0], origin="this machine", median=series[0].median + 1) for series in kept.values()]
    real.canvas.view.update((0, 5), measured=[*real.measured, *here])
    assert "it got 76.3 %" in real.canvas.view.title, "what was measured here goes first"
    said = real.canvas.view.describe((0, 5), measured=[*real.measured, *here])
    assert said.count("Measured, ") == 2 and "recorded on" in said and "this machine" in said


def test_the_bank_is_sound():
    check_bank(scheduling.QUIZ, range(1, 25))


@pytest.mark.parametrize(
    "ask",
    [
        predictions.round_robin_turnaround,
        predictions.convoy_waiting,
        predictions.tiny_quantum,
        predictions.cheats_share,
        predictions.lottery_error,
        predictions.share_of_nice,
        predictions.newcomer_from_zero,
        predictions.growth_of_a_pick,
        predictions.shorter_slice,
        predictions.inverted_turnaround,
        predictions.real_share,
    ],
)
def test_predictions_are_sound(ask):
    question = ask(1)
    assert list(question.faults()) == [] and question.grade(question.key).right
    assert all(not question.grade(answer).right for answer in question.wrong_answers())


def test_what_the_predictions_say_is_what_the_models_do():
    """Keys that are words are held against the simulators."""
    short = scheduling.request_beside_batch(1.0, 3.0, 0, 0.0).second
    turns = [(short.slices.task == k).sum() / short.workload.burst[k] for k in range(3)]
    assert turns[0] > 2 * turns[1], "a shorter slice: more turns for the same time"
    runs = [scheduling.share_errors(50, 10, seed, 16_000) for seed in range(40)]
    errors = [np.interp([4000, 16_000], run.time["lottery"], run.errors["lottery"]) for run in runs]
    early, late = np.sqrt((np.array(errors) ** 2).sum(axis=0))
    assert 1.4 < late / early < 2.9, "four times the time, twice the error"


def test_the_axis_of_the_shares_stays_while_a_slider_moves(lab_of):
    lab, seen = lab_of("02_scheduling", "shares").lab, set()
    for name in ("tickets", "quantum"):
        for value in (1, 5, 20, 40, 50, 95, 70):
            lab.controls[name].value = value
            seen.add(lab.canvas.view.axes.get_ylim())
    assert len(seen) == 1
