"""What many views share: measured marks with their spread, rows of bars, names at the things they name.

A model is drawn as lines and filled shapes; what was measured on this machine as open marks with the range of its
repeats; what was recorded as the same marks in grey, with where and when.  Both may be given: `measured` is then
the recorded series followed by those measured here, told apart by `Series.origin`.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection, PolyCollection

from oslab.base import Series
from oslab.picture import style
from oslab.picture.view import View

__all__ = [
    "TOO_NOISY",
    "Marks",
    "Names",
    "Rows",
    "best",
    "call_noisy",
    "color_of",
    "origin_key",
    "space_out",
    "text_color_of",
    "top_of",
]

TOO_NOISY = "too noisy to compare"

SIGNS = {"o": "○", "s": "□", "^": "△", "D": "◇", "v": "▽", "P": "✚", "X": "✕"}


def best(measured: Any) -> list[Series]:
    """Return the series measured on this machine, or the recorded ones where there are none, or []."""
    listed = [measured] if isinstance(measured, Series) else list(measured or ())
    return [s for s in listed if s.origin == "this machine"] or listed


def color_of(series: Series, ink: style.Ink | None = None) -> str:
    """Return the colour of a series' marks: grey if it was recorded, else its ink's."""
    return style.RECORDED if series.origin == "recorded" else ink.color if ink else style.INK


def text_color_of(series: Series, ink: style.Ink | None = None) -> str:
    """Return the colour of what is written about a series whose marks have `ink`."""
    return style.QUIET if series.origin == "recorded" else ink.text if ink else style.INK


def origin_key(measured: Any, marker: str = "o", what: str = "") -> str:
    """Return the legend of measured marks: the mark, what it is, and each origin once; '' if nothing was measured.

    Parameters
    ----------
    measured : Series or iterable of Series or None
    marker : str
        Matplotlib's letter of the mark.
    what : str
        What the marks are, put before where they come from.
    """
    listed = [measured] if isinstance(measured, Series) else list(measured or ())
    origins = dict.fromkeys(f"grey: {s.where}" if s.origin == "recorded" else s.where for s in listed)
    if len(origins) == 1:
        origins = dict.fromkeys(s.where for s in listed)
    return f"{SIGNS.get(marker, marker)} {what}{': ' * bool(what)}{'; '.join(origins)}".strip() if origins else ""


def call_noisy(series: Series, effect: Any = None, most: Any = None) -> str:
    """Return ', too noisy to compare' where any value of a run says nothing of what it stands beside, else ''.

    Parameters
    ----------
    series : Series
    effect, most : float or array_like of float, optional
        As for `Series.is_noisy`.
    """
    return f", {TOO_NOISY}" if series.is_noisy(effect, most).any() else ""


def top_of(measured: Any, *model: float) -> float:
    """Return how far an axis has to reach: as the model and the recorded medians do, at most twice as far for others.

    Ranges, and the peaks of a busy machine, may leave the picture: they would press the rest flat.

    Parameters
    ----------
    measured : iterable of Series
    *model : float
        What has to be on the axis.
    """
    listed = list(measured or ())
    top = max([*model, *(float(s.median.max()) for s in listed if s.origin == "recorded")])
    return max([top, *(min(2 * top, float(s.median.max())) for s in listed)])


def space_out(values: Sequence[float], gap: float) -> list[float]:
    """Return places near `values`, in their order, at least `gap` apart."""
    order, places, low = np.argsort(values, kind="stable"), list(values), -np.inf
    for k in order:
        low = places[k] = max(values[k], low + gap)
    return places


class Marks:
    """Open marks with the range of the repeats: what was measured here in an ink, what was recorded in grey.

    Parameters
    ----------
    view : View
    axes : Axes
    ink : Ink, optional
        Of what was measured here; black if not given.
    marker : str, optional
        The ink's, or ``'o'``.
    rows : bool
        Whether values run to the right, a row a place, and not upwards over x.
    size : float
        Of a mark, in points.
    spread : float
        Width of the ranges, in points; broad ones (over 2) are pale.
    joined : bool
        Whether a thin line joins the marks.
    aside : float
        How far a recorded mark stands beside that of this machine, where both are shown.

    Attributes
    ----------
    layers : dict of str to (LineCollection, Line2D)
        The ranges and the marks of each origin.
    """

    def __init__(
        self,
        view: View,
        axes: Axes,
        ink: style.Ink | None = None,
        marker: str = "",
        *,
        rows: bool = False,
        size: float = 9,
        spread: float = 5,
        joined: bool = False,
        aside: float = 0.0,
    ):
        self._ink, self._rows, self._aside = ink, rows, aside
        self.marker = marker or (ink.marker if ink else "o")
        line = {"ls": ink.dash if ink else "-", "lw": 1.4} if joined else {"ls": "none"}
        pale = {"alpha": 0.35} if spread > 2 else {}
        looks: dict[str, Any] = {"marker": self.marker, "ms": size, "mfc": "white", "mew": 2, **line}
        self.layers = {
            origin: (
                view.live(axes.add_collection(LineCollection([], linewidths=spread, zorder=z, **pale))),
                view.live(axes.plot([], [], zorder=z + 1, **looks)[0]),
            )
            for origin, z in (("recorded", 3.2), ("this machine", 4.2))
        }

    def set(self, measured: Any, places: Any = None, *, factor: float = 1.0) -> None:
        """Show these series and no others.

        Parameters
        ----------
        measured : Series or iterable of Series or None
            At most one of each origin.
        places : array_like, optional
            Where along the other axis: the series' x, or rows 0, 1 … if not given.
        factor : float
            Values are drawn times this.
        """
        listed = [measured] if isinstance(measured, Series) else list(measured or ())
        shown = {s.origin: s for s in listed}
        for origin, (ranges, marks) in self.layers.items():
            series = shown.get(origin)
            ranges.set_visible(series is not None)
            marks.set_visible(series is not None)
            if series is None:
                continue
            at = np.arange(len(series.x)) if places is None and self._rows else series.x if places is None else places
            at = np.asarray(at, dtype=float) + (self._aside if len(shown) > 1 and origin == "recorded" else 0)
            low, middle, high = factor * series.low, factor * series.median, factor * series.high
            ends = zip(at, low, high, strict=True)
            ranges.set_segments([((lo, a), (hi, a)) if self._rows else ((a, lo), (a, hi)) for a, lo, hi in ends])
            marks.set_data(*((middle, at) if self._rows else (at, middle)))
            color = color_of(series, self._ink)
            ranges.set_color(color)
            marks.set(color=color, markeredgecolor=color)


class Rows:
    """Named rows from the top of the axes: a name at the left, a bar or nothing, what is said at the right.

    Parameters
    ----------
    view : View
    axes : Axes
        Its rows are 0, 1 … downwards; `set` makes its limits fit.
    most : int
        Rows that there can be.
    half : float
        Of a bar's height, in rows.
    fontsize : float
    **looks
        Of the bars, as for `matplotlib.collections.PolyCollection`.

    Attributes
    ----------
    bars : PolyCollection
    names, words : list of Label
    """

    def __init__(
        self,
        view: View,
        axes: Axes,
        most: int,
        *,
        half: float = 0.3,
        fontsize: float = 10.5,
        **looks: Any,
    ):
        self._view, self._axes, self._half = view, axes, half
        self.bars = view.live(axes.add_collection(PolyCollection([], **{"linewidths": 0, **looks})))
        self.names = view.column(axes, -0.01 / axes.get_position().width, most, ha="right", fontsize=fontsize)
        self.words = [view.label(axes, 0, k, va="center", fontsize=fontsize) for k in range(most)]

    def set(
        self,
        names: Sequence[str],
        ends: Iterable[float] = (),
        texts: Iterable[str] = (),
        at: Iterable[float] = (),
        *,
        colors: Any = None,
        bold: int | None = None,
        start: float = 0.0,
    ) -> None:
        """Show these rows and no others.

        Parameters
        ----------
        names : sequence of str
            One a row.
        ends : iterable of float
            Where bars end; none: no bars.
        texts, at : iterable
            What is said in each row, and where it begins.
        colors : color or sequence of color, optional
            Of the bars.
        bold : int, optional
            The row whose name is bold.
        start : float
            Where bars begin.
        """
        count = len(names)
        View.set_limits(self._axes, y=(count - 0.4, -0.6))
        self._view.say(self.names, names)
        for k, name in enumerate(self.names):
            name.set_visible(k < count)
            name.set_fontweight("bold" if k == bold else "normal")
        outlines = View.bars(ends, half=self._half)
        if start:
            outlines = [[(start, a[1]), b, c, (start, d[1])] for a, b, c, d in outlines]
        self.bars.set_verts(outlines)
        if colors is not None:
            self.bars.set_facecolor(colors)
        texts = list(texts)
        self._view.say(self.words, texts)
        for k, word in enumerate(self.words):
            word.set_visible(k < len(texts))
        for word, x in zip(self.words, at, strict=False):
            word.set_x(x)


class Names:
    """Words beside the things they name, at the ends of lines, kept apart where the ends meet.

    Parameters
    ----------
    view : View
    axes : Axes
    x : float
        Where they begin, in the axes' data.
    count : int
    gap : float
        The least distance between two of them, in CSS pixels.
    **looks
        As for `View.label`.

    Attributes
    ----------
    words : list of Label
    """

    def __init__(self, view: View, axes: Axes, x: float, count: int, *, gap: float = 16, **looks: Any):
        self._axes, self._x, self._gap = axes, x, gap
        self.words = [view.label(axes, x, 0, va="center", **{"fontsize": 10.5, **looks}) for _ in range(count)]

    def set(self, places: Sequence[float], texts: Sequence[str], colors: Sequence[Any]) -> None:
        """Show these words at these heights (in the axes' data), in these colours, and no others."""
        data = self._axes.transData
        gap = self._gap * self._axes.figure.dpi / 100
        heights = [float(data.transform((self._x, y))[1]) for y in places]
        spaced = space_out(heights, gap)
        for word, height, text, color in zip(self.words, spaced, texts, colors, strict=False):
            word.set_y(float(data.inverted().transform((data.transform((self._x, 1))[0], height))[1]))
            word.set_text(text)
            word.set_color(color)
        for k, word in enumerate(self.words):
            word.set_visible(k < len(texts))
