"""From offset to block: the pointers of ext2 above, the extents of ext4 below, the way of one byte lit up."""

from __future__ import annotations

from typing import Any

from matplotlib.collections import LineCollection

from oslab.base.numbers import readable
from oslab.picture import style
from oslab.picture.tiles import Look, Tile, Tiles
from oslab.picture.view import View

__all__ = ["BlockTree", "human"]

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB")
LEFT, TOP, LOW, BOX = 16, 66, 262, (124, 46)


def human(count: float) -> str:
    """Return a number of bytes in the unit that suits it, to 3 digits."""
    k = 0
    while count >= 1024 and k < len(UNITS) - 1:
        count, k = count / 1024, k + 1
    return f"{count:.3g} {UNITS[k]}"


def _reads(result: Any) -> str:
    return f"{result.reads or 'no'} read{'s' * (result.reads != 1)}"


class BlockTree(View):
    """Slots of the inode, the blocks of pointers that are read on the way, the data; beneath it the extent tree's way."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        blue, green = style.ink(0), style.ink(2)
        looks = {
            "on": Look("#cfe3f2", edge=blue.color, bold=True),
            "off": Look("#f7f8f9", edge="#d5dade", ink="#a8b0b8"),
            "extent": Look("#bfe5d8", edge=green.color, hatch="..", bold=True),
            "word": Look("none", ink=style.QUIET),
            "blue": Look("none", ink=blue.text, bold=True),
            "green": Look("none", ink=green.text, bold=True),
        }
        self._lines = self.live(sheet.add_collection(LineCollection([], colors=style.QUIET, linewidths=1.6, zorder=1)))
        self._tiles = Tiles(self, sheet, looks, capacity=40, fontsize=10.5)
        self._heads = [
            self.label(sheet, LEFT, y, fontsize=11, fontweight="bold", va="center", color=ink.text)
            for y, ink in ((52, blue), (248, green))
        ]
        self._inode = self.label(sheet, LEFT, LOW + 11, fontsize=10.5, color=style.QUIET, va="center")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `BlockPath`."""
        tiles, lines = [], []
        slot = result.path[0] if result.path else -1
        for k in range(15):
            name = str(k) if k < 12 else ("single", "double", "triple")[k - 12]
            x, wide = (LEFT + k * 44, 40) if k < 12 else (LEFT + 528 + (k - 12) * 87, 82)
            tiles.append(Tile(x, TOP, wide, 34, "on" if k == slot else "off", name))
            if k == slot:
                lines.append(
                    [(x + wide / 2, TOP + 34), (x + wide / 2, 124), (LEFT + BOX[0] / 2, 124), (LEFT + BOX[0] / 2, 146)]
                )
        names = [f"entry {index}" for index in result.path[1:]] if result.path else []
        self._chain(tiles, lines, names, 146, "on", result.path is not None, result.block_size // 4)
        if result.path is None:
            tiles.append(Tile(LEFT, 150, 424, 30, "blue", "beyond the largest file that 12 + 3 pointers reach"))
        nodes = [f"index node {k + 1}" if k + 1 < result.depth else "leaf" for k in range(result.depth)]
        self._chain(tiles, lines, nodes, LOW + 34, "extent", True)
        inode = "up to 4 extents" if not result.depth else f"root of a tree, depth {result.depth}"
        self._inode.set_text(f"in the same 60 bytes of the inode: {inode}")
        lines.append([(LEFT + BOX[0] / 2, LOW + 22), (LEFT + BOX[0] / 2, LOW + 34)])
        self._tiles.set(tiles)
        self._lines.set_segments(lines)
        self._heads[0].set_text(f"ext2: 12 + 3 pointers, largest file {human(result.largest)}")
        pieces = readable(result.extents)
        self._heads[1].set_text(f"ext4: the file lies in {pieces} extent{'s' * (result.extents != 1)}")
        by_pointers = f"{_reads(result)} by pointers" if result.path else "out of the pointers' reach"
        self.title = f"Byte {readable(result.offset)}: {by_pointers}, {result.extent_reads} by extents"

    @staticmethod
    def _chain(
        tiles: list[Tile], lines: list, names: list[str], y: float, look: str, shown: bool, per: int = 0
    ) -> None:
        """Boxes one after the other, the data last, with the count of reads below."""
        for k, name in enumerate([*names, "data"] if shown else []):
            x = LEFT + k * 164
            tiles.append(Tile(x, y, *BOX, look, name, f"of {per} pointers" if name.startswith("entry") else ""))
            tiles.append(Tile(x, y + BOX[1] + 1, BOX[0], 18, "word", f"read {k + 1}"))
            if k:
                lines.append([(x - 40, y + BOX[1] / 2), (x, y + BOX[1] / 2)])

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the file block, the way, and the reads of both maps."""
        number = readable(result.number)
        way = (
            (f"slot {result.path[0]}" + "".join(f", entry {k}" for k in result.path[1:]))
            if result.path
            else "no pointer"
        )
        return (
            f"With blocks of {human(result.block_size)} this byte is in file block {number}: {way} leads there, "
            f"{_reads(result)}, the data's own counted; by extents {result.extent_reads}."
        )
