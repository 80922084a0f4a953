"""What was learned when: the share of each chapter's questions answered right, over time."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oslab.base import Result, columns, readable
from oslab.picture import Rows, View, style
from oslab.quizzes import progress
from oslab.quizzes.bank import BANKS, Bank

__all__ = ["Learned", "LearningCurves", "learned"]

UNITS = ((2 * 86_400, 86_400, "days"), (2 * 3600, 3600, "h"), (0, 60, "min"))
CHAPTERS = 7  # drawn at most


@dataclass(frozen=True, eq=False)
class Learned(Result):
    """What `learned` returns.

    Attributes
    ----------
    titles : tuple of str
        Of the chapters.
    questions : ndarray of int64, shape (chapters,)
        How many there are; parts are counted one by one.
    seconds : ndarray of float64, shape (n,)
        When something was answered right for the first time, from the first of these on.
    right : ndarray of int64, shape (n, chapters)
        Questions answered right at least once by then.
    """

    titles: tuple[str, ...]
    questions: np.ndarray
    seconds: np.ndarray
    right: np.ndarray

    @property
    def now(self) -> np.ndarray:
        """Questions answered right so far, by chapter; int64."""
        return self.right[-1] if len(self.right) else np.zeros(len(self.titles), np.int64)

    def rows(self) -> Iterator[Mapping[str, Any]]:
        """Yield one row a chapter."""
        return columns({"chapter": self.titles, "right": self.now, "of": self.questions})

    def __str__(self) -> str:
        return "; ".join(f"{row['chapter']} {row['right']} of {row['of']}" for row in self.table())


def learned(*banks: Bank) -> Learned:
    """Return how the questions of chapters were answered right, over time, from the learner's progress.

    Parameters
    ----------
    *banks : Bank

    Raises
    ------
    TypeError, ValueError
        No bank, or what is none.
    """
    BANKS.check("banks", banks)
    known = [{part for key in bank for part in bank.parts(key)} for bank in banks]
    place = {bank.chapter: k for k, bank in enumerate(banks)}
    seen: list[set[str]] = [set() for _ in banks]
    times, rows = [], []
    for record in progress.history():
        k = place.get(record.chapter)
        if k is None or not record.right or record.question not in known[k] - seen[k]:
            continue
        seen[k].add(record.question)
        times.append(datetime.fromisoformat(record.at).timestamp())
        rows.append([len(one) for one in seen])
    return Learned(
        tuple(bank.title for bank in banks),
        np.array([len(one) for one in known]),
        np.array(times) - (times[0] if times else 0),
        np.array(rows, np.int64).reshape(-1, len(banks)),
    )


class LearningCurves(View):
    """Left: the share of each chapter's questions answered right, over time. Right: how many of how many."""

    side = 420

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self._axes = self.add_axes(0.085, 0.16, 0.405, 0.70, x="", y="answered right, %", grid="y")
        self._axes.set(ylim=(-3, 103), xticks=[])
        self._lines = [
            self.live(self._axes.plot([], [], color=ink.color, ls=ink.dash, lw=2.2, drawstyle="steps-post")[0])
            for ink in map(style.ink, range(CHAPTERS))
        ]
        corner = {"transform": self._axes.transAxes, "ha": "right", "va": "top"}
        self._span = self.label(self._axes, 1, -0.08, "", fontsize=10.5, color=style.QUIET, **corner)
        rank = self.add_axes(0.72, 0.16, 0.18, 0.70)
        rank.set(xlim=(0, 1), xticks=[], yticks=[])
        rank.spines["bottom"].set_visible(False)
        self._rows = Rows(self, rank, CHAPTERS)
        for k, name in enumerate(self._rows.names):
            name.set_color(style.ink(k).text)

    def update(self, result: Learned, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Learned` of up to seven chapters."""
        last = float(result.seconds[-1]) if len(result.seconds) else 0.0
        _, length, unit = next(one for one in UNITS if last >= one[0])
        end = max(1.0, last / length)
        self.set_limits(self._axes, x=(-0.02 * end, 1.04 * end))
        since = f"{readable(end)} {unit} since the first answer"
        self._span.set_text(since if len(result.seconds) else "nothing answered yet")
        chapters = range(min(len(result.titles), CHAPTERS))
        for k, line in enumerate(self._lines):
            if k in chapters and len(result.seconds):
                right = 100 * np.append(result.right[:, k], result.right[-1, k]) / result.questions[k]
                line.set_data(np.append(result.seconds / length, end), right)
            else:
                line.set_data([], [])
        share = (result.now / result.questions)[:CHAPTERS]
        texts = [f"{row['right']} of {row['of']}" for row in result.table()]
        colors = [style.ink(k).color for k in chapters]
        self._rows.set(result.titles[:CHAPTERS], share, texts[:CHAPTERS], share + 0.04, colors=colors)
        self.title = f"{int(result.now.sum())} of {int(result.questions.sum())} questions answered right"

    def describe(self, result: Learned, step: int | None = None, measured: Any = None) -> str:
        """Return how many of each chapter's questions were answered right."""
        return f"Answered right at least once: {result}."
