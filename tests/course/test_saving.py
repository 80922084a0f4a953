"""What a saved notebook keeps of its widgets."""

import copy
import json

from oslab import course
from oslab.course.launch import CONFIG
from oslab.course.saving import WIDGET_VIEW, pre_save, strip_widgets

VIEW = {"model_id": "0", "version_major": 2}


def notebook(*bundles, ours=True):
    outputs = [{"output_type": "display_data", "metadata": {}, "data": dict(b)} for b in bundles]
    return {
        "nbformat": 4,
        "metadata": {"widgets": {"state": {}}, **({"oslab": {}} if ours else {})},
        "cells": [{"cell_type": "markdown", "source": "x"}, {"cell_type": "code", "outputs": outputs}],
    }


LAB = {WIDGET_VIEW: VIEW, "image/png": "AAAA", "text/plain": "3 faults"}
BARE = {WIDGET_VIEW: VIEW, "text/plain": "IntSlider()"}


def test_a_lab_keeps_its_picture_and_sentence():
    nb = notebook(LAB, BARE)
    assert strip_widgets(nb) == 2
    assert [o["data"] for o in nb["cells"][1]["outputs"]] == [
        {"image/png": "AAAA", "text/plain": "3 faults"},
        {"text/plain": "IntSlider()"},
    ]
    assert "widgets" not in nb["metadata"]


def test_a_notebook_that_is_not_ours_keeps_widgets_without_a_picture():
    nb = notebook(LAB, BARE, ours=False)
    assert strip_widgets(nb) == 1
    assert WIDGET_VIEW in nb["cells"][1]["outputs"][1]["data"] and "widgets" in nb["metadata"]


def test_the_hook_leaves_files_and_old_notebooks_alone():
    for model in (
        {"type": "file", "content": "text"},
        {"type": "notebook", "content": None},
        {"type": "notebook", "content": {"nbformat": 3, "worksheets": []}},
    ):
        before = copy.deepcopy(model)
        pre_save(model=model, path="x", contents_manager=None)
        assert model == before


def test_a_server_with_the_course_configuration_strips_on_save(tmp_path, monkeypatch):
    from jupyter_server.services.contents.largefilemanager import LargeFileManager

    class App:
        contents_manager = LargeFileManager(root_dir=str(tmp_path))

    enabled = json.loads((CONFIG / "jupyter_server_config.d/oslab.json").read_text())
    assert enabled["ServerApp"]["jpserver_extensions"] == {course.__name__: True}
    assert course._jupyter_server_extension_points() == [{"module": course.__name__}]
    course._load_jupyter_server_extension(App)
    nb = {**notebook(LAB), "nbformat_minor": 5}
    for k, cell in enumerate(nb["cells"]):
        cell.update(id=f"c{k}", metadata={})
    nb["cells"][1].update(source="", execution_count=None)
    App.contents_manager.save({"type": "notebook", "format": "json", "content": nb}, "a.ipynb")
    saved = json.loads((tmp_path / "a.ipynb").read_text())
    assert saved["cells"][1]["outputs"][0]["data"].keys() == {"image/png", "text/plain"}
