"""What the named costs say of three small jobs that C programs do here: an echo, and reads of 4 KiB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from oslab.devices.operation_costs import COSTS
from oslab.devices.rings import _whole

__all__ = ["JOBS", "JobCosts", "expect_race"]

JOBS = {"echo": "echo on 127.0.0.1", "cached": "reads from the page cache", "direct": "reads past the page cache"}


@dataclass(frozen=True)
class JobCosts:
    """What `expect_race` returns.

    Attributes
    ----------
    job : str
    together : int
    calls, micros : dict of str to float
        System calls, and µs of the CPU, an operation by way.
    """

    job: str
    together: int
    calls: dict[str, float]
    micros: dict[str, float]

    def table(self) -> list[dict[str, Any]]:
        """Return one row a way."""
        return [
            {"way": way, "calls": float(f"{self.calls[way]:.3g}"), "µs": float(f"{self.micros[way]:.3g}")}
            for way in self.calls
        ]

    def __str__(self) -> str:
        return f"{JOBS[self.job]}, {self.together} together: " + "; ".join(
            f"{way} {n:.3g} calls, {self.micros[way]:.3g} µs" for way, n in self.calls.items()
        )


def expect_race(job: str = "echo", together: int = 16, costs: dict[str, float] | None = None) -> JobCosts:
    """Add up what an operation of a job costs, by the ways that can do it.

    An echo is a receive and a send; its bytes are too few for their copy to count.  A read from the page cache never
    blocks.  The device, the network's code and the other side are on no bill.

    Parameters
    ----------
    job : {'echo', 'cached', 'direct'}
    together : int
        Connections that are ready together, or reads under way; 1 or more.
    costs : dict of str to float, optional
        µs by key of `TERMS`.

    Raises
    ------
    TypeError, ValueError
        No such job; fewer than one together.
    """
    if job not in JOBS:
        raise ValueError(f"job={job!r}: allowed are {', '.join(JOBS)}")
    _whole("together", together, 1, 1 << 20)
    c = {**COSTS, **(costs or {})}
    sleep, each = c["wake"] + c["switch"], 1 / together
    if job == "echo":
        calls = {"threads": 2.0, "epoll": 2 + each, "io_uring": 2 * each}
        more = {"threads": sleep, "epoll": sleep * each, "io_uring": sleep * each}
    else:
        calls = {"threads": 1.0, "io_uring": each, "io_uring, registered": each}
        waits = 0.0 if job == "cached" else sleep
        data = [c["copy"]] * 3 if job == "cached" else [c["pin"], c["pin"], 0.0]
        more = {way: waits * n + d for (way, n), d in zip(calls.items(), data)}
    return JobCosts(job, together, calls, {way: n * c["system_call"] + more[way] for way, n in calls.items()})
