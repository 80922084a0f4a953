"""Chapter 6's quiz, and the predictions asked before its labs; every key is worked out by the models."""

import numpy as np

from oslab.base import readable
from oslab.devices import SERVERS, bill_operations, count_calls, receive, run_job, watch_pipe
from oslab.devices.block_transfer import SETUP, compare_ways, move_block
from oslab.devices.rings import WRAP, Rings
from oslab.quizzes import Bank, Choice, Match, Number, Order, Written, traps

__all__ = [
    "QUIZ",
    "bytes_nobody_reports",
    "calls_each_way",
    "calls_of_the_job",
    "few_packets",
    "free_with_dma",
    "load_of_livelock",
    "off_the_list",
    "place_of_a_request",
    "sooner_by_interrupts",
    "the_second_wait",
]

STEPS = (
    "The CPU tells the DMA engine which block, and where in memory",
    "The DMA engine moves the bytes",
    "The DMA engine raises an interrupt",
    "The CPU finishes its instruction and looks up the interrupt vector",
    "The service routine marks the request complete and wakes the process",
)


DMA_STEPS = Order(
    "Put the steps of a read by DMA in order.",
    STEPS,
    {
        (STEPS[2], STEPS[1]): "The interrupt reports that the bytes are there, so they must be there first.",
        (STEPS[3], STEPS[2]): "The vector gives the routine for an interrupt, so the interrupt comes first.",
        (STEPS[4], STEPS[3]): "Without the look-up the CPU does not know which routine to call.",
        (STEPS[1], STEPS[0]): "The engine starts only after a command.",
    },
    why="Command, transfer, interrupt, look-up, service routine; the CPU is free during the second.",
)


def free_with_dma(seed: int) -> Number:
    """Ask for what share of the time the CPU is free during DMA."""
    draw = np.random.default_rng(seed)
    block, rate = int(draw.choice([4096, 8192, 16384])), float(draw.choice([100, 200, 400]))
    cost = float(draw.choice([1.5, 2.5, 3.5, 5.5]))
    run = move_block("dma", block, 512, rate, cost)
    share = 100 * run.free
    return Number(
        f"A device delivers {block} B by DMA at {readable(rate)} MB/s, that is, {readable(rate)} bytes a µs. The set-up takes "
        f"{SETUP} µs of CPU time, and the one interrupt {readable(cost)} µs; nothing overlaps. For how many % of the time "
        "is the CPU free?",
        share,
        "%",
        traps(
            share,
            (100 - share, "That is the share in which it is busy."),
            (100.0, "The set-up and the interrupt need the CPU."),
            (0.0, "That is polling, where the CPU waits in a loop."),
            absolute=1.0,
        ),
        absolute=1.0,
        why=f"{readable(block / rate, 4)} of {readable(run.total, 4)} µs are the transfer, in which the CPU is free.",
        hint="How long does the transfer itself take?",
        recompute=lambda: 100 * (block / rate) / (block / rate + SETUP + cost),
    )


def sooner_by_interrupts(seed: int = 1) -> Choice:
    """Predict whether a block is complete sooner with interrupts than with polling."""
    poll, each, _ = compare_ways()
    assert each.total > poll.total
    return Choice(
        "4 KiB come from a device, 512 B at a time, and the CPU copies them. It asks in a loop (polling), or is "
        "interrupted for each 512 B. Is the block complete sooner or later with interrupts than with polling?",
        "Later",
        {
            "Sooner": "Interrupts do not make the device faster, and each takes time.",
            "At the same time": "Each interrupt adds the time to enter and leave its routine.",
        },
        why=f"{readable(each.total)} against {readable(poll.total)} µs: interrupts do not save time, they free the CPU for other "
        f"work.",
    )


def load_of_livelock(seed: int) -> Number:
    """Ask at which load the application gets no time."""
    draw = np.random.default_rng(seed)
    interrupt, packet, application = (float(draw.choice(some)) for some in ([1, 2, 3, 4], [1, 2], [3, 5, 7]))
    right = 1e3 / (interrupt + packet)

    def by_simulation() -> float:
        """The load beyond which the kernel alone fills the CPU, from its share at half of that."""
        run = receive(
            "interrupts",
            right / 2,
            interrupt_cost=interrupt,
            packet_cost=packet,
            application_cost=application,
            seed=seed,
        )
        return right if abs(run.kernel_share - 0.5) < 0.01 else run.load / run.kernel_share

    return Number(
        f"Every packet raises an interrupt: {readable(interrupt)} µs for it, {readable(packet)} µs for the kernel's part, and "
        f"later {readable(application)} µs in the application. Above how many thousand packets a second (k/s) does the "
        f"application get no time at all?",
        right,
        "k/s",
        traps(
            right,
            (
                1e3 / (interrupt + packet + application),
                "Above this rate packets are lost, but the application still processes some.",
            ),
            (1e3 / interrupt, "The kernel's part comes before the application too."),
            (1e3 / packet, "The interrupt itself takes time."),
            (1e3 / application, "The application gets only the time that the kernel leaves."),
            relative=0.02,
        ),
        relative=0.02,
        why=f"Interrupt and kernel take {readable(interrupt + packet)} µs a packet. So 1000 / "
        f"{readable(interrupt + packet)} packets a millisecond take all of the CPU's time: livelock.",
        hint="What runs before the application?",
        recompute=by_simulation,
    )


