"""Labs 4 to 7 driven as a learner drives them; what they show recounted from the runs themselves."""

import numpy as np
import pytest
from ipywidgets import Checkbox, Dropdown, SelectionSlider, Text

from oslab import explore, memory, slider
from oslab.memory.contest import POLICIES as CONTESTANTS


def grid():
    @explore(memory.FaultGrid, policy=memory.POLICIES, frames=slider(1, 7), step=4)
    def lab(references="1 2 3 4 1 2 5 1 2 3 4 5", seed=0, policy="fifo", frames=3, **options):
        return memory.simulate(memory.typed_or_drawn(references, seed), policy, frames, **options)
    return lab.lab


def belady():
    @explore(memory.FaultsByFrames, focus=slider(1, 7))
    def lab(references="1 2 3 4 1 2 5 1 2 3 4 5", focus=3):
        return memory.fault_counts(references, ("fifo", "lru", "opt"), focus=focus)
    return lab.lab


def clock():
    @explore(memory.ClockFace, frames=slider(1, 8), step=5)
    def lab(references="7 0 1 2 0 3 0 4 2 3 0 3 2 1 2 0 1 7 0 1", frames=4, reference_on_load=True):
        return memory.simulate(references, "clock", frames, reference_on_load=reference_on_load)
    return lab.lab


def million(length=20_000):
    @explore(memory.MissCurves, trace=memory.TRACES, policy=memory.POLICIES, frames=slider(1, 1000, log=True), **memory.LIVE)
    def lab(trace="zipf", policy="lru", frames=100, length=length, seed=1, sample=False, trace_options=None, **options):
        references = memory.reference_trace(trace, length, seed, trace_options, sample)
        return memory.replay(references, policy, frames, sample, **options)
    return lab.lab


def scan():
    @explore(memory.ScanStory, focus=dict(zip(("LRU", "two lists", "MGLRU"), CONTESTANTS)), hot=slider(2, 12),
             frames=slider(4, 24), scan=slider(0, 60), rounds=slider(1, 6))
    def lab(focus="two_list", hot=8, frames=14, scan=24, rounds=3):
        return memory.scan_contest(hot, frames, scan, rounds, focus)
    return lab.lab


def values(control):
    """A control's values at its ends; of a menu all."""
    if isinstance(control, Dropdown):
        return control._options_values
    if isinstance(control, SelectionSlider):
        return control._options_values[0], control._options_values[-1]
    if isinstance(control, Checkbox):
        return False, True
    return () if isinstance(control, Text) else (control.min, min(control.max, 10**6))


@pytest.mark.parametrize("make", [grid, belady, clock, scan])
def test_both_ends_of_every_control_draw(make):
    lab = make()
    start = lab.text
    for name in list(lab.controls):
        for value in values(lab.controls[name]):
            lab.controls[name].value = value
            assert lab.error == "" and lab.text and lab.canvas.view.title, (name, value)
        lab.reset()
    assert lab.text == start
    for step in range(lab.result.steps + 1) if lab.step is not None else ():
        lab.step = step
        assert lab.error == "" and lab.text
    lab.close()


@pytest.mark.parametrize("trace", list(memory.TRACES))
def test_every_trace_of_the_menu_draws(trace):
    lab = million(5000)
    lab.controls["trace"].value = trace
    lab._refresh()
    assert lab.error == "" and lab.result.trace and f"of {lab.result.references:,} ".replace(",", "\u202f") in lab.text
    lab.close()


def test_a_string_is_drawn_from_a_seed_and_nonsense_is_a_sentence():
    lab = grid()
    typed = lab.canvas.frame(1.0)
    lab.controls["seed"].value = 7
    drawn = lab.result.trace.numbers.tolist()
    assert drawn == memory.typed_or_drawn("", 7).numbers.tolist() and lab.canvas.frame(1.0) != typed
    lab.controls["seed"].value = 0
    lab.controls["references"].value = "1 2 what"
    assert "what" in lab.error and lab.result.trace.numbers.tolist() == [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
    lab.close()


def test_belady_is_drawn_as_far_as_the_learner_has_come():
    lab = belady()
    assert "from 9 to 10" not in lab.text and lab.canvas.view.title == "Faults with 3 frames: FIFO 9, LRU 10, OPT 7"
    lab.controls["focus"].value = 4
    assert "FIFO goes from 9 to 10 faults when frame 4 is added" in lab.text and "LRU makes 8" in lab.text
    lab.close()


def test_the_other_policies_come_as_curves_and_a_sample_says_that_it_is_one():
    lab = million()
    lab.rest()
    assert set(lab.alongside) == set(memory.POLICIES)
    for key, curve in lab.alongside.items():
        frames = int(curve.frames[len(curve.frames) // 2])
        trace = memory.reference_trace("zipf", 20_000, 1, {})
        assert curve.at(frames) == memory.simulate(trace, key, frames).miss_ratio, key
    lab._changed("frames")
    assert "sample" not in lab.text
    lab.controls["length"].value = lab.controls["length"]._options_values[-1]
    assert lab.result.sample and lab.result.references == 100_000 and "estimated from a sample" in lab.text
    lab._refresh()  # what rest() does first; the curves of two million references take their time
    assert not lab.result.sample and lab.result.references == 2_000_000
    lab.close()


@pytest.mark.parametrize("hot, frames, scan, rounds", [(8, 14, 24, 3), (12, 6, 24, 2), (3, 24, 60, 1), (5, 5, 0, 2)])
def test_residents_and_refaults_recounted(hot, frames, scan, rounds):
    contest = memory.scan_contest(hot, frames, scan, rounds)
    trace = [*range(hot)] * rounds
    trace = [*trace, *range(hot, hot + scan), *trace]
    for key, run in contest.runs.items():
        inside, counts, back, seen = set(), [0], 0, set()
        for page, gone in zip(trace, run.evicted.tolist(), strict=True):
            back += page < hot and page not in inside and page in seen
            inside.discard(gone)
            inside.add(page)
            seen.add(page)
            assert len(inside) <= frames
            counts.append(len([p for p in inside if p < hot]))
        assert contest.resident(key).tolist() == counts and contest.refaults(key) == back


def test_what_the_text_of_lab_7_says():
    contest = memory.scan_contest()
    after = {key: int(contest.resident(key)[contest.scan[1]]) for key in contest.runs}
    assert after == {"lru": 0, "two_list": 7, "mglru": 0}
    gone = {key: int(np.flatnonzero(contest.resident(key)[24:] < 8)[0]) for key in contest.runs}
    assert gone["mglru"] - gone["lru"] == 6
    assert int(memory.scan_contest(scan=12).resident("mglru")[36]) == 8


def test_a_wrong_contest_is_named():
    for wrong in ({"hot": 0}, {"frames": 0}, {"rounds": 0}, {"scan": -1}, {"focus": "fifo"}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))}="):
            memory.scan_contest(**wrong)
