"""Chapter 3's quiz, and the predictions asked before its labs; every key is worked out by the models."""

from __future__ import annotations

from typing import Any

import numpy as np

from oslab.lab.quizzes import Bank, Choice, Number, Order, Written, traps

__all__ = ["QUIZ", "clock_meets_a_used_page", "entries_that_outlive_a_switch", "faults_for_a_string",
           "faults_with_one_frame_more", "line_that_loads", "list_of_a_page", "memory_for_a_miss_ratio",
           "page_that_lru_drops", "pages_after_slicing", "reach_of_a_tlb", "reads_with_large_pages", "split_an_address",
           "survivors_of_a_scan", "twice_the_memory", "walk_reads", "walks_after_a_switch", "walks_beyond_the_reach"]

PAGE_NAMES = {4096: "4 KiB", 2 << 20: "2 MiB", 1 << 30: "1 GiB"}
MISS_STEPS = (
    "The CPU looks the page up in the TLB and does not find it",
    "The MMU reads the root table's address from register CR3",
    "The MMU walks the tables down to the page-table entry",
    "The translation is stored in the TLB",
    "The access is made again and finds the translation",
)


def tlb_miss_steps() -> Order:
    """Put the five steps of a TLB miss in order."""
    return Order("Put what happens at a TLB miss on x86-64 in order.", MISS_STEPS, {
        (MISS_STEPS[2], MISS_STEPS[1]): "A walk needs to know where to start, and only CR3 says where the root table is.",
        (MISS_STEPS[3], MISS_STEPS[2]): "There is nothing to store before the walk has found the frame.",
        (MISS_STEPS[4], MISS_STEPS[3]): "Made again before the TLB knows the page, the access would miss again.",
        (MISS_STEPS[1], MISS_STEPS[0]): "CR3 is looked at only once the TLB has said no.",
    }, why="Look up, root, walk, store, again: hardware does all five on x86-64, without the operating system.")


