"""The picture of a lab as a widget: it draws display lists, says its sentence, and has the keys that step it."""

from pathlib import Path

import anywidget
import traitlets

from oslab.picture.state import State
from oslab.picture.theme import renderer, style_sheet

__all__ = ["Screen"]

_HERE = Path(__file__).parent


class Screen(anywidget.AnyWidget):
    """The picture, the sentence, the keys.

    Attributes
    ----------
    state : dict
        The header of the `State` that is shown.
    scene, background : bytes
        Its display lists; `frame` counts the states, so that the page draws each once.
    controls : dict of str to list of str
        The widget of each control that the page can read, and the trait to read.
    pins : list of dict
        What is kept above it: headers of states, with their lists (`list`, `background`) and the call (`code`).
    error : str
        What is wrong, said in place of the sentence.
    width, height : int
        Of the picture, in CSS pixels.
    steps : int
        How far the arrow keys step; 0: they do not.
    lecture : bool
        Whether it fills the window, without code.
    page : str
        Where the lab is on the web, or ''.
    """

    # As text: of a path anywidget watches the file, and keeps every widget ever made alive to tell it of changes.
    _esm = renderer() + "".join(
        (_HERE / name).read_text(encoding="utf-8") for name in ("accessible.js", "lecture.js", "screen.js")
    )
    _css = style_sheet((_HERE / "screen.css").read_text(encoding="utf-8"))

    state = traitlets.Dict().tag(sync=True)
    scene = traitlets.Bytes(b"").tag(sync=True)
    background = traitlets.Bytes(b"").tag(sync=True)
    frame = traitlets.Int(0).tag(sync=True)
    width = traitlets.Int(820).tag(sync=True)
    height = traitlets.Int(380).tag(sync=True)
    controls = traitlets.Dict().tag(sync=True)
    pins = traitlets.List().tag(sync=True)
    error = traitlets.Unicode("").tag(sync=True)
    steps = traitlets.Int(0).tag(sync=True)
    lecture = traitlets.Bool(False).tag(sync=True)
    page = traitlets.Unicode("").tag(sync=True)

    def show(self, state: State, controls: dict[str, list[str]], width: int) -> None:
        """Send one state, in one message; the background only where it is another."""
        with self.hold_sync():
            self.controls, self.width = controls, width
            self.state, self.scene, self.background, self.error = state.header, state.list, state.background, ""
            self.frame += 1
