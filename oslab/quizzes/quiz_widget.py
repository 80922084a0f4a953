"""`quiz`: the questions of a chapter, live in a notebook and readable where nothing runs."""

from __future__ import annotations

from typing import Any

import ipywidgets as widgets

from oslab.quizzes import progress_log
from oslab.quizzes.bank import Bank, draw, needs_seed, whole_seed
from oslab.quizzes.inputs import close_all
from oslab.quizzes.kinds.question import Question, Verdict
from oslab.quizzes.markup import inline
from oslab.quizzes.messages import look, sentence
from oslab.quizzes.printed import page_html, page_text
from oslab.quizzes.progress_file import Store
from oslab.quizzes.question_box import QuestionBox
from oslab.quizzes.seed_control import SeedControl, next_seed

__all__ = ["Quiz", "quiz"]

_open: dict[tuple[str, ...], Quiz] = {}


def quiz(bank: Bank, seed: int = 1, store: Store | None = None) -> Quiz:
    """Return a chapter's questions, ready to be displayed by being the last line of a cell.

    Parameters
    ----------
    bank : Bank
        ``memory.QUIZ``
    seed : int, optional
        The numbers with which the questions start.
    store : Store, optional
        Where answers are kept; the learner's progress file if not given.

    Raises
    ------
    TypeError, ValueError
        What is no bank, or no seed.
    """
    if not isinstance(bank, Bank):
        raise TypeError(f"bank={bank!r}: a Bank is needed, such as memory.QUIZ")
    made = Quiz(bank, whole_seed(seed), store or progress_log.store())
    name = (bank.chapter, *made.questions)
    if name in _open:
        _open.pop(name).close()
    _open[name] = made
    return made


class Quiz:
    """The questions of one chapter on one sheet; made by `quiz`.

    Scripts and tests drive it by `answer`, `verdict` and `new_numbers`.  The parts of an entry are named Q1a,
    Q1b and so on.

    Attributes
    ----------
    bank : Bank
    boxes : dict of str to QuestionBox
        By part.
    box : Widget
        The whole sheet.
    """

    def __init__(self, bank: Bank, seed: int, store: Store):
        self.bank = bank
        self.boxes: dict[str, QuestionBox] = {}
        self._start, self._store = seed, store
        self._seeds = dict.fromkeys(bank, seed)
        self._controls: dict[str, SeedControl] = {}
        self._ever: set[str] = set()
        # Drawn now, so that what is printed does not depend on what is answered later.
        self._printed = {part: question for key in bank for part, question in bank.draw(key, seed).items()}
        self._head = widgets.HTML().add_class("oslab-quiz-head")
        self._note = widgets.HTML().add_class("oslab-quiz-note")
        self._note.layout.display = "none"
        entries = [self._entry(key) for key in bank]
        self.box = widgets.VBox([look(), self._head, self._note, *entries]).add_class("oslab-quiz")
        self._remember()
        self._refresh()

    def _entry(self, key: str) -> widgets.Widget:
        seed = self._seeds[key]
        rows: list[widgets.Widget] = []
        if any(map(needs_seed, self.bank[key])):
            self._controls[key] = SeedControl(seed, lambda wanted: self._ask(key, wanted))
        for part, source in self.bank.parts(key).items():
            made = QuestionBox(source, seed, self._store, key=part, chapter=self.bank.chapter, inside=True)
            made.on_answer(lambda answer, verdict, part=part: self._answered(part, verdict))
            self.boxes[part] = made
            rows.append(made.box)
        if key in self._controls:
            rows.insert(0, self._controls[key].box)
        return widgets.VBox(rows).add_class("oslab-entry")

    @property
    def questions(self) -> dict[str, Question]:
        """The questions now asked, by part."""
        return {part: made.question for part, made in self.boxes.items()}

    def answer(self, key: str, value: Any) -> Verdict:
        """Give an answer as the reader would, and return its verdict.

        Raises
        ------
        KeyError
            A question that is not here.
        TypeError, ValueError
            What is no answer to this question; it does not count as a try.
        """
        return self._box(key).answer(value)

    def verdict(self, key: str) -> Verdict | None:
        """Return the verdict on the last answer to these numbers, or None."""
        return self._box(key).verdict

    def seed(self, key: str) -> int:
        """Return the seed of a question's numbers."""
        return self._box(key).seed

    def new_numbers(self, key: str, seed: int | None = None) -> dict[str, Question]:
        """Draw an entry from another seed (by default the next that changes it) and return its parts.

        Raises
        ------
        KeyError
            A question that is not here.
        ValueError
            An entry that has no numbers to change.
        """
        key = key if key in self.bank else key[:-1]
        sources = self.bank[key]
        if key not in self._controls:
            raise ValueError(f"key={key!r}: this question has no numbers to change")
        seed = next_seed(list(sources), self._seeds[key]) if seed is None else whole_seed(seed)
        for source in sources:  # all of them, before any is shown
            draw(source, seed)
        self._seeds[key] = seed
        for part in self.bank.parts(key):
            self.boxes[part].new_numbers(seed)
        self._controls[key].show(seed)
        return {part: self.boxes[part].question for part in self.bank.parts(key)}

    @property
    def text(self) -> str:
        """The sheet as plain text: the same whatever was answered."""
        return page_text(self.bank.title, self._printed, self._start)

    def close(self) -> None:
        """Close every widget."""
        close_all(self.box)

    def _box(self, key: str) -> QuestionBox:
        if key not in self.boxes:
            raise KeyError(f"{key!r}: {self.bank.chapter} has {', '.join(self.boxes)}")
        return self.boxes[key]

    def _ask(self, key: str, seed: int | None) -> None:
        try:
            self.new_numbers(key, seed)
        except Exception as error:  # in a callback: shown nowhere else
            self._controls[key].show(self._seeds[key])
            self._say(sentence(error))

    def _remember(self) -> None:
        for part, (record, tries, right) in progress_log.states(self.bank.chapter, self._store).items():
            if part in self.boxes and record.kind == self.boxes[part].question.kind:
                self.boxes[part].remember(record, tries, right)
                if right:
                    self._ever.add(part)

    def _answered(self, part: str, verdict: Verdict) -> None:
        if verdict.right:
            self._ever.add(part)
        self._refresh()

    def _refresh(self) -> None:
        self._head.value = (
            f"<b>{inline(self.bank.title)}: questions</b> <span class='oslab-quiet'>"
            f"{len(self._ever)} of {len(self.boxes)} answered right</span>"
        )
        note = self._store.tell()
        if note:
            self._say(note)

    def _say(self, text: str) -> None:
        self._note.value = f"<div class='oslab-note' role='alert'>{inline(text)}</div>"
        self._note.layout.display = ""

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live sheet, and its text and HTML for where nothing runs."""
        live = self.box._repr_mimebundle_() or {}
        live = live[0] if isinstance(live, tuple) else live
        page = page_html(self.bank.title, self._printed, self._start)
        return {**live, "text/html": page, "text/plain": self.text}
