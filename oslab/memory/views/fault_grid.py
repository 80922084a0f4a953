"""The classic grid: one column a reference, one row a frame, faults and hits marked."""

from typing import Any

import numpy as np

from oslab.base import plural
from oslab.memory.replacement.result import Replacement
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["FaultGrid"]

LEFT, TOP, RIGHT = 84, 116, 806
SHOWN, ROWS = 24, 12


def slots(pages: np.ndarray, hit: np.ndarray, evicted: np.ndarray, frames: int) -> np.ndarray:
    """Return which page is in which frame after each step, -1 for none.

    A page that comes in takes the frame of the page that went, else the first free one.

    Returns
    -------
    ndarray of int64, shape (steps, frames)
    """
    held = np.full(frames, -1, dtype=np.int64)
    table = np.empty((len(pages), frames), dtype=np.int64)
    for k, page in enumerate(pages):
        if evicted[k] >= 0:
            held[np.flatnonzero(held == evicted[k])[0]] = -1
        if not hit[k]:
            held[np.flatnonzero(held == -1)[0]] = page
        table[k] = held
    return table


class FaultGrid(View):
    """What is in each frame after each reference; the current step framed.

    Shows the 24 references around the step when there are more.
    """

    stepped, step_word = True, "reference"

    def __init__(self, figure: Any):
        super().__init__(figure)
        axes = self.add_sheet()
        looks = {
            "head": Look("none", bold=True),
            "later": Look("none", ink=style.QUIET),
            "bad word": Look("none", ink="#b24e00", bold=True),
            "good word": Look("none", ink="#00795a", bold=True),
            "row": Look("none", ink=style.QUIET),
        }
        self._tiles = Tiles(self, axes, looks, capacity=72)
        self._words = Tiles(self, axes, looks, capacity=32, fontsize=10)

    def update(self, result: Replacement, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Replacement` as far as `step`."""
        pages = result.trace.numbers
        first = max(0, min(step - SHOWN + 4, len(pages) - SHOWN))
        shown = range(first, min(len(pages), first + SHOWN))
        rows = min(result.frames, ROWS)
        table = slots(pages, result.hit, result.evicted, min(result.frames, max(ROWS, result.trace.distinct)))
        wide = min(58, (RIGHT - LEFT) / len(shown))
        high = min(58, (380 - TOP - 14) / rows)
        gap = 5 if high > 24 and wide > 30 else 2
        tiles, words = [], []
        if high > 11:
            words += [Tile(14, TOP + row * high, 60, high - gap, "row", f"frame {row}") for row in range(rows)]
        for column, k in enumerate(shown):
            x, done = LEFT + column * wide, k < step
            mark = "w" if result.trace.writes is not None and result.trace.writes[k] else ""
            tiles.append(
                Tile(
                    x,
                    76,
                    wide - gap,
                    30,
                    "head" if done else "later",
                    f"{result.trace[k]}{mark}",
                    key=f"reference {k + 1}",
                )
            )
            if not done:
                continue
            fault = not result.hit[k]
            word = ("fault" if fault else "hit") if wide > 42 else ("F" if fault else "h")
            words.append(Tile(x, 54, wide - gap, 20, "bad word" if fault else "good word", word))
            tiles += [
                self._cell(x, TOP + row * high, wide - gap, high - gap, table[k, row], k, result, k == step - 1)
                for row in range(rows)
                if table[k, row] >= 0
            ]
        if 0 < step <= len(pages):
            x = LEFT + (step - 1 - first) * wide
            tiles.append(Tile(x - gap / 2 - 1, 50, wide + 2, TOP + rows * high - 48, "frame"))
        self._tiles.set(tiles)
        self._words.set(words)
        faults = int(np.count_nonzero(~result.hit[:step]))
        self.title = f"{result.label}, {plural(result.frames, 'frame')}: {plural(faults, 'fault')} in {plural(step, 'reference')}"

    @staticmethod
    def _cell(x: float, y: float, w: float, h: float, page: int, k: int, result: Any, now: bool) -> Tile:
        shown = str(result.trace.page(page))
        key = f"page {shown}" if now else ""
        if page != result.trace.numbers[k]:
            return Tile(x, y, w, h, "plain", shown, key=key)
        went = result.evicted[k]
        note = f"was {result.trace.page(went)}" if went >= 0 and w > 44 and h > 34 else ""
        return Tile(x, y, w, h, "good" if result.hit[k] else "bad", shown, note, key)

    def tip(self, key: str) -> str:
        """Return since when a page is in memory, when it was used last and is used next; the reason of a reference."""
        if not key.startswith("page "):
            return super().tip(key)
        result, step, page = self.result, self.step or 0, key.removeprefix("page ")
        uses = [k for k in range(1, result.steps + 1) if str(result.trace[k - 1]) == page]
        past, after = [k for k in uses if k <= step], [k for k in uses if k > step]
        since = max(k for k in past if not result.hit[k - 1])
        return (
            f"Page {page}: in memory since reference {since}, last used at {past[-1]}, "
            f"{f'next used at {after[0]}' if after else 'not used again'}."
            + " Would you evict it? Click, and compare."
            * (self.touch(key) is not None)
        )

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """A page that one would let go leads to the next step, which says what goes; a reference to its step."""
        if at is None and key.startswith("page "):
            return self.next_step()
        return super().touch(key, at)

    def _compare(self, result: Replacement, step: int) -> str:
        """What was said of the page that goes in this step, and what does."""
        if not self.touched.startswith("page "):
            return ""
        said, gone = self.touched.removeprefix("page "), result.evicted[step - 1]
        if gone < 0:
            return f"You chose page {said}, but no page has to be evicted. "
        page = str(result.trace.page(gone))
        return (
            f"You chose page {said}: right. "
            if page == said
            else f"You chose page {said}, but page {page} is evicted. "
        )

    def describe(self, result: Replacement, step: int | None = None, measured: Any = None) -> str:
        """Return the step's reason and the count of faults."""
        faults = int(np.count_nonzero(~result.hit[:step]))
        if step == 0:
            return f"Before the first reference memory is empty: {plural(result.frames, 'frame')} free."
        sofar = f"{plural(faults, 'fault')} in {plural(step, 'reference')}"
        return f"{self._compare(result, step)}Step {step} of {result.steps}: {result.why(step)} So far {sofar}."
