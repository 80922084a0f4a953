"""The predictions asked before the labs of chapter 2; every key is worked out by the models."""

from typing import Any

import numpy as np

from oslab.base import readable
from oslab.quizzes import Choice, Number, traps
from oslab.scheduling import WEIGHTS, Workload, convoy, follow, inversion, random_tasks, simulate, two_bands

__all__ = [
    "cheats_share",
    "convoy_waiting",
    "growth_of_a_pick",
    "inverted_turnaround",
    "lottery_error",
    "mean_of",
    "newcomer_from_zero",
    "real_share",
    "round_robin_turnaround",
    "share_of_nice",
    "shorter_slice",
    "tiny_quantum",
]

CLOSE = {"absolute": 0.02}


def mean_of(run: Any, measure: str) -> float:
    """Return the mean of a schedule's ``"response"``, ``"waiting"`` or ``"turnaround"``, ms."""
    return float(getattr(run, measure).mean())


def round_robin_turnaround(seed: int = 1) -> Number:
    """Predict a mean turnaround under round robin, of tasks that the lab shows with 3 tasks and seed 353."""
    work = random_tasks(3, 353)
    runs = {key: simulate(work, key, **({"quantum": 4.0} if key == "rr" else {})) for key in ("rr", "fifo")}
    right, ends = mean_of(runs["rr"], "turnaround"), [readable(end) for end in runs["rr"].completion]
    (a, b, c), (_, _, late) = (map(readable, values.tolist()) for values in (work.burst, work.arrival))
    return Number(
        f"A small example to work out in your head. A needs {a} ms and B {b} ms; both arrive at 0, A first. C arrives at "
        f"{late} ms and needs {c} ms. The policy is round robin with a quantum of 4 ms. What is the mean turnaround "
        "(completion minus arrival)?",
        right,
        "ms",
        traps(
            right,
            (round(mean_of(runs["fifo"], "turnaround"), 1), "That is the mean if A runs to completion first."),
            (float(runs["rr"].completion.mean()), f"C arrived at {late} ms, not at 0."),
            (float(runs["rr"].makespan), "That is when the last task completes."),
            (mean_of(runs["rr"], "waiting"), "That leaves out the CPU time: it is the mean waiting time."),
            **CLOSE,
        ),
        settings={
            "policy": "rr",
            "quantum": 4.0,
            "tasks": 3,
            "seed": 353,
            "switch_cost": 0.0,
            "cpus": 1,
            "workload": "random",
        },
        why=f"Turns: A, B, C, A. B completes at {ends[1]} ms, C at {ends[2]} ms and A at {ends[0]} ms; C arrived at {late} ms. "
        "(The picture shows it with 3 tasks and seed 353.)",
        **CLOSE,
    )


def convoy_waiting(seed: int = 1) -> Number:
    """Predict what a convoy costs."""
    fifo, sjf = (simulate(convoy(60, 1), key) for key in ("fifo", "sjf"))
    right = mean_of(fifo, "waiting")
    return Number(
        "A task of 60 ms is first in the queue, with five tasks of 3 ms behind it. All arrive at 0. What is the mean "
        "waiting time of the six under first come, first served?",
        right,
        "ms",
        traps(
            right,
            (mean_of(sjf, "waiting"), "That is with the short tasks first."),
            (mean_of(fifo, "turnaround"), "That includes the CPU time: it is the mean turnaround."),
            (66, "That is the mean of the short tasks alone."),
            **CLOSE,
        ),
        settings={"long": 60, "place": 1},
        why="The waiting times are 0, 60, 63, 66, 69 and 72 ms.",
        **CLOSE,
    )


def tiny_quantum(seed: int = 1) -> Number:
    """Predict from which quantum on switching takes half of the CPU."""
    runs = {q: simulate(Workload([0, 0], [400, 400]), "rr", quantum=q, switch_cost=0.5) for q in (0.25, 0.5, 1.0, 2.0)}
    lost = {q: run.switching / (run.switching + run.busy) for q, run in runs.items()}
    right = min(lost, key=lambda q: abs(lost[q] - 0.5))
    return Number(
        "Assume that a context switch costs 0.5 ms, far more than on a real machine. At which quantum does switching "
        "take about half of the CPU time?",
        right,
        "ms",
        {
            q: f"With turns of {readable(q)} ms and switches of 0.5 ms, {100 * share:.0f} % is lost."
            for q, share in lost.items()
            if q != right
        },
        absolute=0.05,
        settings={"switch_cost": 500},
        why="A turn of q ms takes q + 0.5 ms in total. Half of that is lost when q is 0.5 ms.",
    )


def cheats_share(seed: int = 1) -> Choice:
    """Predict the CPU share of a task that waits just before its allotment is used up."""
    run = follow(simulate(two_bands(9), "mlfq", account=False))
    share = 100 * float(run.shares(int(np.searchsorted(run.time, 150)))[0])
    options = {
        33: ("A third, like the other two", "It stays in the top queue, and the others move down."),
        66: ("About half", "It waits for only 0.5 ms between turns of 9 ms."),
        90: ("Nearly all of it", "It does release the CPU now and then."),
    }
    right, _ = options.pop(min(options, key=lambda value: abs(value - share)))
    return Choice(
        "Three tasks share a multilevel feedback queue. A task that runs for 10 ms without waiting for I/O moves down a "
        "queue. One task waits for 0.5 ms after every 9 ms. What share of the CPU does it get in the long run?",
        right,
        dict(options.values()),
        settings={"programs": "cheat", "cheat_burst": 9, "boost": 0, "account": False},
        why="Whenever it is ready it is in the top queue, above the tasks that have used up their time.",
    )


