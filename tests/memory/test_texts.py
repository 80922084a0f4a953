"""Every number that chapter 3's texts state, recomputed from the functions of its labs with the settings the text names."""

import numpy as np
import pytest

from oslab import memory
from oslab.base.numbers import memory_size, readable
from oslab.lab.touch import settle
from oslab.memory.measure import recorded_run
from oslab.memory.tlb.processors import geometry

BELADY, SILBERSCHATZ = "1 2 3 4 1 2 5 1 2 3 4 5", "7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1"
WORDS = ["no", "one", "two", "three", "four", "five", "six"]


def thousands(number):
    """As the notebook's prose writes it: 3 072."""
    return readable(number).replace("\u202f", " ")


def walked(working_set, **more):
    return memory.tlb_reach(int(working_set * 2**20), **{"l2_ns": 2.0, "read_ns": 5.0, **more})


def recorded(name):
    return {series.label: series for series in recorded_run(name)()}


def address_idea():
    two_mib, one_gib = (memory.split(0x7F1234567ABC, size) for size in (2 << 20, 1 << 30))
    flat = (1 << 36) * 8
    yield f"{two_mib.widths[-1]} bits for 2 MiB, {one_gib.widths[-1]} for 1 GiB"
    yield f"for all 2³⁶ pages, 8 bytes each, would take {memory_size(flat)}"
    for levels, repeat in ((4, "must repeat"), (5, "repeat")):
        bits, bit = bits_that_repeat(levels)
        yield f"{bits} {repeat} {bit}"
    tables = memory.PageTable()
    tables.map(0x7F1234567000, 0)
    yield f"needs {WORDS[tables.table_bytes // 4096]} tables of {memory_size(4096)}"


def bits_that_repeat(levels):
    """The bits that a canonical address has to repeat, and the one that they repeat, found by trying each."""
    last = next(bit for bit in range(63, 0, -1) if memory.locate(2**64 - 2**bit, levels=levels).canonical)
    return f"bits 63 to {last + 1}", f"bit {last}"


def address_text():
    yield f"reads all {WORDS[memory.split(0x7F1234567ABC).reads]} tables"
    assert memory.locate("0x800000000000").canonical is False
    yield "`0x800000000000`"


def miss_text():
    yield f"A walk makes {WORDS[memory.follow_access().reads - 1]} reads of memory before the one you asked for"
    yield f"every access would take {WORDS[memory.follow_access().reads]}"
    yield f"A miss has {WORDS[len({s.phase for s in memory.follow_access().stops})]} steps"


def reach_text():
    zen4 = geometry("zen4")
    yield f"{thousands(zen4.l2_entries)} entries for pages of 4 KiB cover {memory_size(zen4.reach())}"
    assert memory.follow_access().latency == 100
    yield "counted 100 ns for a read"


