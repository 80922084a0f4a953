"""The labs of notebook 01, driven as a script drives them, and the questions."""

import pytest

from oslab import explore, processes
from oslab.processes import questions
from oslab.quizzes import check_bank


def lab(view, function, **options):
    explore(view, **options)(function)
    return function.lab


def ends(one):
    """Set every control to its ends, or to each of its options, at several steps; nothing may go wrong."""
    for widget in one.controls.values():
        start = widget.value
        values = (
            [v[-1] if isinstance(v, tuple) else v for v in widget.options]
            if hasattr(widget, "options")
            else [widget.min, widget.max]
            if hasattr(widget, "min")
            else [True, False]
            if isinstance(start, bool)
            else []
        )
        for value in values if len(values) < 10 else (values[0], values[-1]):
            widget.value = value
            assert one.error == "" and one.text
            if one.step is not None:
                for step in (0, 1, one.result.steps):
                    one.step = step
                    assert one.error == "" and one.text
        widget.value = start


def test_life():
    def life(count=4, io_share=0.5, quantum=4.0, parent="waits"):
        return processes.live(count, io_share, quantum, parent)

    one = lab(processes.LifeChart, life, step=14, **processes.LIFE)
    ends(one)
    one.controls["parent"].value = "waits late"
    one.step = next(k for k, e in enumerate(one.result.events, 1) if e.after == "zombie")
    assert "exit code is kept" in one.text and "1 zombie" in one.canvas.view.title


def test_fork():
    def cow(written=0.25, children=1, writer="child", exec_at_the_end=False):
        return processes.fork_and_write(64, written, children, writer, exec_at_the_end)

    one = lab(processes.ForkPages, cow, step=5, **processes.FORK)
    assert one.canvas.view.title.startswith("68 frames for 128 pages")
    ends(one)
    one.canvas.view.predict(80)
    one.controls["writer"].value = "both"
    one.step = one.result.steps
    assert "only made writable" in one.text
    one.measure()
    assert one.measured[0].origin == "this machine" and one.error == ""


def test_tree():
    def tree(program="fork(); if (fork()) fork();"):
        return processes.count_processes(program)

    one = lab(processes.TreePicture, tree, step=0, **processes.TREE)
    assert "has not forked yet" in one.text and "6" not in one.canvas.view.title
    one.step = 5
    assert one.canvas.view.title == "6 processes in all"
    for text in ("for (6) fork();", "exit(); fork();", "fork();"):
        one.controls["program"].value = text
        assert one.error == ""
    one.controls["program"].value = "for (9) fork();"
    assert "more than 64" in one.error


def test_the_control_block():
    def pcb(field="state", pid="self"):
        return processes.ask_field(field, pid)

    one = lab(processes.FieldTable, pcb, **processes.FIELD)
    assert "recorded on" in one.text
    ends(one)
    one.measure()
    assert "just now" in one.text and one.canvas.view.title.startswith("state: R (running)")
    one.controls["pid"].value = "4194303"
    one.measure()
    assert "no process 4194303" in one.error
    one.controls["pid"].value = "me"
    assert "allowed are self, parent" in one.error
    one.controls["pid"].value = "parent"
    one.measure()
    assert one.error == ""


@pytest.mark.parametrize(
    ("view", "options", "name", "start"),
    [
        ("ForkLatency", "LATENCY", "touched", 32),
        ("ReadingCost", "READERS", "workers", 0),
        ("WorkerCosts", "WORKERS", "aspect", "creation"),
    ],
)
def test_what_was_recorded(view, options, name, start):
    given = dict(getattr(processes, options))
    control = given.pop(name)

    def chosen(value=start):
        return value

    one = lab(getattr(processes, view), chosen, value=control, **given)
    assert "recorded on" in one.text.lower()
    ends(one)


def test_switch_and_server():
    def switch(place="process to process", working_set=256):
        return processes.switch_price(place, working_set)

    def server(load="open", pressure=0.8, cores=2, waiting=0.5, working_set=4.0):
        return processes.serve(load, pressure, cores, waiting, working_set)

    one = lab(processes.SwitchSteps, switch, step=1, **processes.SWITCH)
    ends(one)
    one.step = 5
    assert one.canvas.view.title.startswith("18.4 µs in all")
    other = lab(processes.ThreadCurves, server, **processes.SERVER)
    ends(other)
    other.canvas.view.predict(8)
    other.controls["cores"].value = 4
    assert f"Best with {questions.sweet_spot().key:g} threads" in other.canvas.view.title


def test_the_sweet_spot_of_useful_work():
    def useful(cpus=4, waiting=0.5, working_set=1024):
        return processes.useful_work(cpus, waiting, working_set)

    one = lab(processes.UsefulShare, useful, **processes.USEFUL)
    assert one.canvas.view.title.startswith("4 CPUs: most useful work") and "with 8 threads" in one.canvas.view.title
    ends(one)
    one.controls["waiting"].value = 0.75
    assert f"With {questions.threads_that_fill_the_cpus().key:g} threads" in one.text


def test_questions():
    check_bank(processes.QUIZ, range(1, 40))
    for name in (
        "after_its_io",
        "frames_at_a_quarter",
        "forks_in_a_row",
        "what_readers_dirty",
        "threads_under_the_lock",
        "dearest_part",
        "sweet_spot",
        "threads_that_fill_the_cpus",
    ):
        assert getattr(questions, name)(1).why
