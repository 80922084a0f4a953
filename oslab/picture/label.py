"""Labels: short texts that change in every frame.

`matplotlib.text.Text` lays a text out and measures it before it is drawn, 1 to 2 ms each where it changed; a `Label`
only says where its lines begin and leaves the letters to the renderer.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Transform

from oslab.picture import style
from oslab.picture.scene import SHARES

__all__ = ["Label"]

_CAP_HEIGHT = 0.73  # in font sizes: centred text is centred on its capitals


@lru_cache(maxsize=64)
def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(family=style.FACES, size=size, weight="bold" if bold else "normal")


class Label(Artist):
    """A short text at a place, with the setters of `matplotlib.text.Text` that pictures need.

    Parameters
    ----------
    x, y : float
        In the coordinates of `transform`.
    text : str
        Lines are parted by newlines.
    transform : Transform
        ``axes.transData``, ``figure.transFigure`` …
    fontsize : float
        In points.
    fontweight : {'normal', 'bold'}
    color : color
    ha : {'left', 'center', 'right'}
    va : {'center', 'baseline', 'top', 'bottom'}
        ``center`` is the middle of the capitals of one line, of the block for several.
    """

    def __init__(
        self,
        x: float,
        y: float,
        text: str = "",
        *,
        transform: Transform,
        fontsize: float = 11,
        fontweight: str = "normal",
        color: Any = style.INK,
        ha: str = "left",
        va: str = "baseline",
        visible: bool = True,
        zorder: float = 5,
    ):
        super().__init__()
        self.set_transform(transform)
        self._x, self._y, self._text = x, y, text
        self._size, self._bold = fontsize, fontweight == "bold"
        self.set_color(color)
        self._ha, self._va = ha, va
        self.set_visible(visible)
        self.set_zorder(zorder)

    def set_text(self, text: str) -> None:
        """Set what it says."""
        self._text = str(text)

    def get_text(self) -> str:
        """Return what it says."""
        return self._text

    def set_position(self, place: tuple[float, float]) -> None:
        """Set where it stands."""
        self._x, self._y = place

    def get_position(self) -> tuple[float, float]:
        """Return where it stands."""
        return self._x, self._y

    def set_x(self, x: float) -> None:
        """Set where it stands from left to right."""
        self._x = x

    def set_y(self, y: float) -> None:
        """Set where it stands up and down."""
        self._y = y

    def set_color(self, color: Any) -> None:
        """Set the colour of the letters."""
        self._rgb = to_rgb(color)

    def get_color(self) -> tuple[float, float, float]:
        """Return the colour of the letters: red, green and blue, 0 to 1."""
        return self._rgb

    def set_fontsize(self, size: float) -> None:
        """Set the size, in points."""
        self._size = size

    def set_fontweight(self, weight: str) -> None:
        """Set ``'normal'`` or ``'bold'``."""
        self._bold = weight == "bold"

    def set_ha(self, ha: str) -> None:
        """Set which end stands at x."""
        self._ha = ha

    def set_va(self, va: str) -> None:
        """Set what stands at y."""
        self._va = va

    def draw(self, renderer: Any) -> None:
        """Have the letters drawn, each line by itself."""
        x, y = self.get_transform().transform((self._x, self._y))
        if not (self.get_visible() and self._text and np.isfinite(x) and np.isfinite(y)):
            return
        font, share, lines = _font(self._size, self._bold), SHARES[self._ha], self._text.split("\n")
        dot = renderer.points_to_pixels(1)
        leap = self._size * dot * 1.3
        y = renderer.height - y + self._drop(len(lines), dot, leap)
        write = getattr(renderer, "write", None)
        gc = None if write else renderer.new_gc()
        if gc:
            gc.set_foreground(self._rgb)
        renderer.open_group("label", self.get_gid())
        for k, line in enumerate(lines):
            if write:
                write(x, y + k * leap, line, font, self._rgb, share)
            elif line:
                left = x - share * renderer.get_text_width_height_descent(line, font, False)[0]
                renderer.draw_text(gc, left, y + k * leap, line, font, 0)
        renderer.close_group("label")

    def _drop(self, lines: int, dot: float, leap: float) -> float:
        """How far the first baseline is below the place, in dots."""
        cap, block = self._size * dot * _CAP_HEIGHT, leap * (lines - 1)
        return {
            "baseline": 0.0,
            "bottom": -block - self._size * dot * 0.22,
            "top": cap + self._size * dot * 0.15,
            "center": (cap - block) / 2,
            "center_baseline": (cap - block) / 2,
        }[self._va]
