"""Chapter 2's quiz, and the predictions asked before its labs; every key is worked out by the models."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from oslab.lab.quizzes import Bank, Choice, Number, Order, Written, traps

__all__ = ["QUIZ", "cheats_share", "convoy_waiting", "growth_of_a_pick", "inverted_turnaround", "inversion_under", "lottery_error",
           "newcomer_from_zero", "next_burst", "rank_vruntimes", "real_share", "round_robin_response", "round_robin_turnaround",
           "share_of_nice", "shorter_slice", "slice_of_period", "tiny_quantum"]


def _mean(run: Any, measure: str) -> float:
    return float(getattr(run, measure).mean())


# Predictions.

def round_robin_turnaround(seed: int = 1) -> Number:
    """Predict a mean turnaround under round robin."""
    from oslab.scheduling import Workload, simulate

    work = Workload([0, 0, 0], [8, 4, 4])
    right = _mean(simulate(work, "rr", quantum=4), "turnaround")
    fifo = _mean(simulate(work, "fifo"), "turnaround")
    return Number("First a small one in your head: A needs 8 ms, B and C 4 ms each, all there at 0, in this order; round robin "
                  "takes turns of 4 ms. What is the mean turnaround (done less arrived)?", right, "ms",
                  traps(right, (fifo, "That is the mean if A runs to its end first."), (16, "Only the last one is done at 16 ms."),
                        (8, "A's second turn comes after B and C."), absolute=0.02), absolute=0.02,
                  why="Turns: A, B, C, A. B is done at 8 ms, C at 12, A at 16.")


def convoy_waiting(seed: int = 1) -> Number:
    """Predict what a convoy costs."""
    from oslab.scheduling import simulate
    from oslab.scheduling.workloads import convoy

    work = convoy(30, 1, 3, 2)
    right = _mean(simulate(work, "fifo"), "waiting")
    return Number("A job of 30 ms stands first, three of 2 ms behind it, all there at 0. First come, first served: what is the mean "
                  "waiting time of the four?", right, "ms",
                  traps(right, (_mean(simulate(work, "sjf"), "waiting"), "That is with the short ones first."),
                        (_mean(simulate(work, "fifo"), "turnaround"), "That counts the running too: it is turnaround."),
                        (32, "That is the mean over the short ones alone."), absolute=0.02), absolute=0.02,
                  why="They wait 0, 30, 32 and 34 ms.")


def tiny_quantum(seed: int = 1) -> Number:
    """Predict from which quantum on switching takes half of the CPU."""
    right = 0.5
    return Number("A switch costs 0.5 ms here (far more than in truth). At which quantum does switching take about half of the CPU?",
                  right, "ms", {0.25: "A turn of 0.25 ms and a switch of 0.5 ms: two thirds are lost.",
                                1.0: "A turn of 1 ms and a switch of 0.5 ms: a third is lost."}, absolute=0.05,
                  why="Each turn of q ms costs q + 0.5 ms; half is lost when q is 0.5 ms.")


def cheats_share(seed: int = 1) -> Choice:
    """Predict what a task gets that goes to wait just before its allotment is over."""
    from oslab.scheduling import simulate
    from oslab.scheduling.following import follow
    from oslab.scheduling.workloads import two_bands

    run = follow(simulate(two_bands(9), "mlfq", account=False))
    share = 100 * float(run.shares(int(np.searchsorted(run.time, 150)))[0])
    options = {33: "A third, as each of the three", 66: "About half", 90: "Nearly all of it"}
    right = min(options, key=lambda value: abs(value - share))
    reasons = {33: "It stays in the top queue all the time, and the others sink.",
               66: "It waits for 0.5 ms only, between turns of 9 ms.",
               90: "It does leave the CPU now and then."}
    return Choice("Three tasks; after 10 ms in a queue a task goes down, unless it waits for I/O before. One of them waits for half a "
                  "millisecond after every 9 ms. How much of the CPU does it get in the long run?", options[right],
                  {options[value]: reasons[value] for value in options if value != right},
                  why="Whenever it is ready it stands in the top queue, above those that computed honestly.")


def lottery_error(seed: int = 1) -> Choice:
    """Predict how the error of a lottery grows."""
    return Choice("A lottery gives each quantum to a ticket drawn by chance. How does the distance between what a task had and its due "
                  "change with time?", "It grows, like the square root of the time",
                  {"It stays below one quantum": "That is what a deterministic rule can do: stride.",
                   "It goes to 0": "The error of the *share* does; the error in ms does not.",
                   "It grows in proportion to the time": "Then the share would stay wrong for ever."},
                  why="n fair draws miss their mean by about the square root of n; the share, divided by n, still comes right.")


def share_of_nice(seed: int = 1) -> Number:
    """Predict the share of a task five nicer than two others."""
    from oslab.scheduling import WEIGHTS

    a, b = WEIGHTS[20], WEIGHTS[25]
    right = round(100 * b / (2 * a + b), 1)
    return Number("Weights: nice 0 is 1024, nice 5 is 335. Two busy tasks with nice 0 and one with nice 5: what share does the third "
                  "get?", right, "%", traps(right, (round(100 * b / (a + b), 1), "There are two others."),
                                            (33.3, "That is without weights."), (round(100 * b / a, 1), "That is 335/1024."), absolute=0.2),
                  absolute=0.2, why=f"335 / (1024 + 1024 + 335) = {right:g} %.")


def newcomer_from_zero(seed: int = 1) -> Choice:
    """Predict what a newcomer with vruntime 0 does to the others."""
    return Choice("Three tasks have run for an hour; a fourth comes, and its vruntime starts at 0. What happens?",
                  "It alone runs, until it has caught up with the others",
                  {"Each gets a quarter from now on": "That is so if it starts at min_vruntime, not at 0.",
                   "It waits for its turn behind them": "It has the least vruntime: it is the leftmost.",
                   "It runs for one slice, then the others": "After its slice it still has the least vruntime by far."},
                  why="The least vruntime runs, and it is some twenty minutes behind: the others starve for that long.")


def growth_of_a_pick(seed: int = 1) -> Choice:
    """Predict how the cost of a turn grows."""
    return Choice("A run queue is a red-black tree. It grows from 1000 tasks to 1 000 000. By how much does a turn, one task out and "
                  "back in, get dearer by the number of comparisons?", "Twice",
                  {"1000 times": "That is a list that is looked through.", "Not at all": "Looking at the leftmost is free; putting a "
                   "task back in is not.", "About 32 times": "That is the square root."},
                  why="log2 of 1000 is 10, of a million 20. What is measured is more than twice: the large tree no longer fits the caches.")


def shorter_slice(seed: int = 1) -> Choice:
    """Predict what a shorter slice does under EEVDF."""
    return Choice("Three busy tasks of equal weight. One asks EEVDF for a shorter slice than the others. What does it get?",
                  "The same share of the CPU, in more and shorter turns",
                  {"A larger share": "Shares follow the weights; the slice only says how the share is cut.",
                   "A smaller share": "It runs shorter, and comes again sooner.",
                   "Nothing changes: the weights are equal": "Its deadlines are nearer, so it is picked sooner."},
                  why="deadline = vruntime + slice/weight: a short request has an early deadline, but only who is owed time is eligible.")


def inverted_turnaround(seed: int = 1) -> Number:
    """Predict what H waits for without a protocol."""
    from oslab.scheduling import inversion

    run = inversion("none", m_burst=6, l_section=4)
    right = float(run.turnaround[run.names.index("H")])
    better = inversion("inheritance", m_burst=6, l_section=4)
    with_it = float(better.turnaround[better.names.index("H")])
    return Number("L runs 1 ms, then holds a lock for 4 ms of CPU, then runs 1 ms. H, first of all, comes at 2 ms and needs 1 ms, the "
                  "lock for 2 ms, 1 ms. M comes at 4 ms, runs for 6 ms, needs no lock, and goes before L. No protocol: how long "
                  "after its arrival is H done?", right, "ms",
                  traps(right, (with_it, "That is if L may finish its section before M runs."), (4, "That is without any waiting."),
                        (with_it + 4, "M runs for 6 ms.")),
                  why="H waits for L, and L waits for M: 3 ms of L's section are left when M comes, and 6 ms of M go before them.")


def real_share(seed: int = 1) -> Number:
    """Predict the share of nice 0 against nice 5."""
    from oslab.scheduling import WEIGHTS

    right = round(100 * WEIGHTS[20] / (WEIGHTS[20] + WEIGHTS[25]), 1)
    return Number("Two busy processes on one CPU, nice 0 (weight 1024) and nice 5 (weight 335). What share does the first one get?",
                  right, "%", {50.0: "That is with equal weights.", 83.3: "Nice values are no shares: 5 to 1 is not the rule.",
                               67.3: "That is 1 − 335/1024."}, absolute=0.5, why="1024 / (1024 + 335).")


# The quiz.

def round_robin_response(seed: int) -> Number:
    """Ask for the mean waiting time of a drawn workload under round robin."""
    from oslab.scheduling import Workload, simulate

    draw = np.random.default_rng(seed)
    arrival = np.sort([0, *draw.integers(0, 5, 2)]).tolist()
    burst, quantum = draw.integers(2, 9, 3).tolist(), int(draw.integers(2, 5))
    work = Workload(arrival, burst)
    run = simulate(work, "rr", quantum=quantum)
    right = _mean(run, "waiting")
    rows = "".join(f"\n| {name} | {a} | {b} |" for name, a, b in zip("ABC", arrival, burst))
    turns = ", ".join(f"{run.names[t]} {a:g}-{b:g}" for t, _, a, b in zip(*(c.tolist() for c in run.slices)))
    return Number(
        f"Round robin, quantum {quantum} ms; who arrives when a quantum ends queues first.\n\n| task | arrives, ms | CPU, ms |\n"
        f"|---|---|---|{rows}\n\nWhat is the mean waiting time?", right, "ms",
        traps(right, (_mean(simulate(work, "rr", quantum=quantum, tie="expired_first"), "waiting"), "There the task whose quantum "
                      "ended queued before the one that arrived."),
              (_mean(run, "turnaround"), "That counts the running too: it is turnaround."),
              (_mean(run, "response"), "That ends at the first turn: it is response."),
              (_mean(simulate(work, "fifo"), "waiting"), "That is first come, first served."), absolute=0.02), absolute=0.02,
        why=f"Turns: {turns}. Waiting is done less arrived less CPU time.", hint="Draw the turns, then subtract.",
        recompute=lambda: _by_hand(arrival, burst, quantum))


def _by_hand(arrival: list[int], burst: list[int], quantum: int) -> float:
    """The mean waiting time under round robin, by counting ms."""
    left, queue, now, coming, waited = list(burst), [], 0, sorted(range(3), key=lambda i: (arrival[i], i)), 0
    while any(left):
        while coming and arrival[coming[0]] <= now:
            queue.append(coming.pop(0))
        if not queue:
            now += 1
            continue
        task = queue.pop(0)
        for _ in range(min(quantum, left[task])):
            now, left[task] = now + 1, left[task] - 1
            while coming and arrival[coming[0]] <= now:
                queue.append(coming.pop(0))
        if left[task]:
            queue.append(task)
        else:
            waited += now - arrival[task] - burst[task]
    return waited / 3


def rank_vruntimes(seed: int) -> Order:
    """Ask for the order of vruntimes of tasks with nice values and run times."""
    from oslab.scheduling import WEIGHTS

    draw = np.random.default_rng(seed)
    while True:
        nice = draw.choice([-5, -2, 0, 2, 5, 10], 4, replace=False).tolist()
        ran = (5 * draw.integers(1, 13, 4)).tolist()
        v = [ms * 1024 / WEIGHTS[n + 20] for n, ms in zip(nice, ran)]
        order = sorted(range(4), key=v.__getitem__)
        if all(v[b] > 1.15 * v[a] for a, b in pairwise(order)) and order != sorted(range(4), key=ran.__getitem__):
            break
    said = [f"nice {n}, ran {ms} ms" for n, ms in zip(nice, ran)]
    wrong = {}
    for a in range(4):
        for b in range(4):
            if v[a] > v[b]:
                wrong[said[a], said[b]] = ("It ran less, but its weight is smaller, so its vruntime grew faster." if ran[a] < ran[b] else
                                           "It ran longer, and its vruntime is larger: look at the weights once more.")
    return Order("All started with vruntime 0. Weights: " + ", ".join(f"nice {n}: {WEIGHTS[n + 20]}" for n in sorted(nice)) +
                 ". Rank the vruntimes, the least (who runs next) first.", [said[k] for k in order], wrong,
                 why="vruntime = time run × 1024 / weight: " + ", ".join(f"{v[k]:.3g} ms" for k in order) + ".",
                 hint="Multiply by 1024, divide by the weight.")


VRUNTIME = Written(
    "Explain how Linux's CFS uses vruntime, and how that makes it fair.",
    "vruntime is CPU time divided by a task's weight; the task with the least one runs, so all of them grow together and each gets CPU "
    "time in proportion to its weight.",
    ["While a task runs, its vruntime grows by the time it ran, times 1024 (the weight of nice 0) over its own weight.",
     "A task of higher priority (lower nice value) weighs more, so the same time adds less to its vruntime.",
     "The ready tasks stand in a red-black tree ordered by vruntime; the leftmost runs next, and is kept at hand.",
     "Because the least vruntime is always served, vruntimes stay together, and shares of the CPU come out as the weights.",
     "A newcomer starts at about min_vruntime (and one slice more), not at 0: else it would starve the others until it caught up.",
     "A task that slept is put no further back than half a latency behind min_vruntime: sleeping earns no large credit.",
     "Since Linux 6.6 EEVDF keeps the weights and vruntime, and picks by virtual deadline among those that are owed time."])


def next_burst(seed: int) -> Number:
    """Ask for an exponential average."""
    from oslab.scheduling.prediction import predicted_bursts

    draw = np.random.default_rng(seed)
    alpha, first = float(draw.choice([0.25, 0.5, 0.75])), int(4 * draw.integers(1, 5))
    bursts = (4 * draw.integers(1, 6, 3)).tolist()
    right = predicted_bursts(bursts, alpha, first)[-1]
    return Number(f"SJF does not know the next burst, so it guesses: guess = α·last burst + (1 − α)·last guess, with α = {alpha:g} and "
                  f"{first} ms as the first guess. The bursts were {', '.join(map(str, bursts))} ms. What does it guess for the next?",
                  right, "ms",
                  traps(right, (round(sum(bursts) / 3, 4), "That is the plain mean: an old burst would count like a new one."),
                        (round(predicted_bursts(bursts, 1 - alpha, first)[-1], 4), "α belongs to the last burst, 1 − α to the last guess."),
                        (bursts[-1], "That is α = 1: the last burst again."), absolute=0.02), absolute=0.02,
                  why="Guesses one after the other: " + ", ".join(f"{g:.4g}" for g in predicted_bursts(bursts, alpha, first)) + " ms.",
                  hint="Three steps, each with the guess before.",
                  recompute=lambda: first * (1 - alpha) ** 3 + sum(alpha * (1 - alpha) ** (2 - k) * b for k, b in enumerate(bursts)))


def slice_of_period(seed: int) -> Number:
    """Ask for a CFS slice."""
    from oslab.scheduling import WEIGHTS, Workload, simulate

    draw = np.random.default_rng(seed)
    nice = [0, *draw.integers(-3, 8, 2).tolist()]
    weight = [WEIGHTS[n + 20] for n in nice]
    run = simulate(Workload([0, 0, 0], [40, 40, 40], nice=nice), "cfs", tick=0)
    first = run.slices.task.tolist().index(1)
    right = float(run.slices.end[first] - run.slices.start[first])
    return Number(f"CFS on one CPU shares out a period of 6 ms. Busy are A with nice 0 (weight 1024), B with nice {nice[1]} (weight "
                  f"{weight[1]}), C with nice {nice[2]} (weight {weight[2]}). How long is B's slice?", right, "ms",
                  traps(right, (2.0, "That is without weights."), (round(6 * weight[1] / (weight[1] + 1024), 3), "C has a weight too."),
                        (round(6 * weight[0] / sum(weight), 3), "That is A's."), (round(6 * weight[1] / 1024, 3), "Divide by the sum of the weights."),
                        absolute=0.02), absolute=0.02,
                  why=f"6 ms × {weight[1]} / {sum(weight)}.", hint="period × weight / sum of the weights",
                  recompute=lambda: 6_000_000 * weight[1] // sum(weight) / 1e6)


def inversion_under(seed: int) -> Number:
    """Ask for H's turnaround with drawn lengths, under a drawn protocol."""
    from oslab.scheduling import inversion

    draw = np.random.default_rng(seed)
    m, section = int(draw.integers(3, 15)), int(draw.integers(2, 9))
    protocol = ("none", "inheritance", "ceiling")[seed % 3]
    words = {"none": "no protocol", "inheritance": "priority inheritance", "ceiling": "the immediate priority ceiling"}
    times = {}
    for key in words:
        run = inversion(key, m, section)
        times[key] = float(run.turnaround[run.names.index("H")])
    right = times[protocol]
    return Number(
        f"One CPU, priorities H before M before L. L comes at 0: runs 1 ms, holds the lock for {section} ms of CPU, runs 1 ms. H comes at 2: "
        f"1 ms, the lock for 2 ms, 1 ms. M comes at 4: {m} ms, no lock. With {words[protocol]}: how long after its arrival is H done?",
        right, "ms",
        traps(right, *((t, f"That is with {words[key]}.") for key, t in times.items()), (4, "That is without any waiting."),
              (right + m, f"M's {m} ms are counted once too often."), (right + section, "A part of the section was over when H came.")),
        why={"none": "L, which holds the lock, has to wait for M, and H with it.",
             "inheritance": "While H waits, L runs with H's priority: M cannot come between.",
             "ceiling": "L runs with H's priority from the moment it takes the lock."}[protocol],
        hint="Who holds the lock at 3 ms, and who may run before it?")


QUIZ = Bank("scheduling", [round_robin_response, (VRUNTIME, rank_vruntimes), next_burst, slice_of_period, inversion_under],
            title="CPU scheduling")
