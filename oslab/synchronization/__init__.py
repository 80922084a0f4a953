"""Chapter 4, synchronization: threads interleaved in every way, deadlock, the banker."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=[],
    submod_attrs={
        "interleaving": ["Run", "Trouble", "Verdict", "check", "play"],
        "steps": ["add", "branch", "broadcast", "enter", "expect", "jump", "label", "leave", "load", "lock", "signal", "store",
                  "trylock", "unlock", "wait"],
    },
)
