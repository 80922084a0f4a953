"""The labs of notebook 07, driven through the notebook's own cells, and the questions."""

import itertools
import math
import subprocess
import sys

import numpy as np
import pytest

from oslab import ai
from oslab.ai.counters import BUTTONS
from oslab.ai.diagnosis import CAUSES
from oslab.base import as_text
from oslab.machine import procfs
from oslab.machine.capability import can
from oslab.quizzes import check_bank

NOTEBOOK = "07_ai_workloads"


def every_end(lab, *but):
    """Set each control to each of its ends and back; nothing may go wrong, and everything can be drawn."""
    for name, widget in lab.controls.items():
        if name in but:
            continue
        before = widget.value
        if hasattr(widget, "options"):
            options = widget.options.items() if isinstance(widget.options, dict) else widget.options
            ends = [option[1] if isinstance(option, tuple) else option for option in options]
        else:
            ends = [True, False] if isinstance(before, bool) else [widget.min, widget.max]
        for value in (ends[0], ends[-1]):
            widget.value = value
            assert lab.error == "" and lab.text, (name, value, lab.error)
            assert lab.picture(1.0)
        widget.value = before


def test_placement(lab_of):
    lab = lab_of(NOTEBOOK, "placement").lab
    assert lab.measured[0].origin == "recorded" and "node 0 → node 0" in lab.text
    near = lab.picture(1.0)
    lab.controls["workers"].value = 0
    assert lab.result.bottleneck == "decode" and "2.56 GB/s" in lab.text and lab.picture(1.0) != near
    lab.canvas.view.predict(67.6)
    lab.canvas.view.predict(None)
    every_end(lab)


def test_feeding(lab_of):
    lab = lab_of(NOTEBOOK, "feeding").lab
    assert "waits for decode" in lab.text and lab.canvas.view.title.startswith("1 process: a batch every 200 ms")
    for step in (0, 1, 30, 60):
        lab.step = step
        assert lab.error == ""
    lab.controls["workers"].value = 4
    assert "does not wait" in lab.text and "100 %" in lab.canvas.view.title
    lab.controls["pinned"].value = False
    assert "waits for copy" in lab.text
    lab.controls["kind"].value, lab.controls["workers"].value = "threads", 12
    assert "a batch every 100 ms" in lab.canvas.view.title, "twelve threads on eight CPUs, but never more than two run"
    every_end(lab)


def test_ways(lab_of):
    lab = lab_of(NOTEBOOK, "ways").lab
    assert "recorded on" in lab.text and "threads 1 ×" in lab.canvas.view.title
    lab.controls["task"].value = "waits"
    assert "threads 4 × as fast" in lab.canvas.view.title and "recorded on" in lab.text
    lab.controls["workers"].value = 5
    assert "press measure here" in lab.text
    lab.controls["workers"].value, lab.controls["cpus"].value = 4, 16
    assert "Circles were measured on 2 CPUs: set the number of CPUs to 2" in lab.text, (
        "what two CPUs did is no result of sixteen"
    )
    every_end(lab)


def test_quota(lab_of):
    lab = lab_of(NOTEBOOK, "quota").lab
    assert (
        "p99 5 ms" in lab.canvas.view.title
        and "real busy" not in lab.text
        and "set the work per request to 0" in lab.text
    )
    lab.controls["threads"].value = 8
    assert "p99 102 ms" in lab.canvas.view.title or "p99 103 ms" in lab.canvas.view.title
    for step in range(0, lab.result.steps + 1, 3):
        lab.step = step
        assert lab.error == "" and (not 0 < step < lab.result.steps or lab.text.startswith(f"Draw {step} of"))
    lab.controls["request"].value = 0
    assert "recorded" in lab.text and "2 real busy threads" in lab.text and "model of 2: 10 of 10, 25 ms" in lab.text
    lab.controls["quota"].value = 100
    assert "recorded" not in lab.text, "the real run had another quota"
    assert "at 10, 15 ms" in lab.text and "12.5 ms" in lab.text
    every_end(lab)
    lab.controls["threads"].value = 1
    assert lab.canvas.view.title.startswith("1 thread,")


