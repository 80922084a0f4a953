"""The clock: frames on a circle with their reference bits, and the hand that looks for a victim."""

from typing import Any

import numpy as np

from oslab.base import plural
from oslab.memory.replacement.result import Replacement
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["ClockFace"]

CENTER, RADIUS = (222, 216), 122
BOX = (58, 44)
STRIP = (440, 92)
COLUMNS = 9


class ClockFace(View):
    """Frames around a circle: the page, its R bit, the hand; beside it the references with their outcome."""

    stepped, step_word = True, "reference"

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet, face = self.add_sheet(), self.add_sheet(CENTER[0])
        looks = {
            "bit set": Look("#cfe3f2", edge=style.ink(0).color, bold=True),
            "bit clear": Look("#ffffff", edge=style.QUIET),
            "later": Look("none", ink=style.QUIET),
        }
        self._frames = Tiles(self, face, looks, capacity=12)
        self._strip = Tiles(self, sheet, looks, capacity=40, fontsize=11)
        self._hand = self.live(
            face.annotate(
                "",
                CENTER,
                CENTER,
                zorder=5,
                arrowprops=dict(
                    arrowstyle="-|>,head_width=0.35,head_length=0.6", color=style.INK, lw=2.2, shrinkA=0, shrinkB=0
                ),
            )
        )
        self._hub = self.live(face.plot(*[[c] for c in CENTER], "o", color=style.INK, ms=8, zorder=6)[0])
        self._key = self.label(
            sheet,
            STRIP[0],
            346,
            "filled, R=1: used since the hand passed\nhollow, R=0: evicted when the hand comes",
            fontsize=10,
            color=style.QUIET,
            va="center",
        )

    @staticmethod
    def _place(frame: int, frames: int, radius: float) -> np.ndarray:
        angle = 2 * np.pi * frame / frames
        return np.array([CENTER[0] + radius * np.sin(angle), CENTER[1] - radius * np.cos(angle)])

    def update(self, result: Replacement, step: int | None = None, measured: Any = None) -> None:
        """Draw the clock of a `Replacement` after `step`."""
        state = result.state(step)
        tiles = []
        now = result.trace.numbers[step - 1] if step else -1
        for frame in range(result.frames):
            x, y = self._place(frame, result.frames, RADIUS) - np.array(BOX) / 2
            page = state.frames[frame]
            if page is None:
                tiles.append(Tile(x, y, *BOX, "empty", "free"))
                continue
            bit = state.values["R"][page]
            tiles.append(Tile(x, y, *BOX, "bit set" if bit else "bit clear", str(page), f"R={bit}"))
            if page == now:
                tiles.append(Tile(x - 4, y - 4, BOX[0] + 8, BOX[1] + 8, "frame"))
        self._frames.set(tiles)
        at = 0 if state.hand is None else state.frames.index(state.hand)
        self._hand.xy = tuple(self._place(at, result.frames, RADIUS * 0.66))
        self._strip.set(self._references(result, step))
        faults = int(np.count_nonzero(~result.hit[:step]))
        self.title = (
            f"Clock, {plural(result.frames, 'frame')}: {plural(faults, 'fault')} in {plural(step, 'reference')}"
        )

    def _references(self, result: Any, step: int) -> list[Tile]:
        """The references in rows, done ones coloured by their outcome, the current one framed."""
        first = max(0, min(step - 3 * COLUMNS, result.steps - 4 * COLUMNS))
        tiles = []
        for place, k in enumerate(range(first, min(result.steps, first + 4 * COLUMNS))):
            x, y = STRIP[0] + place % COLUMNS * 40, STRIP[1] + place // COLUMNS * 58
            look = "later" if k >= step else "good" if result.hit[k] else "bad"
            outcome = "" if k >= step else "hit" if result.hit[k] else "fault"
            tiles.append(Tile(x, y, 36, 42, look, str(result.trace[k]), outcome, f"reference {k + 1}"))
            if k == step - 1:
                tiles.append(Tile(x - 3, y - 3, 42, 48, "frame"))
        return tiles

    def describe(self, result: Replacement, step: int | None = None, measured: Any = None) -> str:
        """Return where the hand points and the reason of the last step."""
        state = result.state(step)
        at = "the first frame" if state.hand is None else f"page {state.hand}"
        why = f"Step {step}: {result.why(step)} " if step else "Memory is still empty. "
        return f"{why}The hand points at {at}."
