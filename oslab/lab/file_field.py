"""The control for a file of the learner's: its path beside the notebook, or an upload; reading shows its progress."""

import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import ipywidgets as widgets
from ipywidgets import ValueWidget
from traitlets import Unicode

from oslab.lab.worker import Worker
from oslab.picture.displayed import close_all, escape, sentence

__all__ = ["FileField"]


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
            placeholder="its path, from this notebook",
            continuous_update=False,
            style={"description_width": "70px"},
            layout={"flex": "1 1 auto", "width": "auto"},
        )
        self._upload = widgets.FileUpload(description="upload", multiple=False, layout={"width": "96px"})
        self._bar = widgets.FloatProgress(0, min=0, max=1, layout={"width": "150px", "height": "16px"})
        self._stop = widgets.Button(description="stop", tooltip="stop reading", layout={"width": "60px"})
        self._said = widgets.HTML(layout={"width": "100%"})
        self._running = widgets.HBox([self._bar, self._stop], layout={"display": "none"})
        super().__init__(children=[widgets.HBox([self._path, self._upload]), self._running, self._said])
        self._worker = Worker(progress=self._progress, fail=self._failed, ended=self._ended)
        self._path.observe(lambda change: self.read(change["new"]), "value")
        self._upload.observe(self._uploaded, "value")
        self._stop.on_click(lambda _: self._worker.stop())
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
            self._say("stopped; the picture is the one before")

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
