"""The predictions asked before the labs of chapter 2; every key is worked out by the models."""

from typing import Any

import numpy as np

from oslab.base import readable
from oslab.quizzes import Choice, Number, traps
from oslab.scheduling.lock_protocols import inversion
from oslab.scheduling.policy_history import follow
from oslab.scheduling.sample_workloads import convoy, random_tasks, two_bands
from oslab.scheduling.simulation import simulate
from oslab.scheduling.workload import WEIGHTS, Workload

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
        f"First a small one in your head: A needs {a} ms and B {b} ms, both there at 0, A first; C comes at {late} ms "
        f"and needs {c} ms. Round robin takes turns of 4 ms. What is the mean turnaround (done less arrived)?",
        right,
        "ms",
        traps(
            right,
            (round(mean_of(runs["fifo"], "turnaround"), 1), "That is the mean if A runs to its end first."),
            (float(runs["rr"].completion.mean()), f"C came at {late} ms, not at 0."),
            (float(runs["rr"].makespan), "Only the last one is done then."),
            (mean_of(runs["rr"], "waiting"), "That leaves the running out: it is the mean waiting time."),
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
        why=f"Turns: A, B, C, A. B is done at {ends[1]} ms, C at {ends[2]} and A at {ends[0]}; C came at {late}. "
        "(The picture shows it with 3 tasks and seed 353.)",
        **CLOSE,
    )


def convoy_waiting(seed: int = 1) -> Number:
    """Predict what a convoy costs."""
    fifo, sjf = (simulate(convoy(60, 1), key) for key in ("fifo", "sjf"))
    right = mean_of(fifo, "waiting")
    return Number(
        "A job of 60 ms stands first, five of 3 ms behind it, all there at 0. First come, first served: what is the "
        "mean waiting time of the six?",
        right,
        "ms",
        traps(
            right,
            (mean_of(sjf, "waiting"), "That is with the short ones first."),
            (mean_of(fifo, "turnaround"), "That counts the running too: it is turnaround."),
            (66, "That is the mean over the short ones alone."),
            **CLOSE,
        ),
        settings={"long": 60, "place": 1},
        why="They wait 0, 60, 63, 66, 69 and 72 ms.",
        **CLOSE,
    )


def tiny_quantum(seed: int = 1) -> Number:
    """Predict from which quantum on switching takes half of the CPU."""
    runs = {q: simulate(Workload([0, 0], [400, 400]), "rr", quantum=q, switch_cost=0.5) for q in (0.25, 0.5, 1.0, 2.0)}
    lost = {q: run.switching / (run.switching + run.busy) for q, run in runs.items()}
    right = min(lost, key=lambda q: abs(lost[q] - 0.5))
    return Number(
        "A switch costs 0.5 ms here (far more than in truth). At which quantum does switching take about half of the "
        "CPU?",
        right,
        "ms",
        {
            q: f"A turn of {readable(q)} ms and a switch of 0.5 ms: {100 * share:.0f} % is lost."
            for q, share in lost.items()
            if q != right
        },
        absolute=0.05,
        settings={"switch_cost": 500},
        why="Each turn of q ms costs q + 0.5 ms; half is lost when q is 0.5 ms.",
    )


def cheats_share(seed: int = 1) -> Choice:
    """Predict what a task gets that goes to wait just before its allotment is over."""
    run = follow(simulate(two_bands(9), "mlfq", account=False))
    share = 100 * float(run.shares(int(np.searchsorted(run.time, 150)))[0])
    options = {
        33: ("A third, as each of the three", "It stays in the top queue all the time, and the others sink."),
        66: ("About half", "It waits for 0.5 ms only, between turns of 9 ms."),
        90: ("Nearly all of it", "It does leave the CPU now and then."),
    }
    right, _ = options.pop(min(options, key=lambda value: abs(value - share)))
    return Choice(
        "Three tasks; after 10 ms in a queue a task goes down, unless it waits for I/O before. One of them waits for "
        "half a millisecond after every 9 ms. How much of the CPU does it get in the long run?",
        right,
        dict(options.values()),
        settings={"programs": "cheat", "cheat_burst": 9, "boost": 0, "account": False},
        why="Whenever it is ready it stands in the top queue, above those that computed honestly.",
    )


def lottery_error(seed: int = 1) -> Choice:
    """Predict how the error of a lottery grows."""
    return Choice(
        "A lottery gives each quantum to a ticket drawn by chance. How does the distance between what a task had and "
        "its due change with time?",
        "It grows, like the square root of the time",
        {
            "It stays below one quantum": "That is what a deterministic rule can do: stride.",
            "It goes to 0": "The error of the *share* does; the error in ms does not.",
            "It grows in proportion to the time": "Then the share would stay wrong for ever.",
        },
        why="n fair draws miss their mean by about the square root of n; the share, divided by n, still comes right.",
    )


