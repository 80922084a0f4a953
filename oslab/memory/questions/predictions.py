"""What chapter 3 asks before its labs; every key is worked out by the models."""

from dataclasses import replace

from oslab.base import readable
from oslab.memory.questions.quiz import walk_reads
from oslab.quizzes import Choice, Number, traps

__all__ = [
    "clock_meets_a_used_page",
    "faults_with_one_frame_more",
    "page_that_lru_drops",
    "pages_after_slicing",
    "reads_of_three_epochs",
    "reads_with_large_pages",
    "survivors_of_a_scan",
    "twice_the_memory",
    "walks_after_a_switch",
    "walks_beyond_the_reach",
]


def faults_with_one_frame_more(seed: int = 1) -> Number:
    """Predict FIFO's faults on Belady's string with a fourth frame."""
    from oslab.memory import simulate

    string = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
    three, four = (simulate(string, "fifo", n).faults for n in (3, 4))
    return Number(
        f"With 3 frames FIFO makes {three} faults in these 12 references. Your guess: how many faults with 4 frames?",
        four,
        "faults",
        traps(
            four,
            (three, "More memory does change what goes, and when."),
            (three - 1, "One would think so; move the slider."),
            (three - 2, "One would hope so; move the slider."),
        ),
        settings={"references": "1 2 3 4 1 2 5 1 2 3 4 5", "focus": 4},
        why="One frame more, one fault more: Belady's anomaly. FIFO and LRU differ in who is kept, and only LRU "
        "never loses by having more memory.",
    )


def clock_meets_a_used_page(seed: int = 1) -> Choice:
    """Predict what the clock does at a page whose bit is set."""
    return Choice(
        "A page must go, and the hand stands at a page with R=1. What does the clock do?",
        "It clears the bit and goes on to the next page",
        {
            "It evicts that page": "Then the bit would mean nothing: R=1 is what protects a page, once.",
            "It keeps the bit and goes on": "Then a full circle of used pages would never end.",
            "It looks for the page used longest ago": "The clock has no such record; one bit a page is all it keeps.",
        },
        why="That is the second chance: used again before the hand returns, the page stays.",
    )


def page_that_lru_drops(seed: int) -> Choice:
    """Predict which page LRU lets go where FIFO lets go another."""
    from oslab.memory.demand_paging import simulate

    references, step = [1, 2, 3, 1, 4], 5
    gone = {key: int(simulate(references, key, 3).evicted[step - 1]) for key in ("lru", "fifo", "opt")}
    stays = next(page for page in (1, 2, 3) if page not in (gone["lru"], gone["fifo"]))
    return Choice(
        "Three frames hold pages 1, 2 and 3, read in the order 1 2 3 1; now page 4 is wanted. Which page goes "
        "under LRU?",
        f"Page {gone['lru']}",
        {
            f"Page {gone['fifo']}": "It came in first, which is FIFO's reason; but it was used again just now.",
            f"Page {stays}": "It was used after another page that is also still there.",
        },
        why=f"Last uses: page 1 at step 4, page 3 at 3, page 2 at 2: page {gone['lru']} has waited longest.",
    )


def survivors_of_a_scan(seed: int) -> Number:
    """Predict how much of a working set LRU still holds after a scan."""
    from oslab.memory.scan_resistance import scan_contest

    contest = scan_contest()
    left = {key: int(contest.resident(key)[contest.scan[1]]) for key in contest.runs}
    return Number(
        "8 pages are in use, memory has 14 frames, and a scan reads 24 other pages once each. How many of the 8 "
        "pages does plain LRU still hold when the scan ends?",
        left["lru"],
        "pages",
        traps(
            left["lru"],
            (contest.hot, "They fit, but the scan's pages are more recent than all of them."),
            (6, "6 frames were free at first, but the scan needs more than these."),
            (left["two_list"], "That is what two lists save."),
        ),
        settings={"focus": "lru", "hot": 8, "frames": 14, "scan": 24},
        why="24 more recent pages come in, and memory has room for 14: the whole working set is gone.",
    )


