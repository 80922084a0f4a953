"""Controls that ipywidgets lacks: presses that add up to a text or start a measurement, and a file of the learner's."""

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from ipywidgets import ValueWidget
from traitlets import Unicode

from oslab.lab.worker import Worker
from oslab.picture.displayed import close_all, escape, make_button, sentence

__all__ = ["FileField", "LetterButtons", "StartButtons", "make_suggestions"]

AS_WIDE_AS_IT_IS = {"width": "auto", "flex": "0 0 auto"}


class ButtonRow(widgets.HBox, ValueWidget):
    """A row of buttons whose presses make up a text."""

    value = Unicode("")
    description, style = "", None  # as a panel of controls asks

    def close(self) -> None:
        """Close it and its buttons."""
        for button in self.children:
            button.close()
        super().close()


class LetterButtons(ButtonRow):
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

    def __init__(self, letters: Sequence[str], value: str = "", tooltip: str = "{}"):
        self._buttons = {letter: self._button(letter, tooltip.format(letter), letter) for letter in letters}
        undo = self._button("undo", "undo the last press", None)
        clear = self._button("start over", "undo all presses", "")
        super().__init__(children=[*self._buttons.values(), undo, clear], value=value)

    def _button(self, label: str, tooltip: str, adds: str | None) -> widgets.Button:
        return make_button(label, lambda: self.press(adds), tooltip, layout={"width": "52px" if adds else "92px"})

    def press(self, adds: str | None) -> None:
        """Add a letter; take the last one back for None, all for ''."""
        self.value = self.value[:-1] if adds is None else self.value + adds if adds else ""


class StartButtons(ButtonRow):
    """One button a choice; a press chooses, and starts the lab's measurement with it.

    Parameters
    ----------
    options : mapping of str to str
        What each button says, and the value that it gives.
    tooltips : mapping of str to str
        By value.
    """

    def __init__(self, options: Mapping[str, str], tooltips: Mapping[str, str]):
        self._start: Callable[[], None] = lambda: None
        self._labels = {key: label for label, key in options.items()}
        self._buttons = {
            key: make_button(label, partial(self.press, key), tooltips[key], layout=AS_WIDE_AS_IT_IS)
            for key, label in self._labels.items()
        }
        super().__init__(
            children=[widgets.Label("start:", layout=AS_WIDE_AS_IT_IS), *self._buttons.values()],
            layout={"flex_flow": "row wrap"},
        )
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


def make_suggestions(options: list[str], placeholder: str, label: str) -> widgets.Combobox:
    """Return a labelled text field with a menu of suggestions; anything else may be typed in."""
    return widgets.Combobox(
        options=options,
        description=label,
        placeholder=placeholder,
        continuous_update=False,
        style={"description_width": "initial"},
        layout={"width": "98%"},
    )


class FileField(widgets.VBox, ValueWidget):
    """A path that counts once what it names has been read; until then, and where that fails, the last one stays.

    Parameters
    ----------
    prepare : callable
        ``prepare(path)`` is a generator: it yields shares of the work done (floats), and a sentence at the end.

    Attributes
    ----------
    value : str
        The file's path; '' for none.
    """

    value = Unicode("")
    description, style = "", None  # as a panel of controls asks

    def __init__(self, prepare: Callable[[str], Iterator[Any]]):
        self._prepare = prepare
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._path = widgets.Text(
            description="your file",
            placeholder="its path",
            continuous_update=False,
            style={"description_width": "70px"},
            layout={"flex": "1 1 auto", "width": "auto"},
        )
        self._upload = widgets.FileUpload(description="upload", multiple=False, layout={"width": "118px"})
        self._bar = widgets.FloatProgress(0, min=0, max=1, layout={"width": "150px", "height": "16px"})
        self._stop = make_button("stop", lambda: self._worker.stop(), "stop reading the file", layout={"width": "60px"})
        self._said = widgets.HTML(layout={"width": "100%"})
        self._running = widgets.HBox([self._bar, self._stop], layout={"display": "none"})
        super().__init__(children=[widgets.HBox([self._path, self._upload]), self._running, self._said])
        self._worker = Worker(progress=self._progress, fail=self._failed, ended=self._ended)
        self._path.observe(lambda change: self.read(change["new"]), "value")
        self._upload.observe(self._uploaded, "value")
        self.observe(self._follow, "value")

    def read(self, path: str) -> None:
        """Read a file in a thread, and take it when that is done; '' for no file."""
        path = path.strip()
        if path == self.value:
            return
        if not path:
            self.value = ""
            return
        self._say("")
        self._running.layout.display = "flex"
        self._worker.start(self._prepare, lambda said, done: self._taken(path, said) if done else None, path=path)

    def join(self, seconds: float | None = None) -> None:
        """Wait until nothing is read any more."""
        self._worker.join(seconds)

    def _taken(self, path: str, said: Any) -> None:
        self.value = path
        self._say(str(said or ""))

    def _say(self, text: str, wrong: bool = False) -> None:
        tone = "var(--oslab-bad, #b24e00)" if wrong else "var(--oslab-quiet, #59636e)"
        self._said.value = (
            f'<span style="color:{tone};font-size:13px;line-height:1.35">{escape(text)}</span>' if text else ""
        )

    def _progress(self, share: float) -> None:
        self._bar.value = share

    def _failed(self, error: Exception) -> None:
        self._say(sentence(error), wrong=True)

    def _ended(self, stopped: bool) -> None:
        self._running.layout.display = "none"
        if stopped:
            self._say("stopped; the previous picture stays")

    def _uploaded(self, change: Any) -> None:
        for file in change["new"][:1]:
            self._folder = self._folder or tempfile.TemporaryDirectory(prefix="oslab-upload-")
            path = Path(self._folder.name, Path(file["name"]).name)
            path.write_bytes(file["content"])
            self._path.value = str(path)

    def _follow(self, change: Any) -> None:
        if self._path.value.strip() != self.value:
            self._path.value = self.value  # set by a script, or by reset
            self._say("")

    def close(self) -> None:
        """Stop reading, close every part, and remove what was uploaded."""
        self._worker.stop(wait=3)
        for part in self.children:
            close_all(part)
        if self._folder:
            self._folder.cleanup()
        super().close()
