"""Round robin under one quantum after the other: what a quantum is worth."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from oslab.scheduling.simulation import simulate
from oslab.scheduling.workload import Workload

__all__ = ["QuantumSweep", "sweep_quantum"]

QUANTA = tuple(float(f"{0.25 * 2 ** (k / 2):.3g}") for k in range(21))


@dataclass(frozen=True, eq=False)
class QuantumSweep:
    """Round robin under one quantum after the other.

    Attributes
    ----------
    quantum, turnaround, response, overhead : ndarray of float64, shape (k,)
        ms; mean turnaround, ms; 95th percentile of the response, ms; share of the CPU's time that goes into switches.
    chosen : float
        The quantum looked at, one of them.
    tasks : int
    switch_cost : float
        ms.
    """

    quantum: np.ndarray
    turnaround: np.ndarray
    response: np.ndarray
    overhead: np.ndarray
    chosen: float
    tasks: int
    switch_cost: float

    def at(self, quantum: float) -> tuple[float, float, float]:
        """Return turnaround, response and overhead at one of the quanta."""
        k = int(np.argmin(np.abs(self.quantum - quantum)))
        return float(self.turnaround[k]), float(self.response[k]), float(self.overhead[k])

    def __str__(self) -> str:
        t, r, o = self.at(self.chosen)
        return f"quantum {self.chosen:g} ms: mean turnaround {t:.4g} ms, p95 response {r:.3g} ms, {100 * o:.3g} % switching"


def sweep_quantum(
    workload: Workload, quantum: float = 4.0, switch_cost: float = 0.01, quanta: Sequence[float] = QUANTA
) -> QuantumSweep:
    """Run round robin with every one of `quanta`, and with `quantum`.

    Parameters
    ----------
    workload : Workload
    quantum, switch_cost : float
        ms.
    quanta : sequence of float
        ms.

    Raises
    ------
    ValueError
        Times out of range.
    """
    every = np.array(sorted({*map(float, quanta), float(quantum)}))
    rows = []
    for q in every.tolist():
        rows.append(_run_quantum(workload, q, switch_cost))
    turnaround, response, overhead = np.array(rows).T
    return QuantumSweep(every, turnaround, response, overhead, float(quantum), len(workload), float(switch_cost))


@functools.lru_cache(maxsize=512)
def _run_quantum(workload: Workload, quantum: float, switch_cost: float) -> tuple[float, float, float]:
    """Mean turnaround, p95 response and overhead; kept, since a lab asks for the same ones while its quantum moves."""
    run = simulate(workload, "rr", quantum=quantum, switch_cost=switch_cost)
    lost = run.switching / max(run.busy + run.switching, 1e-12)
    return float(run.turnaround.mean()), run.percentile("response", 95), lost
