"""The widget that shows progress, downloads it, and takes a downloaded file back."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from oslab.quizzes import progress_log
from oslab.quizzes.markup import html_table, inline
from oslab.quizzes.messages import look, sentence

__all__ = ["ProgressPanel"]


FILES = {"oslab-progress.sqlite": "download as one file", "oslab-progress.csv": "download as CSV"}


class _Downloads(anywidget.AnyWidget):
    """Buttons, one for each file that the page may ask for."""

    _esm = Path(__file__).parent / "download.js"
    files = traitlets.Dict().tag(sync=True)


class ProgressPanel:
    """Progress by chapter, two buttons to download it, and a button to restore a downloaded file.

    Attributes
    ----------
    box : Widget
        To be displayed.
    upload : FileUpload
    said : str
        What the last restoring came to.
    """

    def __init__(self) -> None:
        self.said = ""
        self._table, self._note = widgets.HTML(), widgets.HTML()
        self._downloads = _Downloads(files=FILES)
        self._downloads.on_msg(lambda _, content, buffers: self._guard(lambda: self._send(content)))
        self._again = widgets.Button(description="refresh", tooltip="Show what was answered since")
        self._again.on_click(lambda _: self._guard(self._draw))
        self._fresh_upload()
        self.box = widgets.VBox().add_class("oslab-progress")
        self._guard(self._draw)

    def _fresh_upload(self) -> None:
        # A file field keeps its file, so that the same one could not be given twice.
        tip = "A file downloaded here before; what is here now is kept too"
        self.upload = widgets.FileUpload(accept=".sqlite", multiple=False, tooltip=tip, description="restore a file")
        self.upload.observe(self._given, "value")

    def _draw(self) -> None:
        summary = progress_log.summary()
        rows = [{**row, "last": progress_log.minute(row["last"])} for row in summary.table()]
        self._table.value = html_table(rows) if rows else "No question answered yet."
        where = progress_log.default_path()
        kept = f"Kept in `{where}`." if where else "Kept in memory only, until the kernel ends."
        said = self.said or progress_log.store().problem or kept
        self._note.value = f"<div class='oslab-quiet' role='status'>{inline(said)}</div>"
        actions = widgets.HBox([self._downloads, self.upload, self._again])
        self.box.children = [look(), self._table, actions, self._note]

    def _send(self, content: Mapping[str, Any]) -> None:
        name = content.get("file")
        if name in FILES:
            data = progress_log.csv_text().encode() if name.endswith(".csv") else progress_log.saved_bytes()
            self._downloads.send({"file": name}, [data])
            self._draw()

    def _given(self, change: Any) -> None:
        files = list(change["new"])
        if files:
            self._guard(lambda: self._restore(bytes(files[0]["content"])))

    def _restore(self, data: bytes) -> None:
        progress_log.restore(data)
        self.said = "The file was taken in; answers that were here before are kept too."
        self._fresh_upload()
        self._draw()

    def __repr__(self) -> str:
        return "Your progress by chapter, as a table; to download as one file or as CSV, and to restore"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        """Return the live panel, and for where nothing runs a text that says nothing of the progress."""
        live = self.box._repr_mimebundle_() or {}
        return {**(live[0] if isinstance(live, tuple) else live), "text/plain": repr(self)}

    def _guard(self, act: Any) -> None:
        """Do what is asked for; what goes wrong is said here, since it would be shown nowhere."""
        try:
            act()
        except Exception as error:
            self.said = sentence(error)
            self._note.value = f"<div class='oslab-note' role='alert'>{inline(self.said)}</div>"
