"""The predictions asked before chapter 3's labs; every key is worked out by the models."""

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
        f"With 3 frames FIFO has {three} faults in these 12 references. How many faults does it have with 4 frames?",
        four,
        "faults",
        traps(
            four,
            (three, "A fourth frame changes which pages are evicted, and when."),
            (three - 1, "One would expect fewer faults. Move the slider."),
            (three - 2, "One would expect fewer faults. Move the slider to see."),
        ),
        settings={"references": "1 2 3 4 1 2 5 1 2 3 4 5", "focus": 4},
        why="One more frame gives one more fault: Belady's anomaly. LRU is a stack algorithm, so more memory never gives it "
        "more faults.",
    )


def clock_meets_a_used_page(seed: int = 1) -> Choice:
    """Predict what the clock does at a page whose bit is set."""
    return Choice(
        "A page must be evicted, and the hand points to a page with R=1. What does the clock do?",
        "It clears the bit and goes on to the next page",
        {
            "It evicts that page": "The bit R=1 protects a page once.",
            "It keeps the bit and goes on": "If all pages had R=1, the search would never end.",
            "It looks for the least recently used page": "The clock keeps only one bit a page, not the time of the last use.",
        },
        why="That is the second chance: if the page is used again before the hand returns, it stays.",
    )


def page_that_lru_drops(seed: int) -> Choice:
    """Predict which page LRU evicts where FIFO evicts another."""
    from oslab.memory.demand_paging import simulate

    references, step = [1, 2, 3, 1, 4], 5
    gone = {key: int(simulate(references, key, 3).evicted[step - 1]) for key in ("lru", "fifo", "opt")}
    stays = next(page for page in (1, 2, 3) if page not in (gone["lru"], gone["fifo"]))
    return Choice(
        "Three frames hold pages 1, 2 and 3, read in the order 1 2 3 1. Now page 4 is needed. Which page does LRU evict?",
        f"Page {gone['lru']}",
        {
            f"Page {gone['fifo']}": "It was loaded first, so FIFO would evict it. But it was used again just now.",
            f"Page {stays}": "It was used more recently than another page in memory.",
        },
        why=f"Last uses: page 1 at step 4, page 3 at 3, page 2 at 2. Page {gone['lru']} is the least recently used.",
    )


def survivors_of_a_scan(seed: int) -> Number:
    """Predict how much of a working set LRU still holds after a scan."""
    from oslab.memory.scan_resistance import scan_contest

    contest = scan_contest()
    left = {key: int(contest.resident(key)[contest.scan[1]]) for key in contest.runs}
    return Number(
        "A working set has 8 pages, and memory has 14 frames. A scan reads 24 other pages once each. How many of the 8 "
        "pages does plain LRU still hold when the scan ends?",
        left["lru"],
        "pages",
        traps(
            left["lru"],
            (contest.hot, "The 8 pages fit, but the scan's pages are all more recent."),
            (6, "6 frames were free at first, but the scan needs more."),
            (left["two_list"], "That is the number that two lists keep."),
        ),
        settings={"focus": "lru", "hot": 8, "frames": 14, "scan": 24},
        why="The scan loads 24 more recent pages into 14 frames, so LRU evicts the whole working set.",
    )


def reads_of_three_epochs(seed: int = 1) -> Number:
    """Predict how many reads of three epochs go to the disk when all but one block fits into memory."""
    from oslab.memory import simulate

    epochs = [1, 2, 3, 4, 5, 6] * 3
    five, six = (simulate(epochs, "lru", n).faults for n in (5, 6))
    return Number(
        "A data set of 6 blocks is read three times, block by block. Memory holds 5 blocks, and the least recently used "
        "block is evicted. How many of the 18 reads go to the disk?",
        five,
        "reads",
        traps(
            five,
            (six, "That is the number with memory for all 6 blocks: only the first epoch reads them from the disk."),
            (six + 2, "One block too few costs more than one read an epoch. Follow which block is evicted, and when."),
            (5, "The first epoch alone reads 6 blocks."),
        ),
        settings={"references": "1 2 3 4 5 6 1 2 3 4 5 6 1 2 3 4 5 6", "frames": 5},
        why="Each block is evicted just before it is needed again, so every read misses. One block too few is as bad as "
        "no memory at all.",
    )


