"""What views share: marks of both origins, rows, names kept apart."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, strategies as st

from oslab.base.series import Series
from oslab.picture import style
from oslab.picture.canvas import Canvas
from oslab.picture.parts import Marks, Names, Rows, best, color_of, origin_key, space_out, text_color_of, top_of
from oslab.picture.view import View

HERE = Series.of_repeats("reads", [1, 2], [[3, 5], [4, 9], [5, 6]], "µs", origin="this machine")
OLD = replace(HERE, origin="recorded", machine="2-CPU machine", date="2026-11-25")


class Plain(View):
    """Axes with everything on them."""

    def __init__(self, figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.2, 0.2, 0.7, 0.6)
        self.axes.set(xlim=(0, 10), ylim=(0, 10))
        self.marks = Marks(self, self.axes, style.ink(1), aside=0.25)
        self.rows = Rows(self, self.add_axes(0.2, 0.2, 0.3, 0.3), 4)
        self.names = Names(self, self.axes, 9, 3)


def drawn(marks):
    return {
        origin: (points.get_xydata().tolist(), [s.tolist() for s in ranges.get_segments()], points.get_color())
        for origin, (ranges, points) in marks.layers.items()
        if points.get_visible()
    }


def test_marks_show_the_median_and_the_range_in_the_colour_of_their_origin():
    view = Canvas(Plain).view
    view.marks.set(HERE)
    assert drawn(view.marks) == {
        "this machine": ([[1, 4], [2, 6]], [[[1, 3], [1, 5]], [[2, 5], [2, 9]]], style.ink(1).color)
    }
    view.marks.set([OLD, HERE], factor=2)
    both = drawn(view.marks)
    assert both["recorded"][0] == [[1.25, 8], [2.25, 12]] and both["recorded"][2] == style.RECORDED
    assert both["this machine"][0] == [[1, 8], [2, 12]]
    view.marks.set(None)
    assert drawn(view.marks) == {}


def test_what_is_measured_here_goes_first():
    assert best([OLD, HERE]) == [HERE] and best([OLD]) == [OLD] and best(None) == [] and best(HERE) == [HERE]
    assert (color_of(HERE), color_of(OLD, style.ink(1))) == (style.INK, style.RECORDED)
    assert (text_color_of(HERE, style.ink(1)), text_color_of(OLD)) == (style.ink(1).text, style.QUIET)


@pytest.mark.parametrize(
    "measured, said",
    [
        (None, ""),
        ([], ""),
        (HERE, "○ this machine"),
        ([OLD, OLD], "○ recorded on 2-CPU machine, 2026-11-25"),
        ([OLD, HERE], "○ grey: recorded on 2-CPU machine, 2026-11-25; this machine"),
    ],
)
def test_the_key_names_each_origin_once(measured, said):
    assert origin_key(measured) == said


def test_rows_show_what_was_set_last_and_no_more():
    view = Canvas(Plain).view
    view.rows.set(["a", "b", "c"], [1, 2, 3], ["1", "2", "3"], [1, 2, 3], bold=1)
    view.rows.set(["d", "e"], texts=["4"], at=[7])
    assert [w.get_text() for w in view.rows.names if w.get_visible()] == ["d", "e"]
    assert [(w.get_text(), w.get_position()[0]) for w in view.rows.words if w.get_visible()] == [("4", 7)]
    assert view.rows.bars.get_paths() == []


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=8), st.floats(0.1, 50))
def test_places_are_apart_and_keep_their_order(values, gap):
    places = space_out(values, gap)
    order = np.argsort(values, kind="stable")
    assert (np.diff(np.array(places)[order]) >= gap - 1e-9).all()
    assert all(place >= value for place, value in zip(places, values))


@pytest.mark.parametrize("scale", ["linear", "log"])
def test_names_of_lines_that_meet_are_apart(scale):
    view = Canvas(Plain).view
    view.axes.set(yscale=scale, ylim=(1, 100))
    view.names.set([50, 50.1, 3], ["a", "b", "c"], ["r", "g", "b"])
    ys = [view.axes.transData.transform(w.get_position())[1] for w in view.names.words]
    assert ys[1] - ys[0] >= 15.9 and ys[2] == pytest.approx(view.axes.transData.transform((9, 3))[1])


def test_an_axis_follows_the_model_and_the_recorded_run_and_at_most_doubles_for_another():
    assert top_of(None, 3.0, 5.0) == 5 and top_of([OLD], 3.0) == 6, "the median, not its range"
    assert top_of([replace(HERE, median=[1, 90])], 3.0) == 6 and top_of([HERE], 100.0) == 100
