"""What notebook 07 hands to `explore` beside a function and a view, where that is too long for a cell."""

from oslab.ai import CARDS, questions
from oslab.ai.counters import BUTTONS, HELPERS, LONGEST
from oslab.ai.measure import limits, numa_nodes, observed_loop, process_counters, recorded_run, speedups
from oslab.ai.mig_allocation import PACKERS
from oslab.ai.numa import MACHINES, MEMORY
from oslab.lab.buttons import StartButtons, make_suggestions
from oslab.lab.controls import slider

__all__ = [
    "BOTTLENECK",
    "FEEDING",
    "LAYOUTS",
    "MEMORY_GROWTH",
    "OWN_FEEDING",
    "OWN_PLACEMENT",
    "PACKING",
    "PARALLEL",
    "PLACEMENT",
    "QUOTA",
    "TEAMS",
    "TRAINING",
    "WATCHING",
]


STARTED = {key: f"start a program that {what}, and watch it" for key, what in HELPERS.items()}
NODES = {"node 0": 0, "node 1": 1}

PLACEMENT = {
    "workers": NODES,
    "memory": MEMORY,
    "gpu": NODES,
    "gpus": slider(1, 4),
    "compute": slider(5, 100, unit="ms"),
    "labels": {"workers": "workers on", "gpu": "GPU on", "gpus": "number of GPUs", "compute": "computing time"},
    "machine": {m.label: key for key, m in MACHINES.items()},
    "measure": numa_nodes.node_costs,
    "recorded": recorded_run("nodes"),
    "predict": questions.far_memory,
}
# The numbers of a learner's own machine and job; what the first version's cell lacked stands apart.
OWN_PLACEMENT = PLACEMENT | {
    "compute": slider(1, 2000, unit="ms"),
    "batch": slider(1, 4000, unit="MB"),
    "count": slider(1, 64),
    "decode": slider(1, 4000, unit="ms"),
    "local": slider(0, 500, unit="ns"),
    "remote": slider(0, 2000, unit="ns"),
    "labels": PLACEMENT["labels"]
    | {"count": "workers for a GPU", "decode": "decoding time", "local": "local latency", "remote": "remote latency"},
}

FEEDING = {
    "workers": slider(0, 12),
    "kind": ["processes", "threads"],
    "pinned": True,
    "prefetch": slider(1, 4, unit="batches"),
    "decode": slider(20, 400, unit="ms"),
    "spread": slider(0.0, 1.0),
    "labels": {
        "workers": "number of workers",
        "kind": "workers are",
        "pinned": "pinned memory",
        "prefetch": "prefetch factor",
        "decode": "decoding time",
        "spread": "spread of decoding",
    },
    "predict": questions.enough_workers,
}
OWN_FEEDING = FEEDING | {
    "decode": slider(1, 4000, unit="ms"),
    "compute": slider(1, 2000, unit="ms"),
    "batch": slider(0, 4000, unit="MB"),
    "cpus": slider(1, 64),
    "gil": slider(0.0, 1.0, 0.05),
    "labels": FEEDING["labels"] | {"compute": "computing time", "cpus": "number of CPUs", "gil": "share under the GIL"},
}

QUOTA = {
    "quota": slider(5, 400, unit="ms"),
    "period": slider(10, 200, unit="ms"),
    "threads": slider(1, 64, log=True),
    "cpus": slider(1, 16),
    "request": slider(0, 100, unit="ms"),
    "labels": {
        "threads": "number of threads",
        "cpus": "number of CPUs",
        "request": "work per request",
        "every": "request interval",
    },
    "measure": limits.run_under_quota,
    "recorded": recorded_run("quota"),
    "predict": questions.eight_threads,
}

TEAMS = {
    "weight_a": slider(1, 10_000, log=True),
    "wants_a": slider(0, 16, unit="CPUs"),
    "wants_b": slider(0, 16, unit="CPUs"),
    "limit_b": {"no limit": float("inf"), "0.25 CPUs": 0.25, "1 CPU": 1.0, "4 CPUs": 4.0},
    "labels": {
        "weight_a": "weight of team a",
        "wants_a": "team a wants",
        "wants_b": "team b wants",
        "limit_b": "limit of team b",
    },
}

MEMORY_GROWTH = {
    "high": {"no limit": float("inf"), "600 MiB": 600, "800 MiB": 800, "950 MiB": 950},
    "max": {"no limit": float("inf"), "800 MiB": 800, "1000 MiB": 1000, "1200 MiB": 1200},
    "rate": slider(10, 300, unit="MiB/s"),
    "reading": slider(0, 500, unit="MiB/s"),
    "labels": {"high": "memory.high", "max": "memory.max", "rate": "growth", "reading": "reading files"},
}

PACKING = {
    "labels": {"packer": "placement rule"},
    "packer": {text: key for key, text in PACKERS.items()},
    "card": list(CARDS),
    "predict": questions.who_is_refused,
}

LAYOUTS = {"card": list(CARDS), "labels": {"needs": "instances needed"}}

PARALLEL = {
    "task": {"count primes below n": "primes", "wait n microseconds": "waits"},
    "n": slider(1000, 1_000_000, log=True),
    "workers": slider(1, speedups.MOST_WORKERS),
    "cpus": slider(1, 16),
    "labels": {
        "n": "n of the task",
        "workers": "number of workers",
        "cpus": "number of CPUs",
        "lock_share": "share under the lock",
    },
    "lock_share": slider(
        0.0, 1.0, 0.05, help="the share of a thread's work during which it holds the interpreter's lock"
    ),
    "measure": speedups.measure_speedups,
    "recorded": recorded_run("speedups"),
    "predict": questions.waiting_workers,
}

WATCHING = {
    "helper": lambda: StartButtons(BUTTONS, STARTED),
    "seconds": slider(1, LONGEST),
    "process": "helper",
    "measure": process_counters.watch,
    "recorded": process_counters.load_watched,
    "predict": questions.give_away,
}

TRAINING = {
    "workers": slider(0, 4),
    "batch": slider(1, 32),
    "decode": slider(0.1, 10.0, 0.1, unit="ms"),
    "threads": slider(1, 8),
    "quota": slider(0.1, 1.0, 0.1, unit="CPUs"),
    "traffic": slider(0, 512, 32, unit="MiB"),
    "labels": {
        "workers": "number of workers",
        "batch": "batch size",
        "decode": "decoding time",
        "threads": "library threads",
        "quota": "CPU quota",
        "traffic": "memory traffic",
    },
    "measure": observed_loop.run_loop,
    "recorded": observed_loop.load_loops,
    "predict": questions.slowest_part,
}
# What the first version's cell lacked stands apart: a learner's copy of it still runs.
BOTTLENECK = TRAINING | {
    "program": lambda: make_suggestions(
        observed_loop.own_processes("python"), "empty for the loop; a process number, or a command", "program"
    )
}
