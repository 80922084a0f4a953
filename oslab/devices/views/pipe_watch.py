"""A pipe and who watches it: the calls in a row, what they returned, and how full the pipe is."""

from typing import Any

from oslab.base import Series
from oslab.devices.epoll_triggers import PipeRun
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["PipeWatch"]

LEFT, RIGHT, SHOWN = 120, 804, 7
TOP, ROW, HIGH = 62, 48, 42
WORDS = {"recorded": "recorded", "this machine": "real pipe"}


class PipeWatch(View):
    """Calls as tiles from left to right, their results below (of the model, and of real pipes), the pipe's bytes."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        blue = style.ink(0).color
        looks = {
            "word": Look("none", ink=style.QUIET),
            "now": Look(blue, ink="#ffffff", bold=True),
            "done": Look("#cfe3f2", edge=blue),
            "later": Look("#ffffff", edge="#d5dade", ink=style.QUIET),
            "ready": Look("#c7e6da", edge=style.GOOD),
            "blocks": Look("#f6d2b8", edge=style.BAD, hatch="////"),
            "count": Look("#edf0f3"),
            "pipe": Look("#ffffff", edge=style.QUIET),
            "bytes": Look("#cfe3f2", edge=blue, hatch="//"),
        }
        self._tiles = Tiles(self, sheet, looks, capacity=40, fontsize=10.5)
        self._pending = self.label(sheet, LEFT, 336, fontsize=11, va="center")

    def update(self, result: PipeRun, step: int | None = None, measured: Any = None) -> None:
        """Draw the calls as far as `step`; `measured` holds what real pipes returned."""
        first = min(max(0, step - SHOWN + 1), max(0, result.steps - SHOWN))
        wide = (RIGHT - LEFT) / SHOWN
        answers = {"model": [s.returned for s in result.done]}
        answers |= {WORDS[s.origin]: s.median.tolist() for s in self._same_calls(result, measured)}
        heads = enumerate(["call", *answers])
        tiles = [Tile(8, TOP + row * ROW, LEFT - 16, HIGH, "word", text) for row, text in heads]
        for k, done in enumerate(result.done[first : first + SHOWN], first):
            x = LEFT + (k - first) * wide
            look = "now" if k == step - 1 else "done" if k < step else "later"
            tiles.append(Tile(x, TOP, wide - 6, HIGH, look, done.call if k < step else ""))
            for row, values in enumerate(answers.values() if k < step else (), 1):
                tiles.append(self._answer(done.call, int(values[k]), x, TOP + row * ROW, wide))
        state = result.state(step)
        full = max(s.left for s in result.done)
        tiles += [Tile(8, 262, LEFT - 16, 48, "word", "the pipe"), Tile(LEFT, 262, RIGHT - LEFT - 6, 48, "pipe")]
        if state.left:
            tiles.append(Tile(LEFT, 262, max(4, (RIGHT - LEFT - 6) * state.left / full), 48, "bytes"))
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
            return Tile(x, y, wide - 6, HIGH, "ready" if returned else "blocks", "ready" if returned else "blocks")
        return Tile(x, y, wide - 6, HIGH, "count", f"{returned} B" if returned else "EAGAIN")

    @staticmethod
    def _same_calls(result: PipeRun, measured: Any) -> list[Series]:
        """What real pipes returned that were asked the same."""
        calls = [s.call for s in result.done]
        return [s for s in measured or () if s.label == result.trigger and s.x.tolist() == calls]

    def describe(self, result: PipeRun, step: int | None = None, measured: Any = None) -> str:
        """Return what happened at this step, and whether real pipes did the same."""
        said = f"Step {step} of {result.steps}{f', {result.done[step - 1].call}' if step else ''}: {result.state(step).why}"
        for real in self._same_calls(result, measured):
            same = real.median.tolist() == [s.returned for s in result.done]
            said += f" A real pipe ({real.origin}) returned {'the same' if same else 'something else'}."
        return said
