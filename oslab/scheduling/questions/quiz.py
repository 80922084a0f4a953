"""Chapter 2's quiz; every key is worked out by the models."""

from itertools import pairwise

import numpy as np

from oslab.base import readable
from oslab.quizzes import Bank, Choice, Number, Order, Written, traps
from oslab.scheduling import inversion, predicted_bursts, simulate
from oslab.scheduling.questions.exercises import turnaround_by_priority, turnaround_in_queues
from oslab.scheduling.questions.predictions import CLOSE, mean_of
from oslab.scheduling.workload import WEIGHTS, Workload, say_ms

__all__ = [
    "QUIZ",
    "eevdf_pick",
    "highest_ratio",
    "inversion_under",
    "next_burst",
    "rank_vruntimes",
    "round_robin_response",
    "slice_of_period",
]


def round_robin_response(seed: int) -> Number:
    """Ask for the mean waiting time of a drawn workload under round robin."""
    draw = np.random.default_rng(seed)
    arrival = np.sort([0, *draw.integers(0, 5, 2)]).tolist()
    burst, quantum = draw.integers(2, 9, 3).tolist(), int(draw.integers(2, 5))
    work = Workload(arrival, burst)
    run, other = (simulate(work, "rr", quantum=quantum, tie=tie) for tie in ("arrival_first", "expired_first"))
    right = mean_of(run, "waiting")
    rows = "".join(f"\n| {name} | {a} | {b} |" for name, a, b in zip("ABC", arrival, burst))
    turns = ", ".join(
        f"{run.names[t]} {say_ms(a)}-{say_ms(b)}" for t, _, a, b in zip(*(c.tolist() for c in run.slices))
    )
    return Number(
        f"Round robin, quantum {quantum} ms. A task that arrives as a quantum ends is queued first.\n\n| task | arrives, "
        f"ms | CPU, ms |\n|---|---|---|{rows}\n\nWhat is the mean waiting time?",
        right,
        "ms",
        traps(
            right,
            (mean_of(other, "waiting"), "That is the result if the arriving task is queued second."),
            (mean_of(run, "turnaround"), "That includes the CPU time: it is the mean turnaround."),
            (mean_of(run, "response"), "That ends at the first turn: it is the mean response time."),
            (mean_of(simulate(work, "fifo"), "waiting"), "That is first come, first served."),
            **CLOSE,
        ),
        why=f"Turns: {turns}. Waiting time is completion minus arrival minus CPU time.",
        hint="Draw the turns as a Gantt chart, then subtract.",
        recompute=lambda: _count_by_hand(arrival, burst, quantum),
        **CLOSE,
    )


def _count_by_hand(arrival: list[int], burst: list[int], quantum: int) -> float:
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
    draw = np.random.default_rng(seed)
    while True:
        nice = draw.choice([-5, -2, 0, 2, 5, 10], 4, replace=False).tolist()
        ran = (5 * draw.integers(1, 13, 4)).tolist()
        v = [ms * 1024 / WEIGHTS[n + 20] for n, ms in zip(nice, ran)]
        order = sorted(range(4), key=v.__getitem__)
        if all(v[b] > 1.15 * v[a] for a, b in pairwise(order)) and order != sorted(range(4), key=ran.__getitem__):
            break
    said = [f"nice {n}, ran {ms} ms" for n, ms in zip(nice, ran)]
    less = "It ran for less time, but its weight is smaller, so its vruntime grew faster."
    longer = "It ran longer, and its vruntime is larger. Compare the weights again."
    return Order(
        f"All started with vruntime 0. Weights: {', '.join(f'nice {n}: {WEIGHTS[n + 20]}' for n in sorted(nice))}. Order the "
        "vruntimes, with the smallest (the task that runs next) first.",
        [said[k] for k in order],
        {(said[a], said[b]): less if ran[a] < ran[b] else longer for a in range(4) for b in range(4) if v[a] > v[b]},
        why=f"vruntime = time run × 1024 / weight: {', '.join(f'{readable(v[k])} ms' for k in order)}.",
        hint="Multiply the time by 1024, then divide by the weight.",
    )


VRUNTIME = Written(
    "Explain how CFS in Linux uses vruntime, and why this makes it fair.",
    "vruntime is CPU time divided by the task's weight. The task with the smallest vruntime runs, so all vruntimes grow together "
    "and each task gets CPU time in proportion to its weight.",
    [
        "While a task runs, its vruntime grows by the time it ran, times 1024 (the weight of nice 0), divided by its weight.",
        "A task with a lower nice value has a larger weight, so the same time adds less to its vruntime.",
        "The ready tasks are in a red-black tree ordered by vruntime; the leftmost runs next, and a pointer to it is cached.",
        "The smallest vruntime always runs, so vruntimes stay close together and CPU shares follow the weights.",
        "A new task starts at about min_vruntime plus one slice, not at 0: otherwise it would starve the others.",
        "A task that wakes starts at most half a latency before min_vruntime: sleeping gives no large credit.",
        "EEVDF (since Linux 6.6) keeps weights and vruntime; of the eligible tasks it selects the one with the earliest "
        "virtual deadline.",
    ],
)


