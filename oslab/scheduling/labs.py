"""What notebook 02 hands to `explore` beside a function and a view, where that is too long for a cell."""

from collections.abc import Iterator
from typing import Any

from oslab.base import Instance, Series, Several, checked, choice, integer, real
from oslab.lab.controls import slider, text_area
from oslab.scheduling import (
    MLFQ_WORKLOADS,
    OWN_FILE,
    PROTOCOLS,
    WORKLOADS,
    LockSchedule,
    PolicyHistory,
    Schedule,
    SchedulePair,
    Workload,
    busy_shares,
    follow,
    inversion,
    pick_costs,
    simulate,
)
from oslab.scheduling.measure import recorded_run
from oslab.scheduling.policies import POLICIES
from oslab.scheduling.policies.base import QUANTUM as POLICY_QUANTUM
from oslab.scheduling.policies.cfs import NEWCOMERS
from oslab.scheduling.questions import predictions

__all__ = [
    "CHEAT",
    "CONVOY",
    "DEADLINES",
    "INSIDE",
    "INVERSION",
    "LATE",
    "NEXT",
    "OWN_TABLE",
    "OWN_TASKS",
    "PICKS",
    "QUANTUM",
    "REAL",
    "SHARES",
    "WHO_RUNS",
    "compare_policies",
    "compare_protocols",
    "compared",
    "follow_newcomer",
    "lately",
    "nice_tasks",
    "protocols",
    "request_beside_batch",
]

KEYS = ("fifo", "sjf", "srtf", "rr")
_OPTION_LABELS = {  # of policies and workloads
    "account": "count across waits",
    "aging": "ageing",
    "alpha": "weight α",
    "base_slice": "slice",
    "boost": "boost every",
    "cheat_burst": "burst of the cheat",
    "demote_alone": "demote when alone",
    "guess": "first guess",
    "larger_first": "larger first",
    "newcomer": "new task starts at",
    "predict": "predict bursts",
    "think": "time between keys",
}

NEXT = {
    "policy": POLICIES,
    "tasks": slider(1, 7),
    "switch_cost": slider(0.0, 2.0, 0.1, unit="ms"),
    "cpus": slider(1, 4),
    "predict": predictions.round_robin_turnaround,
    "labels": {"tasks": "number of tasks", "cpus": "number of CPUs"} | _OPTION_LABELS,
}
# What the first version's cell lacked stands apart: its copies still run.
WHO_RUNS = NEXT | {"workload": WORKLOADS, "labels": NEXT["labels"] | {"text": "your tasks"}}
OWN_TABLE = {
    "text": text_area(3),
    "policy": POLICIES,
    "tie": {"arrivals first": "arrival_first", "expired first": "expired_first"},
    "cpus": slider(1, 4),
    "switch_cost": slider(0.0, 2.0, 0.1, unit="ms"),
    "first_switch": False,
    "labels": {"tie": "at a quantum's end", "cpus": "number of CPUs", "first_switch": "first switch costs"}
    | _OPTION_LABELS,
}
OWN_TASKS = OWN_TABLE | {"file": OWN_FILE}
CONVOY = {
    "long": slider(4, 80, unit="ms"),
    "place": slider(1, 6),
    "rr_quantum": slider(1, 20, unit="ms"),
    "predict": predictions.convoy_waiting,
    "labels": {"long": "long job", "place": "place of the long job", "rr_quantum": "quantum of RR"},
}
QUANTUM = {
    "quantum": slider(0.25, 256.0, log=True, unit="ms"),
    "switch_cost": slider(0, 1000, log=True, unit="µs"),
    "tasks": slider(10, 1000, log=True, unit="requests"),
    "load": slider(0.3, 1.2, 0.05),
    "predict": predictions.tiny_quantum,
    "labels": {"tasks": "requests"},
}
CHEAT = {
    "programs": MLFQ_WORKLOADS,
    "boost": slider(0, 200, 20, unit="ms"),
    "account": False,
    "predict": predictions.cheats_share,
    "labels": _OPTION_LABELS,
}
SHARES = {
    "tickets": slider(5, 95, 5, unit="of 100"),
    "quantum": slider(1, 40, unit="ms"),
    "predict": predictions.lottery_error,
}
_NICE = slider(-5, 19)
_NICE_LABELS = {"nice_a": "nice of A", "nice_b": "nice of B", "nice_c": "nice of C"}
INSIDE = {
    "tasks": slider(3, 6),
    "nice_a": _NICE,
    "nice_b": _NICE,
    "nice_c": _NICE,
    "predict": predictions.share_of_nice,
    "labels": {"tasks": "number of tasks"} | _NICE_LABELS,
}
LATE = {
    "arrives": slider(5, 60, unit="ms"),
    "newcomer": {"min_vruntime and a slice": "debit", "min_vruntime": "min", "0": "zero"},
    "predict": predictions.newcomer_from_zero,
    "labels": {"arrives": "N arrives at", "newcomer": "N starts at"},
}
PICKS = {
    "tasks": slider(10, 1_000_000, log=True),
    "measure": pick_costs,
    "recorded": recorded_run("picks"),
    "predict": predictions.growth_of_a_pick,
    "labels": {"tasks": "number of tasks"},
}
DEADLINES = {
    "short_slice": slider(0.25, 6.0, 0.25, unit="ms"),
    "other_slice": slider(0.25, 6.0, 0.25, unit="ms"),
    "nice_a": slider(-5, 10),
    "tick": {"exact": 0.0, "1 ms": 1.0, "4 ms": 4.0},
    "predict": predictions.shorter_slice,
    "labels": {"short_slice": "slice of A", "other_slice": "slice of the others", "nice_a": "nice of A"},
}
INVERSION = {
    "m_burst": slider(1, 30, unit="ms"),
    "l_section": slider(1, 12, unit="ms"),
    "locks": slider(1, 2),
    "predict": predictions.inverted_turnaround,
    "labels": {"m_burst": "CPU time of M", "l_section": "critical section of L", "locks": "number of locks"},
}


