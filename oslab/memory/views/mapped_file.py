"""A mapped file: the blocks that came into memory, by the model and on the machine, and the faults so far."""

import math
from typing import Any

import numpy as np
from matplotlib.colors import to_rgb

from oslab.base import Series, memory_size, plural, quantity
from oslab.memory.mapped_file import BLOCK, FILE_PAGES, MappedReads
from oslab.picture import Marks, View, best, call_noisy, style, top_of

__all__ = ["FileMap"]

SIDE = 32
GRIDS = (0.02, 0.345)
WIDE = 0.305
ABSENT, CAME, ASKED, NEXT = (to_rgb(c) for c in ("#e4e8ec", "#8cc6ea", "#003a61", "#e69f00"))
KINDS = {"major": style.ink(5), "minor": style.ink(0)}


class FileMap(View):
    """Left: the file's blocks of 64 KiB, the model's and the machine's. Right: faults, lines modelled, marks measured."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self._grids = [self._grid(left) for left in GRIDS]
        self._heads = [self.label(figure, left, 0.855, fontsize=10.5, color=style.QUIET, va="center") for left in GRIDS]
        for x, color, text in (
            (0.02, ASKED, "asked for"),
            (0.15, CAME, "read with it"),
            (0.302, ABSENT, "on disk"),
            (0.42, NEXT, "next"),
        ):
            self.figure.text(x, 0.045, "■", color=color, fontsize=12, va="center")
            self.figure.text(x + 0.026, 0.045, text, color=style.QUIET, fontsize=10, va="center")
        self._square = self.label(figure, 0.515, 0.045, fontsize=10, color=style.QUIET, va="center")
        self._axes = self.add_axes(0.735, 0.19, 0.245, 0.62, x="slices read", y="", grid="y")
        self._axes.set(xlim=(0, 66), xticks=[0, 16, 32, 48, 64])
        for x, text, color in (
            (0.68, "faults so far", style.QUIET),
            (0.805, "□ major", KINDS["major"].text),
            (0.895, "○ minor", KINDS["minor"].text),
        ):
            self.label(figure, x, 0.855, text, fontsize=10, color=color, va="center")
        self._lines = [
            self.live(self._axes.plot([], [], color=ink.color, ls=ls, lw=2.2)[0])
            for ink, ls in zip(KINDS.values(), ("-", (0, (5, 2))), strict=True)
        ]
        self._marks = [
            Marks(self, self._axes, ink, mark, size=5.5, spread=1)
            for ink, mark in zip(KINDS.values(), "so", strict=True)
        ]

    def _grid(self, left: float) -> Any:
        axes = self.figure.add_axes((left, 0.115, WIDE, 0.69), frameon=False, xticks=[], yticks=[])
        return self.live(axes.imshow(np.ones((SIDE, SIDE, 3)), interpolation="none", aspect="auto"))

    def update(self, result: MappedReads, step: int | None = None, measured: list[Series] | None = None) -> None:
        """Draw the reads as far as `step`; `measured` is what `mapped_reads` gives."""
        measured, name = _of_this_file(result, measured), f"{result.order}, {result.advice}"
        runs, blocks = {series.label: series for series in best(measured)}, result.file_pages // BLOCK
        pages = result.starts[:step, None] + np.arange(result.slice_pages)
        asked, ahead = (np.isin(np.arange(blocks), p // BLOCK) for p in (pages, result.starts[step : step + 1]))
        self._fill(0, result.since.reshape(-1, BLOCK).min(axis=1) <= step, asked, ahead)
        self._heads[0].set_text(f"model, {memory_size(4096 * result.loaded[step])} in memory")
        here, since = runs.get(f"{name}: came in"), np.full(blocks, np.inf)
        if here is not None:
            since = np.repeat(here.median, np.diff([*here.x.astype(int), blocks]))
        self._fill(1, since <= step, asked & (here is not None), ahead & (here is not None))
        self._heads[1].set_text(self._head(runs, name, step, result.read_ahead))
        top = self._curves(result, step, [s for s in measured if s.label.startswith(name)])
        self.set_limits(self._axes, y=(-0.03 * top, top))
        wanted, loaded = (
            memory_size(4096 * pages) if step else "nothing"
            for pages in (step * result.slice_pages, result.loaded[step])
        )
        self.title = (
            f"{plural(step, 'slice')} {result.order}, advice {result.advice}: {wanted} asked for, {loaded} loaded"
        )

    def _fill(self, place: int, came: np.ndarray, asked: np.ndarray, ahead: np.ndarray) -> None:
        side = min(SIDE, math.ceil(math.sqrt(len(came))))
        per = -(-len(came) // side**2)
        groups = (np.pad(f, (0, -len(f) % per)).reshape(-1, per).any(axis=1) for f in (ahead, asked, came))
        colors = np.ones((side**2, 3))
        kinds = [group[:, None] for group in groups]
        colors[: len(kinds[0])] = np.select(kinds, (NEXT, ASKED, CAME), ABSENT)
        self._grids[place].set_data(colors.reshape(side, side, 3))
        self._square.set_text(f"a square: {memory_size(65_536 * per)}")

    @staticmethod
    def _head(runs: dict[str, Series], name: str, step: int, read_ahead: int) -> str:
        loaded = runs.get(f"{name}: loaded")
        if loaded is None:
            return "not measured"
        ahead = runs["read ahead"].median[0]
        other = f" ({memory_size(4096 * ahead)} read ahead)" if ahead != read_ahead else ""
        return f"{loaded.brief}{other}: {memory_size(2**20 * loaded.median[step - 1] if step else 0)}"

    def _curves(self, result: MappedReads, step: int, measured: list[Series]) -> float:
        """Draw the faults so far; return the top of the axis."""
        tops, shown = [4.0], np.arange(3, step, 4)
        for line, marks, kind in zip(self._lines, self._marks, KINDS, strict=True):
            faults = getattr(result, kind)
            line.set_data(np.arange(step + 1), faults[: step + 1])
            found = [s for s in measured if s.label.endswith(f"{kind} faults")]
            marks.set([s.take(shown) for s in found])
            tops.append(top_of([s.take([-1]) for s in found], float(faults[-1])))
        return self.roomy(1.05 * max(tops))

    def describe(self, result: MappedReads, step: int | None = None, measured: list[Series] | None = None) -> str:
        """Return what this slice met, and what all slices took on the machine."""
        said = f"Slice {step}: {result.why(step)} " if step else "No page is touched yet, so nothing is read. "
        runs = {series.label: series for series in best(_of_this_file(result, measured))}
        times = {advice: runs.get(f"{result.order}, {advice}: time") for advice in ("normal", "random")}
        if None in times.values():
            return said.strip()
        major, ahead = runs[f"{result.order}, {result.advice}: major faults"], runs["read ahead"].median[0]
        other = f" with {memory_size(4096 * ahead)} of read-ahead" if ahead != result.read_ahead else ""
        instead = "random" if result.advice == "normal" else "normal"
        gap = times["normal"].median[0] - times["random"].median[0]
        noisy = max(call_noisy(run, gap) for run in times.values())
        return (
            f"{said}All took {quantity(times[result.advice].median[0], 'ms')} and "
            f"{plural(major.median[-1], 'major fault')} {major.place}{other}; with advice {instead}, "
            f"{quantity(times[instead].median[0], 'ms')}{noisy}."
        )


def _of_this_file(result: MappedReads, measured: Any) -> list[Series]:
    """Return what was measured of a file like the model's: another than the lab's own was never recorded."""
    usual = (result.file_pages, result.slice_pages) == (FILE_PAGES, 1)
    return [s for s in measured or () if usual or s.origin == "this machine"]
