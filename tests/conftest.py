"""What tests share: generated examples, and labs as their notebooks make them.

CI draws the same examples each time, so that chance breaks no build; by hand they go on exploring.  No example has a
deadline: how long one takes is the machine's business.
"""

import functools
import gc
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import settings

NOTEBOOKS = Path(__file__).parents[1] / "notebooks"

settings.register_profile("by hand", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "by hand")


def pytest_collection_finish():
    """Leave modules and tests out of every search for garbage; each lab in place of an old one makes one."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def patience(monkeypatch):
    """Wait a minute for a child where a learner waits for seconds: how long one takes is no property of the course."""
    from oslab.machine.child import Child

    line = Child.line

    @functools.wraps(line)
    def patient(self, seconds, stop=None):
        return line(self, 60 if seconds >= 5 else seconds, stop)

    monkeypatch.setattr(Child, "line", patient)


@pytest.fixture
def cell_text():
    """Return a function of a notebook and a cell's identifier that returns the cell's source."""

    def read(notebook, identifier):
        cells = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
        return next("".join(cell["source"]) for cell in cells if cell["id"] == identifier)

    return read


@pytest.fixture
def lab_of():
    """Return a function that makes a lab as its notebook does: `lab_of("03_memory", "faults")` runs the setup cell and
    that lab's cell in a fresh namespace and returns the lab's function; its lab is closed after the test."""
    made = []

    def run(notebook, name):
        cells = json.loads((NOTEBOOKS / f"{notebook}.ipynb").read_text(encoding="utf-8"))["cells"]
        sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        setup = next("".join(cell["source"]) for cell in cells if "setup" in cell["metadata"].get("tags", ()))
        names = {}
        exec(setup, names)
        for source in sources:
            if source.startswith("@explore(") and re.search(rf"^def {name}\(", source, re.M):
                exec(source, names)
                break
            if re.search(r"^(class |\w+ = )", source, re.M) and source[0] not in "%@":  # what a lab's cell may use
                exec(source, names)
        made.append(names[name].lab)
        return names[name]

    yield run
    for lab in made:
        lab.close()


@pytest.fixture(scope="session")
def as_ordinary_user():
    """Return a function that runs Python code as a user without rights, where root can; it returns what `run` does."""
    if not hasattr(os, "getuid") or os.getuid() != 0:
        pytest.skip("only root becomes another user; the other tests run as an ordinary user already")
    path = os.pathsep.join([str(NOTEBOOKS.parent), *(p for p in sys.path if p.endswith("site-packages"))])
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1", "OSLAB_JIT": "0"}

    def run(code, python=sys.executable):
        become = {"user": 65534, "group": 65534, "extra_groups": [], "env": env, "cwd": "/"}
        return subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, timeout=120, **become)

    for python in (sys.executable, "/usr/bin/python3"):
        try:
            if "read" in run("import oslab.machine.csource; print('read')", python).stdout:
                return lambda code, python=python: run(code, python)
        except OSError:
            continue
    pytest.skip("an ordinary user can read neither this clone nor this Python")
