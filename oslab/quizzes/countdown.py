"""A clock that the page counts down, so that the kernel needs no timer."""

from collections.abc import Callable
from pathlib import Path

import anywidget
import ipywidgets as widgets
import traitlets

from oslab.picture.displayed import make_button

__all__ = ["Countdown"]


class _Face(anywidget.AnyWidget):
    """The time left, as the page's own clock has it."""

    _esm = (Path(__file__).parent / "countdown.js").read_text(encoding="utf-8")
    seconds = traitlets.Float(0).tag(sync=True)
    running = traitlets.Bool(False).tag(sync=True)


class Countdown:
    """A button that starts a clock, and the clock.

    Parameters
    ----------
    seconds : float
    clock : callable
        The time in seconds.

    Attributes
    ----------
    box : Widget
    """

    def __init__(self, seconds: float, clock: Callable[[], float]):
        self._seconds, self._clock, self._end = seconds, clock, float("inf")
        self._face = _Face(seconds=seconds)
        self.box = widgets.HBox([make_button("start the clock", self.start), self._face])

    @property
    def over(self) -> bool:
        """Whether the time is up; never before it is started."""
        return self._clock() > self._end

    def start(self) -> None:
        """Start, or start again."""
        self._end = self._clock() + self._seconds
        self._face.running = False
        self._face.running = True

    def stop(self) -> None:
        """Stop, with the whole time left."""
        self._end, self._face.running = float("inf"), False
