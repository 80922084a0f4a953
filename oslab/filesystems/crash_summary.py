"""All scenarios in all modes, every crash of each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oslab.base.arguments import checked, choice, flag
from oslab.base.result import Result
from oslab.filesystems.crash import SAFE, VERDICTS, check
from oslab.filesystems.crash_scenarios import SCENARIOS
from oslab.filesystems.disk import LAYOUTS, Geometry
from oslab.filesystems.journal import COMMITS, MODES

__all__ = ["CrashSummary", "check_all"]


@dataclass(frozen=True, eq=False)
class CrashSummary(Result):
    """What `check_all` returns: counts of verdicts by scenario and mode."""

    scenarios: tuple[str, ...]
    labels: tuple[str, ...]
    modes: tuple[str, ...]
    counts: dict[tuple[str, str], Counter[str]]

    @property
    def crashes(self) -> int:
        """How many crashes were tried."""
        return sum(c.total() for c in self.counts.values())

    def bad(self, mode: str) -> int:
        """Return how many crashes of a mode end otherwise than before, after or between operations."""
        mode = choice(self.modes).check("mode", mode)
        return sum(n for (_, m), c in self.counts.items() for v, n in c.items() if m == mode and v not in SAFE)

    def worst(self, mode: str) -> str:
        """Return the worst verdict in a mode, "nothing wrong" if all are fine."""
        mode = choice(self.modes).check("mode", mode)
        found = {v for (_, m), c in self.counts.items() if m == mode for v in c}
        worst = max(found, key=VERDICTS.index)
        return "nothing wrong" if worst in SAFE else worst

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a scenario."""
        for s, label in zip(self.scenarios, self.labels):
            yield {"operation": label} | {
                m: ", ".join(f"{n} {v}" for v, n in self.counts[s, m].items()) for m in self.modes
            }

    def __str__(self) -> str:
        return "; ".join(f"{mode}: {self.worst(mode)}" for mode in self.modes)


@checked(commit=choice(COMMITS), revoke=flag(), layout=choice(LAYOUTS))
def check_all(commit: str = "barrier", revoke: bool = True, layout: str = "pointers") -> CrashSummary:
    """Crash every scenario in every mode in every way.

    Parameters
    ----------
    commit : {'barrier', 'checksum', 'neither'}
    revoke : bool
    layout : {'pointers', 'extents'}
        Of the inodes.

    Raises
    ------
    TypeError, ValueError
        Another commit or layout.
    """
    keys = tuple(SCENARIOS)
    counts = {(s, m): check(s, m, commit, revoke, geometry=Geometry(layout=layout)).counts for s in keys for m in MODES}
    return CrashSummary(keys, tuple(SCENARIOS[s].label for s in keys), MODES, counts)
