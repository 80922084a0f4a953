"""States sent ahead: whatever comes in which order, the picture that stays is the one of the controls that stand."""

import importlib.util
from pathlib import Path

import ipywidgets as widgets
import pytest
from hypothesis import settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from oslab.lab import look_ahead
from oslab.lab.controls import slider
from oslab.lab.decorator import explore
from oslab.lab.look_ahead import LookAhead, key_of, moves, neighbours
from oslab.picture.state import State

_spec = importlib.util.spec_from_file_location("parabola", Path(__file__).with_name("parabola.py"))
parabola = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(parabola)


SIZE, GROUND = 30_000, 8_000


def ground_of(given):
    """What stays of the picture for these settings: two kinds, so that some neighbours have another than what stands."""
    return bytes([given["n"] % 2]) * GROUND


class Page:
    """The page's rules, as the protocol states them; what it shows is (version, settings), on a background."""

    def __init__(self, controls):
        self.controls, self.shown, self.drawn = dict(controls), None, None
        self.version, self.known, self.last_ground, self.ground = -1, {}, b"", b""

    def moved(self, name, value):
        self.controls[name] = value
        key = key_of(self.controls)
        if key in self.known and key == self.drawn:
            return
        self.drawn = key if key in self.known else None
        if self.drawn is not None:
            self.shown, self.ground = self.known[key]

    def confirmed(self, version, given):
        key, self.last_ground = key_of(given), ground_of(given)
        if version != self.version:
            self.known, self.version = {}, version
        elif self.drawn not in (None, key) and self.drawn == key_of(self.controls):
            return
        self.drawn, self.shown, self.ground = None, (version, given), self.last_ground

    def ahead(self, version, given, forget, ground):
        if forget:
            self.known = {}
        if version == self.version:
            self.known[key_of(given)] = (version, given), ground or self.last_ground


class Events(RuleBasedStateMachine):
    """A hand on two sliders, a kernel that works moves off in order, and measurements; messages wait or are lost."""

    def __init__(self):
        super().__init__()
        start = {"n": 3, "step": 2}
        self.page, self.kernel, self.version = Page(start), dict(start), 0
        self.to_kernel, self.to_page, self.out = {}, [], []
        self.order = []
        self.sender = LookAhead(self._plan, lambda content, lists: self.out.append((content, b"".join(lists[1:]))))
        self._confirm()

    def _state(self, given):
        ground = ground_of(given)
        return State(
            self.version, given, None, b"x" * SIZE, b"" if ground == ground_of(self.kernel) else ground, "", ""
        )

    def _plan(self):
        for name in ("n", "step"):
            for by in (1, -1, 2):
                given = {**self.kernel, name: self.kernel[name] + by}
                if 0 <= given[name] <= 9:
                    yield self.version, given, lambda given=given: self._state(given)

    def _confirm(self):
        self.to_page.append(("confirmed", self.version, dict(self.kernel)))

    @rule(name=st.sampled_from(["n", "step"]), by=st.sampled_from([1, -1, 2, 5]))
    def hand_moves(self, name, by):
        value = (self.page.controls[name] + by) % 10
        self.page.moved(name, value)
        self.to_kernel[name] = value  # a value on its way is replaced by the next
        if name not in self.order:
            self.order.append(name)

    @rule()
    def kernel_works_a_move_off(self):
        if self.order:
            name = self.order.pop(0)
            self.kernel[name] = self.to_kernel.pop(name)
            self._confirm()

    @rule()
    def something_is_measured(self):
        self.version += 1
        self._confirm()

    @rule(lost=st.sets(st.integers(0, 5)))
    def kernel_looks_ahead(self, lost):
        self.sender.work()
        for k, (content, ground) in enumerate(self.out):
            if k not in lost or content["forget"]:
                header = content["ahead"]
                self.to_page.append(("ahead", header["version"], header["settings"], content["forget"], ground))
        self.out.clear()

    @rule(count=st.sampled_from([1, 2, 20]))
    def page_gets_messages(self, count):
        for _ in range(min(count, len(self.to_page))):
            kind, *content = self.to_page.pop(0)
            getattr(self.page, kind)(*content)

    @invariant()
    def what_is_known_is_bounded(self):
        assert len(self.page.known) * SIZE <= look_ahead.BOUND

    @invariant()
    def a_state_sent_ahead_is_shown_for_the_controls_that_stand(self):
        if self.page.drawn is not None:
            assert self.page.shown[1] == self.page.controls

    @invariant()
    def a_picture_stands_on_its_own_background(self):
        assert self.page.shown is None or self.page.ground == ground_of(self.page.shown[1])

    def teardown(self):
        while self.order or self.to_page:
            self.kernel_works_a_move_off()
            self.page_gets_messages(1)
        assert self.page.shown == (self.version, self.page.controls) and self.kernel == self.page.controls


