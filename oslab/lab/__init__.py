"""`explore`, and what a lab is made of: controls, buttons, stepper, screen, worker, C programs.  Knows no chapter."""

from typing import Any

import lazy_loader as _lazy

_lazy_name, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "c_program": ["CProgram", "program"],
        "controls": ["slider"],
        "decorator": ["explore"],
        "explorer": ["Lab"],
        "lecture_mode": ["lecture"],
        "mistake_link": ["mistake_address"],
    },
)


def __getattr__(name: str) -> Any:
    if name in ("Bank", "LearningCurves", "learned"):  # the first version's notebook 08 takes them from here
        import oslab.quizzes

        return getattr(oslab.quizzes, name)
    return _lazy_name(name)