def next_burst(seed: int) -> Number:
    """Ask for an exponential average."""
    draw = np.random.default_rng(seed)
    alpha, first = float(draw.choice([0.25, 0.5, 0.75])), int(4 * draw.integers(1, 5))
    bursts = (4 * draw.integers(1, 6, 3)).tolist()
    right = predicted_bursts(bursts, alpha, first)[-1]
    other = predicted_bursts(bursts, 1 - alpha, first)[-1]
    return Number(
        f"SJF predicts the next CPU burst: estimate = α·last burst + (1 − α)·last estimate. α is {alpha}, and the first "
        f"estimate is {first} ms. The bursts were {', '.join(map(str, bursts))} ms. What is the estimate for the next burst?",
        right,
        "ms",
        traps(
            right,
            (round(sum(bursts) / 3, 4), "That is the plain mean, in which old and new bursts count equally."),
            (round(other, 4), "α multiplies the last burst, and 1 − α the last estimate."),
            (bursts[-1], "That is the last burst: the estimate for α = 1."),
            **CLOSE,
        ),
        why="The estimates in order: "
        + ", ".join(readable(g, 4) for g in predicted_bursts(bursts, alpha, first))
        + " ms.",
        hint="Take three steps, each from the estimate before it.",
        recompute=lambda: (
            first * (1 - alpha) ** 3 + sum(alpha * (1 - alpha) ** (2 - k) * b for k, b in enumerate(bursts))
        ),
        **CLOSE,
    )


def highest_ratio(seed: int) -> Choice:
    """Ask which of three waiting tasks HRRN selects."""
    draw = np.random.default_rng(seed)
    while True:
        first, arrival = int(draw.integers(8, 15)), np.sort(draw.choice(range(1, 8), 3, replace=False)).tolist()
        burst = draw.choice(range(1, 13), 3, replace=False).tolist()
        ratio = {name: 1 + (first - a) / b for name, a, b in zip("BCD", arrival, burst)}
        run = simulate(Workload([0, *arrival], [first, *burst]), "hrrn")
        right, second = run.names[run.turns[1, 0]], sorted(ratio.values())[1]
        if ratio[right] > 1.2 * second and right != "BCD"[int(np.argmin(burst))]:
            break
    rows = "".join(f"\n| {name} | {a} | {b} |" for name, a, b in zip("BCD", arrival, burst))
    reasons = {name: f"Its ratio is {readable(value)}." for name, value in ratio.items() if name != right}
    reasons["BCD"[int(np.argmin(burst))]] += " It is the shortest: SJF would select it."
    return Choice(
        f"A arrives at 0 and runs for {first} ms. Then the task with the highest response ratio runs (HRRN).\n\n"
        f"| task | arrives, ms | CPU, ms |\n|---|---|---|{rows}\n\nWhich one is it?",
        right,
        reasons,
        why=f"(waiting + burst) / burst is {', '.join(f'{readable(v)} for {name}' for name, v in ratio.items())}.",
        hint=f"Each task has waited from its arrival until {first} ms.",
        recompute=lambda: max(ratio, key=ratio.__getitem__),
    )


def slice_of_period(seed: int) -> Number:
    """Ask for a CFS slice."""
    draw = np.random.default_rng(seed)
    nice = [0, *draw.integers(-3, 8, 2).tolist()]
    weight = [WEIGHTS[n + 20] for n in nice]
    run = simulate(Workload([0, 0, 0], [40, 40, 40], nice=nice), "cfs", tick=0)
    first = run.slices.task.tolist().index(1)
    right = float(run.slices.end[first] - run.slices.start[first])
    return Number(
        "CFS divides a period of 6 ms on one CPU among three busy tasks. A has nice 0 (weight 1024), B nice "
        f"{nice[1]} (weight {weight[1]}) and C nice {nice[2]} (weight {weight[2]}). How long is B's slice?",
        right,
        "ms",
        traps(
            right,
            (2.0, "That is the slice without weights."),
            (round(6 * weight[1] / (weight[1] + 1024), 3), "C's weight counts too."),
            (round(6 * weight[0] / sum(weight), 3), "That is A's slice."),
            (round(6 * weight[1] / 1024, 3), "Divide by the sum of the weights."),
            **CLOSE,
        ),
        why=f"6 ms × {weight[1]} / {sum(weight)}.",
        hint="A slice is the period × weight / sum of the weights.",
        recompute=lambda: 6_000_000 * weight[1] // sum(weight) / 1e6,
        **CLOSE,
    )


