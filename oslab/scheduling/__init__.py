"""Chapter 2, CPU scheduling: one engine, many policies, locks and priority inversion."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["labs", "measure", "policies", "predictions", "questions"],
    submod_attrs={
        "following": ["Followed", "Pair", "QuantumSweep", "ShareErrors", "beside", "follow", "share_errors", "sweep_quantum"],
        "judging": ["Judgement", "judge"],
        "labs": ["CHEAT", "CONVOY", "DEADLINES", "INSIDE", "INVERSION", "LATE", "NEXT", "OWN_TABLE", "PICKS", "QUANTUM", "REAL",
                 "SHARES", "compared", "lately", "nice_tasks", "protocols", "request_beside_batch"],
        "lock_schedule": ["Blocks", "Deadlock", "Holds", "LockSchedule", "LockSnapshot"],
        "locks": ["PROTOCOLS", "LockTask", "inversion", "simulate_locks"],
        "measure": ["busy_shares", "own_scheduling"],
        "measure_picks": ["pick_costs"],
        "own": ["Task"],
        "policies": ["POLICIES"],
        "prediction": ["predicted_bursts"],
        "questions": ["QUIZ"],
        "schedule": ["Change", "Schedule", "Slices", "Snapshot"],
        "simulation": ["Run", "simulate"],
        "trees": ["Tree", "tree_at"],
        "views.convoy": ["Compared"],
        "views.deadlines": ["Deadlines"],
        "views.gantt": ["Gantt"],
        "views.inside": ["InsideCFS"],
        "views.inversion": ["Inversion"],
        "views.picks": ["PickCosts"],
        "views.quantum": ["QuantumCurves"],
        "views.queues": ["QueueRows"],
        "views.real": ["RealShares"],
        "views.shares": ["ShareError"],
        "workload": ["WEIGHTS", "Workload"],
        "workloads": ["PROGRAMS", "batch_and_interactive", "convoy", "inference_server", "random_tasks", "two_bands"],
    },
)
