"""Two address spaces over one physical memory: which frame each virtual page stands for."""

from typing import Any

from matplotlib.collections import LineCollection

from oslab.base import plural
from oslab.memory.address_space import AddressSpace
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["TwoSpaces"]

SIDES = (24, 646)
WIDE, HIGH, GAP, TOP = 150, 30, 6, 96
MEMORY = (270, 96)
COLUMNS, FRAME = 8, (32, 30)


class TwoSpaces(View):
    """Virtual pages of A at the left and of B at the right, frames between them, a line from each page to its frame."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        first, second, both = style.ink(0), style.ink(1), style.ink(2)
        looks = {
            "A": Look("#cfe3f2", edge=first.color),
            "B": Look("#f8e3b8", edge=second.color, hatch="//"),
            "both": Look("#bfe5d8", edge=both.color, hatch=".."),
            "A page": Look("#cfe3f2", edge=first.color),
            "B page": Look("#f8e3b8", edge=second.color),
            "both page": Look("#bfe5d8", edge=both.color),
            "word": Look("none", ink=style.QUIET),
            "tables": Look("#f1f2f4", edge="#c3c9cf", hatch="xx", ink=style.QUIET),
            "head A": Look("none", ink=first.text, bold=True),
            "head B": Look("none", ink=second.text, bold=True),
        }
        self._lines = self.live(sheet.add_collection(LineCollection([], linewidths=1.4, zorder=1)))
        self._tiles = Tiles(self, sheet, looks, capacity=48, fontsize=9.5)
        self._words = Tiles(self, sheet, looks, capacity=6, fontsize=10.5)

    def update(self, result: tuple[AddressSpace, AddressSpace], step: int | None = None, measured: Any = None) -> None:
        """Draw a pair of `AddressSpace` over one memory."""
        memory = result[0].memory
        rows = memory.table()
        place = {
            int(row["address"], 16): (
                MEMORY[0] + k % COLUMNS * (FRAME[0] + 4),
                MEMORY[1] + k // COLUMNS * (FRAME[1] + 4),
            )
            for k, row in enumerate(rows)
        }
        shared = self.shared(result)
        tiles, lines, colors = [], [], []
        for k, row in enumerate(rows):
            address, owner = int(row["address"], 16), row["owner"]
            look = "tables" if owner.startswith("page table") else "both" if address in shared else owner
            tiles.append(Tile(*place[address], *FRAME, look, str(k)))
        for side, space in enumerate(result):
            for k, (virtual, _, entry) in enumerate(space.page_table.mappings()):
                x, y = SIDES[side], TOP + k * (HIGH + GAP)
                look = "both" if entry.address in shared else space.name
                tiles.append(Tile(x, y, WIDE, HIGH, f"{look} page", f"{virtual:#x}"))
                fx, fy = place[entry.address]
                lines.append(
                    [(x + (0 if side else WIDE), y + HIGH / 2), (fx + (FRAME[0] if side else 0), fy + FRAME[1] / 2)]
                )
                colors.append(style.ink(2 if look == "both" else side).color)
        self._tiles.set(tiles)
        self._lines.set_segments(lines)
        self._lines.set_color(colors)
        tables = sum(row["owner"].startswith("page table") for row in rows)
        self._words.set(
            [
                Tile(SIDES[0], 62, WIDE, 24, "head A", "process A, virtual"),
                Tile(SIDES[1], 62, WIDE, 24, "head B", "process B, virtual"),
                Tile(MEMORY[0], 62, 284, 24, "word", "physical memory, frames of 4 KiB"),
                Tile(MEMORY[0], 340, 284, 24, "word", f"crossed: {plural(tables, 'frame')} with page tables"),
            ]
        )
        both = len(shared)
        self.title = f"The same addresses lead to different frames; {plural(both, 'frame')} shared"

    @staticmethod
    def shared(result: tuple[AddressSpace, AddressSpace]) -> set[int]:
        """Return the physical addresses that both processes map."""
        sets = [{entry.address for _, _, entry in space.page_table.mappings()} for space in result]
        return sets[0] & sets[1]

    def describe(self, result: tuple[AddressSpace, AddressSpace], step: int | None = None, measured: Any = None) -> str:
        """Return where one address goes in both, and what is shared."""
        virtual = next(result[0].page_table.mappings())[0]
        a, b = (space.walk(virtual).physical for space in result)
        both = len(self.shared(result))
        said = (
            f"Both processes map {plural(both, 'frame')}; a write there, if it is allowed, is seen by both."
            if both
            else "No frame is mapped by both, so neither process can reach the other's memory."
        )
        return f"Virtual address {virtual:#x} leads to physical address {a:#x} in A and to {b:#x} in B. {said}"
