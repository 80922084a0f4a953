"""The process control block: fields of Linux's task structure, and where the system shows each of them."""

import os
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple

from oslab.base import Result, checked, choice, shown, text

__all__ = ["FIELDS", "ChosenField", "ControlBlock", "Field", "ask_field", "number_of"]

MOST_PID = 1 << 22  # Linux's limit on 64-bit machines


class Field(NamedTuple):
    """A field: its name in the kernel, the file that shows it, its purpose."""

    name: str
    where: str
    meaning: str


FIELDS = (
    Field(
        "pid, parent",
        "/proc/PID/stat",
        "The process's own number, and the number of its parent.",
    ),
    Field(
        "state",
        "/proc/PID/stat",
        "R means running or ready: the kernel keeps both in one list of runnable tasks.",
    ),
    Field(
        "mm (memory)",
        "/proc/PID/maps",
        "The address space: its ranges and its page table. The threads of a process share it.",
    ),
    Field("mm (resident)", "/proc/PID/status", "The part of the mapped addresses that has a frame now."),
    Field("files", "/proc/PID/fd", "The table of open files, which fork copies and exec keeps."),
    Field(
        "thread (registers)",
        "/proc/PID/status",
        "Only debuggers see the saved registers. The kernel counts how often they were saved: "
        "voluntarily when the process had to wait, involuntarily when it lost the CPU.",
    ),
    Field(
        "prio, static_prio",
        "/proc/PID/stat",
        "The priority for the scheduler: 20 plus the nice value for ordinary tasks.",
    ),
    Field("se.sum_exec_runtime", "/proc/PID/schedstat", "Time on a CPU so far, which the fair scheduler compares."),
    Field("children", "/proc/PID/task/*/children", "The processes that it started and has not waited for."),
)
NAMES = tuple(field.name for field in FIELDS)


@dataclass(frozen=True)
class ChosenField(Result):
    """The fields, and the name of the one that is looked at."""

    chosen: str
    fields: tuple[Field, ...] = FIELDS

    @property
    def meaning(self) -> str:
        """The purpose of the chosen field."""
        return next(f.meaning for f in self.fields if f.name == self.chosen)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a field."""
        yield from (f._asdict() for f in self.fields)


@dataclass(frozen=True)
class ControlBlock(Result):
    """What `measure.read_control_block` returns: values in words by field; origin, machine and date as for a `Series`.

    Attributes
    ----------
    name, kernel : str
        Of the program, and the kernel it runs on.
    """

    name: str
    values: dict[str, str]
    origin: str = "this machine"
    machine: str = ""
    kernel: str = ""
    date: str = ""

    @property
    def where(self) -> str:
        """Where it comes from."""
        return f"recorded on {self.machine}, {self.date}" if self.origin == "recorded" else "this machine, just now"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a field."""
        yield from ({"field": f.name, "shown in": f.where, "value": self.values[f.name]} for f in FIELDS)

    def to_json(self) -> dict[str, Any]:
        """Return what the constructor takes."""
        return asdict(self)


@checked(field=choice(NAMES), pid=text(100))
def ask_field(field: str = "state", pid: str = "self") -> ChosenField:
    """Choose a field of the task structure.

    Parameters
    ----------
    field : str
        One of the names in `FIELDS`.
    pid : str
        The process; see `number_of`.

    Raises
    ------
    TypeError, ValueError
        No such field; a PID that is no number.
    """
    number_of(pid)
    return ChosenField(field)


@checked(pid=text(100))
def number_of(pid: str) -> int:
    """Return the number that a PID in words stands for: ``"self"`` or nothing, ``"parent"``, or digits.

    A blank and a command may stand behind them.

    Raises
    ------
    TypeError, ValueError
        Anything else.
    """
    said, _, _ = (pid.strip().lower() or "self").partition(" ")
    if said in ("self", "parent"):
        return os.getpid() if said == "self" else os.getppid()
    if not re.fullmatch("[0-9]+", said) or not 0 < int(said) < MOST_PID:
        raise ValueError(f"pid={shown(pid)}: allowed are self, parent, and numbers from 1 to {MOST_PID - 1}")
    return int(said)
