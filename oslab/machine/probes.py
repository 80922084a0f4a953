"""What the kernel's services cost here: a system call, a context switch, a fork; measured once and kept.

Measured in child processes, by a C program where there is a compiler, else by the interpreter with its own part
taken out by difference; each ends within three seconds.
"""

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from oslab.base import Series, Several, checked, choice, flag, integer, quantity
from oslab.machine.cost import Cost, kept
from oslab.machine.csource import compiler, printed_lines
from oslab.machine.recorded import measured
from oslab.machine.sandbox import ask

__all__ = ["fork_cost", "switch_cost", "system_call_cost"]

HERE = Path(__file__).parent
SECONDS = 3.0
COUNTS = {"call": 100_000, "switch": 4_000, "fork": 20}
TOUCHED = 0, 4, 16, 64


@checked(fresh=flag())
def system_call_cost(*, fresh: bool = False) -> Cost:
    """Return what a system call costs that does next to nothing (getppid).

    Parameters
    ----------
    fresh : bool
        Measure again.

    Returns
    -------
    Cost
        ns.

    Raises
    ------
    Unavailable
        It cannot be measured here.
    """

    def measure() -> list[Series]:
        return [measured("system call (getppid)", ["getppid"], _lines("call"), "ns")]

    return Cost.of(_of_program("system call", measure, fresh)[0])


@checked(between=choice(("processes", "threads")), fresh=flag())
def switch_cost(between: str = "processes", *, fresh: bool = False) -> Cost:
    """Return what it costs to switch to another process, or thread, on the same CPU.

    A byte goes there and back through two pipes; half of that time, less what the same write and read cost without
    a switch (as lmbench does it; McVoy and Staelin, USENIX 1996).

    Parameters
    ----------
    between : str
        ``"processes"`` or ``"threads"``.
    fresh : bool
        Measure again.

    Returns
    -------
    Cost
        µs; its note says what a whole hop took.

    Raises
    ------
    ValueError
        `between` is neither.
    Unavailable
        It cannot be measured here.
    """

    def measure() -> list[Series]:
        hop, without = _lines("switch", *(["threads"] if between == "threads" else [])).T / 1e3
        # What the interpreter or the pipe take away from it by chance cannot make a switch free.
        return [
            measured(f"switch between {between}", [between], np.maximum(hop - without, 0.01)[:, None], "µs"),
            measured("hop through a pipe", [between], hop[:, None], "µs"),
        ]

    switch, hop = _of_program(f"switch {between}", measure, fresh)
    pin = "" if hasattr(os, "sched_setaffinity") else ", not pinned to one CPU"
    return Cost.of(switch, note=f"a whole hop through a pipe {quantity(hop.median[0], 'µs')}{pin}")


@checked(touched_mib=Several(integer(0, 256), most=64), fresh=flag())
def fork_cost(touched_mib: Sequence[int] = TOUCHED, *, fresh: bool = False) -> tuple[Series, Series]:
    """Return what a fork costs a process that has touched so much memory, in 4 KiB pages.

    Parameters
    ----------
    touched_mib : sequence of int
        MiB, none above 256.
    fresh : bool
        Measure again.

    Returns
    -------
    tuple of Series
        µs until fork() returns in the parent; µs until the child has ended and was waited for.

    Raises
    ------
    ValueError
        Sizes out of range.
    Unavailable
        It cannot be measured here.
    """
    sizes = tuple(touched_mib)

    def measure() -> list[Series]:
        rows = np.stack([_lines("fork", str(size)) for size in sizes], axis=1) / 1e3
        x = [float(size) for size in sizes]
        return [
            measured("until fork() returns", x, rows[:, :, 0], "µs", x_unit="MiB touched"),
            measured("until the child has ended", x, rows[:, :, 1], "µs", x_unit="MiB touched"),
        ]

    returned, ended = _of_program(f"fork {sizes}", measure, fresh)
    return returned, ended


def _of_program(name: str, measure: Callable[[], list[Series]], fresh: bool) -> list[Series]:
    """Keep what the C program measured apart from what the interpreter did."""
    return kept(f"{name} {'C' if compiler() else 'interpreter'}", measure, fresh)


def _lines(kind: str, *more: str) -> np.ndarray:
    """Run the program; return its numbers, a row a repeat."""
    arguments = [kind, str(COUNTS[kind]), *more]
    if compiler():
        lines = printed_lines(HERE / "probes.c", *arguments, seconds=SECONDS)
    else:
        lines = ask(HERE / "python_probes.py", *arguments, seconds=SECONDS).splitlines()
    return np.array([[float(word) for word in line.split()] for line in lines])
