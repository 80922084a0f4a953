"""`exam`: questions drawn from several chapters, graded by the first answer, scored by chapter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from oslab.quizzes import progress_log
from oslab.quizzes.bank import Bank, Source, draw, whole_seed
from oslab.quizzes.countdown import Countdown
from oslab.quizzes.inputs import close_all
from oslab.quizzes.kinds.question import Question, Verdict
from oslab.quizzes.markup import html_table, inline
from oslab.quizzes.messages import look, sentence
from oslab.quizzes.printed import page_html, page_text
from oslab.quizzes.progress_file import Store
from oslab.quizzes.question_box import QuestionBox
from oslab.quizzes.seed_control import SeedControl

__all__ = ["Exam", "Score", "draw_exam", "exam"]

PASSED = 0.7

_open: dict[tuple[str, ...], Exam] = {}


@dataclass(frozen=True)
class Score:
    """How an exam went.

    Attributes
    ----------
    chapters : tuple of str
    asked, right : tuple of int
        By chapter; what was not answered, or too late, is not right.
    missed : dict of str to tuple of str
        By chapter, the keys of the questions to go back to.
    """

    chapters: tuple[str, ...]
    asked: tuple[int, ...]
    right: tuple[int, ...]
    missed: dict[str, tuple[str, ...]]

    def table(self) -> list[dict[str, Any]]:
        """Return one row a chapter."""
        return [
            {"chapter": c, "right": r, "of": a, "go back to": self._advice(c, r, a)}
            for c, r, a in zip(self.chapters, self.right, self.asked, strict=True)
        ]

    def _advice(self, chapter: str, right: int, asked: int) -> str:
        if right == asked:
            return ""
        keys = ", ".join(self.missed[chapter])
        return f"the labs, then {keys}" if right < PASSED * asked else keys

    def __str__(self) -> str:
        rows = "\n".join(
            f"{row['chapter']}: {row['right']} of {row['of']}"
            + (f"; go back to {row['go back to']}" if row["go back to"] else "")
            for row in self.table()
        )
        return f"{sum(self.right)} of {sum(self.asked)} right at the first answer\n{rows}"


def draw_exam(banks: tuple[Bank, ...], questions: int, seed: int) -> list[tuple[Bank, str, Source, int]]:
    """Draw questions from banks in turn, each with a seed of its own; written answers, which nobody grades, are left out.

    Returns
    -------
    list of tuple
        Bank, key of the part, its source, seed; as many of each chapter as of the next, but for one.
    """
    chance = random.Random(seed)
    queues = []
    for bank in banks:
        parts = [
            (bank, part, source)
            for key in bank
            for part, source in bank.parts(key).items()
            if draw(source, seed).kind != "written"
        ]
        queues.append(chance.sample(parts, len(parts)))
    chance.shuffle(queues)
    most = max(map(len, queues))
    in_turn = [queue[k] for k in range(most) for queue in queues if k < len(queue)]
    drawn = [(*part, chance.randrange(1, 10**6)) for part in in_turn[:questions]]
    return sorted(drawn, key=lambda one: banks.index(one[0]))


def exam(
    *banks: Bank, questions: int = 10, seed: int = 1, minutes: float | None = None, store: Store | None = None
) -> Exam:
    """Return an exam drawn from several chapters, ready to be displayed by being the last line of a cell.

    Parameters
    ----------
    *banks : Bank
        ``memory.QUIZ``, ``scheduling.QUIZ`` and so on.
    questions : int
        How many; fewer if the banks have no more.
    seed : int
        Draws the questions and their numbers.
    minutes : float, optional
        After the button *start the clock* is pressed; later answers do not count.
    store : Store, optional
        Where answers are kept; the learner's progress file if not given.

    Raises
    ------
    TypeError, ValueError
        No bank, what is no bank, no question, no time.
    """
    if not banks or not all(isinstance(bank, Bank) for bank in banks):
        raise TypeError(f"banks={banks!r}: banks are needed, such as memory.QUIZ")
    if isinstance(questions, bool) or not isinstance(questions, int) or questions < 1:
        raise ValueError(f"questions={questions!r}: allowed are whole numbers from 1 up")
    if minutes is not None and not 0 < minutes <= 1000:
        raise ValueError(f"minutes={minutes!r}: allowed are numbers above 0, up to 1000")
    made = Exam(banks, questions, whole_seed(seed), minutes, store or progress_log.store())
    name = tuple(bank.chapter for bank in banks)
    if name in _open:
        _open.pop(name).close()
    _open[name] = made
    return made


class Exam:
    """Questions from several chapters on one sheet; made by `exam`.

    Scripts and tests drive it by `answer`, `start`, `hand_in` and `draw_again`.

    Attributes
    ----------
    boxes : dict of str to QuestionBox
        By name: ``"memory Q2"``.
    box : Widget
    score : Score or None
        Once it is handed in.
    """

    def __init__(
        self,
        banks: tuple[Bank, ...],
        questions: int,
        seed: int,
        minutes: float | None,
        store: Store,
        clock: Callable[[], float] = time.time,
    ):
        self._banks, self._questions, self._store, self._clock = banks, questions, store, clock
        self.seed, self.score = seed, None
        self.boxes: dict[str, QuestionBox] = {}
        self._first: dict[str, bool] = {}
        self._countdown = None if minutes is None else Countdown(60 * minutes, self._clock)
        self._head = widgets.HTML().add_class("oslab-quiz-head")
        self._seeds = SeedControl(seed, self._seed_asked)
        self._seeds.button.description, self._seeds.button.tooltip = "draw another", "Other questions, other numbers"
        top = widgets.HBox([self._head, self._seeds.box]).add_class("oslab-top")
        self._entries = widgets.VBox()
        self._finish = widgets.Button(description="hand in", tooltip="The score, by chapter").add_class("oslab-check")
        self._finish.on_click(lambda _: self.hand_in())
        self._report = widgets.HTML()
        clocks = [self._countdown.box] if self._countdown else []
        self.box = widgets.VBox([look(), top, *clocks, self._entries, self._finish, self._report]).add_class(
            "oslab-quiz"
        )
        self._fill()
        # Now, so that what is printed does not depend on what is answered later.
        self._printed = {name: box.question for name, box in self.boxes.items()}
        self._start_seed = seed

    def _fill(self) -> None:
        old, self.boxes, self._first, self.score = self.boxes, {}, {}, None
        for bank, part, source, seed in draw_exam(self._banks, self._questions, self.seed):
            name = f"{bank.chapter} {part}"
            made = QuestionBox(source, seed, self._store, key=part, chapter=bank.chapter, inside=True)
            made.on_answer(lambda answer, verdict, name=name: self._answered(name, verdict))
            self.boxes[name] = made
        labels = [widgets.HTML(f"<span class='oslab-quiet'>{inline(name.split()[0])}</span>") for name in self.boxes]
        self._entries.children = [
            widgets.VBox([label, box.box]).add_class("oslab-entry")
            for label, box in zip(labels, self.boxes.values(), strict=True)
        ]
        self._report.value = ""
        if self._countdown:
            self._countdown.stop()
        self._refresh()
        for box in old.values():
            box.close()

    def start(self) -> None:
        """Start the clock, if there is one."""
        if self._countdown:
            self._countdown.start()

    def answer(self, name: str, value: Any) -> Verdict:
        """Give an answer as the reader would; the first one counts.

        Raises
        ------
        KeyError
            A question that is not here.
        """
        if name not in self.boxes:
            raise KeyError(f"{name!r}: the exam has {', '.join(self.boxes)}")
        return self.boxes[name].answer(value)

    def hand_in(self) -> Score:
        """Return the score, and show it."""
        chapters = tuple(bank.chapter for bank in self._banks if any(self._of(bank.chapter)))
        missed = {
            c: tuple(name.split()[1] for name in self._of(c) if not self._first.get(name, False)) for c in chapters
        }
        asked = tuple(len(self._of(c)) for c in chapters)
        right = tuple(n - len(missed[c]) for n, c in zip(asked, chapters, strict=True))
        self.score = Score(chapters, asked, right, missed)
        first = str(self.score).splitlines()[0]
        self._report.value = f"<div role='status'><p><b>{first}.</b></p>{html_table(self.score.table())}</div>"
        return self.score

    def draw_again(self, seed: int) -> None:
        """Ask the questions that belong to another seed."""
        self.seed = whole_seed(seed)
        self._seeds.show(self.seed)
        self._fill()

    @property
    def questions(self) -> dict[str, Question]:
        """The questions now asked, by name."""
        return {name: box.question for name, box in self.boxes.items()}

    def close(self) -> None:
        """Close every widget."""
        close_all(self.box)

    def _of(self, chapter: str) -> list[str]:
        return [name for name in self.boxes if name.split()[0] == chapter]

    def _answered(self, name: str, verdict: Verdict) -> None:
        late = self._countdown is not None and self._countdown.over
        self._first.setdefault(name, verdict.right and not late)
        self._refresh()

    def _seed_asked(self, seed: int | None) -> None:
        try:
            self.draw_again(self.seed + 1 if seed is None else seed)
        except Exception as error:  # in a callback: shown nowhere else
            self._report.value = f"<div class='oslab-note' role='alert'>{inline(sentence(error))}</div>"

    def _refresh(self) -> None:
        self._head.value = (
            f"<b>Exam</b> <span class='oslab-quiet'>{len(self._first)} of {len(self.boxes)} answered; "
            "the first answer counts</span>"
        )

    @property
    def text(self) -> str:
        """The sheet as plain text: the same whatever was answered."""
        return page_text("Exam", self._printed, self._start_seed)

    def __repr__(self) -> str:
        return self.text

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live sheet, and its text and HTML for where nothing runs."""
        live = self.box._repr_mimebundle_() or {}
        live = live[0] if isinstance(live, tuple) else live
        return {**live, "text/html": page_html("Exam", self._printed, self._start_seed), "text/plain": self.text}
