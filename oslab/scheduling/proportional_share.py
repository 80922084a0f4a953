"""How far a task's CPU time is from its due: lottery beside stride."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from oslab.scheduling.simulation import simulate
from oslab.scheduling.workload import Workload

__all__ = ["ShareErrors", "share_errors"]


@dataclass(frozen=True, eq=False)
class ShareErrors:
    """How far the first task's CPU time is from its due, over time, under several policies.

    Attributes
    ----------
    time : ndarray of float64, shape (k,)
        ms.
    errors : dict of str to ndarray of float64, shape (k,)
        By policy key: CPU time had less CPU time due, ms.
    share : float
        What is due: its tickets' share.
    quantum : float
        ms.
    """

    time: np.ndarray
    errors: dict[str, np.ndarray]
    share: float
    quantum: float

    def worst(self, policy: str) -> float:
        """Return the largest distance under a policy, ms."""
        return float(np.abs(self.errors[policy]).max())

    def __str__(self) -> str:
        return "; ".join(f"{key}: at most {self.worst(key):.3g} ms off" for key in self.errors)


def share_errors(tickets: int = 70, quantum: float = 10.0, seed: int = 1, until: float = 4000.0) -> ShareErrors:
    """Run two busy tasks, one with `tickets` of 100, by lottery and by stride, until `until` ms.

    Raises
    ------
    ValueError
        Tickets other than 1 to 99; times out of range.
    """
    if isinstance(tickets, bool) or not 1 <= tickets <= 99 or tickets != int(tickets):
        raise ValueError(f"tickets={tickets!r}: allowed are whole numbers from 1 to 99")
    work = Workload([0, 0], [until, until], tickets=[int(tickets), 100 - int(tickets)])
    time, found = np.linspace(0, until, 201), {}
    for key, more in (("lottery", {"seed": seed}), ("stride", {})):
        s = simulate(work, key, quantum=quantum, **more).slices
        edges = np.concatenate([[0.0], s.end])
        had = np.concatenate([[0.0], np.cumsum(np.where(s.task == 0, s.end - s.start, 0.0))])
        found[key] = np.interp(time, edges, had) - time * tickets / 100
    return ShareErrors(time, found, tickets / 100, float(quantum))