def share_of_nice(seed: int = 1) -> Number:
    """Predict the share of a task five nicer than two others."""
    a, b = WEIGHTS[20], WEIGHTS[25]
    right = round(100 * b / (2 * a + b), 1)
    return Number(
        "Weights: nice 0 is 1024, nice 5 is 335. Two busy tasks with nice 0 and one with nice 5: what share, in %, "
        "does the third get?",
        right,
        "%",
        traps(
            right,
            (round(100 * b / (a + b), 1), "There are two others."),
            (33.3, "That is without weights."),
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
        "Three tasks have run for an hour; a fourth comes, and its vruntime starts at 0. What happens?",
        "It alone runs, until it has caught up with the others",
        {
            "Each gets a quarter from now on": "That is so if it starts at min_vruntime, not at 0.",
            "It waits for its turn behind them": "It has the least vruntime: it is the leftmost.",
            "It runs for one slice, then the others": "After its slice it still has the least vruntime by far.",
        },
        settings={"newcomer": "zero"},
        why="The least vruntime runs, and it is some twenty minutes behind: the others starve for that long.",
    )


def growth_of_a_pick(seed: int = 1) -> Choice:
    """Predict how the cost of a turn grows."""
    return Choice(
        "A red-black tree of ready tasks grows from 1000 to 1 000 000. How many times as many comparisons does a turn "
        "need, which takes one task out and puts it back?",
        "Twice as many",
        {
            "1000 times as many": "That is a list that is looked through.",
            "Just as many": "Looking at the leftmost is free; putting a task back in is not.",
            "About 32 times as many": "That is the square root.",
        },
        why="log2 of 1000 is 10, of a million 20. The time measured more than doubles: the large tree no longer fits "
        "the caches.",
    )


def shorter_slice(seed: int = 1) -> Choice:
    """Predict what a shorter slice does under EEVDF."""
    return Choice(
        "Three busy tasks of equal weight. One asks EEVDF for a shorter slice than the others. What does it get?",
        "The same share of the CPU, in more and shorter turns",
        {
            "A larger share": "Shares follow the weights; the slice only says how the share is cut.",
            "A smaller share": "It runs shorter, and comes again sooner.",
            "Nothing changes: the weights are equal": "Its deadlines are nearer, so it is picked sooner.",
        },
        settings={"short_slice": 1.0, "other_slice": 3.0, "nice_a": 0},
        why="deadline = vruntime + slice/weight: a short request has an early deadline, but only who is owed time is "
        "eligible.",
    )


def inverted_turnaround(seed: int = 1) -> Number:
    """Predict what H waits for without a protocol."""
    runs = [inversion(protocol, m_burst=6, l_section=4) for protocol in ("none", "inheritance")]
    right, with_it = (float(run.turnaround[run.names.index("H")]) for run in runs)
    return Number(
        "L runs 1 ms, then holds a lock for 4 ms of CPU, then runs 1 ms. H, first of all, comes at 2 ms and needs 1 "
        "ms, the lock for 2 ms, 1 ms. M comes at 4 ms, runs for 6 ms, needs no lock, and goes before L. No protocol: "
        "how long after its arrival is H done?",
        right,
        "ms",
        traps(
            right,
            (with_it, "That is if L may finish its section before M runs."),
            (4, "That is without any waiting."),
            (with_it + 4, "M runs for 6 ms."),
        ),
        settings={"m_burst": 6, "l_section": 4, "locks": 1},
        why="H waits for L, and L waits for M: 2 ms of L's section are left when M comes, and 6 ms of M go first.",
    )


def real_share(seed: int = 1) -> Number:
    """Predict the share of nice 0 against nice 10."""
    right = round(100 * WEIGHTS[20] / (WEIGHTS[20] + WEIGHTS[30]), 1)
    return Number(
        "Two busy processes on one CPU, nice 0 (weight 1024) and nice 10 (weight 110). What share, in %, does the "
        "first one get?",
        right,
        "%",
        {
            50.0: "That is with equal weights.",
            100.0: "A nice task gets less, not nothing.",
            89.3: "That is 1 − 110/1024.",
        },
        absolute=0.5,
        settings={"nice_a": 0, "nice_b": 10, "third": False},
        why="1024 / (1024 + 110).",
    )
