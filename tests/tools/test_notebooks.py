"""Making notebooks: what is stored, what is kept, which sources count."""

import copy
import json
import shutil

import nbformat
import pytest

from tools.notebooks import keep_pictures, main, normalise
from tools.sources import PACKAGE, rooms_used, sources_digest

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


def notebook(*sources, **metadata):
    cells = [
        {"cell_type": "code", "id": f"c{k}", "source": s, "metadata": {}, "outputs": [], "execution_count": None}
        for k, s in enumerate(sources)
    ]
    return nbformat.from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells})


def picture(text, png="AAAA"):
    return nbformat.from_dict(
        {
            "output_type": "execute_result",
            "execution_count": 9,
            "metadata": {},
            "data": {"image/png": png, "text/plain": text, WIDGET_VIEW: {"model_id": "x"}},
        }
    )


def test_normalising_takes_out_chance():
    def ran(when, count, model):
        nb = notebook("a", "", "a", kernelspec={"name": "mine"}, language_info={"version": when}, widgets={})
        nb["cells"][0].update(execution_count=count, metadata={"execution": {"t": when}, "tags": ["x"]})
        nb["cells"][0]["outputs"] = [picture("5")]
        nb["cells"][0]["outputs"][0]["data"][WIDGET_VIEW]["model_id"] = model
        nb["cells"][2]["id"] = "c0"
        normalise(nb, "digest")
        return nb

    one, two = ran("3.11.1", 5, "x"), ran("3.12.9", 17, "y")
    assert one == two
    assert [c["execution_count"] for c in one["cells"]] == [1, None, 2]
    assert one["cells"][0]["outputs"][0]["execution_count"] == 1
    assert one["cells"][0]["metadata"] == {"tags": ["x"]}
    assert len({c["id"] for c in one["cells"]}) == 3 and one["cells"][0]["id"] == "c0"
    assert one["metadata"]["oslab"] == {"sources": "digest"}
    nbformat.validate(one)


@pytest.mark.parametrize("text, digest, kept", [("5", "d", True), ("6", "d", False), ("5", "other", False)])
def test_a_picture_is_kept_only_if_text_and_sources_are_the_same(text, digest, kept):
    old, new = notebook("a", oslab={"sources": "d"}), notebook("a", oslab={"sources": digest})
    old["cells"][0]["outputs"], new["cells"][0]["outputs"] = [picture("5", "OLD")], [picture(text, "NEW")]
    keep_pictures(new, old)
    assert new["cells"][0]["outputs"][0]["data"]["image/png"] == ("OLD" if kept else "NEW")


def test_a_failing_cell_leaves_the_file_and_is_told(tmp_path, capsys):
    path = tmp_path / "a.ipynb"
    path.write_text(json.dumps(notebook("1 / 0")))
    before = path.read_bytes()
    assert main([str(path)]) == 1
    assert "ZeroDivisionError" in capsys.readouterr().out and path.read_bytes() == before


@pytest.mark.parametrize(
    "code, rooms",
    [
        ("from oslab import explore", ["lab"]),
        ("from oslab import a, explore", ["a", "lab"]),
        ("import oslab\noslab.a.simulate()", ["a", "lab"]),
        ("import oslab.a as wing\n%matplotlib inline\n!ls", ["a", "lab"]),
        ("from oslab.a import simulate", ["a", "lab"]),
        ("from oslab import c", ["a", "c", "lab"]),
        ("from oslab import machine", ["lab", "machine"]),
    ],
)
def test_the_wings_are_found_and_what_they_import(tmp_path, code, rooms):
    for room, text in {"lab": "", "machine": "", "a": "import oslab.machine", "c": "from oslab.a import x"}.items():
        (tmp_path / room).mkdir()
        (tmp_path / room / "__init__.py").write_text(text)
    assert rooms_used(notebook(code), tmp_path) == sorted({*rooms, "base", "picture", "quizzes"})


def test_the_digest_changes_with_what_a_picture_depends_on_and_with_nothing_else(tmp_path):
    package = tmp_path / "oslab"
    shutil.copytree(PACKAGE, package, ignore=shutil.ignore_patterns("__pycache__"))
    nb = notebook("from oslab import memory")

    def changes(path):
        before, text = sources_digest(nb, package), (package / path).read_text()
        (package / path).write_text(text + "\n")
        after = sources_digest(nb, package)
        (package / path).write_text(text)
        return before != after

    assert all(map(changes, ["_jit.py", "picture/style.py", "base/series.py", "memory/__init__.py"]))
    assert not any(map(changes, ["machine/__init__.py", "lab/screen.js", "course/saving.py", "__init__.py"]))
    other = copy.deepcopy(nb)
    other["cells"][0]["source"] += "\n1"
    assert sources_digest(other, package) != sources_digest(nb, package)
