"""Whatever is displayed: a live widget, and what stands for it where nothing runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ipywidgets as widgets
from IPython import get_ipython

from oslab.picture.html_text import escape, html_table

__all__ = [
    "Displayed",
    "close_all",
    "escape",
    "html_table",
    "make_button",
    "open_in_cell",
    "running_cell",
    "sentence",
]

LONGEST = 400  # characters of a sentence
_open: dict[tuple[str, ...], Displayed] = {}


class Displayed:
    """Base of what is displayed by being the last line of a cell.  A subclass sets `box` and defines `_still`.

    Attributes
    ----------
    box : Widget
        The live widget, all of it.
    """

    box: widgets.Widget

    def _still(self) -> Mapping[str, Any]:
        """Return, by MIME type, what is shown where nothing runs: the same whatever was done in the live widget."""
        raise TypeError(f"{type(self).__name__} defines no _still")

    def close(self) -> None:
        """Close every widget of the box."""
        close_all(self.box)

    def _say_trouble(self, said: str) -> None:
        """Show a sentence that says what went wrong."""
        raise TypeError(f"{type(self).__name__} defines no _say_trouble")

    def _guard(self, act: Callable[[], Any]) -> None:
        """Do what a press asks for; what goes wrong is said on the page, since it would be shown nowhere."""
        try:
            act()
        except Exception as error:
            self._say_trouble(sentence(error))

    def _button(self, label: str, act: Callable[[], Any], tooltip: str = "") -> widgets.Button:
        """Make a button; whatever a press of it raises is said on the page."""
        return make_button(label, lambda: self._guard(act), tooltip)

    def __repr__(self) -> str:
        return str(self._still().get("text/plain", f"<{type(self).__name__}>"))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live widget and what stands for it, as IPython displays it."""
        live = self.box._repr_mimebundle_() or {}
        return {**(live[0] if isinstance(live, tuple) else live), **self._still()}


def make_button(label: str, act: Callable[[], Any], tooltip: str = "", **looks: Any) -> widgets.Button:
    """Return a button that does `act` when it is pressed; `looks` are Button's own."""
    button = widgets.Button(description=label, tooltip=tooltip or label, **looks)
    button.on_click(lambda _: act())
    return button


def close_all(widget: widgets.Widget) -> None:
    """Close a widget, all those inside it, and the widgets that hold their layouts and styles."""
    for child in getattr(widget, "children", ()):
        close_all(child)
    for look in (getattr(widget, "layout", None), getattr(widget, "style", None)):
        if isinstance(look, widgets.Widget):
            look.close()
    widget.close()


def sentence(error: BaseException) -> str:
    """Return what is said of an error: its own words where it is about what was given, else its kind too."""
    ours = isinstance(error, ValueError | TypeError | OSError)
    said = str(error) if ours else f"{type(error).__name__}: {error}"
    return said if len(said) <= LONGEST else said[: LONGEST - 1] + "…"


def running_cell() -> str:
    """Return the id of the cell that is being run, or '' where no front end tells."""
    parent: dict[str, Any] = getattr(get_ipython(), "get_parent", dict)() or {}
    return str(parent.get("metadata", {}).get("cellId") or "")


def open_in_cell(displayed: Displayed, *name: str) -> None:
    """Close what a cell displayed under a name before, now that the new one stands; a copied cell has its own."""
    key = (running_cell(), *name)
    if key in _open:
        _open.pop(key).close()
    _open[key] = displayed
