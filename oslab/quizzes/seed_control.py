"""The seed of a question: shown, set, and moved on to new numbers."""

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import ipywidgets as widgets

from oslab.picture.displayed import make_button
from oslab.quizzes.bank import LAST_SEED, Source, draw, needs_seed
from oslab.quizzes.kinds.question import Question

__all__ = ["SeedControl", "label_for", "next_seed"]

TOOLTIPS = {
    "new numbers": "The same question, other numbers",
    "another case": "The same question about another case",
    "draw another": "Other questions, other numbers",
}
TRIED = 50  # seeds, until a source is taken for one that makes one question only


class SeedControl:
    """The seed of an entry, to be seen and set, and the button for new numbers.

    Parameters
    ----------
    seed : int
    changed : callable
        Called with the seed that the reader asks for, or None for any other one.
    label : str
        Of the button; see `label_for`.
    """

    def __init__(self, seed: int, changed: Callable[[int | None], None], label: str = "new numbers"):
        self._changed, self._quiet = changed, False
        self.field = widgets.BoundedIntText(
            seed,
            min=0,
            max=LAST_SEED,
            description="seed",
            continuous_update=False,
            layout={"width": "110px"},
            style={"description_width": "36px"},
            tooltip="The same seed makes the same question",
        )
        self.button = make_button(label, lambda: self._changed(None), TOOLTIPS[label]).add_class("oslab-new")
        self.field.observe(self._take, "value")
        self.box = widgets.HBox([self.field, self.button]).add_class("oslab-seed")

    def _take(self, change: Any) -> None:
        if not self._quiet:
            self._changed(change["new"])

    def show(self, seed: int) -> None:
        """Show a seed without asking for it."""
        self._quiet = True
        self.field.value = seed
        self._quiet = False


def label_for(questions: Iterable[Question]) -> str:
    """Return "new numbers" where one of the questions has numbers, else "another case"."""
    numbers = any(re.search(r"\d", f"{question.prompt}{question.table}") for question in questions)
    return "new numbers" if numbers else "another case"


def next_seed(sources: Sequence[Source], seed: int) -> int | None:
    """Return the next seed from which one of the sources makes another question; None if none does."""
    drawn = [(source, draw(source, seed)) for source in sources if needs_seed(source)]
    following = ((seed + step) % LAST_SEED for step in range(1, TRIED))
    return next((one for one in following if any(draw(source, one) != now for source, now in drawn)), None)
