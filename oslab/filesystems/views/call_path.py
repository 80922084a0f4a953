"""The way of a call: layers as rows, steps from left to right."""

from typing import Any

from matplotlib.collections import LineCollection

from oslab.base import plural
from oslab.filesystems.call_trace import CallTrace
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["CallPath"]

LAYERS = ("system call", "descriptors", "open file", "mount table", "dentry cache", "file system", "block layer")
LEFT, TOP, ROW = 140, 92, 38


class CallPath(View):
    """One mark a step in the row of its layer, the calls as bands; the rows of a layer that is not there stay empty."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        blue = style.ink(0).color
        looks = {
            "row": Look("#f7f8f9"),
            "name": Look("none", ink=style.QUIET),
            "now": Look(blue, ink="#ffffff", bold=True),
            "done": Look("#cfe3f2", edge=blue),
            "later": Look("#ffffff", edge="#d5dade", ink=style.QUIET),
            "call": Look("#edf0f3", bold=True),
        }
        self._rows = Tiles(self, sheet, looks, capacity=20, fontsize=10.5)
        self._lines = self.live(sheet.add_collection(LineCollection([], colors=blue, linewidths=2, zorder=2)))
        self._tiles = Tiles(self, sheet, looks, capacity=40, fontsize=10)

    def update(self, result: CallTrace, step: int | None = None, measured: Any = None) -> None:
        """Draw the way as far as `step`."""
        wide = (804 - LEFT) / result.steps
        rows = [Tile(LEFT, TOP + r * ROW, 804 - LEFT, ROW - 4, "row") for r in range(len(LAYERS))]
        names = [f"{name}: {result.kind}" if name == "file system" else name for name in LAYERS]
        rows += [Tile(10, TOP + r * ROW, LEFT - 20, ROW - 4, "name", name) for r, name in enumerate(names)]
        tiles, points, begin = [], [], 0
        for k, stop in enumerate(result.stops):
            y = TOP + LAYERS.index(stop.layer) * ROW
            look = "now" if k == step - 1 else "done" if k < step else "later"
            tiles.append(Tile(LEFT + (k + 0.5) * wide - 14, y + 3, 28, ROW - 10, look, str(k + 1)))
            points.append((LEFT + (k + 0.5) * wide, y + ROW / 2 - 2))
            if k + 1 == result.steps or result.stops[k + 1].call != stop.call:
                text = stop.call if (k + 1 - begin) * wide > 7.5 * len(stop.call) else stop.call.split("(")[0]
                tiles.append(Tile(LEFT + begin * wide + 2, 52, (k + 1 - begin) * wide - 4, 30, "call", text))
                begin = k + 1
        self._rows.set(rows)
        self._tiles.set(tiles)
        self._lines.set_segments([[a, b] for a, b in zip(points[:step], points[1:step])])
        self.title = (
            f"{result.path} ({result.kind}): {plural(result.steps, 'step')}, {100 * result.hit_ratio:.0f} % of the names "
            "from the dentry cache"
        )

    def describe(self, result: CallTrace, step: int | None = None, measured: Any = None) -> str:
        """Return what happens at this step."""
        return (
            f"Step {step} of {result.steps}, {result.stops[step - 1].call}: {result.why(step)}"
            if step
            else ("The process calls open; the kernel has not been entered yet.")
        )
