"""Things in pictures: what is said of them, and that whatever is touched, every control keeps a value that it takes."""

import math

import ipywidgets as widgets
import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from oslab.lab.buttons import FileField, LetterButtons
from oslab.lab.controls import GridSlider, slider
from oslab.lab.decorator import explore
from oslab.lab.touch import place_of, settle
from tests.lab.parabola import CurveView, curve as points

LABS = [
    ("02_scheduling", "who_runs"),
    ("02_scheduling", "own_tasks"),
    ("03_memory", "faults"),
    ("03_memory", "million"),
    ("04_synchronization", "counter"),
    ("04_synchronization", "mistakes"),
    ("05_filesystems", "crash"),
    ("05_filesystems", "replace"),
    ("01_processes", "cow"),
    ("04_synchronization", "dinner"),
    ("04_synchronization", "banker"),
    ("04_synchronization", "order"),
    ("07_ai_workloads", "packing"),
    ("03_memory", "clock"),
]
EXPLAINED = [
    *LABS,
    ("01_processes", "tree"),
    ("03_memory", "scan"),
    ("06_devices", "rings"),
    ("07_ai_workloads", "diagnosis"),
]


@pytest.fixture
def lab():
    def curve(n=5):
        return points("line", n, slope=2)

    made = explore(CurveView, n=slider(1, 20))(curve).lab
    yield made
    made.close()


@pytest.mark.parametrize(
    ("widget", "value", "nearest"),
    [
        (widgets.IntSlider(min=1, max=9), 4.4, 4),
        (widgets.IntSlider(min=1, max=9), 1e9, 9),
        (widgets.IntSlider(min=1, max=9, step=4), 6.9, 5),
        (widgets.IntSlider(min=1, max=9), math.nan, None),
        (widgets.IntSlider(min=1, max=9), "4", None),
        (widgets.IntSlider(min=1, max=9, disabled=True), 4, None),
        (GridSlider(min=0.5, max=2.0, step=0.5), math.inf, 2.0),
        (widgets.SelectionSlider(options=[("1", 1), ("10", 10), ("100", 100)]), 40, 10),
        (widgets.Dropdown(options=["lru", "fifo"]), "fifo", "fifo"),
        (widgets.Dropdown(options=["lru", "fifo"]), "nosuch", None),
        (widgets.Dropdown(options={"LRU": "lru", "FIFO": "fifo"}), "fifo", "fifo"),
        (widgets.Checkbox(), 1, True),
        (widgets.Text("a"), "b", "b"),
        (widgets.Text("a"), 3, None),
        (LetterButtons("AB", "A"), "AB", "AB"),
    ],
)
def test_a_control_gets_the_nearest_value_that_it_takes(widget, value, nearest):
    assert settle(widget, value) == nearest
    if nearest is not None:
        widget.value = nearest
        assert widget.value == nearest


@pytest.mark.parametrize("at", [None, [], [1], [1, "2"], [math.nan, 1], [1, math.inf], {"x": 1}, 7])
def test_what_is_no_place_is_none(at):
    assert place_of(at) is None


def test_a_place_is_two_numbers():
    assert place_of([3, 4.5]) == (3.0, 4.5)


def test_a_touch_sets_controls_and_step_in_one_picture(lab):
    assert lab.keys == ["end of the curve"]
    assert lab.tip("end of the curve") == {"text": "The curve ends at 4 m.", "does": "drag"}
    frames = lab._screen.frame
    assert lab.touch("end of the curve") and lab.code == "curve(n=3)" and lab.step == 2
    assert lab._screen.frame == frames + 1 and lab.canvas.view.touched == "end of the curve"
    lab.controls["n"].value = 4
    assert lab.canvas.view.touched == "", "it is remembered until anything else is moved"


def test_dragging_stays_on_the_slider(lab):
    for x in (-1e6, 0.0, 400.0, 1e6):
        assert lab.touch("end of the curve", (x, 100.0))
        assert 1 <= lab.controls["n"].value <= 20 and not lab.error
    assert lab.controls["n"].value == 20


@pytest.mark.parametrize("key", ["", "nosuch", "end of"])
def test_what_is_not_in_the_picture_is_not_touched(lab, key):
    code, version = lab.code, lab._version
    assert not lab.touch(key) and lab.tip(key) == {"text": "", "does": ""}
    assert (lab.code, lab._version) == (code, version)


def test_the_page_asks_and_touches(lab):
    sent = []
    lab._screen.send = lambda content, buffers=None: sent.append(content)
    lab._message(None, {"over": "end of the curve"}, [])
    assert sent == [{"tip": "end of the curve", "text": "The curve ends at 4 m.", "does": "drag"}]
    for at in (None, "here", [820 * (0.1 + 0.8 * 7 / 20), 100]):
        lab._message(None, {"touch": "end of the curve", "at": at}, [])
    assert lab.controls["n"].value == 8


def test_what_goes_wrong_in_a_touch_is_said(lab, monkeypatch):
    monkeypatch.setattr(CurveView, "touch", lambda self, key, at=None: 1 / 0)
    lab._message(None, {"touch": "end of the curve"}, [])
    assert "ZeroDivisionError" in lab.error


