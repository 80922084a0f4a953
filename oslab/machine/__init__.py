"""What touches the machine: capabilities, probes, C programs, recorded runs.  Knows no chapter."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["procfs", "recorded"],
    submod_attrs={
        "csource": ["CRun", "Diagnostic", "Program", "compiler", "decode", "run_c"],
    },
)
