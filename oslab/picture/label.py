"""Labels: short texts that change in every frame.

`matplotlib.text.Text` lays a text out and measures it before it is drawn, 1 to 2 ms each where it changed; a `Label`
only says where its lines begin and leaves the letters to the renderer.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Transform

from oslab.picture import style
from oslab.picture.scene import SHARES

__all__ = ["DESIGNED", "Label"]

DESIGNED = 8.2  # inches: on a narrower figure labels are made to fit
SMALLEST, WRAPPED, EDGE = 0.7, 0.85, 3  # of its size, to fit; in two lines; CSS pixels at the sides of the figure
_GAUGE = RendererBase()
_CAP_HEIGHT = 0.73  # in font sizes: centred text is centred on its capitals


@lru_cache(maxsize=64)
def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(family=style.FACES, size=size, weight="bold" if bold else "normal")


@lru_cache(maxsize=4096)
def _wide(text: str, size: float, bold: bool) -> float:
    """How wide a line is at 72 dots an inch."""
    return float(_GAUGE.get_text_width_height_descent(text, _font(size, bold), False)[0])


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
    wraps : bool
        Whether it goes on in a second line where the figure is narrow; others are set smaller, or moved, at most.
    """

    room = np.inf  # for its longest line, in the coordinates of its transform

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
        wraps: bool = False,
    ):
        super().__init__()
        self.set_transform(transform)
        self._x, self._y, self._text = x, y, text
        self._size, self._bold = fontsize, fontweight == "bold"
        self.set_color(color)
        self._ha, self._va, self._wraps = ha, va, wraps
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
        share, size, lines = SHARES[self._ha], self._size, self._text.split("\n")
        dot = renderer.points_to_pixels(1)
        if renderer.width < (DESIGNED * 72 - 1) * dot:
            x, size, lines = self._fitted(x, renderer.width, dot, share, lines)
        font, leap = _font(size, self._bold), size * dot * 1.3
        y = renderer.height - y + self._drop(len(lines), size * dot, leap)
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

    def _fitted(
        self, x: float, width: float, dot: float, share: float, lines: list[str]
    ) -> tuple[float, float, list[str]]:
        """Where it stands, how large it is, and its lines, on a narrow figure: smaller to fit, then moved into it."""
        wide = max(_wide(line, self._size, self._bold) for line in lines) * dot
        edge = EDGE / 100 * 72 * dot
        aside = min((x - edge) / share if share else np.inf, (width - edge - x) / (1 - share) if share < 1 else np.inf)
        ends = [(self._x - self.room / 2, self._y), (self._x + self.room / 2, self._y)]
        inside = self.get_transform().transform(ends)[:, 0] if np.isfinite(self.room) else (0, np.inf)
        room = min(max(aside, 1.0), float(np.ptp(inside)))
        if self._wraps and wide * WRAPPED > room and len(lines) == 1:
            words = self._text.split(" ")
            cut = min(
                range(1, len(words)), key=lambda k: abs(len(" ".join(words[:k])) - len(self._text) / 2), default=0
            )
            return x, self._size * WRAPPED, [" ".join(words[:cut]), " ".join(words[cut:])] if cut else lines
        size = self._size * max(min(room / wide, 1.0), SMALLEST) if wide else self._size
        size = np.floor(4 * size) / 4 if size < self._size else size
        wide *= size / self._size
        return float(max(min(x, width - edge - (1 - share) * wide), edge + share * wide)), float(size), lines

    def _drop(self, lines: int, size: float, leap: float) -> float:
        """How far the first baseline is below the place, in dots."""
        cap, block = size * _CAP_HEIGHT, leap * (lines - 1)
        return {
            "baseline": 0.0,
            "bottom": -block - size * 0.22,
            "top": cap + size * 0.15,
            "center": (cap - block) / 2,
            "center_baseline": (cap - block) / 2,
        }[self._va]
