"""Questions that models make and grade: kinds, banks, their check, the widgets that ask them, progress.

The kinds and banks import no widgets, so that a wing's questions can be made and tested anywhere.
"""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["progress"],
    submod_attrs={
        "bank": ["Bank"],
        "checks": ["check_bank", "check_question"],
        "kinds.choice": ["Choice", "Choices"],
        "exams": ["Exam", "Score", "exam"],
        "learning_curves": ["LearningCurves", "learned"],
        "kinds.number": ["Number"],
        "kinds.ordering": ["Match", "Order"],
        "printed": ["as_html", "as_text"],
        "kinds.question": ["Question", "Verdict", "traps"],
        "question_box": ["QuestionBox"],
        "quiz_widget": ["Quiz", "quiz"],
        "kinds.written": ["Written"],
    },
)
