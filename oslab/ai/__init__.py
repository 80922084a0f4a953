"""Operating systems for AI workloads: memory beside the processor, limits of containers, slices of a GPU.

Everything here is loaded on first use.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(__name__, submodules=[], submod_attrs={})
