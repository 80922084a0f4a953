"""The teacher's folder, made as docs/teaching.md says, to the letter; and what is wrong in it is left out and said."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from oslab.base import teacher_folder
from oslab.base.registry import Registry
from oslab.quizzes import Bank, Number
from tools.recipes import BLOCK, apply

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/teaching.md").read_text(encoding="utf-8")
SECTION = re.search(r"^## Your own questions.*?(?=^## )", PAGE, re.M | re.S)[0]
LAB = """
import json, sys
from oslab import memory, scheduling
cells = {c["id"]: "".join(c["source"]) for c in json.load(open(sys.argv[1]))["cells"]}
names = {}
exec(cells["setup"], names)
exec(next(source for name, source in cells.items() if name == "03-grid"), names)
lab = names["faults"].lab
print("above:", lab.box.children[0].value)
lab.controls["policy"].value = "mru"
print("sentence:", lab.text, lab.error)
programs = scheduling.MLFQ_WORKLOADS["train_and_serve"].implementation()
print("programs:", *programs.names, *scheduling.sample_workload("train_and_serve").names)
print("questions:", *memory.QUIZ, memory.QUIZ.draw("T1", 3)["T1"].prompt)
"""


def run(folder, *command):
    """Run Python in a folder, as a teacher would, without `OSLAB_COURSE`; return what it says."""
    environment = {key: value for key, value in os.environ.items() if key != "OSLAB_COURSE"}
    environment["PYTHONPATH"] = str(ROOT)
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_worked_example_to_the_letter(tmp_path):
    said = []
    for language, file, where, content in BLOCK.findall(SECTION):
        if language == "sh":
            for line in content.splitlines():
                command = re.fullmatch(r'python (?:-c "(.*)"|-m (.*))', line)
                said.append(run(tmp_path, "-c", command[1]) if command[1] else run(tmp_path, "-m", *command[2].split()))
        else:
            apply(tmp_path, file, where, content)
    listed, judged, simulated, assigned = said
    assert re.search(r"^T1 +A batch has", listed, re.M)
    assert "keeps all" in judged and "MRU, 3 frames" in simulated and "week4.ipynb" in assigned
    shown = dict(line.split(": ", 1) for line in run(tmp_path, "-c", LAB, "week4.ipynb").splitlines())
    assert "<b>This week:</b>" in shown["above"] and "chose it" in shown["sentence"]
    assert shown["programs"] == "train serve train serve" and re.match(
        r"Q1 Q2 .*Q\d T1 A batch has", shown["questions"]
    )


@pytest.fixture
def own(tmp_path, monkeypatch):
    """Return a function that writes a file of the teacher's folder."""
    monkeypatch.setenv("OSLAB_COURSE", str(tmp_path))

    def write(name, content):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
        return path

    return write


def bank():
    return Bank("sums", [Number("How many pages is 1 page and 1 page?", 2, "pages", {1: "That is one."}, why="Both.")])


GOOD = """
from oslab.quizzes import Number
HELP = 3
def _private(seed): return 1
def later(seed):
    return Number(f"{seed} pages?", seed + 1, "pages", {}, why="So.")
def fixed():
    return Number("3 pages?", 3, "pages", {}, why="So.")
"""


def test_questions_follow_in_their_order_and_no_helper_is_one(own):
    own("sums/questions.py", GOOD)
    made = bank()
    assert list(made) == ["Q1", "T1", "T2"] and made.draw("T1", 4)["T1"].right == 5 and made.draw("T2")["T2"].right == 3
    assert list(made.select("T2")) == ["T2"]
    assert list(Bank("other", [made["Q1"]])) == ["Q1"]


@pytest.mark.parametrize(
    "content",
    ["def x(:", "1 / 0", "def one(seed): return 3", "def one(seed): raise SystemError('no')", "def one(a, b): pass"],
)
def test_a_bad_question_is_left_out_and_said(own, content):
    own("sums/questions.py", content)
    with pytest.warns(UserWarning, match="left out"):
        assert list(bank()) == ["Q1"]


def test_what_is_registered_keeps_its_place(own):
    registry = Registry("policy")
    registry.register("mru", label="MRU", summary="-", source="-", tie_rule="-")(1)
    own("memory/policies.py", 'class MRU:\n    pass\nclass Newest_first:\n    """One line.\n\n    More."""\n')
    with pytest.warns(UserWarning, match="MRU of .* is left out: .*registered already"):
        teacher_folder.join(registry, teacher_folder.definitions("memory", "policies.py"), lambda one: one)
    assert list(registry) == ["mru", "newest_first"] and registry["mru"].implementation == 1
    assert (registry["newest_first"].label, registry["newest_first"].summary) == ("Newest first", "One line.")


def test_a_note_is_text_and_not_too_long(own):
    own("memory/texts/faults.md", "x" * 50_000)
    assert len(teacher_folder.note("memory", "faults")) == 20_000
    assert teacher_folder.note("memory", "clock") == teacher_folder.note("devices", "faults") == ""


def test_a_folder_that_is_not_there_is_said(monkeypatch, tmp_path):
    monkeypatch.setenv("OSLAB_COURSE", str(tmp_path / "none"))
    with pytest.warns(UserWarning, match="no such folder"):
        assert teacher_folder.folder() is None
    monkeypatch.delenv("OSLAB_COURSE")
    monkeypatch.chdir(tmp_path)
    assert teacher_folder.folder() is None and teacher_folder.files("memory", "traces") == {}
    (tmp_path / "oslab-course").mkdir()
    assert teacher_folder.folder() == tmp_path / "oslab-course"


def test_bad_names_are_refused():
    for call in (teacher_folder.definitions, teacher_folder.files, teacher_folder.note):
        with pytest.raises(TypeError, match="allowed"):
            call(3, "x")
