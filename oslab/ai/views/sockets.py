"""Two sockets side by side: workers, memory and GPU where they are, the ways of the bytes, and what each stage takes."""

from collections.abc import Sequence
from typing import Any

from matplotlib.collections import LineCollection

from oslab.ai.numa import TrainingStep
from oslab.base import Series, quantity, readable
from oslab.picture import Look, Tile, Tiles, View, best, style, text_color_of

__all__ = ["Sockets"]

LEFT, WIDE, GAP, TOP = 16, 205, 74, 78
NAMES = {
    "decode": "decode",
    "memory 0": "memory of node 0",
    "memory 1": "memory of node 1",
    "link": "link",
    "copy": "PCIe copy",
    "compute": "GPU computes",
}
BAR, BAR_WIDE = 660, 105


class Sockets(View):
    """Left the machine, blue the workers' bytes and orange the GPU's; right a bar for each stage, the longest marked."""

    side = 515

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        blue, orange = style.ink(0), style.ink(1)
        looks = {
            "socket": Look("#f7f8f9", edge="#b9c0c7"),
            "part": Look("#ffffff", edge="#b9c0c7", ink=style.QUIET),
            "workers": Look("#cfe3f2", edge=blue.color, bold=True),
            "pages": Look("#dcefe9", edge=style.ink(2).color, hatch="..", bold=True),
            "gpu": Look("#fbe9c8", edge=orange.color, hatch="//", bold=True),
            "link": Look("#edf0f3"),
            "full": Look("#f6d2b8", edge=style.BAD, hatch="////", bold=True),
            "bar": Look("#b7d3e8", edge=blue.color),
            "text": Look("none"),
            "small": Look("none", ink=style.QUIET),
        }
        self._floor = Tiles(self, sheet, looks, capacity=8, fontsize=11)
        ways = (("workers", blue.color, 5, "-"), ("gpu", orange.color, 4, (0, (3, 1))))
        self._lines = {
            key: self.live(
                sheet.add_collection(LineCollection([], colors=color, linewidths=width, linestyles=dash, zorder=2.5))
            )
            for key, color, width, dash in ways
        }
        self._tiles = Tiles(self, sheet, looks, capacity=24, fontsize=10.5)
        self._numbers = [self.label(sheet, 0, 0, fontsize=10.5, va="center") for _ in NAMES]
        self._labels = [
            self.label(sheet, BAR - 10, 0, fontsize=10.5, va="center", ha="right", color=style.QUIET) for _ in NAMES
        ]
        self._note = self.label(sheet, LEFT, 352, fontsize=10, color=style.QUIET, va="center")
        self._command = self.label(sheet, LEFT, 322, fontsize=11, fontweight="bold", va="center")
        self.label(sheet, BAR - 10, 66, "ms a batch", fontsize=10.5, color=style.QUIET, va="center", ha="right")
        self.guess(0.98, 0.195, "ms", fontweight="bold", ha="right")

    def update(self, result: TrainingStep, step: int | None = None, measured: Sequence[Series] | None = None) -> None:
        """Draw a `TrainingStep`."""
        centre = [LEFT + WIDE / 2, LEFT + WIDE + GAP + WIDE / 2]
        floor, tiles = [], []
        for node in (0, 1):
            x = LEFT + node * (WIDE + GAP)
            floor.append(Tile(x, TOP, WIDE, 222, "socket"))
            tiles.append(Tile(x, TOP + 2, WIDE, 20, "small", f"node {node}"))
            cores = "workers" if node == result.workers else "part"
            tiles.append(Tile(x + 14, TOP + 26, WIDE - 28, 48, cores, "workers" if cores == "workers" else "cores"))
            share = result.shares[node]
            tiles.append(
                Tile(
                    x + 14,
                    TOP + 94,
                    WIDE - 28,
                    48,
                    "pages" if share else "part",
                    {0: "memory", 0.5: "half the batches", 1: "all batches"}[share],
                )
            )
            gpu = node == result.gpu
            tiles.append(Tile(x + 14, TOP + 162, WIDE - 28, 48, "gpu" if gpu else "part", "GPU" if gpu else "PCIe"))
        full = result.link_use > 0.999
        tiles.append(
            Tile(LEFT + WIDE + 4, TOP + 26, GAP - 8, 48, "full" if full else "link", f"{100 * result.link_use:.0f} %")
        )
        tiles.append(Tile(LEFT + WIDE, TOP + 4, GAP, 20, "small", "link"))
        ways = {"workers": [], "gpu": []}
        for node, share in enumerate(result.shares):
            if share:
                ways["workers"].append([(centre[result.workers] - 12, TOP + 74), (centre[node] - 12, TOP + 94)])
                ways["gpu"].append([(centre[node] + 12, TOP + 142), (centre[result.gpu] + 12, TOP + 162)])
        for key, lines in self._lines.items():
            lines.set_segments(ways[key])
        self._floor.set(floor)
        longest = self.roomy(max(result.stages.values()))
        for k, (name, ms) in enumerate(result.stages.items()):
            y = 84 + k * 36
            self._labels[k].set_position((BAR - 10, y + 12))
            self._labels[k].set_text(NAMES[name])
            slowest = name == result.bottleneck
            wide = BAR_WIDE * ms / longest
            if wide >= 1:
                tiles.append(Tile(BAR, y, wide, 24, "full" if slowest else "bar"))
            self._numbers[k].set_position((BAR + wide + 5, y + 12))
            self._numbers[k].set_text(readable(ms))
            self._numbers[k].set_fontweight("bold" if slowest else "normal")
        self._tiles.set(tiles)
        self._command.set_text(result.numactl)
        shown = best(measured)
        pairs = zip(shown[0].x, shown[0].median, shown[1].median) if shown else ()
        costs = [f"{x}: {quantity(ns, 'ns')}, {quantity(rate, 'GB/s')}" for x, ns, rate in pairs]
        self._note.set_text("   ".join([_source(shown[0]), *costs[:3]]) if shown else "")
        if shown:
            self._note.set_color(text_color_of(shown[0]))
        self.title = (
            f"A step takes {quantity(result.step, 'ms')}; the GPU idles {readable(100 * result.gpu_idle)} % of it"
            f" (memory: {' and '.join(readable(ns, 4) for ns in result.latencies)} ns away)"
        )

    def describe(self, result: TrainingStep, step: int | None = None, measured: Sequence[Series] | None = None) -> str:
        """Return bandwidth, step time, the slowest stage, and what was measured."""
        slowest = f"“{NAMES[result.bottleneck]}”, {quantity(result.stages[result.bottleneck], 'ms')} a batch"
        said = (
            f"A worker's core gets {quantity(result.bandwidth, 'GB/s')} from memory; the slowest stage is {slowest}. "
            f"The link is busy {readable(100 * result.link_use)} % of the time."
        )
        for latency, rate in zip(*[iter(measured or ())] * 2):
            said += (
                f" {latency.x[0]}: {quantity(latency.median[0], 'ns')} a read in a random chase, "
                f"{quantity(rate.median[0], 'GB/s')} by triad ({latency.where})."
            )
        return said


def _source(series: Series) -> str:
    return f"recorded {series.date}" if series.origin == "recorded" else series.where
