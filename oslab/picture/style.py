"""The look of every picture: one palette, one type size, one hand.

Colours are Okabe and Ito's (https://jfly.uni-koeln.de/color/), told apart also by hatch and marker,
so that no picture depends on colour alone.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import matplotlib
from matplotlib import font_manager
from matplotlib.figure import Figure

__all__ = [
    "BAD",
    "FACES",
    "FONT",
    "GOOD",
    "GRID",
    "INK",
    "INKS",
    "PAPER",
    "QUIET",
    "RECORDED",
    "Ink",
    "building",
    "ink",
]

INK = "#1b1f24"
QUIET = "#59636e"
GRID = "#e3e6e9"
PAPER = "#ffffff"
BAD = "#d55e00"
GOOD = "#009e73"
RECORDED = "#8a929b"
FONT = Path(__file__).with_name("font")
FACES = ["Oslab Sans", "DejaVu Sans"]  # the first is in FONT (made by tools/font.py); the second has all other signs
for _cut in FONT.glob("*.ttf"):
    font_manager.fontManager.addfont(_cut)


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
    Ink("#e69f00", "//", "s", (0, (5, 2)), "#8f6100"),
    Ink("#009e73", "..", "^", (0, (1, 1.2)), "#00795a"),
    Ink("#cc79a7", "xx", "D", (0, (6, 2, 1, 2)), "#a8487d"),
    Ink("#56b4e9", "\\\\", "v", (0, (3, 1, 1, 1)), "#1f6f9f"),
    Ink("#d55e00", "++", "P", (0, (8, 2)), "#b24e00"),
    Ink("#59636e", "--", "X", (0, (2, 2)), "#59636e"),
)


def ink(index: int) -> Ink:
    """Return the ink of the task, page or policy with this number, the same through a chapter."""
    return INKS[index % len(INKS)]


_SETTINGS = {
    "font.family": FACES,
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
}
# What a tick that is made later, when limits change, would otherwise take from the settings of that moment.
_TICKS = {
    "size": "length",
    "width": "width",
    "color": "color",
    "pad": "pad",
    "labelsize": "labelsize",
    "direction": "direction",
}
_LINES = {"color": "grid_color", "linestyle": "grid_linestyle", "linewidth": "grid_linewidth", "alpha": "grid_alpha"}
_building = threading.RLock()


@contextmanager
def building(figure: Figure) -> Iterator[None]:
    """Make a figure's artists in the look of the course, whatever the user's own style; they keep it.

    Only making artists takes matplotlib's settings from here.  Drawing does not: it goes on in threads beside the
    user's own plots, whose settings it must neither take nor change.
    """
    kept = {"backend", "backend_fallback", "interactive", "toolbar", "webagg.port"}
    plain = {key: value for key, value in matplotlib.rcParamsDefault.items() if key not in kept}
    with _building, matplotlib.rc_context({**plain, **_SETTINGS}):
        figure.set_facecolor(PAPER)
        yield
        for axes in figure.axes:
            for name in "xy":
                for which in ("major", "minor"):
                    _keep(getattr(axes, f"{name}axis"), name, which)


def _keep(axis, name: str, which: str) -> None:
    """Write down the settings of ticks that are still to be made, where the view says nothing else."""
    settings, said = matplotlib.rcParams, axis.get_tick_params(which)
    look = {to: settings[f"{name}tick.{key}"] for key, to in _TICKS.items() if f"{name}tick.{key}" in settings}
    look |= {to: settings[f"{name}tick.{which}.{key}"] for key, to in _TICKS.items() if key in ("size", "width", "pad")}
    look |= {to: settings[f"grid.{key}"] for key, to in _LINES.items()}
    look |= {"labelcolor": settings[f"{name}tick.color"], "labelfontfamily": settings["font.family"]}
    axis.set_tick_params(which, **{key: value for key, value in look.items() if key not in said})
