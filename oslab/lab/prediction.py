"""The question before a lab's picture, and its answer, marked in the picture."""

from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["Prediction"]


class Prediction:
    """What a learner predicts before the lab shows it.

    Parameters
    ----------
    question : Question, callable or None
        A quiz item, or a function of a seed that makes one.
    answered : callable
        Called without arguments after each answer.

    Attributes
    ----------
    box : QuestionBox or None
    """

    def __init__(self, question: Any, answered: Callable[[], None]):
        self.box: Any = None
        self._marked: Any = None
        if question is not None:
            from oslab.quizzes import QuestionBox

            self.box = QuestionBox(question, compact=True)
            self.box.on_answer(lambda answer, verdict: answered())

    def mark(self, view: Any, settings: Mapping[str, Any]) -> None:
        """Have the view mark the answer, where the picture shows what was asked about; else no more."""
        mark = getattr(view, "predict", None)
        answer = self.box.answer_for(settings) if self.box else None
        if mark is not None and answer != self._marked:
            mark(answer)
            self._marked = answer
