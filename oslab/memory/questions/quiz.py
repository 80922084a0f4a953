"""Chapter 3's quiz; every key is worked out by the models."""

from typing import Any

import numpy as np

from oslab.base import plural, quantity, readable
from oslab.memory.addresses import LEVEL_NAMES
from oslab.memory.addresses import PAGE_SIZES as PAGE_NAMES
from oslab.memory.questions.exercises import page_with_bits_that_goes
from oslab.quizzes import Bank, Choice, Number, Order, Written, traps

__all__ = [
    "QUIZ",
    "entries_that_outlive_a_switch",
    "faults_for_a_string",
    "line_that_loads",
    "list_of_a_page",
    "mean_access_time",
    "memory_for_a_miss_ratio",
    "reach_of_a_tlb",
    "split_an_address",
    "walk_reads",
]

MISS_STEPS = (
    "The CPU looks the page up in the TLB and does not find it",
    "The MMU reads the root table's address from register CR3",
    "The MMU walks the tables down to the page-table entry",
    "The translation is stored in the TLB",
    "The access is made again and finds the translation",
)


def tlb_miss_steps() -> Order:
    """Put the five steps of a TLB miss in order."""
    return Order(
        "Put what happens at a TLB miss on x86-64 in order.",
        MISS_STEPS,
        {
            (
                MISS_STEPS[2],
                MISS_STEPS[1],
            ): "A walk needs to know where to start, and only CR3 says where the root table is.",
            (MISS_STEPS[3], MISS_STEPS[2]): "There is nothing to store before the walk has found the frame.",
            (MISS_STEPS[4], MISS_STEPS[3]): "Made again before the TLB knows the page, the access would miss again.",
            (MISS_STEPS[1], MISS_STEPS[0]): "CR3 is looked at only once the TLB has said no.",
        },
        why="Look up, root, walk, store, again: hardware does all five on x86-64, without the operating system.",
    )


