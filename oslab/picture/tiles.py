"""Tiles: rows of labelled boxes, the picture of frames, table entries, blocks and slices.

Boxes of one look are one collection, and labels come from a pool that is made once, so a sheet of a
hundred tiles is drawn in some milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection

from oslab.picture import style
from oslab.picture.label import Label
from oslab.picture.view import View

__all__ = ["LOOKS", "Look", "Tile", "Tiles"]


class Look(NamedTuple):
    """How tiles of one kind look."""

    fill: str
    edge: str = "none"
    hatch: str = ""
    ink: str = style.INK
    bold: bool = False
    dash: str = "-"


LOOKS: Mapping[str, Look] = {
    "plain": Look("#edf0f3"),
    "empty": Look("#ffffff", edge="#d5dade"),
    "bad": Look("#f6d2b8", edge=style.BAD, hatch="////", bold=True),
    "good": Look("#c7e6da", edge=style.GOOD, bold=True),
    "quiet": Look("#f7f8f9", ink=style.QUIET),
    "frame": Look("none", edge=style.QUIET, dash="--"),
}


class Tile(NamedTuple):
    """One box: its upper left corner and size in CSS pixels, the key of its look, its label, a note in small type."""

    x: float
    y: float
    width: float
    height: float
    look: str
    text: str = ""
    note: str = ""


def _corner(radius: float, points: int = 4) -> np.ndarray:
    """A unit box's outline as offsets: which corner, and where on its arc."""
    angle = np.linspace(0, np.pi / 2, points)
    arc = radius * np.stack([1 - np.cos(angle), 1 - np.sin(angle)], axis=1)
    return arc


class Tiles:
    """Tiles on a sheet (see `View.add_sheet`).

    Parameters
    ----------
    view : View
    axes : Axes
    looks : mapping of str to Look, optional
        More looks, or others.
    capacity : int
        Labels made at once; a fuller sheet makes more.
    fontsize : float
        Of the labels, in points; notes are smaller.
    radius : float
        Of the corners, in CSS pixels.
    """

    def __init__(
        self,
        view: View,
        axes: Axes,
        looks: Mapping[str, Look] | None = None,
        *,
        capacity: int = 40,
        fontsize: float = 12,
        radius: float = 4,
    ):
        self._view, self._axes, self._fontsize = view, axes, fontsize
        self._looks = {**LOOKS, **(looks or {})}
        self._arc = _corner(radius)
        self._boxes: dict[str, PolyCollection] = {}
        self._labels: list[Label] = []
        self._notes: list[Label] = []
        for key, look in self._looks.items():
            self._boxes[key] = view.live(
                axes.add_collection(
                    PolyCollection(
                        [],
                        facecolors=look.fill,
                        edgecolors=look.edge,
                        hatch=look.hatch or None,
                        linestyles=look.dash,
                        linewidths=1.6 if look.edge != "none" else 0,
                        zorder=3 if key == "frame" else 2,
                    )
                )
            )
        self._grow(self._labels, capacity)

    def _grow(self, pool: list[Label], size: int) -> None:
        while len(pool) < size:
            small = pool is self._notes
            pool.append(
                self._view.label(
                    self._axes,
                    0,
                    0,
                    fontsize=8.5 if small else self._fontsize,
                    va="bottom" if small else "center",
                    ha="center",
                    visible=False,
                    zorder=4,
                )
            )

    def set(self, tiles: Iterable[Tile]) -> None:
        """Show these tiles and no others."""
        tiles = list(tiles)
        outlines: dict[str, list[np.ndarray]] = {key: [] for key in self._looks}
        for tile in tiles:
            outlines[tile.look].append(self._outline(tile))
        for key, boxes in self._boxes.items():
            boxes.set_verts(outlines[key])
            boxes.set_visible(bool(outlines[key]))
        self._write(
            self._labels,
            [t for t in tiles if t.text],
            lambda t: (t.x + t.width / 2, t.y + t.height / 2 - (6 if t.note else 0), t.text),
        )
        self._write(
            self._notes, [t for t in tiles if t.note], lambda t: (t.x + t.width / 2, t.y + t.height - 2, t.note)
        )

    def _write(self, pool: list[Label], tiles: list[Tile], place) -> None:
        self._grow(pool, len(tiles))
        for label, tile in zip(pool, tiles, strict=False):
            x, y, text = place(tile)
            look = self._looks[tile.look]
            label.set_position((x, y))
            label.set_text(text)
            label.set_color(look.ink)
            if pool is self._labels:
                label.set_fontweight("bold" if look.bold else "normal")
            label.set_visible(True)
        for label in pool[len(tiles) :]:
            label.set_visible(False)

    def _outline(self, tile: Tile) -> np.ndarray:
        """The box with rounded corners, clockwise from the upper left."""
        a, (x, y, w, h) = self._arc, tile[:4]
        flip = a[::-1]
        return np.concatenate(
            [
                np.stack([x + a[:, 0], y + a[:, 1]], axis=1),
                np.stack([x + w - flip[:, 0], y + flip[:, 1]], axis=1),
                np.stack([x + w - a[:, 0], y + h - a[:, 1]], axis=1),
                np.stack([x + flip[:, 0], y + h - flip[:, 1]], axis=1),
            ]
        )
