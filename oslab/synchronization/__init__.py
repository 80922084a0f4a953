"""Chapter 4, synchronization: threads interleaved in every way, deadlock, the banker."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["measure", "questions"],
    submod_attrs={
        "banker": ["bank", "decide", "is_safe", "review", "safe_sequences"],
        "buffer": ["MISTAKES", "buffer_threads", "flow", "try_mistake"],
        "counter": ["GUARDS", "count_by_hand", "count_in_every_way", "increments", "worst_loss"],
        "deadlock": ["allocation_graph", "dine", "find_deadlock", "philosophers"],
        "interleaving": ["Trouble", "Verdict", "check"],
        "labs": ["BANK", "HAND", "SPEEDS", "TRIAL", "hand"],
        "lock_graph": ["lock_order"],
        "meals": ["meals_per_second", "serve"],
        "measure": ["embrace", "lock_costs", "lost_updates", "recorded_costs", "recorded_losses", "source"],
        "questions": ["QUIZ"],
        "running": ["Run", "play"],
        "speedup": ["amdahl"],
        "steps": ["add", "branch", "broadcast", "enter", "expect", "jump", "label", "leave", "load", "lock", "signal", "store",
                  "trylock", "unlock", "wait"],
        "views.bank": ["BankersTable"],
        "views.flow": ["BufferFlow"],
        "views.measured": ["LockCosts", "LostUpdates"],
        "views.order": ["LockGraph"],
        "views.outcomes": ["OutcomeBars"],
        "views.ring": ["DinnerTable"],
        "views.strategies": ["StrategyBars"],
        "views.threads": ["BufferTrial", "CounterByHand"],
    },
)
