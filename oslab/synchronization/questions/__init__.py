"""Chapter 4's questions: the quiz, and the predictions asked before its labs."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "predictions": [
            "a_larger_buffer",
            "cycles_with_a_fourth",
            "does_if_fail",
            "eight_cpus_one_lock",
            "fewest_in_the_end",
            "may_the_banker_grant",
            "most_lost",
            "ordering_when_forks_are_free",
            "rarer_with_more",
        ],
        "quiz": ["QUIZ", "while_or_if"],
    },
)