def walk_reads(seed: int) -> Number:
    """Count the reads of a walk that ends at a large page."""
    from oslab.memory.journey import follow_access

    size = (2 << 20, 1 << 30)[seed % 2]
    levels = (4, 5)[seed // 2 % 2]
    right = follow_access(page_size=size, levels=levels).reads - 1
    full = follow_access(levels=levels).reads - 1
    return Number(
        f"A TLB miss on a machine with {levels}-level page tables, to an address in a {PAGE_NAMES[size]} page: how many memory "
        "reads does the walk make (the data's own read not counted, nothing cached)?", right, "reads",
        traps(right, (full, f"That is a walk to a 4 KiB page; a {PAGE_NAMES[size]} page's entry stands higher up."),
              (right + 1, "That counts the data's own read too, or one table too many."),
              (right - 1, "The level that holds the page's own entry is read too.")),
        why=f"The entry that maps a {PAGE_NAMES[size]} page is found after {right} of the {levels} levels.",
        hint="Which table holds the entry of so large a page?",
        recompute=lambda: levels - {2 << 20: 1, 1 << 30: 2}[size])


def split_an_address(seed: int) -> Number:
    """Ask for one index, or the offset, of a random address."""
    from oslab.memory.translation import split

    draw = np.random.default_rng(seed)
    address = int(draw.integers(1 << 30, 1 << 47))
    place = int(draw.integers(0, 4))
    name = ("PGD", "PUD", "PMD", "PTE")[place]
    parts = split(address)
    right = parts.indices[place]
    wrong = [(parts.indices[k], f"That is the {n} index.") for k, n in enumerate(("PGD", "PUD", "PMD", "PTE")) if k != place]
    shift = 12 + 9 * (3 - place)
    return Number(
        f"The virtual address is {address:#014x}, with 4 KiB pages and four levels. Which entry of the {name} does the walk "
        "read? Give the index (0 to 511; 0x… is understood).", right, "index",
        traps(right, *wrong, (parts.offset, "That is the offset in the page."),
              ((address >> (shift - 1)) & 511, "That is one bit too far to the right."),
              ((address >> (shift + 1)) & 511, "That is one bit too far to the left.")),
        why=f"Bits {shift + 8} to {shift}: ({address:#x} >> {shift}) & 511 = {right}.",
        hint="Offset 12 bits, then nine bits for each level, from the right.",
        recompute=lambda: (address >> shift) & 511)


def reach_of_a_tlb(seed: int) -> Number:
    """Ask how much memory a TLB reaches."""
    draw = np.random.default_rng(seed)
    entries = int(draw.choice([64, 72, 512, 1024, 1536, 2048, 3072]))
    size = (4096, 2 << 20)[int(draw.integers(0, 2))]
    right = entries * size / 2**20
    other = entries * ((2 << 20) if size == 4096 else 4096) / 2**20
    return Number(
        f"A TLB has {entries} entries for {PAGE_NAMES[size]} pages. How large is the memory it reaches, in MiB?", right, "MiB",
        traps(right, (other, "That is its reach with the other page size."), (right * 1024, "That is in KiB."),
              (right / 1024, "That is in GiB."), (entries, "That is the number of entries."), relative=0.02),
        relative=0.02, why=f"{entries} × {PAGE_NAMES[size]} = {right:g} MiB.", hint="Entries times page size.",
        recompute=lambda: entries * size / 1024 / 1024)


def faults_for_a_string(seed: int) -> Number:
    """Ask for the faults of a short reference string."""
    from oslab.memory import POLICIES, simulate

    draw = np.random.default_rng(seed)
    policy, frames = ("fifo", "lru", "opt", "clock")[int(draw.integers(0, 4))], int(draw.integers(3, 5))
    pages = draw.integers(1, 7, 12)
    right = simulate(pages, policy, frames).faults
    label = POLICIES[policy].label
    others = [(simulate(pages, key, frames).faults, f"That is what {POLICIES[key].label} makes.")
              for key in ("fifo", "lru", "opt", "clock") if key != policy]
    return Number(
        f"Reference string {', '.join(map(str, pages))}; {frames} frames, empty at the start; {label}. How many faults?",
        right, "faults",
        traps(right, *others, (right - frames, "The first pages into empty frames are faults too."),
              (len(pages) - right, "That counts the hits."), (right + 1, "One reference too many was counted as a fault.")),
        why=f"{label} with {frames} frames faults {right} times in these {len(pages)} references; step through it in lab 4.",
        hint="Draw the frames as columns, one a reference.",
        recompute=lambda: int(np.count_nonzero(~simulate(pages, policy, frames).hit)))


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
            parts.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{k / 10:g}</text>')
    for frames in range(0, most + 1, step):
        x, _ = at(frames, 0)
        parts.append(f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top}" y2="{bottom}" stroke="#e3e6e9"/>')
        parts.append(f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{frames}</text>')
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, curve.frames.tolist(), curve.miss_ratio.tolist()))
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" width="{wide}" height="{high}" '
            f'font-family="DejaVu Sans, sans-serif" font-size="12" fill="#59636e"><rect width="{wide}" height="{high}" '
            f'fill="#ffffff"/>{"".join(parts)}<polyline points="{points}" fill="none" stroke="#0072b2" stroke-width="2.2"/>'
            f'<text x="{(left + right) / 2}" y="{high - 6}" text-anchor="middle">memory, frames</text>'
            f'<text transform="rotate(-90 14 {(top + bottom) / 2})" x="14" y="{(top + bottom) / 2}" '
            f'text-anchor="middle">miss ratio</text></svg>')


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
        f"{target:g} of its references miss?", right, "frames",
        traps(right, (needed(1 - target), f"There {target:g} of the references hit: the curve shows those that miss."),
              (round(pages * (1 - target)), "That is the same share of the pages, as if each were used as often as the next."),
              (int(curve.frames[-1]), "Then everything fits; some misses are allowed."), relative=0.08),
        relative=0.08, picture=lambda: _curve_as_svg(curve),
        picture_alt=f"A curve that falls from {curve.miss_ratio[0]:.2g} at 1 frame to {curve.miss_ratio[-1]:.2g} at "
                    f"{curve.frames[-1]} frames; at {pages // 2} frames it is at {curve.at(pages // 2):.2g}.",
        why=f"The curve crosses {target:g} at {right} frames; on its left every frame more still pays.",
        hint="Go right at the height of the ratio until you meet the curve, then down.",
        recompute=lambda: 1 + int(np.argmax(_lru_misses(trace) <= target * len(trace))))


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
        "stops missing nearly every time?", right,
        {half: f"With {first // 2} frames every page is gone again before its turn comes: the curve is a cliff, not a slope.",
         f"{first - 1} frames": "One frame short is as bad as none: the page that went is always the next one needed.",
         f"{2 * first} frames": "That works, but half of it stays unused."},
        why=f"A loop's reuse distance is {loop} for every reference, so LRU's curve falls all at once at {loop} frames.",
        hint="How many other pages are touched between two uses of the same page?")


