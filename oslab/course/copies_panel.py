"""A widget that puts a fresh copy of a notebook beside the learner's changed one."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from oslab.course.notebook_copies import fresh_copy, originals
from oslab.picture.displayed import Displayed, escape

__all__ = ["Copies", "copies"]


class Copies(Displayed):
    """A menu of notebooks and a button; made by `copies`.

    Attributes
    ----------
    box : Widget
    menu : Dropdown
    """

    def __init__(self, folder: Path | None = None):
        self._folder = folder
        self.menu = widgets.Dropdown(options=sorted(path.stem for path in originals().glob("*.ipynb")))
        self.button = self._button("a fresh copy", self._copy, "Put beside yours, which stays unchanged")
        self._said = widgets.HTML()
        self.box = widgets.HBox([self.menu, self.button, self._said])

    def _still(self) -> Mapping[str, Any]:
        return {"text/plain": "A menu of the notebooks, and a button that puts a fresh copy of one beside yours"}

    def _copy(self) -> None:
        name = escape(fresh_copy(self.menu.value, self._folder).name)
        self._said.value = f"<span role='status'>{name} is now beside yours in the file browser</span>"

    def _say_trouble(self, said: str) -> None:
        self._said.value = f"<span role='alert'>{escape(said)}</span>"


def copies() -> Copies:
    """Return the widget, ready to be displayed by being the last line of a cell."""
    return Copies()
