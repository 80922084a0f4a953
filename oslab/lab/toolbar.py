"""The foot of a lab: reset, copy as code, save, table, measure here."""

from __future__ import annotations

import html
import secrets
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets

from oslab.lab.mistake_link import mistake_address
from oslab.lab.worker import Worker

if TYPE_CHECKING:
    from oslab.lab.explorer import Lab

__all__ = ["Toolbar", "html_table"]

ROWS = 200


def html_table(rows: list[dict[str, Any]], limit: int = ROWS) -> str:
    """Return rows as an HTML table; says how many of them it leaves out."""
    if not rows:
        return "<p>nothing to list</p>"
    head = "".join(f"<th>{html.escape(str(k))}</th>" for k in rows[0])
    body = "".join(
        "<tr>" + "".join(f"<td>{html.escape(str(v))}</td>" for v in row.values()) + "</tr>" for row in rows[:limit]
    )
    rest = f"<p>… and {len(rows) - limit} rows more</p>" if len(rows) > limit else ""
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}"


class Toolbar:
    """Buttons under the picture of a lab.

    Attributes
    ----------
    box : Widget
    """

    def __init__(self, lab: Lab):
        self._lab = lab
        self._said = widgets.HTML().add_class("oslab-said")
        self._table = widgets.HTML().add_class("oslab-table")
        self._table.layout.display = "none"
        self._open_table = self._button("table", "the numbers behind the picture", self._toggle_table)
        buttons = [
            self._button("reset", "every control back to its start", lambda: lab.reset()),
            self._button("copy as code", "the call that made this picture", self._copy),
            self._button("save picture", "a PNG file of this picture", self._save),
            self._open_table,
        ]
        if "seed" in lab.controls:
            buttons.append(self._button("new seed", "another random workload", self._new_seed))
        if lab._measure is not None:
            self._measure = self._button("measure here", "run it for real on this machine", self._toggle_measure)
            buttons.append(self._measure)
        self._worker = Worker(self._delivered, self._progressed, self._failed)
        self._row = widgets.HBox([*buttons, self._report(), self._said]).add_class("oslab-foot")
        self.box = widgets.VBox([self._row, self._table])

    @staticmethod
    def _button(label: str, tooltip: str, act: Any) -> widgets.Button:
        button = widgets.Button(description=label, tooltip=tooltip)
        button.on_click(lambda _: act())
        return button

    def _report(self) -> widgets.HTML:
        address = mistake_address(self._lab.canvas.view, self._lab.function.__name__)
        link = (
            f'<a href="{html.escape(address)}" target="_blank" rel="noopener">report a mistake</a>' if address else ""
        )
        return widgets.HTML(link).add_class("oslab-report")

    def _say(self, text: str, code: bool = False) -> None:
        text = html.escape(text)
        self._said.value = f"<code>{text}</code>" if code else text

    def follow(self) -> None:
        """Bring the table up to date, if it is open."""
        if self._table.layout.display != "none":
            rows = self._rows()
            self._table.value = html_table(rows) if rows else self._measured()

    def _rows(self) -> list[dict[str, Any]]:
        result = self._lab.result
        parts = result if isinstance(result, tuple) else (result,)
        return [row for part in parts if hasattr(part, "table") for row in part.table()]

    def _measured(self) -> str:
        """The tables of what was measured, where the model has none of its own."""
        measured = self._lab.measured
        series = [s for s in measured if hasattr(s, "table")] if isinstance(measured, list | tuple) else []
        return "".join(
            f"<p>{html.escape(f'{s.label} ({s.where})')}</p>{html_table(s.table())}" for s in series
        ) or html_table([])

    def _toggle_table(self) -> None:
        opened = self._table.layout.display == "none"
        self._table.layout.display = "" if opened else "none"
        self._open_table.description = "hide table" if opened else "table"
        self.follow()

    def _copy(self) -> None:
        self._lab.send({"copy": self._lab.code})
        self._say(self._lab.code, code=True)

    def _save(self) -> None:
        self._lab.send({"save": f"{self._lab.function.__name__}.png"}, [self._lab.picture()])
        self._say("saved by the browser")

    def _new_seed(self) -> None:
        self._lab.controls["seed"].value = secrets.randbelow(1000)

    def _toggle_measure(self) -> None:
        if self._worker.running:
            self._worker.stop()
            self._measure.description = "measure here"
            self._say("stopped; what was measured so far is kept")
        else:
            self.start_measuring()

    def start_measuring(self) -> None:
        """Measure with the controls' values, in a thread; what runs is stopped."""
        self._measure.description = "stop"
        self._say("measuring …")
        self._worker.start(self._lab._measure, **self._lab.measure_arguments())

    def _progressed(self, share: float) -> None:
        self._say(f"measuring … {share:.0%}")

    def _delivered(self, data: Any, done: bool) -> None:
        self._lab.deliver_measured(data, done)
        if done:
            self._measure.description = "measure again"
            self._say("measured here")

    def _failed(self, error: Exception) -> None:
        self._measure.description = "measure here"
        self._say(f"could not be measured here: {error}")

    def close(self) -> None:
        """Stop measuring and close every widget made here."""
        self._worker.stop()
        for widget in (*self._row.children, self._row, self._table, self.box):
            widget.close()
