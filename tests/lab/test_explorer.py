"""Labs driven as a script drives them: set a control's value, see the picture and its sentence change."""

import base64
import importlib.util
import io
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from oslab.base.series import Series
from oslab.lab.buttons import StartButtons
from oslab.lab.controls import slider
from oslab.lab.decorator import explore
from oslab.quizzes import Number

_spec = importlib.util.spec_from_file_location("parabola", Path(__file__).with_name("parabola.py"))
parabola = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(parabola)


def make(**options):
    def curve(shape="square", n=5, sample=False, **chosen):
        return parabola.curve(shape, n, sample, **chosen)

    controls = {"shape": parabola.SHAPES, "n": slider(1, 20, unit="points"), **options}
    return explore(parabola.CurveView, **controls)(curve)


def pixels(lab):
    return np.frombuffer(lab._screen.background + lab._screen.scene, np.uint8)


def test_function_stays_an_ordinary_function():
    curve = make()
    assert curve("square", 3).y.tolist() == [0, 1, 4]
    assert curve.lab.result.y.tolist() == [0, 1, 4, 9, 16]


def test_a_press_chooses_and_measures():
    def measured(shape="square"):
        return [Series(shape, [1.0], [2.0], "points")]

    def curve(shape="square"):
        return parabola.curve("square", 2 + len(shape))

    explore(
        parabola.CurveView,
        measure=measured,
        shape=lambda: StartButtons({"a square": "square", "a line": "line"}, {"square": "bends", "line": "does not"}),
    )(curve)
    lab, control = curve.lab, curve.lab.controls["shape"]
    _, square, line = control.children
    assert square.description == "● a square" and lab.measured is None
    line.click()
    lab.measurement.join(5)
    assert [one.label for one in lab.measured] == ["line"] and lab.result.steps == 6
    assert (square.description, line.description, control.label) == ("a square", "● a line", "a line")
    lab.reset()
    assert control.value == "square" and lab.measured is None, "only a press measures, and reset drops it"
    lab.close()


def test_a_control_moves_picture_and_sentence():
    lab = make().lab
    before, text = pixels(lab), lab.text
    lab.controls["n"].value = 9
    assert lab.text != text and "64 m" in lab.text
    assert not np.array_equal(before, pixels(lab))
    assert lab._screen.state["sentence"] == lab.text and lab._screen.state["shown"]["n"] == "9"


def test_registry_gives_the_chosen_entrys_own_parameters():
    lab = make().lab
    assert set(lab.controls) == {"shape", "n"}
    lab.controls["shape"].value = "line"
    assert set(lab.controls) == {"shape", "slope", "n"}
    lab.controls["slope"].value = 7
    assert lab.result.y.tolist() == [0, 7, 14, 21, 28]
    assert lab.code == "curve(shape='line', slope=7, n=5)"
    lab.controls["shape"].value = "square"
    assert "slope" not in lab.controls and "slope" not in lab.code


def test_copied_code_makes_the_same_result():
    curve = make()
    curve.lab.controls["shape"].value = "line"
    again = eval(curve.lab.code, {"curve": curve})
    assert np.array_equal(again.y, curve.lab.result.y)


def test_reset_puts_everything_back():
    lab = make().lab
    start = pixels(lab)
    lab.controls["shape"].value = "line"
    lab.controls["slope"].value = 9
    lab.controls["n"].value = 17
    lab.reset()
    assert lab.code == "curve(shape='square', n=5)"
    assert np.array_equal(start, pixels(lab))
    lab.controls["shape"].value = "line"
    assert lab.controls["slope"].value == 2


def test_error_is_a_sentence_and_the_picture_stays():
    lab = make().lab
    before = pixels(lab)
    lab.controls["n"].value = 13
    assert lab.error == lab._screen.error == "n=13: allowed is any other number"
    assert np.array_equal(before, pixels(lab)) and len(lab.result.x) == 5
    lab.controls["n"].value = 12
    assert lab.error == lab._screen.error == ""


def test_defaults_that_fail_raise_at_once():
    def bad(n=13):
        return parabola.curve(n=n)

    with pytest.raises(ValueError, match="bad with its own defaults: n=13"):
        explore(parabola.CurveView)(bad)


def test_steps_by_scrubber_buttons_and_keys():
    lab = make(step=2).lab
    assert lab.step == 2 and lab.text.startswith("2 of 5") and lab._screen.state["shown"]["step"] == "2"
    lab._message(None, {"step": 1}, [])
    assert lab.text.startswith("3 of 5")
    lab._message(None, {"step": 10**9}, [])
    assert lab.step == 5
    lab.controls["n"].value = 8
    assert lab.step == 8, "at the end it stays at the end"
    lab.step = 4
    lab.controls["n"].value = 9
    assert lab.step == 4
    lab.controls["n"].value = 3
    assert lab.step == 3


