"""Controls of buttons: presses that add up to a text, and presses that start a measurement."""

from collections.abc import Callable, Mapping, Sequence

import ipywidgets as widgets
from ipywidgets import ValueWidget
from traitlets import Unicode

__all__ = ["LetterButtons", "StartButtons", "make_suggestions"]


class LetterButtons(widgets.HBox, ValueWidget):
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


class StartButtons(widgets.HBox, ValueWidget):
    """One button a choice; a press chooses, and starts the lab's measurement with it.

    Parameters
    ----------
    options : mapping of str to str
        What each button says, and the value that it gives.
    tooltips : mapping of str to str
        By value.
    """

    value = Unicode("")
    description, style = "", None

    def __init__(self, options: Mapping[str, str], tooltips: Mapping[str, str]):
        self._start: Callable[[], None] = lambda: None
        self._labels = {key: label for label, key in options.items()}
        self._buttons = {
            key: widgets.Button(description=label, tooltip=tooltips[key], layout={"width": "auto"})
            for key, label in self._labels.items()
        }
        for key, button in self._buttons.items():
            button.on_click(lambda _, key=key: self.press(key))
        super().__init__(children=[widgets.Label("start:"), *self._buttons.values()])
        self.observe(self._mark, "value")
        self.value = next(iter(self._buttons))

    @property
    def label(self) -> str:
        """What the chosen button says."""
        return self._labels.get(self.value, self.value)

    def on_start(self, start: Callable[[], None]) -> None:
        """Call `start` after each press."""
        self._start = start

    def press(self, key: str) -> None:
        """Choose, and start."""
        self.value = key
        self._start()

    def _mark(self, _: object) -> None:
        for key, button in self._buttons.items():
            button.description = ("● " if key == self.value else "") + self._labels[key]

    def close(self) -> None:
        """Close it and its buttons."""
        for button in self.children:
            button.close()
        super().close()


def make_suggestions(options: list[str], placeholder: str) -> widgets.Combobox:
    """Return a text field with a menu of suggestions; anything else may be typed in."""
    return widgets.Combobox(
        options=options,
        placeholder=placeholder,
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "98%"},
    )
