"""The seed of a question: shown, set, and moved on to new numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets as widgets

from oslab.quizzes.bank import LAST_SEED, Source, draw, needs_seed

__all__ = ["SeedControl", "next_seed"]


class SeedControl:
    """The seed of an entry, to be seen and set, and the button for new numbers.

    Parameters
    ----------
    seed : int
    changed : callable
        Called with the seed that the reader asks for, or None for any other one.
    """

    def __init__(self, seed: int, changed: Callable[[int | None], None]):
        self._changed, self._quiet = changed, False
        self.field = widgets.BoundedIntText(
            seed,
            min=0,
            max=LAST_SEED,
            description="seed",
            continuous_update=False,
            layout={"width": "110px"},
            style={"description_width": "36px"},
            tooltip="The same seed makes the same numbers",
        )
        self.button = widgets.Button(description="new numbers", tooltip="The same question, other numbers")
        self.button.add_class("oslab-new")
        self.field.observe(self._typed, "value")
        self.button.on_click(lambda _: self._changed(None))
        self.box = widgets.HBox([self.field, self.button]).add_class("oslab-seed")

    def _typed(self, change: Any) -> None:
        if not self._quiet:
            self._changed(change["new"])

    def show(self, seed: int) -> None:
        """Show a seed without asking for it."""
        self._quiet = True
        self.field.value = seed
        self._quiet = False


def next_seed(sources: list[Source], seed: int) -> int:
    """Return the next seed from which one of the sources makes another question."""
    for step in range(1, 50):
        following = (seed + step) % LAST_SEED
        if any(draw(source, following) != draw(source, seed) for source in sources if needs_seed(source)):
            return following
    return (seed + 1) % LAST_SEED
