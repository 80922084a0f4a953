"""What is displayed: live where there is a kernel, its stand-ins where there is none, gone when it is closed."""

import html
import re

import ipywidgets as widgets
import pytest
from hypothesis import given, strategies as st

from oslab.picture.displayed import Displayed, close_all, html_table


class Counter(Displayed):
    """A button that counts, and fails at three."""

    def __init__(self):
        self.count, self.said = 0, widgets.HTML()
        self.button = self._button("count", self._count)
        self.box = widgets.VBox([widgets.HBox([self.button, widgets.IntSlider()]), self.said])

    def _count(self):
        self.count += 1
        if self.count == 3:
            raise RuntimeError("three")

    def _say_trouble(self, said):
        self.said.value = said

    def _still(self):
        return {"text/plain": "a counter", "text/html": "<p>a counter</p>"}


def test_it_is_live_and_has_stand_ins():
    bundle = Counter()._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in bundle
    assert (bundle["text/plain"], bundle["text/html"], repr(Counter())) == (
        "a counter",
        "<p>a counter</p>",
        "a counter",
    )


def test_what_a_press_raises_is_said():
    counter = Counter()
    for said in ("", "", "RuntimeError: three", "RuntimeError: three"):
        counter.button.click()
        assert counter.said.value == said


def test_closing_leaves_no_widget_behind():
    before = _all()
    counter = Counter()
    assert len(_all() - before) > 5
    counter.close()
    counter.close()
    assert _all() - before == set()


def _all():
    from ipywidgets.widgets import widget

    return set(widget._instances)


def test_a_widget_without_style_is_closed_too():
    class Bare(widgets.HBox):
        style = None

    bare = Bare([widgets.Label("a")])
    close_all(bare)
    assert bare.comm is None and bare.children[0].comm is None


@given(st.lists(st.tuples(st.text(max_size=9), st.integers()), min_size=1, max_size=5))
def test_a_table_shows_what_the_rows_say(pairs):
    rows = [{"a<b": text, "n": number} for text, number in pairs]
    page = html_table(rows)
    cells = [
        html.unescape(cell) for cell in re.findall(r"<t[hd]>(.*?)</t[hd]>", page.replace("<span>$</span>", "$"), re.S)
    ]
    assert cells == ["a<b", "n", *(str(value) for row in rows for value in row.values())]


def test_tables_cut_and_round():
    rows = [{"x": 0.000012345}] * 205
    assert html_table(rows).count("<td>0.00001234</td>") == 200 and "5 rows more" in html_table(rows)
    assert html_table([]) == "<p>nothing to list</p>"


def test_what_has_no_stand_in_says_so():
    class Empty(Displayed):
        box = widgets.VBox()

    with pytest.raises(TypeError, match="Empty defines no _still"):
        Empty()._repr_mimebundle_()
