"""Names, inodes, blocks: three columns of one state, and what os.stat says of real files."""

from typing import Any

from matplotlib.collections import LineCollection

from oslab.base import Series, plural
from oslab.filesystems.name_commands import CommandRun
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["NameLinks"]

COLUMNS, TOP, SHOWN = ((16, 180), (300, 230), (634, 170)), 130, 9


class NameLinks(View):
    """The commands above; entries lead to inodes, inodes to blocks."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = {
            "now": Look("#1b1f24", ink="#ffffff"),
            "done": Look("#edf0f3"),
            "later": Look("#f7f8f9", ink=style.QUIET),
            "entry": Look("#cfe3f2", edge=style.ink(0).color),
            "inode": Look("#f8e3b8", edge=style.ink(1).color, hatch="//"),
            "held": Look("#f0d5e3", edge=style.ink(3).color, hatch="xx"),
            "block": Look("#bfe5d8", edge=style.ink(2).color),
            "head": Look("none", ink=style.QUIET, bold=True),
        }
        self._lines = self.live(sheet.add_collection(LineCollection([], colors=style.QUIET, linewidths=1.6, zorder=1)))
        self._tiles = Tiles(self, sheet, looks, capacity=40, fontsize=10)
        self._real = [self.label(sheet, 16, y, fontsize=size, va="center") for y, size in ((336, 11), (358, 10))]

    def update(self, result: CommandRun, step: int | None = None, measured: Any = None) -> None:
        """Draw names, inodes and blocks after `step` commands."""
        state, n = result.state(step), result.steps
        shown = min(n, SHOWN)
        first, wide = max(0, min(step - 6, n - shown)), min(120, 788 / shown)
        tiles = [
            Tile(
                16 + (k - first) * wide,
                50,
                wide - 5,
                30,
                "now" if k == step - 1 else "done" if k < step else "later",
                self._cut(result.commands[k], int(wide / 7.9)),
            )
            for k in range(first, first + shown)
        ]
        heads = ("directory entries", "inodes", "blocks")
        tiles += [Tile(x, 96, w, 24, "head", text) for (x, w), text in zip(COLUMNS, heads)]
        lines, place = [], {}
        leap = min(58, 196 / max(map(len, (state.entries, state.inodes, state.blocks, [1] * 3))))
        high = leap - 10
        for row, (number, stat) in enumerate(state.inodes.items()):
            place[number] = y = TOP + row * leap
            held = f", open {state.held[number]}×" if number in state.held else ""
            what = stat.kind if stat.kind != "file" else plural(stat.size, "byte")
            tiles.append(
                Tile(
                    COLUMNS[1][0],
                    y,
                    COLUMNS[1][1],
                    high,
                    "inode" if stat.links else "held",
                    f"{number}: {what}, {plural(stat.links, 'link')}{held}",
                )
            )
        for row, (name, number) in enumerate(state.entries.items()):
            y = TOP + row * leap
            tiles.append(Tile(COLUMNS[0][0], y, COLUMNS[0][1], high, "entry", f"{name} → {number}"))
            lines.append([(COLUMNS[0][0] + COLUMNS[0][1], y + high / 2), (COLUMNS[1][0], place[number] + high / 2)])
        for row, (block, (number, text)) in enumerate(state.blocks.items()):
            y = TOP + row * leap
            tiles.append(Tile(COLUMNS[2][0], y, COLUMNS[2][1], high, "block", f"block {block}: {text[:9]}"))
            lines.append([(COLUMNS[1][0] + COLUMNS[1][1], place[number] + high / 2), (COLUMNS[2][0], y + high / 2)])
        self._tiles.set(tiles)
        self._lines.set_segments(lines)
        self._show_real(result, step, measured)
        counts = (("name", len(state.entries)), ("inode", len(state.inodes)), ("block", len(state.blocks)))
        self.title = ", ".join(plural(k, what) for what, k in counts) + (
            f" after “{result.commands[step - 1]}”" if step else " before the first command"
        )

    @staticmethod
    def _cut(text: str, most: int) -> str:
        return text if len(text) <= most else text[: most - 1] + "…"

    def _show_real(self, result: CommandRun, step: int, measured: Any) -> None:
        said = [
            (f"os.stat of the first file, {s[0].origin}: {_tell(s, step)}", s[0].origin)
            for s in _same(result, measured)
            if step
        ]
        said = said or [("“measure here” runs the same commands on real files, and asks os.stat about the first", "")]
        colors = [style.INK if origin == "this machine" else style.QUIET for _, origin in said]
        self.say(self._real, [text for text, _ in said], colors)

    def describe(self, result: CommandRun, step: int | None = None, measured: Any = None) -> str:
        """Return what the last command changed."""
        return (
            f"{result.commands[step - 1]}: {result.why(step)}"
            if step
            else "An empty directory: no entry, no inode, no block."
        )


def _same(result: CommandRun, measured: Any) -> list[tuple[Series, ...]]:
    """Links, size and blocks that were measured of the same commands, an entry an origin."""
    mine = [s for s in measured or () if tuple(s.x) == result.commands]
    return list(zip(mine[::3], mine[1::3], mine[2::3]))


def _tell(series: tuple[Series, ...], step: int) -> str:
    links, size, units = (int(s.median[step - 1]) for s in series)
    if links < 0:
        return "the file no longer exists"
    return f"{plural(links, 'link')}, {plural(size, 'byte')}, {plural(units, 'unit')} of 512 bytes on disk"
