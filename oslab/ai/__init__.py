"""Chapter 7, operating systems for AI workloads: memory beside the processor, limits of containers, slices of a GPU."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[],
    submod_attrs={
        "bandwidth": ["Requests", "Throttling", "fluid_run", "throttle"],
        "groups": ["Division", "Group", "divide", "group_commands", "two_teams"],
        "memory_growth": ["MemoryGrowth", "grow_memory"],
        "mig": ["Layout", "Placement", "mig_layout", "mig_layouts"],
        "numa": ["TrainingStep", "best_placement", "place"],
        "packing": ["Packing", "pack"],
        "pipeline": ["Feeding", "feed"],
    },
)
