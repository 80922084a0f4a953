"""One question as a widget: prompt, input, check, verdict, hint, solution, new numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from oslab.lab import progress
from oslab.lab.quizzes.banks import Source, draw, needs_seed, whole_seed
from oslab.lab.quizzes.base import Question, Verdict
from oslab.lab.quizzes.faces import as_text, prompt_html
from oslab.lab.quizzes.inputs import close_all, make_input
from oslab.lab.quizzes.markup import inline, to_html
from oslab.lab.quizzes.seeding import SeedControl, next_seed
from oslab.lab.records import Store

__all__ = ["QuestionBox", "look", "sentence"]

_LOOK = (Path(__file__).parent / "quiz.css").read_text(encoding="utf-8")


def look() -> widgets.HTML:
    """Return the widget that carries the styles of quizzes."""
    return widgets.HTML(f"<style>{_LOOK}</style>", layout={"display": "none"})


def sentence(error: BaseException) -> str:
    """Return what is said of an error: its own words where it is about the answer given."""
    return str(error) if isinstance(error, ValueError | TypeError | OSError) else f"{type(error).__name__}: {error}"


class QuestionBox:
    """One question to be answered, any number of times.

    Parameters
    ----------
    source : Question or callable
        A question, or a function of a seed that makes one.
    seed : int, optional
        Where a function starts, and the order of what is offered.
    store : Store, optional
        Where answers are kept; None: nowhere.
    compact : bool
        Without seed and key, for a prediction before a picture.
    key, chapter : str
        Under which answers are kept.
    inside : bool
        Part of a quiz, which has the styles, a seed for all parts of an entry, and a place for notes.

    Attributes
    ----------
    box : Widget
        To be displayed.
    question : Question
        The one now asked.
    verdict : Verdict or None
        On the last answer to these numbers.
    seed, tries : int
    """

    def __init__(self, source: Source, seed: int = 1, store: Store | None = None, compact: bool = False,
                 key: str = "", chapter: str = "", inside: bool = False):
        self._source, self._store, self._compact = source, store, compact
        self._key, self._chapter, self._inside = key, chapter, inside
        self._callbacks: list[Callable[[Any, Verdict], None]] = []
        self._lock = threading.RLock()
        self._record: str | None = None
        self._before, self._silent = "", False
        self.seed = whole_seed(seed)
        self.question: Question = draw(source, self.seed)
        self.verdict: Verdict | None = None
        self.tries = 0
        alone = not inside and not compact and needs_seed(source)
        self._seed_control = SeedControl(seed, self._ask_seed) if alone else None
        self._head = widgets.HTML().add_class("oslab-head")
        top = widgets.HBox([self._head, *([self._seed_control.box] if alone else [])]).add_class("oslab-top")
        self._above = [*([] if inside else [look()]), *([] if compact else [top])]
        self._prompt = widgets.HTML().add_class("oslab-prompt")
        self._said = widgets.HTML(_verdict_html(None)).add_class("oslab-said-box")
        self._more = widgets.HTML().add_class("oslab-more")
        self._check = self._button("check", self._press).add_class("oslab-check")
        self._hint = self._button("hint", self._show_hint)
        self._solve = self._button("solution", self._show_solution)
        self._solve.tooltip = "After the first try"
        self._actions = widgets.HBox([self._check, self._hint, self._solve]).add_class("oslab-actions")
        self._input = make_input(self.question, self.seed, self._changed, self._press)
        self.box = widgets.VBox().add_class("oslab-question")
        if compact:
            self.box.add_class("oslab-compact")
        self._fill()

    def on_answer(self, callback: Callable[[Any, Verdict], None]) -> None:
        """Call `callback` with the answer and its verdict whenever one is given."""
        self._callbacks.append(callback)

    def answer(self, value: Any) -> Verdict:
        """Give an answer as the reader would, and return its verdict.

        Raises
        ------
        TypeError, ValueError
            What is no answer to this question; it does not count as a try.
        """
        with self._lock:
            self.question.grade(value)
            self._quietly(lambda: self._input.show(value))
            return self._judge()

    def new_numbers(self, seed: int | None = None) -> Question:
        """Ask the question that belongs to another seed, by default the next one that changes it."""
        with self._lock:
            if seed is None:
                seed = next_seed([self._source], self.seed)
            question = draw(self._source, whole_seed(seed))
            if question == self.question and question.kind == "written":
                self.seed = seed
                return question
            old = self._input
            self._input = make_input(question, seed, self._changed, self._press)
            self.box.remove_class(f"oslab-kind-{self.question.kind}")
            self.question, self.seed, self.verdict, self.tries, self._record = question, seed, None, 0, None
            self._fill()
            old.close()
            return question

    def remember(self, record: Any, tries: int, right: bool) -> None:
        """Show that the question was answered in an earlier sitting; a written answer is shown again."""
        with self._lock:
            word = "right" if right else "not yet right"
            self._before = f"before: {word}, {_times(tries)}"
            if self.question.kind == "written" and isinstance(record.answer, dict):
                try:
                    self.question.parts(record.answer)
                except (TypeError, ValueError):  # the points have changed since
                    return
                self._record, self.tries = record.id, record.tries
                self._quietly(lambda: self._input.show(record.answer))
                self._input.reveal()
                self.verdict = self.question.grade(self._input.value()) if record.answer["text"].strip() else None
                self._said.value = _verdict_html(self.verdict)
                self._solve.disabled = False
            self._draw_head()

    @property
    def text(self) -> str:
        """The question as plain text."""
        return as_text(self.question, self.seed)

    def close(self) -> None:
        """Close every widget of the box."""
        close_all(self.box)

    def _button(self, word: str, pressed: Callable[[], None]) -> widgets.Button:
        button = widgets.Button(description=word)
        button.on_click(lambda _: self._guard(pressed))
        return button

    def _fill(self) -> None:
        question = self.question
        self.box.add_class(f"oslab-kind-{question.kind}")
        self._prompt.value = prompt_html(question)
        self._check.description = self._input.action
        self._hint.layout.display = "" if question.hint else "none"
        self._solve.layout.display = "none" if question.kind == "written" else ""
        self._solve.disabled = True
        self._said.value, self._more.value = _verdict_html(None), ""
        self._draw_head()
        if self._seed_control:
            self._seed_control.show(self.seed)
        self.box.children = [*self._above, self._prompt, self._input.box, self._actions, self._said, self._more]

    def _draw_head(self) -> None:
        now = ""
        if self.verdict is not None:
            now = f"{'✓ right' if self.verdict.right else '✗ not yet'}, {_times(self.tries)}"
        state = f"<span class='oslab-state'>{now or self._before}</span>"
        self._head.value = f"<b>{inline(self._key)}</b> {state}"

    def _guard(self, act: Callable[[], Any]) -> None:
        """Do what a press asks for; what goes wrong is said in the box, since it would be shown nowhere."""
        with self._lock:
            try:
                act()
            except Exception as error:
                self._said.value = (f"<div class='oslab-verdict oslab-trouble' role='alert'>"
                                    f"{inline(sentence(error))}</div>")

    def _quietly(self, act: Callable[[], None]) -> None:
        self._silent = True
        try:
            act()
        finally:
            self._silent = False

    def _ask_seed(self, seed: int | None) -> None:
        self._guard(lambda: self.new_numbers(seed))

    def _press(self) -> None:
        self._guard(self._judge)

    def _changed(self) -> None:
        """The answer was changed: an old verdict no longer belongs to it."""
        if self._silent or self.verdict is None:
            return
        if self.question.kind == "written":
            self._guard(lambda: self._judge(again=True))
        else:
            with self._lock:
                self._said.value = _verdict_html(None)

    def _judge(self, again: bool = False) -> Verdict:
        value = self.question.normal(self._input.value())
        verdict = self.question.grade(value)
        written = self.question.kind == "written"
        if not (again or (written and self.verdict is not None)):
            self.tries += 1
        self.verdict = verdict
        self._input.reveal()
        self._solve.disabled = False
        self._said.value = _verdict_html(verdict)
        self._draw_head()
        if self._store is not None:
            self._keep(value, verdict)
        for callback in self._callbacks:
            callback(value, verdict)
        return verdict

    def _keep(self, value: Any, verdict: Verdict) -> None:
        # A written answer and its ticks are one record, revised.
        revised = self._record if self.question.kind == "written" else None
        self._record = progress.record(self._chapter, self._key, self.seed, self.question.kind, value, verdict.right,
                                       score=verdict.score, tries=self.tries, id=revised, into=self._store)
        note = "" if self._inside else self._store.tell()
        if note:
            self._more.value = f"<div class='oslab-note' role='status'>{inline(note)}</div>"

    def _show_hint(self) -> None:
        self._more.value = f"<div class='oslab-aside'><b>Hint.</b> {to_html(self.question.hint)}</div>"

    def _show_solution(self) -> None:
        self._more.value = f"<div class='oslab-aside'><b>Solution.</b> {to_html(self.question.solution())}</div>"


def _times(tries: int) -> str:
    return f"{tries} {'try' if tries == 1 else 'tries'}"


def _verdict_html(verdict: Verdict | None) -> str:
    if verdict is None:
        return "<div class='oslab-verdict'></div>"
    word, look = ("Right.", "oslab-right") if verdict.right else ("Not yet.", "oslab-wrong")
    tempting = f"<div class='oslab-tempting'>{to_html(verdict.tempting)}</div>" if verdict.tempting else ""
    # A new element with this role is read out by screen readers as it appears.
    return (f"<div class='oslab-verdict {look}' role='alert'><b>{word}</b> {_flow(verdict.why)}{tempting}</div>")


def _flow(text: str) -> str:
    """A text that goes on after a word, its first paragraph without a break."""
    page = to_html(text)
    return page[3:].replace("</p>", "", 1) if page.startswith("<p>") else page
