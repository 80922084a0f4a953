"""Chapter 3's quiz; every key is worked out by the models."""

from typing import Any

import numpy as np

from oslab.base import plural, quantity, readable
from oslab.memory.addresses import LEVEL_NAMES, PAGE_SIZES as PAGE_NAMES
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
    "The CPU looks up the page in the TLB and does not find it",
    "The MMU reads the root table's address from register CR3",
    "The MMU walks the tables down to the page-table entry",
    "The translation is stored in the TLB",
    "The access is repeated and finds the translation",
)


def tlb_miss_steps() -> Order:
    """Put the five steps of a TLB miss in order."""
    return Order(
        "Put the steps of a TLB miss on x86-64 in order.",
        MISS_STEPS,
        {
            (
                MISS_STEPS[2],
                MISS_STEPS[1],
            ): "A walk starts at the root table, and its address is in CR3.",
            (MISS_STEPS[3], MISS_STEPS[2]): "The translation is known only after the walk.",
            (MISS_STEPS[4], MISS_STEPS[3]): "The access would miss again if the TLB did not hold the translation yet.",
            (MISS_STEPS[1], MISS_STEPS[0]): "CR3 is read only after the TLB lookup has failed.",
        },
        why="The steps are lookup, root, walk, store and repeat. On x86-64 hardware does all five, without the operating system.",
    )


