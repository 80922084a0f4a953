"""docs/nbgrader: the worked assignment, with nbgrader itself where it is installed, else its cells alone."""

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tools.recipes import BLOCK, apply

ROOT = Path(__file__).parents[2]
HERE = ROOT / "docs/nbgrader"
PAGE = (HERE / "README.md").read_text(encoding="utf-8")


def cells():
    return json.loads((HERE / "week3.ipynb").read_text(encoding="utf-8"))["cells"]


def code(replaced=None):
    """Return the code cells' identifiers and texts, some of them replaced."""
    return [(c["id"], (replaced or {}).get(c["id"], "".join(c["source"]))) for c in cells() if c["cell_type"] == "code"]


def points(sources):
    """Run the cells in one namespace, as a grader does; return the points of those that grade."""
    most = {c["id"]: c["metadata"]["nbgrader"].get("points") for c in cells()}
    names, got = {}, {}
    for name, source in sources:
        try:
            exec(source, names)
            passed = True
        except Exception:
            passed = False
        if most[name]:
            got[name] = most[name] * passed
    return got


def test_the_solution_has_all_points_and_nothing_none():
    got = points(code())
    assert sum(got.values()) == 10 and all(got.values())
    empty = {c["id"]: "" for c in cells() if c["metadata"]["nbgrader"]["solution"]}
    assert sum(points(code(empty)).values()) == 0


@pytest.mark.parametrize(
    "cell, old, new, lost",
    [
        ("policy", "self.pages.pop()", "self.pages.pop(0)", {"policy-loop"}),
        ("policy", "gone = self.pages.pop()", "gone = -1 or self.pages.pop()", {"policy-laws", "policy-loop"}),
        ("turnaround", '"sjf"', '"rr"', {"turnaround-numbers"}),
        ("lock", '"==", 0, "in"', '"==", 1, "in"', {"lock-alone"}),
        ("lock", '"turn", "==", other', '"turn", "<", 2', {"lock-goes-on"}),
    ],
)
def test_each_test_finds_the_mistake_it_is_for(cell, old, new, lost):
    source = dict(code())[cell]
    assert old in source
    got = points(code({cell: source.replace(old, new)}))
    missing = {name for name, n in got.items() if not n}
    assert missing & lost and not missing - {n for n in got if n.startswith(cell)}


def test_the_worked_week_with_nbgrader_itself(tmp_path):
    pytest.importorskip("nbgrader", reason="pip install oslab[teach]; .ci/run does")
    course = tmp_path / "course"
    commands = []
    for language, file, where, content in BLOCK.findall(PAGE):
        if language == "sh":
            commands += [line for line in content.splitlines() if "nbgrader " in line]
        else:
            apply(tmp_path, file, where, content)
    (course / "source/week3").mkdir(parents=True)
    shutil.copy(HERE / "week3.ipynb", course / "source/week3")
    generate, grade, export = commands
    run(tmp_path, generate)
    released = (course / "release/week3/week3.ipynb").read_text()
    assert "SOLUTION" not in released and "HIDDEN" not in released and "NotImplementedError" in released
    submit(course, "ada", dict(code()))
    submit(course, "bob", {"policy": dict(code())["policy"].replace("pop()", "pop(0)")})
    run(tmp_path, grade)
    run(tmp_path, export)
    with open(course / "grades.csv", newline="") as file:
        got = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert got == {"ada": 10.0, "bob": 2.0}


def submit(course, student, answers):
    """Hand in the released notebook with some cells answered."""
    notebook = json.loads((course / "release/week3/week3.ipynb").read_text())
    for cell in notebook["cells"]:
        if cell["metadata"]["nbgrader"]["solution"] and cell["id"] in answers:
            cell["source"] = re.sub(r" *### (BEGIN|END) SOLUTION\n?", "", answers[cell["id"]])
    target = course / "submitted" / student / "week3/week3.ipynb"
    target.parent.mkdir(parents=True)
    target.write_text(json.dumps(notebook))


def run(folder, command):
    """Run a line of the page with this Python's nbgrader."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])  # nbgrader calls alembic by name
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PATH": path, "JUPYTER_DATA_DIR": str(folder / "data")}
    line = re.sub(r"\bnbgrader ", f"{sys.executable} -m nbgrader ", command)
    done = subprocess.run(line, shell=True, cwd=folder, env=environment, capture_output=True, text=True, timeout=200)
    assert done.returncode == 0, done.stderr[-3000:]
