"""What the counters of /proc should show of a program that wants one thing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, checked, choice, integer, shown, text

__all__ = ["BUTTONS", "HELPERS", "KERNEL", "LONGEST", "PANELS", "Expected", "Watched", "expect"]

LONGEST = 10
BUTTONS = {"CPU-bound": "compute", "memory-bound": "memory", "I/O-bound": "disk", "lock-bound": "lock"}
HELPERS = {
    "compute": "computes",
    "memory": "allocates and frees memory",
    "disk": "writes to the disk and waits",
    "lock": "passes a lock between two threads",
}
# counter: what it is called, its unit, what it is divided by, whether its growth a second is drawn
PANELS: dict[str, tuple[str, str, float, bool]] = {
    "resident": ("resident memory", "MiB", 1 << 20, False),
    "minor_faults": ("page faults", "1000 / s", 1000, True),
    "voluntary_switches": ("voluntary switches (it sleeps)", "1000 / s", 1000, True),
    "involuntary_switches": ("involuntary switches (preempted)", "1 / s", 1, True),
    "run_time": ("on a CPU", "s / s", 1, True),
    "wait_time": ("ready, no CPU free", "s / s", 1, True),
    "cpu_pressure": ("machine: CPU pressure", "s / s", 1, True),
    "written_characters": ("data written", "MiB / s", 1 << 20, True),
    "io_pressure": ("machine: I/O pressure", "s / s", 1, True),
}
_SIGNS = {
    "compute": ("run_time", "It never sleeps: time on a CPU and time ready for one make up a second each second."),
    "memory": ("minor_faults", "It touches new pages again and again: one fault for each page."),
    "disk": ("written_characters", "It writes a mebibyte, sleeps in fsync until it is on the disk, and starts again."),
    "lock": (
        "voluntary_switches",
        "Each time the lock is passed on, one thread falls asleep and the other wakes: voluntary switches.",
    ),
}


KERNEL = "this notebook's own process"


@dataclass(frozen=True)
class Expected(Result):
    """What is watched, and which counter gives a helper away.

    Attributes
    ----------
    helper : str
    sign : str
        A key of `PANELS`; '' where another process is watched.
    reason : str
        Why; '' likewise.
    seconds : int
        How long it shall run.
    process : str
        ``"helper"``, ``"kernel"`` or a process's number.
    """

    helper: str
    sign: str
    reason: str
    seconds: int
    process: str = "helper"

    @property
    def subject(self) -> str:
        """The key of what was watched: the helper, or the other process."""
        return self.helper if self.process == "helper" else self.process

    @property
    def who(self) -> str:
        """What is watched, in words."""
        if self.process == "helper":
            return f"a program that {HELPERS[self.helper]}"
        return KERNEL if self.process == "kernel" else f"process {self.process}"

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row."""
        sign = PANELS[self.sign][0] if self.sign else "none"
        yield {"watched": self.who, "sign": sign, "because": self.reason or "it is no helper"}

    def __str__(self) -> str:
        if not self.sign:
            return f"{self.who}: no counter is known that would reveal it."
        return f"A program that {HELPERS[self.helper]}: look at “{PANELS[self.sign][0]}”. {self.reason}"


@checked(helper=choice(HELPERS), seconds=integer(1, LONGEST), process=text(20))
def expect(helper: str = "compute", seconds: int = LONGEST, process: str = "helper") -> Expected:
    """Return which counter gives a helper away, or that another process is watched.

    Parameters
    ----------
    helper : str
        A key of `HELPERS`.
    seconds : int
        1 to 10.
    process : str
        ``"helper"``, ``"kernel"`` (this notebook's own process) or a process's number.

    Raises
    ------
    ValueError
        No such helper or process, or not 1 to 10 seconds.
    """
    if process == "helper":
        return Expected(helper, *_SIGNS[helper], seconds)
    if process != "kernel" and not (process.isascii() and process.isdigit() and 0 < int(process) < 2**31):
        raise ValueError(f"process={shown(process)}: allowed are helper, kernel, or the number of a process")
    return Expected(helper, "", "", seconds, process)


@dataclass(frozen=True, eq=False)
class Watched:
    """Counters of a process over time, scaled as they are drawn.

    Attributes
    ----------
    who : str
    time : ndarray of float64, shape (n,)
        Seconds.
    values : dict of str to ndarray of float64, shape (n,)
        By key of `PANELS`; NaN where not known.
    where : str
        Where it comes from.
    """

    who: str
    time: np.ndarray
    values: dict[str, np.ndarray]
    where: str

    def typical(self, counter: str) -> float:
        """Return the median of the known values of a key of `PANELS`, NaN without one."""
        known = self.values[counter][~np.isnan(self.values[counter])]
        return float(np.median(known)) if len(known) else float("nan")