def test_neighbours_are_sent_as_if_nothing_had_been_touched(lab):
    lab.touch("end of the curve")
    states = [make() for _, _, make in lab._plan()]
    assert states and lab.canvas.view.touched == "end of the curve"


TOUCHES = st.lists(
    st.tuples(st.integers(0, 999), st.none() | st.tuples(st.floats(-50, 900), st.floats(-50, 450))),
    min_size=1,
    max_size=4,
)


@pytest.mark.parametrize(("notebook", "name"), EXPLAINED, ids=[name for _, name in EXPLAINED])
def test_everything_is_explained_and_whatever_is_touched_every_control_keeps_a_value_that_it_takes(
    lab_of, notebook, name
):
    lab, set_anything = lab_of(notebook, name).lab, []
    assert lab.keys
    for key in lab.keys:
        assert lab.tip(key)["text"].rstrip().endswith((".", "?")), key
    if lab.step:
        lab.step //= 2

    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(TOUCHES)
    def check(touches):
        for number, at in touches:
            if not lab.keys:  # all threads are done
                lab.reset()
            key = lab.keys[number % len(lab.keys)]
            does = lab.tip(key)["does"]
            done = lab.touch(key, at)
            set_anything.append(done)
            assert lab.error == "" and (not done or does), key
            for control in lab.controls.values():
                if not getattr(control, "disabled", False) and not isinstance(
                    control, FileField
                ):  # of the learner alone
                    assert settle(control, control.value) == control.value

    check()
    lab.reset()
    if lab.step:
        lab.step //= 2
    set_anything += [lab.touch(key, None) for key in list(lab.keys) if key in lab.keys]  # each, whatever was drawn
    assert any(set_anything) == ((notebook, name) in LABS)


def test_the_page_that_one_would_let_go_is_compared_with_the_one_that_goes(lab_of):
    lab = lab_of("03_memory", "faults").lab
    lab.step = 3
    goes, stays = "page 1", "page 3"
    assert lab.touch(stays) and lab.step == 4 and lab.text.startswith("You chose page 3, but page 1 is evicted. ")
    lab.step = 3
    assert "You chose" not in lab.text
    assert lab.touch(goes) and lab.text.startswith("You chose page 1: right. ")
    lab.step = lab.result.steps
    assert not lab.touch("page 5"), "after the last reference nothing goes"


def test_the_next_bad_crash_is_found_from_everywhere(lab_of):
    lab = lab_of("05_filesystems", "crash").lab
    seen = []
    for _ in range(lab.result.bad):
        assert lab.touch("next failure")
        seen.append(lab.step)
    bad = [k + 1 for k, verdict in enumerate(lab.result.verdicts) if verdict not in ("before", "after", "between")]
    assert sorted(seen) == bad


def test_a_thread_is_let_on_by_its_next_line(lab_of):
    lab = lab_of("04_synchronization", "counter").lab
    lab.step = 1
    assert lab.touch("thread B") and lab.controls["schedule"].value == "AB" and lab.step == 2
    assert lab.touch("next line of A") and lab.controls["schedule"].value == "ABA"


def test_typed_tasks_are_changed_by_dragging_them(lab_of):
    lab = lab_of("02_scheduling", "own_tasks").lab
    axes = lab.canvas.view.axes

    def at(ms):
        x, y = axes.transData.transform((ms, 0))
        return float(x), float(lab.canvas.height - y)

    assert lab.touch("arrival of mail", at(7.2))
    assert lab.controls["text"].value.replace("\n", "; ") == "editor 0 1 6 1 6 1 6 1; build 0 20; mail 7 3"
    last = max(k for k, row in enumerate(lab.result.turns.tolist(), 1) if row[0] == 2)
    end = lab.result.completion[2]
    assert lab.touch(f"decision {last}", at(end + 4)) and "mail 7 7" in lab.controls["text"].value


def test_drawn_tasks_are_written_down_as_they_are_dragged(lab_of):
    lab = lab_of("02_scheduling", "who_runs").lab
    drawn, axes = lab.result.workload, lab.canvas.view.axes

    def at(ms):
        x, y = axes.transData.transform((ms, 0))
        return float(x), float(lab.canvas.height - y)

    assert lab.tip("arrival of C")["does"] == "drag"
    assert lab.touch("arrival of C", at(9.3)) and lab.controls["workload"].value == "typed" and lab.error == ""
    moved = lab.result.workload
    assert moved.arrival.tolist() == [*drawn.arrival[:2], 9.0, *drawn.arrival[3:]]
    assert moved.burst.tolist() == drawn.burst.tolist() and moved.nice.tolist() == drawn.nice.tolist()
    assert lab.touch("arrival of D", at(1.0)), "what was dragged before stays"
    assert lab.result.workload.arrival.tolist()[2:] == [9.0, 1.0]
    lab.reset()
    assert lab.result.workload.arrival.tolist() == drawn.arrival.tolist()


