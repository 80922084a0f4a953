"""A pipe and who watches it: the calls in a row, what they returned, and how full the pipe is."""

from __future__ import annotations

from typing import Any

from oslab.picture import style
from oslab.picture.tiles import Look, Tile, Tiles
from oslab.picture.view import View

__all__ = ["PipeWatch"]

LEFT, RIGHT, SHOWN = 120, 804, 7


class PipeWatch(View):
    """Calls as tiles from left to right, their results below (model, and real pipe where measured), the pipe's bytes."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        blue = style.ink(0).color
        looks = {
            "word": Look("none", ink=style.QUIET),
            "now": Look(blue, ink="#ffffff", bold=True),
            "done": Look("#cfe3f2", edge=blue),
            "later": Look("#ffffff", edge="#d5dade", ink="#a8b0b8"),
            "ready": Look("#c7e6da", edge=style.GOOD),
            "blocks": Look("#f6d2b8", edge=style.BAD, hatch="////"),
            "count": Look("#edf0f3"),
            "pipe": Look("#ffffff", edge=style.QUIET),
            "bytes": Look("#cfe3f2", edge=blue, hatch="//"),
        }
        self._tiles = Tiles(self, sheet, looks, capacity=40, fontsize=10.5)
        self._pending = self.label(sheet, LEFT, 330, fontsize=11, va="center")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `PipeRun` as far as `step`; `measured` holds what a real pipe returned."""
        step = result.steps if step is None else step
        first = min(max(0, step - SHOWN + 1), max(0, result.steps - SHOWN))
        wide = (RIGHT - LEFT) / SHOWN
        real = self._real(result, measured)
        heads = [(66, "call"), (120, "model"), (174, real[1])]
        tiles = [Tile(8, y, LEFT - 16, 44, "word", text) for y, text in heads if text]
        for k, done in enumerate(result.done[first : first + SHOWN], first):
            x = LEFT + (k - first) * wide
            look = "now" if k == step - 1 else "done" if k < step else "later"
            tiles.append(Tile(x, 66, wide - 6, 44, look, done.call if k < step else ""))
            if k < step:
                tiles.append(self._answer(done.call, done.returned, x, 120, wide))
                if real[0] is not None:
                    tiles.append(self._answer(done.call, int(real[0][k]), x, 174, wide))
        state = result.state(step)
        full = max(s.left for s in result.done)
        tiles += [Tile(8, 250, LEFT - 16, 48, "word", "the pipe"), Tile(LEFT, 250, RIGHT - LEFT - 6, 48, "pipe")]
        if state.left:
            tiles.append(Tile(LEFT, 250, max(4, (RIGHT - LEFT - 6) * state.left / full), 48, "bytes"))
        self._tiles.set(tiles)
        edge = "" if result.trigger == "level" else f";  a change not yet reported: {'yes' if state.changed else 'no'}"
        self._pending.set_text(f"{state.left} B in it{edge}")
        waits = [s for s in result.done[:step] if s.call == "wait" and not s.returned and s.left]
        self.title = (
            f"{result.trigger.capitalize()}-triggered: the wait blocks with {waits[0].left} B in the pipe"
            if waits
            else f"{result.trigger.capitalize()}-triggered, {result.written} B written, read {result.read_size} B at a time"
            + ", until EAGAIN" * result.until_again
        )

    @staticmethod
    def _answer(call: str, returned: int, x: float, y: float, wide: float) -> Tile:
        if call == "wait":
            return Tile(x, y, wide - 6, 44, "ready" if returned else "blocks", "ready" if returned else "blocks")
        return Tile(x, y, wide - 6, 44, "count", f"{returned} B" if returned else "EAGAIN")

    @staticmethod
    def _real(result: Any, measured: Any) -> tuple[Any, str]:
        """What a real pipe returned, if it was asked the same, and a word for where."""
        series = (measured or [None])[0]
        if series is None or list(series.x) != [s.call for s in result.done] or series.label != result.trigger:
            return None, ""
        return series.median, "recorded" if series.origin == "recorded" else "real pipe"

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what happened at this step, and whether a real pipe did the same."""
        step = result.steps if step is None else step
        real, _ = self._real(result, measured)
        said = f"Step {step} of {result.steps}{f', {result.done[step - 1].call}' if step else ''}: {result.state(step).why}"
        if real is None:
            return said
        same = real.tolist() == [s.returned for s in result.done]
        return (
            f"{said} A real pipe ({measured[0].origin}) {'returned the same' if same else 'returned something else'}."
        )
