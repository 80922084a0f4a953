"""What touches the machine: capabilities, probes, C programs, recorded runs.  Knows no chapter."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["procfs", "recorded"],
    submod_attrs={
        "limits": ["cpu_quota", "memory_limit", "pinned", "thp_mode", "usable_cpus"],
        "capability": ["Capabilities", "Capability", "Unavailable", "can", "capabilities", "need"],
        "child": ["Child", "bound", "start_all"],
        "pointer_chase": ["Chase", "bandwidth", "chase", "latency_curve"],
        "cost": ["Cost"],
        "csource": ["CRun", "Diagnostic", "Program", "compiler", "decode", "printed_lines", "run_c"],
        "pages": ["Pages"],
        "probes": ["fork_cost", "switch_cost", "system_call_cost"],
    },
)
