"""Exercises that books and exams set, with their published answers; where conventions differ, both answers and the switch."""

import numpy as np
import pytest

from oslab.scheduling import Workload, predicted_bursts, simulate

SILBERSCHATZ = "Silberschatz, Galvin, Gagne, Operating System Concepts, 10th ed."
STALLINGS = "Stallings, Operating Systems: Internals and Design Principles, 9th ed., table 9.4 and 9.5"
OSTEP = "Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 7"
TANENBAUM = "Tanenbaum, Bos, Modern Operating Systems, 4th ed., chapter 2, problem on five batch jobs"

THREE = ([0, 0, 0], [24, 3, 3])
FOUR = ([0, 1, 2, 3], [8, 4, 9, 5])
FIVE = ([0] * 5, [2, 1, 8, 4, 5])  # 5.17; a larger number is a higher priority
OLD = ([0] * 5, [10, 1, 2, 1, 5])  # 7th ed., 5.12; a smaller number is a higher priority
STALLINGS_FIVE = ([0, 2, 4, 6, 8], [3, 6, 4, 5, 2])
BATCH = ([0] * 5, [10, 6, 2, 4, 8])
DOUBLING = tuple(float(2**k) for k in range(8))
FEEDBACK = {"levels": 8, "demote_alone": False, "preemptive": False}  # a task alone stays; nobody is interrupted

