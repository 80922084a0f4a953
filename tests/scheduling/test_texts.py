"""Every number that a text of notebook 02 states, computed anew from the wing's functions with the settings it names."""

import numpy as np
import pytest

from oslab import scheduling
from oslab.base.numbers import readable
from oslab.machine import recorded
from oslab.scheduling import WEIGHTS, Workload, simulate
from oslab.scheduling.questions import predictions
from oslab.scheduling.simulation import TIES
from oslab.scheduling.views.deadlines import Deadlines


@pytest.fixture
def says(cell_text):
    """Return a function that finds what of some phrases is not in a cell."""
    return lambda cell, *phrases: [p for p in phrases if p not in cell_text("02_scheduling", cell)]


def test_own_tasks(says, lab_of):
    lab = lab_of("02_scheduling", "own_tasks").lab
    waits = {key: simulate(lab.result.workload, key).waiting for key in scheduling.POLICIES}
    assert not says("own-text", "*editor* computes 1 ms and then waits 6 ms")
    assert not says("own-idea", "first 1 ms is followed by 20 ms of build", "SRTF and CFS interrupt build", "2 ms")
    assert waits["fifo"][0] == 17 and waits["srtf"][0] == waits["cfs"][0] == 0
    assert 0 < waits["rr"][0] < 17 and 0 < waits["mlfq"][0] < 17
    answers = {tuple(simulate(lab.result.workload, "rr", quantum=2, tie=tie).completion) for tie in TIES}
    assert len(answers) == 2, "textbooks differ in this rule, and so do their answers"


def test_the_convoy(says):
    first, last = (scheduling.compare_policies(scheduling.convoy(40, place))[0].waiting.mean() for place in (1, 6))
    assert not says(
        "convoy-idea",
        f"With the long job of 40 ms first, FIFO's mean waiting is {readable(first)} ms",
        f"falls to {readable(last)} ms as the job moves back to place 6",
    )
    sjf = {scheduling.compare_policies(scheduling.convoy(40, place))[1].waiting.mean() for place in range(1, 7)}
    assert len(sjf) == 1, "SJF does not care"
    asked = predictions.convoy_waiting()
    assert not says("convoy-text", "the long job of 60 ms first", "the six jobs") and asked.key == 55


def test_the_guess(says):
    guesses = scheduling.predicted_bursts([6, 4, 6, 4, 13, 13, 13])
    assert not says("guess-text", "the first guess is 10 ms, the bursts are 6, 4, 6, 4 and then 13, 13, 13 ms")
    assert not says("guess-idea", f"the guess stands at {readable(guesses[-1])} ms")
    assert scheduling.predicted_bursts([6, 13], 1.0)[-1] == 13, "with α = 1 it is simply the last burst"


def test_the_quantum(says):
    burst = scheduling.inference_server(100_000).burst
    assert not says("quantum-text", "Most need about 2 ms; a few need a hundred times as much", "switch of 0.5 ms")
    assert np.median(burst) < 4 and burst.max() >= 200
    heavy = [
        scheduling.sweep_quantum(scheduling.inference_server(n, 1.2), 4.0, 0.05).turnaround.min() for n in (100, 1000)
    ]
    assert heavy[1] > 3 * heavy[0], "the more tasks, the longer the queue"
    assert not says("quantum-idea", "Set *load* to 1.2")


def test_the_switch(says):
    work = Workload([0, 0], [300, 300])
    run = simulate(work, "rr", quantum=3, switch_cost=0.01)
    lost = 100 * run.switching / (run.switching + run.busy)
    assert not says("switch-idea", f"with a quantum of 3 ms even 10 µs are only {lost:.2f} % of the CPU's time")


def test_the_cheat(says):
    shares = {}
    for account in (False, True):
        run = scheduling.follow(simulate(scheduling.two_bands(9), "mlfq", account=account))
        shares[account] = run.shares(run.steps, together=True)[0]
    assert not says(
        "cheat-idea",
        f"While all three tasks run, the cheat has {100 * shares[False]:.0f} % of the CPU (last step)",
        f"sinks like the others, and has {100 * shares[True]:.0f} %",
        "after some 20 ms",
    )
    typing = scheduling.follow(simulate(scheduling.batch_and_interactive(), "mlfq", account=False))
    turns, time = typing.schedule.turns, typing.time
    assert all(time[k] <= 22 for k in range(typing.steps) if turns[k, 0] > 1 and typing.values[k, turns[k, 0]] == 1)
    events = typing.schedule.events()
    ready = {(c.task, c.time) for c in events if c.after == "ready"}
    keys = [(c.task, c.time) for c in events if c.after == "running" and c.task < 2 and c.time > 30]
    assert keys and set(keys) <= ready, "each key is served as soon as it comes"


