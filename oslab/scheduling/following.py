"""A schedule followed decision by decision: the policy's own numbers at each; shares over time; one quantum after the other."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.scheduling.schedule import Schedule
from oslab.scheduling.simulation import simulate
from oslab.scheduling.workload import Workload, in_ms

__all__ = ["Followed", "Pair", "QuantumSweep", "ShareErrors", "beside", "follow", "share_errors", "sweep_quantum"]

MOST = 20_000
QUANTA = tuple(float(f"{0.25 * 2 ** (k / 2):.3g}") for k in range(21))


@dataclass(frozen=True, eq=False)
class Followed:
    """A schedule, and what its policy knew of every task at every decision; n tasks, k decisions.

    Attributes
    ----------
    schedule : Schedule
    time : ndarray of float64, shape (k,)
        When each decision was made, ms.
    values : ndarray of float64, shape (k, n)
        `name` of each task right after each decision, NaN before it came and once it is done.
    name : str
        ``"vruntime"`` (ms) or ``"queue"`` (1 is the top).
    """

    schedule: Schedule
    time: np.ndarray
    values: np.ndarray
    name: str

    @property
    def steps(self) -> int:
        """Number of decisions."""
        return len(self.time)

    def why(self, step: int) -> str:
        """Return the reason of a decision."""
        return self.schedule.why(step)

    def shares(self, step: int, together: bool = False) -> np.ndarray:
        """Return each task's share of the CPU time given out until a decision; float64, shape (n,).

        With `together` only the time counts in which all tasks are there and none is done; before it, all time.
        """
        given, until, since = np.zeros(len(self.schedule.names)), self.until(step), 0.0
        if together and until > self.schedule.workload.arrival.max():
            since, until = (
                float(self.schedule.workload.arrival.max()),
                min(until, float(self.schedule.completion.min())),
            )
        s = self.schedule.slices
        np.add.at(given, s.task, np.maximum(0.0, np.minimum(s.end, until) - np.maximum(s.start, since)))
        return given / max(given.sum(), 1e-12)

    def until(self, step: int) -> float:
        """Return when the decision after `step` is made, ms: how far the picture goes."""
        return float(self.time[step]) if step < self.steps else self.schedule.makespan

    def __str__(self) -> str:
        return f"{self.schedule}, followed by {self.name}"


def follow(schedule: Schedule) -> Followed:
    """Run a schedule of `cfs`, `eevdf` or `mlfq` again, and note its tasks' vruntime, or queue, at each decision.

    Raises
    ------
    ValueError
        Another policy, or more than 20 000 decisions.
    """
    columns = {
        "cfs": lambda own: in_ms(own.v),
        "eevdf": lambda own: in_ms(own.tasks[:, 0]),
        "mlfq": lambda own: own.level + 1.0,
    }
    if schedule.policy not in columns:
        raise ValueError(
            f"schedule: {schedule.label} has neither vruntimes nor queues; allowed are cfs, eevdf and mlfq"
        )
    if schedule.steps > MOST:
        raise ValueError(f"schedule: {schedule.steps} decisions; allowed are up to {MOST}")
    run, rows = schedule.run.again(), []
    for k in range(schedule.steps):
        run.advance(k + 1 - run.made)
        rows.append(np.array(columns[schedule.policy](run.state.own), np.float64))
    time, values = schedule.decided, np.array(rows)
    values[time[:, None] < schedule.workload.arrival[None, :]] = np.nan
    values[time[:, None] >= schedule.completion[None, :]] = np.nan
    return Followed(schedule, time, values, "queue" if schedule.policy == "mlfq" else "vruntime")


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
        rows.append(_one_quantum(workload, q, switch_cost))
    turnaround, response, overhead = np.array(rows).T
    return QuantumSweep(every, turnaround, response, overhead, float(quantum), len(workload), float(switch_cost))


@functools.lru_cache(maxsize=512)
def _one_quantum(workload: Workload, quantum: float, switch_cost: float) -> tuple[float, float, float]:
    """Mean turnaround, p95 response and overhead; kept, since a lab asks for the same ones while its quantum moves."""
    run = simulate(workload, "rr", quantum=quantum, switch_cost=switch_cost)
    lost = run.switching / max(run.busy + run.switching, 1e-12)
    return float(run.turnaround.mean()), run.percentile("response", 95), lost


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


@dataclass(frozen=True, eq=False)
class Pair:
    """One workload under two policies, the second one to be stepped through."""

    first: Schedule
    second: Schedule

    @property
    def steps(self) -> int:
        """Decisions of the second."""
        return self.second.steps

    def why(self, step: int) -> str:
        """Return the reason of a decision of the second."""
        return self.second.why(step)

    def __str__(self) -> str:
        return f"{self.first}\n{self.second}"


def beside(workload: Workload, first: str = "cfs", second: str = "eevdf", **options: Any) -> Pair:
    """Run a workload under two policies, with the same options."""
    return Pair(simulate(workload, first, **options), simulate(workload, second, **options))
