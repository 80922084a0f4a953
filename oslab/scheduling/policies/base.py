"""What a scheduling policy is made of, and the registry that menus, tables and tests walk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from oslab.base import Parameter, Registry
from oslab.scheduling import heap
from oslab.scheduling.engine import State
from oslab.scheduling.workload import Workload, say_ms

__all__ = ["EQUALS", "POLICIES", "QUANTUM", "Decision", "Policy", "Queue"]

POLICIES = Registry("policy")
QUANTUM = Parameter(
    4.0,
    low=0.0625,
    high=1024.0,
    unit="ms",
    log=True,
    help="the longest time that a task runs before the next one's turn",
)
EQUALS = Parameter(
    "first",
    choices=heap.EQUALS,
    help="which of two equal tasks runs first: the one ready first, the last to arrive (it preempts), or the first in the list",
)


@dataclass(frozen=True)
class Queue:
    """What a policy knows, as the learner sees it.

    Attributes
    ----------
    ready : list of int
        The tasks that are ready and do not run, the next one to run first.
    values : dict of str to dict of int to float
        What is known of tasks, by name; times in ms.
    numbers : dict of str to float
        What is known of the whole.
    """

    ready: list[int]
    values: Mapping[str, Mapping[int, float]] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Policy:
    """A scheduling policy: what is registered under its key.

    Attributes
    ----------
    start : callable
        ``start(workload, cpus, **options)`` returns the policy's own part of the state.
    loop : kernel
        The engine's loop, bound to the policy's hooks.
    describe : callable
        ``describe(state)`` returns a `Queue`.
    reason : callable
        ``reason(decision)`` returns why the task was picked.
    grain : str
        The option (ms) that says how often the engine must look, if there is one.
    origin : class, optional
        The learner's, if it is one's own.
    """

    start: Callable[..., Any]
    loop: Callable[[State, int], int]
    describe: Callable[[State], Queue]
    reason: Callable[[Decision], str]
    grain: str = ""
    origin: Any = None


@dataclass(frozen=True)
class Decision:
    """The instant of a decision.

    Attributes
    ----------
    step : int
        Of the decision, from 1.
    task, cpu : int
        What was picked, and for which CPU.
    time : float
        ms.
    queue : Queue
        Right after the pick.
    names : tuple of str
    workload : Workload
    options : dict
    since : callable
        ``since(task)``: when the task was queued last, ms.
    """

    step: int
    task: int
    cpu: int
    time: float
    queue: Queue
    names: tuple[str, ...]
    workload: Workload
    options: Mapping[str, Any]
    since: Callable[[int], float]

    @property
    def name(self) -> str:
        """Of the task that was picked."""
        return self.names[self.task]

    def first_in(self) -> str:
        """Return the reason of a queue: who stands first, since when."""
        rivals = self.queue.ready
        text = f"{self.name} is first in the queue, waiting since {say_ms(self.since(self.task))} ms"
        return text + (
            f"; {self.names[rivals[0]]} has waited since {say_ms(self.since(rivals[0]))} ms."
            if rivals
            else "; no other task is ready."
        )

    def least(
        self,
        values: Mapping[int, Any],
        says: str,
        and_says: str = "",
        tie: str = "",
        rivals: Iterable[int] | None = None,
        nearest: Callable[..., int] = min,
    ) -> str:
        """Return the reason of a rule that picks the least value, or the largest.

        Parameters
        ----------
        values : dict of int to number
            Of each task that could have been picked.
        says, and_says : str
            The value in words, with one ``{}``: of the task picked, and of the one that came nearest.
        tie : str
            Why the pick goes before one with the same value.
        rivals : iterable of int, optional
            The tasks that could have been picked instead; the queue if not given.
        nearest : {min, max}
            Which value is best.
        """
        text = f"{self.name} {says.format(say_ms(values[self.task]))}"
        others = list(self.queue.ready if rivals is None else rivals)
        if not others:
            return text + "; no other task is ready."
        rival = nearest(others, key=values.__getitem__)
        text += f"; {self.names[rival]} {(and_says or says).format(say_ms(values[rival]))}"
        return text + (f", but {tie}." if tie and values[rival] == values[self.task] else ".")
