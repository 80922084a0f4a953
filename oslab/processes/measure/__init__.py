"""What this machine does: forks and their memory, threads against processes, switches; each in a program of its own.

The experiments run as children with a time limit, so neither the notebook's kernel nor its affinity is touched, and
nothing is left, also after an interrupt.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "fork": ["fork_latency", "pages_after_fork", "reading_dirties", "run_experiment", "share_data"],
        "fork_program": ["run_fork_program"],
        "recordings": ["recorded_block", "recorded_run"],
        "switches": ["switch_counts", "switch_here"],
        "task_structure": ["own_processes", "read_control_block"],
        "workers": ["ASPECTS", "compare_workers"],
    },
)
