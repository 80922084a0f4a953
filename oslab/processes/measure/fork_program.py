"""A fork program run for real, and its processes counted."""

from oslab.machine import Unavailable, need, run_c
from oslab.processes.fork_tree import MOST, RealForks, as_c

__all__ = ["run_fork_program"]


def run_fork_program(program: str) -> RealForks:
    """Compile a fork program, run it within limits, and count its processes and lines.

    Parameters
    ----------
    program : str
        As `processes.count_processes` takes it; at most 64 processes at a time.

    Raises
    ------
    TypeError, ValueError
        What the model does not understand: nothing else is run.
    Unavailable
        No C compiler here, or it did not end well.
    """
    need("compiler")
    run = run_c(as_c(program, descriptor=2), processes=MOST, flags=("-O0", "-w"))
    if run.stopped or run.exit_code is None:
        raise Unavailable(f"program: {run.message}")
    return RealForks(program, len(run.stderr.splitlines()), len(run.stdout.splitlines()))
