"""What the counters of /proc should show of a program that wants one thing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["BUTTONS", "HELPERS", "LONGEST", "PANELS", "Expected", "Watched", "expect"]

LONGEST = 10
BUTTONS = {"CPU-bound": "compute", "memory-bound": "memory", "I/O-bound": "disk", "lock-bound": "lock"}
HELPERS = {
    "compute": "computes",
    "memory": "takes and gives back memory",
    "disk": "writes to the disk and waits",
    "lock": "hands a lock between two threads",
}
# counter: what it is called, its unit, what it is divided by, whether its growth a second is drawn
PANELS: dict[str, tuple[str, str, float, bool]] = {
    "resident": ("resident memory", "MiB", 1 << 20, False),
    "minor_faults": ("page faults", "1000 / s", 1000, True),
    "voluntary_switches": ("waited (voluntary switches)", "1000 / s", 1000, True),
    "involuntary_switches": ("sent off (involuntary switches)", "1 / s", 1, True),
    "run_time": ("on a CPU", "s / s", 1, True),
    "wait_time": ("ready, no CPU free", "s / s", 1, True),
    "cpu_pressure": ("machine: CPU pressure", "s / s", 1, True),
    "written_characters": ("written", "MiB / s", 1 << 20, True),
    "io_pressure": ("machine: I/O pressure", "s / s", 1, True),
}
_SIGNS = {
    "compute": ("run_time", "It never sleeps: time on a CPU and time ready for one make up a second each second."),
    "memory": ("minor_faults", "Each page is touched for the first time again and again: a fault a page."),
    "disk": ("written_characters", "It writes a mebibyte, sleeps in fsync until the disk has it, and begins again."),
    "lock": ("voluntary_switches", "Each hand-over puts one thread to sleep and wakes the other: voluntary switches."),
}


@dataclass(frozen=True)
class Expected:
    """Which counter gives a helper away.

    Attributes
    ----------
    helper : str
    sign : str
        A key of `PANELS`.
    reason : str
    seconds : int
        How long it shall run.
    """

    helper: str
    sign: str
    reason: str
    seconds: int

    def table(self) -> list[dict[str, Any]]:
        """Return one row."""
        return [{"helper": HELPERS[self.helper], "sign": PANELS[self.sign][0], "because": self.reason}]

    def __str__(self) -> str:
        return f"A program that {HELPERS[self.helper]}: look at “{PANELS[self.sign][0]}”. {self.reason}"


def expect(helper: str = "compute", seconds: int = LONGEST) -> Expected:
    """Return which counter gives a helper away.

    Raises
    ------
    ValueError
        No such helper, or not 1 to 10 seconds.
    """
    if helper not in HELPERS:
        raise ValueError(f"helper={helper!r}: allowed are {', '.join(HELPERS)}")
    if not 1 <= seconds <= LONGEST:
        raise ValueError(f"seconds={seconds!r}: allowed are 1 to {LONGEST}")
    return Expected(helper, *_SIGNS[helper], seconds)


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
        """Return the median of the known values, NaN without one."""
        known = self.values[counter][~np.isnan(self.values[counter])]
        return float(np.median(known)) if len(known) else float("nan")

    def table(self) -> list[dict[str, Any]]:
        """Return one row a counter: its median and its unit."""
        return [
            {"counter": PANELS[name][0], "median": float(f"{self.typical(name):.3g}"), "unit": PANELS[name][1]}
            for name in self.values
        ]

    def __str__(self) -> str:
        rows = (f"{row['counter']:>32}  {row['median']} {row['unit']}" for row in self.table())
        return "\n".join([f"{self.who} ({self.where})", *rows])