def reach_idea():
    zen4 = geometry("zen4")
    yield f"the cliff moves from {memory_size(zen4.reach())} to {memory_size(zen4.reach(2 << 20))}"
    assert walked(12).share[2] == 0 and walked(16).share[2] == 1
    assert walked(24, stride=64).share[2] == pytest.approx(0.5, abs=0.03)
    yield "with 24 MiB, twice the reach, half of the accesses still find"
    yield f"{4096 // 64} accesses share a page"
    for sets in (zen4.l2_entries // zen4.l2_ways,):
        assert len(np.unique(np.arange(0, 1 << 30, 65536) // 4096 % sets)) * 16 == sets
    yield "with a stride of 65 536 only every sixteenth set is used"
    assert walked(64).extra_here < walked(256).extra_here
    yield "Beyond 64 MiB the model's line rises once more"
    known = [geometry(key) for key in memory.PROCESSORS if key != "own"]
    eight = [g for g in known if g.reach() == 8 << 20]
    yield f"{WORDS[len(eight)]} processors of the menu have their cliff, with {thousands(eight[0].l2_entries)} entries"
    yield "its squares rise before 8 MiB"
    assert 1536 in memory.PROCESSORS["own"].parameters["entries"].choices
    yield f"has {thousands(1536)} entries"
    yield f"set {thousands(1536)} under"
    extra = recorded("translation")["extra"]
    assert extra.median[extra.x == 8][0] > 1 > extra.median[extra.x == 4][0]


def access_idea():
    at = {hits: memory.effective_access_time(hits / 100, 1, 100) for hits in (90, 99, 100)}
    yield f"{at[100]:.0f} ns for a hit, {memory.effective_access_time(0, 1, 100) - at[100]:.0f} ns more for a miss"
    yield f"with 90 hits in 100 an access takes {at[90]:.0f} ns"
    yield f"at 99 in 100 it is still {at[99]:.0f} ns"
    fault = memory.effective_access_time(1, 0, 200, 1, 0.001, 8_000_000)
    yield "an access takes 200 ns. If one in a thousand"
    yield f"of 8 ms, the mean is {thousands(round(fault, -1))}"


def belady_idea():
    three, four = (memory.simulate(BELADY, "fifo", n).faults for n in (3, 4))
    assert four == three + 1
    yield "faults once more"


def clock_idea():
    clear, set_ = (memory.simulate(SILBERSCHATZ, "clock", 3, reference_on_load=on).faults for on in (False, True))
    yield f"makes {set_} faults if the bit is set on load, and {clear} if it is left clear"


def million_idea():
    trace = memory.reference_trace("zipf", 1_000_000, 1, {})
    at = [memory.replay(trace, "lru", n).miss_ratio for n in (1250, 2500, 5000, 10_000)]
    saved = -100 * np.diff(at)
    assert saved.min() > 6.5 and saved.max() < 7.5
    yield f"about {round(saved.mean())} references in a hundred become hits"
    loop = memory.reference_trace("loop", 1_000_000, 1, {"pages": 1000})
    assert memory.replay(loop, "lru", 800).miss_ratio == 1 and memory.replay(loop, "lru", 1000).faults == 1000
    yield "choose *loop* as the trace, 1 000 pages, and drag *frames* down past 1 000"


def sample_idea():
    curve = memory.sampled_curve(memory.reference_trace("zipf", 1_000_000, 1, {}), 0.01)
    assert 200 < curve.pages < 1000 and curve.error < 0.05
    yield "a few hundred followed pages"
    assert curve.frames[curve.least] >= 100 > curve.frames[curve.least - 1]
    yield "With one page in a hundred followed, there is no estimate for fewer than a hundred frames."


def wanted_text():
    yield "20 000 samples of 6 kB, 120 MB in all"
    yield "The weight of the k-th sample is about 1 / k to the power 1.2"
    yield "how many frames of 4 KiB"
    assert 20_000 * 6000 == 120_000_000


def wanted_idea():
    draw = np.random.default_rng(1)
    shuffled = np.concatenate([draw.permutation(20_000) for epoch in range(4)])
    orders = shuffled, draw.zipf(1.2, 80_000) % 20_000
    even, uneven = (memory.frames_wanted(memory.record_indices(order, 6000)) for order in orders)
    lru, pages = (f"{n:,}".replace(",", " ") for n in (even.frames["lru"], even.distinct))
    size = round(even.frames["lru"] * 4096 / 2**20)
    yield f"LRU needs {lru} frames ({size} MiB) for a data set of {pages} pages, and so do clock and ARC"
    assert even.frames["lru"] == even.frames["clock"] == even.frames["arc"]
    assert 0.15 < 1 - even.frames["sieve"] / even.frames["lru"] < 0.25
    yield "SIEVE needs a fifth less"
    yield f"LRU needs {uneven.frames['lru']} frames and SIEVE {uneven.frames['sieve']}"
    assert uneven.frames["lru"] * 4096 / 2**20 == pytest.approx(0.5, abs=0.05)
    yield "LRU needs only half a MiB"
    yield "a frame costs 4 KiB"


def scan_idea():
    runs = memory.scan_contest()
    after = {key: int(runs.resident(key)[runs.scan[1]]) for key in runs.runs}
    assert after == {"lru": 0, "two_list": 7, "mglru": 0}
    lists = runs.runs["two_list"].state(runs.scan[0]).lists
    yield f"({14 - len(lists['active'])} frames against {len(lists['active'])})"
    gone = {key: int(np.flatnonzero(runs.resident(key)[24:] < 8)[0]) for key in runs.runs}
    yield f"only {WORDS[gone['mglru'] - gone['lru']]} references longer than LRU"
    assert int(memory.scan_contest(scan=12).resident("mglru")[36]) == 8
    yield "The working set does survive a scan of a dozen pages"
    assert memory.scan_contest(frames=6).refaults("two_list") > 0
    yield "Set *frames* to 6, below the 8 pages in use"


def access_text():
    assert memory.effective_access_time(0.9, 1, 100, 4) == 141
    yield "memory takes 100 ns, a look-up in the TLB 1 ns, and a walk four reads."
    yield "How long does an access take on average if 90 of 100 hit the TLB?"


def lines_text():
    assert memory.line_costs(1).faults[7] * 4096 == 8 << 20
    yield f"rows of {512 * 4 >> 10} KiB (512 numbers)"
    yield "8 MiB written for the first time"


def mapped_idea():
    found = recorded("mapped")
    runs = {advice: memory.read_mapped("shuffled", advice, 2048) for advice in ("normal", "random")}
    times = [found[f"shuffled, {advice}: time"].median[0] for advice in ("random", "normal")]
    assert int(found["shuffled, normal: major faults"].median[-1]) == runs["normal"].major[-1]
    yield f"each slice reads its own page alone: {runs['random'].major[-1]} [major faults](glossary.md#major-fault)"
    yield f"instead of {runs['normal'].major[-1]}, in {round(times[0])} ms instead of {round(times[1])}"
    assert runs["normal"].loaded[-1] == 16_384
    yield f"far more than {256} bytes: one page at the very least"
    yield f"{memory_size(64 * 4096)} of records brought the whole file into memory"
    ahead = memory_size(found["read ahead"].median[0] * 4096)
    yield f"which reads {ahead} ahead"
    yield f"{memory_size(32 * 4096)} unless somebody changed it, {ahead} on the recorded machine"
    yield f"with its neighbours, {memory_size(32 * 4096)} on a usual Linux"


def lines_idea():
    model, found = memory.line_costs(1024), recorded("lines")["faults"].median
    yield f"({found[5]:.0f} against {model.faults[5]})"
    yield f"a fault for each {1024 * 2048 // 4096 // model.faults[5]} pages"


TEXTS = {
    "address-idea": address_idea,
    "address-text": address_text,
    "miss-text": miss_text,
    "reach-text": reach_text,
    "reach-idea": reach_idea,
    "access-text": access_text,
    "access-idea": access_idea,
    "belady-idea": belady_idea,
    "clock-idea": clock_idea,
    "million-idea": million_idea,
    "sample-idea": sample_idea,
    "wanted-text": wanted_text,
    "wanted-idea": wanted_idea,
    "scan-idea": scan_idea,
    "mapped-idea": mapped_idea,
    "lines-text": lines_text,
    "lines-idea": lines_idea,
}


@pytest.mark.parametrize("cell", TEXTS)
def test_what_a_text_states_is_what_its_lab_computes(cell, cell_text):
    text = cell_text("03_memory", cell)
    for stated in TEXTS[cell]():
        assert stated in text, stated


@pytest.mark.parametrize(
    ("lab", "named"),
    [
        ("million", {"frames": [1, 1000, 10_000, 20_000, 100_000], "length": [10_000, 1_000_000, 2_000_000]}),
        ("reach", {"working_set": [8.0, 16.0, 64.0], "stride": [64, 4096, 65_536]}),
        ("switches", {"every": [16, 512, 4096, 32_768], "pages": [16, 256, 2048]}),
        ("scan", {"frames": [4, 6, 14, 24], "scan": [0, 12, 24, 60]}),
        ("clock", {"frames": [1, 3, 8]}),
        ("lines", {"rows": [1, 1024, 8192]}),
        ("faults", {"frames": [1, 3, 10]}),
    ],
)
def test_values_that_a_text_names_can_be_set(lab, named, lab_of):
    controls = lab_of("03_memory", lab).lab.controls
    for name, values in named.items():
        assert [settle(controls[name], value) for value in values] == values


def test_entries_of_an_older_processor_can_be_chosen(lab_of):
    lab = lab_of("03_memory", "reach").lab
    lab.controls["processor"].value = "own"
    lab.controls["entries"].value = 1536
    assert lab.error == "" and lab.result.geometry.entries == 1536


def test_a_prediction_is_marked_only_where_it_was_asked_about(lab_of):
    """The question of lab 6 is about 20 000 frames of its first trace."""
    view = lab_of("03_memory", "million").lab.canvas.view
    question = memory.predictions.twice_the_memory()
    assert question.settings["frames"] == 20_000
    view.predict(0.2)
    assert [label.get_text() for label in view.artists if getattr(label, "get_text", str)() == "your prediction"]
    view.predict(None)
