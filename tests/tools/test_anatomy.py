"""The notebooks' anatomy, and that each of its rules catches what breaks it."""

import copy
from pathlib import Path

import pytest

from tools import anatomy
from tools.notebooks import NOTEBOOKS, make, read

TINY = Path(__file__).parents[1] / "browser/fixtures/tiny.ipynb"


@pytest.mark.parametrize("path", sorted(NOTEBOOKS.glob("*.ipynb")), ids=lambda p: p.stem)
def test_notebook(path):
    assert anatomy.check(read(path)) == []


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    path = tmp_path_factory.mktemp("made") / "tiny.ipynb"
    path.write_bytes(TINY.read_bytes())
    assert make(path)
    return path


def cell(notebook, name):
    return next(c for c in notebook["cells"] if c["id"] == name)


def line(nb, name, text):
    cell(nb, name)["source"] += "\n" + text


def test_a_made_notebook_keeps_all_rules_and_is_made_the_same_again(made):
    assert anatomy.check(read(made)) == []
    assert not make(made)


BREACHES = {
    "cells_have_identifiers": lambda nb: cell(nb, "lab").update(id="setup"),
    "cells_have_slides": lambda nb: cell(nb, "lab")["metadata"].pop("slideshow"),
    "cells_are_short": lambda nb: line(nb, "lab", "1\n2\n3"),
    "one_cell_sets_up": lambda nb: line(nb, "lab", "import math"),
    "only_live_cells_go_unchecked": lambda nb: cell(nb, "lab")["metadata"].update(tags=["nbval-ignore-output"]),
    "labs_have_pictures": lambda nb: cell(nb, "lab")["outputs"][0]["data"].pop("image/png"),
    "pictures_are_fresh": lambda nb: line(nb, "lab", "# changed"),
    "no_widgets_are_stored": lambda nb: cell(nb, "lab")["outputs"][0]["data"].update({anatomy.WIDGET_VIEW: {}}),
    "no_errors_are_stored": lambda nb: cell(nb, "lab")["outputs"].append(
        {"output_type": "error", "ename": "ValueError", "evalue": "x", "traceback": []}
    ),
    "it_says_what_it_takes": lambda nb: cell(nb, "title").update(source="# A title"),
    "one_title": lambda nb: line(nb, "end", "# Another"),
    "it_ends_as_chapters_do": lambda nb: line(nb, "end", "## Afterthoughts"),
    "a_hint_comes_before_the_solution": lambda nb: line(
        nb, "end", "<details><summary>Solution</summary>\n\n42\n\n</details>"
    ),
}


def test_every_rule_has_a_breach():
    assert {r.__name__ for r in anatomy.RULES} == BREACHES.keys()
    assert all(r.__doc__ for r in anatomy.RULES)


@pytest.mark.parametrize("name", BREACHES)
def test_the_rule_catches_its_breach(made, name):
    notebook = copy.deepcopy(read(made))
    rule = getattr(anatomy, name)
    assert list(rule(notebook)) == []
    BREACHES[name](notebook)
    assert list(rule(notebook))


@pytest.mark.parametrize(
    "breach, rule, message",
    [
        (lambda nb: cell(nb, "setup")["metadata"].pop("tags"), anatomy.one_cell_sets_up, "no cell"),
        (lambda nb: line(nb, "lab", "# NBVAL_IGNORE_OUTPUT"), anatomy.only_live_cells_go_unchecked, "skips"),
        (
            lambda nb: cell(nb, "lab")["metadata"].update(tags=["live"]),
            anatomy.only_live_cells_go_unchecked,
            "together",
        ),
        (lambda nb: nb["metadata"].update(widgets={}), anatomy.no_widgets_are_stored, "state"),
        (
            lambda nb: cell(nb, "lab")["outputs"].append(
                {"output_type": "stream", "name": "stderr", "text": "Warning"}
            ),
            anatomy.no_errors_are_stored,
            "stderr",
        ),
        (lambda nb: nb["cells"].remove(cell(nb, "quiz")), anatomy.it_ends_as_chapters_do, "quiz"),
    ],
)
def test_further_breaches(made, breach, rule, message):
    notebook = copy.deepcopy(read(made))
    breach(notebook)
    assert any(message in said for said in rule(notebook))