# source, (arrivals, bursts), priorities, policy, options, what, published values in the order of the tasks
EXERCISES = [
    (f"{SILBERSCHATZ}, 5.3.1", THREE, None, "fifo", {}, "waiting", [0, 24, 27]),
    (f"{SILBERSCHATZ}, 5.3.1, the other order", ([0] * 3, [3, 3, 24]), None, "fifo", {}, "waiting", [0, 3, 6]),
    (f"{SILBERSCHATZ}, 5.3.2", ([0] * 4, [6, 8, 7, 3]), None, "sjf", {}, "waiting", [3, 16, 9, 0]),
    (f"{SILBERSCHATZ}, 5.3.2, preemptive", FOUR, None, "srtf", {}, "waiting", [9, 0, 15, 2]),
    (f"{SILBERSCHATZ}, 5.3.2, not preemptive", FOUR, None, "sjf", {}, "waiting", [0, 7, 15, 9]),
    (f"{SILBERSCHATZ}, 5.3.3", THREE, None, "rr", {"quantum": 4}, "waiting", [6, 4, 7]),
    (f"{SILBERSCHATZ}, 5.3.4", OLD, [3, 1, 4, 5, 2], "priority", {}, "waiting", [6, 0, 16, 18, 1]),
    (
        f"{SILBERSCHATZ}, 5.3.4, round robin among equals",
        ([0] * 5, [4, 5, 8, 7, 3]),
        [3, 2, 2, 1, 3],
        "priority",
        {"quantum": 2},
        "completion",
        [26, 16, 20, 7, 27],
    ),
    (f"{SILBERSCHATZ}, 5.17", FIVE, None, "fifo", {}, "turnaround", [2, 3, 11, 15, 20]),
    (f"{SILBERSCHATZ}, 5.17", FIVE, None, "sjf", {}, "turnaround", [3, 1, 20, 7, 12]),
    (
        f"{SILBERSCHATZ}, 5.17",
        FIVE,
        [2, 1, 4, 2, 3],
        "priority",
        {"preemptive": False, "larger_first": True},
        "turnaround",
        [15, 20, 8, 19, 13],
    ),
    (f"{SILBERSCHATZ}, 5.17", FIVE, None, "rr", {"quantum": 2}, "turnaround", [2, 3, 20, 13, 18]),
    (f"{SILBERSCHATZ}, 5.17", FIVE, None, "rr", {"quantum": 2}, "waiting", [0, 2, 12, 9, 13]),
    ("the same, 7th ed., 5.12", OLD, None, "fifo", {}, "turnaround", [10, 11, 13, 14, 19]),
    ("the same, 7th ed., 5.12", OLD, None, "sjf", {}, "turnaround", [19, 1, 4, 2, 9]),
    ("the same, 7th ed., 5.12", OLD, [3, 1, 3, 4, 2], "priority", {}, "turnaround", [16, 1, 18, 19, 6]),
    ("the same, 7th ed., 5.12", OLD, None, "rr", {"quantum": 1}, "turnaround", [19, 2, 7, 4, 14]),
    (STALLINGS, STALLINGS_FIVE, None, "fifo", {}, "completion", [3, 9, 13, 18, 20]),
    (STALLINGS, STALLINGS_FIVE, None, "rr", {"quantum": 1}, "completion", [4, 18, 17, 20, 15]),
    (STALLINGS, STALLINGS_FIVE, None, "rr", {"quantum": 4}, "completion", [3, 17, 11, 20, 19]),
    (STALLINGS, STALLINGS_FIVE, None, "sjf", {}, "completion", [3, 9, 15, 20, 11]),
    (STALLINGS, STALLINGS_FIVE, None, "srtf", {}, "completion", [3, 15, 8, 20, 10]),
    (STALLINGS, STALLINGS_FIVE, None, "hrrn", {}, "completion", [3, 9, 13, 20, 15]),
    (STALLINGS, STALLINGS_FIVE, None, "mlfq", {"quantum": 1, **FEEDBACK}, "completion", [4, 20, 16, 19, 11]),
    (STALLINGS, STALLINGS_FIVE, None, "mlfq", {"quantum": DOUBLING, **FEEDBACK}, "completion", [4, 17, 18, 20, 14]),
    (OSTEP, ([0] * 3, [10] * 3), None, "fifo", {}, "turnaround", [10, 20, 30]),
    (OSTEP, ([0] * 3, [100, 10, 10]), None, "fifo", {}, "turnaround", [100, 110, 120]),
    (OSTEP, ([0] * 3, [100, 10, 10]), None, "sjf", {}, "turnaround", [120, 10, 20]),
    (OSTEP, ([0, 10, 10], [100, 10, 10]), None, "sjf", {}, "turnaround", [100, 100, 110]),
    (OSTEP, ([0, 10, 10], [100, 10, 10]), None, "srtf", {}, "turnaround", [120, 10, 20]),
    (OSTEP, ([0] * 3, [5] * 3), None, "rr", {"quantum": 1}, "turnaround", [13, 14, 15]),
    (OSTEP, ([0] * 3, [5] * 3), None, "rr", {"quantum": 1}, "response", [0, 1, 2]),
    (TANENBAUM, BATCH, None, "fifo", {}, "completion", [10, 16, 18, 22, 30]),
    (TANENBAUM, BATCH, None, "sjf", {}, "completion", [30, 12, 2, 6, 20]),
    (TANENBAUM, BATCH, [3, 5, 2, 1, 4], "priority", {"larger_first": True}, "completion", [24, 6, 26, 30, 14]),
    ("GATE CS 2004", ([0, 1, 2, 4], [5, 3, 3, 1]), None, "srtf", {}, "turnaround", [12, 3, 6, 1]),
    ("GATE CS 2007", ([0, 15, 30, 45], [20, 25, 10, 15]), None, "srtf", {}, "waiting", [0, 15, 0, 10]),
    ("GATE CS 2011", ([0, 1, 2], [9, 4, 9]), None, "srtf", {}, "waiting", [4, 0, 11]),
    ("GATE CS 2012", ([0, 1, 3], [5, 7, 4]), None, "fifo", {}, "completion", [5, 12, 16]),
    ("GATE CS 2012", ([0, 1, 3], [5, 7, 4]), None, "rr", {"quantum": 2}, "completion", [11, 16, 13]),
    ("GATE CS 2014, set 1", ([0, 3, 5, 7, 10], [6, 2, 4, 6, 3]), None, "srtf", {}, "turnaround", [8, 2, 7, 14, 5]),
    ("GATE CS 2014, set 3", ([0, 2, 3, 8], [12, 4, 6, 5]), None, "srtf", {}, "waiting", [15, 0, 3, 4]),
    ("GATE CS 2017, set 1", ([0, 3, 5, 6], [7, 3, 5, 2]), None, "srtf", {}, "waiting", [5, 0, 7, 0]),
    (
        "GATE CS 2017, set 2",
        ([0, 5, 12, 2, 9], [11, 28, 2, 10, 16]),
        [2, 0, 3, 1, 4],
        "priority",
        {},
        "waiting",
        [38, 0, 37, 28, 42],
    ),
]


@pytest.mark.parametrize("source, tasks, priority, policy, options, measure, published", EXERCISES)
def test_published_schedules(source, tasks, priority, policy, options, measure, published):
    schedule = simulate(Workload(*tasks, priority=priority), policy, **options)
    assert getattr(schedule, measure).tolist() == published, source


