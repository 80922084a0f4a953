"""Exercises of the quiz as textbooks set them: priorities with their options, and queues of different quanta."""

from typing import Any

import numpy as np

from oslab.base import readable
from oslab.quizzes import Number, traps
from oslab.scheduling import Workload, simulate
from oslab.scheduling.questions.predictions import mean_of

__all__ = ["turnaround_by_priority", "turnaround_in_queues"]

CLOSE = {"absolute": 0.02}
VARIANTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("The smallest number has the highest priority; an arriving task with a smaller number preempts.", {}),
    (
        "The largest number has the highest priority; an arriving task with a larger number preempts.",
        {"larger_first": True},
    ),
    ("The smallest number has the highest priority, without preemption.", {"preemptive": False}),
    ("The smallest number has the highest priority; tasks of equal priority take turns of 2 ms.", {"quantum": 2.0}),
)


def turnaround_by_priority(seed: int) -> Number:
    """Ask for a mean turnaround under priorities, one of four conventions."""
    said, options = VARIANTS[seed % len(VARIANTS)]
    draw = np.random.default_rng(seed)
    while True:
        arrival = [0, *np.sort(draw.integers(1, 7, 3)).tolist()] if "quantum" not in options else [0] * 4
        burst, priority = draw.integers(2, 8, 4).tolist(), draw.integers(1, 4, 4).tolist()
        work = Workload(arrival, burst, priority=priority)
        means = [mean_of(simulate(work, "priority", **option), "turnaround") for _, option in VARIANTS]
        if len(set(priority)) == 3 and np.ptp(means) > 1 and means.count(means[seed % 4]) < 3:
            break
    right = means[seed % len(VARIANTS)]
    slips = [
        (
            round(mean, 2),
            "That is without turns: tasks of equal priority run one after the other."
            if "quantum" in options and "larger_first" not in option
            else f"That is the result if {text[0].lower()}{text[1:]}",
        )
        for mean, (text, option) in zip(means, VARIANTS)
    ]
    waiting = right - sum(burst) / 4
    return Number(
        f"{said}{'' if 'quantum' in options else ' Equal numbers: first come, first served.'} Tasks that arrive together "
        "queue in the table's order. What is the mean turnaround, in ms?",
        right,
        "ms",
        traps(right, *slips, (waiting, "That leaves out the CPU time: it is the mean waiting time."), **CLOSE),
        table=[
            {"task": name, "arrives, ms": a, "CPU, ms": b, "priority": p}
            for name, a, b, p in zip("ABCD", arrival, burst, priority)
        ],
        why=f"They complete at {', '.join(readable(t) for t in simulate(work, 'priority', **options).completion)} ms.",
        hint="Draw a Gantt chart. At each arrival and each end, which ready task has the highest priority?",
        recompute=lambda: _turnaround_by_hand(arrival, burst, priority, **options),
        **CLOSE,
    )


def _turnaround_by_hand(
    arrival: list[int],
    burst: list[int],
    priority: list[int],
    larger_first: bool = False,
    preemptive: bool = True,
    quantum: float = 0,
) -> float:
    """The mean turnaround, ms by ms."""
    left, done, now, runs, ran = list(burst), [0] * 4, 0, -1, 0
    queue: list[int] = []
    while any(left):
        queue += [k for k in range(4) if arrival[k] == now]
        if runs >= 0 and (not left[runs] or (quantum and ran == quantum)):
            queue += [runs] * bool(left[runs])
            runs = -1
        best = min(queue, key=lambda k: -priority[k] if larger_first else priority[k], default=-1)
        better = runs < 0 or (
            preemptive
            and best >= 0
            and (priority[best] > priority[runs] if larger_first else priority[best] < priority[runs])
        )
        if best >= 0 and better:
            if runs >= 0:
                queue.insert(0, runs)
            queue.remove(best)
            runs, ran = best, 0
        now += 1
        if runs >= 0:
            left[runs] -= 1
            ran += 1
            done[runs] = now
    return sum(end - start for end, start in zip(done, arrival)) / 4


def turnaround_in_queues(seed: int) -> Number:
    """Ask when a task is done under three queues of different quanta."""
    draw = np.random.default_rng(seed)
    first, second = int(draw.integers(2, 5)), int(draw.integers(5, 9))
    burst = draw.choice(range(first + 1, first + second + 8), 3, replace=False).tolist()
    work = Workload([0, 0, 0], burst)
    run = simulate(work, "mlfq", quantum=(float(first), float(second), None))
    asked = int(draw.integers(0, 3))
    right = float(run.completion[asked])
    name = "ABC"[asked]
    others = simulate(work, "rr", quantum=float(first)), simulate(work, "fifo")
    return Number(
        f"A multilevel feedback queue has three levels. A task gets {first} ms in the first, {second} ms in the second; "
        "the third is first come, first served. A task that uses up its time moves down a level. The highest level that has a "
        f"task is served. A, B and C arrive at 0, in this order, and need {burst[0]}, {burst[1]} and {burst[2]} ms. When does "
        f"{name} complete?",
        right,
        "ms",
        traps(
            right,
            (float(others[0].completion[asked]), f"That is round robin with a quantum of {first} ms throughout."),
            (float(others[1].completion[asked]), "That is first come, first served without levels."),
            (float(sum(burst)), "That is when all three are done."),
            (float(burst[asked]), f"That is {name}'s own CPU time. The others run before it completes."),
        ),
        why="They complete at " + ", ".join(f"{readable(t)} ms ({n})" for n, t in zip("ABC", run.completion)) + ".",
        hint="All three leave the first level before any task runs in the second.",
        recompute=lambda: _end_by_hand(burst, (first, second), asked),
    )


def _end_by_hand(burst: list[int], quanta: tuple[int, int], asked: int) -> int:
    """When a task ends whose queue is gone through once with each quantum, and then to the end."""
    left, now = list(burst), 0
    for quantum in (*quanta, sum(burst)):
        for k in range(3):
            ran = min(quantum, left[k])
            now, left[k] = now + ran, left[k] - ran
            if k == asked and ran and not left[k]:
                return now
    return now
