"""Real threads, in C and in Python: updates lost, two locks taken in opposite orders, what a lock costs."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "embraces": ["Embrace", "embrace"],
        "lock_throughput": ["lock_costs", "recorded_costs"],
        "programs": ["source"],
        "races": ["increment", "increment_by_call", "lost_updates", "recorded_losses"],
    },
)
