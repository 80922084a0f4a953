"""A scan against a working set: the same references under several policies, and who is still in memory."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base.arguments import one_of, whole
from oslab.memory.demand_paging import simulate
from oslab.memory.traces.trace import Trace

__all__ = ["ScanResistance", "scan_contest"]

POLICIES = ("lru", "two_list", "mglru")


@dataclass(frozen=True, eq=False)
class ScanResistance:
    """What `scan_contest` returns.

    Attributes
    ----------
    runs : dict of str to Replacement
        By policy key, all over the same trace.
    focus : str
        The policy whose lists are drawn.
    hot : int
        Pages 0 … hot − 1 are the working set; the scan's pages come after them.
    scan : tuple of int
        First and last+1 reference of the scan.
    """

    runs: dict[str, Any]
    focus: str
    hot: int
    scan: tuple[int, int]

    @property
    def steps(self) -> int:
        """Number of references."""
        return next(iter(self.runs.values())).steps

    def resident(self, policy: str) -> np.ndarray:
        """Return how many pages of the working set are in memory after each step; int64, shape (steps + 1,)."""
        run = self.runs[policy]
        came = (~run.hit) & (run.trace.numbers < self.hot)
        went = (run.evicted >= 0) & (run.evicted < self.hot)
        return np.concatenate([[0], np.cumsum(came.astype(np.int64) - went)])

    def refaults(self, policy: str) -> int:
        """Return how often a page of the working set had to be read again."""
        run = self.runs[policy]
        return int(np.count_nonzero(~run.hit & (run.trace.numbers < self.hot))) - self.hot

    def why(self, step: int) -> str:
        """Return the reason of a step under the policy in focus."""
        return self.runs[self.focus].why(step)

    def state(self, step: int) -> Any:
        """Return the lists of the policy in focus after `step`."""
        return self.runs[self.focus].state(step)

    def table(self) -> list[dict[str, Any]]:
        """Return one row a policy."""
        return [
            {
                "policy": run.label,
                "faults": run.faults,
                "working set after the scan": int(self.resident(key)[self.scan[1]]),
                "refaults": self.refaults(key),
            }
            for key, run in self.runs.items()
        ]

    def __str__(self) -> str:
        return "; ".join(
            f"{row['policy']}: {row['working set after the scan']} of {self.hot} pages survive the scan, "
            f"{row['refaults']} refaults"
            for row in self.table()
        )


def scan_contest(
    hot: int = 8,
    frames: int = 14,
    scan: int = 24,
    rounds: int = 3,
    focus: str = "two_list",
    policies: tuple[str, ...] = POLICIES,
) -> ScanResistance:
    """Run a working set, a scan over pages used once, and the working set again, under several policies.

    Parameters
    ----------
    hot : int
        Pages of the working set, read in a loop.
    frames : int
        Memory, in pages.
    scan : int
        Pages that are read once each.
    rounds : int
        How often the working set is read before and after the scan.
    focus : str
        The policy whose lists are of interest.
    policies : tuple of str
        Which to run.

    Raises
    ------
    ValueError
        Fewer than one page, frame or round, or an unknown policy.

    Examples
    --------
    >>> scan_contest(hot=3, frames=6, scan=10).resident("lru")[-1]
    np.int64(3)
    """
    for name, value, least in (("hot", hot, 1), ("frames", frames, 1), ("rounds", rounds, 1), ("scan", scan, 0)):
        whole(name, value, least)
    one_of("focus", focus, policies)
    loop = np.tile(np.arange(hot), rounds)
    trace = Trace(np.concatenate([loop, np.arange(hot, hot + scan), loop]))
    runs = {policy: simulate(trace, policy, frames) for policy in policies}
    return ScanResistance(runs, focus, hot, (len(loop), len(loop) + scan))
