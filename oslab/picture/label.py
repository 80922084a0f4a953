"""Words: text that is drawn once and stamped afterwards.

Matplotlib 3.11 shapes and renders a text anew in every frame, 1 to 2 ms each; a sheet of seventy labels
costs 140 ms.  A `Label` keeps the rendered letters of each text and copies them in, some 20 µs each.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import numpy as np
from matplotlib.artist import Artist, allow_rasterization
from matplotlib.backends.backend_agg import RendererAgg
from matplotlib.colors import to_rgb
from matplotlib.font_manager import FontProperties
from matplotlib.transforms import Transform

from oslab.picture import style

__all__ = ["Label"]

# Of DejaVu Sans, in font sizes: centred text is centred on its capitals.
_CAP_HEIGHT = 0.73
MARGIN = 2
_PIECES = re.compile(r"[^\W\d]+|[^\w]|[\d_]")


def _font(size: float, bold: bool) -> FontProperties:
    return FontProperties(family="DejaVu Sans", size=size, weight="bold" if bold else "normal")


@lru_cache(maxsize=4096)
def _piece(text: str, size: float, bold: bool, dpi: float) -> tuple[np.ndarray, int, float]:
    """Return the opacity of a rendered piece, the row of its baseline, and how far it moves the pen."""
    font, gauge = _font(size, bold), RendererAgg(1, 1, dpi)

    def width(letters: str) -> float:
        return gauge.get_text_width_height_descent(letters, font, False)[0]

    _, height, descent = gauge.get_text_width_height_descent(text, font, False)
    advance = width(f"l{text}l") - width("ll")
    sheet = RendererAgg(int(width(text)) + 6, int(height) + 6, dpi)
    baseline = int(height - descent) + 3
    if text.strip():
        sheet.draw_text(sheet.new_gc(), MARGIN, baseline, text, font, 0)
    return np.asarray(sheet.buffer_rgba())[:, :, 3].copy(), baseline, advance


@lru_cache(maxsize=2048)
def _letters(text: str, size: float, bold: bool, dpi: float) -> tuple[np.ndarray, int]:
    """Return the opacity of a text, uint8 of shape (height, width), and the row of its baseline.

    Words are rendered whole and kept; numbers, which change in every frame, are put together from digits.
    """
    pieces = [_piece(piece, size, bold, dpi) for piece in _PIECES.findall(text)]
    baseline = max(row for _, row, _ in pieces)
    below = max(len(mask) - row for mask, row, _ in pieces)
    pens = np.cumsum([0.0] + [advance for _, _, advance in pieces])
    wide = max(round(pen) + mask.shape[1] for pen, (mask, _, _) in zip(pens[:-1], pieces, strict=True))
    sheet = np.zeros((baseline + below, wide), np.uint8)
    for pen, (mask, row, _) in zip(pens[:-1], pieces, strict=True):
        place = sheet[baseline - row : baseline - row + len(mask), round(pen) : round(pen) + mask.shape[1]]
        np.maximum(place, mask, out=place)
    return sheet, baseline


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
        self._rgb = np.array(to_rgb(color)) * 255

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

    @allow_rasterization
    def draw(self, renderer: Any) -> None:
        """Copy the letters into the picture."""
        if not self.get_visible() or not self._text:
            return
        dpi = renderer.dpi
        x, y = self.get_transform().transform((self._x, self._y))
        if not (np.isfinite(x) and np.isfinite(y)):
            return
        lines = self._text.split("\n")
        dot = dpi / 72
        leap = self._size * dot * 1.3
        baseline = renderer.height - y + self._drop(len(lines), dot, leap)
        image = np.asarray(renderer.buffer_rgba())
        for k, line in enumerate(lines):
            if line:
                self._stamp(image, x, baseline + k * leap, *_letters(line, self._size, self._bold, dpi))

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

    def _stamp(self, image: np.ndarray, x: float, y: float, letters: np.ndarray, baseline: int) -> None:
        height, width = letters.shape
        left = round(x - {"left": 2, "center": width / 2, "right": width - 3}[self._ha])
        top = round(y) - baseline
        x0, y0 = max(left, 0), max(top, 0)
        x1, y1 = min(left + width, image.shape[1]), min(top + height, image.shape[0])
        if x0 >= x1 or y0 >= y1:
            return
        share = letters[y0 - top : y1 - top, x0 - left : x1 - left, None] * (1 / 255)
        place = image[y0:y1, x0:x1, :3]
        place[...] = (place + (self._rgb - place) * share + 0.5).astype(np.uint8)
