"""What notebook 05 hands to `explore` beside a function and a view, where that is too long for a cell."""

from __future__ import annotations

from oslab.filesystems import measure, questions
from oslab.filesystems.journal import COMMITS, MODES
from oslab.filesystems.locate import BLOCK_SIZES
from oslab.filesystems.scenarios import REPLACEMENTS, SCENARIOS
from oslab.lab.controls import slider

__all__ = ["CAPACITY", "CRASHES", "DURABLE", "NAMES", "OFFSETS", "PATHS", "READS", "REPLACING", "TABLE"]

OFFSETS = {
    "offset": slider(0, 1 << 36, log=True, unit="bytes"),
    "block_size": BLOCK_SIZES,
    "extents": slider(1, 100_000, log=True, unit="at least"),
    "predict": questions.reads_in_the_middle,
}

NAMES = {
    "measure": measure.real_names,
    "recorded": measure.recorded_run("names"),
    "predict": questions.unlinked_while_open,
}

CAPACITY = {
    "file_size": slider(256, 4 << 20, log=True, unit="bytes"),
    "predict": questions.small_files,
    "bytes_per_inode": slider(1024, 1 << 18, log=True),
    "measure": measure.fill_images,
    "recorded": measure.recorded_run("images"),
}

CRASHES = {"operation": {s.label: key for key, s in SCENARIOS.items()}, "mode": list(MODES), "commit": list(COMMITS)}

TABLE = {"commit": list(COMMITS), "layout": ["pointers", "extents"]}

PATHS = {"path": ["/home/notes", "/tmp/scratch", "/proc/uptime"]}

READS = {"way": slider(0, 3), "measure": measure.read_costs, "recorded": measure.recorded_run("reads")}

REPLACING = {"way": {s.label: key for key, s in REPLACEMENTS.items()}, "mode": list(MODES)}

DURABLE = {"way": slider(0, 4), "measure": measure.durable_costs, "recorded": measure.recorded_run("durable")}
