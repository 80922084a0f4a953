"""``python -m oslab``."""

import os
import sys

import pytest

from oslab.course import launch


class Ready:
    """Compilers that have little left to do."""

    def begin(self):
        return True

    def wait(self, patience):
        assert patience <= 60


@pytest.fixture
def started(monkeypatch, tmp_path):
    """A course of two notebooks, and a JupyterLab that only tells how it was started."""
    source = tmp_path / "notebooks"
    source.mkdir()
    for name in ("01_b.ipynb", "00_a.ipynb"):
        (source / name).write_text('{"cells": []}')
    calls = []

    class LabApp:
        @staticmethod
        def launch_instance(arguments):
            calls.append((arguments, os.environ.get("JUPYTER_CONFIG_PATH")))

    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", type(sys)("labapp"))
    sys.modules["jupyterlab.labapp"].LabApp = LabApp
    monkeypatch.setattr(launch, "originals", lambda: source)
    monkeypatch.setattr(launch, "Compilers", Ready)
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "/somewhere")
    return calls


def test_it_copies_and_opens_the_first_notebook_on_loopback(started, tmp_path, capsys):
    assert launch.main([str(tmp_path / "mine"), "--no-browser"]) == 0
    [(arguments, path)] = started
    assert sorted(p.name for p in (tmp_path / "mine").glob("*.ipynb")) == ["00_a.ipynb", "01_b.ipynb"]
    assert f"--ServerApp.root_dir={tmp_path / 'mine'}" in arguments and "--ServerApp.ip=127.0.0.1" in arguments
    assert "--LabApp.default_url=/lab/tree/00_a.ipynb" in arguments and arguments[-1] == "--no-browser"
    assert not any("token" in a or "password" in a for a in arguments)
    assert path.split(os.pathsep) == [str(launch.CONFIG), "/somewhere"]
    said = capsys.readouterr().out
    assert "00_a.ipynb: copied" in said and "in the background" in said
    assert "--Application.log_level=WARN" in arguments


def test_originals_are_opened_where_they_are(started, tmp_path):
    launch.main(["--originals"])
    assert f"--ServerApp.root_dir={tmp_path / 'notebooks'}" in started[0][0]


def test_a_folder_that_cannot_be_written_is_a_sentence(started, tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert launch.main([str(tmp_path / "file")]) == 1
    assert "could not be copied" in capsys.readouterr().err and not started


def test_without_jupyterlab_it_says_how_to_get_it(started, tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "jupyterlab.labapp", None)
    assert launch.main([str(tmp_path / "mine")]) == 1
    assert "pip install" in capsys.readouterr().err
