"""The labs of notebook 03 driven as a learner drives them; what they show recounted from the runs themselves."""

import json
from pathlib import Path

import numpy as np
import pytest

from oslab import explore, memory, slider

NOTEBOOK = json.loads((Path(__file__).parents[2] / "notebooks/03_memory.ipynb").read_text())
CELLS = ["".join(cell["source"]) for cell in NOTEBOOK["cells"] if cell["cell_type"] == "code"]


def lab_of(name):
    """The lab that a cell of the notebook defines."""
    names = {"__name__": __name__, "explore": explore, "memory": memory, "slider": slider}
    exec(next(cell for cell in CELLS if f"\ndef {name}(" in cell), names)
    return names[name].lab


def test_every_trace_of_the_menu_draws():
    lab = lab_of("million")
    lab.controls["length"].value = 10_000
    for trace in memory.TRACES:
        lab.controls["trace"].value = trace
        lab._refresh()
        assert lab.error == "" and lab.result.trace, trace
        assert f"of {lab.result.references:,} ".replace(",", "\u202f") in lab.text
    lab.close()


def test_a_string_is_drawn_from_a_seed_and_nonsense_is_a_sentence():
    lab = lab_of("faults")
    typed = lab.canvas.scene()[1]
    lab.controls["seed"].value = 7
    drawn = lab.result.trace.numbers.tolist()
    assert drawn == memory.typed_or_drawn("", 7).numbers.tolist() and lab.canvas.scene()[1] != typed
    lab.controls["seed"].value = 0
    lab.controls["references"].value = "1 2 what"
    assert "what" in lab.error and lab.result.trace.numbers.tolist() == [1, 2, 3, 4, 1, 2, 5, 1, 2, 3, 4, 5]
    lab.close()


def test_belady_is_drawn_as_far_as_the_learner_has_come():
    lab = lab_of("anomaly")
    assert "from 9 to 10" not in lab.text and lab.canvas.view.title == "Faults with 3 frames: FIFO 9, LRU 10, OPT 7"
    lab.controls["focus"].value = 4
    assert "FIFO goes from 9 to 10 faults when frame 4 is added" in lab.text and "LRU makes 8" in lab.text
    lab.close()


def test_the_other_policies_come_as_curves_and_a_sample_says_that_it_is_one():
    lab = lab_of("million")
    lab.controls["length"].value = 10_000
    lab.rest()
    assert set(lab.alongside) == set(memory.POLICIES)
    for key, curve in lab.alongside.items():
        frames = int(curve.frames[len(curve.frames) // 2])
        trace = memory.reference_trace("zipf", 10_000, 1, {})
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


def test_the_reach_lab_finds_the_edge():
    lab = lab_of("reach")
    lab.controls["working_set"].value = 8.0
    assert lab.result.share.tolist() == [0, 1, 0] and lab.canvas.view.title.startswith(
        "8 MiB: 0 % of accesses need a walk"
    )
    lab.controls["working_set"].value = 16.0
    assert lab.canvas.view.title.startswith("16 MiB: 100 % of accesses need a walk") and "measured on a" in lab.text
    lab.controls["page_size"].value = 2 << 20
    assert lab.result.share[2] == 0 and "measured" not in lab.text
    lab.controls["processor"].value = "own"
    assert {"entries", "ways"} < set(lab.controls)
    lab.close()


def test_nonsense_in_the_address_field_is_a_sentence():
    lab = lab_of("address")
    before = lab.canvas.view.title
    lab.controls["virtual"].value = "nonsense"
    assert (
        lab.error.startswith("address='nonsense': allowed are 1 to 16 hexadecimal digits")
        and lab.canvas.view.title == before
    )
    lab.controls["virtual"].value = "0x800000000000"
    assert lab.error == "" and "not canonical" in lab.text
    lab.reset()
    lab.controls["page"].value = "read-only"
    lab.controls["write"].value = True
    assert "page fault (protection)" in lab.canvas.view.title and "SIGSEGV" in lab.text
    lab.close()


def test_the_file_map_without_any_measurement():
    figure = explore(memory.FileMap)(lambda: memory.read_mapped()).lab
    assert figure.text.startswith("Slice 64") and "ms" not in figure.text
    figure.close()


def test_a_measurement_here_replaces_the_recorded_one():
    lab = lab_of("lines")
    assert "Measured on a" in lab.text
    lab.measure()
    assert lab.error == "" and "Measured here" in lab.text
    lab.close()


def test_pictures_of_measured_and_recorded_differ():
    lab = lab_of("reach")
    here = [type(s)(**{**vars(s), "origin": "this machine"}) for s in lab.measured]
    recorded = np.frombuffer(lab.picture(), np.uint8)
    lab.measurement.keep(here)
    assert "measured here" in lab.text
    assert not np.array_equal(recorded, np.frombuffer(lab.picture(), np.uint8))
    lab.close()


def test_an_address_in_the_layout_of_another_machine(lab_of):
    lab = lab_of("03_memory", "address").lab
    lab.controls["virtual"].value, lab.controls["bits"].value = "0x403004", "10 10 12"
    assert lab.error == "" and lab.result.indices == (1, 3) and lab.result.offset == 4
    assert lab.canvas.view.title == "0x403004 in 10 + 10 + 12 bits: 2 tables to read"
    assert "level 1 1, level 2 3 and byte 0x4 of a 4 KiB page; a TLB miss costs 2 memory reads" in lab.text
    for wrong, said in (("12", "allowed are 2 to 6 numbers"), ("ten 12", "bits="), ("8 8", "which hold the address")):
        lab.controls["bits"].value = wrong
        assert said in lab.error
    for other in ("2 12 12", "4, 12 ", "13 13 13 13 12", "20 20 24"):
        lab.controls["virtual"].value = "0x3004" if other.startswith("4") else "0x403004"
        lab.controls["bits"].value = other
        assert lab.error == "", lab.error
    lab.controls["bits"].value = ""
    assert "to translate it" in lab.canvas.view.title


def test_the_mapped_lab_takes_a_file_of_ones_own(lab_of, tmp_path):
    lab = lab_of("03_memory", "mapped").lab
    assert " took " in lab.text
    file = tmp_path / "own.bin"
    for size, record, square in ((1 << 20, 16_384, "64 KiB"), (200 << 20, 4096, "256 KiB")):
        with open(file, "wb") as made:
            made.truncate(size)
        lab.controls["record"].value = record
        lab.controls["file"].value = str(file)
        assert lab.error == "" and (lab.result.file_pages, lab.result.slice_pages) == (size // 4096, record // 4096)
        # What was recorded is of another file.
        assert " took " not in lab.text and lab.text.startswith("Slice 64: ")
        assert f"a square: {square}" in str(lab.state.list)
        lab.controls["read_ahead"].value = -1
        lab.step = lab.result.steps
        lab.controls["file"].value = ""
    lab.controls["record"].value = 4096
    assert " took " in lab.text
    lab.controls["file"].value = str(tmp_path / "none")
    assert "files of 64 KiB or more" in lab.error