def eevdf_pick(seed: int) -> Choice:
    """Ask which task EEVDF selects, given weights, vruntimes and deadlines."""
    draw = np.random.default_rng(seed)
    while True:
        nice, pieces = draw.choice([-3, 0, 0, 3, 5], 3).tolist(), draw.choice([0.5, 1.0, 2.0, 3.0, 4.0], 3).tolist()
        work = Workload([0, 0, 0], [30, 30, 30], nice=nice, base_slice=pieces)
        run = simulate(work, "eevdf", tick=0)
        state = run.state(int(draw.integers(4, 12)))
        v, deadline, lag = (state.values[key] for key in ("vruntime", "deadline", "lag"))
        apart = len({round(d, 2) for d in deadline.values()}) == 3 and all(abs(x) > 0.05 for x in lag.values())
        if len(v) == 3 and apart and min(deadline, key=deadline.__getitem__) != state.running[0]:
            break
    rows = "".join(f"\n| {run.names[t]} | {work.weight[t]} | {v[t]:.2f} | {deadline[t]:.2f} |" for t in range(3))
    early, least = min(deadline, key=deadline.__getitem__), min(v, key=v.__getitem__)
    mean = float(sum(work.weight[t] * v[t] for t in range(3)) / work.weight.sum())
    reasons = {
        t: "It is eligible, but its deadline is later."
        if lag[t] >= 0
        else "It is not eligible: its vruntime is above the weighted mean."
        for t in range(3)
    }
    reasons[early] = "Its deadline is the earliest, but it is not eligible: its vruntime is above the weighted mean."
    reasons[least] += " CFS would select it: it has the smallest vruntime."
    right = state.running[0]
    return Choice(
        f"EEVDF selects one of three tasks.\n\n| task | weight | vruntime, ms | deadline, ms |\n|---|---|---|---|{rows}\n\n"
        "Which one runs?",
        run.names[right],
        {run.names[t]: reasons[t] for t in range(3) if t != right},
        why=f"The weighted mean V is {readable(mean)} ms. Of the tasks with vruntime at most V, this one has the earliest "
        "deadline.",
        hint="Work out the weighted mean of the vruntimes. Which tasks are not above it?",
        recompute=lambda: run.names[min((t for t in range(3) if v[t] <= mean), key=deadline.__getitem__)],
    )


def inversion_under(seed: int) -> Number:
    """Ask for H's turnaround with drawn lengths, under a drawn protocol."""
    draw = np.random.default_rng(seed)
    m, section = int(draw.integers(3, 15)), int(draw.integers(2, 9))
    protocol = ("none", "inheritance", "ceiling")[seed % 3]
    words = {"none": "no protocol", "inheritance": "priority inheritance", "ceiling": "the immediate priority ceiling"}
    runs = {key: inversion(key, m, section) for key in words}
    times = {key: float(run.turnaround[run.names.index("H")]) for key, run in runs.items()}
    right = times[protocol]
    return Number(
        "One CPU; priorities: H highest, then M, then L. L arrives at 0 ms: it runs for 1 ms, holds the lock for "
        f"{section} ms of CPU time, and runs for 1 ms. H arrives at 2 ms: it runs for 1 ms, needs the lock for 2 ms, and runs "
        f"for 1 ms. M arrives at 4 ms: it runs for {m} ms without a lock. With {words[protocol]}, how long after its arrival "
        "does H complete?",
        right,
        "ms",
        traps(
            right,
            *((t, f"That is the result with {words[key]}.") for key, t in times.items()),
            (4, "That is H's CPU time, without any waiting."),
            (right + m, f"M's {m} ms are counted once too often."),
            (right + section, "Part of L's critical section was over when H arrived."),
        ),
        why={
            "none": "L holds the lock and has to wait for M, so H waits for M too."
            if section > 2
            else "L releases the lock at 4 ms, just as M arrives, so M does not delay H.",
            "inheritance": "While H waits, L runs with H's priority, so M cannot preempt L.",
            "ceiling": "L runs with H's priority from the moment it takes the lock.",
        }[protocol],
        hint="Which task holds the lock at 3 ms, and which tasks can preempt it?",
    )


QUIZ = Bank(
    "scheduling",
    [
        round_robin_response,
        (VRUNTIME, rank_vruntimes),
        (next_burst, highest_ratio),
        (slice_of_period, eevdf_pick),
        inversion_under,
        (turnaround_by_priority, turnaround_in_queues),
    ],
    title="CPU scheduling",
)