@pytest.mark.parametrize("packer", ["careful", "largest"])
def test_an_instance_is_dragged_to_another_slice(lab_of, packer):
    lab = lab_of("07_ai_workloads", "packing").lab
    lab.controls["packer"].value, lab.step = packer, lab.result.steps
    number = 1 + next(k for k, (_, name) in enumerate(lab.result.wishes) if name.startswith("1g"))
    wishes, place = lab.result.wishes, lab.result.places[number - 1]
    free = [p.start for p in lab.result.state(number - 1).fits(place.profile)]
    assert lab.tip(f"request {number}")["does"] == "drag" and len(free) > 1
    for start in free:
        assert lab.touch(f"request {number}", (112 + 528 / 8 * (start + 0.5), 90.0)) and lab.error == ""
        assert lab.result.places[number - 1].start == start and lab.result.wishes == wishes
        assert f"1g@{start}" in lab.controls["requests"].value


def test_a_place_in_a_narrow_picture_is_that_of_its_slices_and_locks(lab_of):
    lab = lab_of("07_ai_workloads", "packing").lab
    lab.step = lab.result.steps
    lab._message(None, {"room": 640}, [])
    assert lab.canvas.width == 640
    assert lab.touch("request 1", (640 / 820 * (112 + 528 / 8 * 3.5), 90.0))
    assert lab.result.places[0].start == 3
    lab = lab_of("04_synchronization", "order").lab
    lab._message(None, {"room": 640}, [])
    assert lab.canvas.width == 640
    assert lab.touch("lock y", (640 / 820 * 200.0, 92.0)) and lab.controls["sections"].value.endswith("D: y x")


def test_what_was_counted_comes_with_its_sentence(lab_of):
    lab = lab_of("07_ai_workloads", "diagnosis").lab
    assert lab.tip("the loop: asleep without a batch")["text"].startswith("Asleep without a batch: ")
    assert lab.tip("its loaders: decoding")["text"].startswith("Its loaders: ")
    for key in lab.keys:
        head, _, what = key.partition(": ")
        told = lab.canvas.view._told
        assert f"{100 * told.counted[head][what]:.0f} %" in lab.tip(key)["text"] or what == "memory's bandwidth"


def test_an_arrow_is_drawn_from_lock_to_lock_where_it_is_let_go(lab_of):
    lab = lab_of("04_synchronization", "order").lab
    places = {"x": (200.0, 92.0)}  # the first lock stands at the circle's top
    assert lab.tip("lock y")["does"] == "drop"
    for _ in range(2):  # once more adds nothing
        assert lab.touch("lock y", places["x"]) and lab.controls["sections"].value == "A: x y, B: y z, C: z x, D: y x"
    assert lab.touch("lock x", (5.0, 5.0)) and lab.controls["sections"].value.endswith("D: y x")
    assert not lab.touch("section 1", places["x"])


def test_the_point_is_dragged_along_the_sizes(lab_of):
    lab = lab_of("03_memory", "million").lab
    x, y = lab.canvas.view.axes.transData.transform((1000, 0.5))
    assert lab.touch("this size", (float(x), float(lab.canvas.height - y))) and lab.controls["frames"].value == 1000
    assert lab.touch("FIFO") and lab.controls["policy"].value == "fifo"


def test_two_locks_clicked_one_after_the_other_are_taken_by_a_new_thread(lab_of):
    lab = lab_of("04_synchronization", "order").lab
    assert lab.touch("lock y") and lab.text.endswith("Now click the lock that a new thread takes after y.")
    assert lab.touch("lock x") and lab.controls["sections"].value == "A: x y, B: y z, C: z x, D: y x"
    assert lab.touch("section 1") and lab.controls["sections"].value.startswith("A: y x, ")
    assert "new thread" not in lab.text


def test_a_cell_of_the_banker_takes_from_what_is_free(lab_of):
    lab = lab_of("04_synchronization", "banker").lab
    total = lab.result.before.available[0] + lab.result.before.allocation.sum(axis=0)
    for _ in range(5):
        assert lab.touch("allocation of P1, A")
        before = lab.result.before
        assert (before.available[0] + before.allocation.sum(axis=0)).tolist() == total.tolist()
        assert (before.allocation <= before.maximum).all()
    assert lab.touch("P3") and lab.controls["process"].value == 3


def test_a_free_place_makes_one_more_team_ask(lab_of):
    lab = lab_of("07_ai_workloads", "packing").lab
    asked = lab.result.steps
    assert lab.touch("1g.10gb at 0") and lab.result.steps == asked + 1 == lab.step
    assert lab.controls["requests"].value.endswith("; D: 1g.10gb")


def test_whoever_is_next_picks_up_its_fork(lab_of):
    lab = lab_of("04_synchronization", "dinner").lab
    lab.step = 0
    taken = [lab.touch(f"fork f{k}") for k in range(5) if lab.step == 0]
    assert taken[-1] and lab.step == 1 and "held by P" in lab.tip(f"fork f{len(taken) - 1}")["text"]
