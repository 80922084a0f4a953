"""Step, back and play: a scrubber over the steps of a result."""

from collections.abc import Callable

import ipywidgets as widgets

from oslab.picture.displayed import close_all, make_button

__all__ = ["Stepper"]


class Stepper:
    """A scrubber with back, step and play.

    Parameters
    ----------
    on_step : callable
        Called without arguments when the step changes.

    Attributes
    ----------
    slider : IntSlider
        Its value is the step, 0 (before anything) to `last`.
    box : Widget
    """

    def __init__(self, on_step: Callable[[], None]):
        self.slider = widgets.IntSlider(
            min=0, max=1, value=1, description="step", layout={"width": "440px"}, style={"description_width": "40px"}
        )
        self._play = widgets.Play(
            min=0, max=1, value=1, interval=800, show_repeat=False, tooltip="play", layout={"width": "120px"}
        )
        self._link = widgets.jslink((self._play, "value"), (self.slider, "value"))
        back = make_button("◀ back", lambda: self.move(-1), "one step back (left arrow on the picture)")
        forth = make_button("step ▶", lambda: self.move(1), "one step on (right arrow on the picture)")
        self._buttons = (self._play, back, forth)
        self.box = widgets.HBox([self._play, back, forth, self.slider]).add_class("oslab-foot")
        self._quiet, self._last = False, 1
        self.slider.observe(lambda change: None if self._quiet else on_step(), "value")

    @property
    def step(self) -> int:
        """The step now shown; 0 where there are none."""
        return min(self.slider.value, self._last)

    def move(self, by: int) -> None:
        """Go on by `by` steps, at most to either end."""
        self.slider.value = min(max(self.step + by, 0), self._last)

    def step_of(self, last: int, start: int | None = None) -> int:
        """Return which step of a result of `last` steps `fit` goes to."""
        at_end = self.slider.value >= self._last
        step = start if start is not None else (last if at_end else self.slider.value)
        return min(max(step, 0), last)

    def fit(self, last: int, start: int | None = None) -> None:
        """Take a result of `last` steps: stay at the end if at the end, else where it was; or go to `start`.

        Without steps the scrubber is disabled.
        """
        step = self.step_of(last, start)
        self._last = last
        self._quiet = True
        try:
            for widget in (self.slider, self._play):  # both before a value: the page links these, and would cut it off
                widget.max = max(widget.max, last)
            for widget in (self.slider, self._play):
                if (widget.max, widget.value) != (max(last, 1), step):
                    with widget.hold_sync():
                        widget.max = max(last, 1)  # a slider has at least two values, also where there are no steps
                        widget.value = step
            for widget in (self.slider, *self._buttons):
                widget.disabled = last == 0
        finally:
            self._quiet = False

    def close(self) -> None:
        """Close every widget made here."""
        self._link.close()
        close_all(self.box)
