"""Predictions say which settings of their lab they are about, and a lab marks them there and nowhere else."""

import ast
import importlib
import json
import re
from pathlib import Path

import pytest

from oslab.quizzes import Number
from oslab.quizzes.bank import draw

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("0[1-7]_*.ipynb"))
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
                yield pytest.param(source, names, bool(function.args.kwarg), id=f"{path.stem[:2]}-{cell['id']}")


@pytest.mark.parametrize("source, parameters, options", list(predictions()))
def test_a_prediction_names_settings_that_its_lab_has(source, parameters, options):
    question = draw(source, 1)
    assert options or set(question.settings or ()) <= parameters  # a menu's options stand under names of their own
    if isinstance(question, Number):
        assert question.settings is None or question.settings, (
            "a number is about some setting of the lab, or about none"
        )