def walk_reads(seed: int) -> Number:
    """Count the reads of a walk that ends at a large page."""
    from oslab.memory.memory_access import follow_access

    size = (2 << 20, 1 << 30)[seed % 2]
    levels = (4, 5)[seed // 2 % 2]
    right = follow_access(page_size=size, levels=levels).reads - 1
    full = follow_access(levels=levels).reads - 1
    return Number(
        f"A TLB miss on a machine with {levels}-level page tables, to an address in a {PAGE_NAMES[size]} page: how many memory "
        "reads does the walk make (the data's own read not counted, nothing cached)?",
        right,
        "reads",
        traps(
            right,
            (full, f"That is a walk to a 4 KiB page; a {PAGE_NAMES[size]} page's entry stands higher up."),
            (right + 1, "That counts the data's own read too, or one table too many."),
            (right - 1, "The level that holds the page's own entry is read too."),
        ),
        why=f"The entry that maps a {PAGE_NAMES[size]} page is found after {right} of the {levels} levels.",
        hint="Which table holds the entry of so large a page?",
        recompute=lambda: levels - {2 << 20: 1, 1 << 30: 2}[size],
    )


def split_an_address(seed: int) -> Number:
    """Ask for one index, or the offset, of a random address."""
    from oslab.memory.addresses import split

    draw = np.random.default_rng(seed)
    address = int(draw.integers(1 << 30, 1 << 47))
    place = int(draw.integers(0, 4))
    name = LEVEL_NAMES[4][place]
    parts = split(address)
    right = parts.indices[place]
    wrong = [(parts.indices[k], f"That is the {n} index.") for k, n in enumerate(LEVEL_NAMES[4]) if k != place]
    shift = 12 + 9 * (3 - place)
    return Number(
        f"The virtual address is {address:#014x}, with 4 KiB pages and four levels. Which entry of the {name} does the walk "
        "read? Give the index (0 to 511; 0x… is understood).",
        right,
        "index",
        traps(
            right,
            *wrong,
            (parts.offset, "That is the offset in the page."),
            ((address >> (shift - 1)) & 511, "That is one bit too far to the right."),
            ((address >> (shift + 1)) & 511, "That is one bit too far to the left."),
        ),
        why=f"Bits {shift + 8} to {shift}: ({address:#x} >> {shift}) & 511 = {right}.",
        hint="Offset 12 bits, then nine bits for each level, from the right.",
        recompute=lambda: (address >> shift) & 511,
    )


def reach_of_a_tlb(seed: int) -> Number:
    """Ask how much memory a TLB reaches."""
    draw = np.random.default_rng(seed)
    entries = int(draw.choice([64, 72, 512, 1024, 1536, 2048, 3072]))
    size = (4096, 2 << 20)[int(draw.integers(0, 2))]
    right = entries * size / 2**20
    other = entries * ((2 << 20) if size == 4096 else 4096) / 2**20
    return Number(
        f"A TLB has {entries} entries for {PAGE_NAMES[size]} pages. How large is the memory it reaches, in MiB?",
        right,
        "MiB",
        traps(
            right,
            (other, "That is its reach with the other page size."),
            (right * 1024, "That is in KiB."),
            (right / 1024, "That is in GiB."),
            (entries, "That is the number of entries."),
            relative=0.02,
        ),
        relative=0.02,
        why=f"{entries} × {PAGE_NAMES[size]} = {readable(right)} MiB.",
        hint="Entries times page size.",
        recompute=lambda: entries * size / 1024 / 1024,
    )


def mean_access_time(seed: int) -> Number:
    """Ask for the effective access time of a machine with a TLB."""
    from oslab.memory import effective_access_time

    draw = np.random.default_rng(seed)
    percent, tlb = int(draw.choice([80, 90, 95, 98])), int(draw.choice([1, 2, 5, 10]))
    memory, levels = int(draw.choice([50, 80, 100])), int(draw.integers(1, 5))
    right, miss = (effective_access_time(share, tlb, memory, levels) for share in (percent / 100, 0))
    share = percent / 100
    return Number(
        f"A look into the TLB takes {tlb} ns and hits {percent} times in 100; an access to memory takes {memory} ns, and a "
        f"walk reads {plural(levels, 'table')}. How long does an access take on average, in ns?",
        right,
        "ns",
        traps(
            right,
            (tlb + memory, "That is a hit; some accesses miss."),
            (miss, "That is a miss; most accesses hit."),
            (share * memory + (1 - share) * (levels + 1) * memory, "The look into the TLB takes time too."),
            (share * miss + (1 - share) * (tlb + memory), "Hits and misses are exchanged."),
            relative=0.005,
        ),
        relative=0.005,
        why=f"{percent} % of hits at {tlb} + {memory} ns, {100 - percent} % of misses at {plural(levels, 'read')} more: "
        f"{quantity(right, 'ns')}.",
        hint="What does a hit take, and what does a miss take more?",
        recompute=lambda: (percent * (tlb + memory) + (100 - percent) * (tlb + (levels + 1) * memory)) / 100,
    )


def faults_for_a_string(seed: int) -> Number:
    """Ask for the faults of a short reference string."""
    from oslab.memory import POLICIES, simulate

    draw = np.random.default_rng(seed)
    policy, frames = ("fifo", "lru", "opt", "clock")[int(draw.integers(0, 4))], int(draw.integers(3, 5))
    pages = draw.integers(1, 7, 12)
    right = simulate(pages, policy, frames).faults
    label = POLICIES[policy].label
    others = [
        (simulate(pages, key, frames).faults, f"That is what {POLICIES[key].label} makes.")
        for key in ("fifo", "lru", "opt", "clock")
        if key != policy
    ]
    return Number(
        f"Reference string {', '.join(map(str, pages))}; {frames} frames, empty at the start; {label}. How many faults?",
        right,
        "faults",
        traps(
            right,
            *others,
            (right - frames, "The first pages into empty frames are faults too."),
            (len(pages) - right, "That counts the hits."),
            (right + 1, "One reference too many was counted as a fault."),
        ),
        why=f"{label} with {frames} frames faults {right} times in these {len(pages)} references; step through it in lab 4.",
        hint="Draw the frames as columns, one a reference.",
        recompute=lambda: int(np.count_nonzero(~simulate(pages, policy, frames).hit)),
    )


def _curve_as_svg(curve: Any, wide: int = 560, high: int = 250) -> str:
    """Draw a miss-ratio curve with a grid fine enough to read it."""
    left, top, right, bottom = 52, 12, wide - 12, high - 42
    most = int(curve.frames[-1])
    step = next(s for s in (50, 100, 200, 500) if most / s <= 9)

    def at(frames: float, ratio: float) -> tuple[float, float]:
        return left + (right - left) * frames / most, bottom - (bottom - top) * ratio

    parts = []
    for k in range(11):
        _, y = at(0, k / 10)
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e6e9"/>')
        if k % 2 == 0:
            parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{k / 10}</text>')
    for frames in range(0, most + 1, step):
        x, _ = at(frames, 0)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="#e3e6e9"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{frames}</text>')
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, curve.frames.tolist(), curve.miss_ratio.tolist()))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
        f'font-family="DejaVu Sans, sans-serif" font-size="12" fill="#59636e"><rect width="{wide}" height="{high}" '
        f'fill="#ffffff"/>{"".join(parts)}<polyline points="{points}" fill="none" stroke="#0072b2" stroke-width="2.2"/>'
        f'<text x="{(left + right) / 2}" y="{high - 6}" text-anchor="middle">memory, frames</text>'
        f'<text transform="rotate(-90 14 {(top + bottom) / 2})" x="14" y="{(top + bottom) / 2}" '
        f'text-anchor="middle">miss ratio</text></svg>'
    )


