"""Reference strings to simulate on: generated from a seed, recorded from real programs, or the learner's own."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "generators": ["GENERATORS", "generate"],
        "loading": ["load"],
        "recordings": ["RECORDED", "Recording", "recorded"],
        "zipf": ["ZipfDraws", "zipf_draws"],
    },
)
