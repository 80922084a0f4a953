"""fork: whose frame each page leads to, and how many frames there are, beside what smaps says of a real fork."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.picture import style
from oslab.picture.view import View
from oslab.processes.views.rectangles import Rectangles

__all__ = ["ForkPages", "ForkLatency", "ReadingCost"]

MOST_PROCESSES = 5
KINDS = ("shared", "parent", "child", "none")
SAID = {"shared": "shared frame", "parent": "the parent's own", "child": "a child's own", "none": "none any more"}


class ForkPages(View):
    """A row of pages for each process, and bars for the frames in use."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        inks = {"shared": style.ink(0), "parent": style.ink(1), "child": style.ink(2)}
        self._cells = {
            kind: Rectangles(self, sheet, inks[kind].color + "55", inks[kind].color, inks[kind].hatch)
            if kind in inks
            else Rectangles(self, sheet, "#ffffff", "#d5dade")
            for kind in KINDS
        }
        self._key = [
            self.label(sheet, 34 + 155 * k, 357, SAID[kind], fontsize=10, va="center")
            for k, kind in enumerate(KINDS[:3])
        ]
        self._names = [self.label(sheet, 16, 0, fontsize=10.5, va="center") for _ in range(MOST_PROCESSES)]
        self._counts = [self.label(sheet, 566, y, fontsize=11, va="center") for y in (66, 124, 182)]
        self._bars = self.live(
            sheet.add_collection(PolyCollection([], facecolors=[style.ink(0).color, style.QUIET, style.ink(5).color]))
        )
        self._real = [self.label(sheet, 566, y, fontsize=10, va="center") for y in (256, 276, 296, 316, 336)]
        self._guess = self.label(sheet, 566, 232, fontsize=10.5, va="center", color="#b24e00")

    def predict(self, answer: float) -> None:
        """Mark a predicted number of frames."""
        self._guess.set_text(f"your prediction: {answer:g} frames")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Sharing` after `step` events."""
        step = result.steps if step is None else step
        frames = result.state(step)
        processes, pages = frames.shape
        cells: dict[str, list] = {kind: [] for kind in KINDS}
        columns = 16 if processes <= 3 else 32
        rows = -(-pages // columns)
        high = 288 / processes
        side = min(24.0, (high - 24) / rows)
        wide = 500 / columns
        for p in range(processes):
            top = 58 + p * high
            self._names[p].set_y(top)
            born = (
                p == 0 or ("fork", 0) in result.events[:step] and sum(e[0] == "fork" for e in result.events[:step]) >= p
            )
            gone = born and frames[p, 0] < 0
            self._names[p].set_text(
                ("parent" if p == 0 else f"child {p}")
                + ("" if born else ": not yet forked")
                + (": its old pages are let go" if gone else "")
            )
            others = np.delete(frames, p, axis=0)
            shared = np.isin(frames[p], others[others >= 0])
            for k in range(pages):
                x, y = 16 + k % columns * wide, top + 11 + k // columns * side
                kind = "none" if frames[p, k] < 0 else "shared" if shared[k] else "parent" if p == 0 else "child"
                cells[kind].append((x, x + wide - 3, y, y + side - 2))
        for k in range(MOST_PROCESSES):
            self._names[k].set_visible(k < processes)
        for k, kind in enumerate(KINDS[:3]):
            x = 16 + 155 * k
            cells[kind].append((x, x + 13, 351, 363))
        for kind, boxes in cells.items():
            self._cells[kind].set(boxes)
        values = (result.used(step), result.eager(step), int(result.copies[step]))
        most = max(result.eager(k) for k in range(result.steps + 1))
        names = ("frames in use", "if fork copied at once", "pages copied so far")
        self._bars.set_verts(
            [
                [(566, y), (566 + 236 * v / most, y), (566 + 236 * v / most, y + 20), (566, y + 20)]
                for y, v in zip((80, 138, 196), values)
            ]
        )
        for word, name, value in zip(self._counts, names, values):
            word.set_text(f"{name}: {value}")
        self._show_real(result, measured)
        saved = values[1] - values[0]
        if any(event[0] == "exec" for event in result.events[:step]):
            at_once = result.pages * (processes - 1)
            self.title = f"{values[2]} pages were copied before exec; a fork that copies at once copies {at_once}"
        else:
            self.title = f"{values[0]} frames for {values[1]} pages" + (
                f": copy-on-write saves {saved}, {100 * saved / values[1]:.3g} %"
                if step
                else ": no process has been forked yet"
            )

    def _show_real(self, result: Any, measured: Any) -> None:
        if not measured:
            for word, text in zip(self._real, ("“measure here” forks for real", "and asks smaps", "", "", "")):
                word.set_text(text)
            return
        own = measured[0]
        total = own.median + measured[1].median
        color = style.QUIET if own.origin == "recorded" else style.INK
        texts = [
            "a real child's own pages (smaps):",
            *(f"{100 * x:.3g} % written: {m:.0f} of {t:.0f}" for x, m, t in list(zip(own.x, own.median, total))[1::2]),
            own.where.split(",")[0],
        ]
        for word, text in zip(self._real, [*texts, *[""] * 5]):
            word.set_text(text)
            word.set_color(color)

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what the last event did."""
        step = result.steps if step is None else step
        said = result.why(step) if step else "Before the fork: every page is the parent's."
        return said[0].upper() + said[1:]


class ForkLatency(View):
    """µs of a fork against MiB touched; beside it what a write to a page costs before and after."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.1, 0.15, 0.46, 0.72, x="memory the parent has touched, MiB", y="fork, µs", grid="y")
        self.axes.set(xlim=(-2, 68))
        self._points = self.live(self.axes.errorbar([0], [0], yerr=[[0], [0]], fmt="o", ms=8, mfc="white", mew=2)[0])
        self._spans = self.live(self.axes.vlines([], 0, 0, lw=4, alpha=0.35))
        self._fit = self.live(self.axes.plot([], [], color=style.ink(0).color)[0])
        self._here = self.live(self.axes.plot([], [], "s", ms=10, color=style.ink(5).color)[0])
        self._writes = self.add_axes(0.68, 0.15, 0.28, 0.72, x="µs to write a page", grid="x")
        self._writes.set(xscale="log", xlim=(0.02, 100), ylim=(2.6, -0.6), yticks=[])
        self._writes.xaxis.set_major_formatter(lambda v, _: f"{v:g}")
        self._marks = self.live(self._writes.plot([], [], "o", ms=9, mfc="white", mew=2)[0])
        self._ranges = [self.live(self._writes.plot([], [], lw=5, alpha=0.35)[0]) for _ in range(3)]
        self._words = [self.label(self._writes, 0.025, k - 0.25, fontsize=10.5, va="center") for k in range(3)]

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw what was measured; `result` is a number of MiB, read off the line."""
        returned, _, writes = measured
        color = style.RECORDED if returned.origin == "recorded" else style.INK
        slope, base = self._line(returned)
        self.set_limits(self.axes, y=(0, self.roomy(1.05 * max(returned.high.max(), base + 64 * slope))))
        self._points.set_data(returned.x, returned.median)
        self._points.set_markeredgecolor(color)
        self._spans.set_segments([[(x, a), (x, b)] for x, a, b in zip(returned.x, returned.low, returned.high)])
        self._spans.set_color(color)
        self._fit.set_data([0, 64], [base, base + 64 * slope])
        self._here.set_data([result], [base + slope * result])
        self._marks.set_data(writes.median, range(3))
        self._marks.set_markeredgecolor(color)
        for k in range(3):
            self._ranges[k].set_data([writes.low[k], writes.high[k]], [k, k])
            self._ranges[k].set_color(color)
            self._words[k].set_text(f"{writes.x[k]}: {writes.median[k]:.2g} µs")
        self.title = f"{result} MiB touched: a fork takes {base + slope * result:.3g} µs, {slope:.2g} µs more a MiB"

    @staticmethod
    def _line(series: Any) -> tuple[float, float]:
        slope, base = np.polyfit(
            series.x, series.median, 1, w=1 / series.median
        )  # by relative error: small forks count as much
        return float(slope), float(base)

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the line, what an entry of the page table costs, and what a first write costs."""
        slope, base = self._line(measured[0])
        _, first, _ = measured[2].median
        return (
            f"{measured[0].where[:1].upper() + measured[0].where[1:]}: about {base:.3g} µs and {slope:.3g} µs a MiB, "
            f"{1000 * slope / 256:.3g} ns for each entry of the page table; the first write to a shared page {first:.3g} µs."
        )


class ReadingCost(View):
    """MiB that reading children make their own, for a list and for an array."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.2, 0.16, 0.76, 0.66, x="MiB in use by parent and children together", grid="x")
        self.axes.set(ylim=(1.6, -0.6), yticks=[])
        box = self.axes.get_position()
        self._names = [
            self.label(figure, 0.19, box.y1 - (k + 0.6) / 2.2 * box.height, fontsize=11, ha="right", va="center")
            for k in range(2)
        ]
        self._bars = {
            name: self.live(
                self.axes.add_collection(
                    PolyCollection(
                        [],
                        facecolors=style.ink(k).color + "66",
                        edgecolors=style.ink(k).color,
                        hatch=style.ink(k).hatch,
                    )
                )
            )
            for name, k in (("shared", 0), ("own", 5))
        }
        self._values = [self.label(self.axes, 0, k - 0.42, fontsize=10.5, va="center") for k in range(2)]
        self._key = self.label(figure, 0.2, 0.855, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw two series, dirtied and size; `result` is the number of children."""
        dirtied, sizes = measured
        self.set_limits(self.axes, x=(0, self.roomy(1.1 * (sizes.median + result * dirtied.median).max())))
        verts: dict[str, list] = {"shared": [], "own": []}
        for k in range(2):
            a, b = sizes.median[k], sizes.median[k] + result * dirtied.median[k]
            for name, x0, x1 in (("shared", 0, a), ("own", a, b)):
                verts[name].append([(x0, k - 0.3), (x1, k - 0.3), (x1, k + 0.3), (x0, k + 0.3)])
            self._names[k].set_text(str(sizes.x[k]))
            self._values[k].set_position((0, k - 0.42))
            more = f", and {result} × {dirtied.median[k]:.2g} MiB that reading made private" if result else ""
            self._values[k].set_text(f"{a:.3g} MiB{more}")
        for name, some in verts.items():
            self._bars[name].set_verts([v for v in some if v[1][0] > v[0][0]])
        self._key.set_text("plain: the parent's data; crossed: copies that reading made in the children")
        self.title = (
            "Before anybody reads: the parent's data alone"
            if not result
            else (
                f"{result} reader{'s' * (result != 1)}: {result * dirtied.median[0]:.3g} MiB of a list copied, of an array "
                f"{result * dirtied.median[1]:.2g} MiB"
            )
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what one reader dirties."""
        dirtied, sizes = measured
        if not result:
            return (
                f"A list takes {sizes.median[0]:.3g} MiB, an array of the same numbers {sizes.median[1]:.3g} MiB "
                f"({dirtied.where})."
            )
        return (
            f"Reading it once, a child makes {dirtied.median[0]:.3g} of {sizes.median[0]:.3g} MiB of a list its own, and "
            f"{dirtied.median[1]:.2g} of {sizes.median[1]:.3g} MiB of an array ({dirtied.where})."
        )
