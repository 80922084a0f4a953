"""The loop that feeds a GPU: workers, copies and the GPU as rows over time, and how busy the GPU is."""

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from oslab.ai.input_pipeline import NOUNS, Feeding
from oslab.base import plural, quantity, readable
from oslab.picture import View, style

__all__ = ["FeedingLoop"]

ROWS, WINDOW = 14, 1200.0
LANES = (("decode", style.ink(0)), ("copy", style.ink(1)), ("compute", style.ink(2)))


class FeedingLoop(View):
    """A row for each worker, one for copies, one for the GPU; what a batch goes through, batches told apart by numbers."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.115, 0.155, 0.845, 0.655, x="ms from the start")
        self.axes.set(xlim=(0, WINDOW), ylim=(4, 0), yticks=[])
        self._boxes = {
            name: self.live(
                self.axes.add_collection(
                    PolyCollection(
                        [],
                        facecolors=ink.color + "55",
                        edgecolors=ink.color,
                        hatch=ink.hatch or None,
                        linewidths=0.8,
                    )
                )
            )
            for name, ink in LANES
        }
        self._waits = self.live(
            self.axes.add_collection(
                PolyCollection([], facecolors="#f9e3d4", edgecolors=style.BAD, hatch="////", linewidths=0.8)
            )
        )
        self._cursor = self.live(self.axes.add_collection(LineCollection([], colors=style.INK, linewidths=1.6)))
        self._names = [
            self.label(self.axes, -12, 0, ha="right", va="center", fontsize=10, color=style.QUIET) for _ in range(ROWS)
        ]
        self._numbers = [
            self.label(self.axes, 0, 0, ha="center", va="center", fontsize=9.5, fontweight="bold", zorder=6)
            for _ in range(60)
        ]
        for x, text, color in (
            (0.117, "■ decodes", LANES[0][1].text),
            (0.25, "▨ copies", LANES[1][1].text),
            (0.36, "■ computes", LANES[2][1].text),
            (0.50, "▨ GPU waits", style.INKS[5].text),
        ):
            self.label(figure, x, 0.855, text, fontsize=10.5, color=color, va="center")
        self.guess(0.985, 0.045, "workers", ha="right")

    def update(self, result: Feeding, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Feeding` as far as batch `step` begins to compute."""
        # Steps of another length than the lab's own get another window, at most twice as wide as would do.
        usual = 20 <= result.step <= 600
        window = WINDOW * (1 if usual else 2.0 ** np.round(np.log2(result.step / 120)))
        self.set_limits(self.axes, x=(0, window))
        lanes = max(result.workers, 1)
        rows = lanes + 2
        self.set_limits(self.axes, y=(max(self.roomy(rows), 4), 0))
        scale = self.axes.get_ylim()[0] / rows
        now = result.computing[step - 1] if 0 < step < result.steps else (0.0 if step == 0 else np.inf)
        batch = np.arange(result.steps)
        parts = {
            "decode": (batch % lanes, result.started, result.decoded),
            "copy": (np.full(result.steps, lanes), result.taken, result.copied),
            "compute": (np.full(result.steps, lanes + 1), result.computing, result.computed),
        }
        for name, (row, begin, end) in parts.items():
            seen = (begin < min(now + 1e-9, window)) & (end > begin)
            self._boxes[name].set_verts(_boxes(row[seen], begin[seen], np.minimum(end[seen], now), scale, window))
        before = np.concatenate([[0.0], result.computed[:-1]])
        seen = (before < min(now, window)) & (result.computing > before + 1e-9)
        ends = np.minimum(result.computing[seen], now)
        self._waits.set_verts(_boxes(np.full(seen.sum(), lanes + 1), before[seen], ends, scale, window))
        labels = [f"worker {k}" for k in range(result.workers)] or ["main"]
        for k, word in enumerate(self._names):
            word.set_position((-0.01 * window, (k + 0.5) * scale))
            word.set_text([*labels, "copy", "GPU"][k] if k < rows and (k >= lanes or lanes <= 8 or k % 2 == 0) else "")
        places = [
            ((begin[k] + end[k]) / 2, row[k], k)
            for row, begin, end in (parts["decode"], parts["compute"])
            for k in range(result.steps)
            if end[k] <= min(window, now) and end[k] - begin[k] > 26 * window / WINDOW and rows <= 10
        ]
        for word, (x, row, k) in zip(self._numbers, places):
            word.set_position((x, (row + 0.5) * scale))
            word.set_text(str(k + 1))
        for word in self._numbers[len(places) :]:
            word.set_text("")
        inside = 0 < step < result.steps and now < window
        self._cursor.set_segments([[(now, -9), (now, 99)]] if inside else [])
        who = plural(result.workers, *NOUNS[result.kind]) if result.workers else "No workers"
        busy = readable(100 * result.gpu_busy)
        self.title = f"{who}: a batch every {quantity(result.step, 'ms')}, the GPU is busy {busy} % of the time"

    def describe(self, result: Feeding, step: int | None = None, measured: Any = None) -> str:
        """Return what the GPU waited for."""
        if step is not None and 0 < step < result.steps:
            state = ", ".join(f"{n} {name}" for name, n in result.state(step).items())
            return f"B{result.why(step)[1:]}. Batches now: {state}."
        # Batches decoded and not yet taken, counted when each is decoded: only then are there more of them.
        waiting = ((result.decoded <= result.decoded[:, None]) & (result.taken > result.decoded[:, None])).sum(axis=1)
        said = (
            "Once the pipeline is full the GPU does not wait: computing is the bottleneck."
            if result.bottleneck == "compute"
            else f"The GPU waits for {result.bottleneck}: that is the bottleneck."
        )
        ahead = f"Up to {plural(result.workers * result.prefetch, 'batch', 'batches')} may be prefetched"
        return f"{said} {ahead}; at most {waiting.max()} waited to be used." if result.workers else said


def _boxes(rows: np.ndarray, begins: np.ndarray, ends: np.ndarray, scale: float, window: float) -> np.ndarray:
    y0, y1 = (rows + 0.12) * scale, (rows + 0.88) * scale
    ends = np.minimum(np.maximum(ends, begins), 2 * window)
    return np.stack(
        [np.stack([begins, y0], 1), np.stack([ends, y0], 1), np.stack([ends, y1], 1), np.stack([begins, y1], 1)], 1
    )
