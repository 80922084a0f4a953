"""Counters of one process over time, six small pictures of one time axis."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from oslab.ai.counters import PANELS, Expected, Watched
from oslab.base import quantity, readable
from oslab.picture import View, style

__all__ = ["Counters"]

# Title, unit, and the counters drawn (two at most, solid and dashed).
_PLACES = (
    ("memory", "MiB", ("resident",)),
    ("page faults", "1000 / s", ("minor_faults",)),
    ("data written", "MiB / s", ("written_characters",)),
    ("switches", "1000 / s", ("voluntary_switches", "involuntary_switches")),
    ("of each second", "s", ("run_time", "wait_time")),
    ("pressure (machine)", "s / s", ("cpu_pressure", "io_pressure")),
)
_SHORT = {
    "voluntary_switches": "voluntary",
    "involuntary_switches": "involuntary",
    "run_time": "on a CPU",
    "wait_time": "ready, no CPU free",
    "cpu_pressure": "CPU",
    "io_pressure": "I/O",
}
_FLOOR = {"MiB": 16.0, "1000 / s": 1.0, "MiB / s": 1.0, "s": 1.05, "s / s": 1.05}


class Counters(View):
    """Lines of what was watched; the counter that gives the helper away has a bold title."""

    size = (8.2, 4.0)

    def __init__(self, figure: Any):
        super().__init__(figure)
        self._axes, self._lines, self._heads, self._keys = [], {}, [], {}
        for k, (_, unit, names) in enumerate(_PLACES):
            left, bottom = 0.075 + 0.325 * (k % 3), (0.545, 0.135)[k // 3]
            axes = self.add_axes(left, bottom, 0.26, 0.27, x="seconds" if k > 2 else "", grid="y")
            axes.set(xlim=(0, 4), ylim=(0, _FLOOR[unit]))
            axes.locator_params(axis="y", nbins=3)
            axes.locator_params(axis="x", nbins=5, integer=True)
            self._axes.append(axes)
            self._heads.append(self.label(figure, left, bottom + 0.30, fontsize=11, va="baseline"))
            for j, name in enumerate(names):
                ink = style.ink((0, 5)[j])
                self._lines[name] = self.live(
                    axes.plot([], [], color=ink.color, ls=ink.dash, marker=ink.marker, ms=3.5)[0]
                )
                if len(names) > 1:
                    self._keys[name] = self.label(
                        axes,
                        0.98,
                        0.90 - 0.2 * j,
                        f"{'— ' if j == 0 else '- - '}{_SHORT[name]}",
                        transform=axes.transAxes,
                        ha="right",
                        fontsize=10,
                        va="center",
                    )

    def update(self, result: Expected, step: int | None = None, measured: Mapping[str, Watched] | None = None) -> None:
        """Draw what is known of the subject of an `Expected`."""
        watched = (measured or {}).get(result.subject)
        for k, (title, unit, names) in enumerate(_PLACES):
            top = _FLOOR[unit]
            for name in names:
                time, values = (watched.time, watched.values[name]) if watched else (np.zeros(0), np.zeros(0))
                if unit == "1000 / s" and PANELS[name][1] == "1 / s":
                    values = values / 1000
                self._lines[name].set_data(time, values)
                ink = style.ink((0, 5)[names.index(name)])
                grey = watched is not None and watched.where.startswith("recorded")
                self._lines[name].set_color((style.RECORDED, style.QUIET)[names.index(name)] if grey else ink.color)
                if name in self._keys:
                    self._keys[name].set_color(style.QUIET if grey else ink.text)
                if np.isfinite(values).any():
                    top = max(top, float(np.nanmax(values)))
            if unit.startswith("s"):
                limit = 2.0 if top <= 1.05 else float(np.ceil(top + 0.5))
            else:
                limit = self.roomy(top * (1.05 if len(names) == 1 else 1.6))  # room for the keys
            self.set_limits(
                self._axes[k], x=(0, float(watched.time[-1]) if watched else float(result.seconds)), y=(0, limit)
            )
            mine = result.sign in names
            for name in names:  # the panel that matters stands out, the others step back
                self._lines[name].set(lw=2.4 if mine else 1.2, alpha=1 if mine or not result.sign else 0.55)
            self._heads[k].set_color(style.INK if mine or not result.sign else style.QUIET)
            self._heads[k].set_text(f"{title}, {unit}" + (" ←" if mine else ""))
            self._heads[k].set_fontweight("bold" if mine else "normal")
        who = watched.who if watched else result.who
        self.title = who[0].upper() + who[1:] + (f" ({_where(watched)})" if watched else ": press measure here")

    def describe(self, result: Expected, step: int | None = None, measured: Mapping[str, Watched] | None = None) -> str:
        """Return the sign to look for, and what it came to."""
        watched, reason = (measured or {}).get(result.subject), f"{result.reason} " if result.reason else ""
        if watched is None:
            return f"{reason}Nothing was watched yet of {result.who}: press measure here ({result.seconds} s)."
        told = ""
        if result.sign not in ("", "run_time"):
            label, unit, _, _ = PANELS[result.sign]
            scale, unit = {"1000 / s": (1000, "a second")}.get(unit, (1, unit))
            told = f"Median of “{label}”: {quantity(scale * watched.typical(result.sign), unit)}. "
        busy, ready = (readable(watched.typical(name)) for name in ("run_time", "wait_time"))
        who = "it" if reason else watched.who
        return (
            f"{reason}{told}Of each second {who} spent {busy} s on a CPU and {ready} s ready without one ({watched.where}). "
            f"A run here takes {result.seconds} s."
        )


def _where(watched: Watched) -> str:
    return "recorded" if watched.where.startswith("recorded") else watched.where
