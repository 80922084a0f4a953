"""Tiles: rows of labelled boxes, the picture of frames, table entries, blocks and slices.

Boxes of one look are one collection, and labels come from a pool that is made once, so a sheet of a
hundred tiles is drawn in some milliseconds.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

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
    """A box: upper left corner and size in CSS pixels, key of its look, label, note in small type, its key on the page."""

    x: float
    y: float
    width: float
    height: float
    look: str
    text: str = ""
    note: str = ""
    key: str = ""


class Boxes(PolyCollection):
    """Rounded boxes on a sheet, all of one look.

    Parameters
    ----------
    radius : float
        Of the corners, in CSS pixels.
    **looks
        As for `matplotlib.collections.PolyCollection`.
    """

    def __init__(self, radius: float, **looks: Any):
        super().__init__([], **looks)
        self._radius, self._arc = radius, _corner(radius)
        self._tiles: Sequence[Tile] = ()

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these tiles and no others."""
        self._tiles = tiles
        self.set_visible(bool(tiles))

    def draw(self, renderer: Any) -> None:
        """Draw the boxes: as boxes where the renderer takes them, else as outlines with rounded corners."""
        if not self.get_visible():
            return
        if not hasattr(renderer, "boxes"):
            self.set_verts([self._outline(tile) for tile in self._tiles])
            super().draw(renderer)
            return
        gc = renderer.new_gc()
        edge, face = self.get_edgecolor(), self.get_facecolor()
        widths: Any = self.get_linewidth()
        gc.set_linewidth(widths[0] if len(edge) else 0)
        if len(edge):
            gc.set_foreground(edge[0], isRGBA=True)
            dashes: Any = self.get_linestyle()
            gc.set_dashes(*dashes[0])
        if self.get_hatch():
            gc.set_hatch(self.get_hatch())
            gc.set_hatch_color(self.get_edgecolor()[0])
            gc.set_hatch_linewidth(self.get_hatch_linewidth())
        keys = [tile.key for tile in self._tiles]
        renderer.boxes(gc, face[0] if len(face) else None, self._places(renderer.height), self._radius, keys)

    def _places(self, height: float) -> np.ndarray:
        """Upper left corners and sizes as they are on the picture, in CSS pixels downwards."""
        boxes = np.array([tile[:4] for tile in self._tiles], float)
        corner, opposite = (self.get_transform().transform(xy) for xy in (boxes[:, :2], boxes[:, :2] + boxes[:, 2:]))
        return np.column_stack([corner[:, 0], height - corner[:, 1], *(np.abs(opposite - corner).T)])

    def _outline(self, tile: Tile) -> np.ndarray:
        """The box with rounded corners, clockwise from the upper left."""
        a, (x, y, w, h) = self._arc, tile[:4]
        flip = a[::-1]
        corners = (a, (0, 0), (1, 1)), (flip, (w, 0), (-1, 1)), (a, (w, h), (-1, -1)), (flip, (0, h), (1, -1))
        return np.concatenate([np.multiply(arc, sign) + (x, y) + at for arc, at, sign in corners])


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
        self._boxes: dict[str, Boxes] = {}
        self._plates: dict[str, Boxes] = {}  # behind what is written on a hatch
        self._labels: list[Label] = []
        self._notes: list[Label] = []
        for key, look in self._looks.items():
            self._boxes[key] = view.live(
                axes.add_collection(
                    Boxes(
                        radius,
                        facecolors=look.fill,
                        edgecolors=look.edge,
                        hatch=look.hatch or None,
                        linestyles=look.dash,
                        linewidths=1.6 if look.edge != "none" else 0,
                        zorder=3 if key == "frame" else 2,
                    )
                )
            )
            if look.hatch:
                plain = Boxes(radius, facecolors=look.fill, edgecolors="none", linewidths=0, zorder=2.5)
                self._plates[key] = view.live(axes.add_collection(plain))
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
        alike: dict[str, list[Tile]] = {key: [] for key in self._looks}
        for tile in tiles:
            alike[tile.look].append(tile)
        for key, boxes in self._boxes.items():
            boxes.set_tiles(alike[key])
        for key, plates in self._plates.items():
            plates.set_tiles([self._plate(tile) for tile in alike[key] if tile.text])
        self._write(
            self._labels,
            [t for t in tiles if t.text],
            lambda t: (t.x + t.width / 2, t.y + t.height / 2 - (6 if t.note else 0), t.text),
        )
        self._write(
            self._notes, [t for t in tiles if t.note], lambda t: (t.x + t.width / 2, t.y + t.height - 2, t.note)
        )

    def _plate(self, tile: Tile) -> Tile:
        """The part of a hatched tile on which its text stands, about as large as the text."""
        lines, ends = tile.text.split("\n"), self._axes.transData.transform([(tile.x, 0), (tile.x + 1, 0)])
        wide = min((0.76 * self._fontsize * max(map(len, lines)) + 6) / (ends[1, 0] - ends[0, 0]), tile.width - 3)
        high = min(1.6 * self._fontsize * len(lines), tile.height - 3)
        x, y = tile.x + (tile.width - wide) / 2, tile.y + (tile.height - high) / 2 - (6 if tile.note else 0)
        return Tile(x, y, wide, high, tile.look)

    def _write(self, pool: list[Label], tiles: list[Tile], place) -> None:
        self._grow(pool, len(tiles))
        for label, tile in zip(pool, tiles, strict=False):
            x, y, text = place(tile)
            look = self._looks[tile.look]
            label.set_position((x, y))
            label.room = tile.width - 4
            label.set_text(text)
            label.set_color(look.ink)
            if pool is self._labels:
                label.set_fontweight("bold" if look.bold else "normal")
            label.set_visible(True)
        for label in pool[len(tiles) :]:
            label.set_visible(False)
