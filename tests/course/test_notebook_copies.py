"""A learner's copies: never lost, refreshed when they may be."""

import json

import pytest

from oslab.course.copies_panel import Copies
from oslab.course.notebook_copies import RECORD, copy_notebooks, fresh_copy, originals


def write(path, *sources, outputs=()):
    cells = [{"cell_type": "code", "source": s, "outputs": list(outputs)} for s in sources]
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"cells": cells}))


@pytest.fixture
def folders(tmp_path):
    write(tmp_path / "notebooks/a.ipynb", "1 + 1")
    return tmp_path / "notebooks", tmp_path / "mine"


def test_a_first_copy_is_new_and_a_second_call_leaves_it(folders):
    source, mine = folders
    assert copy_notebooks(source, mine) == {"a.ipynb": "new"}
    assert copy_notebooks(source, mine) == {"a.ipynb": "current"}
    assert (mine / "a.ipynb").read_bytes() == (source / "a.ipynb").read_bytes()


def test_cells_that_were_only_run_do_not_make_a_copy_changed(folders):
    source, mine = folders
    copy_notebooks(source, mine)
    write(mine / "a.ipynb", "1 + 1", outputs=["2, measured here"])
    assert copy_notebooks(source, mine) == {"a.ipynb": "current"}
    assert "measured here" in (mine / "a.ipynb").read_text()
    write(source / "a.ipynb", "1 + 2")
    assert copy_notebooks(source, mine) == {"a.ipynb": "refreshed"}
    assert "1 + 2" in (mine / "a.ipynb").read_text()


@pytest.mark.parametrize("damage", [None, "", "[1, 2", "[]", '{"a.ipynb": 3}'])
def test_a_changed_copy_is_kept_whatever_happened_to_the_record(folders, damage):
    source, mine = folders
    copy_notebooks(source, mine)
    write(mine / "a.ipynb", "my own work")
    assert copy_notebooks(source, mine)["a.ipynb"] == "kept"
    if damage is not None:
        (mine / RECORD).write_text(damage)
        assert copy_notebooks(source, mine)["a.ipynb"] == "outdated"
    write(source / "a.ipynb", "1 + 2")
    for _ in range(2):
        assert copy_notebooks(source, mine)["a.ipynb"] == "outdated"
    assert "my own work" in (mine / "a.ipynb").read_text()


def test_a_copy_that_is_no_notebook_any_more_is_kept(folders):
    source, mine = folders
    copy_notebooks(source, mine)
    (mine / "a.ipynb").write_text("half a file")
    assert copy_notebooks(source, mine) == {"a.ipynb": "kept"}


def test_a_deleted_copy_comes_back(folders):
    source, mine = folders
    copy_notebooks(source, mine)
    (mine / "a.ipynb").unlink()
    assert copy_notebooks(source, mine) == {"a.ipynb": "new"}


def test_a_fresh_copy_lies_beside_a_changed_one(tmp_path):
    copy_notebooks(originals(), tmp_path)
    own = tmp_path / "03_memory.ipynb"
    own.write_text("changed")
    first, second = fresh_copy("03", tmp_path), fresh_copy("03_memory", tmp_path)
    assert (first.name, second.name) == ("03_memory-fresh.ipynb", "03_memory-fresh-2.ipynb")
    assert (
        first.read_bytes() == second.read_bytes() == (originals() / own.name).read_bytes()
        and own.read_text() == "changed"
    )
    for name in ("", "0", "nothing", 3):
        with pytest.raises(ValueError, match="allowed are .*03_memory"):
            fresh_copy(name, tmp_path)


def test_the_widget_says_what_it_laid_and_what_went_wrong(tmp_path):
    panel = Copies(tmp_path)
    panel.menu.value = "05_filesystems"
    panel.button.click()
    assert (
        tmp_path / "05_filesystems-fresh.ipynb"
    ).exists() and "05_filesystems-fresh.ipynb is now beside" in panel._said.value
    Copies(tmp_path / "missing").button.click()
    panel._folder = tmp_path / "missing"
    panel.button.click()
    assert "role='alert'" in panel._said.value