TestEvents = Events.TestCase
TestEvents.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)


def make(**options):
    def curve(shape="square", n=5):
        return parabola.curve(shape, n)

    return explore(parabola.CurveView, n=slider(1, 20), shape=["square", "line"], **options)(curve).lab


def sent(lab, cost=0.0):
    found = []
    lab._cost = cost  # of the model's last call, in seconds: here whatever else the machine does
    lab._ahead._send = lambda content, lists: found.append((content, lists[0]))
    lab._ahead.work()
    return found


def test_a_state_sent_ahead_is_the_one_that_comes():
    lab = make()
    lab.controls["n"].value = 6
    before = lab._screen.scene, lab._screen.state, lab.result, lab.canvas.view.title
    known = {content["ahead"]["settings"]["n"]: (content["ahead"], data) for content, data in sent(lab)}
    assert (lab._screen.scene, lab._screen.state, lab.result, lab.canvas.view.title) == before
    assert set(known) >= {5, 7}
    header, data = known[7]
    lab.controls["n"].value = 7
    after = lab._screen.state
    assert data == lab._screen.scene
    assert {**header, "settings": after["settings"]} == {**after, "shown": header["shown"]}


def test_a_neighbour_with_another_background_brings_it():
    lab = make()
    lab.controls["n"].value = 6
    ground = lab._screen.background
    lab.canvas.view.update = lambda result, update=lab.canvas.view.update, **given: (
        update(result, **given),
        lab.canvas.view.axes.set_xlim(0, 10 * result.steps),
    )
    found = []
    lab._cost, lab._ahead._send = 0.0, lambda content, lists: found.append((content["ahead"]["settings"]["n"], lists))
    lab._redraw()
    lab._ahead.work()
    lists = dict(found)[7]
    assert len(lists) == 2 and lists[1] != ground
    lab.controls["n"].value = 7
    assert [lab._screen.scene, lab._screen.background] == lists


def test_steps_come_without_a_call_of_the_model():
    calls = []

    def curve(n=5):
        calls.append(n)
        return parabola.curve("square", n)

    lab = explore(parabola.CurveView, n=slider(1, 20))(curve).lab
    lab.step = 3
    calls.clear()
    steps = [content["ahead"]["step"] for content, _ in sent(lab, cost=1.0)]
    assert steps[:2] == [4, 2] and calls == []


def test_what_was_sent_is_not_sent_again_until_something_else_changes():
    lab = make()
    lab.controls["n"].value = 6
    assert sent(lab) and sent(lab) == []
    lab._redraw()
    again = sent(lab)
    assert again[0][0]["forget"] and not any(content["forget"] for content, _ in again[1:])


def test_what_fails_is_not_sent_and_nothing_is_said():
    lab = make()
    lab.controls["n"].value = 12  # 13 is refused
    tried = {content["ahead"]["settings"]["n"] for content, _ in sent(lab)}
    assert {11, 14} <= tried and 13 not in tried and lab.error == ""
    assert lab.result.steps == 12


@pytest.mark.parametrize(
    "widget, found",
    [
        (widgets.IntSlider(5, min=0, max=6, step=1), [6, 4, 3, 2]),
        (widgets.Dropdown(options=[("one", 1), ("two", 2), ("three", 3)], value=2), [2, 0]),
        (widgets.SelectionSlider(options=["a", "b"], value="a"), [1]),
        (widgets.FloatSlider(0.3, min=0.1, max=0.4, step=0.1), [0.4, 0.2, 0.1]),
        (widgets.Text("x"), []),
    ],
)
def test_neighbours_are_the_nearest_values(widget, found):
    assert [wire for wire, _, _ in neighbours(widget)] == found


def test_moves_are_of_the_hand_then_of_the_step():
    controls = {"n": widgets.IntSlider(5), "m": widgets.IntSlider(7), "step": widgets.IntSlider(2, max=3)}
    tried = [move[0] for _, move in moves(controls, "m", [])]
    assert tried == ["m"] * 6 + ["step"] * 3
    assert {name for name, *_ in (move for _, move in moves(controls, "", ["n"]))} == {"step"}


def test_a_long_text_does_not_go_with_every_state():
    short, long = widgets.Text("1 2 3"), widgets.Text("1 2 3 " * 20_000)
    assert look_ahead.read(look_ahead.readable({"a": short, "b": long})) == {"a": "1 2 3"}
