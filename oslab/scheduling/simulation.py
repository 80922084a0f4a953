"""Scheduling: a policy run over a workload."""

from __future__ import annotations

from functools import partial
from typing import Any

from oslab._jit import warmer
from oslab.base import Entry, Instance, checked, choice, flag, integer, readable, real, shown
from oslab.scheduling.engine import FINISHED, MADE, State, grow, new_state
from oslab.scheduling.own_policy import entry_of
from oslab.scheduling.policies import POLICIES
from oslab.scheduling.schedule import Schedule
from oslab.scheduling.workload import LONGEST, MS, Workload, to_ns

__all__ = ["MOST_CPUS", "MOST_DECISIONS", "TIES", "SchedulingRun", "simulate"]

MOST_CPUS = 64
MOST_DECISIONS = 6_000_000
TIES = ("arrival_first", "expired_first")
ARGUMENTS = {
    "workload": Instance(Workload),
    "cpus": integer(1, MOST_CPUS),
    "switch_cost": real(0, LONGEST, unit="ms"),
    "tie": choice(TIES),
    "first_switch": flag(),
}


@checked(**ARGUMENTS)
def simulate(
    workload: Workload,
    policy: Any,
    *,
    cpus: int = 1,
    switch_cost: float = 0.0,
    tie: str = "arrival_first",
    first_switch: bool = False,
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
    first_switch : bool
        Whether a CPU's first turn costs a switch too, and counts as one.
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
    run = SchedulingRun(
        workload, policy, cpus=cpus, switch_cost=switch_cost, tie=tie, first_switch=first_switch, **options
    )
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

    @checked(**ARGUMENTS)
    def __init__(
        self,
        workload: Workload,
        policy: Any,
        *,
        cpus: int = 1,
        switch_cost: float = 0.0,
        tie: str = "arrival_first",
        first_switch: bool = False,
        **options: Any,
    ):
        self.entry: Entry = POLICIES[policy] if isinstance(policy, str) else entry_of(policy)
        self.options = self.entry.options(options)
        self.workload, self.rules = workload, self.entry.implementation
        self.cpus, self.tie, self.first_switch = cpus, tie, first_switch
        self.cost = to_ns("switch_cost", switch_cost)
        self._check_grain()
        own = self.rules.start(workload, cpus, **self.options)
        rows = 2 * len(workload) + len(workload.parts) + 64
        tasks = workload.ready_ns, workload.first, workload.parts, workload.info
        late = tie == "expired_first"
        self.state: State = new_state(*tasks, cpus, self.cost, late, first_switch, own, rows)

    def _check_grain(self) -> None:
        grain, total = self.options.get(self.rules.grain), float(self.workload.burst_ns.sum(dtype=float)) / MS
        grains = [one for one in (grain if isinstance(grain, tuple) else (grain,)) if one]
        if grains and total / min(grains) > MOST_DECISIONS:
            raise ValueError(
                f"{self.rules.grain}={shown(grain)}: with bursts of {readable(total)} ms in all allowed are "
                f"numbers from {readable(total / MOST_DECISIONS)} ms up"
            )

    @property
    def finished(self) -> bool:
        """Whether every task is done."""
        return bool(self.state.g[FINISHED] == len(self.workload))

    @property
    def made(self) -> int:
        """Decisions so far."""
        return int(self.state.g[MADE])

    @checked(decisions=integer(0))
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
                raise ValueError(
                    f"policy={shown(self.entry.key)}: it leaves every CPU idle for ever while tasks are ready"
                )
        return self.made

    def result(self) -> Schedule:
        """Return what has been done; every task must be done."""
        made = self.made
        turns, marks = self.state.turns[:made], self.state.marks[:made]
        entry, cost = self.entry, self.cost / MS
        return Schedule(
            self.workload, entry.key, entry.label, self.options, self.cpus, cost, self.tie, turns, marks, self
        )

    def again(self) -> SchedulingRun:
        """Return the same run, not yet begun."""
        policy, cost = self.rules.origin or self.entry.key, self.cost / MS
        given = {"cpus": self.cpus, "switch_cost": cost, "tie": self.tie, "first_switch": self.first_switch}
        return SchedulingRun(self.workload, policy, **given, **self.options)


def _warm(key: str) -> None:
    simulate(Workload([0, 1, 2], [[3, 1, 2], 4, 1]), key, cpus=2).why(2)


for _key in POLICIES:
    warmer(1 if _key == "rr" else 2)(partial(_warm, _key))
