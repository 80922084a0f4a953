"""Laws that every scheduling policy obeys, tried on the learner's own; the smallest workload that breaks one."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, combinations_with_replacement, product
from typing import Any

import numpy as np

from oslab.base import checked, choice, plural, policy_laws
from oslab.scheduling import Schedule, simulate
from oslab.scheduling.own_policy import entry_of, label_of
from oslab.scheduling.policies import POLICIES
from oslab.scheduling.workload import Workload, say_ms

__all__ = ["Judgement", "judge", "small_workloads"]

TASKS, LAST, BURSTS, CPUS = 3, 2, ([1], [2], [3], [1, 1, 1]), (1, 2)
LONGER, LONG = 12, 8
LAWS = {
    "only a task that is ready can run": "pick returns one of the tasks that are ready",
    "never idle while a task is ready": "pick returns a task whenever one is ready",
    "the quantum is a time above 0": "quantum is None, or a number of ms",
    policy_laws.CODE_RUNS: "its hooks raise no error",
    "same tasks, same schedule": "the same workload gives the same schedule again",
}


@dataclass(frozen=True, repr=False)
class Judgement(policy_laws.Judgement):
    """What `judge` found.

    Attributes
    ----------
    workload : Workload or None
        The smallest one that breaks a law.
    cpus : int
        On how many CPUs; 0 if no law is broken.
    """

    workload: Workload | None = None
    cpus: int = 0

    @property
    def smallest(self) -> str:
        """The smallest workload that breaks a law, in words."""
        return f"workload, on {plural(self.cpus, 'CPU')}: {self.workload}"


def small_workloads() -> Iterator[tuple[list[int], list[list[int]]]]:
    """Yield (arrivals, bursts) of every small workload, the one with the fewest tasks and the least work first."""
    for n in range(1, TASKS + 1):
        yield from sorted(
            (
                (list(at), list(bursts))
                for at in combinations_with_replacement(range(LAST + 1), n)
                for bursts in product(BURSTS, repeat=n)
            ),
            key=lambda one: (sum(map(sum, one[1])), max(one[0])),
        )


@checked(like=choice(("", *POLICIES)))
def judge(policy: type, like: str = "", **options: Any) -> Judgement:
    """Try a policy on every small workload, then on longer ones, and report the first law that it breaks.

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
    known = dict(LAWS)
    if like:
        simulate(Workload([0], [1]), like, **options)
        known["the same schedule as " + label_of(like)] = "the same tasks run at the same times"

    def breach(tasks: list, cpus: int) -> tuple[str, str] | None:
        return _breach(policy, _build(tasks), cpus, like, options)

    small = (([(at, burst, 0) for at, burst in zip(*one)], cpus) for one in small_workloads() for cpus in CPUS)
    runs, (tasks, cpus), found = policy_laws.first_breach(chain(small, map(_draw_longer, range(LONGER))), breach)
    if found is None:
        return Judgement(label_of(policy), known, runs, "", "")
    if len(tasks) > TASKS:
        tasks, found = policy_laws.thinned(tasks, found, lambda fewer: breach(fewer, cpus))
        for k, (at, burst, nice) in enumerate(tasks):
            for shorter in range(1, burst):
                fewer = [*tasks[:k], (at, shorter, nice), *tasks[k + 1 :]]
                if (other := breach(fewer, cpus)) is not None and other[0] == found[0]:
                    tasks, found = fewer, other
                    break
    return Judgement(label_of(policy), known, runs, *found, _build(tasks), cpus)


def _draw_longer(seed: int) -> tuple[list[tuple[int, int, int]], int]:
    draw = np.random.default_rng(seed)
    at, burst, nice = draw.integers(0, 20, LONG), draw.geometric(0.2, LONG), draw.integers(-5, 6, LONG) * (seed % 3 > 0)
    return list(zip(at.tolist(), burst.tolist(), nice.tolist())), 1 + seed % 2


def _build(tasks: list) -> Workload:
    arrival, burst, nice = map(list, zip(*tasks, strict=True))
    return Workload(arrival, burst, nice)


def _breach(policy: type, workload: Workload, cpus: int, like: str, options: dict[str, Any]) -> tuple[str, str] | None:
    """Return the law that a run breaks and what happened, or None."""
    runs, broken = policy_laws.run_twice(lambda: simulate(workload, policy, cpus=cpus))
    if broken:
        return broken
    run, again = runs
    if (other := _differ(run, again)) is not None:
        return "same tasks, same schedule", f"{_say(other[0], 'ran first')}; the second time {_say(other[1], 'did')}."
    if like and (other := _differ(run, simulate(workload, like, cpus=cpus, **options))) is not None:
        label = label_of(like)
        return "the same schedule as " + label, f"{_say(other[0], 'ran')}; under {label} {_say(other[1], 'did')}."
    return None


def _say(stretch: tuple | None, verb: str) -> str:
    return (
        f"no task {verb}"
        if stretch is None
        else f"{stretch[1]} {verb} from {say_ms(stretch[0])} to {say_ms(stretch[2])} ms"
    )


def _differ(a: Schedule, b: Schedule) -> tuple | None:
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