def test_teams_and_memory(lab_of):
    lab = lab_of(NOTEBOOK, "teams").lab
    lab.controls["wants_a"].value = 1
    assert lab.canvas.view.title == "Team a gets 1 CPU, team b 7, 0 idle" and "weights" in lab.text
    lab.controls["limit_b"].value = 0.25
    assert "cpu.max" in lab.text and "6.75" in lab.canvas.view.title
    every_end(lab)
    lab = lab_of(NOTEBOOK, "memory").lab
    lab.controls["max"].value = 1000
    assert "Killed after 10 s" in lab.canvas.view.title
    lab.controls["high"].value = 800
    assert "not killed" in lab.canvas.view.title and "98.7 %" in lab.text
    for high, most in itertools.product(*(dict(lab.controls[name].options).values() for name in ("high", "max"))):
        lab.controls["high"].value, lab.controls["max"].value = high, most
        top = lab.canvas.view.axes.get_ylim()[1]
        assert all(limit * 1.05 < top for limit in (high, most) if limit < math.inf), "each limit is drawn inside"
        asleep = lab.result.braked[lab.result.anonymous > 0].max()
        assert ("asleep" in lab.text or "sleep" in lab.text) == bool(asleep)
        assert not (asleep > 0.9 and " 0 % of the last second" in lab.text), (
            "what is drawn asleep is not said to be awake"
        )
    every_end(lab)


def test_slices(lab_of):
    lab = lab_of(NOTEBOOK, "packing").lab
    assert lab.text.startswith("Still possible: 7g.80gb at 0, 4g.40gb at 0, 3g.40gb at 0/4")
    lab.step = 4
    assert "no place for 3g.40gb: at 0, 2g.20gb@0 has" in lab.text and "; at 4, " in lab.text
    assert (
        lab.canvas.view.title.endswith("; 1 refused")
        and "1 request refused although enough slices are free" in lab.text
    )
    lab.controls["packer"].value = "best"
    assert "4 of 4" in lab.canvas.view.title
    lab.controls["requests"].value = "A: 5g"
    assert "5g" in lab.error
    lab.controls["requests"].value = "; ".join(f"team {k}: 1g" for k in range(9))
    assert lab.error == "" and len(lab.result.layout.placed) == 7
    for card in ai.CARDS:
        lab.controls["card"].value = card
        assert lab.error == "" and lab.picture(1.0), card
    every_end(lab, "requests")
    lab = lab_of(NOTEBOOK, "layouts").lab
    lab.controls["needs"].value = "3g + 2g"
    assert "4 of the 19" in lab.canvas.view.title and lab.text.endswith("6, 8, 9, 10.")
    lab.controls["needs"].value = ""
    assert "needs=''" in lab.error


def test_watching(lab_of):
    lab = lab_of(NOTEBOOK, "watching").lab
    pictures = set()
    for helper in BUTTONS.values():
        lab.controls["helper"].value = helper
        assert "recorded on" in lab.text and lab.error == ""
        pictures.add(lab.picture(1.0))
    assert len(pictures) == 4
    lab.controls["process"].value = "kernel"
    assert "press measure here" in lab.text and "program that" not in lab.text + lab.canvas.view.title
    assert lab.canvas.view.title.startswith("This notebook's own process"), "the picture of the helper is gone"
    lab.controls["process"].value = "many"
    assert "process='many'" in lab.error


@pytest.mark.skipif(not can("procfs"), reason="no /proc here")
def test_watching_measures(lab_of):
    lab = lab_of(NOTEBOOK, "watching").lab
    lab.controls["helper"].value, lab.controls["seconds"].value = "memory", 1
    lab.measure()
    assert "this machine" in lab.text and "allocates and frees memory" in lab.canvas.view.title and lab.error == ""
    lab.controls["process"].value = "kernel"
    lab.measure()
    assert lab.error == "" and "this notebook's own process spent" in lab.text and "“" not in lab.text


def test_watching_without_proc(lab_of, monkeypatch, tmp_path):
    from oslab.machine import capability_checks

    lab = lab_of(NOTEBOOK, "watching").lab
    monkeypatch.setattr(procfs.text, "PROC", tmp_path)
    monkeypatch.setattr(capability_checks.text, "PROC", tmp_path)
    lab.measure()
    assert "the files of /proc" in lab.error and "recorded on" in lab.text
    assert ai.own_counters() == []
    with pytest.raises(OSError, match="the files of /proc"):
        ai.observe(1.0)


