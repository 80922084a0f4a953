"""What notebook 02 hands to `explore` beside a function and a view, where that is too long for a cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from oslab.lab.controls import slider
from oslab.scheduling.lock_protocols import PROTOCOLS, inversion
from oslab.scheduling.measure import recorded_run
from oslab.scheduling.measure.nice_shares import busy_shares
from oslab.scheduling.measure.run_queue_costs import pick_costs
from oslab.scheduling.policies import POLICIES
from oslab.scheduling.policies.cfs import NEWCOMERS
from oslab.scheduling.policy_history import follow
from oslab.scheduling.questions import predictions
from oslab.scheduling.sample_workloads import MLFQ_WORKLOADS
from oslab.scheduling.schedule import SchedulePair
from oslab.scheduling.simulation import simulate
from oslab.scheduling.workload import Workload

__all__ = [
    "CHEAT",
    "CONVOY",
    "DEADLINES",
    "INSIDE",
    "INVERSION",
    "LATE",
    "NEXT",
    "OWN_TABLE",
    "PICKS",
    "QUANTUM",
    "REAL",
    "SHARES",
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

NEXT = {
    "policy": POLICIES,
    "tasks": slider(1, 7),
    "switch_cost": slider(0.0, 2.0, 0.1, unit="ms"),
    "cpus": slider(1, 4),
    "predict": predictions.round_robin_turnaround,
}
OWN_TABLE = {"policy": POLICIES, "tie": {"arrivals first": "arrival_first", "expired first": "expired_first"}}
CONVOY = {
    "long": slider(4, 80, unit="ms"),
    "place": slider(1, 6),
    "rr_quantum": slider(1, 20, unit="ms"),
    "predict": predictions.convoy_waiting,
}
QUANTUM = {
    "quantum": slider(0.25, 256.0, log=True, unit="ms"),
    "switch_cost": slider(0, 1000, log=True, unit="µs"),
    "tasks": slider(10, 1000, log=True, unit="requests"),
    "load": slider(0.3, 1.2, 0.05),
    "predict": predictions.tiny_quantum,
}
CHEAT = {
    "programs": MLFQ_WORKLOADS,
    "boost": slider(0, 200, 20, unit="ms"),
    "account": False,
    "predict": predictions.cheats_share,
}
SHARES = {
    "tickets": slider(5, 95, 5, unit="of 100"),
    "quantum": slider(1, 40, unit="ms"),
    "predict": predictions.lottery_error,
}
_NICE = slider(-5, 19)
INSIDE = {
    "tasks": slider(3, 6),
    "nice_a": _NICE,
    "nice_b": _NICE,
    "nice_c": _NICE,
    "predict": predictions.share_of_nice,
}
LATE = {
    "arrives": slider(5, 60, unit="ms"),
    "newcomer": {"min_vruntime and a slice": "debit", "min_vruntime": "min", "0": "zero"},
    "predict": predictions.newcomer_from_zero,
}
PICKS = {
    "tasks": slider(10, 1_000_000, log=True),
    "measure": pick_costs,
    "recorded": recorded_run("picks"),
    "predict": predictions.growth_of_a_pick,
}
DEADLINES = {
    "short_slice": slider(0.25, 6.0, 0.25, unit="ms"),
    "other_slice": slider(0.25, 6.0, 0.25, unit="ms"),
    "nice_a": slider(-5, 10),
    "tick": {"exact": 0.0, "1 ms": 1.0, "4 ms": 4.0},
    "predict": predictions.shorter_slice,
}
INVERSION = {
    "m_burst": slider(1, 30, unit="ms"),
    "l_section": slider(1, 12, unit="ms"),
    "locks": slider(1, 2),
    "predict": predictions.inverted_turnaround,
}


def compare_policies(workload: Workload, quantum: float = 4.0, keys: tuple[str, ...] = KEYS) -> tuple[Any, ...]:
    """Run one workload under several policies."""
    return tuple(
        simulate(workload, key, **({"quantum": quantum} if "quantum" in POLICIES[key].parameters else {}))
        for key in keys
    )


def nice_tasks(tasks: int, *nice: int, burst: float = 30.0, **options: Any) -> Any:
    """Follow busy tasks with these nice values, the rest at 0, under CFS."""
    values = [*nice, *[0] * tasks][:tasks]
    return follow(simulate(Workload([0] * tasks, [burst] * tasks, nice=values), "cfs", **options))


def follow_newcomer(arrives: float, newcomer: str) -> Any:
    """Follow three busy tasks and one that comes late, under CFS, with the newcomer's vruntime as chosen."""
    if newcomer not in NEWCOMERS:
        raise ValueError(f"newcomer={newcomer!r}: allowed are {', '.join(map(repr, NEWCOMERS))}")
    return follow(
        simulate(Workload([0, 0, 0, arrives], [40, 40, 40, 40], names=["A", "B", "C", "N"]), "cfs", newcomer=newcomer)
    )


def request_beside_batch(short_slice: float, other_slice: float, nice_a: int, tick: float) -> Any:
    """Run a task with a slice of its own beside two others, under CFS and under EEVDF."""
    work = Workload([0, 0, 0], [12, 18, 18], nice=[nice_a, 0, 0], base_slice=[short_slice, other_slice, other_slice])
    return SchedulePair(*(simulate(work, policy, tick=tick) for policy in ("cfs", "eevdf")))


def compare_protocols(m_burst: float, l_section: float, locks: int = 1) -> tuple[Any, ...]:
    """Run the three tasks of `inversion` under every protocol."""
    return tuple(inversion(protocol, m_burst, l_section, locks) for protocol in PROTOCOLS)


# Names of the first version, in learners' copies of its notebook.
compared, lately, protocols = compare_policies, follow_newcomer, compare_protocols


def measure_shares(nice_a: int, nice_b: int, third: bool) -> Iterator[Any]:
    """Measure what busy processes of the nice values chosen get of one CPU, a third one with nice 0 if wanted."""
    yield from busy_shares((nice_a, nice_b, 0) if third else (nice_a, nice_b))


REAL = {
    "nice_a": slider(0, 19),
    "nice_b": slider(0, 19),
    "third": False,
    "measure": measure_shares,
    "recorded": recorded_run("shares"),
    "predict": predictions.real_share,
}
