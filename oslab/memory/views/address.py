"""An address taken apart: its bits by field, and the way through the tables to the byte."""

from typing import Any

from matplotlib.collections import LineCollection

from oslab.base import memory_size, plural
from oslab.memory import Location, Split
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["AddressMap"]

LEFT, RIGHT = 24, 796
TINTS = ("#cfe3f2", "#f8e3b8", "#bfe5d8", "#f0d5e3", "#d6ecf8", "#e6e9ec")
TABLE_TOP, ROW = 188, 30


class AddressMap(View):
    """Bits of the address coloured by field; below, one table a level with the entry that its field chooses."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = {
            f"field {k}": Look(tint, edge=style.ink(k).color if k < 5 else "#9aa3ac", ink=style.INK)
            for k, tint in enumerate(TINTS)
        }
        looks |= {f"bits {k}": Look(tint) for k, tint in enumerate(TINTS)}
        looks |= {
            "entry": Look("#f7f8f9", edge="#d5dade", ink=style.QUIET),
            "word": Look("none", ink=style.QUIET),
            "strong": Look("none", bold=True),
        }
        self._arrows = self.live(sheet.add_collection(LineCollection([], colors=style.QUIET, linewidths=1.6, zorder=1)))
        self._bits = Tiles(self, sheet, looks, capacity=64, fontsize=9, radius=2)
        self._fields = Tiles(self, sheet, looks, capacity=30, fontsize=11)
        self._words = Tiles(self, sheet, looks, capacity=16, fontsize=10)
        self.guess(0.985, 0.045, "reads", ha="right")

    def update(self, result: Location | Split, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Location`."""
        widths, walk = result.widths, getattr(result, "walk", None)  # none where another layout was typed
        inks = [*range(len(result.indices)), 5]  # at most five tables
        total = sum(widths)
        wide = (RIGHT - LEFT) / total
        digits = format(result.address & (1 << total) - 1, f"0{total}b")
        bits, fields, words, x, k = [], [], [], LEFT, 0
        names, values = [*result.names, "offset"], [*result.indices, result.offset]
        for width, tint, name, value in zip(widths, inks, names, values, strict=True):
            for _ in range(width):
                bits.append(Tile(LEFT + k * wide, 56, wide - 1, 24, f"bits {tint}", digits[k]))
                k += 1
            shown = f"{name} {value:#x}" if name == "offset" else f"{name} {value}"
            fields.append(Tile(x, 84, width * wide - 3, 30, f"field {tint}", shown))
            words.append(Tile(x, 115, width * wide - 3, 18, "word", f"{width} bits"))
            x += width * wide
        self._bits.set(bits)
        tables, more, arrows = self._tables(result)
        self._fields.set(fields + tables)
        self._words.set(words + more)
        self._arrows.set_segments(arrows)
        if not walk:
            tables = plural(len(result.indices), "table")
            self.title = f"{result.address:#x} in {' + '.join(map(str, widths))} bits: {tables} to read"
            return
        reads = plural(result.reads, "memory read")
        self.title = (
            f"{result.address:#014x}: not canonical, so it faults before any table is read"
            if not result.canonical
            else f"{result.address:#014x}: {reads}, then a page fault ({result.walk.fault})"
            if result.walk.fault
            else f"{result.address:#014x} in a {result.page_name} page: {reads} to translate it"
        )

    @staticmethod
    def _tables(result: Any) -> tuple[list[Tile], list[Tile], list]:
        """One table a level: the chosen entry between its neighbours; then the page."""
        walk = getattr(result, "walk", None)
        if walk and not result.canonical:
            return [], [Tile(LEFT, TABLE_TOP, RIGHT - LEFT, 22, "strong", "no walk, no physical address")], []
        column = (RIGHT - LEFT) / (len(result.indices) + 1)
        wide = min(118, column - 30)
        tiles, words, arrows = [], [], []
        for k, (name, index) in enumerate(zip(result.names, result.indices, strict=True)):
            x = LEFT + k * column
            words.append(Tile(x, TABLE_TOP - 28, wide, 18, "word", f"read {k + 1}: {name}"))
            for row, entry in enumerate(range(index - 1, index + 2)):
                chosen = entry == index
                if 0 <= entry < 1 << result.widths[k]:
                    missing = chosen and walk and walk.path[k].entry is None
                    tiles.append(
                        Tile(
                            x,
                            TABLE_TOP + row * ROW,
                            wide,
                            ROW - 3,
                            "bad" if missing else f"field {k}" if chosen else "entry",
                            f"{entry} absent" if missing else str(entry),
                        )
                    )
            y = TABLE_TOP + 1.5 * ROW
            arrows.append(
                [
                    (x + wide, y),
                    (x + (wide + column) / 2, y),
                    (x + (wide + column) / 2, TABLE_TOP + ROW * 0.4),
                    (x + column, TABLE_TOP + ROW * 0.4),
                ]
            )
        x = LEFT + len(result.indices) * column
        fault, sizes = walk and walk.fault, [memory_size(size) for size in result.table_sizes(4)]
        said = f"size of a table with entries of 4 bytes: {', '.join(sizes)}"
        if walk:
            said = walk.reason if fault else f"physical address {result.physical:#x}"
        words.append(
            Tile(x, TABLE_TOP - 28, wide, 18, "word", "" if fault == "not present" else f"the {result.page_name} page")
        )
        tiles.append(
            Tile(
                x,
                TABLE_TOP,
                min(150, RIGHT - x),
                3 * ROW - 3,
                "bad" if fault else "field 5",
                "page fault" if fault else f"byte {result.offset:#x}",
            )
        )
        if fault == "not present":
            arrows.pop()
        words.append(
            Tile(
                LEFT,
                TABLE_TOP + 3 * ROW + 24,
                RIGHT - LEFT,
                22,
                "strong",
                said,
            )
        )
        return tiles, words, arrows

    def describe(self, result: Location | Split, step: int | None = None, measured: Any = None) -> str:
        """Return the indices, the offset and the reads."""
        walk = getattr(result, "walk", None)
        if walk and not result.canonical:
            return (
                f"Bits 63 to {result.bits - 1} of {result.address:#x} are not all equal, so the address is not canonical: "
                "the CPU faults without reading a table."
            )
        if walk and walk.fault:
            return (
                f"{walk.reason} The kernel is called: it brings the page in, copies it, or sends the process SIGSEGV."
            )
        indices = ", ".join(f"{name} {index}" for name, index in zip(result.names, result.indices, strict=True))
        reads = plural(len(result.indices), "memory read")
        byte = f"byte {result.offset:#x} of a {result.page_name} page"
        return f"The address selects {indices} and {byte}; a TLB miss costs {reads}."