def memory_for_a_miss_ratio(seed: int) -> Number:
    """Ask which memory a curve calls for if few references may miss."""
    from oslab.memory import miss_ratio_curve

    draw = np.random.default_rng(seed)
    pages, target = int(draw.choice([400, 600, 800, 1000])), (0.2, 0.3, 0.4)[int(draw.integers(0, 3))]
    shares = np.arange(1, pages + 1) ** -float(draw.choice([0.5, 0.6, 0.7]))
    trace = draw.choice(pages, 30_000, p=shares / shares.sum())
    curve = miss_ratio_curve(trace)

    def needed(ratio: float) -> int:
        return int(curve.frames[np.argmax(curve.miss_ratio <= ratio)])

    right = needed(target)
    return Number(
        f"The picture shows a job's miss ratio under LRU at every size of memory. How many frames does it take until only "
        f"{target} of its references miss?",
        right,
        "frames",
        traps(
            right,
            (needed(1 - target), f"There {target} of the references hit: the curve shows those that miss."),
            (
                round(pages * (1 - target)),
                "That is the same share of the pages, as if each were used as often as the next.",
            ),
            (int(curve.frames[-1]), "Then everything fits; some misses are allowed."),
            relative=0.08,
        ),
        relative=0.08,
        picture=lambda: _curve_as_svg(curve),
        picture_alt=f"A curve that falls from {readable(curve.miss_ratio[0], 2)} at 1 frame to {curve.miss_ratio[-1]:.2g} at "
        f"{curve.frames[-1]} frames; at {pages // 2} frames it is at {readable(curve.at(pages // 2), 2)}.",
        why=f"The curve crosses {target} at {right} frames; on its left every frame more still pays.",
        hint="Go right at the height of the ratio until you meet the curve, then down.",
        recompute=lambda: 1 + int(np.argmax(_lru_misses(trace) <= target * len(trace))),
    )


def _lru_misses(trace: np.ndarray) -> np.ndarray:
    """Misses at 1, 2, … frames, from the distances of reuse."""
    from oslab.memory import reuse_distances

    distances = reuse_distances(trace)
    return len(trace) - np.cumsum(np.bincount(distances[distances > 0]))[1:]


def read_a_curve(seed: int) -> Choice:
    """Ask which memory size a miss-ratio curve calls for."""
    from oslab.memory import miss_ratio_curve

    draw = np.random.default_rng(seed)
    loop = int(draw.integers(60, 200))
    curve = miss_ratio_curve(np.tile(np.arange(loop), 20))
    first = int(curve.frames[np.argmax(curve.miss_ratio < 0.5)])
    right, half = f"{first} frames", f"{first // 2} frames"
    return Choice(
        f"A job reads the same {loop} pages over and over, in order, under LRU. Which is the smallest memory at which it "
        "stops missing nearly every time?",
        right,
        {
            half: f"With {first // 2} frames every page is gone again before its turn comes: the curve is a cliff, not a slope.",
            f"{first - 1} frames": "One frame short is as bad as none: the page that went is always the next one needed.",
            f"{2 * first} frames": "That works, but half of it stays unused.",
        },
        why=f"A loop's reuse distance is {loop} for every reference, so LRU's curve falls all at once at {loop} frames.",
        hint="How many other pages are touched between two uses of the same page?",
    )


