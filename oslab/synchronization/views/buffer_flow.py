"""A bounded buffer over time: how full it is, and who sleeps on which condition."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from oslab.base import plural, readable
from oslab.picture import View, style
from oslab.synchronization.bounded_buffer import Flow

__all__ = ["BufferFlow"]

# Told apart by place and height too: a whole row, its upper or its lower part.
KINDS = {
    "works": ("#d3e3ef", 0.1, 0.9, "works, whole row"),
    "not_full": ("#e69f00", 0.1, 0.5, "asleep on not_full, upper half"),
    "not_empty": ("#cc79a7", 0.5, 0.9, "asleep on not_empty, lower half"),
}
MOST, EVEN = 8, 0.05


class BufferFlow(View):
    """Above, the items in the buffer; below, a row a thread."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        self.axes = self.add_axes(0.09, 0.55, 0.88, 0.31, y="items")
        self.axes.set(xticks=[])
        self._line = self.live(self.axes.plot([], [], color=style.ink(0).color, drawstyle="steps-post", lw=1.6)[0])
        self._full = self.live(self.axes.axhline(0, color=style.BAD, lw=1.4, ls="--"))
        self._full_word = self.label(self.axes, 0, 0, "full", color="#b24e00", fontsize=10, ha="right", va="bottom")
        self.rows = self.add_axes(0.09, 0.15, 0.88, 0.30, x="time, ms", y=" ")  # as much room at the left as above
        self.rows.set(ylim=(MOST, 0), yticks=[])
        self._spans = {}
        for k, (kind, (fill, _, _, said)) in enumerate(KINDS.items()):
            self._spans[kind] = self.live(
                self.rows.add_collection(PolyCollection([], facecolors=fill, linewidths=0, antialiaseds=False))
            )
            self.label(
                figure,
                (0.09, 0.30, 0.62)[k],
                0.475,
                f"■ {said}",
                fontsize=10,
                color=(style.ink(0).text, style.ink(1).text, style.ink(3).text)[k],
            )
        self._names = [self.label(self.rows, 0, 0, "", ha="right", va="center", fontsize=10) for _ in range(MOST)]

    def update(self, result: Flow, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Flow`."""
        right = self.roomy(result.end)
        right *= 0.75 if result.end <= 0.75 * right else 1
        n = len(result.names)
        self.set_limits(self.axes, x=(0, right), y=(0, self.roomy(result.size) * 1.15))
        self.set_limits(self.rows, x=(0, right), y=(n, 0))
        self._line.set_data(np.append(result.time, result.end), np.append(result.count, result.count[-1]))
        self._full.set_ydata([result.size, result.size])
        self._full_word.set_position((right, result.size))
        boxes: dict[str, list] = {kind: [] for kind in KINDS}
        for t, begin, end, kind in self._joined(result.spans):
            low, high = t + KINDS[kind][1], t + KINDS[kind][2]
            boxes[kind].append([(begin, low), (end, low), (end, high), (begin, high)])
        for kind, collection in self._spans.items():
            collection.set_verts(boxes[kind])
            collection.set_visible(bool(boxes[kind]))
        for k, word in enumerate(self._names):
            word.set(text=result.names[k] if k < n else "", position=(-right * 0.008, k + 0.5))
        full, empty = result.asleep("not_full"), result.asleep("not_empty")
        self.title = (
            f"{plural(round(result.rate), 'item')}/s; threads sleep {100 * full:.0f} % of their time on not_full, "
            f"{100 * empty:.0f} % on not_empty"
        )

    @staticmethod
    def _joined(spans: Any) -> list[tuple[int, float, float, str]]:
        """The spans with those of one kind that touch made one."""
        joined: list[tuple[int, float, float, str]] = []
        for t, begin, end, kind in sorted(spans):
            if end > begin:
                last = joined[-1] if joined else None
                if last and (last[0], last[3]) == (t, kind) and begin - last[2] < 1e-9:
                    joined[-1] = (t, last[1], end, kind)
                else:
                    joined.append((t, begin, end, kind))
        return joined

    def describe(self, result: Flow, step: int | None = None, measured: Any = None) -> str:
        """Return how full the buffer is, and who is the bottleneck: who works nearly all the time."""
        makers, takers = result.busy("P"), result.busy("C")
        slow = "producers" if makers > takers else "consumers"
        slow = "neither side is a bottleneck" if abs(makers - takers) < EVEN else f"the {slow} are the bottleneck"
        return (
            f"On average {readable(round(result.mean_count, 2))} of {plural(result.size, 'place')} are in use; {slow}: "
            f"the producers work {100 * makers:.0f} % of the time, the consumers {100 * takers:.0f} %."
        )
