"""The tree of processes that a fork program makes, their variables and what they print.

A process is known by what its forks returned: the program is run with the answers that are known so far, and where it
asks for one more, it goes on as the parent, and a child with the answer 0 is noted to be run later.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from oslab.base import Stepped, checked, choice, plural, text
from oslab.processes.fork_process import Process
from oslab.processes.fork_program import LONGEST, ForkProgram, parse_forks, refuse

__all__ = ["MOST", "ForkTree", "RealForks", "as_c", "count_processes"]

MOST = 64
NTH = {1: "first", 2: "second", 3: "third"}


@dataclass(frozen=True, eq=False)
class ForkTree(Stepped):
    """What `count_processes` returns; process 0 is the first, the others follow by the order of their making, level by level.

    Attributes
    ----------
    program : str
        Its text.
    parents : tuple of int
        -1 for the first.
    answers : tuple of tuple of int
        What each process's forks return to it, those before its own making among them: 0 in the child, the child's number in
        the parent.
    places : tuple of (int, int)
        Line and column of the call of fork that made each process; (0, 0) for the first.
    exited : tuple of bool
        Whether it ended by ``exit()``.
    variables : tuple of dict of str to int
        The last values of each process's variables.  The first process's PID is 1000, process k's 1000 + k.
    output, output_to_file : tuple of str
        What each process writes on a terminal, where a line end flushes; and to a file, where only the end does: text that
        is not flushed yet is copied by fork, and written by both.
    """

    program: str
    parents: tuple[int, ...]
    answers: tuple[tuple[int, ...], ...]
    places: tuple[tuple[int, int], ...]
    exited: tuple[bool, ...]
    variables: tuple[dict[str, int], ...]
    output: tuple[str, ...]
    output_to_file: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of processes, the first among them."""
        return len(self.parents)

    @property
    def lines(self) -> int:
        """Number of lines printed on a terminal, a last one without a line end among them."""
        return _count_lines(self.output)

    @property
    def lines_to_file(self) -> int:
        """Number of lines printed to a file, or into a pipe."""
        return _count_lines(self.output_to_file)

    @property
    def steps(self) -> int:
        """Number of forks that were called."""
        return self.count - 1

    def _replayed(self, step: int) -> tuple[int, ...]:
        return self.parents[: step + 1]

    def state(self, step: int) -> tuple[int, ...]:
        """Return the parents of the processes that there are after `step` forks."""
        return super().state(step)

    def children(self, process: int) -> list[int]:
        """Return the children of a process, in the order of their creation."""
        return [k for k, parent in enumerate(self.parents) if parent == process]

    def depth(self, process: int) -> int:
        """Return how many forks lie between the first process and this one."""
        return 0 if self.parents[process] < 0 else 1 + self.depth(self.parents[process])

    def why(self, step: int) -> str:
        """Return a sentence on the fork that made process `step`, 1 to `steps`."""
        parent = self.parents[self._step(step, 1)]
        place = self.children(parent).index(step) + 1
        (line, column), made = self.places[step], len(self.children(step))
        return (
            f"P{parent} calls fork for the {NTH.get(place, f'{place}th')} time, in line {line}, column {column}. In the child "
            f"P{step} fork returns 0; the child runs the rest of the program (its own forks: {made})."
        )

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a process."""
        for k, parent in enumerate(self.parents):
            yield {
                "process": f"P{k}",
                "parent": f"P{parent}" if parent >= 0 else "the shell",
                "its forks": len(self.children(k)),
                "forks returned": ", ".join(f"P{a}" if a else "0" for a in self.answers[k]),
                "variables": ", ".join(f"{name} = {value}" for name, value in self.variables[k].items()),
                "prints": self.output[k],
            }

    def __str__(self) -> str:
        said = ", ".join(f"P{k} of P{p}" for k, p in enumerate(self.parents) if p >= 0)
        return plural(self.count, "process", "processes") + (f": {said}" if said else "")


@dataclass(frozen=True)
class RealForks:
    """What a real run of a fork program made.

    Attributes
    ----------
    program : str
    count : int
        Processes.
    lines : int
        Lines that they printed, each written at its end as on a terminal.
    """

    program: str
    count: int
    lines: int

    def __str__(self) -> str:
        made, printed = plural(self.count, "process", "processes"), plural(self.lines, "line")
        return f"Run for real, it made {made} and printed {printed}."


def _count_lines(outputs: tuple[str, ...]) -> int:
    return sum(one.count("\n") for one in outputs) + any(one and one[-1] != "\n" for one in outputs)


@checked(program=text(LONGEST))
def count_processes(program: str) -> ForkTree:
    r"""Return the tree of processes that a fork program makes.

    Parameters
    ----------
    program : str
        C: a whole program with ``main``, or statements such as ``fork(); if (fork()) fork();``; see `parse_forks`.

    Raises
    ------
    TypeError, ValueError
        What is not understood, with line and column; more than 64 processes, or a process without end.

    Notes
    -----
    `wait` returns the oldest child that was not waited for; `sleep` takes no time.  Where a child's parent has ended,
    `getppid` still gives its number.

    Examples
    --------
    >>> count_processes("fork(); fork();").count
    4
    >>> tree = count_processes(r'printf("hello\n"); fork(); printf("x\n");')
    >>> tree.lines, tree.lines_to_file
    (3, 4)
    """
    return _count(program)


@lru_cache(maxsize=64)
def _count(program: str) -> ForkTree:
    source = parse_forks(program)
    parents, places, processes = [-1], [(0, 0)], []
    waiting: deque[tuple[tuple[int, ...], tuple[int, ...]]] = deque([((), (0,))])
    while waiting:
        known, pids = waiting.popleft()
        process = _make_process(source, len(processes), known, pids, parents, places)
        process.live()
        processes.append(process)
        for k in range(len(known), len(process.answers)):
            waiting.append(((*process.answers[:k], 0), (*pids, process.answers[k])))
    terminal, file = zip(*([output.written for output in p.outputs] for p in processes))
    return ForkTree(
        program,
        tuple(parents),
        tuple(tuple(p.answers) for p in processes),
        tuple(places),
        tuple(p.exited for p in processes),
        tuple(p.variables for p in processes),
        terminal,
        file,
    )


def _make_process(source: ForkProgram, me: int, known: Any, pids: Any, parents: list, places: list) -> Process:
    def make(node: Any) -> int:
        if len(parents) >= MOST:
            refuse(node, f"it makes more than {MOST} processes; allowed are {MOST}")
        parents.append(me)
        places.append((node.coord.line, node.coord.column))
        return len(parents) - 1

    return Process(source, known, pids, make)


BEFORE = r"""#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t parent;

