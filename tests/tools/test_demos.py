"""The demos of docs/teaching.md: how they are read, set and judged.  (`make readme-check` drives them all.)"""

import ipywidgets as widgets
import pytest

from oslab.base.series import Series
from oslab.machine import Unavailable
from tools import demos
from tools.sources import ROOT

TEXT = """
## 3 · Memory (`03_memory.ipynb`)

| min | lab | set | ask | they see |
|---|---|---|---|---|
| 3 | 1 · `address` | — | How many? | It **costs 4** |
|   | 6 · `million` | `trace = Loop`, `page size = 2 MiB` | | **one** and **two** |

## Else

| 3 | 1 · `address` | — | How many? | It **costs 4** |
"""


def test_rows_are_read_under_their_notebook():
    assert demos.demos(TEXT) == {
        "03_memory.ipynb": [
            demos.Demo("address", {}, ["costs 4"]),
            demos.Demo("million", {"trace": "Loop", "page size": "2 MiB"}, ["one", "two"]),
            demos.Demo("address", {}, ["costs 4"]),
        ]
    }


def test_every_plan_has_demos_that_can_be_read():
    text = demos.TEACHING.read_text(encoding="utf-8")
    rows = [line for line in text.splitlines() if line.startswith("|") and " · `" in line]
    found = demos.demos(text)
    assert sum(map(len, found.values())) == len(rows) and all(found.values())
    assert all((ROOT / "notebooks" / name).suffix == ".ipynb" for name in found)


@pytest.mark.parametrize(
    "widget, said, value",
    [
        (widgets.Dropdown(options={"4 KiB": 4096, "2 MiB": 2**21}), "2 MiB", 2**21),
        (widgets.SelectionSlider(options=[("1", 1), ("16\u202f384", 16384)]), "16 384", 16384),
        (widgets.IntSlider(min=1, max=9), "7", 7),
        (widgets.FloatSlider(min=0, max=1), "0.5", 0.5),
        (widgets.Checkbox(True), "off", False),
        (widgets.Text("a"), "1 2 3", "1 2 3"),
    ],
)
def test_a_control_is_set_to_what_it_shows(widget, said, value):
    demos.put(widget, said)
    assert widget.value == value


@pytest.mark.parametrize(
    "widget, said", [(widgets.Dropdown(options=["a"]), "b"), (widgets.IntSlider(min=1, max=9), "12")]
)
def test_what_a_control_does_not_have_is_refused(widget, said):
    with pytest.raises(ValueError, match=said):
        demos.put(widget, said)


@pytest.mark.parametrize(
    "error, said", [(None, ""), (Unavailable("no io_uring"), ""), (TypeError("tasks"), "TypeError")]
)
def test_a_measurement_that_fails_is_told_from_one_that_cannot_be_made(error, said):
    def measure(n):
        if error:
            raise error
        return [Series("n", [0.0], [float(n)], "s")]

    [lab] = [
        made.lab for made in demos.labs(ROOT / "tests/browser/fixtures/tiny.ipynb").values() if hasattr(made, "lab")
    ]
    lab.measurement.measure = measure
    assert said in demos.mismeasured(lab) and bool(said) == bool(demos.mismeasured(lab))


def test_a_demo_of_a_real_lab_says_what_it_shows():
    lab = demos.labs(ROOT / "tests/browser/fixtures/tiny.ipynb")
    [name] = [name for name, made in lab.items() if hasattr(made, "lab")]
    assert "3 points" in demos.drive(lab[name].lab, demos.Demo(name, {"n": "3"}, []))
    assert "2 of 5 points" in demos.drive(lab[name].lab, demos.Demo(name, {"step": "2"}, []))
    with pytest.raises(ValueError, match="no control 'm'"):
        demos.drive(lab[name].lab, demos.Demo(name, {"m": "3"}, []))
