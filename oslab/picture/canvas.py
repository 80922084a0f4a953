"""The canvas: a figure kept alive, written down as two lists: what stays, and what changes from frame to frame.

The background (axes, ticks, labels) is written anew only when matplotlib reports it stale: changing an animated
artist does not make a figure stale, changing limits or ticks does.
"""

import io
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure

from oslab.picture import style
from oslab.picture.scene import Recorder
from oslab.picture.view import View

__all__ = ["Canvas"]

DPI = 100
WIDTHS = 640, 730, 820, 910, 1000, 1100, 1200  # CSS pixels for which a view is laid out
_drawing = threading.RLock()  # labs draw from threads of their own, into recorders that they share


@lru_cache(maxsize=16)
def _recorder(width: float, height: float) -> Recorder:
    return Recorder(width, height, DPI)


class Painter(RendererAgg):
    """Agg with letters as outlines that stand where the page's stand: not moved to whole dots, as hinting does."""

    draw_text = RendererBase.draw_text
    get_text_width_height_descent = RendererBase.get_text_width_height_descent


@lru_cache(maxsize=4)
def _painter(width: int, height: int, dpi: float) -> Painter:
    """One for all figures of a size: matplotlib's texts keep whatever drew them last, which is 5 MB of dots at 2 a pixel."""
    return Painter(width, height, dpi)


class Canvas:
    """A view on a figure that stays alive.

    Parameters
    ----------
    make_view : callable
        Takes a `matplotlib.figure.Figure`, returns a `View`.

    Attributes
    ----------
    view : View
    width, height : int
        Of the picture, in CSS pixels.
    background : bytes
        The list of what stays, as `scene` wrote it last.
    """

    def __init__(self, make_view: Callable[[Figure], View]):
        self.figure = Figure(figsize=getattr(make_view, "size", View.size), dpi=DPI)
        FigureCanvasAgg(self.figure)
        with style.building(self.figure):
            self.view = make_view(self.figure)
        self.width, self.height = (round(v) for v in self.figure.bbox.size)
        self.background = b""

    def fit(self, room: float) -> bool:
        """Lay the view out for a page: at the largest of `WIDTHS` that fits; return whether that is another.

        Height and type stay. On a page that is narrower than all of them the picture is scaled.

        Parameters
        ----------
        room : float
            What the page has for the picture, in CSS pixels.
        """
        width = max((width for width in WIDTHS if width <= room), default=min(WIDTHS))
        if width == self.width:
            return False
        with _drawing:
            self.width = width
            self.figure.set_size_inches(width / DPI, self.height / DPI)
            self.view.lay_out()
        return True

    def _live(self) -> Iterator[Artist]:
        return (a for a in sorted(self.view.artists, key=lambda a: a.get_zorder()) if a.get_visible())

    def scene(self) -> tuple[bytes, bytes]:
        """Return the view as it is now as two display lists: what stays, and what changes."""
        with _drawing:
            recorder = _recorder(self.width, self.height)
            if self.figure.stale or not self.background:
                recorder.start()
                self.figure.draw(recorder)
                self.background = recorder.finish()
            recorder.start()
            for artist in self._live():
                artist.draw(recorder)
            return self.background, recorder.finish()

    @contextmanager
    def _scaled(self, scale: float) -> Iterator[None]:
        stale = self.figure.stale
        self.figure.dpi = DPI * scale
        try:
            yield
        finally:
            self.figure.dpi = DPI
            self.figure.stale = stale

    def draw(self, scale: float = 1.0) -> np.ndarray:
        """Draw the view as it is now, with Agg.

        Parameters
        ----------
        scale : float
            Dots for a CSS pixel.

        Returns
        -------
        ndarray of uint8, shape (height, width, 4)
        """
        with _drawing, self._scaled(scale):
            agg = _painter(*(round(side) for side in self.figure.bbox.size), self.figure.dpi)
            agg.clear()
            self.figure.draw(agg)
            for artist in self._live():
                artist.draw(agg)
            return np.array(agg.buffer_rgba())

    def file(self, scale: float = 2.0) -> bytes:
        """Return the view as a small PNG, for a file or a notebook: at most 256 colours, well compressed."""
        from PIL import Image

        out, image = io.BytesIO(), Image.fromarray(np.ascontiguousarray(self.draw(scale)[:, :, :3]))
        few = image.quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(out, "PNG", optimize=True)
        return out.getvalue()
