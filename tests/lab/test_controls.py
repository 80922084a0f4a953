"""Controls: what each abbreviation becomes."""

import ipywidgets as widgets
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oslab.lab.controls import Panel, _ladder, make_widget, slider


@pytest.mark.parametrize(
    "abbreviation, kind",
    [
        (slider(1, 8), widgets.IntSlider),
        (slider(0.0, 1.0), widgets.FloatSlider),
        (slider(1, 1024, log=True), widgets.SelectionSlider),
        ((1, 5), widgets.IntSlider),
        ((0.0, 1.0, 0.1), widgets.FloatSlider),
        (["a", "b"], widgets.Dropdown),
        ({"A": 1, "B": 2}, widgets.Dropdown),
        (True, widgets.Checkbox),
        ("text", widgets.Text),
        (3, widgets.IntSlider),
    ],
)
def test_abbreviations(abbreviation, kind):
    assert type(make_widget("x", abbreviation)) is kind


def test_label_carries_unit_and_help():
    widget = make_widget("switch_cost", slider(0, 9, unit="µs", help="of one switch"))
    assert widget.description == "switch cost, µs" and widget.tooltip == "of one switch"


def test_a_widget_is_taken_as_it_is():
    own = widgets.IntText(3, description="mine")
    assert make_widget("x", own) is own and own.description == "mine"


@given(st.integers(1, 10**6), st.integers(1, 10**6), st.integers(1, 10**6))
def test_logarithmic_slider_reaches_both_ends_and_its_default(a, b, c):
    low, default, high = sorted((a, b, c))
    if low == high:
        return
    ladder = _ladder(slider(low, high, log=True), default)
    assert ladder[0] == low and ladder[-1] == high and default in ladder
    assert ladder == sorted(set(ladder)) and all(isinstance(v, int) for v in ladder)


def test_large_values_of_a_logarithmic_slider_are_written_out():
    labels = [label for label, _ in make_widget("rate", slider(1.0, 4000.0, log=True), 200.0).options]
    assert labels[0] == "1" and labels[-1] == "4\u202f000" and not any("e" in label for label in labels)


def test_annotations_and_defaults_make_controls():
    def f(a: slider(1, 4) = 2, b=True, c="x", d=(1, 9), e=None, seed=5):
        return a, b, c, d, e, seed

    panel = Panel(f, {})
    assert panel.values() == {"a": 2, "b": True, "c": "x", "d": 5, "seed": 5}


def test_more_than_six_are_folded():
    def f(a=1, b=1, c=1, d=1, e=1, g=1, h=1):
        return a

    panel = Panel(f, {})
    assert len(panel._shelf.children) == 5 and len(panel._folded.children) == 2


@pytest.mark.parametrize("arguments", [(3, 3), (5, 1)])
def test_empty_range(arguments):
    with pytest.raises(ValueError, match="low must be less than high"):
        slider(*arguments)


def test_logarithmic_slider_from_zero():
    assert _ladder(slider(0, 8, log=True), 0) == [0, 1, 2, 3, 4, 5, 6, 7, 8]
    with pytest.raises(ValueError, match="low=-1: a logarithmic slider starts at 0"):
        slider(-1, 5, log=True)


def test_labels_in_sight_end_at_one_line():
    panel = Panel(lambda a, longer_name: None, {"a": slider(1, 3), "longer_name": slider(1, 3, unit="pages")})
    widths = {w.style.description_width for w in panel.widgets.values()}
    assert len(widths) == 1 and int(widths.pop()[:-2]) > 7 * len("longer name, pages")


def test_a_long_text_takes_a_row_of_its_own():
    assert make_widget("commands", "link a b; " * 8).layout.width == "98%"
    assert make_widget("address", "0x7f").layout.width != "98%"
