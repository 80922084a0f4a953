"""What every picture of the course has: a title that is the finding, and artists that are made once."""

import functools
from collections.abc import Callable, Iterable, Mapping
from itertools import zip_longest
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.scale import FuncScale
from matplotlib.transforms import blended_transform_factory

from oslab.base import readable
from oslab.picture.label import DESIGNED, Label

__all__ = ["View"]

ROOM, WHOLE = 62, 100 * DESIGNED  # CSS pixels: left of axes with a label; of the designed width


def _show_last(method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def show(self: Any, result: Any, step: int | None = None, measured: Any = None, **beside: Any) -> Any:
        return method(self, result, result.steps if step is None else step, measured, **beside)

    return show


class View:
    """Base of all views: makes axes and artists once, afterwards only sets their data.

    A view defines ``__init__(figure)``, ``update(result, step=None, measured=None)`` and
    ``describe(result, step=None, measured=None)``; `update` also gets ``alongside=`` when its
    lab computes something slow beside the model.  Artists whose data change are made with `live`: the
    canvas draws only these while a slider moves, over a background that is kept.

    Attributes
    ----------
    size : tuple of float
        Width and height of the figure, in inches at 100 dots an inch; the width is another where the page has more or
        less room (see `Canvas.fit`): what is placed in fractions, or on a sheet, keeps its place among the others.
    side : float
        Where a column begins that keeps its width on a narrow page, in CSS pixels of the designed figure: what is left
        of it gives way instead.
    result, step, settings : object, int or None, dict
        What the picture that stands shows, and the controls' values behind it; set by the lab, for `tip` and `touch`.
    touched : str
        The key of what was touched last, '' once anything else has been moved.
    stepped : bool
        Whether results are shown step by step: `update` and `describe` then always get a step, the last if none is given.
    drops : bool
        Whether what is dragged sets something only where it is let go.
    """

    size: tuple[float, float] = (DESIGNED, 3.8)
    side: float = WHOLE
    result: Any = None
    step: int | None = None
    settings: Mapping[str, Any] = {}
    touched: str = ""
    stepped = False
    drops = False
    step_word = "step"  # "step 7" is the key of a thing that stands for a step
    _guess: Label | None = None

    def __init_subclass__(cls, **options: Any) -> None:
        """Let methods that show a step show the last where none is given."""
        super().__init_subclass__(**options)
        for name in ("update", "describe") if cls.stepped else ():
            if name in vars(cls):
                setattr(cls, name, _show_last(vars(cls)[name]))

    def __init__(self, figure: Figure):
        self.figure = figure
        self.artists: list[Artist] = []
        self._framed: list[tuple[Axes, tuple[float, ...]]] = []
        self._sheets: list[tuple[Axes, float]] = []
        self._title = self.label(figure, 0.016, 0.94, fontsize=13, fontweight="bold", va="center", wraps=True)

    @property
    def title(self) -> str:
        """The finding, with its number, drawn above the picture."""
        return self._title.get_text()

    @title.setter
    def title(self, text: str) -> None:
        self._title.set_text(text)

    def lay_out(self) -> None:
        """Give all axes their places on a figure of another width, with as much room beside them for numbers and labels."""
        wide = 100 * self.figure.get_figwidth()
        way = (0, self.side, WHOLE), (0, self.side * self.stretch(), wide)
        for axes, (left, bottom, width, height) in self._framed:
            less = max(0.0, ROOM * (1 - self.stretch(left * WHOLE))) if axes.get_ylabel() else 0.0
            left, right = np.interp((left * WHOLE, (left + width) * WHOLE), *way)
            axes.set_position(((left + less) / wide, bottom, (right - left - less) / wide, height))
        for sheet, middle in self._sheets:
            if middle:
                sheet.set(xlim=middle - np.interp(middle, *way) + np.array([0, wide]))
            elif self.side < WHOLE:
                turns: Any = [functools.partial(np.interp, xp=a, fp=b) for a, b in (way, way[::-1])]
                sheet.set(xscale=FuncScale(sheet.xaxis, turns) if wide < WHOLE else "linear", xticks=[])

    def stretch(self, x: float = 0) -> float:
        """Return how wide a pixel of the designed figure is on this one, at a place from its left."""
        wide = 100 * self.figure.get_figwidth()
        kept = (WHOLE - self.side) * (wide < WHOLE)
        return 1.0 if kept and x >= self.side else (wide - kept) / (WHOLE - kept)

    def live(self, artist: Artist) -> Any:
        """Return `artist`, from now on drawn anew in every frame."""
        artist.set_animated(True)
        self.artists.append(artist)
        return artist

    def label(self, where: Axes | Figure, x: float, y: float, text: str = "", **looks: Any) -> Label:
        """Make a text that can change in every frame, at a place in the axes' data or as fractions of the figure."""
        transform = looks.pop("transform", None) or (where.transData if isinstance(where, Axes) else where.transFigure)
        word = Label(x, y, text, transform=transform, **looks)
        word.set_figure(self.figure)
        return self.live(word)

    def column(self, axes: Axes, x: float, count: int, **looks: Any) -> list[Label]:
        """Make a column of words beside the axes' rows 0, 1 …, at a fraction of the figure's width; below 0, of the axes'."""
        rows = blended_transform_factory(axes.transAxes if x < 0 else self.figure.transFigure, axes.transData)
        return [self.label(axes, x, k, va="center", transform=rows, **looks) for k in range(count)]

    @staticmethod
    def say(words: Iterable[Label], texts: Iterable[str], colors: Iterable[Any] = ()) -> None:
        """Set what a column says, from its top, and what colour it has; words that are left over say nothing."""
        for word, text, color in zip_longest(words, texts, colors):
            if word is None:
                return
            word.set_text(text or "")
            if color:
                word.set_color(color)

    @staticmethod
    def bars(
        ends: Iterable[float], rows: Iterable[float] | None = None, half: float = 0.3
    ) -> list[list[tuple[float, float]]]:
        """Return the outlines of bars from 0 to `ends`, in the axes' rows 0, 1 … if no others are given."""
        return [
            [(0, row - half), (end, row - half), (end, row + half), (0, row + half)]
            for row, end in (enumerate(ends) if rows is None else zip(rows, ends))
        ]

    def guess(self, x: float, y: float, unit: str = "", **looks: Any) -> None:
        """Make the word in which `predict` writes down what was predicted, at fractions of the figure."""
        self._guess = self.label(self.figure, x, y, color="#b24e00", va="center", **{"fontsize": 10.5, **looks})
        self._unit = f" {unit}" if unit else ""

    def predict(self, answer: Any) -> None:
        """Write down what was predicted, nothing for None; other views mark it in the picture, or nowhere."""
        if self._guess:
            said = f"{readable(answer, 4)}{self._unit}" if isinstance(answer, int | float) else answer
            self._guess.set_text("" if answer is None else f"your prediction: {said}")

    def add_axes(
        self,
        left: float,
        bottom: float,
        width: float,
        height: float,
        *,
        x: str = "",
        y: str = "",
        grid: Any = "",
        **options: Any,
    ) -> Axes:
        """Make axes at a fixed place.

        Parameters
        ----------
        left, bottom, width, height : float
            In fractions of the figure.
        x, y : str
            Axis labels, with units.
        grid : {'', 'x', 'y', 'both'}
            Where values are read off.
        """
        axes = self.figure.add_axes((left, bottom, width, height), **options)
        self._framed.append((axes, (left, bottom, width, height)))
        axes.set_xlabel(x)
        axes.set_ylabel(y)
        if grid:
            axes.grid(True, axis=grid)
        return axes

    def add_sheet(self, middle: float = 0) -> Axes:
        """Make axes over the whole figure in CSS pixels, y downwards, without frame: for diagrams.

        Parameters
        ----------
        middle : float
            The middle of what keeps its shape, a circle for one: on a figure of another width only this place moves.
            0: all is as much wider as the figure is.
        """
        axes = self.figure.add_axes(
            (0, 0, 1, 1), frameon=False, xticks=[], yticks=[], xlim=(0, WHOLE), ylim=(100 * self.size[1], 0)
        )
        self._sheets.append((axes, middle))
        return axes

    @staticmethod
    def set_limits(axes: Axes, *, x: tuple[float, float] | None = None, y: tuple[float, float] | None = None) -> None:
        """Set limits only where they differ, since new limits mean that the background is drawn again."""
        if x is not None and tuple(axes.get_xlim()) != tuple(x):
            axes.set_xlim(x)
        if y is not None and tuple(axes.get_ylim()) != tuple(y):
            axes.set_ylim(y)

    @staticmethod
    def roomy(value: float) -> float:
        """Return the next power of two: a limit that stays still while a slider moves."""
        power = 1.0
        while power < value:
            power *= 2
        while power / 2 >= value > 0:
            power /= 2
        return power

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Set the artists' data to show `result`, as far as `step`, and what was measured."""
        raise TypeError(f"{type(self).__name__} defines no update")

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return in one or two sentences what the picture shows, numbers rounded to 3 digits."""
        raise TypeError(f"{type(self).__name__} defines no describe")

    def tip(self, key: str) -> str:
        """Return what the thing known by `key` is, and why: here of what stands for a step; '' if nothing is to be said."""
        step = self.step_of(key)
        return self.result.why(step) if step else ""

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """Return what a click on the thing known by `key`, or dragging it, sets; it changes nothing itself.

        Parameters
        ----------
        key : str
        at : tuple of float, optional
            Where it was dragged to, in CSS pixels of the picture from its upper left corner; None for a click.

        Returns
        -------
        dict of str to object, or None
            Values by the names of controls, ``step`` among them; a text control gets its whole new text.  None where
            it sets nothing; an empty one is only remembered, in `touched`.
        """
        step = self.step_of(key)
        return {"step": step} if step and at is None else None

    def step_of(self, key: str) -> int:
        """Return the step that a thing stands for, 0 for none."""
        word, _, number = key.rpartition(" ")
        known = word == self.step_word and number.isdecimal() and self.result is not None
        return int(number) if known and 0 < int(number) <= self.result.steps else 0

    def next_step(self) -> dict[str, Any] | None:
        """Return what leads one step on, None at the end: for things whose touch says that it is their turn."""
        steps = self.result.steps
        step = steps if self.step is None else self.step
        return {"step": step + 1} if step < steps else None

    def data_at(self, axes: Axes, at: tuple[float, float]) -> tuple[float, float]:
        """Return the axes' data coordinates of a place given in CSS pixels of the picture."""
        x, y = axes.transData.inverted().transform((at[0], self.figure.bbox.height - at[1]))
        return float(x), float(y)
