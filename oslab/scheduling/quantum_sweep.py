"""Round robin with a range of quanta: turnaround, response and switching."""

import functools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Instance, Result, Several, checked, columns, quantity, real
from oslab.scheduling.policies.base import QUANTUM
from oslab.scheduling.simulation import simulate
from oslab.scheduling.workload import LONGEST, Workload

__all__ = ["QuantumSweep", "sweep_quantum"]

QUANTA = tuple(float(f"{0.25 * 2 ** (k / 2):.3g}") for k in range(21))
TURN = real(QUANTUM.low, QUANTUM.high, unit="ms")


@dataclass(frozen=True, eq=False)
class QuantumSweep(Result):
    """Round robin with a range of quanta.

    Attributes
    ----------
    quantum, turnaround, response, overhead : ndarray of float64, shape (k,)
        ms; mean turnaround, ms; 95th percentile of the response, ms; share of the CPU's time that goes into switches.
    chosen : float
        The quantum looked at, one of them.
    tasks : int
        How many requests.
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

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a quantum."""
        times = {"quantum, ms": self.quantum, "mean turnaround, ms": self.turnaround, "p95 response, ms": self.response}
        return columns({**times, "switching, %": 100 * self.overhead})

    def __str__(self) -> str:
        t, r, o = self.at(self.chosen)
        return (
            f"quantum {quantity(self.chosen, 'ms')}: mean turnaround {quantity(t, 'ms')}, p95 response "
            f"{quantity(r, 'ms')}, {quantity(100 * o, '%')} switching"
        )


@checked(
    workload=Instance(Workload), quantum=TURN, switch_cost=real(0, LONGEST), quanta=Several(TURN, least=0, most=200)
)
def sweep_quantum(
    workload: Workload, quantum: float = 4.0, switch_cost: float = 0.01, quanta: Sequence[float] = QUANTA
) -> QuantumSweep:
    """Run round robin with every one of `quanta`, and with `quantum`.

    Parameters
    ----------
    workload : Workload
        The tasks.
    quantum, switch_cost : float
        ms.
    quanta : sequence of float
        ms, at most 200.

    Raises
    ------
    ValueError
        Times out of range.
    """
    every = sorted({*quanta, quantum})
    turnaround, response, overhead = np.array([_run_quantum(workload, q, switch_cost) for q in every]).T
    return QuantumSweep(np.array(every), turnaround, response, overhead, quantum, len(workload), switch_cost)


@functools.lru_cache(maxsize=512)
def _run_quantum(workload: Workload, quantum: float, switch_cost: float) -> tuple[float, float, float]:
    """Mean turnaround, p95 response and overhead; kept, since a lab asks for the same ones while its quantum moves."""
    run = simulate(workload, "rr", quantum=quantum, switch_cost=switch_cost)
    lost = run.switching / max(run.busy + run.switching, 1e-12)
    return float(run.turnaround.mean()), float(np.percentile(run.response, 95)), lost