def faults_with_one_frame_more(seed: int = 1) -> Number:
    """Predict FIFO's faults on Belady's string with a fourth frame."""
    from oslab.memory import simulate

    string = [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
    three, four = (simulate(string, "fifo", n).faults for n in (3, 4))
    return Number(f"With 3 frames FIFO makes {three} faults in these 12 references. Your guess: how many faults with 4 frames?",
                  four, "faults", traps(four, (three, "More memory does change what goes, and when."),
                                        (three - 1, "One would think so; move the slider."),
                                        (three - 2, "One would hope so; move the slider.")),
                  why="One frame more, one fault more: Belady's anomaly. FIFO and LRU differ in who is kept, and only LRU "
                      "never loses by having more memory.")


def clock_meets_a_used_page(seed: int = 1) -> Choice:
    """Predict what the clock does at a page whose bit is set."""
    return Choice("A page must go, and the hand stands at a page with R=1. What does the clock do?",
                  "It clears the bit and goes on to the next page",
                  {"It evicts that page": "Then the bit would mean nothing: R=1 is what protects a page, once.",
                   "It keeps the bit and goes on": "Then a full circle of used pages would never end.",
                   "It looks for the page used longest ago": "The clock has no such record; one bit a page is all it keeps."},
                  why="That is the second chance: used again before the hand returns, the page stays.")


def page_that_lru_drops(seed: int) -> Choice:
    """Predict which page LRU lets go where FIFO lets go another."""
    from oslab.memory.demand_paging import simulate

    references, step = [1, 2, 3, 1, 4], 5
    gone = {key: int(simulate(references, key, 3).evicted[step - 1]) for key in ("lru", "fifo", "opt")}
    stays = next(page for page in (1, 2, 3) if page not in (gone["lru"], gone["fifo"]))
    return Choice("Three frames hold pages 1, 2 and 3, read in the order 1 2 3 1; now page 4 is wanted. Which page goes "
                  "under LRU?", f"Page {gone['lru']}",
                  {f"Page {gone['fifo']}": "It came in first, which is FIFO's reason; but it was used again just now.",
                   f"Page {stays}": "It was used after another page that is also still there."},
                  why=f"Last uses: page 1 at step 4, page 3 at 3, page 2 at 2: page {gone['lru']} has waited longest.")


def survivors_of_a_scan(seed: int) -> Number:
    """Predict how much of a working set LRU still holds after a scan."""
    from oslab.memory.contest import scan_contest

    contest = scan_contest()
    left = {key: int(contest.resident(key)[contest.scan[1]]) for key in contest.runs}
    return Number("8 pages are in use, memory has 14 frames, and a scan reads 24 other pages once each. How many of the 8 "
                  "pages does plain LRU still hold when the scan ends?", left["lru"], "pages",
                  traps(left["lru"], (contest.hot, "They fit, but the scan's pages are more recent than all of them."),
                        (6, "6 frames were free at first, but the scan needs more than these."),
                        (left["two_list"], "That is what two lists save.")),
                  why="24 more recent pages come in, and memory has room for 14: the whole working set is gone.")


def twice_the_memory(seed: int = 1) -> Number:
    """Predict LRU's miss ratio at twice the memory on lab 6's first trace."""
    from oslab.memory.live import reference_trace, replay

    trace = reference_trace("zipf", 1_000_000, 1, {})
    now, then = (replay(trace, "lru", n).miss_ratio for n in (10_000, 20_000))
    return Number(f"With 10 000 frames LRU misses {now:.3g} of these references. Your guess for 20 000 frames: which miss "
                  "ratio?", round(then, 3), "miss ratio",
                  traps(round(then, 3), (round(now / 2, 3), "Half the misses would need each page to be as likely as the next."),
                        (round(now, 3), "A little is gained, even if the favourites were there before."), absolute=0.01),
                  absolute=0.01,
                  why=f"It falls to {then:.3g}: the favourites were in memory already, and the next 10 000 pages are used less.")


def reads_with_large_pages(seed: int = 1) -> Number:
    """Predict the reads of a walk to a 2 MiB page."""
    return walk_reads(0)


def walks_beyond_the_reach(seed: int = 1) -> Choice:
    """Predict how many accesses walk once the working set is a third larger than the TLB's reach."""
    from oslab.memory import tlb_reach

    share = tlb_reach(16 << 20).share[2]
    options = {1.0: "Nearly all", 0.25: "About a quarter", 0.0: "Nearly none"}
    right = min(options, key=lambda value: abs(value - share))
    reasons = {0.25: "A quarter of the pages has no entry, but which quarter changes all the time: LRU drops each page just "
                     "before its turn comes again.",
               0.0: "12 MiB is what 3072 entries cover with 4 KiB pages; 16 MiB is 4096 pages.",
               1.0: "Only if no entry lived long enough to be used again."}
    return Choice("A TLB with 3072 entries reaches 12 MiB in 4 KiB pages. A program touches 16 MiB, one line a page, round after "
                  "round in the same order. How many of its accesses walk?", options[right],
                  {options[value]: reasons[value] for value in options if value != right},
                  why="In a loop LRU keeps nothing that will be needed in time: once the loop does not fit, every access misses.")


def walks_after_a_switch(seed: int = 1) -> Number:
    """Predict the walks of a turn if every switch flushes the TLB."""
    from oslab.memory import switch_costs

    run = switch_costs(256, 2, 4096)
    right = round(run.flushed_here * 4096 / 1000)
    return Number("Two processes take turns of 4096 accesses, each to its own 256 pages, and every switch flushes the TLB. How "
                  "many walks does a turn make?", right, "walks",
                  traps(right, (0, "That is with tagged entries: nothing needs to go."),
                        (512, "The other process's pages are not touched in this turn."),
                        (4096, "Only the first access to each page walks.")),
                  why="After a flush each of the 256 pages is missed once; 4096 accesses at random touch them all.")


def pages_after_slicing(seed: int = 1) -> Choice:
    """Predict what opening a memory-mapped file loads."""
    return Choice("A file of 64 MiB is mapped with mmap and nothing is read yet. How much of it does the mapping load?",
                  "Nothing: pages come when they are touched",
                  {"All 64 MiB": "That is what read() of the whole file would do; a mapping is only a promise.",
                   "The first 4 KiB": "Not even these: the first access faults like every other.",
                   "The header": "The kernel knows nothing of headers; it knows pages."},
                  why="Each first touch is a page fault, and read-ahead brings the neighbours.")


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
        f"{how}. How many walks does a turn make once all have had theirs?", right, "walks",
        traps(right, (0 if right else pages, "Tags would spare them." if right else "A flush would cost these, tags keep them."),
              (pages * processes, "The others' pages are not used in this turn."), absolute=1),
        absolute=1,
        why=f"{processes} × {pages} = {processes * pages} pages fit into {entries} entries, so " +
            ("all are still there when the turn comes back." if tagged else f"a flush costs one walk for each of {pages}."),
        hint="Which entries are still there when the turn begins, and which pages does it use?",
        recompute=lambda: 0 if tagged else pages)


