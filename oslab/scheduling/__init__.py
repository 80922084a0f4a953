"""Chapter 2, CPU scheduling: one engine, many policies, locks and priority inversion."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["policies"],
    submod_attrs={
        "judging": ["Judgement", "judge"],
        "lock_schedule": ["Blocks", "Deadlock", "Holds", "LockSchedule", "LockSnapshot"],
        "locks": ["PROTOCOLS", "LockTask", "inversion", "simulate_locks"],
        "measure_picks": ["pick_costs"],
        "own": ["BrokenPolicy", "Task"],
        "policies": ["POLICIES"],
        "schedule": ["Change", "Schedule", "Slices", "Snapshot"],
        "simulation": ["Run", "simulate"],
        "trees": ["Tree", "tree_at"],
        "workload": ["WEIGHTS", "Workload"],
    },
)