def test_shares(says):
    found = scheduling.share_errors(70, 10)
    assert not says("shares-text", f"70 % of the CPU to this team, {100 - 70} % to that one")
    assert not says("shares-idea", f"at 70 tickets it errs by {readable(found.worst('stride'))} ms at most")
    assert all(scheduling.share_errors(t, 10).worst("stride") <= 10 for t in range(5, 100, 5)), "within one quantum"


def test_weights_and_slices(says):
    assert not says(
        "inside-text", f"nice 0 weighs {WEIGHTS[20]}", f"weights {WEIGHTS[20]}, {WEIGHTS[20]} and {WEIGHTS[25]}"
    )
    assert not says(
        "inside-idea",
        f"its weight is {WEIGHTS[39]}, and 1 ms of running adds {1024 / WEIGHTS[39]:.0f} ms to its vruntime",
    )
    steps = np.array(WEIGHTS[20:40]) / np.array(WEIGHTS[19:39])
    assert 0.74 < steps.min() and steps.max() < 0.86, "each step up weighs about a fifth less"
    slices = simulate(Workload([0, 0], [50, 50]), "cfs", tick=0).slices
    assert slices.end[0] == 6 / 2 and not says(
        "inside-idea", "a *period* of 6 ms among the ready tasks; with more than 8 tasks"
    )


def test_the_newcomer(says):
    assert not says("late-idea", "half a period (3 ms) behind min_vruntime")
    alone = scheduling.follow_newcomer(30, "zero").schedule
    ran = [(a, b) for task, _, a, b in zip(*alone.slices) if task == 3]
    assert ran[-1][1] - ran[0][0] > 5 and "".join(alone.names[t] for t in alone.turns[:, 0]).count("NN") > 0


def test_the_recorded_picks(says):
    _, tree, scan = recorded.load("oslab.scheduling", "picks")
    growth = tree.median[tree.x == 1e6] / tree.median[tree.x == 1e3]
    assert growth > 2, "more than log n alone"
    assert not says("picks-idea", f"log n grows from {np.log2(1e3):.0f} to {np.log2(1e6):.0f}")
    assert scan.median[0] < tree.median[0], "at 10 the list is the quicker one"
    assert not says(
        "picks-idea", "Drag *number of tasks* to 10: there the list was the quicker one in the recorded run"
    )


def test_eevdf(says):
    pair = scheduling.request_beside_batch(1.0, 3.0, 0, 0.0)
    cfs, eevdf = (readable(Deadlines.longest_wait(run, 0)) for run in (pair.first, pair.second))
    assert not says(
        "eevdf-idea",
        f"it waits up to {eevdf} ms for its next turn, under CFS up to {cfs} ms",
        f"on a kernel with {1000 // 4} ticks a second",
    )
    for run in (pair.first, pair.second):
        until = min(run.completion)
        had = sum(max(0, min(b, until) - a) for task, _, a, b in zip(*run.slices) if task == 0)
        assert had / until == pytest.approx(1 / 3, abs=0.05), "a third either way"


def test_inversion(says):
    assert not says("inversion-text", "M runs for 6 ms, and L holds the lock for 4 ms")
    none = [scheduling.inversion("none", m, 6).turnaround[1] for m in (10, 11)]
    assert none[1] - none[0] == 1, "every ms of M is a ms of H"
    assert len({scheduling.inversion("inheritance", m, 6).turnaround[1] for m in (1, 10, 30)}) == 1
    stuck = [bool(run.deadlock) for run in scheduling.compare_protocols(10, 6, 2)]
    assert stuck == [True, True, False]


def test_the_recorded_shares(says):
    series = recorded.load("oslab.scheduling", "shares")[0]
    due = np.array([1024, 335]) / 1359 * 100
    assert np.abs(series.median - due).max() < 1.0 and not says("real-idea", "to within about a percent")
    assert series.repeats == 5 and not says("real-text", "five windows of 0.4 s", "for two seconds")