def list_of_a_page(seed: int) -> Choice:
    """Ask where Linux keeps a page after it was used once, twice, or came back soon."""
    from oslab.memory import simulate

    stories = [([1, 2, 3], 1, "was read once, a while ago"), ([1, 2, 1, 3], 1, "was read twice"),
               ([1, 2, 3, 4, 5, 2], 1, "was read once; then four other pages were read, one of them twice")]
    trace, page, told = stories[seed % len(stories)]
    lists = simulate(trace, "two_list", 4).state(len(trace)).lists
    names = {"inactive": "On the inactive list", "active": "On the active list"}
    right = next((name for key, name in names.items() if page in lists[key]), "It has gone")
    wrong = {
        "On the inactive list": "There it was when it came in; what has happened to it since?",
        "On the active list": "It takes a second use to get there.",
        "It has gone": "Memory has room, and nothing pushes it out."}
    return Choice(
        f"Memory has 4 frames and Linux's two lists. Page {page} {told} (the references so far: "
        f"{', '.join(map(str, trace))}). Where is it?", right, {k: v for k, v in wrong.items() if k != right},
        why="A page comes into inactive, a second use takes it to active, and pages go from the old end of inactive.",
        hint="Go through the references; how often was the page used while it was in memory?")


def line_that_loads() -> Choice:
    """Ask which line of a loader touches memory."""
    from oslab.memory import line_costs

    costs = {row["line"]: row["faults"] for row in line_costs(1024).table()}
    lines = {"np.memmap": "data = np.memmap(path, …)", "data[0:rows]": "batch = data[0:1024]",
             "sum the batch": "batch.sum()", "sum it again": "batch.sum(), a second time"}
    right = max(lines, key=lambda name: costs[name])
    return Choice("Which of these lines takes the page faults of a batch?", lines[right], {
        lines["np.memmap"]: "A mapping gives addresses; no page is touched.",
        lines["data[0:rows]"]: "A slice of an array is a view: a new header over the same memory.",
        lines["sum it again"]: "By then every page stands in the page table.",
    }, why=f"The first use does: {costs['sum the batch']} faults for 1 024 rows of 2 KiB, 16 pages each.",
        hint="When is a byte of the batch read for the first time?")


TLB_MISS = Written(
    "Describe what happens on x86-64 when a virtual address misses the TLB.",
    "Five steps: the lookup fails, the root comes from CR3, the tables are walked, the entry is kept in the TLB, and the access "
    "is made again.",
    ["The CPU looks the page number up in the TLB and finds no entry.",
     "The MMU takes the physical address of the root table (PGD) from register CR3.",
     "It walks PGD, PUD, PMD and PTE: four memory reads with 4 KiB pages, three with 2 MiB, two with 1 GiB.",
     "The translation goes into the TLB.",
     "The access is made again, now hits, and reads the data.",
     "Many misses make a program slow; huge pages need fewer entries for the same memory."],
    why="Caches of upper levels may let the walk start lower down.")

QUIZ = Bank("memory", [
    (TLB_MISS, tlb_miss_steps(), walk_reads),
    split_an_address,
    (reach_of_a_tlb, entries_that_outlive_a_switch),
    (faults_for_a_string, list_of_a_page),
    (memory_for_a_miss_ratio, read_a_curve, line_that_loads()),
], title="Memory")
