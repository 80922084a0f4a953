"""What a scan does to the working set: how much of it stays in memory, and the lists that decide."""

from typing import Any

import numpy as np
from matplotlib.patches import Rectangle

from oslab.base import plural
from oslab.memory.scan_resistance import ScanResistance
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["ScanStory"]

LISTS = (494, 62)
COLUMNS = 8
MOST = 24


class ScanStory(View):
    """Left: pages of the working set in memory over time, one line a policy. Right: the lists of one policy."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(
            0.07, 0.15, 0.46, 0.70, x="references", y="pages of the working set in memory", grid="y"
        )
        self.axes.yaxis.get_major_locator().set_params(integer=True)
        self._scan = self.live(self.axes.add_patch(Rectangle((0, 0), 1, 1, color="#e4e8ec", lw=0, zorder=0)))
        self._scan_word = self.label(self.axes, 0, 0, "the scan", color=style.QUIET, fontsize=10, ha="center", va="top")
        self._lines = [
            self.live(self.axes.plot([], [], color=style.ink(k).color, ls=style.ink(k).dash, lw=2.2)[0])
            for k in range(3)
        ]
        self._marks = [
            self.live(self.axes.plot([], [], style.ink(k).marker, color=style.ink(k).color, ms=7)[0]) for k in range(3)
        ]
        self._words = [self.label(self.axes, 0, 0, fontsize=10.5, fontweight="bold", va="center") for _ in range(3)]
        self._now = self.live(self.axes.axvline(0, color=style.QUIET, lw=1, ls=":"))
        sheet = self.add_sheet()
        looks = {
            "hot": Look("#cfe3f2", edge=style.ink(0).color, bold=True),
            "once": Look("#f1f2f4"),
            "word": Look("none", ink=style.QUIET),
        }
        self._tiles = Tiles(self, sheet, looks, capacity=32, fontsize=10.5)
        self._heads = [self.label(sheet, LISTS[0], 0, fontsize=10.5, color=style.QUIET, va="center") for _ in range(8)]
        self.guess(0.985, 0.045, "pages", ha="right")

    def update(self, result: ScanResistance, step: int | None = None, measured: Any = None) -> None:
        """Draw a `ScanResistance` as far as `step`."""
        self.set_limits(self.axes, x=(0, result.steps), y=(-0.04 * result.hot, result.hot * 1.25))
        first, last = result.scan
        self._scan.set_bounds(first, 0, last - first, result.hot * 1.25)
        self._scan.set_visible(last > first)
        self._scan_word.set_position(((first + last) / 2, result.hot * 1.23))
        self._scan_word.set_visible(last > first)
        self._now.set_xdata([step, step])
        left = []
        for k, (key, run) in enumerate(result.runs.items()):
            line = result.resident(key)
            shift = (k - 1) * result.hot * 0.012
            self._lines[k].set_data(np.arange(step + 1), line[: step + 1] + shift)
            self._marks[k].set_data([step], [line[step] + shift])
            left.append((int(line[step]), run.label, k))
        self._label(left, step, result)
        self._draw_lists(result, step)
        after = ", ".join(f"{label} {count}" for count, label, _ in left)
        self.title = f"In memory of a working set of {plural(result.hot, 'page')}: {after}"

    def _label(self, left: list[tuple[int, str, int]], step: int, result: Any) -> None:
        """Names beside the marks; one word where marks coincide, moved apart where they would overlap."""
        low, right = -1e9, step > result.steps * 0.72
        aside, above = (-0.02, 0.05) if right else (0.02, 0.0)
        self.say(self._words, [""] * 3)
        for word, count in zip(self._words, sorted({count for count, _, _ in left})):
            together = {label: k for other, label, k in left if other == count}
            low = max(count, low + result.hot * 0.085)
            word.set_text(", ".join(together))
            word.set_color(style.INK if len(together) > 1 else style.ink(*together.values()).text)
            word.set_position((step + result.steps * aside, low + result.hot * above))
            word.set_ha("right" if right else "left")

    def _draw_lists(self, result: Any, step: int) -> None:
        y, tiles = LISTS[1], []
        self.say(self._heads, ())
        for head, (name, pages) in zip(self._heads, result.state(step).lists.items(), strict=False):
            more = f", the first {MOST} of" if len(pages) > MOST else ":"
            head.set(text=f"{result.runs[result.focus].label}, {name}{more} {len(pages)}", position=(LISTS[0], y))
            for place, page in enumerate(pages[:MOST]):
                x, top = LISTS[0] + place % COLUMNS * 39, y + 11 + place // COLUMNS * 29
                tiles.append(
                    Tile(x, top, 35, 25, "hot" if page < result.hot else "once", str(page), key=f"page {page}")
                )
            y += 29 + max(1, -(-min(len(pages), MOST) // COLUMNS)) * 29
        self._tiles.set(tiles)

    def tip(self, key: str) -> str:
        """Return what a page is."""
        page = int(key.removeprefix("page "))
        return f"Page {page}: {'part of the working set' if page < self.result.hot else 'read once, by the scan'}."

    def describe(self, result: ScanResistance, step: int | None = None, measured: Any = None) -> str:
        """Return the reason of the step and what the scan left."""
        why = f"Step {step}, {result.runs[result.focus].label}: {result.why(step)} " if step else ""
        return (
            why
            + f"With {plural(result.runs[result.focus].frames, 'frame')}, of {plural(result.hot, 'page')} in use "
            + ", ".join(f"{run.label} holds {int(result.resident(key)[step])}" for key, run in result.runs.items())
            + "."
        )
