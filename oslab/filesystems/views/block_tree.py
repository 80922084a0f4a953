"""From offset to block: the pointers of ext2 above, the extents of ext4 below, the way of one byte lit up."""

from typing import Any

from matplotlib.collections import LineCollection

from oslab.base import plural, readable
from oslab.filesystems.block_path import SLOTS, BlockPath
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["BlockTree", "human"]

UNITS = ("bytes", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB")
LEFT, TOP, LOW, BOX = 16, 66, 262, (124, 46)
DIRECT_WIDTH, INDIRECT_WIDTH, GAP, SHOWN = 528, 87, 4, 16


def human(count: float) -> str:
    """Return a number of bytes in the unit that suits it, to 3 digits."""
    k = 0
    while count >= 1024 and k < len(UNITS) - 1:
        count, k = count / 1024, k + 1
    return f"{readable(count)} {UNITS[k]}"


def _count_reads(result: BlockPath) -> str:
    return plural(result.reads, "read") if result.reads else "no reads"


class BlockTree(View):
    """Slots of the inode, the blocks of pointers that are read on the way, the data; beneath it the extent tree's way."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        blue, green = style.ink(0), style.ink(2)
        looks = {
            "on": Look("#cfe3f2", edge=blue.color, bold=True),
            "off": Look("#f7f8f9", edge="#d5dade", ink=style.QUIET),
            "extent": Look("#bfe5d8", edge=green.color, hatch="..", bold=True),
            "word": Look("none", ink=style.QUIET),
            "blue": Look("none", ink=blue.text, bold=True),
        }
        self._lines = self.live(sheet.add_collection(LineCollection([], colors=style.QUIET, linewidths=1.6, zorder=1)))
        self._tiles = Tiles(self, sheet, looks, capacity=48, fontsize=10.5)
        self._heads = [
            self.label(sheet, LEFT, y, fontsize=11, fontweight="bold", va="center", color=ink.text)
            for y, ink in ((52, blue), (248, green))
        ]
        self._inode = self.label(sheet, LEFT, LOW + 11, fontsize=10.5, color=style.QUIET, va="center")
        self.guess(0.985, 0.045, "reads", ha="right")

    def update(self, result: BlockPath, step: int | None = None, measured: Any = None) -> None:
        """Draw both ways to the block."""
        tiles, lines = [], []
        slot = result.path[0] if result.path else -1
        for x, wide, name, on in self._slots(result, slot):
            tiles.append(Tile(x, TOP, wide, 34, "on" if on else "off", name))
            if on:
                middle, down = x + wide / 2, LEFT + BOX[0] / 2
                lines.append([(middle, TOP + 34), (middle, 124), (down, 124), (down, 146)])
        names = [f"entry {index}" for index in result.path[1:]] if result.path else []
        per = result.block_size // result.pointer_size
        self._chain(tiles, lines, names, 146, "on", result.path is not None, per)
        if result.path is None:
            tiles.append(Tile(LEFT, 150, 424, 30, "blue", f"beyond what {self._name_map(result)} pointers reach"))
        nodes = [f"index node {k + 1}" if k + 1 < result.depth else "leaf" for k in range(result.depth)]
        self._chain(tiles, lines, nodes, LOW + 34, "extent", True)
        inode = "up to 4 extents" if not result.depth else f"root of a tree, depth {result.depth}"
        self._inode.set_text(f"in the same 60 bytes of the inode: {inode}")
        lines.append([(LEFT + BOX[0] / 2, LOW + 22), (LEFT + BOX[0] / 2, LOW + 34)])
        self._tiles.set(tiles)
        self._lines.set_segments(lines)
        self._heads[0].set_text(f"ext2: {self._name_map(result)} pointers, which reach {human(result.largest)}")
        self._heads[1].set_text(f"ext4: the file lies in {plural(result.extents, 'extent')}")
        by_pointers = f"{_count_reads(result)} by pointers" if result.path else "beyond the reach of the pointers"
        self.title = f"Byte {readable(result.offset)}: {by_pointers}, {result.extent_reads} by extents"

    @staticmethod
    def _name_map(result: BlockPath) -> str:
        return f"{result.direct} + {result.levels}"

    @staticmethod
    def _slots(result: BlockPath, slot: int) -> list[tuple[float, float, str, bool]]:
        """Left edge, width, name of each of the inode's slots, and whether the way begins there; at most 16 direct ones."""
        shown = min(result.direct, SHOWN)
        wide = DIRECT_WIDTH / max(shown, 12)
        numbers = list(range(shown))
        if SHOWN <= slot < result.direct:  # the last place stands for one of those that there is no room for
            numbers[-1] = slot
        found = [(LEFT + k * wide, wide - GAP, str(n), n == slot) for k, n in enumerate(numbers)]
        for level in range(1, result.levels + 1):
            x = LEFT + DIRECT_WIDTH + (level - 1) * INDIRECT_WIDTH
            found.append((x, INDIRECT_WIDTH - 5, SLOTS[level], slot == result.direct + level - 1))
        return found

    @staticmethod
    def _chain(
        tiles: list[Tile], lines: list, names: list[str], y: float, look: str, shown: bool, per: int = 0
    ) -> None:
        """Boxes one after the other, the data last, with the count of reads below."""
        apart = min(164, (788 - BOX[0]) / max(len(names), 1))
        for k, name in enumerate([*names, "data"] if shown else []):
            x = LEFT + k * apart
            wide = min(BOX[0], apart - 12)
            tiles.append(Tile(x, y, wide, BOX[1], look, name, f"of {per} pointers" if name.startswith("entry") else ""))
            tiles.append(Tile(x, y + BOX[1] + 1, wide, 18, "word", f"read {k + 1}"))
            if k:
                lines.append([(x - apart + wide, y + BOX[1] / 2), (x, y + BOX[1] / 2)])

    def describe(self, result: BlockPath, step: int | None = None, measured: Any = None) -> str:
        """Return the file block, the way, and the reads of both maps."""
        number = readable(result.number)
        way = (
            f"slot {result.path[0]}" + "".join(f", entry {k}" for k in result.path[1:]) if result.path else "no pointer"
        )
        return (
            f"With blocks of {human(result.block_size)} this byte is in file block {number}: {way} leads there. That is "
            f"{_count_reads(result)}, including the data block; by extents {result.extent_reads}."
        )
