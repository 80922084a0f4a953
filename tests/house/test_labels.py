"""Labels of controls: words that the course uses, a unit where one is due, and each label some control's.

`explore` lets labels pass that are no control's, for copies of older cells; a wing's tables must not need that.
"""

import importlib
import json
import re
from functools import lru_cache
from types import MappingProxyType

import ipywidgets as widgets
import pytest

from oslab.base import Registry
from oslab.lab.controls import Panel, make_widget
from tests.conftest import NOTEBOOKS
from tests.house.test_every_lab import LABS

WINGS = ["ai", "devices", "filesystems", "memory", "processes", "scheduling", "synchronization"]
NO_CONTROLS = {"step", "predict", "measure", "recorded", "alongside", "sampled"}
NAMES = {"hir", "tau"}  # as the papers of LIRS and WSClock call them
NAMES |= set(
    "ageing consume demote hot phase preemptive produce scanned skew".split()
)  # usual terms that no text needs
# A number without a unit: it counts something, or is a share, a place, a name.
PURE = re.compile(
    r"^number of |^n of |\w\ws( |$)|\b(share|spread|load|weight|skew|seed|nice|step|place|depth|ratio|factor|batch|alpha)\b"
)


def cells(notebook):
    """The code of a notebook's cells; the first one is the setup."""
    for cell in json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            yield "".join(cell["source"])


def panel_of(notebook, name):
    """The controls of a lab, as its cell asks for them, without its picture."""
    made = []

    def explore(view, labels=MappingProxyType({}), **controls):
        controls = {key: value for key, value in controls.items() if key not in NO_CONTROLS}
        return lambda function: made.append(Panel(function, controls, skip=("sample",), labels=labels))

    setup, *rest = cells(notebook)
    names = {}
    exec(setup.replace("start_chapter()", ""), names)
    names["explore"] = explore
    for source in rest:
        if source.startswith("@explore(") and re.search(rf"^def {name}\(", source, re.M):
            exec(source, names)
            return made[0]
        if re.search(r"^(class |\w+ = )", source, re.M) and source[0] not in "%@":
            exec(source, names)
    raise LookupError(name)


def labelled(panel):
    """Yield every control of a panel, those of all menus' entries among them."""
    yield from panel.widgets.values()
    for menu in panel._registries.values():
        for entry in menu.values():
            for option, parameter in entry.parameters.items():
                yield make_widget(option, parameter, label=panel._labels.get(option, ""))


@lru_cache
def words_of_the_course():
    """The words of all chapters' text, of the glossary and of the teacher's page, in lower case."""
    pages = [
        path.read_text(encoding="utf-8") for path in (NOTEBOOKS / "glossary.md", NOTEBOOKS.parent / "docs/teaching.md")
    ]
    for path in NOTEBOOKS.glob("0*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            pages += ["".join(cell["source"])] * (cell["cell_type"] == "markdown")
    return set(re.findall(r"[^\W\d_]+", "\n".join(pages).lower())) | NAMES


def numeric(widget):
    """Return whether a control sets a number."""
    values = [getattr(widget, "value", "")]
    if isinstance(widget, widgets.SelectionSlider | widgets.Dropdown):
        values = [0 if re.fullmatch(r"[\d.\u202f ]+", label) else "" for label in widget._options_labels]
    return all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


@pytest.mark.parametrize("notebook, name", LABS)
def test_a_label_is_in_words_of_the_course_with_its_unit(notebook, name):
    known, found = words_of_the_course(), []
    for widget in labelled(panel_of(notebook, name)):
        if not (said := getattr(widget, "description", "")):
            continue
        label, _, unit = said.partition(", ")
        words = set(re.findall(r"[^\W\d_]{2,}", label.lower()))
        if strange := {
            w for w in words if w not in known and w + "s" not in known and w.removesuffix("s") not in known
        }:
            found.append(f"{said!r}: no words of the course: {', '.join(sorted(strange))}")
        if "_" in said or (numeric(widget) and not unit and not PURE.search(label)):
            found.append(f"{said!r}: a unit is missing, or it says only a Python name")
    assert found == [], "\n".join(found)


@pytest.mark.parametrize("wing", WINGS)
def test_every_label_is_a_controls(wing):
    labs = importlib.import_module(f"oslab.{wing}.labs")
    tables = {name: table for name, table in vars(labs).items() if name.isupper() and isinstance(table, dict)}
    given = (
        re.search(r"^def \w+\((.*?)\):", source, re.M | re.S)[1]
        for path in NOTEBOOKS.glob("0*.ipynb")
        for source in cells(path.stem)
        if source.startswith("@explore(")
    )
    known = {one for text in given for one in re.findall(r"(\w+)\s*(?:=|,|$)", re.sub(r'"[^"]*"', '""', text))}
    known |= {name for key, table in tables.items() if key != "LABELS" for name in table}
    registries = [
        value
        for module in (labs, importlib.import_module(f"oslab.{wing}"))
        for name in dir(module)
        if isinstance(value := getattr(module, name), Registry)
    ]
    registries += [value for table in tables.values() for value in table.values() if isinstance(value, Registry)]
    known |= {option for registry in registries for entry in registry.values() for option in entry.parameters}
    for table in (tables.get("LABELS", {}), *(table.get("labels", ()) for table in tables.values())):
        assert set(table) <= known
