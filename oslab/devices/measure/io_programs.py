"""Threads, epoll and io_uring on this machine: what their terms cost, and reads and echoes a second by C programs."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from oslab.base import Series, checked, choice, integer
from oslab.devices.operation_costs import JOBS, TERMS
from oslab.machine import need, printed_lines
from oslab.machine.recorded import measured

__all__ = ["PROGRAMS", "TOGETHER", "measure_costs", "race"]

PROGRAMS = Path(__file__).parents[1] / "programs"
TOGETHER = (1, 4, 16)
REPEATS, READS, DIRECT_READS, ECHOES = 5, 20_000, 1_600, 3_200


def measure_costs() -> list[Series]:
    """Measure what one of each term costs, in some 0.3 s.

    Returns
    -------
    list of Series
        µs by key of `TERMS`.

    Raises
    ------
    Unavailable
        No compiler, or the program failed.
    """
    need("compiler")
    rows = [[max(float(word), 0.0) / 1e3 for word in line.split()] for line in printed_lines(PROGRAMS / "costs.c", "7")]
    return [measured("one of each", list(TERMS), rows, "µs")]


@checked(job=choice(JOBS), together=integer(1, 64))
def race(job: str = "echo", together: int = 16) -> Iterator[Any]:
    """Do a job by each way, five times.

    Parameters
    ----------
    job : {'echo', 'cached', 'direct'}
    together : int
        Connections, or reads under way: 1 to 64.

    Yields
    ------
    float or list of Series
        Shares of the work done; at the end operations a second, in thousands, and system calls an operation, by way;
        and the costs.

    Raises
    ------
    TypeError, ValueError
        No such job, more than 64 together.
    Unavailable
        No compiler, or the program failed.
    """
    need("compiler")
    name, *arguments = (
        ("echo", str(together), str(max(ECHOES // together, 1)))
        if job == "echo"
        else ("reads", str(together), str(READS if job == "cached" else DIRECT_READS), job)
    )
    names, rates, calls = [], [], []
    for k in range(REPEATS):
        lines = [line for line in printed_lines(PROGRAMS / f"{name}.c", *arguments) if "calls" in line]
        names = [line[:22].strip() for line in lines]
        numbers = [line[22:].split() for line in lines]
        rates.append([float(words[0]) / 1e3 for words in numbers])
        calls.append([float(words[2]) for words in numbers])
        yield (k + 1) / REPEATS
    label = f"{job} {together}"
    yield [
        measured(label, names, rates, "thousand a second"),
        measured(label, names, calls, "calls an operation"),
        *measure_costs(),
    ]
