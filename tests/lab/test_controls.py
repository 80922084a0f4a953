"""Controls: what each abbreviation becomes."""

import math
from fractions import Fraction

import ipywidgets as widgets
import pytest
from hypothesis import given, strategies as st

from oslab.base.arguments import Parameter, checked, choice, integer, real
from oslab.lab.controls import GridSlider, Panel, _log_values, make_widget, slider


@pytest.mark.parametrize(
    "abbreviation, kind",
    [
        (slider(1, 8), widgets.IntSlider),
        (slider(0.0, 1.0), GridSlider),
        (slider(1, 1024, log=True), widgets.SelectionSlider),
        ((1, 5), widgets.IntSlider),
        ((0.0, 1.0, 0.1), GridSlider),
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
    ladder = _log_values(slider(low, high, log=True), default)
    assert ladder[0] == low and ladder[-1] == high and default in ladder
    assert ladder == sorted(set(ladder)) and all(isinstance(v, int) for v in ladder)


def test_large_values_of_a_logarithmic_slider_are_written_out():
    labels = [label for label, _ in make_widget("rate", slider(1.0, 4000.0, log=True), 200.0).options]
    assert labels[0] == "1" and labels[-1] == "4\u202f000" and not any("e" in label for label in labels)


def test_annotations_and_defaults_make_controls():
    def f(a: slider(1, 4) = 2, b=True, c="x", d=(1, 9), e=None, seed=5):
        return a, b, c, d, e, seed

    panel = Panel(f, {})
    assert panel.values() == {"a": 2, "b": True, "c": "x", "d": 1, "seed": 5}


def test_more_than_six_are_folded():
    def f(a=1, b=1, c=1, d=1, e=1, g=1, h=1):
        return a

    panel = Panel(f, {})
    assert len(panel._shelf.children) == 6 and len(panel._folded.children) == 2


@pytest.mark.parametrize("arguments", [(3, 3), (5, 1)])
def test_empty_range(arguments):
    with pytest.raises(ValueError, match="low must be less than high"):
        slider(*arguments)


def test_logarithmic_slider_from_zero():
    assert _log_values(slider(0, 8, log=True), 0) == [0, 1, 2, 4, 8]
    with pytest.raises(ValueError, match="low=-1: a logarithmic slider starts at 0"):
        slider(-1, 5, log=True)


def test_labels_in_sight_end_at_one_line():
    panel = Panel(lambda a, longer_name: None, {"a": slider(1, 3), "longer_name": slider(1, 3, unit="pages")})
    widths = {w.style.description_width for w in panel.widgets.values()}
    assert len(widths) == 1 and int(widths.pop()[:-2]) > 7 * len("longer name, pages")


def test_labels_say_what_names_do_not():
    panel = Panel(
        lambda way=1, rate=2: None, {"rate": slider(1, 3, unit="k/s")}, labels={"way": "method", "rate": "packet rate"}
    )
    assert [w.description for w in panel.widgets.values()] == ["method", "packet rate, k/s"]
    # A learner's copy of an older cell has fewer controls than the wing labels.
    assert list(Panel(lambda way=1: None, {}, labels={"other": "method"}).widgets) == ["way"]


def test_a_long_text_takes_a_row_of_its_own():
    assert make_widget("commands", "link a b; " * 8).layout.width == "98%"
    assert make_widget("address", "0x7f").layout.width != "98%"


@pytest.mark.parametrize(
    "spec, default, values",
    [
        (slider(0.0, 2.0, 0.1), 0.5, [0.5, 0.3, 1.9]),
        (slider(0.25, 6.0, 0.25), 3.0, [0.25, 5.75]),
        (slider(0.0, 12.0), 1.0, [1.0, 4.0]),
        (slider(0.7, 2.0), 1.0, [0.7, 1.3]),
    ],
)
def test_a_value_lies_on_the_grid_and_is_what_was_meant(spec, default, values):
    widget = make_widget("x", spec, default)
    assert widget.value == default
    for value in values:
        widget.value = value * (1 - 1e-16) - 1e-15
        assert widget.value == value and repr(widget.value) == repr(value)
    widget.value = widget.max
    assert widget.value == spec.high


@given(st.integers(0, 50), st.integers(1, 400), st.integers(0, 400), st.sampled_from([0.1, 0.25, 0.5, 1.0, 0.05]))
def test_every_step_gives_the_decimal_that_the_label_shows(low, steps, k, step):
    exact = Fraction(str(step))
    low_end, high_end = float(exact * low), float(exact * (low + steps))
    widget = make_widget("x", slider(low_end, high_end, step), low_end)
    widget.value = low_end + min(k, steps) * step
    assert widget.value == float(exact * (low + min(k, steps)))


@pytest.mark.parametrize(
    "spec, default",
    [(slider(0.0, 1.0, 0.04), 0.5), (slider(0, 10, 3), 3), (slider(1, 10, 3), 5), (slider(0.0, 1.0), 1 / 3)],
)
def test_a_default_or_an_end_off_the_grid_is_refused(spec, default):
    with pytest.raises(ValueError, match="must lie on the slider's grid"):
        make_widget("x", spec, default)


@pytest.mark.parametrize(
    "spec, some",
    [
        (slider(1, 1000, log=True), [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]),
        (slider(10_000, 2_000_000, log=True), [10_000, 20_000, 1_000_000]),
        (slider(0.0625, 512.0, log=True), [0.0625, 0.5, 1, 512]),
        (slider(0, 1 << 40, log=True), [0, 1, 4096, 1 << 39]),
    ],
)
def test_logarithmic_sliders_stop_at_round_values(spec, some):
    values = _log_values(spec, None)
    assert set(some) <= set(values)
    assert all(float(f"{v:.2g}") == v or math.log2(v).is_integer() for v in values if v)


def test_ends_come_from_what_a_checked_function_declares():
    @checked(frames=integer(1, 8, unit="frames"), policy=choice(("fifo", "lru")), share=real(0, 1))
    def simulate(frames=3, policy="lru", share=0.5):
        return frames, policy, share

    panel = Panel(simulate, {})
    frames, policy, share = panel.widgets.values()
    assert (frames.min, frames.max, frames.description) == (1, 8, "frames")
    assert policy.options == ("fifo", "lru") and policy.value == "lru" and (share.min, share.max) == (0, 1)


def test_a_switch_that_is_off_is_a_control():
    assert Panel(lambda account=None: None, {"account": False}).values() == {"account": False}


def test_a_number_without_an_upper_end_is_typed_and_named():
    widget = make_widget("process", Parameter(1, low=0, help="counted from 0"))
    assert type(widget) is widgets.IntText and widget.description == "process" and widget.tooltip == "counted from 0"
