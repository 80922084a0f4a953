"""One question as a widget: prompt, input, check, verdict, hint, solution, new numbers."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from oslab.quizzes import progress_log
from oslab.quizzes.bank import Source, draw, needs_seed, whole_seed
from oslab.quizzes.inputs import close_all, make_input
from oslab.quizzes.kinds.question import Question, Verdict
from oslab.quizzes.markup import inline
from oslab.quizzes.messages import flow, look, sentence, times, verdict_html
from oslab.quizzes.printed import as_html, as_text, prompt_html
from oslab.quizzes.progress_file import Store
from oslab.quizzes.seed_control import SeedControl, next_seed

__all__ = ["QuestionBox"]


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

    def __init__(
        self,
        source: Source,
        seed: int = 1,
        store: Store | None = None,
        compact: bool = False,
        key: str = "",
        chapter: str = "",
        inside: bool = False,
    ):
        self._source, self._store, self._compact = source, store, compact
        self._key, self._chapter, self._inside = key, chapter, inside
        self._callbacks: list[Callable[[Any, Verdict], None]] = []
        self._lock = threading.RLock()
        self._record: str | None = None
        self._before, self._silent = "", False
        self.seed = whole_seed(seed)
        self.question: Question = draw(source, self.seed)
        # Now, so that what is printed does not depend on what is answered later.
        self._printed = {"text/html": as_html(self.question, seed), "text/plain": self.text}
        self.verdict: Verdict | None = None
        self.tries = 0
        alone = not inside and not compact and needs_seed(source)
        self._seed_control = SeedControl(seed, self._ask_seed) if alone else None
        self._head = widgets.HTML().add_class("oslab-head")
        top = widgets.HBox([self._head, *([self._seed_control.box] if alone else [])]).add_class("oslab-top")
        self._above = [*([] if inside else [look()]), *([] if compact else [top])]
        self._prompt = widgets.HTML().add_class("oslab-prompt")
        self._said = widgets.HTML(verdict_html(None)).add_class("oslab-said-box")
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
            self._before = f"before: {word}, {times(tries)}"
            if self.question.kind == "written" and isinstance(record.answer, dict):
                try:
                    self.question.parts(record.answer)
                except (TypeError, ValueError):  # the points have changed since
                    return
                self._record, self.tries = record.id, record.tries
                self._quietly(lambda: self._input.show(record.answer))
                self._input.reveal()
                self.verdict = self.question.grade(record.answer) if record.answer["text"].strip() else None
                self._said.value = verdict_html(self.verdict)
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
        self._said.value, self._more.value = verdict_html(None), ""
        self._draw_head()
        if self._seed_control:
            self._seed_control.show(self.seed)
        body = [self._input.box, self._actions]
        body = [widgets.HBox(body).add_class("oslab-side")] if self._compact else body
        self.box.children = [*self._above, self._prompt, *body, self._said, self._more]

    def _draw_head(self) -> None:
        now = ""
        if self.verdict is not None:
            now = f"{'✓ right' if self.verdict.right else '✗ not yet'}, {times(self.tries)}"
        state = f"<span class='oslab-state'>{now or self._before}</span>"
        self._head.value = f"<b>{inline(self._key)}</b> {state}"

    def _guard(self, act: Callable[[], Any]) -> None:
        """Do what a press asks for; what goes wrong is said in the box, since it would be shown nowhere."""
        with self._lock:
            try:
                act()
            except Exception as error:
                self._said.value = (
                    f"<div class='oslab-verdict oslab-trouble' role='alert'>{inline(sentence(error))}</div>"
                )

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
        """Take away a verdict that no longer belongs to the answer."""
        if self._silent or self.verdict is None:
            return
        if self.question.kind == "written":
            self._guard(lambda: self._judge(again=True))
        else:
            with self._lock:
                self._said.value = verdict_html(None)

    def _judge(self, again: bool = False) -> Verdict:
        value = self.question.normal(self._input.value())
        verdict = self.question.grade(value)
        written = self.question.kind == "written"
        if not (again or (written and self.verdict is not None)):
            self.tries += 1
        self.verdict = verdict
        self._input.reveal()
        self._solve.disabled = False
        self._said.value = verdict_html(verdict)
        self._draw_head()
        if self._store is not None:
            self._keep(value, verdict)
        for callback in self._callbacks:
            callback(value, verdict)
        return verdict

    def _keep(self, value: Any, verdict: Verdict) -> None:
        # A written answer and its ticks are one record, revised.
        revised = self._record if self.question.kind == "written" else None
        self._record = progress_log.record(
            self._chapter,
            self._key,
            self.seed,
            self.question.kind,
            value,
            verdict.right,
            score=verdict.score,
            tries=self.tries,
            id=revised,
            into=self._store,
        )
        note = "" if self._inside else self._store.tell()
        if note:
            self._more.value = f"<div class='oslab-note' role='status'>{inline(note)}</div>"

    def _show_hint(self) -> None:
        self._unfold("Hint", self.question.hint)

    def _show_solution(self) -> None:
        self._unfold("Solution", self.question.solution())

    def _unfold(self, word: str, text: str) -> None:
        """Show a text under the verdict, or fold it away if it is there."""
        page = f"<div class='oslab-aside'><b>{word}.</b> {flow(text)}</div>"
        self._more.value = "" if self._more.value == page else page

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live question, and its text and HTML for where nothing runs."""
        live = self.box._repr_mimebundle_() or {}
        live = live[0] if isinstance(live, tuple) else live
        return {**live, **self._printed}
