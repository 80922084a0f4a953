"""Chapter 7, operating systems for AI workloads: memory beside the processor, limits of containers, slices of a GPU."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure", "questions"],
    submod_attrs={
        "bandwidth": ["Requests", "Throttling", "fluid_run", "throttle"],
        "counters": ["Expected", "Watched", "expect"],
        "diagnosis": ["Diagnosis", "Evidence", "diagnose"],
        "groups": ["Division", "Group", "divide", "group_commands", "two_teams"],
        "labs": ["FEEDING", "LAYOUTS", "MEMORY_GROWTH", "PACKING", "PARALLEL", "PLACEMENT", "QUOTA", "TEAMS", "TRAINING",
                 "WATCHING"],
        "measure.diagnosing": ["observe", "recorded_loops"],
        "measure.limits": ["own_limits", "throttled_run"],
        "measure.measured_ways": ["interpreter"],
        "measure.nodes": ["gpu_list", "node_costs", "node_table"],
        "measure.watch": ["own_counters"],
        "memory_growth": ["MemoryGrowth", "grow_memory"],
        "mig": ["Layout", "Placement", "mig_layout", "mig_layouts"],
        "numa": ["TrainingStep", "best_placement", "place"],
        "packing": ["Gallery", "Packing", "gallery", "pack"],
        "parallel": ["Parallel", "run_parallel"],
        "pipeline": ["Feeding", "feed"],
        "questions": ["QUIZ"],
        "quota": ["QuotaStory", "watch_quota"],
        "training": ["Knobs", "train"],
        "views.bottleneck": ["Bottleneck"],
        "views.counters": ["Counters"],
        "views.feeding": ["FeedingLoop"],
        "views.groups": ["GroupShares", "MemoryLimits"],
        "views.quota": ["QuotaTimeline"],
        "views.slices": ["FullLayouts", "GpuSlices"],
        "views.sockets": ["Sockets"],
        "views.ways": ["Ways"],
    },
)
