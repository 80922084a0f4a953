"""The red-black tree of `cfs` or `eevdf` at an instant, with the rotations that led there, for drawing."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Instance, Result, checked, columns, integer
from oslab.scheduling import Schedule, red_black_tree
from oslab.scheduling.engine import TASK
from oslab.scheduling.workload import in_ms, say_ms

__all__ = ["Tree", "tree_at"]

ROOM = 4096


@dataclass(frozen=True, eq=False)
class Tree(Result):
    """A run queue's tree right after a decision; a row a task, from left to right; n tasks.

    Attributes
    ----------
    task : ndarray of int64, shape (n,)
        Numbers of tasks.
    key : ndarray of float64, shape (n,)
        What it is ordered by, ms: vruntime for `cfs`, virtual deadline for `eevdf`.
    depth, parent : ndarray of int64, shape (n,)
        0 is the root's depth; `parent` is a row, -1 for the root.
    red : ndarray of bool, shape (n,)
        Whether a node is red; else it is black.
    running : int
        The task that runs, which is not in the tree; -1 for none.
    rotations : tuple of (int, str)
        Since the decision before: the task that was turned down, and ``"left"`` or ``"right"``.
    names : tuple of str
        Of all tasks.
    """

    task: np.ndarray
    key: np.ndarray
    depth: np.ndarray
    parent: np.ndarray
    red: np.ndarray
    running: int
    rotations: tuple[tuple[int, str], ...]
    names: tuple[str, ...]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a task, from left to right."""
        above = ["-" if parent < 0 else self.names[self.task[parent]] for parent in self.parent]
        colours = ["red" if red else "black" for red in self.red]
        known = {"task": [self.names[task] for task in self.task], "key, ms": self.key, "colour": colours}
        return columns({**known, "depth": self.depth, "below": above})

    def __str__(self) -> str:
        inside = ", ".join(
            f"{self.names[task]} {say_ms(key)}{' red' * red}"
            for task, key, red in zip(self.task.tolist(), self.key.tolist(), self.red.tolist())
        )
        turned = ", ".join(f"{self.names[task]} to the {side}" for task, side in self.rotations)
        return f"from left to right: {inside or 'no task'}" + (f"; rotated: {turned}" if turned else "")

    __repr__ = __str__


@checked(schedule=Instance(Schedule), step=integer(0), cpu=integer(0))
def tree_at(schedule: Schedule, step: int, cpu: int = 0) -> Tree:
    """Return a CPU's tree after `step` decisions, got by running the same loop again.

    Parameters
    ----------
    schedule : Schedule
        Of `cfs` or `eevdf`.
    step : int
        0 to ``schedule.steps``; 0 is the empty tree.
    cpu : int
        Whose tree.

    Raises
    ------
    ValueError
        Another policy, a step or a CPU that is not there.

    Examples
    --------
    >>> from oslab.scheduling import Workload, simulate
    >>> print(tree_at(simulate(Workload([0, 0, 0, 0], [9, 9, 9, 9]), "cfs"), 1))
    from left to right: B 0, C 0, D 0 red; turned: A to the left
    """
    if schedule.policy not in ("cfs", "eevdf"):
        raise ValueError(f"schedule: {schedule.label} keeps no tree; allowed are schedules of cfs and eevdf")
    cpu = integer(0, schedule.cpus - 1).check("cpu", cpu)
    step = schedule._step(step, 0)
    run = schedule.run.again()
    run.state = run.state._replace(own=run.state.own._replace(heads=red_black_tree.new_heads(schedule.cpus, ROOM)))
    own = run.state.own
    if step:
        run.advance(step - 1)
        own.heads[:, red_black_tree.NOTED] = 0
        run.advance(1)
    rows = red_black_tree.shape(own.table, own.heads, cpu)
    place = {node: k for k, (node, *_) in enumerate(rows)}
    place[0] = -1
    noted = own.heads[cpu, red_black_tree.NOTES : red_black_tree.NOTES + own.heads[cpu, red_black_tree.NOTED]].tolist()
    return Tree(
        np.array([node - 1 for node, *_ in rows], np.int64),
        in_ms(np.array([int(own.table[node].key) for node, *_ in rows], np.int64)),
        np.array([depth for _, depth, *_ in rows], np.int64),
        np.array([place[up] for _, _, up, _ in rows], np.int64),
        np.array([red for *_, red in rows], bool),
        int(run.state.cpu[cpu, TASK]) if step else -1,
        tuple((abs(node) - 1, "left" if node > 0 else "right") for node in noted),
        schedule.names,
    )
