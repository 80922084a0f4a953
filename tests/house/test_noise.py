"""A run too noisy to be compared says so, in every lab, and leaves the axes where the model and the recorded run put them."""

import ast
import importlib
import json
import re
from dataclasses import replace

import pytest

from oslab.base.series import Series
from oslab.picture.parts import TOO_NOISY
from tests.conftest import NOTEBOOKS

NOTHING_TO_COMPARE = {
    "pcb": "fields of one process",
    "cow": "pages counted",
    "reading": "pages counted",
    "tree": "processes counted",
    "switch": "nothing is said of the ping-pong but where it ran",
    "lost": "updates counted; none can be above the model",
    "names": "what the commands answered",
    "room": "files counted",
    "rates": "interrupts counted",
    "pipe": "what the calls returned",
    "rings": "indices compared one by one",
    "bill": "sums of medians",
    "placement": "a model of another machine than the one measured",
    "quota": "periods counted",
    "watching": "counters of one program",
    "diagnosis": "shares of one loop's time",
}


def measuring_labs():
    """Yield the notebook and the name of each lab that has a measurement."""
    for path in sorted(NOTEBOOKS.glob("0[1-7]_*.ipynb")):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            code = "".join(cell["source"])
            if cell["cell_type"] == "code" and code.startswith("@explore("):
                shared = re.findall(r"\*\*(\w+)\.([A-Z_]+)", code)
                measures = [getattr(importlib.import_module(f"oslab.{w}"), n).get("measure") for w, n in shared]
                if any(measures) or "measure=" in code:
                    yield path.stem, next(n.name for n in ast.parse(code).body if isinstance(n, ast.FunctionDef))


def made_noisy(found):
    """Return what was recorded as if measured here, with ranges from nothing to ten times the median."""
    if isinstance(found, Series):
        return replace(found, origin="this machine", low=0 * found.median, high=10 * found.median + 1, repeats=5)
    if isinstance(found, dict):
        return {key: made_noisy(value) for key, value in found.items()}
    return [made_noisy(value) for value in found] if isinstance(found, list | tuple) else found


LABS = list(measuring_labs())


@pytest.mark.parametrize("notebook, name", [pair for pair in LABS if pair[1] not in NOTHING_TO_COMPARE])
def test_a_noisy_run_says_so_and_the_axes_stay(lab_of, notebook, name):
    lab = lab_of(notebook, name).lab
    view, given = lab.canvas.view, {"step": lab.step}

    def limits():
        return [axes.get_xlim() + axes.get_ylim() for axes in lab.canvas.figure.axes]

    before = limits()
    assert TOO_NOISY not in view.describe(lab.result, **given, measured=lab.measured)
    noisy = made_noisy(lab.measured)
    if isinstance(noisy, list):
        noisy = [*lab.measured, *noisy]  # what was recorded stays beside it, and sets the axes
    view.update(lab.result, **given, measured=noisy)
    assert TOO_NOISY in view.describe(lab.result, **given, measured=noisy) and limits() == before


def test_every_lab_that_measures_is_thought_of():
    assert len(LABS) > 20 and set(NOTHING_TO_COMPARE) <= {name for _, name in LABS}


def test_what_makes_a_run_noisy():
    run = Series("rate", [1, 2], [10.0, 20.0], "k/s", low=[9, 12], high=[11, 30], origin="this machine")
    assert run.is_noisy().tolist() == [False, False], "nothing to be compared with"
    assert run.is_noisy(effect=[-3, 19]).tolist() == [False, False] and run.is_noisy(effect=1).all()
    assert run.is_noisy(most=[7.9, 1.9]).tolist() == [True, True], "above the model by more than its own range"
    assert not run.is_noisy(most=[8.1, 2.1]).any()
    steady = replace(run, low=run.median, high=run.median)
    assert steady.is_noisy(most=[9.6, 19]).tolist() == [False, True], "within 5 % of it"
    assert run.at(1.5).median.tolist() == [15] and run.at(9).high.tolist() == [30], "beyond the ends as at the ends"