def twice_the_memory(seed: int = 1) -> Number:
    """Predict LRU's miss ratio at twice the memory on lab 6's first trace."""
    from oslab.memory.timed_replay import replay
    from oslab.memory.traces.menu import reference_trace

    trace = reference_trace("zipf", 1_000_000, 1, {})
    now, then = (replay(trace, "lru", n).miss_ratio for n in (10_000, 20_000))
    return Number(
        f"With 10 000 frames the miss ratio of LRU on this trace is {readable(now)}. What is the miss ratio with 20 000 frames?",
        round(then, 3),
        "miss ratio",
        traps(
            round(then, 3),
            (round(now / 2, 3), "Twice the memory does not halve the misses: the added pages are used less often."),
            (round(now, 3), "More memory gains a little, although the popular pages were in memory before."),
            absolute=0.01,
        ),
        absolute=0.01,
        settings={"trace": "zipf", "policy": "lru", "frames": 20_000, "length": 1_000_000, "seed": 1},
        why=f"It falls to {readable(then)}. The popular pages were in memory already; the next 10 000 pages are used less often.",
    )


def reads_with_large_pages(seed: int = 1) -> Number:
    """Predict the reads of a walk to a 2 MiB page."""
    return replace(
        walk_reads(0), settings={"page_size": 2 << 20, "levels": 4, "page": "mapped", "write": False, "bits": ""}
    )


def walks_beyond_the_reach(seed: int = 1) -> Choice:
    """Predict how many accesses need a walk once the working set is a third larger than the TLB's reach."""
    from oslab.memory import tlb_reach

    share = tlb_reach(16 << 20).share[2]
    options = {
        1.0: ("Nearly all", "That needs every entry to be evicted before it is used again."),
        0.25: (
            "About a quarter",
            "At any time a quarter of the pages has no entry, but LRU evicts each entry just before it is "
            "needed again.",
        ),
        0.0: ("Nearly none", "3072 entries cover 12 MiB with 4 KiB pages, but 16 MiB are 4096 pages."),
    }
    right, _ = options.pop(min(options, key=lambda value: abs(value - share)))
    return Choice(
        "A TLB with 3072 entries covers 12 MiB of 4 KiB pages. A program touches 16 MiB, one cache line a page, round "
        "after round in the same order. How many of its accesses need a page walk?",
        right,
        dict(options.values()),
        why="In a loop LRU evicts each entry just before its next use. Once the loop does not fit, every access misses.",
    )


def walks_after_a_switch(seed: int = 1) -> Number:
    """Predict the walks of a turn if every switch flushes the TLB."""
    from oslab.memory import switch_costs

    run = switch_costs(256, 2, 4096)
    right = round(run.flushed_here * 4096 / 1000)
    return Number(
        "Two processes take turns of 4096 accesses, each to its own 256 pages. Every context switch flushes the TLB. "
        "How many page walks does a turn need?",
        right,
        "walks",
        traps(
            right,
            (0, "That is the number with tagged entries, which need no flush."),
            (512, "A turn does not touch the other process's pages."),
            (4096, "Only the first access to each page needs a walk."),
        ),
        settings={"pages": 256, "processes": 2, "every": 4096},
        why="4096 random accesses touch all 256 pages, and after a flush each page misses once.",
    )


def pages_after_slicing(seed: int = 1) -> Choice:
    """Predict what opening a memory-mapped file loads."""
    return Choice(
        "A file of 64 MiB is mapped with mmap, and no byte of it has been read yet. How much of it does the mapping load?",
        "Nothing: pages are loaded when they are touched",
        {
            "All 64 MiB": "Reading the whole file with read() would load it; a mapping only reserves addresses.",
            "The first 4 KiB": "The first page is not loaded either: its first access faults too.",
            "The header": "The kernel works with pages and does not know file formats.",
        },
        why="The first access to a page is a page fault, and read-ahead loads its neighbours.",
    )
