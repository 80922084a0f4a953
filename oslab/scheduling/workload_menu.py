"""Every workload that a menu offers: drawn ones, and your own, recorded or written down."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from oslab.base import (
    SEED,
    FileName,
    Instance,
    OpenRegistry,
    Parameter,
    checked,
    choice,
    integer,
    memory_size,
    plural,
    teacher_folder,
    text as text_of,
)
from oslab.scheduling import Workload, batch_and_interactive, inference_server, random_tasks

__all__ = ["OWN_FILE", "WORKLOADS", "sample_workload", "typed_or_recorded", "workload_of_file"]

PATH = FileName()
LARGEST = 1 << 30
SEEN = 12  # tasks, those with the most CPU time: as many as a Gantt chart has rows
EXAMPLE = """\
gzip 0 3.1 0.4 6.2 0.3 7.9
sort 1.2 9.6 2.5 4.4
train 2 2.2 5 2.1 5 2.3 5 2.2
loader 2.5 1.4 3.2 1.6 3.1 1.5
"""


def _maker(key: str, value: Any) -> Callable[..., Workload]:
    """Return ``make(tasks, seed)`` for an entry of the learner's: such a function, a workload, or its text."""
    if callable(value):
        return value
    work = Workload.parse(value) if isinstance(value, str) else Instance(Workload).check(key, value)
    return lambda tasks, seed: work


WORKLOADS = OpenRegistry("workload", _maker)
"""Workloads by key: ``implementation(tasks, seed, **options)`` returns a `Workload`.

``WORKLOADS["mine"] = Workload.parse("A 0 5; B 1 3")`` adds one to the menus of the labs whose cells are run after that.
"""

WORKLOADS.register(
    "random",
    label="random tasks",
    summary="They arrive within a few ms and need 2 to 20 ms each.",
    source="-",
    tie_rule="-",
)(random_tasks)
WORKLOADS.register(
    "server",
    label="requests of a server",
    summary="They arrive at random (Poisson); most need little CPU time, a few very much (Pareto).",
    source="-",
    tie_rule="-",
)(lambda tasks, seed: inference_server(tasks, 0.8, seed))
WORKLOADS.register(
    "typing",
    label="one that types, others compute",
    summary="One program waits for keys, the others only compute.",
    source="-",
    tie_rule="-",
)(lambda tasks, seed: batch_and_interactive(1, max(tasks - 1, 0)))


def _prepare(path: str) -> Iterator[float | str]:
    """Read a file for the labs, and say what was found."""
    yield 0.0
    work = workload_of_file(path)
    cpu = f"{work.burst.sum():.0f} ms of CPU"
    yield f"{plural(len(work), 'task')}, {plural(int((len(work.parts) + len(work)) // 2), 'burst')}, {cpu} in total"


OWN_FILE = Parameter(
    "", high=4096, prepare=_prepare, help="from oslab record schedule or perf script, or a task a line"
)


@checked(file=PATH)
def workload_of_file(file: str = "") -> Workload:
    """Return the tasks in a file, of many those 12 with the most CPU time; in place of '', an example.

    Parameters
    ----------
    file : str
        What ``oslab record schedule`` wrote or `Workload.parse` reads, or the events of ``perf script`` or ftrace.

    Raises
    ------
    ValueError
        A line that is neither; a file of more than 1 GiB.
    OSError
        A file that cannot be read.
    """
    if not file:
        return Workload.parse(EXAMPLE)
    path = Path(file)
    if (size := path.stat().st_size) > LARGEST:
        raise ValueError(f"file={path.name!r} has {memory_size(size)}: allowed is up to {memory_size(LARGEST)}")
    with path.open(encoding="utf-8-sig", errors="replace") as lines:
        if any("sched_switch" in line for line, _ in zip(lines, range(1000))):
            lines.seek(0)
            return Workload.from_perf_sched(lines, SEEN)
    return Workload.parse(path.read_text("utf-8-sig", errors="replace")).busiest(SEEN)


WORKLOADS.register(
    "yours",
    label="your file",
    summary="A file written by oslab record schedule or perf script; until one is named, an example.",
    source="your own",
    tie_rule="-",
    parameters={"file": OWN_FILE},
)(lambda tasks, seed, file="": workload_of_file(file))

WORKLOADS.register(
    "typed",
    label="typed tasks",
    summary="A task is its name, arrival and times of CPU and I/O in turn, ms; dragging tasks in the chart writes them down.",
    source="your own",
    tie_rule="-",
    parameters={"text": Parameter("A 0 12; B 2 4; C 4 8", high=1_000_000, help="name arrival cpu io cpu …; and so on")},
)(lambda tasks, seed, text: Workload.parse(text))

teacher_folder.join(
    WORKLOADS,
    teacher_folder.files("scheduling", "workloads"),
    lambda path: lambda tasks, seed: workload_of_file(str(path)),
)


@checked(workload=choice(WORKLOADS), tasks=integer(1, 100_000), seed=SEED, options=Instance(Mapping, optional=True))
def sample_workload(
    workload: str = "random", tasks: int = 4, seed: int = 1, options: Mapping[str, Any] | None = None
) -> Workload:
    """Return a workload of the registry.

    Parameters
    ----------
    workload : str
        A key of `WORKLOADS`.
    tasks : int
        How many are drawn; a file has as many as it has.
    seed : int
    options : mapping, optional
        The workload's own.

    Raises
    ------
    ValueError
        An unknown workload, a number out of range, a file that cannot be read as tasks.
    OSError
        A file that cannot be read.
    """
    entry = WORKLOADS[workload]
    return entry.implementation(tasks, seed, **entry.options(options or {}))


@checked(text=text_of(20_000_000), file=PATH)
def typed_or_recorded(text: str, file: str = "") -> Workload:
    """Return the tasks typed, or those of a file where one is named.

    Parameters
    ----------
    text : str
        As `Workload.parse` reads it.
    file : str
        As for `workload_of_file`.

    Raises
    ------
    ValueError
        A text or a file that cannot be read as tasks.
    OSError
        A file that cannot be read.
    """
    if file:
        return workload_of_file(file)
    try:
        return Workload.parse(text)
    except ValueError as error:
        raise ValueError(f"text: {error}") from None
