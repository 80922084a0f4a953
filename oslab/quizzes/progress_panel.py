"""The widget that shows progress, downloads it, and takes a downloaded file back."""

from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from oslab.picture.displayed import Displayed
from oslab.picture.html_text import html_table
from oslab.quizzes.markup import inline
from oslab.quizzes.messages import note_html, styles

__all__ = ["ProgressPanel"]


FILES = {".sqlite": "download as one file", ".csv": "download as CSV"}


class _Downloads(anywidget.AnyWidget):
    """Buttons, one for each file that the page may ask for."""

    _esm = (Path(__file__).parent / "download.js").read_text(encoding="utf-8")
    files = traitlets.Dict().tag(sync=True)


class ProgressPanel(Displayed):
    """Progress by chapter, two buttons to download it, and a button to restore a downloaded file.

    Parameters
    ----------
    log : module
        `oslab.progress`, which makes the panel.

    Attributes
    ----------
    box : Widget
        To be displayed.
    name : Text
        Whose answers they are; downloaded files carry it.
    upload : FileUpload
    said : str
        What the last restoring came to.
    """

    def __init__(self, log: ModuleType) -> None:
        self._log = log
        self.said = ""
        self._table, self._note = widgets.HTML(), widgets.HTML()
        self._downloads = _Downloads(files=FILES)
        self._downloads.on_msg(lambda _, content, buffers: self._guard(lambda: self._send(content)))
        self._again = self._button("refresh", self._draw, "Add the latest answers")
        self._renew_upload()
        self.name = widgets.Text(
            log.student(),
            description="your name",
            placeholder="if a teacher grades you",
            tooltip="Stored in the files that you download, and nowhere else",
            continuous_update=False,
        )
        self.name.observe(lambda change: self._guard(lambda: self._sign(change["new"])), "value")
        self.box = widgets.VBox().add_class("oslab-progress")
        self._guard(self._draw)

    def _renew_upload(self) -> None:
        # A file field keeps its file, so that the same one could not be given twice.
        tip = "A file that you downloaded earlier; your present answers are kept too"
        self.upload = widgets.FileUpload(accept=".sqlite", multiple=False, tooltip=tip, description="restore a file")
        self.upload.observe(self._take, "value")

    def _draw(self) -> None:
        summary = self._log.summary()
        rows = [{**row, "last": self._log.minute(row["last"])} for row in summary.table()]
        self._table.value = html_table(rows) if rows else "No question answered yet."
        where = self._log.default_path()
        kept = f"Kept in `{where}`." if where else "Kept in memory only, until the kernel ends."
        said = self.said or self._log.store().problem or kept
        self._note.value = f"<div class='oslab-quiet' role='status'>{inline(said)}</div>"
        actions = widgets.HBox([self._downloads, self.upload, self._again])
        self.box.children = [styles(), self._table, self.name, actions, self._note]

    def _sign(self, name: str) -> None:
        self._log.sign(name)
        self.said = "Downloaded files carry this name." if name.strip() else ""
        self._draw()

    def _send(self, content: Mapping[str, Any]) -> None:
        ending = content.get("file")
        if ending in FILES:
            data = self._log.csv_text().encode() if ending == ".csv" else self._log.saved_bytes()
            self._downloads.send({"file": self._log.file_name(ending)}, [data])
            self._draw()

    def _take(self, change: Any) -> None:
        files = list(change["new"])
        if files:
            self._guard(lambda: self._restore(bytes(files[0]["content"])))

    def _restore(self, data: bytes) -> None:
        self._log.restore(data)
        self.name.value = self._log.student()
        self.said = "The file is restored; the answers given here are kept too."
        self._renew_upload()
        self._draw()

    def _still(self) -> Mapping[str, Any]:
        # Nothing of the progress, so that what is stored is the same for everybody.
        return {"text/plain": "Your progress by chapter: a table, with buttons to download it and to restore a file"}

    def _say_trouble(self, said: str) -> None:
        self.said, self._note.value = said, note_html(said, "alert")
