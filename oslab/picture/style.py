"""The look of every picture: one palette, one type size, one hand.

Colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/), told apart also by hatch and marker,
so that no picture depends on colour alone.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import NamedTuple

import matplotlib

__all__ = ["BAD", "GOOD", "GRID", "INK", "INKS", "PAPER", "QUIET", "RECORDED", "Ink", "context", "ink"]

INK = "#1b1f24"
QUIET = "#59636e"
GRID = "#e3e6e9"
PAPER = "#ffffff"
BAD = "#d55e00"
GOOD = "#009e73"
RECORDED = "#8a929b"


class Ink(NamedTuple):
    """How one task, page or policy looks wherever it is drawn."""

    color: str
    hatch: str
    marker: str
    dash: str | tuple
    text: str


# Yellowish inks are too light for type on white, so `text` is a darker shade of the same hue.
INKS = (
    Ink("#0072b2", "", "o", "-", "#0072b2"),
    Ink("#e69f00", "//", "s", (0, (5, 2)), "#a06d00"),
    Ink("#009e73", "..", "^", (0, (1, 1.2)), "#00795a"),
    Ink("#cc79a7", "xx", "D", (0, (6, 2, 1, 2)), "#a8487d"),
    Ink("#56b4e9", "\\\\", "v", (0, (3, 1, 1, 1)), "#2b7fb0"),
    Ink("#d55e00", "++", "P", (0, (8, 2)), "#b24e00"),
    Ink("#59636e", "--", "X", (0, (2, 2)), "#59636e"),
)


def ink(index: int) -> Ink:
    """Return the ink of the task, page or policy with this number, the same through a chapter."""
    return INKS[index % len(INKS)]


_SETTINGS = {
    "font.family": ["DejaVu Sans"],
    "font.size": 11,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 11,
    "axes.labelcolor": QUIET,
    "axes.edgecolor": QUIET,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": False,
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": GRID,
    "grid.linewidth": 1.0,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "xtick.labelsize": 10.5,
    "ytick.labelsize": 10.5,
    "text.color": INK,
    "figure.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "lines.linewidth": 2.0,
    "hatch.linewidth": 0.8,
    "path.simplify": True,
    "path.simplify_threshold": 0.3,
    "agg.path.chunksize": 20_000,
}


def context() -> AbstractContextManager[None]:
    """Return the context in which figures of the course are built and drawn, whatever the user's own style."""
    return matplotlib.rc_context(_SETTINGS)
