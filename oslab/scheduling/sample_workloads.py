"""Workloads of the chapter's labs: drawn from a seed, or built to show the weakness of a policy."""

import functools
from functools import partial

import numpy as np

from oslab.base import SEED, Parameter, Registry, checked, integer, real, teacher_folder
from oslab.scheduling.workload import Workload

__all__ = [
    "MLFQ_WORKLOADS",
    "PROGRAMS",
    "batch_and_interactive",
    "convoy",
    "inference_server",
    "random_tasks",
    "two_bands",
]

TASKS = integer(1, 100_000)
TIME = real(0, 1_000_000, above=True, unit="ms")
MLFQ_WORKLOADS = PROGRAMS = Registry("programs")  # the second name is that of the first version


@checked(tasks=TASKS, seed=SEED)
def random_tasks(tasks: int = 4, seed: int = 1) -> Workload:
    """Draw tasks that arrive within a few ms and need 2 to 20 ms each, in whole ms.

    Parameters
    ----------
    tasks : int
        1 to 100 000.
    seed : int
        Of the draw.

    Examples
    --------
    >>> len(random_tasks(5, 7))
    5
    """
    draw = np.random.default_rng(seed)
    arrival = np.concatenate([[0], np.cumsum(draw.integers(0, 5, tasks - 1))])
    return Workload(arrival.tolist(), draw.integers(2, 21, tasks).tolist())


@checked(long=TIME, place=integer(1), shorts=integer(1, 25), short=TIME)
def convoy(long: float = 40, place: int = 1, shorts: int = 5, short: float = 3) -> Workload:
    """Return short jobs with a long one among them, one after the other in the queue at the start.

    Parameters
    ----------
    long, short : float
        CPU time, ms.
    place : int
        The long job's place in the queue, from 1 to ``shorts + 1``.
    shorts : int
        1 to 25.
    """
    place = integer(1, shorts + 1).check("place", place)
    names = ["ABCDEFGHIJKLMNOPQRSTUVWXY"[k] for k in range(shorts)]
    names.insert(place - 1, "long")
    bursts = [short] * shorts
    bursts.insert(place - 1, long)
    return Workload([0.0] * (shorts + 1), bursts, names=names)


@checked(tasks=TASKS, load=real(0, 2, above=True), seed=SEED)
@functools.lru_cache(maxsize=4)
def inference_server(tasks: int = 200, load: float = 0.8, seed: int = 1) -> Workload:
    """Draw requests that arrive at random (Poisson) and mostly need little, a few very much (Pareto, exponent 1.5).

    Parameters
    ----------
    tasks : int
        1 to 100 000.
    load : float
        CPU time asked for in each ms, above 0 up to 2.
    seed : int
        Of the draw.

    Notes
    -----
    Bursts are Pareto from 2 ms, cut at 400 ms; their mean before the cut is 6 ms.
    """
    draw = np.random.default_rng(seed)
    burst = np.minimum(2 * (1 + draw.pareto(1.5, tasks)), 400.0)
    return Workload(np.cumsum(draw.exponential(burst.mean() / load, tasks)).tolist(), burst.tolist())


@MLFQ_WORKLOADS.register(
    "cheat",
    label="a cheat, two that compute",
    summary="One program starts a wait just before its allotment is used up.",
    source="Arpaci-Dusseau, Operating Systems: Three Easy Pieces, chapter 8",
    tie_rule="-",
    parameters={"cheat_burst": Parameter(9, 1, 12, unit="ms", help="how long the cheat runs before it waits")},
)
@checked(cheat_burst=real(0.1, 1000), wait=real(0.001, 1000), length=real(1, 10_000), honest=integer(1, 5))
def two_bands(cheat_burst: float = 9, wait: float = 0.5, length: float = 200, honest: int = 2) -> Workload:
    """Return a task that starts a wait just before its allotment is used up, beside honest tasks that compute.

    Parameters
    ----------
    cheat_burst : float
        How long the cheat runs before it waits, 0.1 to 1000 ms.
    wait : float
        How long it waits, 0.001 to 1000 ms.
    length : float
        CPU time of the cheat in all, about, 1 to 10 000 ms; each honest task has half of it.
    honest : int
        How many, 1 to 5.
    """
    turns = max(1, round(length / cheat_burst))
    cheat = [cheat_burst] + [wait, cheat_burst] * (turns - 1)
    names = ["cheat", *(f"honest {chr(65 + k)}" for k in range(honest))]
    return Workload([0.0] * len(names), [cheat] + [length / 2] * honest, names=names)


@MLFQ_WORKLOADS.register(
    "typing",
    label="two that type, two that compute",
    summary="Two programs wait for keys, two only compute.",
    source="-",
    tie_rule="-",
    parameters={"think": Parameter(12, 2, 40, unit="ms", help="time between two keys")},
)
@checked(typing=integer(0, 20), batch=integer(0, 20), keys=integer(1, 1000), think=real(0.001, 100_000))
def batch_and_interactive(typing: int = 2, batch: int = 2, keys: int = 8, think: float = 12) -> Workload:
    """Return programs that wait for keys (1 ms of CPU for each) beside some that only compute.

    Parameters
    ----------
    typing, batch : int
        How many of each, 0 to 20, at least one in all.
    keys : int
        Of each typing program, 1 to 1000.
    think : float
        ms between two keys.
    """
    if typing + batch == 0:
        raise ValueError("typing=0, batch=0: allowed is at least one program in all")
    edit = [1.0] + [think, 1.0] * keys
    names = [f"edit {k + 1}" for k in range(typing)] + [f"batch {k + 1}" for k in range(batch)]
    return Workload(
        [float(3 * k) for k in range(typing)] + [0.0] * batch,
        [edit] * typing + [(1 + keys) * think * 0.5] * batch,
        names=names,
    )


teacher_folder.join(
    MLFQ_WORKLOADS,
    teacher_folder.files("scheduling", "workloads"),
    lambda path: partial(Workload.parse, path.read_text(encoding="utf-8")),
)
