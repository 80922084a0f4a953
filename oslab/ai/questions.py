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
        f'A group has cpu.max "{quota * 1000} 100000"; {threads} threads are always busy, each on a CPU of its own, and a '
        "CPU draws 5 ms from the pool at a time. How many ms after the period began is the last of them throttled?",
        right,
        "ms",
        traps(
            right,
            (fluid, "That is what infinitely small slices would give; a CPU has what it drew."),
            (quota, "All threads draw from one pool."),
            (100, "A quota is used up before its period ends."),
            (right - 5, "Some CPUs stop then; the ones that drew last run on."),
        ),
        why=f"The pool holds {-(-quota // 5)} slices for {threads} CPUs: the first ones get one more than the others.",
        hint="How many slices are in the pool, and who gets the last ones?",
        recompute=lambda: 5 * -(-(quota // 5) // threads),
    )


def eight_threads(seed: int = 1) -> Choice:
    """Predict what more threads do under a quota."""
    from oslab.ai.bandwidth_control import Requests, throttle

    p99 = {n: throttle(25, 100, n, 8, requests=Requests(100, 20), periods=20).quantile(0.99) for n in (4, 8)}
    right = "Much slower" if p99[8] > 2 * p99[4] else "Twice as fast"
    options = {
        "Twice as fast": "Without the quota it is: 2.5 ms. But each CPU draws a slice for itself.",
        "The same": "The work is the same, but it is spread over more CPUs, and each of them draws.",
        "Much slower": "No CPU would have to wait.",
    }
    return Choice(
        "A request needs 20 ms of CPU time, the quota is 25 ms every 100 ms, the machine has 8 CPUs. Split over 4 "
        f"threads it takes {quantity(p99[4], 'ms')}. Split over 8 it is …",
        right,
        {k: v for k, v in options.items() if k != right},
        why=f"Five CPUs draw 5 ms each, use half of it, and three find the pool empty: p99 is {quantity(p99[8], 'ms')}.",
    )


def what_still_fits(seed: int) -> Choice:
    """Ask which instance can still be made on a card in use."""
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
        f"On one {card.name} these instances stand (profile@first memory slice): "
        f"{', '.join(map(str, layout.placed))}. Which one can still be made?",
        str(right),
        {str(p): f"No: {layout.obstacle(p)}." for p in wrong},
        why=f"Memory slices {layout.slices(right)[0]} to {layout.slices(right)[-1]} are free.",
        hint="Which of the eight memory slices are taken?",
    )


def instances_on_a_card(seed: int) -> Number:
    """Ask how many instances of one kind a card takes beside another."""
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
        f"On an empty {card.name} stands one {first.name}, at memory slice 0. How many instances of {kind.name} can be "
        f"made beside it? ({kind.compute} compute and {kind.memory} of {card.memory} memory slices each; they begin at "
        f"{', '.join(map(str, kind.starts))}.)",
        right,
        "instances",
        traps(
            right,
            (
                free // kind.memory,
                "The memory would be enough; look at where they may begin, and at the compute slices.",
            ),
            ((card.compute - first.compute) // kind.compute, "The compute slices would be enough; look at the memory."),
            (len(kind.starts), "That is on an empty card."),
            (right + 1, "Count the places that are left."),
        ),
        why=f"{first.name} takes memory slices 0 to {first.memory - 1} and {first.compute} of {card.compute} compute slices.",
        hint="Cross out the memory slices that are taken, then count places and compute slices.",
        recompute=lambda: min(
            sum(taken.isdisjoint(range(start, start + kind.memory)) for start in kind.starts),
            (card.compute - first.compute) // kind.compute,
        ),
    )


