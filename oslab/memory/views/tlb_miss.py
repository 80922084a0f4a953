"""A TLB miss as a map: the stops of one access, lit as the steps go on, beside the short way of a hit."""

from typing import Any

from matplotlib.collections import LineCollection

from oslab.base import plural, quantity
from oslab.memory.memory_access import MemoryAccess
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["MissMap"]

BOX = (84, 46)
PHASES = {1: "look up", 2: "root from CR3", 3: "walk", 4: "store in TLB", 5: "access again"}
AFTER_A_HIT = {5: "access"}


class MissMap(View):
    """Boxes for CPU, TLB, CR3, each table and memory; the way of the access drawn through them."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        axes = self.add_sheet()
        blue = style.ink(0).color
        looks = {
            "now": Look("#cfe3f2", edge=blue, bold=True),
            "been": Look("#e8f1f8", edge="#8fbfe0"),
            "not yet": Look("#f7f8f9", edge="#d5dade", ink=style.QUIET),
            "word": Look("none", ink=style.QUIET),
            "spared": Look("#c7e6da", edge=style.GOOD),
        }
        self._way = self.live(axes.add_collection(LineCollection([], colors=blue, linewidths=2.2, zorder=1)))
        self._tiles = Tiles(self, axes, looks, capacity=24, fontsize=11.5)
        self._small = Tiles(self, axes, looks, capacity=24, fontsize=10)

    @staticmethod
    def _places(result: Any) -> dict[str, tuple[float, float]]:
        """Upper left corners of the boxes."""
        places = {"CPU": (24, 96), "TLB": (168, 96), "memory": (700, 96), "CR3": (24, 214)}
        levels = [s.place for s in result.stops if s.phase == 3]
        for k, level in enumerate(levels):
            places[level] = (168 + k * (126 if len(levels) < 5 else 104), 214)
        return places

    def update(self, result: MemoryAccess, step: int | None = None, measured: Any = None) -> None:
        """Draw a `MemoryAccess` as far as `step`."""
        places, done = self._places(result), result.stops[:step]
        been, now = {"CPU"} | {s.place for s in done}, done[-1].place if done else "CPU"
        reads = {s.place: s.reads for s in done if s.phase in (3, 5)}
        tiles = [
            Tile(x, y, *BOX, "now" if name == now else "been" if name in been else "not yet", name)
            for name, (x, y) in places.items()
        ]
        self._tiles.set(tiles + self._phases(result, done))
        self._small.set(
            [
                Tile(x, y + BOX[1] + 2, BOX[0], 18, "word", f"read {reads[name]}")
                for name, (x, y) in places.items()
                if name in reads
            ]
        )
        stops = ["CPU", *(s.place for s in done)]
        self._way.set_segments([self._leg(places, a, b) for a, b in zip(stops, stops[1:], strict=False) if a != b])
        total = done[-1].reads if done else 0
        self.title = (
            f"{'TLB hit' if result.hit else 'TLB miss'}: {total} of {plural(result.reads, 'memory read')}, "
            f"{quantity(total * result.latency, 'ns')}"
        )

    def _phases(self, result: Any, done: tuple) -> list[Tile]:
        """The five steps in a row, those of a hit spared."""
        now = done[-1].phase if done else 0
        used = {s.phase for s in result.stops}
        tiles = []
        for phase, name in PHASES.items():
            look = "now" if phase == now else "been" if phase in {s.phase for s in done} else "not yet"
            name = AFTER_A_HIT.get(phase, name) if result.hit else name
            text = f"{phase}  {name}" if phase in used else f"{phase}  not needed"
            tiles.append(Tile(24 + (phase - 1) * 156, 316, 146, 34, look if phase in used else "spared", text))
        return tiles

    @staticmethod
    def _leg(places: dict[str, tuple[float, float]], a: str, b: str) -> list[tuple[float, float]]:
        (ax, ay), (bx, by) = places[a], places[b]
        start, end = (ax + BOX[0] / 2, ay + BOX[1] / 2), (bx + BOX[0] / 2, by + BOX[1] / 2)
        if ay == by or ax == bx:
            return [start, end]
        if b == "CR3":
            return [start, (start[0], 188), (end[0], 188), end]
        if b == "TLB":
            return [start, (start[0], 176), (end[0] + 14, 176), (end[0] + 14, end[1])]
        return [start, (end[0], start[1]), end]

    def describe(self, result: MemoryAccess, step: int | None = None, measured: Any = None) -> str:
        """Return what happens at this step and what a hit would have cost."""
        if step == 0:
            return "The CPU has a virtual address and needs the data stored there."
        other = "" if result.hit else f" A hit would need 1 memory read; this access needs {result.reads}."
        return f"Step {step} of {result.steps}: {result.why(step)}{other}"
