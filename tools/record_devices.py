"""Record what the labs of notebook 06 draw until something is measured: ``python -m tools.record_devices [name …]``."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from oslab.base.series import Series
from oslab.devices.measure import epoll_pipe, interrupts, io_programs, ring_indices
from oslab.devices.operation_costs import JOBS
from oslab.machine import Program, recorded

ROOT = Path(__file__).parents[1] / "oslab" / "devices"
RUNS: dict[str, Callable[[], list[Series]]] = {
    "pipe": lambda: epoll_pipe.real_pipe("edge"),
    "ring": lambda: ring_indices.real_ring(8, 4, 4),
    "rates": lambda: list(interrupts.interrupt_rates())[-1],
    "costs": io_programs.measure_costs,
    "races": lambda: [s for job in JOBS for n in io_programs.TOGETHER for s in list(io_programs.race(job, n))[-1][:2]],
}
PROGRAMS = {"reads": ("16", "20000", "cached"), "echo": ("16", "1000")}


def main(names: list[str]) -> None:
    for name in names or [*RUNS, *PROGRAMS]:
        if name in RUNS:
            print(recorded.save(ROOT / "runs" / f"{name}.json", RUNS[name]()).name)
        if name in PROGRAMS:
            source = ROOT / "programs" / f"{name}.c"
            print(
                recorded.save_program(
                    source.with_suffix(".json"), Program(source.read_text()).run(*PROGRAMS[name])
                ).name
            )


if __name__ == "__main__":
    main(sys.argv[1:])
