"""Touch: what a click on a thing in a picture, or dragging it, sets; always a value that the control takes."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets

from oslab.lab.buttons import LetterButtons
from oslab.lab.look_ahead import choices

__all__ = ["Touch", "place_of", "settle"]

WORDS = widgets.Text | widgets.Textarea | LetterButtons


def settle(widget: Any, value: Any) -> Any:
    """Return the value nearest to `value` that a control takes, None if there is none: a lab never leaves its sliders.

    Parameters
    ----------
    widget : Widget
        A slider, a menu, a switch, a field or letters to press.
    value : object
        A number, for menus of numbers too; else one of the menu's values, a truth value or a text.
    """
    if getattr(widget, "disabled", False):
        return None
    number = isinstance(value, int | float) and not isinstance(value, bool) and not math.isnan(value)
    if isinstance(widget, WORDS):  # before the menus: a Combobox offers some, and takes any
        return value if isinstance(value, str) else None
    if hasattr(widget, "options"):
        values = [value for _, value in choices(widget)]
        if number and all(isinstance(v, int | float) for v in values):
            return min(values, key=lambda v: (abs(v - value) if v != value else 0, v))
        return value if value in values else None
    if isinstance(widget, widgets.Checkbox):
        return bool(value)
    if number and isinstance(widget, widgets.IntText):
        return round(value)
    if number and hasattr(widget, "min"):
        inside = min(max(value, widget.min), widget.max)
        step = getattr(widget, "step", None) or 1
        whole = isinstance(widget, widgets.IntSlider | widgets.BoundedIntText)
        return widget.min + step * round((inside - widget.min) / step) if whole else inside
    return None


def place_of(at: Any) -> tuple[float, float] | None:
    """Return a place in a picture that the page has sent, None for what is no place."""
    if not isinstance(at, list) or len(at) != 2 or not all(isinstance(v, int | float) for v in at):
        return None
    x, y = (float(v) for v in at)
    return (x, y) if math.isfinite(x) and math.isfinite(y) else None


class Touch:
    """Joins the things in a lab's picture to its controls.

    Parameters
    ----------
    view : View
    controls : callable
        Takes what menus are set to, and returns the controls that are in use then, by name, ``step`` among them.

    Attributes
    ----------
    busy : bool
        Whether controls are being set: nobody has moved them by hand.
    """

    def __init__(self, view: Any, controls: Callable[[Mapping[str, Any]], Mapping[str, Any]]):
        self._view, self._controls, self.busy = view, controls, False

    def _moves(self, wanted: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """What is set, with values that the controls take; None if one of them takes none."""
        if wanted is None:
            return None
        controls = self._controls(wanted)
        found = {n: settle(controls[n], v) if n in controls else None for n, v in wanted.items() if n != "step"}
        if "step" in wanted:  # the stepper takes the nearest that there is; how many there are, the other controls say
            found["step"] = wanted["step"] if "step" in controls else None
        return None if None in found.values() else found

    def tip(self, key: str) -> dict[str, str]:
        """Return what is said of a thing, as ``text``, and what it takes, as ``does``: click, drag, drop or ''."""
        click, drag = (self._moves(self._view.touch(key, at)) for at in (None, (0.0, 0.0)))
        does = "click" if click is not None else ""
        if drag is not None and self._view.drops:
            does = "drop"
        elif drag:
            does = "drag"
        return {"text": self._view.tip(key), "does": does}

    def set(self, key: str, at: tuple[float, float] | None) -> dict[str, Any] | None:
        """Set the controls that a thing stands for, but not the step; return all that it sets, None if nothing."""
        found = self._moves(self._view.touch(key, at))
        if found is not None:
            self.busy = True
            try:
                for name, control in self._controls(found).items():
                    if name in found and name != "step":
                        control.value = found[name]
            finally:
                self.busy = False
            self._view.touched = key
        return found
