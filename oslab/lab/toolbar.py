"""The row of buttons under the picture of a lab, what the last press said, and the table that folds out."""

import html
from collections.abc import Callable, Iterable
from typing import Any

import ipywidgets as widgets

from oslab.picture.displayed import close_all, escape, html_table, make_button

__all__ = ["Toolbar", "numbers_behind"]


def numbers_behind(result: Any, measured: Any) -> str:
    """Return the numbers behind a picture, as HTML; of what was measured where the model has none of its own."""
    parts = result if isinstance(result, tuple) else (result,)
    rows = [row for part in parts if hasattr(part, "table") for row in part.table()]
    series = [s for s in measured if hasattr(s, "table")] if isinstance(measured, list | tuple) else []
    if rows or not series:
        return html_table(rows)
    return "".join(f"<p>{escape(f'{s.label} ({s.where})')}</p>{html_table(s.table())}" for s in series)


class Toolbar:
    """Buttons under the picture of a lab.

    Parameters
    ----------
    buttons : iterable of Button
        In the order in which they stand.
    table : callable
        Returns the numbers behind the picture as HTML.
    report : str
        Address at which a mistake is reported, or ''.

    Attributes
    ----------
    box : Widget
    """

    def __init__(self, buttons: Iterable[widgets.Button], table: Callable[[], str], report: str = ""):
        self._table_html = table
        self._said = widgets.HTML().add_class("oslab-said")
        self._table = widgets.HTML(layout={"display": "none"}).add_class("oslab-table")
        self._fold = make_button("table", self.toggle_table, "the numbers behind the picture")
        link = f'<a href="{html.escape(report)}" target="_blank" rel="noopener">report a mistake</a>' if report else ""
        self._report = widgets.HTML(link).add_class("oslab-report")
        self._row = widgets.HBox([*buttons, self._fold, self._report, self._said]).add_class("oslab-foot")
        self.box = widgets.VBox([self._row, self._table])

    @property
    def table(self) -> str:
        """The table that is folded out, as HTML, or ''."""
        return self._table.value if self._table.layout.display != "none" else ""

    def say(self, text: str, code: bool = False) -> None:
        """Show what a press came to, beside the buttons."""
        text = html.escape(text)
        self._said.value = f"<code>{text}</code>" if code else text

    def follow(self) -> None:
        """Bring the table up to date, if it is folded out."""
        if self._table.layout.display != "none":
            self._table.value = self._table_html()

    def toggle_table(self) -> None:
        """Fold the table out, or in."""
        folded = self._table.layout.display == "none"
        self._table.layout.display = "" if folded else "none"
        self._fold.description = "hide table" if folded else "table"
        self.follow()

    def close(self) -> None:
        """Close every widget made here, and the buttons."""
        close_all(self.box)
