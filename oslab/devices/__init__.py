"""Chapter 6, devices: who copies the bytes, interrupts and polling, epoll, the two rings of io_uring."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "jobs": ["RingJob", "count_calls", "run_job"],
        "reception": ["RECEIVERS", "Overload", "Reception", "receive", "sweep_load"],
        "rings": ["Completion", "Request", "RingState", "Rings"],
        "server": ["SERVERS", "ServerCosts", "bill_operations"],
        "transfer": ["TransferRun", "compare_ways", "move_block"],
        "triggers": ["PipeStory", "watch_pipe"],
    },
)
