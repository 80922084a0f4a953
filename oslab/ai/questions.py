"""Chapter 7's quiz, and the predictions asked before its labs; every key is worked out by the models."""

from collections import OrderedDict

import numpy as np

from oslab.base import duration, quantity, readable
from oslab.quizzes import Bank, Choice, Number, Written, traps

__all__ = [
    "QUIZ",
    "cuda_after_fork",
    "eight_threads",
    "enough_workers",
    "far_memory",
    "give_away",
    "second_epoch",
    "shared_memory",
    "slowest_part",
    "step_time",
    "stopped_at",
    "waiting_workers",
    "what_still_fits",
    "who_is_refused",
]


def stopped_at(seed: int) -> Number:
    """Ask when the last CPU is throttled."""
    from oslab.ai.bandwidth_control import fluid_run, throttle

    draw = np.random.default_rng(seed)
    quota, threads = int(draw.choice([25, 40, 50, 75, 100])), int(draw.choice([2, 3, 4, 6, 8]))
    while quota >= 100 * threads or quota % (5 * threads) == 0:
        quota += 5
    run = throttle(quota, 100, threads, threads, periods=1)
    right = float(run.stops[np.isfinite(run.stops)].max())
    fluid = round(fluid_run(quota, 100, threads), 2)
    return Number(
        f'A control group has cpu.max "{quota * 1000} 100000". Its {threads} threads are always busy, each on its own CPU. A '
        "CPU draws 5 ms from the pool at a time. How many ms after the start of a period is the last thread throttled?",
        right,
        "ms",
        traps(
            right,
            (fluid, "That is the result for infinitely small slices, but a CPU keeps the slice that it drew."),
            (quota, "All threads draw from the same pool."),
            (100, "The quota is used up before the period ends."),
            (right - 5, "Some CPUs stop then; those that drew last continue."),
        ),
        why=f"The pool holds {-(-quota // 5)} slices for {threads} CPUs, so the first CPUs get one more than the others.",
        hint="How many slices are in the pool? Which CPUs get the last ones?",
        recompute=lambda: 5 * -(-(quota // 5) // threads),
    )


def eight_threads(seed: int = 1) -> Choice:
    """Predict what more threads do under a quota."""
    from oslab.ai.bandwidth_control import Requests, throttle

    p99 = {n: throttle(25, 100, n, 8, requests=Requests(100, 20), periods=20).quantile(0.99) for n in (4, 8)}
    right = "Much slower" if p99[8] > 2 * p99[4] else "Twice as fast"
    options = {
        "Twice as fast": "That holds without the quota: 2.5 ms. But each CPU draws its own slice.",
        "The same": "The work is the same, but more CPUs each draw a slice.",
        "Much slower": "That needs a CPU that finds the pool empty.",
    }
    return Choice(
        "A request needs 20 ms of CPU time. The quota is 25 ms every 100 ms, and the machine has 8 CPUs. Split over 4 "
        f"threads, the request takes {quantity(p99[4], 'ms')}. Split over 8 it is …",
        right,
        {k: v for k, v in options.items() if k != right},
        why=f"Five CPUs draw 5 ms each and use half of it. Three find the pool empty: p99 is {quantity(p99[8], 'ms')}.",
    )


def what_still_fits(seed: int) -> Choice:
    """Ask which instance can still be created on a card in use."""
    from oslab.ai.mig import CARDS, Layout

    draw = np.random.default_rng(seed)
    card = list(CARDS.values())[int(draw.integers(0, 6))]
    while True:
        layout = Layout(card.name)
        for _ in range(int(draw.integers(1, 4))):
            options = [p for p in layout.possible(False) if card.profile(p.profile).compute < 4]
            layout = layout.add(options[int(draw.integers(0, len(options)))]) if options else layout
        fits = [p for p in layout.possible(False) if card.profile(p.profile).compute > 1]
        gone = [
            p
            for p in card.places(False)
            if p not in layout.placed and layout.obstacle(p) and card.profile(p.profile).compute > 1
        ]
        if fits and len(gone) >= 3:
            break
    right = fits[int(draw.integers(0, len(fits)))]
    wrong = [gone[k] for k in draw.permutation(len(gone))[:3]]
    return Choice(
        f"One {card.name} holds these instances (profile@first memory slice): "
        f"{', '.join(map(str, layout.placed))}. Which instance can still be created?",
        str(right),
        {str(p): f"No: {layout.obstacle(p)}." for p in wrong},
        why=f"Its memory slices, {layout.slices(right)[0]} to {layout.slices(right)[-1]}, are free.",
        hint="Which of the eight memory slices are taken?",
    )


def instances_on_a_card(seed: int) -> Number:
    """Ask how many instances of one profile fit on a card beside another."""
    from oslab.ai.mig import CARDS, Layout

    draw, cards = np.random.default_rng(seed), [card for card in CARDS.values() if card.double]
    card = cards[seed % len(cards)]
    small, twice, two, three, *_ = card.profiles
    first = (three, two)[int(draw.integers(0, 2))]
    kind = (small, twice, two)[int(draw.integers(0, 3))]
    layout = Layout(card.name)
    layout, right = layout.add(next(p for p in layout.fits(first.name) if p.start == 0)), 0
    while place := layout.choose(kind.name):
        layout, right = layout.add(place), right + 1
    taken, free = {k for k in range(first.memory)}, card.memory - first.memory
    return Number(
        f"One {card.name} holds one {first.name} at memory slice 0 and nothing else. How many instances of {kind.name} can be "
        f"created beside it? (Each takes {kind.compute} compute and {kind.memory} of {card.memory} memory slices. It may begin "
        f"at {', '.join(map(str, kind.starts))}.)",
        right,
        "instances",
        traps(
            right,
            (
                free // kind.memory,
                "The memory is enough for these. Consider the allowed starts and the compute slices too.",
            ),
            (
                (card.compute - first.compute) // kind.compute,
                "The compute slices are enough for these. Consider the memory slices too.",
            ),
            (len(kind.starts), "That is the number on an empty card."),
            (right + 1, "Count the free places again."),
        ),
        why=f"{first.name} takes memory slices 0 to {first.memory - 1} and {first.compute} of {card.compute} compute slices.",
        hint="Cross out the occupied memory slices. Then count free places and compute slices.",
        recompute=lambda: min(
            sum(taken.isdisjoint(range(start, start + kind.memory)) for start in kind.starts),
            (card.compute - first.compute) // kind.compute,
        ),
    )


def who_is_refused(seed: int = 1) -> Choice:
    """Predict which team gets no instances."""
    from oslab.ai.mig_allocation import pack

    found = pack("A: 1g + 1g; B: 2g; C: 3g")
    refused = {team for team, _ in found.refused}
    reasons = {
        "A": "The first team has an empty card.",
        "B": "A 2g may start at three places, and two small instances cannot block all of them.",
        "C": "It needs four contiguous memory slices, from 0 or from 4.",
        "None": "The 1 + 1 + 2 + 3 = 7 compute slices are enough, but the memory slices are fragmented.",
    }
    right = next(iter(refused), "None")
    return Choice(
        "Team A asks for two 1g instances, B for a 2g and C for a 3g, in this order. The driver puts each where it leaves "
        "most room for large instances. Together they need 7 of the 7 compute slices. Whose request is refused?",
        right,
        {k: v for k, v in reasons.items() if k != right},
        why="The 1g instances are at 6 and 4, to keep 0 to 3 contiguous. The 2g must go to 0, so a 3g fits at neither 0 nor 4.",
    )


def shared_memory(seed: int) -> Number:
    """Ask for the shared memory that a loader needs."""
    draw = np.random.default_rng(seed)
    workers, ahead, images = (
        int(draw.choice([2, 4, 6, 8])),
        int(draw.choice([2, 3, 4])),
        int(draw.choice([32, 64, 128, 256])),
    )
    side = int(draw.choice([128, 224, 256]))
    one = images * 3 * side * side * 4 / 2**20
    right = round(workers * ahead * one, 1)
    return Number(
        f"A DataLoader with {workers} workers and prefetch_factor={ahead} passes its batches through /dev/shm. A batch has "
        f"{images} float32 images of 3 × {side} × {side}. How many MiB are in /dev/shm when every worker has prefetched as "
        "much as it may?",
        right,
        "MiB",
        traps(
            right,
            (round(one, 1), "That is the size of one batch."),
            (round(workers * one, 1), "Each worker prefetches several batches."),
            (round(ahead * one, 1), "Every worker has its own batches."),
            (round(right / 4, 1), "A float32 has 4 bytes."),
            (64, "That is the default size of a container's /dev/shm; more ends with a bus error."),
            relative=0.01,
        ),
        relative=0.01,
        why=f"{workers} × {ahead} batches of {one:.4g} MiB. A container has 64 MiB by default; --shm-size changes that.",
        hint="Multiply the bytes of one batch by the number of prefetched batches.",
        recompute=lambda: round(workers * ahead * images * 12 * side**2 / 1024**2, 1),
    )


def second_epoch(seed: int) -> Choice:
    """Ask what the second epoch reads from the disk."""
    draw = np.random.default_rng(seed)
    limit, own = int(draw.choice([16, 24, 32])), int(draw.choice([4, 6, 8]))
    data = limit - own + int(draw.choice([-6, -3, 4, 9]))

    def misses() -> str:
        cache: OrderedDict[int, None] = OrderedDict()
        second = 0
        for k in [*range(data), *range(data)]:
            second = 0 if k == 0 else second
            second += k not in cache
            cache[k] = cache.pop(k, None)
            while len(cache) > limit - own:
                cache.popitem(last=False)
        return options[min(second, 1) * (1 + (second < data))]

    options = ("Nothing", "Everything", "What did not fit")
    right = options[data > limit - own]
    reasons = {
        "Nothing": "The page cache counts toward memory.max, and this data set is larger than the rest.",
        "Everything": "The files fit beside the program, so the pages of the first epoch are still in memory.",
        "What did not fit": "All files fit."
        if right == "Nothing"
        else "LRU evicts each page just before it is needed again, since the order is the same.",
    }
    return Choice(
        f"A container has memory.max = {limit} GiB, and the training program itself uses {own} GiB. Every epoch reads the "
        f"same {data} GiB of files in the same order. Assume that the page cache is strictly LRU. What does the second "
        "epoch read from the disk?",
        right,
        {k: v for k, v in reasons.items() if k != right},
        why=f"{limit} − {own} = {limit - own} GiB are left for the page cache, and the files take {data} GiB.",
        hint="How much memory is left for the page cache? In which order are pages evicted?",
        recompute=misses,
    )


def cuda_after_fork(seed: int) -> Choice:
    """Ask what helps when CUDA was initialised before the fork."""
    right = "Start the workers by spawn or forkserver"
    wrong = {
        "Call torch.cuda.init() in the worker "
        "first": "The child has inherited a state in which CUDA is already initialised; hence the error.",
        "Use fork, but move the model to the CPU "
        "before": "The driver's threads and handles are missing in the child, not the data.",
        "Raise ulimit -u, the number of processes": "The fork succeeded; the error comes later.",
        "Give the container more shared memory": "That prevents a bus error, which is a different problem.",
        "Pin the worker to the GPU's node": "Placement changes the speed, not whether it works.",
    }
    picked = np.random.default_rng(seed).permutation(len(wrong))[:3]
    return Choice(
        "A worker created by fork stops with “Cannot re-initialize CUDA in forked subprocess”. Its parent had used the GPU "
        "before the fork. What helps?",
        right,
        {k: wrong[k] for k in (list(wrong)[i] for i in picked)},
        why="Only the thread that calls fork exists in the child. The driver's threads are missing, but its state in memory "
        "is copied. A newly started process initialises CUDA itself. On Linux, Python 3.14 starts workers this way by default.",
        hint="How many threads has a child after fork?",
    )


NUMA = Written(
    "How does remote memory on a NUMA machine slow down training? What can you do about it?",
    "A core has less bandwidth to remote memory, since latency bounds it, and all remote traffic shares one link.",
    [
        "A read from the other node takes 1.55 to 1.85 times as long on real two-socket machines (often said: 3 times).",
        "A core has a fixed number of cache lines in flight, so twice the latency means half the bandwidth.",
        "With workers on one node and the GPU on the other, every batch crosses the link between the nodes.",
        "A pipeline hides the transfer until the link, or decoding from remote memory, takes longer than computing.",
        "numactl --cpunodebind=N --membind=N puts a process and its memory on its GPU's node N; each process selects its GPU "
        "(torch.cuda.set_device) and runs its loader's workers on that node.",
    ],
)


def step_time(seed: int) -> Number:
    """Ask for the step time of a placement."""
    from oslab.ai.numa import LINE, LINES_UNDER_WAY, MACHINES, PASSES, place

    draw = np.random.default_rng(seed)
    while True:
        machine = ("textbook", "measured_a", "measured_b", "measured_c", "measured_d")[int(draw.integers(0, 5))]
        count, batch, decode, compute = (
            int(draw.choice(c)) for c in ([2, 4, 8], [100, 150, 200], [80, 120, 160], [15, 20, 25])
        )
        more = {"machine": machine, "compute": compute, "batch": batch, "count": count, "decode": decode}
        found, near = place(0, "bind_1", 1, **more), place(1, "bind_1", 1, **more)
        if found.bottleneck == "decode":
            break
    two, moved = MACHINES[machine], PASSES * batch
    right = round(found.step, 1)
    return Number(
        f"{count} workers on node 0 decode batches in the memory of node 1. A read takes {two.local} ns locally and "
        f"{two.remote} ns remotely; a core has {LINES_UNDER_WAY} lines of {LINE} bytes in flight. For a batch a worker needs "
        f"{decode} ms of CPU time and moves {moved} MB through its core. The GPU computes for {compute} ms. All stages "
        "overlap, and the link and PCIe are never saturated. How many ms does a step take?",
        right,
        "ms",
        traps(
            right,
            (round(near.step, 1), "That is the step time with the workers on the memory's node."),
            (compute, "The GPU waits for the workers."),
            (round(found.step * count, 1), f"The {count} workers decode at the same time."),
            relative=0.02,
        ),
        relative=0.02,
        why=f"A core gets {quantity(found.bandwidth, 'GB/s')}, so decoding takes "
        f"({decode} + {readable(moved / found.bandwidth, 4)}) / {count} ms a batch, longer than {compute} ms.",
        hint="Start with the bandwidth of a core: bytes in flight divided by the latency.",
        recompute=lambda: round((decode + moved * two.remote / (LINE * LINES_UNDER_WAY)) / count, 1),
    )


def far_memory(seed: int = 1) -> Number:
    """Predict the step time with remote memory."""
    from oslab.ai.numa import place

    near, far = place(1, "bind_1", 1), place(0, "bind_1", 1)
    right, work = round(far.step, 1), 180 / 8
    waiting = near.stages["decode"] - work
    return Number(
        f"Workers, batches and GPU are all on node 1. Decoding a batch takes {quantity(work, 'ms')} of work and "
        f"{quantity(waiting, 'ms')} of waiting for memory. The GPU computes meanwhile, and a step takes "
        f"{quantity(near.step, 'ms')}. Now only the workers move to node 0, where the latency of that memory is three times "
        "as high. What is the step time, in ms?",
        right,
        "ms",
        traps(
            right,
            (near.step, "Decoding is the bottleneck, so any delay of the workers counts."),
            (3 * near.step, "Only the waiting for memory takes longer."),
            relative=0.1,
        ),
        relative=0.1,
        why=f"Decoding a batch takes {quantity(near.stages['decode'], 'ms')} from local memory and "
        f"{quantity(far.stages['decode'], 'ms')} from remote memory.",
        settings={"workers": 0, "memory": "bind_1", "gpu": 1, "gpus": 1, "compute": 40, "machine": "textbook"}
        | {"batch": 154, "count": 8, "decode": 180, "local": 0, "remote": 0},
    )


def enough_workers(seed: int = 1) -> Number:
    """Predict how many workers keep the GPU busy."""
    from oslab.ai.input_pipeline import feed

    right = next(n for n in range(1, 13) if feed(n, decode=200, compute=60).gpu_busy > 0.99)
    return Number(
        "Decoding a batch takes 200 ms, and computing 60 ms. What is the smallest number of workers that keeps the GPU busy?",
        right,
        "workers",
        traps(
            right,
            (right - 1, "The GPU would wait during a part of every step."),
            (1, "One worker has a batch ready only every 200 ms."),
            (2 * right, "Half of the workers would only wait."),
        ),
        settings={"kind": "processes", "pinned": True, "prefetch": 2, "decode": 200, "spread": 0.0}
        | {"compute": 60, "batch": 154, "cpus": 8, "gil": 0.5},
        why=f"{right} workers have a batch ready every {quantity(200 / right, 'ms')}, sooner than the GPU needs one.",
    )


def waiting_workers(seed: int = 1) -> Choice:
    """Predict whether threads or processes are faster where the work is waiting."""
    from oslab.ai.parallel import run_parallel

    run = run_parallel("waits")
    threads, processes = run.speedup[:2]
    right = "Threads" if threads > processes * 1.1 else "Processes" if processes > threads * 1.1 else "Both alike"
    reasons = {
        "Threads": "That needs the lock to be released while a thread waits.",
        "Processes": "That holds for computing. A waiting thread releases the lock, and no process has to start.",
        "Both alike": "Starting an interpreter costs about 80 ms of CPU time for each process.",
    }
    return Choice(
        "Now each of the four workers does not compute, but waits 100 ms for a network. Python has its global interpreter "
        "lock. Which are faster: threads or newly started processes?",
        right,
        {k: v for k, v in reasons.items() if k != right},
        why=f"Threads wait at the same time: {readable(threads)} times as fast as one after another. Processes have to "
        f"start first: {readable(processes)} times.",
    )


def give_away(seed: int = 1) -> Choice:
    """Predict which counter reveals a contended lock."""
    from oslab.ai.counters import PANELS, expect

    right = expect("lock").sign
    reasons = {
        "minor_faults": "A fault comes with the first touch of a page, and a lock is always the same few bytes.",
        "resident": "A lock takes 40 bytes.",
        "written_characters": "A lock writes nothing to a file.",
        "voluntary_switches": "A thread that sleeps for the lock gives up its CPU.",
    }
    return Choice(
        "Two threads pass a lock back and forth as fast as they can. Which of their counters is far above that of a "
        "program that computes, writes files or allocates memory?",
        PANELS[right][0],
        {PANELS[name][0]: reason for name, reason in reasons.items() if name != right},
        why=expect("lock").reason,
    )


def slowest_part(seed: int = 1) -> Choice:
    """Predict what spinning threads do to a loop that waits for its loader."""
    from oslab.ai.diagnosis import CAUSES, percent
    from oslab.ai.training import train

    found = train(threads=4)
    right = found.causes[0]
    reasons = {
        "loading": "It did before, but now the loader is ready and gets no CPU for half of the time.",
        "memory": "Spinning threads use only their caches.",
        "compute": f"Arithmetic takes {percent(found.shares['compute'])} of the step.",
    }
    return Choice(
        "This loop decodes 8 samples of 4 ms each in one loader, on 2 CPUs. Now the numerical library is set to 4 threads, "
        "and three of them spin while they wait for work. What takes most of a step?",
        CAUSES[right],
        {CAUSES[k]: v for k, v in reasons.items()},
        why=f"Five threads compete for two CPUs. They spend {percent(found.shares[right])} of the time ready without a CPU, and "
        f"a step takes {duration(found.step)} instead of {duration(train().step)}.",
        settings={"workers": 1, "batch": 8, "decode": 4.0, "threads": 4, "quota": 1.0, "traffic": 0},
    )


QUIZ = Bank(
    "ai",
    [
        stopped_at,
        what_still_fits,
        (shared_memory, second_epoch),
        cuda_after_fork,
        (NUMA, step_time),
        instances_on_a_card,
    ],
    title="AI workloads",
)