def entries_that_outlive_a_switch(seed: int) -> Number:
    """Ask for the walks of a turn, with tagged entries or flushed, where all pages fit or not."""
    from oslab.memory import PROCESSORS, switch_costs

    draw = np.random.default_rng(seed)
    pages, processes, tagged = int(draw.choice([100, 200, 300])), int(draw.integers(2, 5)), bool(draw.integers(0, 2))
    run = switch_costs(pages, processes, 32_768, "zen4")
    share = run.tagged_here if tagged else run.flushed_here
    right = round(share * 32_768 / 1000)
    how = "entries are tagged (PCID)" if tagged else "each switch flushes the TLB"
    entries = PROCESSORS["zen4"].implementation().reach(1)
    return Number(
        f"{processes} processes take long turns, each at random over {pages} pages of its own; the TLB has {entries} entries and "
        f"{how}. How many walks does a turn make once all have had theirs?",
        right,
        "walks",
        traps(
            right,
            (0 if right else pages, "Tags would spare them." if right else "A flush would cost these, tags keep them."),
            (pages * processes, "The others' pages are not used in this turn."),
            absolute=1,
        ),
        absolute=1,
        why=f"{processes} × {pages} = {processes * pages} pages fit into {entries} entries, so "
        + (
            "all are still there when the turn comes back."
            if tagged
            else f"a flush costs one walk for each of {pages}."
        ),
        hint="Which entries are still there when the turn begins, and which pages does it use?",
        recompute=lambda: 0 if tagged else pages,
    )


def list_of_a_page(seed: int) -> Choice:
    """Ask where Linux keeps a page after it was used once, twice, or came back soon."""
    from oslab.memory import simulate

    stories = [
        ([1, 2, 3], 1, "was read once, a while ago"),
        ([1, 2, 1, 3], 1, "was read twice"),
        ([1, 2, 3, 4, 5, 2], 1, "was read once; then four other pages were read, one of them twice"),
    ]
    trace, page, told = stories[seed % len(stories)]
    lists = simulate(trace, "two_list", 4).state(len(trace)).lists
    names = {"inactive": "On the inactive list", "active": "On the active list"}
    right = next((name for key, name in names.items() if page in lists[key]), "It has gone")
    wrong = {
        "On the inactive list": "There it was when it came in; what has happened to it since?",
        "On the active list": "It takes a second use to get there.",
        "It has gone": "Memory has room, and nothing pushes it out.",
    }
    return Choice(
        f"Memory has 4 frames and Linux's two lists. Page {page} {told} (the references so far: "
        f"{', '.join(map(str, trace))}). Where is it?",
        right,
        {k: v for k, v in wrong.items() if k != right},
        why="A page comes into inactive, a second use takes it to active, and pages go from the old end of inactive.",
        hint="Go through the references; how often was the page used while it was in memory?",
    )


def line_that_loads() -> Choice:
    """Ask which line of a loader touches memory."""
    from oslab.memory import line_costs

    costs = {row["line"]: row["faults"] for row in line_costs(1024).table()}
    lines = {
        "np.memmap": "data = np.memmap(path, …)",
        "data[0:rows]": "batch = data[0:1024]",
        "sum the batch": "batch.sum()",
        "sum it again": "batch.sum(), a second time",
    }
    right = max(lines, key=lambda name: costs[name])
    return Choice(
        "Which of these lines takes the page faults of a batch?",
        lines[right],
        {
            lines["np.memmap"]: "A mapping gives addresses; no page is touched.",
            lines["data[0:rows]"]: "A slice of an array is a view: a new header over the same memory.",
            lines["sum it again"]: "By then every page stands in the page table.",
        },
        why=f"The first use does: {costs['sum the batch']} faults for 1 024 rows of 2 KiB, 16 pages each.",
        hint="When is a byte of the batch read for the first time?",
    )


TLB_MISS = Written(
    "Describe what happens on x86-64 when a virtual address misses the TLB.",
    "Five steps: the lookup fails, the root comes from CR3, the tables are walked, the entry is kept in the TLB, and the access "
    "is made again.",
    [
        "The CPU looks the page number up in the TLB and finds no entry.",
        "The MMU takes the physical address of the root table (PGD) from register CR3.",
        "It walks PGD, PUD, PMD and PTE: four memory reads with 4 KiB pages, three with 2 MiB, two with 1 GiB.",
        "The translation goes into the TLB.",
        "The access is made again, now hits, and reads the data.",
        "Many misses make a program slow; huge pages need fewer entries for the same memory.",
    ],
    why="Caches of upper levels may let the walk start lower down.",
)

QUIZ = Bank(
    "memory",
    [
        (TLB_MISS, tlb_miss_steps(), walk_reads),
        split_an_address,
        (reach_of_a_tlb, entries_that_outlive_a_switch, mean_access_time),
        (faults_for_a_string, list_of_a_page),
        (memory_for_a_miss_ratio, read_a_curve, line_that_loads()),
        page_with_bits_that_goes,
    ],
    title="Memory",
)