def walk_reads(seed: int) -> Number:
    """Count the reads of a walk that ends at a large page."""
    from oslab.memory.memory_access import follow_access

    size = (2 << 20, 1 << 30)[seed % 2]
    levels = (4, 5)[seed // 2 % 2]
    right = follow_access(page_size=size, levels=levels).reads - 1
    full = follow_access(levels=levels).reads - 1
    return Number(
        f"On a machine with {levels}-level page tables an access to a {PAGE_NAMES[size]} page misses the TLB. How many memory "
        "reads does the page walk make? (Do not count the read of the data; no table is cached.)",
        right,
        "reads",
        traps(
            right,
            (full, f"That is a walk to a 4 KiB page; the entry of a {PAGE_NAMES[size]} page is at a higher level."),
            (right + 1, "That includes the read of the data, or one table too many."),
            (right - 1, "The table that holds the page's entry is read too."),
        ),
        why=f"The entry that maps a {PAGE_NAMES[size]} page is in table {right} of the {levels} levels.",
        hint="Which table holds the entry of a page of this size?",
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
        "read? Give the index (0 to 511; 0x… is accepted).",
        right,
        "index",
        traps(
            right,
            *wrong,
            (parts.offset, "That is the offset in the page."),
            ((address >> (shift - 1)) & 511, "That is shifted one bit too little."),
            ((address >> (shift + 1)) & 511, "That is shifted one bit too much."),
        ),
        why=f"Bits {shift + 8} to {shift}: ({address:#x} >> {shift}) & 511 = {right}.",
        hint="From the right: 12 bits of offset, then 9 bits for each level.",
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
        f"A TLB has {entries} entries for {PAGE_NAMES[size]} pages. What is its reach, in MiB?",
        right,
        "MiB",
        traps(
            right,
            (other, "That is the reach with the other page size."),
            (right * 1024, "That is the reach in KiB."),
            (right / 1024, "That is the reach in GiB."),
            (entries, "That is the number of entries."),
            relative=0.02,
        ),
        relative=0.02,
        why=f"{entries} × {PAGE_NAMES[size]} = {readable(right)} MiB.",
        hint="The reach is the number of entries times the page size.",
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
        f"A TLB lookup takes {tlb} ns and has a hit ratio of {percent} %. A memory access takes {memory} ns, and a "
        f"walk reads {plural(levels, 'table')}. What is the effective access time, in ns?",
        right,
        "ns",
        traps(
            right,
            (tlb + memory, "That is the time of a hit, but some accesses miss."),
            (miss, "That is the time of a miss, but most accesses hit."),
            (share * memory + (1 - share) * (levels + 1) * memory, "The TLB lookup takes time too."),
            (share * miss + (1 - share) * (tlb + memory), "Hit ratio and miss ratio are exchanged."),
            relative=0.005,
        ),
        relative=0.005,
        why=f"{percent} % hits take {tlb} + {memory} ns, and {100 - percent} % misses need {plural(levels, 'read')} more: "
        f"{quantity(right, 'ns')}.",
        hint="How long does a hit take? How much longer does a miss take?",
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
        (simulate(pages, key, frames).faults, f"That is the number for {POLICIES[key].label}.")
        for key in ("fifo", "lru", "opt", "clock")
        if key != policy
    ]
    return Number(
        f"The reference string is {', '.join(map(str, pages))}. The policy is {label} with {frames} frames, empty at the start. "
        "How many page faults occur?",
        right,
        "faults",
        traps(
            right,
            *others,
            (right - frames, "The first references into empty frames are faults too."),
            (len(pages) - right, "That is the number of hits."),
            (right + 1, "That counts one hit as a fault."),
        ),
        why=f"{label} with {frames} frames has {right} faults in these {len(pages)} references. Step through them in lab 4.",
        hint="Draw one column of frames for each reference.",
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
        f"The picture shows the miss-ratio curve of a program under LRU. How many frames does the program need for a miss "
        f"ratio of {target}?",
        right,
        "frames",
        traps(
            right,
            (needed(1 - target), f"There the hit ratio is {target}: the curve shows misses."),
            (
                round(pages * (1 - target)),
                "That would be right if all pages were used equally often.",
            ),
            (int(curve.frames[-1]), "There all pages fit, but some misses are allowed."),
            relative=0.08,
        ),
        relative=0.08,
        picture=lambda: _curve_as_svg(curve),
        picture_alt=f"A curve that falls from {readable(curve.miss_ratio[0], 2)} at 1 frame to {curve.miss_ratio[-1]:.2g} at "
        f"{curve.frames[-1]} frames; at {pages // 2} frames it is at {readable(curve.at(pages // 2), 2)}.",
        why=f"The curve crosses {target} at {right} frames. With fewer frames, more references miss.",
        hint="Find the miss ratio on the left axis. Go right to the curve, then down to the number of frames.",
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
        f"A program reads the same {loop} pages repeatedly, in order, under LRU. What is the smallest memory with which most of "
        "its reads hit?",
        right,
        {
            half: f"With {first // 2} frames every page is evicted before its next use: the curve is a step, not a slope.",
            f"{first - 1} frames": "LRU always evicts the page that is needed next: one frame too few is as bad as one frame.",
            f"{2 * first} frames": "That is enough, but half of it stays unused.",
        },
        why=f"In a loop every reference has the reuse distance {loop}, so LRU's curve falls in one step at {loop} frames.",
        hint="How many other pages are read between two uses of the same page?",
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
        f"{processes} processes take long turns, and each accesses {pages} pages of its own at random. The TLB has {entries} "
        f"entries, and {how}. How many walks does a turn need once every process has had a turn?",
        right,
        "walks",
        traps(
            right,
            (
                0 if right else pages,
                "That is the number with tagged entries."
                if right
                else "That is the cost of a flush; tagged entries stay.",
            ),
            (pages * processes, "A turn does not use the other processes' pages."),
            absolute=1,
        ),
        absolute=1,
        why=f"{processes} × {pages} = {processes * pages} pages fit into {entries} entries, so "
        + (
            "all entries are still there at the next turn."
            if tagged
            else f"a flush costs one walk for each of the {pages} pages."
        ),
        hint="Which entries are still there when the turn begins? Which pages does the turn use?",
        recompute=lambda: 0 if tagged else pages,
    )


def list_of_a_page(seed: int) -> Choice:
    """Ask on which list Linux keeps a page after one use, two uses, or a fault soon after its eviction."""
    from oslab.memory import simulate

    stories = [
        ([1, 2, 3], 1, "was read once, a while ago"),
        ([1, 2, 1, 3], 1, "was read twice"),
        ([1, 2, 3, 4, 5, 2], 1, "was read once; then four other pages were read, one of them twice"),
    ]
    trace, page, told = stories[seed % len(stories)]
    lists = simulate(trace, "two_list", 4).state(len(trace)).lists
    names = {"inactive": "On the inactive list", "active": "On the active list"}
    right = next((name for key, name in names.items() if page in lists[key]), "It has been evicted")
    wrong = {
        "On the inactive list": "A new page starts there. What has happened to this page since?",
        "On the active list": "A page moves there only at its second use.",
        "It has been evicted": "A frame is still free, so no page is evicted.",
    }
    return Choice(
        f"Memory has 4 frames, managed by Linux's two lists. Page {page} {told} (the references so far: "
        f"{', '.join(map(str, trace))}). Where is it now?",
        right,
        {k: v for k, v in wrong.items() if k != right},
        why="A page starts on the inactive list, and a second use moves it to the active list. Pages are evicted from the old "
        "end of the inactive list.",
        hint="Go through the references. How often was the page used while it was in memory?",
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
        "Which of these lines causes the page faults of a batch?",
        lines[right],
        {
            lines["np.memmap"]: "A mapping only reserves addresses; it touches no page.",
            lines["data[0:rows]"]: "A slice of an array is a view: a new header for the same memory.",
            lines["sum it again"]: "By then every page is in the page table.",
        },
        why=f"The first use causes them: {costs['sum the batch']} faults for 1024 rows of 2 KiB, with 16 pages a fault.",
        hint="When is a byte of the batch read for the first time?",
    )


TLB_MISS = Written(
    "Describe the steps of a TLB miss on x86-64.",
    "There are five steps. The lookup fails, and the root's address is read from CR3. The tables are walked, the entry is "
    "stored in the TLB, and the access is repeated.",
    [
        "The CPU looks up the page number in the TLB and finds no entry.",
        "The MMU takes the physical address of the root table (PGD) from register CR3.",
        "It walks PGD, PUD, PMD and PTE: four memory reads with 4 KiB pages, three with 2 MiB, two with 1 GiB.",
        "The MMU stores the translation in the TLB.",
        "The access is repeated, now hits, and reads the data.",
        "Many misses make a program slow; huge pages need fewer entries for the same memory.",
    ],
    why="Caches of the upper levels may let the walk start at a lower level.",
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
