"""Which ends first: how many files fit by blocks and by inodes, over the size of the files."""

from typing import Any

import numpy as np

from oslab.base import Series, plural, readable
from oslab.filesystems.capacity import Capacity
from oslab.filesystems.views.block_tree import human
from oslab.picture import Marks, View, origin_key, style

__all__ = ["InodeRoom"]

BLOCKS, INODES = style.ink(0), style.ink(1)
IMAGE_SIZE = 8 << 20  # of the real images
SMALLEST, LARGEST = 256, 4 << 20


def _shorten(value: float, _: object = None) -> str:
    size, letter = next((pair for pair in ((1e9, " G"), (1e6, " M"), (1e3, " k")) if value >= pair[0]), (1, ""))
    return readable(value / size) + letter


class InodeRoom(View):
    """Two lines, one falling and one flat; what fits is below both.  Marks: real ext4 images, filled until full."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.105, 0.16, 0.735, 0.70, x="size of each file", y="files", grid="both")
        self.axes.set(xscale="log", yscale="log", xlim=(SMALLEST, LARGEST), ylim=(1, 20_000))
        self.axes.yaxis.set_major_formatter(_shorten)
        self.axes.set_xticks([1 << k for k in range(8, 23, 2)], [human(1 << k) for k in range(8, 23, 2)])
        self.axes.minorticks_off()
        self._blocks = self.live(self.axes.plot([], [], color=BLOCKS.color, ls=BLOCKS.dash)[0])
        self._inodes = self.live(self.axes.axhline(1, color=INODES.color, ls=INODES.dash, lw=2))
        self._fits = self.live(self.axes.plot([], [], color=style.INK, lw=6, alpha=0.16, solid_capstyle="round")[0])
        self._point = self.live(
            self.axes.plot([], [], "o", ms=10, color=style.INK, mec="white", mew=1.5, zorder=6, clip_on=False)[0]
        )
        self._real = Marks(self, self.axes, marker="s", size=11, aside=0)
        self._words = {
            name: self.label(self.axes, 5 << 20, 1, text, fontsize=10.5, fontweight="bold", color=ink.text, va="center")
            for name, text, ink in (("blocks", "blocks run out", BLOCKS), ("inodes", "inodes run out", INODES))
        }
        note = {"fontsize": 10, "color": style.QUIET, "va": "bottom"}
        self._note = self.label(self.axes, 0.02, 0.03, transform=self.axes.transAxes, **note)

    def update(self, result: Capacity, step: int | None = None, measured: Any = None) -> None:
        """Draw the two lines, what fits, and the images that were filled."""
        least = max(1, min(result.inodes, result.files(LARGEST)[1]))
        low, high = (10.0 ** np.floor(np.log10(n)) for n in (least, 20 * max(result.by_blocks.max(), result.inodes)))
        self.set_limits(self.axes, y=(float(low), float(high)))
        self._blocks.set_data(result.sizes, np.maximum(result.by_blocks, 0.5))
        self._inodes.set_ydata([result.inodes] * 2)
        self._fits.set_data(result.sizes, np.minimum(result.by_blocks, result.inodes))
        fits = min(result.files(result.file_size))
        self._point.set_data([result.file_size], [fits])
        self._words["inodes"].set_y(result.inodes)
        self._words["blocks"].set_y(1.6 * self.axes.get_ylim()[0])
        real = _same_disk(result, measured)
        self._real.set(real)
        where = (
            origin_key(real, "s", "real ext4 images of 8 MiB")
            .replace("machine, ", "machine,\n")
            .replace(": rec", ":\nrec")
        )
        lacks = "□ “measure here” makes ext4 images of 8 MiB and fills them" if result.size == IMAGE_SIZE else ""
        self._note.set_text(f"wide line: files that fit\n{where or lacks}".strip())
        self.title = (
            f"{plural(fits, 'file')} of {human(result.file_size)}, then the {result.first} run out"
            f"{f' with {100 * result.free_share:.0f} % of the blocks free' if result.first == 'inodes' else ''}"
        )

    def describe(self, result: Capacity, step: int | None = None, measured: Any = None) -> str:
        """Return both counts, the whole disk's, and how the model compares with real images."""
        inodes, blocks = result.files(result.file_size)
        said = (
            f"There are inodes for {plural(inodes, 'file')} and blocks for {readable(blocks)} of this size; the whole disk "
            f"has {plural(result.all_blocks, 'block')} and {plural(result.all_inodes, 'inode')}."
        )
        for real in _same_disk(result, measured):
            off = max(abs(min(result.files(int(x))) / m - 1) for x, m in zip(real.x, real.median))
            agree = (
                f"differ from the model by at most {readable(100 * off, 2)} %"
                if off
                else "hold exactly what the model says"
            )
            said += f" Real images ({real.where}) {agree}."
        return said


def _same_disk(result: Capacity, measured: Any) -> list[Series]:
    """What real images of this size, with these inodes, were filled with."""
    here = str(result.bytes_per_inode)
    return [s for s in measured or () if s.label == here and (result.size, result.block_size) == (IMAGE_SIZE, 4096)]
