"""The difference between a task's CPU time and its due share: lottery beside stride."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import SEED, Result, checked, integer, quantity, real
from oslab.scheduling import Workload, simulate

__all__ = ["ShareErrors", "share_errors"]


@dataclass(frozen=True, eq=False)
class ShareErrors(Result):
    """The first task's CPU time minus its due share, over time, under several policies.

    Attributes
    ----------
    time, errors : dict of str to ndarray of float64, shape (k,)
        By policy key: 0 and the end of every turn, ms; CPU time had until then less CPU time due, ms.  In between the
        error is a straight line.
    share : float
        What is due: its tickets' share.
    quantum : float
        ms.
    """

    time: dict[str, np.ndarray]
    errors: dict[str, np.ndarray]
    share: float
    quantum: float

    def worst(self, policy: str) -> float:
        """Return the largest absolute difference under a policy, ms."""
        return float(np.abs(self.errors[policy]).max())

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a policy."""
        for key in self.errors:
            yield {"policy": key, "largest error, ms": self.worst(key), "in quanta": self.worst(key) / self.quantum}

    def __str__(self) -> str:
        return "; ".join(f"{key}: at most {quantity(self.worst(key), 'ms')} off" for key in self.errors)


@checked(tickets=integer(1, 99), quantum=real(0.1, 1000.0), seed=SEED, until=real(1, 100_000))
def share_errors(tickets: int = 70, quantum: float = 10.0, seed: int = 1, until: float = 4000.0) -> ShareErrors:
    """Run two busy tasks, one with `tickets` of 100, by lottery and by stride, until `until` ms.

    Parameters
    ----------
    tickets : int
        1 to 99.
    quantum : float
        0.1 to 1000 ms.
    seed : int
        Of the lottery's draws.
    until : float
        1 to 100 000 ms.

    Raises
    ------
    ValueError, TypeError
        Numbers out of range.
    """
    work = Workload([0, 0], [until, until], tickets=[tickets, 100 - tickets])
    time, errors = {}, {}
    for key, more in (("lottery", {"seed": seed % 1_000_001}), ("stride", {})):
        s = simulate(work, key, quantum=quantum, **more).slices
        edges = np.concatenate([[0.0], s.end])
        had = np.concatenate([[0.0], np.cumsum(np.where(s.task == 0, s.end - s.start, 0.0))])
        # Until then both have something left to do: one task's burst is as long as the whole span.
        time[key] = np.append(edges[edges < until], until)
        errors[key] = np.interp(time[key], edges, had) - time[key] * tickets / 100
    return ShareErrors(time, errors, tickets / 100, quantum)
