"""A scan against a working set: the same references under several policies, and which pages are still in memory."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Several, Stepped, checked, choice, integer, plural
from oslab.memory import POLICIES as KNOWN, Trace, simulate
from oslab.memory.replacement.base import Snapshot
from oslab.memory.replacement.result import Replacement

__all__ = ["ScanResistance", "scan_contest"]

POLICIES = ("lru", "two_list", "mglru")


@dataclass(frozen=True, eq=False)
class ScanResistance(Stepped):
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

    runs: dict[str, Replacement]
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

    def _replayed(self, step: int) -> Snapshot:
        return self.runs[self.focus].state(step)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a policy."""
        for key, run in self.runs.items():
            yield {
                "policy": run.label,
                "faults": run.faults,
                "working set after the scan": int(self.resident(key)[self.scan[1]]),
                "refaults": self.refaults(key),
            }

    def __str__(self) -> str:
        return "; ".join(
            f"{row['policy']}: {row['working set after the scan']} of {plural(self.hot, 'page')} survive the scan, "
            f"{plural(row['refaults'], 'refault')}"
            for row in self.rows()
        )


@checked(
    hot=integer(1, 1000),
    frames=integer(1, 10_000),
    scan=integer(0, 10_000),
    rounds=integer(1, 100),
    policies=Several(choice(KNOWN), most=20),
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
        Pages of the working set, read in a loop; 1 to 1000.
    frames : int
        Memory, in pages; 1 to 10 000.
    scan : int
        Pages that are read once each; up to 10 000.
    rounds : int
        How often the working set is read before and after the scan; 1 to 100.
    focus : str
        The policy whose lists are of interest.
    policies : tuple of str
        Which to run.

    Raises
    ------
    ValueError
        A number out of range, or an unknown policy.

    Examples
    --------
    >>> scan_contest(hot=3, frames=6, scan=10).resident("lru")[-1]
    np.int64(3)
    """
    choice(policies).check("focus", focus)
    loop = np.tile(np.arange(hot), rounds)
    trace = Trace(np.concatenate([loop, np.arange(hot, hot + scan), loop]))
    runs = {policy: simulate(trace, policy, frames) for policy in policies}
    return ScanResistance(runs, focus, hot, (len(loop), len(loop) + scan))
