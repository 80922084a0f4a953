"""Questions on one page: what a chapter's quiz and an exam share."""

from collections.abc import Mapping
from typing import Any

import ipywidgets as widgets

from oslab.base import shown
from oslab.picture.displayed import Displayed
from oslab.quizzes import Question, QuestionBox, Verdict
from oslab.quizzes.bank import Bank, Source
from oslab.quizzes.markup import inline
from oslab.quizzes.messages import note_html
from oslab.quizzes.printed import page_html, page_text
from oslab.quizzes.progress_file import Store

__all__ = ["Sheet"]


class Sheet(Displayed):
    """Base of a page of questions.

    Parameters
    ----------
    title : str
        Above the questions.
    seed : int
        With which they start.
    store : Store
        Where answers are kept.

    Attributes
    ----------
    boxes : dict of str to QuestionBox
        By name.
    box : Widget
        The whole page.
    """

    def __init__(self, title: str, seed: int, store: Store):
        self.boxes: dict[str, QuestionBox] = {}
        self._title, self._first_seed, self._store = title, seed, store
        self._printed: dict[str, Question] = {}
        self._head = widgets.HTML().add_class("oslab-quiz-head")
        self._note = widgets.HTML(layout={"display": "none"}).add_class("oslab-quiz-note")

    def _add(self, name: str, bank: Bank, part: str, source: Source, seed: int) -> QuestionBox:
        """Make the box of a question, under a name."""
        box = QuestionBox(source, seed, self._store, key=part, chapter=bank.chapter, inside=True)
        box.on_answer(lambda answer, verdict: self._take_answer(name, verdict))
        self.boxes[name] = box
        return box

    def _take_answer(self, name: str, verdict: Verdict) -> None:
        raise TypeError(f"{type(self).__name__} defines no _take_answer")

    @property
    def questions(self) -> dict[str, Question]:
        """The questions now asked, by name."""
        return {name: box.question for name, box in self.boxes.items()}

    def answer(self, key: str, value: Any) -> Verdict:
        """Give an answer as the reader would, and return its verdict.

        Raises
        ------
        KeyError
            A question that is not here.
        TypeError, ValueError
            What is no answer to this question; it does not count as a try.
        """
        return self._find(key).answer(value)

    def _find(self, key: str) -> QuestionBox:
        if key not in self.boxes:
            raise KeyError(f"{shown(key)}: {self._title} has {', '.join(self.boxes)}")
        return self.boxes[key]

    def _print(self) -> None:
        """Remember what is printed: it does not depend on what is answered later."""
        self._printed = self.questions

    def _write_head(self, title: str, state: str) -> None:
        self._head.value = f"<b>{inline(title)}</b> <span class='oslab-quiet'>{state}</span>"

    def _say_trouble(self, said: str) -> None:
        self._note.value = note_html(said, "alert")
        self._note.layout.display = ""

    @property
    def text(self) -> str:
        """The page as plain text: the same whatever was answered."""
        return page_text(self._title, self._printed, self._first_seed)

    def _still(self) -> Mapping[str, Any]:
        page = page_html(self._title, self._printed, self._first_seed)
        return {"text/html": page, "text/plain": self.text}
