"""Shares of groups as bars, and memory that grows against its limits."""

from typing import Any

import numpy as np

from oslab.ai.control_groups import Division, Share
from oslab.ai.memory_growth import MemoryGrowth
from oslab.base import plural, quantity, readable
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["GroupShares", "MemoryLimits"]


class GroupShares(View):
    """What each team wants (outline) and gets (filled), and the machine cut into their shares."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = {
            "wants": Look("none", edge=style.QUIET, dash="--"),
            "idle": Look("#ffffff", edge="#d5dade", ink=style.QUIET),
            "name": Look("none"),
            **{
                f"team{k}": Look(fill, edge=style.ink(k).color, hatch=style.ink(k).hatch, bold=True)
                for k, fill in enumerate(("#cfe3f2", "#fbe9c8"))
            },
        }
        self._tiles = Tiles(self, sheet, looks, capacity=12, fontsize=12)
        self._words = [
            self.label(sheet, 806, 0, fontsize=11, ha="right", va="center", color=style.QUIET) for _ in range(3)
        ]

    def update(self, result: Division, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Division` among two groups."""
        unit = 470 / self.roomy(max(result.cpus, *(s.wants for s in result.shares)))
        tiles, at = [], 96.0
        for k, share in enumerate(result.shares):
            y = 72 + k * 78
            name = _name(share)
            tiles.append(Tile(8, y, 84, 48, "name", name))
            tiles.append(Tile(96, y, max(share.gets * unit, 2), 48, f"team{k}"))
            tiles.append(Tile(96, y, max(share.wants * unit, 2), 48, "wants"))
            self._words[k].set_position((806, y + 24))
            self._words[k].set_text(
                f"wants {readable(share.wants)}, gets {plural(share.gets, 'CPU')}:\nbound by {share.bound}"
            )
            wide = share.gets * unit
            tiles.append(Tile(at, 258, max(wide, 2), 56, f"team{k}", name if wide > 70 else ""))
            at += wide
        if result.idle > 1e-9:
            tiles.append(Tile(at, 258, result.idle * unit, 56, "idle", "idle" if result.idle * unit > 40 else ""))
        tiles.append(Tile(8, 258, 84, 56, "name", "machine"))
        self._tiles.set(tiles)
        self._words[2].set_position((806, 340))
        self._words[2].set_text(f"{plural(result.cpus, 'CPU')}, {readable(result.idle)} idle; dashed: wanted")
        a, b = result.shares[:2]
        self.title = f"Team a gets {plural(a.gets, 'CPU')}, team b {readable(b.gets)}, {readable(result.idle)} idle"

    def describe(self, result: Division, step: int | None = None, measured: Any = None) -> str:
        """Return what each team wants, gets, and is bound by."""
        return " ".join(
            f"{_name(s).capitalize()} wants {plural(s.wants, 'CPU')} and gets {readable(s.gets)}, bound by {s.bound}."
            for s in result.shares
        )


def _name(share: Share) -> str:
    return share.path[1:].replace("_", " ")


class MemoryLimits(View):
    """Own memory and page cache over time, stacked, with the two limits; below, the share of time asleep."""

    side = 689

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.105, 0.37, 0.735, 0.45, y="MiB", grid="y")
        self.brake = self.add_axes(0.105, 0.145, 0.735, 0.155, x="seconds", y="asleep")
        self.axes.set(xlim=(0, 20), ylim=(0, 2048))
        self.axes.set_xticklabels([])
        self.brake.set(xlim=(0, 20), ylim=(0, 1.05), yticks=[0, 1])
        self.brake.set_yticklabels(["0", "100 %"])
        own, cache = style.ink(0), style.ink(2)
        self._own = self.live(self.axes.fill_between([0, 1], 0, 0, facecolor="#b7d3e8", edgecolor=own.color))
        self._cache = self.live(
            self.axes.fill_between([0, 1], 0, 0, facecolor="#dcefe9", edgecolor=cache.color, hatch="..")
        )
        self._asleep = self.live(
            self.brake.fill_between([0, 1], 0, 0, facecolor="#f9e3d4", edgecolor=style.BAD, hatch="////")
        )
        self._limits = {
            name: self.live(self.axes.axhline(0, color=ink.color, ls=ink.dash, lw=2))
            for name, ink in (("high", style.ink(1)), ("max", style.ink(5)))
        }
        self._names = {
            name: self.label(self.axes, 20.2, 0, fontsize=10.5, fontweight="bold", va="center", color=ink.text)
            for name, ink in (("high", style.ink(1)), ("max", style.ink(5)))
        }
        self._kill = self.live(self.axes.plot([], [], "X", ms=15, color=style.BAD, mec="white", zorder=6)[0])
        for x, text, color in (
            (0.107, "■ the program's own memory", own.text),
            (0.435, "▨ page cache", cache.text),
            (0.60, "▨ asleep", style.INKS[5].text),
        ):
            self.label(figure, x, 0.865, text, fontsize=10.5, va="center", color=color)

    def update(self, result: MemoryGrowth, step: int | None = None, measured: Any = None) -> None:
        """Draw a `MemoryGrowth`."""
        shown = slice(None, None, 2)
        time, own = result.time[shown], result.anonymous[shown]
        total = own + result.cache[shown]
        peak = max(total.max(), *(limit for limit in (result.high, result.max) if np.isfinite(limit)), 1000)
        self.set_limits(self.axes, y=(0, 1.375 * self.roomy(peak * 1.1 / 1.375)))
        for artist, low, high in (
            (self._own, np.zeros_like(own), own),
            (self._cache, own, total),
            (self._asleep, np.zeros_like(own), result.braked[shown]),
        ):
            artist.set_verts([np.concatenate([np.stack([time, high], 1), np.stack([time, low], 1)[::-1]])])
        for name, limit in (("high", result.high), ("max", result.max)):
            there = np.isfinite(limit)
            self._limits[name].set_ydata([limit if there else -100] * 2)
            self._names[name].set_text(f"memory.{name}" if there else "")
            self._names[name].set_y(limit if there else 0)
        apart = self.axes.get_ylim()[1] / 11
        if np.isfinite(result.high) and np.isfinite(result.max) and abs(result.high - result.max) < apart:
            self._names["high"].set_y(result.max + (apart if result.high > result.max else -apart))
        killed = np.isfinite(result.killed)
        self._kill.set_data([result.killed] if killed else [], [result.max] if killed else [])
        if killed:
            self.title = f"Killed after {quantity(result.killed, 's')}: {quantity(result.max, 'MiB')} and nothing left to reclaim"
        elif (result.braked > 0).any():
            has = f"{quantity(result.anonymous[-1], 'MiB')} after {quantity(result.time[-1], 's')}"
            self.title = f"Slowed down after {quantity(result.first_braked, 's')}, not killed: {has}"
        else:
            self.title = "Neither slowed down nor killed"

    def describe(self, result: MemoryGrowth, step: int | None = None, measured: Any = None) -> str:
        """Return what each limit did."""
        own, files, back = (
            quantity(round(size), "MiB") for size in (result.anonymous.max(), result.cache.max(), result.reclaimed)
        )
        said = f"The program's own memory reached {own}, its page cache {files}; the limits reclaimed {back}."
        if (result.braked > 0).any():
            begun, asleep = quantity(result.first_braked, "s"), readable(100 * result.asleep)
            said += f" From {begun} on memory.high makes allocations sleep, {asleep} % of the last second."
        return said + (" memory.max killed the program, inside its group." if np.isfinite(result.killed) else "")
