"""Chapter 3, memory: page replacement, address translation, the TLB."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["replacement"],
    submod_attrs={
        "demand_paging": ["Run", "simulate"],
        "miss_ratio": ["MissRatioCurve", "curve_in_steps", "default_sizes", "miss_ratio_curve"],
        "reference_string": ["Trace"],
        "replacement": ["POLICIES"],
        "reuse": ["reuse_distances"],
    },
)