@pytest.mark.parametrize(
    "source, tasks, policy, options, published",
    [
        (f"{SILBERSCHATZ}, practice exercise 5.3", ([0, 0.4, 1], [8, 4, 1]), "fifo", {}, 10.53),
        (f"{SILBERSCHATZ}, practice exercise 5.3", ([0, 0.4, 1], [8, 4, 1]), "sjf", {}, 9.53),
        (TANENBAUM, BATCH, "rr", {"quantum": 0.0625}, 22),
    ],
)
def test_published_mean_turnarounds(source, tasks, policy, options, published):
    mean = simulate(Workload(*tasks), policy, **options).turnaround.mean()
    assert mean == pytest.approx(published, abs=0.06), source


def test_tasks_that_begin_and_end_with_io():
    """GATE CS 2006: 10, 20 and 30 units, the first 20 % I/O, 70 % computing, the last 10 % I/O; the CPU is idle 10.6 %."""
    work = Workload([0, 0, 0], [[0, 0.2 * t, 0.7 * t, 0.1 * t] for t in (10, 20, 30)])
    schedule = simulate(work, "srtf")
    assert (schedule.makespan, schedule.idle) == (47, 5)
    assert round(100 * schedule.idle / schedule.makespan, 1) == 10.6
    assert schedule.completion.tolist() == [10, 25, 47] and schedule.waiting.tolist() == [0, 5, 17]
    assert schedule.state(1).waiting == (1, 2), "those that have not begun to compute are in I/O"
    assert {change.cause for change in schedule.events() if change.after == "waiting"} == {"I/O"}


@pytest.mark.parametrize(
    "tie, published", [("arrival_first", [4, 18, 17, 20, 15]), ("expired_first", [3, 18, 15, 20, 16])]
)
def test_who_queues_first_as_a_quantum_ends(tie, published):
    """Stallings lets the task that comes queue first; tools that do it the other way give the second answer."""
    assert simulate(Workload(*STALLINGS_FIVE), "rr", quantum=1, tie=tie).completion.tolist() == published


@pytest.mark.parametrize("first_switch, completion", [(False, [3, 7, 11]), (True, [4, 8, 12])])
def test_whether_the_first_dispatch_costs_a_switch(first_switch, completion):
    schedule = simulate(Workload([0, 0, 0], [3, 3, 3]), "fifo", switch_cost=1, first_switch=first_switch)
    assert schedule.completion.tolist() == completion
    assert schedule.switches == 2 + first_switch and schedule.switching == 2 + first_switch
    assert np.array_equal(schedule.switch_slices.end, schedule.switch_slices.start + 1)


@pytest.mark.parametrize("equals, line", [("first", "AAABB"), ("last", "ABBAA"), ("listed", "AAABB")])
def test_who_goes_first_among_equals(equals, line):
    """B comes with as much to do as is left of A: on most pages A goes on, on some B takes over."""
    schedule = simulate(Workload([0, 1], [3, 2]), "srtf", equals=equals)
    rows = [
        (start, schedule.names[task]) for task, _, start, end in zip(*schedule.slices) for _ in range(int(end - start))
    ]
    assert "".join(name for _, name in sorted(rows)) == line


def test_the_guess_of_the_next_burst():
    """Tanenbaum, chapter 2, problem on ageing with α = 1/2: bursts of 40, 20, 40 and 15 ms give a guess of 25."""
    assert predicted_bursts([40, 20, 40, 15], 0.5, 40)[-1] == 25
    assert predicted_bursts([6, 4, 6, 4, 13, 13, 13]) == [10, 8, 6, 6, 5, 9, 11, 12], f"{SILBERSCHATZ}, figure 5.6"


def test_ageing_lets_a_task_of_low_priority_in():
    """Short tasks of the first priority come for ever; without ageing the last one starves, with it one waits 50 ms."""
    work = Workload([0, *range(0, 200, 2)], [4] + [2] * 100, priority=[10] + [0] * 100)
    starved, aged = (simulate(work, "priority", preemptive=False, aging=ms) for ms in (0, 5))
    assert starved.response[0] == 200 and 50 <= aged.response[0] <= 54
    assert "which with ageing comes before" in aged.why(aged.steps // 4)