def reads_of_three_epochs(seed: int = 1) -> Number:
    """Predict how many reads of three epochs go to the disk when all but one block fits into memory."""
    from oslab.memory import simulate

    epochs = [1, 2, 3, 4, 5, 6] * 3
    five, six = (simulate(epochs, "lru", n).faults for n in (5, 6))
    return Number(
        "A data set of 6 blocks is read three times, block by block, and memory holds 5 of them; the block not used "
        "for longest goes. How many of the 18 reads go to the disk?",
        five,
        "reads",
        traps(
            five,
            (six, "That is with memory for all 6 blocks: the first epoch reads them, the others find them."),
            (six + 2, "One block short, so one read more in each later epoch? Follow which block goes, and when."),
            (5, "The first epoch alone reads 6 blocks."),
        ),
        settings={"references": "1 2 3 4 5 6 1 2 3 4 5 6 1 2 3 4 5 6", "frames": 5},
        why="Each block goes just before its turn comes again, so nothing is ever found: one block short is as bad "
        "as no memory at all.",
    )


def twice_the_memory(seed: int = 1) -> Number:
    """Predict LRU's miss ratio at twice the memory on lab 6's first trace."""
    from oslab.memory.timed_replay import replay
    from oslab.memory.traces.menu import reference_trace

    trace = reference_trace("zipf", 1_000_000, 1, {})
    now, then = (replay(trace, "lru", n).miss_ratio for n in (10_000, 20_000))
    return Number(
        f"With 10 000 frames LRU misses {readable(now)} of these references. Your guess for 20 000 frames: which miss ratio?",
        round(then, 3),
        "miss ratio",
        traps(
            round(then, 3),
            (round(now / 2, 3), "Half the misses would need each page to be as likely as the next."),
            (round(now, 3), "A little is gained, even if the favourites were there before."),
            absolute=0.01,
        ),
        absolute=0.01,
        settings={"trace": "zipf", "policy": "lru", "frames": 20_000, "length": 1_000_000, "seed": 1},
        why=f"It falls to {readable(then)}: the favourites were in memory already, and the next 10 000 pages are used less.",
    )


def reads_with_large_pages(seed: int = 1) -> Number:
    """Predict the reads of a walk to a 2 MiB page."""
    return replace(
        walk_reads(0), settings={"page_size": 2 << 20, "levels": 4, "page": "mapped", "write": False, "bits": ""}
    )


def walks_beyond_the_reach(seed: int = 1) -> Choice:
    """Predict how many accesses walk once the working set is a third larger than the TLB's reach."""
    from oslab.memory import tlb_reach

    share = tlb_reach(16 << 20).share[2]
    options = {
        1.0: ("Nearly all", "Only if no entry lived long enough to be used again."),
        0.25: (
            "About a quarter",
            "A quarter of the pages has no entry, but which quarter changes all the time: LRU drops "
            "each page just before its turn comes again.",
        ),
        0.0: ("Nearly none", "12 MiB is what 3072 entries cover with 4 KiB pages; 16 MiB is 4096 pages."),
    }
    right, _ = options.pop(min(options, key=lambda value: abs(value - share)))
    return Choice(
        "A TLB with 3072 entries reaches 12 MiB in 4 KiB pages. A program touches 16 MiB, one line a page, round after "
        "round in the same order. How many of its accesses walk?",
        right,
        dict(options.values()),
        why="In a loop LRU keeps nothing that will be needed in time: once the loop does not fit, every access misses.",
    )


def walks_after_a_switch(seed: int = 1) -> Number:
    """Predict the walks of a turn if every switch flushes the TLB."""
    from oslab.memory import switch_costs

    run = switch_costs(256, 2, 4096)
    right = round(run.flushed_here * 4096 / 1000)
    return Number(
        "Two processes take turns of 4096 accesses, each to its own 256 pages, and every switch flushes the TLB. How "
        "many walks does a turn make?",
        right,
        "walks",
        traps(
            right,
            (0, "That is with tagged entries: nothing needs to go."),
            (512, "The other process's pages are not touched in this turn."),
            (4096, "Only the first access to each page walks."),
        ),
        settings={"pages": 256, "processes": 2, "every": 4096},
        why="After a flush each of the 256 pages is missed once; 4096 accesses at random touch them all.",
    )


def pages_after_slicing(seed: int = 1) -> Choice:
    """Predict what opening a memory-mapped file loads."""
    return Choice(
        "A file of 64 MiB is mapped with mmap and nothing is read yet. How much of it does the mapping load?",
        "Nothing: pages come when they are touched",
        {
            "All 64 MiB": "That is what read() of the whole file would do; a mapping is only a promise.",
            "The first 4 KiB": "Not even these: the first access faults like every other.",
            "The header": "The kernel knows nothing of headers; it knows pages.",
        },
        why="Each first touch is a page fault, and read-ahead brings the neighbours.",
    )
