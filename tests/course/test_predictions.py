"""Predictions say which settings of their lab they are about, and a lab marks them there and nowhere else."""

import ast
import importlib
import json
import re
from pathlib import Path

import pytest

from oslab.quizzes import Number
from oslab.quizzes.bank import draw
from tests.house.test_every_lab import ends

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("0[0-7]_*.ipynb"))
WINGS = "processes scheduling memory synchronization filesystems devices ai".split()


def predictions():
    """Yield where each question before a lab stands, what it is, and the parameters of the lab's function."""
    known = {wing: importlib.import_module(f"oslab.{wing}") for wing in WINGS}
    for path in NOTEBOOKS:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            code = "".join(cell["source"])
            if cell["cell_type"] != "code" or "@explore" not in code:
                continue
            given = re.search(r"predict=([\w.]+)", code)
            shared = [getattr(known[wing], name) for wing, name in re.findall(r"\*\*(\w+)\.([A-Z_]+)", code)]
            source = eval(given[1], known) if given else next((s["predict"] for s in shared if "predict" in s), None)
            if source is not None:
                function = next(n for n in ast.parse(code).body if isinstance(n, ast.FunctionDef))
                names = {a.arg for a in function.args.args}
                yield pytest.param(
                    source,
                    names,
                    bool(function.args.kwarg),
                    path.stem,
                    function.name,
                    id=f"{path.stem[:2]}-{cell['id']}",
                )


@pytest.mark.parametrize("source, parameters, options, notebook, name", list(predictions()))
def test_a_prediction_names_settings_that_its_lab_has(source, parameters, options, notebook, name):
    question = draw(source, 1)
    assert options or set(question.settings or ()) <= parameters  # a menu's options stand under names of their own
    if isinstance(question, Number):
        assert question.settings, "a number is about some setting of the lab"


IRRELEVANT = {  # controls that do not change what the question asks about
    "convoy": {"rr_quantum"},
    "quantum": {"quantum", "tasks", "load"},
    "address": {"virtual", "further"},
    "switches": {"processor"},
    "useful": {"working_set"},
    "offset": {"extents"},
    "feeding": {"workers"},
    "scan": {"rounds"},
    "million": {"pages", "skew"},  # as the trace has them from the start
}
OTHER_TEXT = {
    "references": "1 2 3",
    "program": "fork();",
    "sections": "A: x y",
    "exactly": "48 KiB",
    "times": "10 20 30",
    "bits": "10 10 12",
}


NUMBERS = [
    pytest.param(p.values[3], p.values[4], id=p.id) for p in predictions() if isinstance(draw(p.values[0], 1), Number)
]


@pytest.mark.parametrize("notebook, name", NUMBERS)
def test_a_number_is_marked_where_the_lab_shows_what_was_asked_and_nowhere_else(lab_of, notebook, name):
    lab, marked = lab_of(notebook, name).lab, []
    question, mark = lab.prediction.question, lab.canvas.view.predict
    lab.canvas.view.predict = lambda answer: (marked.append(answer), mark(answer))

    def set_as_asked():
        for control, value in question.settings.items():
            lab.controls[control].value = value

    set_as_asked()
    without = lab.canvas.scene()[1]
    lab.prediction.answer(question.key)
    assert lab.error == "" and marked[-1] == question.key and lab.canvas.scene()[1] != without
    for control, value in question.settings.items():
        widget = lab.controls[control]
        others = [OTHER_TEXT[control]] if isinstance(value, str) and control in OTHER_TEXT else ends(widget)
        widget.value = next(other for other in others if other != value)
        assert lab.error or marked[-1] is None, f"still marked with {control} = {widget.value!r}"
        set_as_asked()
    assert set(lab.controls) <= set(question.settings) | IRRELEVANT.get(name, set()), "what the question leaves open"
