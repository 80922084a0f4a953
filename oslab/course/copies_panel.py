"""A widget that lays a fresh copy of a notebook beside the learner's changed one."""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from oslab.course.notebook_copies import fresh_copy, originals

__all__ = ["Copies", "copies"]


class Copies:
    """A menu of notebooks and a button; made by `copies`.

    Attributes
    ----------
    box : Widget
    menu : Dropdown
    """

    def __init__(self, folder: Path | None = None):
        self._folder = folder
        self.menu = widgets.Dropdown(options=sorted(path.stem for path in originals().glob("*.ipynb")))
        self.button = widgets.Button(description="a fresh copy", tooltip="Beside yours, which stays as it is")
        self._said = widgets.HTML()
        self.button.on_click(lambda _: self._copy())
        self.box = widgets.HBox([self.menu, self.button, self._said])

    def __repr__(self) -> str:
        return "A menu of the notebooks, and a button that lays a fresh copy of one beside yours"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live widget, and its text for where nothing runs."""
        live = self.box._repr_mimebundle_() or {}
        return {**(live[0] if isinstance(live, tuple) else live), "text/plain": repr(self)}

    def _copy(self) -> None:
        try:
            name = html.escape(fresh_copy(self.menu.value, self._folder).name)
            self._said.value = f"<span role='status'>{name} lies beside yours, in the file browser</span>"
        except (OSError, ValueError) as error:  # in a callback: shown nowhere else
            self._said.value = f"<span role='alert'>{html.escape(str(error))}</span>"


def copies() -> Copies:
    """Return the widget, ready to be displayed by being the last line of a cell."""
    return Copies()
