"""Questions that models make and grade: kinds, banks, their check, and the widgets that ask them.

The kinds and banks import no widgets, so that a wing's questions can be made and tested anywhere.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submod_attrs={
        "arranging": ["Match", "Order"],
        "banks": ["Bank"],
        "base": ["Question", "Verdict", "traps"],
        "boxes": ["QuestionBox"],
        "checking": ["check_bank", "check_question"],
        "exams": ["Exam", "Score", "exam"],
        "faces": ["as_html", "as_text"],
        "numeric": ["Number"],
        "picking": ["Choice", "Choices"],
        "sheets": ["Quiz", "quiz"],
        "writing": ["Written"],
    },
)
