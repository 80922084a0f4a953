"""Labs 1, 2, 3 and 8 driven as a learner drives them: every end of every control draws, and says what it shows."""

import numpy as np
import pytest
from ipywidgets import Checkbox, Dropdown, SelectionSlider

from oslab import explore, memory, slider


def address():
    @explore(memory.AddressMap, **memory.ADDRESS)
    def lab(virtual="0x7f1234567abc", further=0, page_size=4096, levels=4, page="mapped", write=False):
        return memory.locate(memory.parse_address(virtual) + further, page_size, levels, page, write)
    return lab.lab


def reach():
    @explore(memory.TlbReach, **memory.REACH)
    def lab(working_set=16.0, page_size=4096, processor="zen4", stride=4096, read=5.0, l2_hit=2.0, **options):
        return memory.tlb_reach(int(working_set * 2**20), stride, page_size, processor, l2_hit, read, **options)
    return lab.lab


def switches():
    @explore(memory.SwitchLines, **memory.SWITCHES)
    def lab(pages=256, processes=2, every=4096, processor="zen4", **options):
        return memory.switch_costs(pages, processes, every, processor, **options)
    return lab.lab


def mapped():
    @explore(memory.FileMap, step=6, **memory.MAPPED)
    def lab(order="shuffled", advice="normal", read_ahead=2048):
        return memory.read_mapped(order, advice, read_ahead)
    return lab.lab


def lines():
    @explore(memory.LineBars, **memory.LINES)
    def lab(rows=1024):
        return memory.line_costs(rows)
    return lab.lab


def miss():
    @explore(memory.MissMap, page_size=memory.PAGE_SIZES, levels=[4, 5], latency=slider(10, 200))
    def lab(page_size=4096, hit=False, levels=4, latency=100):
        return memory.follow_access(page_size=page_size, hit=hit, levels=levels, latency=latency)
    return lab.lab


def ends(control):
    """A control's first and last values."""
    if isinstance(control, SelectionSlider | Dropdown):
        values = control._options_values
        return values[0], values[-1]
    if isinstance(control, Checkbox):
        return False, True
    return (control.min, control.max) if hasattr(control, "min") else ()


@pytest.mark.parametrize("make", [address, reach, switches, mapped, lines, miss])
def test_both_ends_of_every_control_draw(make):
    lab = make()
    start = lab.text
    for name, control in list(lab.controls.items()):
        for value in ends(control):
            control.value = value
            assert lab.error == "" and lab.text and lab.canvas.view.title, (name, value)
        lab.reset()
    assert lab.text == start
    for step in range(lab.result.steps + 1) if lab.step is not None else ():
        lab.step = step
        assert lab.error == "" and lab.text
    lab.close()


def test_the_reach_lab_finds_the_edge():
    lab = reach()
    lab.controls["working_set"].value = 8.0
    assert lab.result.share.tolist() == [0, 1, 0] and lab.canvas.view.title.startswith("8 MiB: 0 % of accesses walk")
    lab.controls["working_set"].value = 16.0
    assert lab.canvas.view.title.startswith("16 MiB: 100 % of accesses walk") and "measured on a" in lab.text
    lab.controls["page_size"].value = 2 << 20
    assert lab.result.share[2] == 0 and "measured" not in lab.text
    lab.controls["processor"].value = "own"
    assert {"entries", "ways"} < set(lab.controls)
    lab.close()


def test_nonsense_in_the_address_field_is_a_sentence():
    lab = address()
    before = lab.canvas.view.title
    lab.controls["virtual"].value = "nonsense"
    assert lab.error.startswith("address='nonsense': allowed are 1 to 16 hexadecimal digits") and lab.canvas.view.title == before
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
    lab = lines()
    assert "Measured on a" in lab.text
    lab.measure()
    assert lab.error == "" and "Measured here" in lab.text
    lab.close()


def test_pictures_of_measured_and_recorded_differ():
    lab = reach()
    here = [type(s)(**{**vars(s), "origin": "this machine"}) for s in lab.measured]
    recorded = np.frombuffer(lab.picture(), np.uint8)
    lab.deliver_measured(here, True)
    assert "measured here" in lab.text
    assert not np.array_equal(recorded, np.frombuffer(lab.picture(), np.uint8))
    lab.close()