def test_diagnosis(lab_of):
    lab = lab_of(NOTEBOOK, "diagnosis").lab
    title = lab.canvas.view.title
    assert "Recorded: 3" in title and "mostly decoding" in title and "recorded on" in lab.text
    lab.controls["threads"].value = 4
    assert "mostly no CPU free" in lab.canvas.view.title
    lab.canvas.view.predict(CAUSES["ready"])
    before = lab.picture(1.0)
    lab.controls["decode"].value = 3.9
    lab.controls["decode"].value = 4.0
    assert lab.picture(1.0) != before, "the guess is marked"
    lab.controls["threads"].value = 3
    assert "press measure here" in lab.text
    every_end(lab)


def test_a_program_of_one_s_own(lab_of):
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as program:
        lab = lab_of(NOTEBOOK, "diagnosis").lab
        menu = lab.controls["program"]
        line = next(one for one in menu.options if one.startswith(f"{program.pid} "))
        menu.value = line
        assert "press measure here" in lab.text and lab.canvas.view.title.startswith(f"Not watched yet: {line}")
        lab.measure()
        program.kill()
    told = line.partition(" ")[2][:20]  # what the menu says behind the number: its arguments
    assert f"(process {program.pid})" in lab.text
    assert lab.canvas.view.title.startswith("Here: python") and told in lab.canvas.view.title and not lab.error
    assert lab.keys and all("Stopped or throttled" in lab.tip(key)["text"] for key in lab.keys), "all that was counted"
    menu.value = "4194000"
    lab.measure()
    assert "no process 4194000" in lab.error
    menu.value = "no-such-program"
    lab.measure()
    assert "program='no-such-program'" in lab.error, "the control's name, and not one that the learner never saw"
    menu.value = ""
    assert "decoding" in lab.canvas.view.title, "the loop is there again"


def test_tables_and_texts():
    for result in (
        ai.place(),
        ai.feed(),
        ai.throttle(),
        ai.watch_quota(request=10),
        ai.two_teams(),
        ai.grow_memory(),
        ai.pack(),
        ai.find_layouts(),
        ai.run_parallel(),
        ai.expect(),
        ai.train(),
    ):
        assert len(as_text(result.table()).splitlines()) == len(result.table()) + 1 and str(result)
    assert as_text([]) == "(none)"


def test_questions():
    check_bank(ai.QUIZ, range(1, 40))


@pytest.mark.parametrize(
    "name, right",
    [
        ("far_memory", 67.6),
        ("enough_workers", 4),
        ("eight_threads", "Much slower"),
        ("who_is_refused", "C"),
        ("waiting_workers", "Threads"),
        ("give_away", "voluntary switches (it sleeps)"),
        ("slowest_part", CAUSES["ready"]),
    ],
)
def test_predictions_have_their_keys(name, right):
    question = getattr(ai.questions, name)()
    key = question.answer if hasattr(question, "answer") and not hasattr(question, "right") else question.right
    assert key == right and question.why
    if hasattr(question, "wrong"):
        assert right not in question.wrong and all(np.array([len(why) for why in question.wrong.values()]) > 10)


def test_placement_and_feeding_take_the_numbers_of_a_job(lab_of):
    lab = lab_of(NOTEBOOK, "placement").lab
    lab.controls["local"].value, lab.controls["remote"].value = 92, 161
    assert lab.error == "" and "(memory: 92 and 161 ns away)" in lab.canvas.view.title
    far = lab.result.stages["decode"]
    lab.controls["decode"].value *= 2
    assert lab.result.stages["decode"] > far
    loop = lab_of(NOTEBOOK, "feeding").lab
    assert loop.canvas.view.axes.get_xlim()[1] == 1200
    for decode, compute in ((4000, 2000), (1, 1)):
        loop.controls["decode"].value, loop.controls["compute"].value = decode, compute
        # Some batches, and not all too small to be told apart.
        assert 3 < loop.canvas.view.axes.get_xlim()[1] / loop.result.step < 70
