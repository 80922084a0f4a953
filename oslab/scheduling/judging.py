"""Laws that every scheduling policy obeys, tried on the learner's own; the smallest workload that breaks one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement, product
from typing import Any

import numpy as np

from oslab.scheduling.own import BrokenPolicy, entry_of, label_of
from oslab.scheduling.schedule import Schedule
from oslab.scheduling.simulation import simulate
from oslab.scheduling.workload import Workload

__all__ = ["Judgement", "judge", "small_workloads"]

TASKS, LAST, BURSTS, CPUS = 3, 2, ([1], [2], [3], [1, 1, 1]), (1, 2)
LONGER, LONG = 12, 8
LAWS = {
    "only a task that is ready can run": "pick returns one of the tasks that are ready",
    "never idle while a task is ready": "pick returns a task whenever one is ready",
    "the quantum is a time above 0": "quantum is None, or a number of ms",
    "its code runs": "its hooks raise no error",
    "same tasks, same schedule": "the same workload gives the same schedule again",
}


@dataclass(frozen=True)
class Judgement:
    """What `judge` found.

    Attributes
    ----------
    policy : str
        Its name on screen.
    broken : str
        The law that is broken, or ''.
    workload : Workload or None
        The smallest one that breaks it.
    cpus : int
        On how many CPUs; 0 if no law is broken.
    message : str
        What happened there.
    runs : int
        How many workloads were tried.
    laws : dict of str to str
        Each law, and what it means.
    """

    policy: str
    broken: str
    workload: Workload | None
    cpus: int
    message: str
    runs: int
    laws: dict[str, str]

    @property
    def lawful(self) -> bool:
        """Whether every law held."""
        return not self.broken

    def table(self) -> list[dict[str, Any]]:
        """Return one row a law; after the first that is broken the others are not known."""
        return [{"law": law, "means": means, "holds": "no" if law == self.broken else "yes" if self.lawful else "-"}
                for law, means in self.laws.items()]

    def __str__(self) -> str:
        if self.lawful:
            return f"{self.policy} keeps all {len(self.laws)} laws in {self.runs} runs."
        return (f"{self.policy} breaks a law: {self.broken}. The smallest workload, on {self.cpus} CPU{'s' * (self.cpus != 1)}: "
                f"{self.workload}.\n{self.message}")

    __repr__ = __str__


def small_workloads() -> Iterator[tuple[list[int], list[list[int]]]]:
    """Yield (arrivals, bursts) of every small workload, the one with the fewest tasks and the least work first."""
    for n in range(1, TASKS + 1):
        yield from sorted(((list(at), list(bursts)) for at in combinations_with_replacement(range(LAST + 1), n)
                           for bursts in product(BURSTS, repeat=n)), key=lambda one: (sum(map(sum, one[1])), max(one[0])))


def judge(policy: type, like: str = "", **options: Any) -> Judgement:
    """Try a policy on every small workload, then on longer ones, and tell which law it breaks first.

    Parameters
    ----------
    policy : class
        The learner's own.
    like : str, optional
        The key of a built-in policy that it should equal: then one more law is that both give the same schedule.
    **options
        The built-in one's own, such as ``quantum=4``.

    Returns
    -------
    Judgement
        Prints as a sentence, with the smallest workload that breaks a law.

    Raises
    ------
    TypeError
        A class without the methods `arrive`, `pick`, `ran`.
    ValueError
        An unknown built-in policy, or an option that it does not take.

    Notes
    -----
    All workloads of up to 3 tasks that arrive within 2 ms, with bursts of up to 3 ms or I/O, on 1 and 2 CPUs, smallest
    first, so the first that fails is a smallest one; then 12 seeded workloads of 8 tasks, of which one that fails is cut
    down.  Only who runs when is compared, not where one turn ends and the next begins.

    Examples
    --------
    >>> class Forgetful:
    ...     def arrive(self, task, now): self.last = task
    ...     def pick(self, now): return self.last
    ...     def ran(self, task, ms, now): pass
    >>> judgement = judge(Forgetful)
    >>> judgement.broken, judgement.workload
    ('only a task that is ready can run', A: arrives at 0, CPU 1, nice 0; B: arrives at 0, CPU 1, nice 0 (ms))
    """
    entry_of(policy)
    laws = dict(LAWS)
    if like:
        simulate(Workload([0], [1]), like, **options)
        laws["the same schedule as " + label_of(like)] = "the same tasks run at the same times"
    name, runs = label_of(policy), 0
    tried = [(Workload(*one), cpus) for one in small_workloads() for cpus in CPUS]
    for workload, cpus in tried:
        runs += 1
        if (found := _breach(policy, workload, cpus, like, options)) is not None:
            return Judgement(name, found[0], workload, cpus, found[1], runs, laws)
    for seed in range(LONGER):
        runs += 1
        draw, cpus = np.random.default_rng(seed), 1 + seed % 2
        tasks = [(int(at), int(burst), int(nice)) for at, burst, nice in
                 zip(draw.integers(0, 20, LONG), draw.geometric(0.2, LONG), draw.integers(-5, 6, LONG) * (seed % 3 > 0))]
        if (found := _breach(policy, _of(tasks), cpus, like, options)) is not None:
            tasks, found = _cut(policy, tasks, cpus, found, like, options)
            return Judgement(name, found[0], _of(tasks), cpus, found[1], runs, laws)
    return Judgement(name, "", None, 0, "", runs, laws)


def _of(tasks: list[tuple[int, int, int]]) -> Workload:
    arrival, burst, nice = map(list, zip(*tasks, strict=True))
    return Workload(arrival, burst, nice)


def _breach(policy: type, workload: Workload, cpus: int, like: str, options: dict[str, Any]) -> tuple[str, str] | None:
    """Return the law that a run breaks and what happened, or None."""
    try:
        run = simulate(workload, policy, cpus=cpus)
        again = simulate(workload, policy, cpus=cpus)
    except BrokenPolicy as error:
        return error.law, str(error)
    except Exception as error:  # whatever the learner's code raises
        return "its code runs", f"{type(error).__name__}: {error}. {' '.join(getattr(error, '__notes__', []))}"
    if (other := _difference(run, again)) is not None:
        return "same tasks, same schedule", f"{_says(other[0], 'ran first')}; the second time {_says(other[1], 'did')}."
    if like and (other := _difference(run, simulate(workload, like, cpus=cpus, **options))) is not None:
        label = label_of(like)
        return "the same schedule as " + label, f"{_says(other[0], 'ran')}; under {label} {_says(other[1], 'did')}."
    return None


def _says(stretch: tuple | None, verb: str) -> str:
    return f"nobody {verb}" if stretch is None else f"{stretch[1]} {verb} from {stretch[0]:.6g} to {stretch[2]:.6g} ms"


def _difference(a: Schedule, b: Schedule) -> tuple | None:
    """Return the first stretches (start, name, end) in which two schedules differ, or None."""
    one, two = _stretches(a), _stretches(b)
    for k in range(max(len(one), len(two))):
        pair = [rows[k] if k < len(rows) else None for rows in (one, two)]
        if pair[0] != pair[1]:
            return tuple(pair)
    return None


def _stretches(schedule: Schedule) -> list[tuple[float, str, float]]:
    """Return (start, name, end) of each stretch in which a task runs without a break, by time."""
    found: list[list] = []
    for start, end, task in sorted(zip(*(getattr(schedule.slices, of).tolist() for of in ("start", "end", "task")))):
        last = next((row for row in reversed(found) if row[1] == task), None)
        if last is not None and last[2] == start:
            last[2] = end
        else:
            found.append([start, task, end])
    return [(start, schedule.names[task], end) for start, task, end in sorted(found)]


def _cut(policy: type, tasks: list, cpus: int, found: tuple[str, str], like: str, options: dict[str, Any]) -> tuple:
    """Leave out tasks, then shorten bursts, as long as the same law stays broken."""
    def still(fewer: list) -> bool:
        nonlocal tasks, found
        other = _breach(policy, _of(fewer), cpus, like, options) if fewer else None
        if other is None or other[0] != found[0]:
            return False
        tasks, found = fewer, other
        return True

    for k in range(len(tasks) - 1, -1, -1):
        still(tasks[:k] + tasks[k + 1:])
    for k in range(len(tasks)):
        at, burst, nice = tasks[k]
        next((1 for shorter in range(1, burst) if still([*tasks[:k], (at, shorter, nice), *tasks[k + 1:]])), None)
    return tasks, found
