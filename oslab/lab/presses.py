"""A control of buttons: each press adds its letter to a text."""

from __future__ import annotations

from collections.abc import Sequence

import ipywidgets as widgets
from ipywidgets import ValueWidget
from traitlets import Unicode

__all__ = ["Presses"]


class Presses(widgets.HBox, ValueWidget):
    """Buttons whose presses make up the value, and two that take the last, or all, of it back.

    Parameters
    ----------
    letters : sequence of str
        One letter a button.
    value : str
        Where it starts.
    tooltip : str
        Of the letters' buttons; ``{}`` stands for the letter.
    """

    value = Unicode("")
    description, style = "", None  # as a panel of controls asks

    def __init__(self, letters: Sequence[str], value: str = "", tooltip: str = "{}"):
        self._buttons = {letter: self._button(letter, tooltip.format(letter), letter) for letter in letters}
        undo = self._button("undo", "take the last press back", None)
        clear = self._button("start over", "take all presses back", "")
        super().__init__(children=[*self._buttons.values(), undo, clear], value=value)

    def _button(self, label: str, tooltip: str, adds: str | None) -> widgets.Button:
        button = widgets.Button(description=label, tooltip=tooltip, layout={"width": "52px" if adds else "92px"})
        button.on_click(lambda _: self.press(adds))
        return button

    def press(self, adds: str | None) -> None:
        """Add a letter; take the last one back for None, all for ''."""
        self.value = self.value[:-1] if adds is None else self.value + adds if adds else ""

    def close(self) -> None:
        """Close it and its buttons."""
        for button in self.children:
            button.close()
        super().close()
