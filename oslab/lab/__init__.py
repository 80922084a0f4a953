"""What the learner touches: labs, pictures, quizzes, progress.  Knows no chapter."""

import lazy_loader as _lazy

__getattr__, __dir__, __all__ = _lazy.attach(
    __name__,
    submodules=["progress", "style"],
    submod_attrs={
        "c_program": ["CProgram", "program"],
        "canvas": ["Canvas"],
        "controls": ["slider"],
        "copies_panel": ["copies"],
        "explorer": ["Lab", "explore"],
        "learning": ["LearningCurves", "learned"],
        "lecturing": ["lecture"],
        "quizzes": [
            "Bank",
            "Choice",
            "Choices",
            "Match",
            "Number",
            "Order",
            "Question",
            "QuestionBox",
            "Written",
            "check_bank",
            "exam",
            "quiz",
            "traps",
        ],
        "reporting": ["mistake_address"],
        "registry": ["Entry", "Parameter", "Registry"],
        "rows": ["as_text"],
        "series": ["Series"],
        "view": ["View"],
    },
)
