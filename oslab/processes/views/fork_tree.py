"""The tree of processes that a fork program makes, fork by fork."""

from __future__ import annotations

from typing import Any

from matplotlib.collections import LineCollection

from oslab.picture import style
from oslab.picture.tiles import Look, Tile, Tiles
from oslab.picture.view import View

__all__ = ["TreePicture"]


class TreePicture(View):
    """Processes by the number of forks between them and the first; lines lead from parent to child."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = {
            "first": Look("#f8e3b8", edge=style.ink(1).color, bold=True),
            "old": Look("#cfe3f2", edge=style.ink(0).color),
            "new": Look("#1b1f24", ink="#ffffff", bold=True),
        }
        self._lines = self.live(sheet.add_collection(LineCollection([], colors=style.QUIET, linewidths=1.5, zorder=1)))
        self._tiles = Tiles(self, sheet, looks, capacity=64, fontsize=10)
        self._guess = self.label(sheet, 804, 362, fontsize=10.5, ha="right", va="center", color="#b24e00")
        self._legend = self.label(
            sheet, 16, 362, "P0 is the first; black: the newest", fontsize=10, va="center", color=style.QUIET
        )

    def predict(self, answer: float) -> None:
        """Mark a predicted number of processes."""
        self._guess.set_text(f"your prediction: {answer:g} processes")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `ForkTree` after `step` forks, where all of it will stand."""
        step = result.steps if step is None else step
        place, leaves = {}, [0]
        depth = max(result.depth(k) for k in range(result.count))

        def put(node: int, level: int) -> float:
            children = [put(child, level + 1) for child in result.children(node)]
            if not children:
                leaves[0] += 1
            x = sum(children) / len(children) if children else leaves[0] - 0.5
            place[node] = (x, level)
            return x

        put(0, 0)
        wide, high = 788 / leaves[0], 270 / (depth + 1)
        size = min(54.0, wide - 2)
        spots = {k: (16 + x * wide, 64 + level * high) for k, (x, level) in place.items()}
        shown = range(step + 1)
        self._lines.set_segments(
            [[(spots[p][0], spots[p][1] + 30), spots[k]] for k in shown if (p := result.parents[k]) >= 0]
        )
        looks = ["first" if k == 0 else "new" if k == step else "old" for k in shown]
        self._tiles.set(
            [
                Tile(spots[k][0] - size / 2, spots[k][1], size, 30, looks[k], f"P{k}" if size > 32 else str(k))
                for k in shown
            ]
        )
        done = step == result.steps
        self.title = f"{step + 1} process{'es' * (step > 0)} " + (
            "in all" if done else f"after {step} fork{'s' * (step != 1)}"
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return who forked last."""
        step = result.steps if step is None else step
        return result.why(step) if step else "The first process, P0, has not forked yet."
