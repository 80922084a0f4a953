"""The slow checks (binder-check, wheel-check): what they look for, and that they would find it missing."""

import subprocess
import sys
import time
import tomllib

import pytest

from tools import binder_check, clean, wheel_check


def test_conda_names_become_pip_names():
    text = "dependencies:\n  - python=3.12\n  - pip\n  - matplotlib-base>=3.9\n  - numpy>=2.0\n"
    assert binder_check.wanted(text) == ((3, 12), ["matplotlib>=3.9", "numpy>=2.0"])


def test_what_a_wheel_lacks_is_named(tmp_path):
    for name in (
        "oslab/lab/screen.js",
        "oslab/a.py",
        "oslab/__pycache__/a.pyc",
        "notebooks/03_memory.ipynb",
        "notebooks/terms.md",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    whole = {
        "oslab/lab/screen.js",
        "oslab/a.py",
        "oslab/notebooks/03_memory.ipynb",
        "oslab/notebooks/terms.md",
        "o.data/data/etc/jupyter/jupyter_server_config.d/oslab.json",
        "o.dist-info/licenses/LICENSE",
        "o.dist-info/licenses/LICENSE-notebooks",
    }
    assert wheel_check.missing(whole, tmp_path) == []
    for name in whole:
        [lacks] = wheel_check.missing(whole - {name}, tmp_path)
        assert name.endswith(lacks)


@pytest.mark.skipif(not (clean.ROOT / ".git").exists(), reason="no git here to say what a clone would have")
def test_a_copy_has_what_a_clone_would_have(tmp_path):
    copied = clean.copy_tree(tmp_path / "tree")
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=clean.ROOT, capture_output=True, text=True, check=True
    ).stdout.split("\n")
    assert all((copied / name).is_file() for name in tracked if (clean.ROOT / name).is_file())
    assert not (copied / ".venv").exists() and not list(copied.rglob("__pycache__"))
    assert (copied / "postBuild").stat().st_mode & 0o111


def test_pythons_at_hand_are_of_the_versions_they_are_listed_under():
    found = clean.pythons()
    assert sys.version_info[:2] in found
    for version, path in found.items():
        said = subprocess.run([path, "-c", "import sys; print(*sys.version_info[:2])"], capture_output=True, text=True)
        assert tuple(map(int, said.stdout.split())) == version and (3, 11) <= version <= (3, 14)


def test_a_clean_environment_forgets_this_one(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("OSLAB_LECTURE", "1")
    monkeypatch.setattr(clean.subprocess, "run", lambda *a, **k: None)  # no environment has to be made for this
    told = clean.Environment(tmp_path).variables
    assert "PYTHONPATH" not in told and "OSLAB_LECTURE" not in told
    assert told["PATH"].startswith(f"{tmp_path}/env/bin:") and told["XDG_CACHE_HOME"].startswith(str(tmp_path))


def test_what_fails_in_an_environment_says_what_it_said(tmp_path, monkeypatch):
    room = clean.Environment.__new__(clean.Environment)
    room.home, room.variables = tmp_path, {}
    with pytest.raises(RuntimeError, match="ended with 3:\noh dear"):
        room.run(sys.executable, "-c", "print('oh dear'); raise SystemExit(3)")


def test_what_takes_too_long_is_ended_with_its_children(tmp_path, monkeypatch):
    room = clean.Environment.__new__(clean.Environment)
    room.home, room.variables = tmp_path, {"PATH": "/usr/bin:/bin"}
    monkeypatch.setattr(clean, "PATIENCE", 0.5)
    with pytest.raises(RuntimeError, match="was ended after 0.5 s"):
        room.run("sh", "-c", "sleep 60 & echo $! > child; wait")
    child = int((tmp_path / "child").read_text())
    for _ in range(100):  # a killed process takes a moment on a busy machine
        state = subprocess.run(["ps", "-o", "stat=", "-p", str(child)], capture_output=True, text=True).stdout
        if not state.strip() or state.startswith("Z"):
            break
        time.sleep(0.05)
    else:
        pytest.fail("the child lives on")


@pytest.mark.skipif(not (clean.ROOT / ".git").exists(), reason="no git here to say what is ignored")
def test_the_wheel_carries_what_the_labs_load():
    """Hatch takes the folders named, without what git ignores."""
    settings = tomllib.loads((clean.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = settings["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert {"oslab", "notebooks"} <= set(wheel["only-include"]) and "exclude" not in wheel
    wanted = [name for name in wheel_check.missing(set()) if name.startswith("oslab/")]
    assert {"oslab/memory/traces/data/example.txt", "oslab/processes/measure/experiments.py"} <= set(wanted)
    names = "\n".join([*wanted, "oslab/__pycache__/planted.pyc"])
    ask = ["git", "check-ignore", "--stdin"]
    ignored = subprocess.run(ask, cwd=clean.ROOT, input=names, capture_output=True, text=True, check=False).stdout
    assert ignored.split() == ["oslab/__pycache__/planted.pyc"]
