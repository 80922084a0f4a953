"""A mapped file: the blocks that came into memory, by the model and on the machine, and the faults so far."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

from oslab.memory.mapped_file import BLOCK
from oslab.memory.views.tlb_reach import memory_size, provenance
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["FileMap"]

SIDE = 32
GRIDS = (0.02, 0.345)
WIDE = 0.305
ABSENT, CAME, ASKED = (to_rgb(c) for c in ("#e4e8ec", "#8cc6ea", "#003a61"))
MAJOR, MINOR = style.ink(5), style.ink(0)


class FileMap(View):
    """Left: the file's blocks of 64 KiB, the model's and the machine's. Right: faults, lines modelled, marks measured."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self._grids = [self._grid(left) for left in GRIDS]
        self._heads = [self.label(figure, left, 0.855, fontsize=10.5, color=style.QUIET, va="center") for left in GRIDS]
        for x, color, text in (
            (0.025, ASKED, "asked for"),
            (0.15, CAME, "came with it"),
            (0.30, ABSENT, "on disk only"),
            (0.45, "none", "a square is 64 KiB"),
        ):
            self.figure.text(x, 0.045, "■", color=color, fontsize=12, va="center")
            self.figure.text(x + 0.022, 0.045, text, color=style.QUIET, fontsize=10, va="center")
        self._axes = self.add_axes(0.735, 0.19, 0.245, 0.62, x="slices read", y="", grid="y")
        self._axes.set(xlim=(0, 64))
        self._axes.set_xticks([0, 16, 32, 48, 64])
        self.label(figure, 0.70, 0.855, "faults so far", fontsize=10.5, color=style.QUIET, va="center")
        self._lines = [
            self.live(self._axes.plot([], [], color=ink.color, ls=ls, lw=2.2)[0])
            for ink, ls in ((MAJOR, "-"), (MINOR, (0, (5, 2))))
        ]
        self._marks = [
            self.live(self._axes.plot([], [], mark, mfc="white", mew=1.3, ms=5.5, ls="none")[0]) for mark in "so"
        ]
        self._spread = self.live(self._axes.add_collection(LineCollection([], linewidths=1)))
        self._words = [
            self.label(self._axes, 1, 0, name, color=ink.text, fontsize=10.5, fontweight="bold", va="center")
            for ink, name in ((MAJOR, "major"), (MINOR, "minor"))
        ]

    def _grid(self, left: float) -> Any:
        axes = self.figure.add_axes((left, 0.115, WIDE, 0.69), xticks=[], yticks=[])
        for side in axes.spines.values():
            side.set_visible(False)
        return self.live(axes.imshow(np.ones((SIDE, SIDE, 3)), interpolation="none", aspect="auto"))

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `MappedReads` as far as `step`; `measured` is what `mapped_reads` gives."""
        step = result.steps if step is None else step
        runs = {series.label: series for series in measured or ()}
        name = f"{result.order}, {result.advice}"
        asked = np.zeros(SIDE * SIDE, bool)
        asked[result.starts[:step] // BLOCK] = True
        self._fill(0, result.since.reshape(-1, BLOCK).min(axis=1) <= step, asked)
        self._heads[0].set_text(f"model, {memory_size(4096 * int(result.loaded[step]))} in memory")
        here = runs.get(f"{name}: came in")
        since = (
            np.full(SIDE * SIDE, np.inf)
            if here is None
            else np.repeat(here.median, np.diff([*here.x.astype(int), SIDE * SIDE]))
        )
        self._fill(1, since <= step, asked & (here is not None))
        self._heads[1].set_text(self._describe_measured(runs, name, step, result.read_ahead))
        top = self._curves(result, step, runs, name)
        self.set_limits(self._axes, y=(-0.03 * top, top))
        self.title = (
            f"{step} slice{'s' * (step != 1)} {result.order}, advice {result.advice}: "
            f"{memory_size(4096 * step * result.slice_pages) if step else 'nothing'} asked for, "
            f"{memory_size(4096 * int(result.loaded[step])) if step else 'nothing'} loaded"
        )

    def _fill(self, place: int, came: np.ndarray, asked: np.ndarray) -> None:
        colors = np.where(asked[:, None], ASKED, np.where(came[:, None], CAME, ABSENT))
        self._grids[place].set_data(colors.reshape(SIDE, SIDE, 3))

    @staticmethod
    def _describe_measured(runs: dict[str, Any], name: str, step: int, read_ahead: int) -> str:
        loaded = runs.get(f"{name}: loaded")
        if loaded is None:
            return "nothing measured"
        ahead = runs["read ahead"].median[0]
        other = f" ({memory_size(4096 * ahead)} ahead)" if ahead != read_ahead else ""
        where = provenance(loaded).split(",")[0] if other else provenance(loaded)
        return f"{where}{other}: {memory_size(2**20 * loaded.median[step - 1]) if step else '0 B'}"

    def _curves(self, result: Any, step: int, runs: dict[str, Any], name: str) -> float:
        spread, colors, top, ends = [], [], 4.0, []
        for k, (kind, values) in enumerate((("major", result.major), ("minor", result.minor))):
            self._lines[k].set_data(np.arange(step + 1), values[: step + 1])
            top = max(top, float(values[-1]))
            ends.append(float(values[step]))
            series = runs.get(f"{name}: {kind} faults")
            self._marks[k].set_visible(series is not None)
            if series is None:
                continue
            color = style.RECORDED if series.origin == "recorded" else (MAJOR, MINOR)[k].color
            shown = np.arange(3, step, 4)
            self._marks[k].set_data(series.x[shown], series.median[shown])
            self._marks[k].set_markeredgecolor(color)
            spread += [[(series.x[i], series.low[i]), (series.x[i], series.high[i])] for i in shown]
            colors += [color] * len(shown)
            top = max(top, float(series.high[-1]))
        self._spread.set_segments(spread)
        self._spread.set_color(colors or "none")
        top = self.roomy(1.05 * top)
        apart = 0.075 * top
        if abs(ends[0] - ends[1]) < apart:
            upper = int(ends[1] > ends[0])
            ends[upper] = ends[1 - upper] + apart
        for word, y in zip(self._words, ends, strict=True):
            word.set_position((step + 1.5 if step < 44 else step - 1.5, y + (0 if step < 44 else apart * 0.9)))
            word.set_ha("left" if step < 44 else "right")
        return top

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what this slice met, and what all slices took on the machine."""
        step = result.steps if step is None else step
        said = f"Slice {step}: {result.why(step)} " if step else "Mapped, nothing touched: nothing is read. "
        runs = {series.label: series for series in measured or ()}
        times = {advice: runs.get(f"{result.order}, {advice}: time") for advice in ("normal", "random")}
        if None in times.values():
            return said.strip()
        major = runs[f"{result.order}, {result.advice}: major faults"]
        count = int(major.median[-1])
        ahead = int(runs["read ahead"].median[0])
        other = f" with {memory_size(4096 * ahead)} of read-ahead" if ahead != result.read_ahead else ""
        instead = "random" if result.advice == "normal" else "normal"
        return (
            f"{said}All 64 took {times[result.advice].median[0]:.3g} ms and {count} major fault{'s' * (count != 1)} "
            f"{major.place}{other}; with advice {instead}: {times[instead].median[0]:.3g} ms."
        )