def who_is_refused(seed: int = 1) -> Choice:
    """Predict whom a packer refuses."""
    from oslab.ai.mig_allocation import pack

    found = pack("A: 1g + 1g; B: 2g; C: 3g")
    refused = {team for team, _ in found.refused}
    reasons = {
        "A": "The first one finds an empty card.",
        "B": "A 2g may start at three places, and two small instances cannot take all of them.",
        "C": "It needs four memory slices in one piece, from 0 or from 4 on.",
        "Nobody": "1 + 1 + 2 + 3 are 7 compute slices, and still there is no place.",
    }
    right = next(iter(refused), "Nobody")
    return Choice(
        "A wants two 1g, B a 2g, C a 3g, in this order; the driver puts each where most room for large instances is left. "
        "Together they are 7 compute slices of 7. Who is refused?",
        right,
        {k: v for k, v in reasons.items() if k != right},
        why="The 1g stand at 6 and 4, to keep 0 to 3 in one piece; the 2g must go to 0, and then a 3g fits at neither 0 nor 4.",
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
        f"A DataLoader with {workers} workers and prefetch_factor={ahead} sends batches of {images} float32 images, 3 × {side} × "
        f"{side}, through /dev/shm. How many MiB lie there when the training process is late and all workers are as far ahead as "
        "they may?",
        right,
        "MiB",
        traps(
            right,
            (round(one, 1), "That is one batch."),
            (round(workers * one, 1), "Each worker is several ahead."),
            (round(ahead * one, 1), "Every worker has its own."),
            (round(right / 4, 1), "A float32 has 4 bytes."),
            (64, "That is what a container has by default, and why it ends with a bus error."),
            relative=0.01,
        ),
        relative=0.01,
        why=f"{workers} × {ahead} batches of {one:.4g} MiB; a container has 64 MiB unless --shm-size says otherwise.",
        hint="Bytes of one batch, times the batches that may be under way.",
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
        "Nothing": "A group's page cache counts against its memory.max, and this data set is larger than what is left.",
        "Everything": "It does fit beside the program, so the pages of the first epoch are still there.",
        "What did not fit": "All of it fits."
        if right == "Nothing"
        else "The least recently used goes first: in the same order, each page goes just before it is wanted.",
    }
    return Choice(
        f"A container has memory.max = {limit} GiB, and the training program has {own} GiB of its own. Every epoch "
        f"reads the same {data} GiB of files in the same order; take the page cache to be strictly LRU. What does the "
        "second epoch read from the disk?",
        right,
        {k: v for k, v in reasons.items() if k != right},
        why=f"{limit} − {own} = {limit - own} GiB are left for the page cache, and the files have {data}.",
        hint="What is left for the page cache, and in which order do pages leave it?",
        recompute=misses,
    )


def cuda_after_fork(seed: int) -> Choice:
    """Ask what helps when CUDA was initialised before the fork."""
    right = "Start the workers by spawn or forkserver"
    wrong = {
        "Call torch.cuda.init() in the worker first": "The child has inherited a state that says it is done: the error.",
        "Use fork, but copy the model to the CPU before": "The driver's threads and handles are missing, not the data.",
        "Raise ulimit -u, the number of processes": "The fork succeeded; what fails comes later.",
        "Give the container more shared memory": "That helps against a bus error, another one.",
        "Pin the worker to the GPU's node": "Placement changes the speed, not whether it works.",
    }
    picked = np.random.default_rng(seed).permutation(len(wrong))[:3]
    return Choice(
        "A worker made by fork stops with “Cannot re-initialize CUDA in forked subprocess”; the parent has used "
        "the GPU before. What helps?",
        right,
        {k: wrong[k] for k in (list(wrong)[i] for i in picked)},
        why="Of all threads only the caller of fork lives on in the child: the driver's are gone, its memory says "
        "they are there. A process that starts afresh initialises CUDA by itself; on Linux Python 3.14 starts "
        "workers so by default.",
        hint="How many threads has a child after fork?",
    )