NICE_VALUE, TIME = integer(-20, 19), real(0, 10_000, above=True, unit="ms")


@checked(workload=Instance(Workload), quantum=POLICY_QUANTUM, keys=Several(choice(POLICIES), most=len(POLICIES)))
def compare_policies(workload: Workload, quantum: float = 4.0, keys: tuple[str, ...] = KEYS) -> tuple[Schedule, ...]:
    """Run one workload under several policies; `quantum` (ms) goes to round robin alone.

    Parameters
    ----------
    workload : Workload
    quantum : float
        ms, for those that have one.
    keys : tuple of str
        The policies.
    """
    return tuple(simulate(workload, key, **({"quantum": quantum} if key == "rr" else {})) for key in keys)


@checked(tasks=integer(1, 64), nice=Several(NICE_VALUE, least=0, most=64), burst=TIME)
def nice_tasks(tasks: int, *nice: int, burst: float = 30.0, **options: Any) -> PolicyHistory:
    """Follow 1 to 64 busy tasks of `burst` ms with these nice values, the rest at 0, under CFS with its `options`."""
    values = [*nice, *[0] * tasks][:tasks]
    return follow(simulate(Workload([0] * tasks, [burst] * tasks, nice=values), "cfs", **options))


@checked(arrives=real(0, 1000), newcomer=choice(NEWCOMERS))
def follow_newcomer(arrives: float, newcomer: str) -> PolicyHistory:
    """Follow three busy tasks and one that arrives at `arrives` ms, under CFS, with the newcomer's vruntime as chosen."""
    work = Workload([0, 0, 0, arrives], [40] * 4, names=["A", "B", "C", "N"])
    return follow(simulate(work, "cfs", newcomer=newcomer))


@checked(short_slice=real(0.01, 64), other_slice=real(0.01, 64), nice_a=NICE_VALUE, tick=real(0, 10))
def request_beside_batch(short_slice: float, other_slice: float, nice_a: int, tick: float) -> SchedulePair:
    """Run a task with a slice (ms) and nice value of its own beside two others, under CFS and under EEVDF.

    Parameters
    ----------
    short_slice, other_slice : float
        ms, of the task and of both others.
    nice_a : int
        Of the task.
    tick : float
        ms between two looks of the scheduler; 0 for none.
    """
    work = Workload([0, 0, 0], [12, 18, 18], nice=[nice_a, 0, 0], base_slice=[short_slice, other_slice, other_slice])
    return SchedulePair(*(simulate(work, policy, tick=tick) for policy in ("cfs", "eevdf")))


def compare_protocols(m_burst: float, l_section: float, locks: int = 1) -> tuple[LockSchedule, ...]:
    """Run the three tasks of `inversion` under every protocol; arguments as there.

    Parameters
    ----------
    m_burst, l_section : float
        ms, as for `inversion`.
    locks : int
        1 or 2.
    """
    return tuple(inversion(protocol, m_burst, l_section, locks) for protocol in PROTOCOLS)


# Names of the first version, in learners' copies of its notebook.
compared, lately, protocols = compare_policies, follow_newcomer, compare_protocols


def measure_shares(nice_a: int, nice_b: int, third: bool) -> Iterator[float | list[Series]]:
    """Measure the shares of one CPU that busy processes with these nice values get; a third one has nice 0."""
    return busy_shares((nice_a, nice_b, 0) if third else (nice_a, nice_b))


REAL = {
    "nice_a": slider(0, 19),
    "nice_b": slider(0, 19),
    "third": False,
    "measure": measure_shares,
    "recorded": recorded_run("shares"),
    "predict": predictions.real_share,
    "labels": {"third": "third process"} | _NICE_LABELS,
}
