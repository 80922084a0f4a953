"""The labs of notebook 01 through the notebook's own cells, and the questions."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from oslab.processes import questions
from oslab.processes.measure import recorded_run
from oslab.quizzes import check_bank
from oslab.quizzes.checks import check_question

NOTEBOOK = "01_processes"


def test_a_late_wait_shows_a_zombie(lab_of):
    lab = lab_of(NOTEBOOK, "life").lab
    lab.controls["parent"].value = "waits late"
    lab.step = next(k for k, e in enumerate(lab.result.events, 1) if e.after == "zombie")
    assert "exit code is kept" in lab.text and "1 zombie" in lab.canvas.view.title


def test_pages_of_a_real_fork_stand_beside_the_model(lab_of):
    lab = lab_of(NOTEBOOK, "cow").lab
    assert lab.canvas.view.title.startswith("80 frames for 128 pages")
    lab.canvas.view.predict(80)
    lab.controls["writer"].value = "both"
    lab.step = lab.result.steps
    assert "only becomes writable" in lab.text


def test_a_tree_follows_what_is_typed(lab_of):
    lab = lab_of(NOTEBOOK, "tree").lab
    assert lab.canvas.view.title == "2 processes after 1 fork"
    lab.step = 0
    assert "has not forked yet" in lab.text
    lab.step = 5
    assert lab.canvas.view.title == "6 processes in all"
    program = lab.controls["program"]
    for text in ("for (int i = 0; i < 6; i++)\n  fork();", "exit(0); fork();", "fork();"):
        program.value = text
        assert lab.error == ""
    program.value = "while (1)\n  fork();"
    assert "line 2, column 3: it makes more than 64" in lab.error and lab.canvas.view.title == "2 processes in all"


def test_the_control_block_is_read_when_asked(lab_of):
    lab = lab_of(NOTEBOOK, "pcb").lab
    assert "recorded on" in lab.text
    lab.controls["pid"].value = "me"
    assert "allowed are self, parent" in lab.error
    lab.controls["pid"].value = "²"
    assert "allowed are self, parent" in lab.error


@pytest.mark.parametrize(
    ("name", "run"),
    [("latency", "latency"), ("reading", "reading"), ("workers", "workers"), ("switch", "switch"), ("cow", "pages")],
)
def test_what_is_measured_here_is_drawn_beside_what_was_recorded(lab_of, name, run):
    """A view takes the recorded series alone, and those of this machine after them."""
    lab = lab_of(NOTEBOOK, name).lab
    recorded = recorded_run(run)()
    here = [replace(s, origin="this machine", median=2 * s.median, low=s.low, high=3 * s.high) for s in recorded]
    before = lab.text
    for measured in (recorded, [*recorded, *here]):
        lab.canvas.view.update(lab.result, step=lab.step, measured=measured)
        assert lab.canvas.view.describe(lab.result, step=lab.step, measured=measured)
    assert name == "cow" or lab.canvas.view.describe(lab.result, step=lab.step, measured=here) != before


def test_the_switch_adds_up_and_predictions_are_marked(lab_of):
    lab = lab_of(NOTEBOOK, "switch").lab
    lab.step = 5
    assert lab.canvas.view.title.startswith("18.4 µs in total")
    other = lab_of(NOTEBOOK, "server").lab
    other.canvas.view.predict(8)
    other.controls["cores"].value = 4
    assert f"Best with {questions.sweet_spot().key:g} threads" in other.canvas.view.title


def test_the_sweet_spot_of_useful_work(lab_of):
    lab = lab_of(NOTEBOOK, "useful").lab
    assert lab.canvas.view.title.startswith("4 CPUs: most useful work") and "with 8 threads" in lab.canvas.view.title
    lab.controls["waiting"].value = 0.75
    assert f"With {questions.threads_that_fill_the_cpus().key:g} threads" in lab.text


def test_questions():
    check_bank(questions.QUIZ, range(1, 40))
    for name in dir(questions):
        if name not in ("QUIZ", "quiz", "predictions"):
            check_question(getattr(questions, name)(1))


def test_the_server_takes_measured_times(lab_of, tmp_path):
    lab = lab_of(NOTEBOOK, "server").lab
    before = lab.text
    lab.controls["times"].value = "0.2, 0.3 0.25"
    assert lab.error == "" and lab.text != before
    low, high = lab.canvas.view.right.get_ylim()
    assert low <= lab.result.p50.min() < lab.result.p99.max() < high
    lab.controls["times"].value = str(tmp_path / "none.txt")
    assert "line 1" in lab.error and "a file's name" in lab.error
    lab.controls["times"].value = ""
    assert lab.text == before


def test_the_control_block_of_any_process_of_ones_own(lab_of):
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as program:
        lab = lab_of(NOTEBOOK, "pcb").lab
        (one,) = [line for line in lab.controls["pid"].options if line.startswith(f"{program.pid} ")]
        lab.controls["pid"].value = one
        lab.measure()
        assert lab.error == "" and lab.measured.values["pid, parent"].startswith(f"{program.pid}, parent {os.getpid()}")
        program.communicate(b"\n")