static pid_t branch(void) {
    pid_t me = getpid(), child = fork();
    if (child < 0) _exit(99);
    if (child == 0) parent = me;
    return child;
}

static void end(void) {
    dprintf(%d, "%%d %%d\n", (int)parent, (int)getpid());
    while (wait(NULL) > 0) { }
}

__attribute__((constructor)) static void begin(void) { atexit(end); }

#define fork branch
#define _exit(code) (end(), _exit(code))
"""


@checked(program=text(LONGEST), descriptor=choice((1, 2)))
def as_c(program: str, descriptor: int = 1) -> str:
    """Return a fork program as C: each of its processes writes a line ``parent pid`` at its end, and waits for its children.

    Parameters
    ----------
    program : str
        See `count_processes`.
    descriptor : int
        Where the lines go: 1, standard output, or 2.

    Raises
    ------
    TypeError, ValueError
        What is not understood.
    """
    source = parse_forks(program)
    body = program
    if source.bare:
        inside = "\n".join(f"    {line}" if line.strip() else line for line in program.strip("\n").splitlines())
        declared = f"    int {', '.join(source.undeclared)};\n" if source.undeclared else ""
        body = f"int main(void) {{\n{declared}{inside}\n    return 0;\n}}"
    return BEFORE % descriptor + f"\n{body}\n"
