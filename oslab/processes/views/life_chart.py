"""The state chart with its counts, beside the time that each process spent in each state."""

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from oslab.base import plural, readable
from oslab.picture import Look, Tile, Tiles, View, style
from oslab.processes.lifecycle import Life
from oslab.processes.views.rectangles import Rectangles

__all__ = ["LifeChart"]

INKS = {"new": 3, "ready": 1, "running": 2, "waiting": 0, "zombie": 5}
PLACES = {
    "new": (14, 62),
    "ready": (14, 142),
    "running": (206, 142),
    "waiting": (110, 234),
    "zombie": (206, 62),
    "terminated": (206, 316),
}
WIDE, HIGH = 116, 44
WAYS = {
    ("new", "ready"): ((72, 106), (72, 142)),
    ("ready", "running"): ((130, 156), (206, 156)),
    ("running", "ready"): ((206, 174), (130, 174)),
    ("running", "waiting"): ((276, 186), (196, 234)),
    ("waiting", "ready"): ((140, 234), (60, 186)),
    ("running", "zombie"): ((264, 142), (264, 106)),
    ("zombie", "terminated"): ((330, 84), (330, 338)),
}


class LifeChart(View):
    """Left: who is where now; the way just taken is bold.  Right: a row a process."""

    stepped = True

    def __init__(self, figure: Figure):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = {"terminated": Look("#f7f8f9", edge=style.QUIET), "label": Look("none")}
        looks |= {state: Look("#ffffff", edge=style.ink(k).color) for state, k in INKS.items()}
        looks |= {
            f"mark of {state}": Look(style.ink(k).color + "66", edge=style.ink(k).color, hatch=style.ink(k).hatch)
            for state, k in INKS.items()
        }
        self._lines = self.live(sheet.add_collection(LineCollection([], zorder=1, capstyle="butt")))
        self._heads = self.live(sheet.add_collection(PolyCollection([])))
        self._tiles = Tiles(self, sheet, looks, capacity=8, fontsize=10.5)
        self.axes = self.add_axes(0.455, 0.15, 0.525, 0.72, x="time, ms")
        self.axes.set(yticks=[])
        self._bars = {
            state: Rectangles(self, self.axes, style.ink(k).color + "66", style.ink(k).color, style.ink(k).hatch)
            for state, k in INKS.items()
        }
        self._now = self.live(self.axes.plot([], [], color=style.INK, lw=1.4)[0])
        self._names = self.column(self.axes, 0.447, 8, ha="right", fontsize=10.5)

    @staticmethod
    def _way(way: tuple[str, str]) -> list[tuple[float, float]]:
        if way == ("zombie", "terminated"):
            return [(322, 84), (338, 84), (338, 338), (322, 338)]
        return list(WAYS[way])

    @staticmethod
    def _head(way: tuple[str, str], long: float) -> np.ndarray:
        tail, tip = (np.array(p, float) for p in LifeChart._way(way)[-2:])
        along = (tip - tail) / np.hypot(*(tip - tail))
        side = np.array([-along[1], along[0]])
        return np.array([tip, tip - long * along + long / 2 * side, tip - long * along - long / 2 * side])

    def update(self, result: Life, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Life` after `step` events."""
        counts, now, event = result.counts(step), result.time(step), result.events[step - 1] if step else None
        tiles = [Tile(x, y, WIDE, HIGH, state) for state, (x, y) in PLACES.items()]
        tiles += [
            Tile(x + 19 * (s in INKS), y, WIDE - 19 * (s in INKS), HIGH, "label", f"{s}: {counts[s]}")
            for s, (x, y) in PLACES.items()
        ]
        self._tiles.set(
            tiles + [Tile(x + 6, y + 7, 11, 30, f"mark of {s}") for s, (x, y) in PLACES.items() if s in INKS]
        )
        taken = [event is not None and (event.before, event.after) == way for way in WAYS]
        colors, longs = zip(*((style.INK, 15) if t else (style.QUIET, 9) for t in taken))
        ways = [self._way(way) for way in WAYS]
        backs = [np.mean(self._head(way, long)[1:], axis=0) for way, long in zip(WAYS, longs)]
        self._lines.set_segments([[*way[:-1], back] for way, back in zip(ways, backs)])
        self._lines.set_linewidths([3.4 if t else 1.4 for t in taken])
        self._lines.set_colors(colors)
        self._heads.set_verts([self._head(way, long) for way, long in zip(WAYS, longs)])
        self._heads.set_facecolors(colors)
        n, end = len(result.names), self.roomy(result.end / 10) * 10
        self.set_limits(self.axes, x=(0, end), y=(n - 0.4, -0.6))
        until = [(p, s, a, min(b, now)) for p, s, a, b in result.stretches if a < now]
        for state, bars in self._bars.items():
            bars.set([(a, b, p - 0.34, p + 0.34) for p, s, a, b in until if s == state])
        self._now.set_data([now, now], [-0.6, n - 0.4])
        self.say(self._names, result.names)
        zombies = f", {plural(counts['zombie'], 'zombie')}" if counts["zombie"] else ""
        now_counts = ", ".join(f"{counts[state]} {state}" for state in ("running", "ready", "waiting"))
        self.title = f"At {readable(now, 4)} ms: {now_counts}{zombies}"

    def describe(self, result: Life, step: int | None = None, measured: Any = None) -> str:
        """Return what the last event was, and why."""
        return result.why(step) if step else "No process has been forked yet."
