"""The fields of the task structure, where this system shows them, and their values now."""

from matplotlib.figure import Figure

from oslab.picture import Look, Tile, Tiles, View, style
from oslab.processes.control_block import ChosenField, ControlBlock

__all__ = ["FieldTable"]

COLUMNS = {"task_struct": (16, 190), "shown in": (212, 216), "value": (434, 370)}
LOOKS = {
    "head": Look("none", ink=style.QUIET, bold=True),
    "field": Look("#edf0f3"),
    "chosen": Look("#cfe3f2", edge=style.ink(0).color, bold=True),
    "value": Look("#ffffff", edge="#d5dade"),
}


class FieldTable(View):
    """A row a field; the chosen one is marked and explained below."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self._tiles = Tiles(self, self.add_sheet(), LOOKS, capacity=40, fontsize=10)

    def update(self, result: ChosenField, step: int | None = None, measured: ControlBlock | None = None) -> None:
        """Draw the fields; `result` names the chosen one."""
        tiles = [Tile(x, 52, wide, 22, "head", text) for text, (x, wide) in COLUMNS.items()]
        leap = 290 / len(result.fields)
        for k, field in enumerate(result.fields):
            mark = "chosen" if field.name == result.chosen else "field"
            value = measured.values[field.name] if measured else "press “measure here”"
            cells = zip(COLUMNS.values(), (field.name, field.where, value), (mark, mark, "value"))
            tiles += [Tile(x, 78 + k * leap, wide, leap - 5, look, text) for (x, wide), text, look in cells]
        self._tiles.set(tiles)
        value = measured.values[result.chosen] if measured else "not read yet"
        self.title = f"{result.chosen[0].upper()}{result.chosen[1:]}: {value}"

    def describe(self, result: ChosenField, step: int | None = None, measured: ControlBlock | None = None) -> str:
        """Return what the chosen field is for, and whose values these are."""
        return result.meaning + (f" Process {measured.name}, {measured.where}." if measured else "")
