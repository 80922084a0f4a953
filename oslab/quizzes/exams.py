"""`exam`: questions drawn from several chapters, graded by the first answer, scored by chapter."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import ipywidgets as widgets

from oslab.base import Instance, Result, checked, columns, integer, real
from oslab.picture.displayed import close_all, open_in_cell
from oslab.picture.html_text import html_table
from oslab.quizzes import Verdict, progress
from oslab.quizzes.bank import BANKS, SEED, Bank, Source, draw
from oslab.quizzes.countdown import Countdown
from oslab.quizzes.markup import inline
from oslab.quizzes.messages import styles
from oslab.quizzes.progress_file import Store
from oslab.quizzes.seed_control import SeedControl
from oslab.quizzes.sheet import Sheet

__all__ = ["Exam", "Score", "draw_exam", "exam"]

PASSED = 0.7


@dataclass(frozen=True)
class Score(Result):
    """How an exam went.

    Attributes
    ----------
    chapters : tuple of str
        From which questions were drawn.
    asked, right : tuple of int
        By chapter; what was not answered, or too late, is not right.
    missed : dict of str to tuple of str
        By chapter, the keys of the questions to go back to.
    """

    chapters: tuple[str, ...]
    asked: tuple[int, ...]
    right: tuple[int, ...]
    missed: dict[str, tuple[str, ...]]

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield one row a chapter."""
        advice = map(self._advice, self.chapters, self.right, self.asked)
        return columns({"chapter": self.chapters, "right": self.right, "of": self.asked, "go back to": advice})

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


@checked(
    questions=integer(1, 1000),
    seed=SEED,
    minutes=real(0, 1000, above=True, optional=True),
    store=Instance(Store, optional=True),
)
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
    made = Exam(BANKS.check("banks", banks), questions, seed, minutes, store or progress.store())
    open_in_cell(made, "exam", *(bank.chapter for bank in banks))
    return made


class Exam(Sheet):
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
        super().__init__("Exam", seed, store)
        self._banks, self._questions = banks, questions
        self.seed, self.score = seed, None
        self._first: dict[str, bool] = {}
        self._countdown = None if minutes is None else Countdown(60 * minutes, clock)
        self._seeds = SeedControl(seed, self._ask_seed, "draw another")
        top = widgets.HBox([self._head, self._seeds.box]).add_class("oslab-top")
        self._entries = widgets.VBox()
        self._finish = self._button("hand in", self.hand_in, "The score, by chapter").add_class("oslab-check")
        self._report = widgets.HTML()
        clocks = [self._countdown.box] if self._countdown else []
        parts = [styles(), top, self._note, *clocks, self._entries, self._finish, self._report]
        self.box = widgets.VBox(parts).add_class("oslab-quiz")
        self._fill()
        self._print()

    def _fill(self) -> None:
        self.boxes, self._first, self.score = {}, {}, None
        entries = []
        for bank, part, source, seed in draw_exam(self._banks, self._questions, self.seed):
            label = widgets.HTML(f"<span class='oslab-quiet'>{inline(bank.chapter)}</span>")
            box = self._add(f"{bank.chapter} {part}", bank, part, source, seed)
            entries.append(widgets.VBox([label, box.box]).add_class("oslab-entry"))
        gone, self._entries.children, self._report.value = self._entries.children, entries, ""
        if self._countdown:
            self._countdown.stop()
        self._refresh()
        for entry in gone:  # the old questions
            close_all(entry)

    def start(self) -> None:
        """Start the clock, if there is one."""
        if self._countdown:
            self._countdown.start()

    def hand_in(self) -> Score:
        """Return the score, and show it."""
        chapters = tuple(bank.chapter for bank in self._banks if self._of(bank.chapter))
        missed = {c: tuple(n.split()[1] for n in self._of(c) if not self._first.get(n, False)) for c in chapters}
        asked = tuple(len(self._of(c)) for c in chapters)
        right = tuple(n - len(missed[c]) for n, c in zip(asked, chapters, strict=True))
        self.score = Score(chapters, asked, right, missed)
        first = str(self.score).splitlines()[0]
        self._report.value = f"<div role='status'><p><b>{first}.</b></p>{html_table(self.score.table())}</div>"
        return self.score

    def draw_again(self, seed: int) -> None:
        """Ask the questions that belong to another seed."""
        self.seed = SEED.check("seed", seed)
        self._seeds.show(self.seed)
        self._fill()

    def _of(self, chapter: str) -> list[str]:
        return [name for name in self.boxes if name.split()[0] == chapter]

    def _take_answer(self, name: str, verdict: Verdict) -> None:
        late = self._countdown is not None and self._countdown.over
        self._first.setdefault(name, verdict.right and not late)
        self._refresh()

    def _ask_seed(self, seed: int | None) -> None:
        self._guard(lambda: self.draw_again(self.seed + 1 if seed is None else seed))

    def _refresh(self) -> None:
        self._write_head("Exam", f"{len(self._first)} of {len(self.boxes)} answered; the first answer counts")
