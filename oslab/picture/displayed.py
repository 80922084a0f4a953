"""Whatever is displayed: a live widget, and what stands for it where nothing runs."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any

import ipywidgets as widgets

from oslab.base.numbers import readable

__all__ = ["Displayed", "close_all", "escape", "html_table", "sentence"]

ROWS = 200
LONGEST = 400  # characters of a sentence


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
        button = widgets.Button(description=label, tooltip=tooltip or label)
        button.on_click(lambda _: self._guard(act))
        return button

    def __repr__(self) -> str:
        return str(self._still().get("text/plain", f"<{type(self).__name__}>"))

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live widget and what stands for it, as IPython displays it."""
        live = self.box._repr_mimebundle_() or {}
        return {**(live[0] if isinstance(live, tuple) else live), **self._still()}


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


def escape(text: str) -> str:
    """Return a text as HTML that shows it as it is; a notebook does not take its dollar signs for formulas."""
    return html.escape(text, quote=True).replace("$", "<span>$</span>")


def html_table(rows: Iterable[Mapping[str, Any]], limit: int = ROWS) -> str:
    """Return rows of equal keys as an HTML table; it says how many of them it leaves out.

    Parameters
    ----------
    rows : iterable of mappings
        Name of column → value; texts are escaped, floats rounded to 4 digits.
    limit : int
        How many rows are shown.
    """
    listed = [dict(row) for row in rows]
    if not listed:
        return "<p>nothing to list</p>"
    head = "".join(f"<th>{escape(str(key))}</th>" for key in listed[0])
    body = "".join(
        f"<tr>{''.join(f'<td>{escape(_cell(value))}</td>' for value in row.values())}</tr>"
        for row in islice(listed, limit)
    )
    rest = f"<p>… and {len(listed) - limit} rows more</p>" if len(listed) > limit else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


def _cell(value: Any) -> str:
    return readable(value, 4) if isinstance(value, float) else str(value)
