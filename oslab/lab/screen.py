"""The picture of a lab as a widget: an image with alternative text, its sentence, and the keys that step it.

ipywidgets' own Image has no alternative text, no key events, and does not know the screen's resolution;
this widget is the same image with these three, and one message from the page when the slider rests.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import anywidget
import traitlets

__all__ = ["Screen"]

_HERE = Path(__file__).parent


class Screen(anywidget.AnyWidget):
    """The image, the sentence, the keys.

    Attributes
    ----------
    png : bytes
        The picture; `frame` counts the pictures, so that the page draws each once.
    text, error : str
        The sentence under the picture (also its alternative text), or what is wrong.
    shown : str
        The values of the controls at this picture, as JSON.
    scale : float
        Dots for a CSS pixel in `png`.
    pending : bool
        Whether the page is to report when the slider rests.
    steps : int
        How far the arrow keys step; 0: they do not.
    lecture : bool
        Whether it fills the window, without code.
    """

    # As text: of a path anywidget watches the file, and keeps every widget ever made alive to tell it of changes.
    _esm = (_HERE / "screen.js").read_text(encoding="utf-8")
    _css = (_HERE / "screen.css").read_text(encoding="utf-8")

    png = traitlets.Bytes(b"").tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)
    width = traitlets.Int(820).tag(sync=True)
    height = traitlets.Int(380).tag(sync=True)
    text = traitlets.Unicode("").tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    shown = traitlets.Unicode("{}").tag(sync=True)
    scale = traitlets.Float(1.0).tag(sync=True)
    pending = traitlets.Bool(False).tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)
    lecture = traitlets.Bool(False).tag(sync=True)

    def show(self, png: bytes, text: str, shown: dict[str, Any], *, scale: float, pending: bool) -> None:
        """Send one picture with its sentence, in one message."""
        with self.hold_sync():
            self.png, self.text, self.shown = png, text, json.dumps(shown)
            self.scale, self.pending, self.error = scale, pending, ""
            self.frame += 1
