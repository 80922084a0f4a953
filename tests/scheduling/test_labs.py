"""The labs of notebook 02, driven as a script drives them, and the questions."""

import numpy as np
import pytest

from oslab import explore, scheduling
from oslab.quizzes import check_bank
from oslab.scheduling.questions import predictions


def lab(view, function, **options):
    explore(view, **options)(function)
    return function.lab


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


def test_who_runs_next():
    def who(policy="rr", tasks=4, seed=1, switch_cost=0.0, cpus=1, **options):
        return scheduling.simulate(
            scheduling.random_tasks(tasks, seed), policy, cpus=cpus, switch_cost=switch_cost, **options
        )

    one = lab(scheduling.Gantt, who, step=6, **scheduling.NEXT)
    assert "Decision 6 of 12. At 18 ms D's turn is over: A stands first" in one.text
    assert "turnaround 21 ms" in one.canvas.view.title
    ends(one, "tasks", "switch_cost", "cpus")
    for policy in scheduling.POLICIES:
        one.controls["policy"].value = policy
        for step in (0, 1, one.result.steps):
            one.step = step
            assert one.error == "" and scheduling.POLICIES[policy].label in one.canvas.view.title


def test_own_table():
    def own(text="editor 0 1 6 1 6 1; build 0 20; mail 4 3", policy="fifo", tie="arrival_first", **options):
        return scheduling.simulate(scheduling.Workload.parse(text), policy, tie=tie, **options)

    one = lab(scheduling.Gantt, own, **scheduling.OWN_TABLE)
    kept = one.result
    one.controls["text"].value = "A 0 -3"
    assert "burst" in one.error and "-3" in one.error and one.result is kept
    one.controls["text"].value = "; ".join(f"verylongname{k} 0 2" for k in range(20))
    assert one.error == ""


def test_convoy_and_quantum():
    def convoy(long=40, place=1, rr_quantum=4):
        return scheduling.compare_policies(scheduling.convoy(long, place), rr_quantum)

    def quantum(quantum=8.0, switch_cost=50, tasks=200, load=0.8):
        return scheduling.sweep_quantum(scheduling.inference_server(tasks, load), quantum, switch_cost / 1000)

    one = lab(scheduling.PolicyComparison, convoy, **scheduling.CONVOY)
    assert one.canvas.view.title == "mean waiting: 38.3 ms under FIFO, 7.5 ms under SJF"
    one.controls["place"].value = 6
    assert "FIFO 7.5" in one.text, "a long job at the end holds up nobody"
    ends(one, "long", "place")
    other = lab(scheduling.QuantumCurves, quantum, **scheduling.QUANTUM)
    assert "4 ms gives the least turnaround" in other.text
    ends(other, "quantum", "switch_cost", "tasks", "load")
    other.canvas.view.predict(0.5)
    other.controls["tasks"].value = 1000
    assert other.error == "" and "1000 requests" in other.text


def test_cheat_and_shares():
    def cheat(programs="cheat", boost=0, account=False, **options):
        work = scheduling.MLFQ_WORKLOADS[programs].implementation(**options)
        return scheduling.follow(scheduling.simulate(work, "mlfq", boost=boost, account=account))

    def shares(tickets=70, quantum=10, seed=1):
        return scheduling.share_errors(tickets, quantum, seed)

    one = lab(scheduling.QueueRows, cheat, step=20, **scheduling.CHEAT)
    assert "cheat 79 %" in one.text
    one.controls["account"].value = True
    assert "cheat 79 %" not in one.text and one.error == ""
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
    other = lab(scheduling.ShareError, shares, **scheduling.SHARES)
    before = other.text
    other.controls["seed"].value = 2
    assert other.text != before and "stride 0.6" in other.text
    ends(other, "tickets", "quantum")


def test_inside():
    def inside(tasks=5, nice_a=0, nice_b=0, nice_c=5):
        return scheduling.nice_tasks(tasks, nice_a, nice_b, nice_c)

    def late(arrives=30, newcomer="debit"):
        return scheduling.follow_newcomer(arrives, newcomer)

    one = lab(scheduling.InsideCFS, inside, step=40, **scheduling.INSIDE)
    for step in range(one.result.steps + 1):
        one.step = step
        assert one.error == ""
    assert one.canvas.view.title == "at 130 ms only C is left"
    ends(one, "tasks", "nice_a", "nice_b", "nice_c")
    other = lab(scheduling.InsideCFS, late, step=24, **scheduling.LATE)
    other.controls["newcomer"].value = "zero"
    follows = [k for k in range(other.result.steps) if 30 < other.result.time[k] < 38]
    running = {int(other.result.schedule.turns[k, 0]) for k in follows}
    assert running == {3}, "from 0 the newcomer runs alone until it is level"
    ends(other, "arrives")


def test_eevdf_and_inversion():
    def eevdf(short_slice=1.0, other_slice=3.0, nice_a=0, tick=0.0):
        return scheduling.request_beside_batch(short_slice, other_slice, nice_a, tick)

    def inversion(m_burst=10, l_section=6, locks=1):
        return scheduling.compare_protocols(m_burst, l_section, locks)

    one = lab(scheduling.Deadlines, eevdf, step=5, **scheduling.DEADLINES)
    assert "4 ms for its next turn under CFS, 3 ms under EEVDF" in one.canvas.view.title
    for step in range(one.result.steps + 1):
        one.step = step
        assert one.error == ""
    ends(one, "short_slice", "other_slice", "nice_a", "tick")
    other = lab(scheduling.Inversion, inversion, **scheduling.INVERSION)
    other.controls["m_burst"].value, other.controls["l_section"].value = 6, 4
    assert other.canvas.view.title == "H needs 13 ms with no protocol, 7 ms with inheritance, 7 ms with a ceiling"
    other.controls["m_burst"].value = 30
    assert "37 ms with no protocol, 7 ms with inheritance" in other.canvas.view.title
    other.controls["locks"].value = 2
    assert "never with inheritance" in other.canvas.view.title and "deadlock" in other.text
    ends(other, "l_section")


def test_picks_and_real():
    def picks(tasks=1000):
        return tasks

    def real(nice_a=0, nice_b=5, third=False):
        return (nice_a, nice_b, 0) if third else (nice_a, nice_b)

    one = lab(scheduling.PickCosts, picks, **scheduling.PICKS)
    assert "recorded on" in one.text
    ends(one, "tasks")
    assert not one.measurement.settings, "all sizes are measured, wherever the slider stands"
    other = lab(scheduling.RealShares, real, **scheduling.REAL)
    assert "Measured, recorded on" in other.text and "nice 0 75.3 %, nice 5 24.7 %" in other.text
    other.controls["nice_b"].value = 10
    assert "Not measured" in other.text, "marks belong to the nice values they were measured with"


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
