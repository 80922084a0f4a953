"""fork: whose frame each page leads to, and how many frames there are, beside what smaps says of a real fork."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from oslab.base import plural, readable
from oslab.picture import View, best, style, text_color_of
from oslab.processes.copy_on_write import Sharing
from oslab.processes.views.rectangles import Rectangles

__all__ = ["ForkPages"]

MOST_PROCESSES = 5
KINDS = ("shared", "parent", "child", "none")
KEY = {16: "shared", 112: "the parent's only", 310: "one child's only"}
COUNTS = ("frames in use", "if fork copied at once", "pages copied so far")
NOT_MEASURED = ("“measure here” calls fork", "and reads smaps")


class ForkPages(View):
    """A row of pages for each process, and bars for the frames in use."""

    stepped = True
    side = 556

    def __init__(self, figure: Figure):
        super().__init__(figure)
        sheet = self.add_sheet()
        inks = [style.ink(k) for k in range(3)]
        cells = [Rectangles(self, sheet, i.color + "55", i.color, i.hatch) for i in inks]
        self._cells = dict(zip(KINDS, [*cells, Rectangles(self, sheet, "#ffffff", "#d5dade")]))
        for x, word in KEY.items():
            self.label(sheet, x + 18, 357, word, fontsize=10, va="center")
        self._names = [self.label(sheet, 16, 0, fontsize=10.5, va="center") for _ in range(MOST_PROCESSES)]
        self._counts = [self.label(sheet, 566, y, fontsize=11, va="center") for y in (66, 124, 182)]
        colors = [style.ink(0).color, style.QUIET, style.ink(5).color]
        self._bars = self.live(sheet.add_collection(PolyCollection([], facecolors=colors)))
        self._real = [self.label(sheet, 566, y, fontsize=10, va="center") for y in (256, 276, 296, 316, 336)]
        self.guess(566, 232, "frames", transform=sheet.transData)

    def update(self, result: Sharing, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Sharing` after `step` events."""
        self._draw_pages(result, step)
        used, eager, copied = values = result.used(step), result.eager(step), int(result.copies[step])
        scale = 236 / result.at_once.max()
        tops = zip((80, 138, 196), values)
        self._bars.set_verts(
            [[(566, y), (566 + scale * v, y), (566 + scale * v, y + 20), (566, y + 20)] for y, v in tops]
        )
        self.say(self._counts, (f"{name}: {readable(value)}" for name, value in zip(COUNTS, values)))
        texts, color = NOT_MEASURED, style.INK
        if series := best(measured):
            own, shared = series[:2]
            rows = list(zip(own.x, own.median, own.median + shared.median))[1::2]
            counts = [f"{readable(100 * x)} % written: {readable(m)} of {readable(t)}" for x, m, t in rows]
            texts = "pages of a real child alone:", *counts[:3], own.where.split(",")[0]
            color = text_color_of(own)
        self.say(self._real, texts, [color] * len(self._real))
        if any(event[0] == "exec" for event in result.events[:step]):
            at_once = readable(result.pages * (result.processes - 1))
            self.title = f"Before exec {plural(copied, 'page')} copied; a fork that copies at once copies {at_once}"
        else:
            saved = f"copy-on-write saves {readable(eager - used)}, {readable(100 * (eager - used) / eager)} %"
            self.title = f"{readable(used)} frames for {readable(eager)} pages: " + (
                saved if step else "no process has been forked yet"
            )

    def _draw_pages(self, result: Sharing, step: int) -> None:
        frames = result.state(step)
        processes, pages = frames.shape
        cells: dict[str, list] = {kind: [(x, x + 13, 351, 363)] for x, kind in zip(KEY, KINDS)}
        cells["none"], writes = [], self._writes(result)
        keys: dict[str, list[str]] = {kind: [""] * len(boxes) for kind, boxes in cells.items()}
        columns = 16 if processes <= 3 else 32
        high, wide = 288 / processes, 500 / columns
        side = min(24.0, (high - 24) / -(-pages // columns))
        forks = sum(event[0] == "fork" for event in result.events[:step])
        for p in range(processes):
            top = 58 + p * high
            name = f"child {p}" if p else "parent"
            gone = p <= forks and frames[p, 0] < 0
            self._names[p].set_text(
                f"{name}: not yet forked" if p > forks else f"{name}: its pages are released" if gone else name
            )
            self._names[p].set_y(top)
            shared = np.isin(frames[p], np.delete(frames, p, axis=0))
            for k in range(pages):
                x, y = 16 + k % columns * wide, top + 11 + k // columns * side
                kind = "none" if frames[p, k] < 0 else "shared" if shared[k] else "child" if p else "parent"
                cells[kind].append((x, x + wide - 3, y, y + side - 2))
                key = f"page {k} of {name}"
                keys[kind].append(key if key in writes else "")
        for k, word in enumerate(self._names):
            word.set_visible(k < processes)
        for kind, boxes in cells.items():
            self._cells[kind].set(boxes, keys[kind])

    @staticmethod
    def _writes(result: Sharing) -> dict[str, int]:
        """The step in which each page is written, by the page's key."""
        events = enumerate(result.events, 1)
        return {f"page {e[2]} of {f'child {e[1]}' if e[1] else 'parent'}": k for k, e in events if e[0] == "write"}

    def tip(self, key: str) -> str:
        """Return what writing a page comes to."""
        said = super().tip(key)
        return said[:1].upper() + said[1:]

    def step_of(self, key: str) -> int:
        """Return the step in which a page is written."""
        return self._writes(self.result).get(key, 0)

    def describe(self, result: Sharing, step: int | None = None, measured: Any = None) -> str:
        """Return what the last event did."""
        said = result.why(step) if step else "Before the fork: every page is the parent's."
        return said[0].upper() + said[1:]
