"""A learner's copies of the first version's notebooks still run: what they import and call is there."""

import json
from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[1] / "fixtures" / "first_version"


def run_cells(cells, namespace):
    """Run cells one after the other; say which one failed."""
    for number, cell in enumerate(cells, 1):
        if cell.startswith("%%"):
            continue
        try:
            exec(compile(cell, f"cell {number}", "exec"), namespace)
        except Exception as error:
            error.add_note(f"in code cell {number}:\n{cell}")
            raise


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_cells_of_the_first_version_run(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    namespace = {"__name__": "__main__"}
    run_cells(json.loads(file.read_text(encoding="utf-8")), namespace)
    for value in namespace.values():
        if hasattr(value, "lab"):
            assert value.lab.result is not None and value.lab.text, value
            value.lab.close()


def test_a_cell_that_fails_is_named():
    with pytest.raises(ImportError) as caught:
        run_cells(["a = 1", "from oslab.memory import no_such_name"], {})
    assert caught.value.__notes__ == ["in code cell 2:\nfrom oslab.memory import no_such_name"]


def test_all_nine_are_here():
    assert len(list(FOLDER.glob("0*.json"))) == 9
