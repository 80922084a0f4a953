"""A label that a wing gives to a control is some control's: `explore` lets others pass, for copies of older cells."""

import importlib
import json
import re
from pathlib import Path

import pytest

from oslab.base import Registry

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
WINGS = ["ai", "devices", "filesystems", "memory", "processes", "scheduling", "synchronization"]


def controls():
    """The parameters of every lab's function, as the notebooks define them."""
    for path in NOTEBOOKS.glob("0*.ipynb"):
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            source = "".join(cell["source"])
            if cell["cell_type"] == "code" and source.startswith("@explore("):
                given = re.search(r"^def \w+\((.*?)\):", source, re.M | re.S)[1]
                yield from re.findall(r"(\w+)\s*(?:=|,|$)", re.sub(r'"[^"]*"', '""', given))


@pytest.mark.parametrize("wing", WINGS)
def test_every_label_is_a_controls(wing):
    labs = importlib.import_module(f"oslab.{wing}.labs")
    tables = {name: table for name, table in vars(labs).items() if name.isupper() and isinstance(table, dict)}
    known = set(controls()).union(*tables.values())
    registries = [
        value
        for module in (labs, importlib.import_module(f"oslab.{wing}"))
        for name in dir(module)
        if isinstance(value := getattr(module, name), Registry)
    ]
    registries += [value for table in tables.values() for value in table.values() if isinstance(value, Registry)]
    known |= {option for registry in registries for entry in registry.values() for option in entry.parameters}
    for table in tables.values():
        assert set(table.get("labels", ())) <= known
