"""One question as a widget: prompt, input, check, verdict, hint, solution, new numbers."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from oslab.base import plural, shown
from oslab.picture.displayed import Displayed
from oslab.quizzes import Question, Verdict, progress
from oslab.quizzes.bank import SEED, Source, draw, needs_seed
from oslab.quizzes.inputs import make_input
from oslab.quizzes.markup import inline, labelled
from oslab.quizzes.messages import note_html, styles, trouble_html, verdict_html
from oslab.quizzes.printed import as_html, as_text, prompt_html
from oslab.quizzes.progress_file import Record, Store
from oslab.quizzes.seed_control import SeedControl, label_for, next_seed

__all__ = ["QuestionBox"]


class QuestionBox(Displayed):
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
        Without seed and key, for a prediction before a picture: answered or skipped, it folds to a line.
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
        Of the numbers now asked; how often they were answered.
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
        if not (isinstance(source, Question) or callable(source)):
            raise TypeError(f"source={shown(source)}: allowed are a Question and a function of a seed that makes one")
        self._source, self._store, self._compact = source, store, compact
        self._key, self._chapter, self._inside = key, chapter, inside
        self._callbacks: list[Callable[[Any, Verdict], None]] = []
        self._lock = threading.RLock()
        self._record: str | None = None
        self._before, self._silent = "", False
        self.seed = SEED.check("seed", seed)
        self.question: Question = draw(source, self.seed)
        # Now, so that what is printed does not depend on what is answered later.
        self._printed = {"text/html": as_html(self.question, self.seed), "text/plain": self.text}
        self.verdict: Verdict | None = None
        self.tries, self._answer = 0, None
        self._make_widgets()
        self._fill()

    def _make_widgets(self) -> None:
        self._seed_control: SeedControl | None = None
        alone = not self._inside and not self._compact and needs_seed(self._source)
        if alone and next_seed([self._source], self.seed) is not None:
            self._seed_control = SeedControl(self.seed, self._ask_seed, label_for([self.question]))
        self._head = widgets.HTML().add_class("oslab-head")
        seeds = [self._seed_control.box] if self._seed_control else []
        top = widgets.HBox([self._head, *seeds]).add_class("oslab-top")
        self._above = [*([] if self._inside else [styles()]), *([] if self._compact else [top])]
        self._prompt = widgets.HTML().add_class("oslab-prompt")
        self._verdict = widgets.HTML(verdict_html(None)).add_class("oslab-said-box")
        self._more = widgets.HTML().add_class("oslab-more")
        self._check = self._button("check", self._press).add_class("oslab-check")
        self._hint = self._button("hint", lambda: self._unfold("Hint", self.question.hint))
        self._solve = self._button(
            "solution", lambda: self._unfold("Solution", self.question.solution()), "After the first try"
        )
        skip = [self._button("skip", lambda: self._fold("Prediction skipped."))] if self._compact else []
        self._actions = widgets.HBox([self._check, self._hint, self._solve, *skip]).add_class("oslab-actions")
        self._line = widgets.HTML().add_class("oslab-line")
        self._again = self._button("question", self._unfold_question, "Show the question again")
        self._folded = widgets.HBox([self._line, self._again]).add_class("oslab-folded")
        self._input = make_input(self.question, self.seed, self._change, lambda: self._guard(self._press))
        self.box = widgets.VBox().add_class("oslab-question")
        if self._compact:
            self.box.add_class("oslab-compact")

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
            self._show_answer(value)
            return self._judge()

    def answer_for(self, values: Mapping[str, Any]) -> Any:
        """Return the last answer if the question is about a lab with these controls' values, else None."""
        return self._answer if self.verdict is not None and self.question.is_about(values) else None

    def new_numbers(self, seed: int | None = None) -> Question:
        """Ask the question that belongs to another seed, by default the next one that changes it.

        Raises
        ------
        TypeError, ValueError
            What is no seed; a question that has no numbers to change.
        """
        with self._lock:
            seed = next_seed([self._source], self.seed) if seed is None else SEED.check("seed", seed)
            if seed is None:
                raise ValueError(f"{self._key or 'source'}: this question has no numbers to change")
            question = draw(self._source, seed)
            if question == self.question and question.kind == "written":
                self.seed = seed
                return question
            old = self._input
            self._input = make_input(question, seed, self._change, lambda: self._guard(self._press))
            self.box.remove_class(f"oslab-kind-{self.question.kind}")
            self.question, self.seed, self.verdict, self.tries, self._record = question, seed, None, 0, None
            self._fill()
            old.close()
            return question

    def remember(self, record: Record, tries: int, right: bool) -> None:
        """Show that the question was answered in an earlier sitting; a written answer is shown again."""
        with self._lock:
            word = "right" if right else "not yet right"
            self._before = f"before: {word}, {plural(tries, 'try', 'tries')}"
            self._draw_head()
            if self.question.kind != "written":
                return
            try:
                verdict = self.question.grade(record.answer)
                self._show_answer(record.answer)
            except (TypeError, ValueError):  # the points have changed since
                return
            self._record, self.tries = record.id, record.tries
            self._reveal()
            if self._input.value()["ticked"]:
                self._show_verdict(verdict)

    @property
    def text(self) -> str:
        """The question as plain text."""
        return as_text(self.question, self.seed)

    def _still(self) -> Mapping[str, Any]:
        return self._printed

    def _fill(self) -> None:
        question = self.question
        self.box.add_class(f"oslab-kind-{question.kind}")
        self._prompt.value = prompt_html(question)
        self._check.description = self._input.check_label
        self._hint.layout.display = "" if question.hint else "none"
        self._solve.layout.display = "none" if question.kind == "written" else ""
        self._solve.disabled = True
        self._verdict.value, self._more.value = verdict_html(None), ""
        self._draw_head()
        if self._seed_control:
            self._seed_control.show(self.seed)
        body = [self._input.box, self._actions]
        body = [widgets.HBox(body).add_class("oslab-side")] if self._compact else body
        self.box.children = [*self._above, self._prompt, *body, self._verdict, self._more, self._folded]
        self.box.remove_class("oslab-closed")

    def _draw_head(self) -> None:
        now = ""
        if self.verdict is not None:
            now = f"{'✓ right' if self.verdict.right else '✗ not yet'}, {plural(self.tries, 'try', 'tries')}"
        state = f"<span class='oslab-state'>{now or self._before}</span>"
        self._head.value = f"<b>{inline(self._key)}</b> {state}"

    def _guard(self, act: Callable[[], Any]) -> None:
        with self._lock:
            super()._guard(act)

    def _say_trouble(self, said: str) -> None:
        self._verdict.value = trouble_html(said)

    def _show_answer(self, value: Any) -> None:
        self._silent = True
        try:
            self._input.show(value)
        finally:
            self._silent = False

    def _ask_seed(self, seed: int | None) -> None:
        self._guard(lambda: self.new_numbers(seed))

    def _press(self) -> None:
        if self.question.kind == "written" and not self._input.revealed:
            self._compare()
        else:
            self._judge()

    def _change(self) -> None:
        """Judge a written answer again once points are ticked; take away a verdict on another answer than this one."""
        if self._silent:
            return
        if self.question.kind == "written":
            if self.verdict is not None or self._input.value()["ticked"]:
                self._guard(self._judge)
        elif self.verdict is not None:
            with self._lock:
                self._verdict.value = verdict_html(None)

    def _compare(self) -> None:
        """Show the model answer beside what was written; it is not scored before a point could be ticked."""
        value = self._input.value()
        verdict = self.question.grade(value)
        self.tries += 1
        self._reveal()
        self._verdict.value = note_html("Tick each point that your own answer contains.")
        self._keep(value, verdict)

    def _reveal(self) -> None:
        self._input.reveal()
        self._check.description = self._input.check_label
        self._solve.disabled = False

    def _judge(self) -> Verdict:
        value = self.question.normal(self._input.value())
        verdict = self.question.grade(value)
        self.tries += not self._input.revealed
        self._reveal()
        self._answer = value
        self._show_verdict(verdict)
        self._keep(value, verdict)
        for callback in self._callbacks:
            callback(value, verdict)
        return verdict

    def _show_verdict(self, verdict: Verdict) -> None:
        self.verdict, self._verdict.value = verdict, verdict_html(verdict)
        self._draw_head()
        if self._compact:
            self._fold(f"<details><summary>{verdict_html(verdict)}</summary></details>")

    def _fold(self, said: str) -> None:
        """Show one line in place of a prediction: what was said of it."""
        self._line.value = said
        self.box.add_class("oslab-closed")
        self._again.focus()

    def _unfold_question(self) -> None:
        self.box.remove_class("oslab-closed")
        self._check.focus()

    def _keep(self, value: Any, verdict: Verdict) -> None:
        if self._store is None:
            return
        # A written answer and its ticks are one record, revised.
        revised = self._record if self.question.kind == "written" else None
        self._record = progress.record(
            self._chapter,
            self._key,
            self.seed,
            self.question.kind,
            value,
            verdict.right,
            score=verdict.score,
            tries=self.tries,
            id=revised,
            digest=self.question.digest,
            into=self._store,
        )
        note = "" if self._inside else self._store.tell()
        if note:
            self._more.value = note_html(note)

    def _unfold(self, label: str, text: str) -> None:
        """Show a text under the verdict, or fold it away if it is there."""
        page = f"<div class='oslab-aside'>{labelled(label, text)}</div>"
        self._more.value = "" if self._more.value == page else page