NUMA = Written(
    "How does memory on the other node of a NUMA machine slow training down, and what do you do about it?",
    "A core gets less from remote memory, since latency bounds its bandwidth, and all remote traffic shares one link.",
    [
        "A read from the other node takes 1.55 to 1.85 times as long on real two-socket machines (often said: 3 times).",
        "A core keeps a fixed number of lines under way, so twice the latency is half the bandwidth.",
        "Batches move on every iteration: with workers on one node and the GPU on the other, each crosses the link between them.",
        "A pipeline hides the crossing until the link, or the decoding from remote memory, takes longer than the computing.",
        "numactl --cpunodebind=N --membind=N puts processes and memory on the GPU's node N; each process takes its own GPU "
        "(torch.cuda.set_device) and has its loader's workers on that node.",
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
        f"{count} workers on node 0 decode batches that lie on node 1; a read takes {two.local} ns locally, "
        f"{two.remote} ns remotely, and a core has {LINES_UNDER_WAY} lines of {LINE} bytes under way. For a batch a "
        f"worker needs {decode} ms of CPU time besides moving {moved} MB through its core. The GPU computes {compute} ms; "
        "all goes on at the same time, link and PCIe are never full. How many ms does a step take?",
        right,
        "ms",
        traps(
            right,
            (round(near.step, 1), "That is with the workers on the memory's node."),
            (compute, "The GPU waits for the workers."),
            (round(found.step * count, 1), f"{count} workers work at the same time."),
            relative=0.02,
        ),
        relative=0.02,
        why=f"A core gets {quantity(found.bandwidth, 'GB/s')}: "
        f"({decode} + {readable(moved / found.bandwidth, 4)}) / {count} ms, longer than "
        f"{compute} ms.",
        hint="First the bandwidth of a core: bytes under way over the latency.",
        recompute=lambda: round((decode + moved * two.remote / (LINE * LINES_UNDER_WAY)) / count, 1),
    )


def far_memory(seed: int = 1) -> Number:
    """Predict the step time with remote memory."""
    from oslab.ai.numa import place

    near, far = place(1, "bind_1", 1), place(0, "bind_1", 1)
    right, work = round(far.step, 1), 180 / 8
    waiting = near.stages["decode"] - work
    return Number(
        f"Workers, batches and GPU are all on node 1: decoding takes {quantity(work, 'ms')} of work and "
        f"{quantity(waiting, 'ms')} of waiting for memory a batch, the GPU computes meanwhile, and a step takes "
        f"{quantity(near.step, 'ms')}. The workers move to node 0, from "
        "where that memory is three times as far; nothing else moves. Your guess: a step, in ms?",
        right,
        "ms",
        traps(
            right,
            (near.step, "The workers have no time to spare."),
            (3 * near.step, "Only waiting for memory takes longer."),
            relative=0.1,
        ),
        relative=0.1,
        why=f"Decoding takes {quantity(near.stages['decode'], 'ms')} a batch with it near, "
        f"{quantity(far.stages['decode'], 'ms')} with it far.",
        settings={"workers": 0, "memory": "bind_1", "gpu": 1, "gpus": 1, "compute": 40, "machine": "textbook"},
    )


def enough_workers(seed: int = 1) -> Number:
    """Predict how many workers keep the GPU busy."""
    from oslab.ai.input_pipeline import feed

    right = next(n for n in range(1, 13) if feed(n, decode=200, compute=60).gpu_busy > 0.99)
    return Number(
        "Decoding a batch takes 200 ms, computing 60 ms. Your guess: how many workers keep the GPU busy?",
        right,
        "workers",
        traps(
            right,
            (right - 1, "The GPU would wait for a part of every step."),
            (1, "One is ready every 200 ms."),
            (2 * right, "Half of them would only wait."),
        ),
        settings={"kind": "processes", "pinned": True, "prefetch": 2, "decode": 200, "spread": 0.0},
        why=f"{right} workers have a batch ready every {quantity(200 / right, 'ms')}, sooner than the GPU needs one.",
    )


def waiting_workers(seed: int = 1) -> Choice:
    """Predict who is faster where the work is waiting."""
    from oslab.ai.parallel import run_parallel

    run = run_parallel("waits")
    threads, processes = run.speedup[:2]
    right = "Threads" if threads > processes * 1.1 else "Processes" if processes > threads * 1.1 else "Both alike"
    reasons = {
        "Threads": "The lock would have to be let go while a thread waits.",
        "Processes": "That is so for computing; a thread that waits lets go of the lock, and needs no start.",
        "Both alike": "Starting an interpreter costs CPU time, some 80 ms of it for each process.",
    }
    return Choice(
        "Now the four workers do not count: each waits 100 ms for a network, in Python with its lock. "
        "Which way is faster, threads or newly started processes?",
        right,
        {k: v for k, v in reasons.items() if k != right},
        why=f"Threads wait at the same time, {readable(threads)} times as fast as one after another; processes must be "
        f"started first: {readable(processes)} times.",
    )


def give_away(seed: int = 1) -> Choice:
    """Predict which counter gives a lock away."""
    from oslab.ai.counters import PANELS, expect

    right = expect("lock").sign
    reasons = {
        "minor_faults": "Pages are touched once; a lock is the same few bytes all the time.",
        "resident": "A lock takes 40 bytes.",
        "written_characters": "Nothing is written to a file.",
        "voluntary_switches": "Each time a thread sleeps for the lock, it gives up its CPU.",
    }
    return Choice(
        "Two threads hand a lock to and fro, as fast as they can. Which counter of theirs is far above that of a "
        "program that computes, writes files, or takes memory?",
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
        "loading": "It was, before; but now its loader is ready and gets no CPU for most of the time.",
        "memory": "Spinning threads stay in their caches.",
        "compute": "Arithmetic takes 5 % of the step.",
    }
    return Choice(
        "This loop decodes 8 samples of 4 ms in one loader, on 2 CPUs. Somebody sets the number of threads of the "
        "numerical library to 4, and three of them spin beside it, waiting for work. What takes most of a step now?",
        CAUSES[right],
        {CAUSES[k]: v for k, v in reasons.items()},
        why=f"Five want to run on two CPUs: {percent(found.shares[right])} of the time is spent ready without one, and "
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
