"""Which notebook belongs to which wing: chapters by number or name."""

import importlib
from collections.abc import Iterable

from oslab.base import Several, checked, shown, text
from oslab.base.chapters import NOTEBOOKS
from oslab.quizzes.bank import Bank

__all__ = ["CHAPTERS", "chapter_of", "quiz_of", "read_choice"]

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


@checked(chosen=Several(text(1000)))
def read_choice(chosen: Iterable[str]) -> dict[str, list[str]]:
    """Return the names chosen of each chapter, by its number, chapters in order.

    Parameters
    ----------
    chosen : sequence of str
        ``"03:faults,Q2"``, or ``"03"`` without names.

    Raises
    ------
    ValueError
        No such chapter.
    """
    wanted: dict[str, list[str]] = {}
    for one in chosen:
        chapter, _, names = one.partition(":")
        listed = wanted.setdefault(chapter_of(chapter), [])
        listed += [name for name in map(str.strip, names.split(",")) if name and name not in listed]
    return dict(sorted(wanted.items()))


@checked(number=text(2))
def quiz_of(number: str) -> Bank:
    """Return the questions of a chapter, by its number."""
    return importlib.import_module(f"oslab.{CHAPTERS[chapter_of(number)]}").QUIZ
