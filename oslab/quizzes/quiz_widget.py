"""`quiz`: the questions of a chapter, live in a notebook and readable where nothing runs."""

from __future__ import annotations

import ipywidgets as widgets

from oslab.base import Instance, checked
from oslab.picture.displayed import open_in_cell
from oslab.quizzes import Question, Verdict, progress
from oslab.quizzes.bank import SEED, Bank, draw, needs_seed
from oslab.quizzes.messages import styles
from oslab.quizzes.printed import heading
from oslab.quizzes.progress_file import Store
from oslab.quizzes.seed_control import SeedControl, label_for, next_seed
from oslab.quizzes.sheet import Sheet

__all__ = ["Quiz", "quiz"]


@checked(bank=Instance(Bank), seed=SEED, store=Instance(Store, optional=True))
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
    sheet = Quiz(bank, seed, store or progress.store())
    open_in_cell(sheet, bank.chapter, *sheet.boxes)
    return sheet


class Quiz(Sheet):
    """The questions of one chapter on one sheet; made by `quiz`.

    Scripts and tests drive it by `answer`, `verdict` and `new_numbers`.  The parts of an entry are named Q1a,
    Q1b and so on.

    Attributes
    ----------
    bank : Bank
        The chapter's questions.
    boxes : dict of str to QuestionBox
        By part.
    box : Widget
        The whole sheet.
    """

    def __init__(self, bank: Bank, seed: int, store: Store):
        super().__init__(bank.title, seed, store)
        self.bank = bank
        self._seeds = dict.fromkeys(bank, seed)
        self._controls: dict[str, SeedControl] = {}
        self._ever_right: set[str] = set()
        entries = [self._make_entry(key) for key in bank]
        self._print()
        self.box = widgets.VBox([styles(), self._head, self._note, *entries]).add_class("oslab-quiz")
        self._remember()
        self._refresh()

    def _make_entry(self, key: str) -> widgets.Widget:
        seed = self._seeds[key]
        boxes = [self._add(part, self.bank, part, source, seed) for part, source in self.bank.parts(key).items()]
        drawn = [box.question for box, source in zip(boxes, self.bank[key], strict=True) if needs_seed(source)]
        if drawn:
            self._controls[key] = SeedControl(seed, lambda wanted: self._ask_seed(key, wanted), label_for(drawn))
        controls = [self._controls[key].box] if drawn else []
        return widgets.VBox([*controls, *(box.box for box in boxes)]).add_class("oslab-entry")

    def verdict(self, key: str) -> Verdict | None:
        """Return the verdict on the last answer to these numbers, or None."""
        return self._find(key).verdict

    def seed(self, key: str) -> int:
        """Return the seed of a question's numbers."""
        return self._find(key).seed

    def new_numbers(self, key: str, seed: int | None = None) -> dict[str, Question]:
        """Draw an entry from another seed (by default the next that changes it) and return its parts.

        Raises
        ------
        KeyError
            A question that is not here.
        TypeError, ValueError
            What is no seed; an entry that has no numbers to change.
        """
        key = key if key in self.bank else key[:-1]
        sources = self.bank[key]
        seed = next_seed(sources, self._seeds[key]) if seed is None else SEED.check("seed", seed)
        if seed is None or key not in self._controls:
            raise ValueError(f"key={key!r}: this question has no numbers to change")
        for source in sources:  # all of them, before any is shown
            draw(source, seed)
        self._seeds[key] = seed
        for part in self.bank.parts(key):
            self.boxes[part].new_numbers(seed)
        self._controls[key].show(seed)
        return {part: self.boxes[part].question for part in self.bank.parts(key)}

    def _ask_seed(self, key: str, seed: int | None) -> None:
        self._guard(lambda: self.new_numbers(key, seed))
        self._controls[key].show(self._seeds[key])

    def _remember(self) -> None:
        for part, (record, tries, right) in progress.states(self.bank.chapter, self._store).items():
            if part in self.boxes and record.kind == self.boxes[part].question.kind:
                self.boxes[part].remember(record, tries, right)
                if right:
                    self._ever_right.add(part)

    def _take_answer(self, name: str, verdict: Verdict) -> None:
        if verdict.right:
            self._ever_right.add(name)
        self._refresh()

    def _refresh(self) -> None:
        right = f"{len(self._ever_right)} of {len(self.boxes)} answered right"
        self._write_head(heading(self.bank.title), right)
        note = self._store.tell()
        if note:
            self._say_trouble(note)