def test_sampled_while_moving_exact_at_rest():
    lab = make(sampled=("n",)).lab
    lab.controls["n"].value = 9
    assert len(lab.result.x) == 2 and lab._screen.state["pending"]
    lab._message(None, {"rest": True}, [])
    assert len(lab.result.x) == 9 and not lab._screen.state["pending"]


def test_measuring_delivers_series_and_names_its_arguments():
    seen = []

    def measure(n):
        seen.append(n)
        yield 0.5
        yield Series("here", [1, 2], [n, n], "ms", origin="this machine")

    lab = make(measure=measure, recorded="recorded run").lab
    assert lab.canvas.view.measured == "recorded run"
    lab.controls["n"].value = 7
    assert lab.measure().median.tolist() == [7, 7]
    assert seen == [7] and lab.canvas.view.measured is lab.measured
    lab.controls["n"].value = 8
    assert lab.canvas.view.measured == "recorded run", "with another setting nothing was measured yet"
    lab.controls["n"].value = 7
    assert lab.canvas.view.measured.median.tolist() == [7, 7]
    lab.reset()
    lab.controls["n"].value = 7
    assert lab.canvas.view.measured == "recorded run", "reset drops what was measured here"


def test_measuring_by_button_stops_when_asked():
    going, done = threading.Event(), threading.Event()

    def measure():
        try:
            for k in range(1000):
                going.set()
                yield k / 1000
                threading.Event().wait(0.01)
        finally:
            done.set()

    lab = make(measure=measure).lab
    button = lab.measurement.button
    button.click()
    assert going.wait(5) and button.description == "stop"
    button.click()
    assert done.wait(5)
    lab.measurement.join(5)
    assert button.description == "measure here" and not button.disabled


def test_a_measurement_that_fails_says_so():
    def measure():
        raise OSError("no compiler here")

    lab = make(measure=measure).lab
    lab.measure()
    assert lab.error == "no compiler here"


def test_slow_work_starts_when_its_controls_rest():
    def slow(n):
        yield [n]
        yield [n, n]

    lab = make(alongside=slow).lab
    assert lab._screen.state["pending"] and lab.alongside is None
    lab.rest()
    assert lab.alongside == [5, 5] == lab.canvas.view.alongside and not lab._screen.state["pending"]
    lab.controls["shape"].value = "line"
    assert lab.canvas.view.alongside == [5, 5], "it does not depend on the shape"
    lab.controls["n"].value = 6
    assert lab._screen.state["pending"] and lab.canvas.view.alongside is None
    lab.rest()
    assert lab.alongside == [6, 6]


def test_static_face_and_text():
    lab = make().lab
    bundle, metadata = lab._repr_mimebundle_()
    assert bundle["text/plain"] == lab.text
    image = Image.open(io.BytesIO(base64.b64decode(bundle["image/png"])))
    assert image.size == (1640, 760) and metadata["image/png"] == {
        "width": 820,
        "height": 380,
        "alt": lab.alt,
    }
    assert lab.text in lab.alt and lab.canvas.view.title in lab.alt
    assert "application/vnd.jupyter.widget-view+json" in bundle


def test_running_the_cell_again_closes_the_old_lab():
    first = make()
    made = first.lab.box.model_id
    second = make()
    assert first.lab.box.comm is None and second.lab.box.model_id != made


def test_what_was_measured_is_the_table_where_the_model_has_none():
    def chosen(n=5):
        return n

    class Plain(parabola.View):
        def update(self, result, step=None, measured=None):
            pass

        def describe(self, result, step=None, measured=None):
            return f"{result} of them"

    lab = explore(Plain, n=slider(1, 9), recorded=[Series("cost", ["a", "b"], [1.0, 3.0], "µs")])(chosen).lab
    lab.toolbar.toggle_table()
    table = lab.toolbar.table
    assert "<p>cost (" in table and "median, µs" in table and "<td>a</td>" in table and "nothing to list" not in table


def test_a_measurement_may_name_its_arguments_as_it_likes():
    def curve(job=5):
        return parabola.curve(n=job)

    def measure(job):
        return [Series("job", [0.0], [float(job)], "s")]

    lab = explore(parabola.CurveView, job=slider(1, 9), measure=measure)(curve).lab
    assert lab.measure()[0].median[0] == 5 and lab.error == ""
    lab.measurement.button.click()
    lab.measurement.join(10)
    assert lab.error == "" and lab.measured[0].label == "job"


def test_table_follows_while_open():
    lab = make().lab
    lab.toolbar.toggle_table()
    assert "<td>16</td>" in lab.toolbar.table
    lab.controls["n"].value = 6
    assert "<td>25</td>" in lab.toolbar.table