def lottery_error(seed: int = 1) -> Choice:
    """Predict how the error of a lottery grows."""
    return Choice(
        "Lottery scheduling gives each quantum to a randomly drawn ticket. How does the difference between a task's CPU "
        "time and its fair share change with time?",
        "It grows like the square root of the time",
        {
            "It stays below one quantum": "Only a deterministic policy, such as stride scheduling, does that.",
            "It goes to 0": "The error of the *share* goes to 0; the error in ms does not.",
            "It grows in proportion to the time": "Then the share would never approach its fair value.",
        },
        why="n fair draws deviate from their mean by about √n. The error of the share is that divided by n, and goes to 0.",
    )


def share_of_nice(seed: int = 1) -> Number:
    """Predict the share of a task five nicer than two others."""
    a, b = WEIGHTS[20], WEIGHTS[25]
    right = round(100 * b / (2 * a + b), 1)
    return Number(
        "The weight of nice 0 is 1024, that of nice 5 is 335. Two busy tasks have nice 0, and a third has nice 5. What "
        "share, in %, does the third get?",
        right,
        "%",
        traps(
            right,
            (round(100 * b / (a + b), 1), "There are two other tasks, not one."),
            (33.3, "That is the share without weights."),
            (round(100 * b / a, 1), "That is 335/1024."),
            absolute=0.2,
        ),
        absolute=0.2,
        settings={"tasks": 3, "nice_a": 0, "nice_b": 0, "nice_c": 5},
        why=f"335 / (1024 + 1024 + 335) = {readable(right)} %.",
    )


def newcomer_from_zero(seed: int = 1) -> Choice:
    """Predict what a newcomer with vruntime 0 does to the others."""
    return Choice(
        "Three tasks have run for an hour. A fourth arrives, and its vruntime starts at 0. What happens?",
        "It alone runs until its vruntime has caught up with the others",
        {
            "Each gets a quarter from now on": "That happens if it starts at min_vruntime, not at 0.",
            "It waits for its turn behind them": "It has the smallest vruntime, so it is leftmost in the tree.",
            "It runs for one slice, then the others": "After its slice it still has by far the smallest vruntime.",
        },
        settings={"newcomer": "zero"},
        why="The task with the smallest vruntime runs. It is about 20 minutes behind, and the others starve for that long.",
    )


def growth_of_a_pick(seed: int = 1) -> Choice:
    """Predict how the cost of a turn grows."""
    return Choice(
        "A red-black tree of ready tasks grows from 1000 to 1 000 000 tasks. A turn removes one task and inserts it again. "
        "How does the number of comparisons for one turn change?",
        "Twice as many",
        {
            "1000 times as many": "That is the cost of searching a list.",
            "Just as many": "Finding the leftmost task needs no comparison, but inserting a task does.",
            "About 32 times as many": "That is the square root of 1000.",
        },
        why="log2 of 1000 is 10, and log2 of a million is 20. The measured time more than doubles: the large tree no "
        "longer fits into the caches.",
    )


def shorter_slice(seed: int = 1) -> Choice:
    """Predict what a shorter slice does under EEVDF."""
    return Choice(
        "Three busy tasks have equal weights. One requests a shorter slice from EEVDF than the others. What does it get?",
        "The same share of the CPU, in more and shorter turns",
        {
            "A larger share": "Shares follow the weights. The slice only sets the length of a turn.",
            "A smaller share": "Its turns are shorter, but more frequent.",
            "Nothing changes: the weights are equal": "Its deadlines are earlier, so it is selected sooner.",
        },
        settings={"short_slice": 1.0, "other_slice": 3.0, "nice_a": 0},
        why="deadline = vruntime + slice/weight: a short request has an early deadline. Only a task with a lag of at least 0 "
        "is eligible.",
    )


def inverted_turnaround(seed: int = 1) -> Number:
    """Predict what H waits for without a protocol."""
    runs = [inversion(protocol, m_burst=6, l_section=4) for protocol in ("none", "inheritance")]
    right, with_it = (float(run.turnaround[run.names.index("H")]) for run in runs)
    return Number(
        "L runs for 1 ms, holds a lock for 4 ms of CPU time, then runs for 1 ms. H, with the highest priority, arrives at "
        "2 ms: it runs for 1 ms, needs the lock for 2 ms, then runs for 1 ms. M, with a higher priority than L, arrives at "
        "4 ms, runs for 6 ms and needs no lock. There is no protocol. How long after its arrival does H complete?",
        right,
        "ms",
        traps(
            right,
            (with_it, "That is the result if L finishes its critical section before M runs."),
            (4, "That is H's CPU time, without any waiting."),
            (with_it + 4, "M delays H by 6 ms, not by 4 ms."),
        ),
        settings={"m_burst": 6, "l_section": 4, "locks": 1},
        why="H waits for L, and L waits for M. When M arrives, L has 2 ms of its critical section left. M's 6 ms come first.",
    )


def real_share(seed: int = 1) -> Number:
    """Predict the share of nice 0 against nice 10."""
    right = round(100 * WEIGHTS[20] / (WEIGHTS[20] + WEIGHTS[30]), 1)
    return Number(
        "Two busy processes share one CPU: one has nice 0 (weight 1024), the other nice 10 (weight 110). What share, in "
        "%, does the first one get?",
        right,
        "%",
        {
            50.0: "That is the share with equal weights.",
            100.0: "The nicer task gets less CPU time, but more than none.",
            89.3: "That is 1 − 110/1024.",
        },
        absolute=0.5,
        settings={"nice_a": 0, "nice_b": 10, "third": False},
        why="1024 / (1024 + 110).",
    )
