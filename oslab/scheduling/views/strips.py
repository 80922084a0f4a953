"""Strips: stretches of time in the tasks' inks, the picture of who runs when."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from oslab.picture import View, style

__all__ = ["LATER", "SWITCH", "Strip", "Strips", "round_up"]

LATER, SWITCH = -1, -2


class Strip(NamedTuple):
    """From `start` to `end`, about row `row`, `height` high, in the ink of `task` (or `LATER`, `SWITCH`), with its key."""

    task: int
    start: float
    end: float
    row: float
    height: float = 0.76
    key: str = ""


class Strips:
    """Strips on axes, one collection for each ink; what is still to come is pale."""

    def __init__(self, view: View, axes: Axes):
        self._kinds: dict[int, Any] = {}
        looks = {
            k: {"facecolors": ink.color, "edgecolors": "white", "hatch": ink.hatch or None, "lw": 0.8, "zorder": 3}
            for k, ink in enumerate(style.INKS)
        }
        looks |= {
            LATER: {"facecolors": "#e6e9ec", "lw": 0, "zorder": 2},
            SWITCH: {"facecolors": style.INK, "lw": 0, "zorder": 4},
        }
        for k, look in looks.items():
            self._kinds[k] = view.live(axes.add_collection(PolyCollection([], **look)))

    def set(self, strips: Iterable[Strip]) -> None:
        """Show these and no others."""
        boxes: dict[int, list[Any]] = {k: [] for k in self._kinds}
        keys: dict[int, list[str]] = {k: [] for k in self._kinds}
        for task, a, b, row, high, key in strips:
            low, top, kind = row - high / 2, row + high / 2, task if task < 0 else task % len(style.INKS)
            boxes[kind].append([(a, low), (b, low), (b, top), (a, top)])
            keys[kind].append(key)
        for k, kind in self._kinds.items():
            kind.set_verts(boxes[k])
            kind.set_gid(keys[k])
            kind.set_visible(bool(boxes[k]))


def round_up(most: float) -> float:
    """Return the end of a time axis that stays still while a slider moves: a round number above `most`."""
    step = 10.0
    while step * 8 < most:
        step *= 2
    return step * max(1, -(-most // step))