def test_new_seed():
    def seeded(seed=1):
        return parabola.curve(n=5 + seed % 5)

    lab = explore(parabola.CurveView)(seeded).lab
    assert lab.controls["seed"].value == 1
    lab.draw_seed()
    assert f"seed={lab.controls['seed'].value})" in lab.code


@pytest.mark.parametrize(
    "bad, message",
    [
        ({"nosuch": (1, 2)}, "curve has no such parameter"),
        ({"n": object()}, "cannot be made a control"),
    ],
)
def test_bad_controls(bad, message):
    def curve(n=5):
        return parabola.curve(n=n)

    with pytest.raises((TypeError, ValueError), match=message):
        explore(parabola.CurveView, **bad)(curve)


def test_a_copied_cell_is_a_lab_of_its_own(monkeypatch):
    from oslab.lab import decorator

    cell = ["one"]
    monkeypatch.setattr(decorator, "_cell", lambda function: cell[0])
    first = make().lab
    cell[0] = "two"
    second = make().lab
    assert first.box.comm is not None and second.box.comm is not None
    cell[0] = "one"
    make()
    assert first.box.comm is None and second.box.comm is not None


def test_a_cell_that_fails_leaves_the_lab_that_stands():
    first = make().lab
    with pytest.raises(ValueError, match="n=13"):
        explore(parabola.CurveView)(lambda n=13: parabola.curve(n=n))
    assert first.box.comm is not None


def test_reset_restores_the_step_too():
    lab = make(step=2).lab
    lab.step = 4
    lab.controls["n"].value = 9
    lab.reset()
    assert lab.step == 2 and lab.text.startswith("2 of 5")
    lab = make().lab
    lab.step = 1
    lab.reset()
    assert lab.step == 5, "without a first step: the last"


def test_a_result_without_steps_disables_the_scrubber():
    def curve(n=5):
        return parabola.curve(n=n)

    class Empty(parabola.CurveView):
        def describe(self, result, step=None, measured=None):
            return f"{step} of {len(result.x)}"

    lab = explore(Empty, n=slider(0, 9))(curve).lab
    assert not lab._stepper.slider.disabled
    lab.controls["n"].value = 0
    assert lab._stepper.slider.disabled and lab.step == 0 and lab.error == "" and lab.text == "0 of 0"
    lab._message(None, {"step": 1}, [])
    assert lab.step == 0 and lab.error == ""
    lab.controls["n"].value = 3
    assert not lab._stepper.slider.disabled and lab.error == ""


def test_a_picture_that_cannot_be_drawn_leaves_the_last_good_one():
    class Fragile(parabola.CurveView):
        def describe(self, result, step=None, measured=None):
            if len(result.x) == 7:
                raise OverflowError("cannot convert float NaN to integer")
            return f"{len(result.x)} points"

    def curve(n=5):
        return parabola.curve(n=n)

    lab = explore(Fragile, n=slider(1, 9))(curve).lab
    good = lab.picture()
    lab.controls["n"].value = 7
    assert "OverflowError" in lab.error and len(lab.result.x) == 5 and lab.picture() == good
    lab.controls["n"].value = 6
    assert lab.error == "" and lab.text == "6 points"


def test_an_error_is_short():
    def curve(words="a"):
        if len(words) > 1:
            raise ValueError(f"words={words!r}: one letter")
        return parabola.curve()

    lab = explore(parabola.CurveView)(curve).lab
    lab.controls["words"].value = "x" * 100_000
    assert 50 < len(lab.error) <= 400


def test_a_prediction_is_marked_only_where_it_was_asked_for():
    class Marking(parabola.CurveView):
        def predict(self, answer):
            marks.append(answer)

    def curve(n=5):
        return parabola.curve("square", n)

    marks = []
    question = Number("How many m?", 16, "m", {8: "No."}, why="So.", settings={"n": 5})
    lab = explore(Marking, n=slider(1, 20), predict=question)(curve).lab
    lab.prediction.answer(8)
    for n in (6, 7, 5):
        lab.controls["n"].value = n
    assert marks == [8, None, 8] and not lab.error
    lab.close()


def test_the_page_says_how_wide_it_is_and_gets_the_picture_laid_out_for_that():
    lab = make().lab
    before, version = pixels(lab), lab.state.version
    lab._message(None, {"room": 1010.5}, [])
    assert lab._screen.width == lab.canvas.width == 1000 and lab.state.version > version
    assert lab.error == "" and pixels(lab).tobytes() != before.tobytes()
    frame = lab._screen.frame
    lab._message(None, {"room": 1090}, [])
    assert lab._screen.frame == frame, "nothing is sent where the picture stays as wide"
    lab._message(None, {"room": 830}, [])
    assert lab._screen.width == 820 and pixels(lab).tobytes() == before.tobytes()
    lab.pin()
    assert lab._repr_mimebundle_()[1]["image/png"]["width"] == 820
