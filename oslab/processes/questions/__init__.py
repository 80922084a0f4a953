"""Chapter 1's questions: the quiz, and the predictions asked before its labs."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "predictions": [
            "after_its_io",
            "dearest_part",
            "forks_in_a_row",
            "frames_at_a_quarter",
            "sweet_spot",
            "threads_that_fill_the_cpus",
            "threads_under_the_lock",
            "what_readers_dirty",
        ],
        "quiz": ["QUIZ", "best_threads", "frames_after_writes", "how_many_processes", "next_state", "which_worker"],
    },
)
