"""Which ends first: how many files fit by blocks and by inodes, over the size of the files."""

from __future__ import annotations

from typing import Any

import numpy as np

from oslab.base.numbers import readable
from oslab.filesystems.views.block_tree import human
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["InodeRoom"]

BLOCKS, INODES = style.ink(0), style.ink(1)


class InodeRoom(View):
    """Two lines, one falling and one flat; what fits is below both.  Marks: real ext4 images, filled until full."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.105, 0.16, 0.735, 0.70, x="size of each file", y="files", grid="both")
        self.axes.set(xscale="log", yscale="log", xlim=(256, 4 << 20), ylim=(1, 20_000))
        for axis in (self.axes.xaxis, self.axes.yaxis):
            axis.set_major_formatter(lambda v, _: readable(round(v)))
        self.axes.set_xticks([1 << k for k in range(8, 23, 2)], [human(1 << k) for k in range(8, 23, 2)])
        self.axes.minorticks_off()
        self._blocks = self.live(self.axes.plot([], [], color=BLOCKS.color, ls=BLOCKS.dash)[0])
        self._inodes = self.live(self.axes.axhline(1, color=INODES.color, ls=INODES.dash, lw=2))
        self._fits = self.live(self.axes.plot([], [], color=style.INK, lw=6, alpha=0.16, solid_capstyle="round")[0])
        self._point = self.live(self.axes.plot([], [], "o", ms=10, color=style.INK, mec="white", mew=1.5, zorder=6)[0])
        self._real = self.live(self.axes.plot([], [], "s", ms=11, mfc="none", mec=style.RECORDED, mew=2, zorder=5)[0])
        self._words = {
            name: self.label(self.axes, 5 << 20, 1, text, fontsize=10.5, fontweight="bold", color=ink.text, va="center")
            for name, text, ink in (("blocks", "blocks end", BLOCKS), ("inodes", "inodes end", INODES))
        }
        self._note = self.label(self.axes, 300, 1.4, fontsize=10, color=style.QUIET, va="bottom")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Capacity`."""
        self._blocks.set_data(result.sizes, np.maximum(result.by_blocks, 0.5))
        self._inodes.set_ydata([result.inodes] * 2)
        self._fits.set_data(result.sizes, np.minimum(result.by_blocks, result.inodes))
        fits = min(result.files(result.file_size))
        self._point.set_data([result.file_size], [fits])
        self._words["inodes"].set_y(result.inodes)
        self._words["blocks"].set_y(1.6)
        series = measured[0] if measured and measured[0].label == str(result.bytes_per_inode) else None
        self._real.set_data([], []) if series is None else self._real.set_data(series.x, series.median)
        where = (
            "“measure here” makes and fills them" if series is None else series.where.replace("machine, ", "machine,\n")
        )
        self._note.set_text(f"broad line: what fits\n□ ext4 images of 8 MiB, filled\n{where}")
        self._real.set_markeredgecolor(style.RECORDED if series is None or series.origin == "recorded" else style.INK)
        self.title = (
            f"{readable(fits)} file{'s' * (fits != 1)} of {human(result.file_size)}, then the {result.first} end"
            f"{f' with {100 * result.free_share:.0f} % of the blocks free' if result.first == 'inodes' else ''}"
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return both counts, and how the model compares with real images."""
        inodes, blocks = result.files(result.file_size)
        said = f"There are inodes for {readable(inodes)} files and blocks for {readable(blocks)} of this size."
        if measured and measured[0].label == str(result.bytes_per_inode):
            off = max(abs(min(result.files(int(x))) / m - 1) for x, m in zip(measured[0].x, measured[0].median))
            agree = f"differ from the model by at most {100 * off:.2g} %" if off else "hold exactly what the model says"
            said += f" Real images ({measured[0].where}) {agree}."
        return said
