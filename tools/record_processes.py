"""``python -m tools.record_processes [NAME …]``: record the measurements of chapter 1 on a quiet machine."""

from __future__ import annotations

import json
import sys

from oslab.machine import recorded, run_c
from oslab.processes import PROGRAMS, as_c, measure, read_control_block
from tools.sources import PACKAGE

RUNS = PACKAGE / "processes" / "runs"
SERIES = {
    "pages": measure.pages_after_fork,
    "latency": lambda: list(measure.fork_latency())[-1],
    "reading": measure.reading_dirties,
    "workers": lambda: list(measure.compare_workers())[-1],
    "switch": measure.switch_here,
}
PROGRAM_RUNS = {
    "first_child": ((PROGRAMS / "first_child.c").read_text(), ("exec", "--model", "small", "-v")),
    "tree": (as_c("fork(); if (fork()) fork();"), ()),
}


def main(wanted: list[str]) -> None:
    """Measure and store."""
    for name in wanted or [*SERIES, "control_block", "first_child", "tree"]:
        if name == "control_block":
            block = read_control_block()
            print(*block.table(), sep="\n  ")
            (RUNS / f"{name}.txt").write_text(json.dumps({**block.to_json(), "origin": "recorded"}, indent=1) + "\n")
        elif name in PROGRAM_RUNS:
            source, words = PROGRAM_RUNS[name]
            recorded.save_program(PROGRAMS / f"{name}.json", run_c(source, args=words))
        else:
            series = SERIES[name]()
            print(name, *series, sep="\n  ")
            recorded.save(RUNS / f"{name}.json", series)


if __name__ == "__main__":
    main(sys.argv[1:])
