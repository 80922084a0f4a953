"""What notebook 01 hands to `explore` beside a function and a view, where that is too long for a cell."""

from pathlib import Path

from oslab.lab.buttons import make_suggestions
from oslab.lab.controls import slider, text_area
from oslab.processes import LOADS, PARENTS, PLACES, WRITERS, measure, questions
from oslab.processes.control_block import FIELDS

__all__ = [
    "FIELD",
    "FORK",
    "LATENCY",
    "LIFE",
    "PROGRAMS",
    "READERS",
    "SERVER",
    "SWITCH",
    "TREE",
    "USEFUL",
    "WORKERS",
]

PROGRAMS = Path(__file__).parent / "programs"


LIFE = {
    "count": slider(1, 8),
    "io_share": slider(0.0, 0.9, 0.05),
    "quantum": slider(0.5, 16.0, 0.5, unit="ms"),
    "parent": list(PARENTS),
    "predict": questions.after_its_io,
    "labels": {"count": "number of processes", "io_share": "share of waiting", "parent": "the parent"},
}
FIELD = {
    "field": [f.name for f in FIELDS],
    "pid": lambda: make_suggestions(measure.own_processes(), "self, parent, or one of your processes", "PID"),
    "measure": measure.read_control_block,
    "recorded": measure.recorded_block,
}
FORK = {
    "written": slider(0.0, 1.0, 0.05),
    "children": slider(1, 4),
    "writer": list(WRITERS),
    "measure": measure.pages_after_fork,
    "recorded": measure.recorded_run("pages"),
    "predict": questions.frames_at_a_quarter,
    "labels": {"written": "share of pages written", "writer": "who writes", "children": "number of children"},
}
LATENCY = {
    "touched": slider(0, 64, unit="MiB"),
    "measure": measure.fork_latency,
    "recorded": measure.recorded_run("latency"),
    "labels": {"touched": "memory touched"},
}
READERS = {
    "workers": slider(0, 16),
    "measure": measure.reading_dirties,
    "recorded": measure.recorded_run("reading"),
    "predict": questions.what_readers_dirty,
    "labels": {"workers": "number of workers"},
}
TREE = {"program": text_area(4), "measure": measure.run_fork_program, "predict": questions.forks_in_a_row}
WORKERS = {
    "aspect": list(measure.ASPECTS),
    "measure": measure.compare_workers,
    "recorded": measure.recorded_run("workers"),
    "predict": questions.threads_under_the_lock,
}
SWITCH = {
    "place": list(PLACES),
    "working_set": slider(0, 2048, log=True, unit="KiB"),
    "measure": measure.switch_here,
    "recorded": measure.recorded_run("switch"),
    "predict": questions.dearest_part,
    "labels": {"place": "kind of switch"},
}
USEFUL = {
    "cpus": slider(1, 32),
    "waiting": slider(0.0, 0.95, 0.05),
    "working_set": slider(64, 8192, log=True, unit="KiB"),
    "predict": questions.threads_that_fill_the_cpus,
    "labels": {"cpus": "number of CPUs", "waiting": "share of waiting"},
}
SERVER = {
    "load": list(LOADS),
    "pressure": slider(0.1, 1.2, 0.05),
    "cores": slider(1, 16),
    "waiting": slider(0.0, 0.9, 0.05),
    "working_set": slider(0.0, 32.0, 1.0, unit="MiB"),
    "predict": questions.sweet_spot,
    "labels": {
        "load": "kind of load",
        "pressure": "load of the cores",
        "cores": "number of cores",
        "waiting": "share of waiting",
        "times": "your times in ms, or a file",
    },
}
