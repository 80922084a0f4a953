"""A learner's copies: never lost, refreshed when they may be."""

import json

import pytest

from oslab.lab.server.copying import RECORD, copy_notebooks


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
