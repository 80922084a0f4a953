"""Which notebook belongs to which wing: chapters by number or name."""

import importlib

from oslab.base import checked, shown, text
from oslab.base.chapters import NOTEBOOKS
from oslab.quizzes.bank import Bank

__all__ = ["CHAPTERS", "chapter_of", "quiz_of"]

CHAPTERS = {notebook[:2]: wing for wing, notebook in NOTEBOOKS.items()}


@checked(name=text(100))
def chapter_of(name: str) -> str:
    """Return the number of a chapter: of ``"03"``, ``"3"``, ``"memory"`` or ``"03_memory"`` it is ``"03"``.

    Raises
    ------
    ValueError
        No such chapter.
    """
    for number, wing in CHAPTERS.items():
        if name.casefold() in (number, number.lstrip("0"), wing) or name.startswith(f"{number}_"):
            return number
    allowed = ", ".join(f"{number} ({wing})" for number, wing in CHAPTERS.items())
    raise ValueError(f"chapter={shown(name)}: allowed are {allowed}")


@checked(number=text(2))
def quiz_of(number: str) -> Bank:
    """Return the questions of a chapter, by its number."""
    return importlib.import_module(f"oslab.{CHAPTERS[chapter_of(number)]}").QUIZ
