"""The button of a chapter's first cell, which runs all the others and stays at the top."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import traitlets

from oslab.picture.displayed import Displayed

__all__ = ["Start", "start_chapter"]

BUTTON = (
    '<button type="button" class="jp-Button jp-mod-styled jp-mod-accept"'
    ' data-commandlinker-command="notebook:run-all-cells">start this chapter</button>'
    " in JupyterLab runs every cell and brings you back to the top. Elsewhere choose <i>Run All</i>."
)


class _Button(anywidget.AnyWidget):
    """The button, which finds JupyterLab around it and shows itself only there."""

    _esm = (Path(__file__).parent / "start.js").read_text(encoding="utf-8")
    html = traitlets.Unicode(BUTTON).tag(sync=True)


class Start(Displayed):
    """A button that runs all cells; made by `start_chapter`.

    Attributes
    ----------
    box : Widget
    """

    def __init__(self) -> None:
        self.box = _Button()

    def _still(self) -> Mapping[str, Any]:
        return {
            "text/html": BUTTON,
            "text/plain": "A button that runs every cell in JupyterLab; elsewhere choose Run All.",
        }


def start_chapter() -> Start | None:
    """Return the button, ready to be displayed by being the last line of a cell; nothing where all cells have run.

    Voilà runs all cells before it shows any.
    """
    return None if os.environ.get("SERVER_SOFTWARE", "").startswith("voila") else Start()
