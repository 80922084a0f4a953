"""What stands above a lab's picture: the question, whose answer is marked in it, and the text of a teacher."""

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from oslab.base import teacher_folder
from oslab.lab.mistake_link import chapter_of

__all__ = ["Prediction", "notes_for"]


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


def notes_for(view: Any, lab: str) -> list[widgets.Widget]:
    """Return the widgets that show the text, or none.

    Parameters
    ----------
    view : View class
        Of the lab; its module names the wing.
    lab : str
        The lab's function.
    """
    told = teacher_folder.note(chapter_of(view), lab)
    if not told:
        return []
    from oslab.quizzes.markup import to_html

    return [widgets.HTML(to_html(told)).add_class("oslab-own-text")]
