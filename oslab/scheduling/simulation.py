"""Scheduling: a policy run over a workload."""

from __future__ import annotations

from typing import Any

import numpy as np

from oslab._jit import warmer
from oslab.base.registry import Entry
from oslab.scheduling.engine import FINISHED, MADE, State, grow, new_state
from oslab.scheduling.policies import POLICIES
from oslab.scheduling.schedule import Schedule
from oslab.scheduling.workload import MS, Workload, to_ns

__all__ = ["MOST_CPUS", "MOST_DECISIONS", "TIES", "SchedulingRun", "simulate"]

MOST_CPUS = 64
MOST_DECISIONS = 6_000_000
TIES = ("arrival_first", "expired_first")


def simulate(
    workload: Workload,
    policy: Any,
    *,
    cpus: int = 1,
    switch_cost: float = 0.0,
    tie: str = "arrival_first",
    **options: Any,
) -> Schedule:
    """Run a scheduling policy over a workload, until every task is done.

    Parameters
    ----------
    workload : Workload
    policy : str or class
        A key of `POLICIES`, or a policy of one's own (see `oslab.scheduling.own_policy`).
    cpus : int
        1 to 64.
    switch_cost : float
        ms that a CPU loses when it goes over to another task than it ran last; charged to no task.
    tie : {'arrival_first', 'expired_first'}
        Who queues first when a task comes at the instant at which another's turn ends.
    **options
        The policy's own, as `POLICIES` lists them.

    Returns
    -------
    Schedule
        Who ran where and when, each task's times, and the reason of every decision.

    Raises
    ------
    ValueError
        An unknown policy; a number out of range; a quantum so short that there would be more than 6 million decisions.
    TypeError
        An option that the policy does not have, or an argument of a wrong type.

    Notes
    -----
    Exact: the engine counts whole nanoseconds.  A run of d decisions over n tasks costs d steps, each as dear as the
    policy's queue: O(1) for a ring, O(log n) for a heap or tree.

    Examples
    --------
    >>> print(simulate(Workload([0, 1, 2], [6, 2, 4]), "rr", quantum=2))
    Round robin, quantum=2.0: 3 tasks on 1 CPU done at 12 ms; mean turnaround 8 ms, response 1.67 ms, 5 switches
    """
    run = SchedulingRun(workload, policy, cpus=cpus, switch_cost=switch_cost, tie=tie, **options)
    while not run.finished:
        run.advance(MOST_DECISIONS)
    return run.result()


class SchedulingRun:
    """A run that can be taken in steps of so many decisions; arguments as in `simulate`.

    Attributes
    ----------
    state : State
        The engine's, to look at.
    """

    def __init__(
        self,
        workload: Workload,
        policy: Any,
        *,
        cpus: int = 1,
        switch_cost: float = 0.0,
        tie: str = "arrival_first",
        **options: Any,
    ):
        if not isinstance(workload, Workload):
            raise TypeError(f"workload={workload!r}: a Workload is needed")
        self.entry: Entry = POLICIES[policy] if isinstance(policy, str) else _own_entry(policy)
        self.options = self.entry.options(options)
        self.workload, self.rules = workload, self.entry.implementation
        self.cpus, self.tie = _checked_cpus(cpus), tie
        if tie not in TIES:
            raise ValueError(f"tie={tie!r}: allowed are {', '.join(map(repr, TIES))}")
        self.cost = to_ns("switch_cost", switch_cost)
        self._check_grain()
        own = self.rules.start(workload, self.cpus, **self.options)
        rows = 2 * len(workload) + len(workload.parts) + 64
        self.state: State = new_state(
            workload.arrival_ns,
            workload.first,
            workload.parts,
            workload.info,
            self.cpus,
            self.cost,
            tie == "expired_first",
            own,
            rows,
        )

    def _check_grain(self) -> None:
        grain = self.options.get(self.rules.grain)
        if grain and self.workload.burst_ns.sum() / (grain * MS) > MOST_DECISIONS:
            raise ValueError(
                f"{self.rules.grain}={grain!r}: with bursts of {self.workload.burst.sum():g} ms in all allowed are "
                f"numbers from {self.workload.burst.sum() / MOST_DECISIONS:.3g} ms up"
            )

    @property
    def finished(self) -> bool:
        """Whether every task is done."""
        return bool(self.state.g[FINISHED] == len(self.workload))

    @property
    def made(self) -> int:
        """Decisions so far."""
        return int(self.state.g[MADE])

    def advance(self, decisions: int) -> int:
        """Make up to `decisions` more; return how many are made in all.

        Raises
        ------
        ValueError
            More than 6 million in all.
        """
        target = self.made + decisions
        while not self.finished and self.made < target:
            if self.made == len(self.state.turns):
                if self.made > MOST_DECISIONS:
                    raise ValueError(
                        f"more than {MOST_DECISIONS} decisions: allowed are fewer, by longer turns or fewer tasks"
                    )
                self.state = grow(self.state)
            before = self.made, int(self.state.g[FINISHED])
            self.rules.loop(self.state, min(target, len(self.state.turns)) - self.made)
            if before == (self.made, int(self.state.g[FINISHED])):
                raise ValueError(f"policy={self.entry.key!r}: it leaves every CPU idle for ever while tasks are ready")
        return self.made

    def result(self) -> Schedule:
        """Return what has been done; every task must be done."""
        made = self.made
        turns, marks = self.state.turns[:made], self.state.marks[:made]
        return Schedule(
            self.workload,
            self.entry.key,
            self.entry.label,
            self.options,
            self.cpus,
            self.cost / MS,
            self.tie,
            turns,
            marks,
            self,
        )

    def again(self) -> SchedulingRun:
        """Return the same run, not yet begun."""
        policy = self.rules.origin or self.entry.key
        return SchedulingRun(
            self.workload, policy, cpus=self.cpus, switch_cost=self.cost / MS, tie=self.tie, **self.options
        )


def _own_entry(policy: Any) -> Entry:
    from oslab.scheduling.own_policy import entry_of

    return entry_of(policy)


def _checked_cpus(cpus: Any) -> int:
    allowed = f"allowed are whole numbers from 1 to {MOST_CPUS}"
    if isinstance(cpus, (bool, np.bool_)) or not hasattr(cpus, "__float__"):
        raise TypeError(f"cpus={cpus!r}: {allowed}")
    if not 1 <= cpus <= MOST_CPUS or cpus != int(cpus):
        raise ValueError(f"cpus={cpus!r}: {allowed}")
    return int(cpus)


@warmer
def _warm() -> None:
    workload = Workload([0, 1, 2], [[3, 1, 2], 4, 1])
    for key in POLICIES:
        simulate(workload, key, cpus=2).why(2)
