"""The fields of the task structure, where this system shows them, and their values now."""

from __future__ import annotations

from typing import Any

from oslab.picture import style
from oslab.picture.tiles import Look, Tile, Tiles
from oslab.picture.view import View

__all__ = ["FieldTable"]

COLUMNS = ((16, 190), (212, 216), (434, 370))


class FieldTable(View):
    """A row a field; the chosen one is marked and explained below."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        self._tiles = Tiles(
            self,
            sheet,
            {
                "head": Look("none", ink=style.QUIET, bold=True),
                "field": Look("#edf0f3"),
                "chosen": Look("#cfe3f2", edge=style.ink(0).color, bold=True),
                "value": Look("#ffffff", edge="#d5dade"),
            },
            capacity=40,
            fontsize=10,
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw the fields; `result` names the chosen one, `measured` is a `ControlBlock`."""
        fields = result.fields
        tiles = [
            Tile(x, 52, w, 22, "head", text) for (x, w), text in zip(COLUMNS, ("task_struct", "shown in", "value"))
        ]
        leap = 290 / len(fields)
        for k, field in enumerate(fields):
            y, mark = 78 + k * leap, "chosen" if field.name == result.chosen else "field"
            value = measured.values[field.name] if measured else "“measure here” reads it"
            for (x, w), text, look in zip(COLUMNS, (field.name, field.where, value), (mark, mark, "value")):
                tiles.append(Tile(x, y, w, leap - 5, look, text))
        self._tiles.set(tiles)
        self.title = f"{result.chosen}: {measured.values[result.chosen] if measured else 'not read yet'}"

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what the chosen field is for, and whose values these are."""
        whose = f" Process {measured.name}, {measured.where}." if measured else ""
        return f"{result.meaning}{whose}"