def few_packets(seed: int = 1) -> Choice:
    """Predict what coalescing does to few packets."""
    half = receive("coalescing", 20, 32, 1000).percentile(50)
    lone = receive("interrupts", 20).percentile(50)
    labels = {8.0: "about 8 µs", 50.0: "about 50 µs", 500.0: "about 0.5 ms", 5000.0: "about 5 ms"}
    key = min(labels, key=lambda v: abs(np.log(v / half)))
    reasons = {
        8.0: f"That is the time with one interrupt per packet ({readable(lone)} µs).",
        50.0: "That is the gap between two packets, but the interrupt waits for 32.",
        500.0: "How long does the first of them wait?",
        5000.0: "The delay ends the wait after 1 ms at the latest.",
    }
    return Choice(
        "20 000 packets arrive every second. The card raises an interrupt when 32 packets have come, or 1 ms after the "
        "first. What is the median time until a packet is processed?",
        labels[key],
        {labels[v]: reasons[v] for v in labels if v != key},
        why=f"{readable(half / 1e3, 2)} ms: some 20 packets come in 1 ms, never 32, so the delay ends the wait.",
    )


def bytes_nobody_reports(seed: int) -> Choice:
    """Ask what the second wait does."""
    draw = np.random.default_rng(seed)
    trigger, again = ("edge", "level")[int(draw.integers(0, 2))], bool(draw.integers(0, 2))
    written = 1024 * int(draw.integers(2, 9))
    read_size = 1024 * int(draw.integers(1, written // 1024))
    story = watch_pipe(trigger, written, read_size, again)
    second = [s for s in story.done if s.call == "wait"][1]
    answers = {
        "report": "It reports the pipe at once",
        "stuck": "It blocks, and bytes are in the pipe",
        "empty": "It blocks, and the pipe is empty",
        "error": "It fails with EAGAIN",
    }
    right = "report" if second.returned else "stuck" if second.left else "empty"
    reasons = {
        "report": "Level triggering needs bytes in the pipe, edge triggering a change since the last report."
        if right != "report"
        else "",
        "stuck": "That happens only with edge triggering and a reader that stops too early.",
        "empty": "That happens only if the reader reads until nothing is left.",
        "error": "EAGAIN is returned by a read of an empty pipe; epoll_wait blocks.",
    }
    return Choice(
        f"A pipe is watched {trigger}-triggered. {written} B are written, epoll_wait reports them, and the program "
        f"reads {f'until EAGAIN, {read_size} B at a time' if again else f'{read_size} B, once'}. What does the second "
        "epoll_wait do, if nobody writes?",
        answers[right],
        {answers[k]: reasons[k] for k in answers if k != right},
        why=second.why,
        hint=f"How many bytes are left, and what does {trigger} mean?",
    )


def the_second_wait(seed: int = 1) -> Choice:
    """Predict the second wait of the manual page's story."""
    assert watch_pipe("edge").stuck
    return Choice(
        "2 KiB arrive, epoll_wait reports them (edge-triggered), the program reads 1 KiB and waits again. What "
        "happens?",
        "The wait blocks",
        {
            "The wait reports the other 1 KiB": "That is level triggering, the default.",
            "The other 1 KiB is lost": "It stays in the pipe; it is just not reported.",
        },
        why="Edge triggering reports changes, and nothing has changed since the last report.",
    )


Q4 = Written(
    "Why does io_uring outperform epoll at hundreds of thousands of I/O operations a second?",
    "It makes far fewer system calls, and requests and results pass through memory that both sides share.",
    [
        "Fewer system calls: epoll takes a wait, and then a read or write for each operation; one io_uring_enter submits many.",
        "Shared rings: SQ and CQ lie in memory that program and kernel both see, so requests and completions are not copied "
        "(the data of a buffered read still are).",
        "SQPOLL: a kernel thread watches the SQ, so submitting takes no call at all while it is awake; it costs a CPU.",
        "Registered buffers are pinned once and registered files are looked up once, instead of for every operation.",
        "Together: millions of operations a second with little CPU time, if there are enough operations to batch.",
    ],
)


def calls_each_way(seed: int) -> Match:
    """Give each way its number of system calls for n operations in batches of b."""
    draw = np.random.default_rng(seed)
    batch = int(draw.choice([8, 10, 16, 20, 32, 50]))
    operations = batch * int(draw.integers(10, 60))
    calls = count_calls(operations, batch)
    names = {
        "threads": "blocking reads",
        "epoll": "epoll: one epoll_wait a batch, and every read",
        "io_uring": "io_uring: one io_uring_enter a batch",
        "sqpoll": "io_uring with SQPOLL, whose thread is awake",
    }
    right = {names[key]: str(n) for key, n in calls.items()}
    return Match(
        f"{operations} reads, {batch} of them ready (or submitted) at a time. How many system calls does each way make, "
        f"without the set-up?",
        right,
        {
            (names["epoll"], right[names["threads"]]): "The waits are calls too, one for each batch.",
            (names["io_uring"], right[names["threads"]]): "One call submits a whole batch and waits for it.",
            (
                names["epoll"],
                right[names["io_uring"]],
            ): "epoll only reports which are ready; each read is still a call.",
            (names["sqpoll"], right[names["io_uring"]]): "The kernel's thread finds the requests without being called.",
        },
        why=f"{operations}; {operations} + {operations // batch}; {operations // batch}; none.",
        hint=f"How many batches are {operations} reads?",
    )


def calls_of_the_job(seed: int = 1) -> Number:
    """Predict the calls of lab 4's job."""
    right = run_job(8, 4, 4).calls
    return Number(
        "8 reads by io_uring in batches of 4; the rings are set up. How many system calls does that take?",
        right,
        "calls",
        {
            8: "That is one for each read, as with blocking reads.",
            10: "That is epoll: a wait for each batch, a read for each.",
            4: "Submitting and waiting are one call.",
        },
        settings={"operations": 8, "batch": 4, "entries": 4, "sqpoll": False, "registered": False},
        why="One io_uring_enter a batch submits it and waits for it.",
    )


def off_the_list(seed: int = 1) -> Choice:
    """Predict which way cannot do direct reads of files."""
    left = bill_operations(direct=True).bills
    assert set(SERVERS) - set(left) == {"level", "edge"}
    return Choice(
        "The operations are reads of files, past the page cache (direct I/O on). Which way is not possible?",
        "epoll",
        {
            "threads": "A thread can block in a read of a file as well as of a socket.",
            "io_uring": "It accepts files and sockets alike.",
            "io_uring with registered buffers": "Here they save most: a page need not be pinned for each read.",
        },
        why="epoll refuses regular files (EPERM): they always count as ready, and a read of one blocks all the same.",
    )


def place_of_a_request(seed: int) -> Number:
    """Ask in which place of the SQ a request is."""
    draw = np.random.default_rng(seed)
    asked = int(draw.choice([3, 5, 6, 10, 12, 20, 50, 100]))
    start = int(draw.integers(1000, 100_000)) if seed % 2 else WRAP - int(draw.integers(1, 30))
    more = int(draw.integers(2, 4))
    rings = Rings(asked, start=start)
    for k in range(more):
        rings.push(k)
    size = len(rings.state.sq)
    right = next(k for k, r in enumerate(rings.state.sq) if r is not None and r.user_data == more - 1)
    return Number(
        f"A ring was set up with {asked} entries. The SQ's tail is at index {start}; {more} requests are pushed. In which "
        "place, counted from 0, is the last of these requests? (Indices have 32 bits.)",
        right,
        "place",
        traps(
            right,
            ((start + more - 1) % WRAP % asked, f"The kernel has rounded {asked} entries up to {size}."),
            ((start + more) % size, "The tail points one place behind the last request."),
            (more - 1, "The tail was not at 0."),
        ),
        why=f"{size} places; index ({start} + {more - 1}) mod 2^32, and of that the last {size.bit_length() - 1} bits.",
        hint="The entries are rounded up to a power of two.",
        recompute=lambda: (start + more - 1) % WRAP % size,
    )


QUIZ = Bank(
    "devices",
    [(DMA_STEPS, free_with_dma), load_of_livelock, bytes_nobody_reports, (Q4, calls_each_way), place_of_a_request],
    title="Devices and I/O",
)
