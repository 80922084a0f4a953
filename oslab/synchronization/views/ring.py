"""Philosophers and forks as a resource-allocation graph, and what each way out of deadlock costs."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from oslab.lab import style
from oslab.lab.style import grouped
from oslab.lab.tiles import Look, Tile, Tiles
from oslab.lab.view import View
from oslab.synchronization.deadlock import STRATEGIES, allocation_graph, find_deadlock
from oslab.synchronization.views.threads import big

__all__ = ["DinnerTable", "arrows"]

CENTRE, RADIUS = (196, 212), 128


def arrows(ends: list[tuple[Any, Any]], gap: float = 20, head: float = 9) -> tuple[list, list]:
    """Return shafts and heads of arrows between points in pixels, both ends left `gap` pixels short."""
    shafts, heads = [], []
    for a, b in ends:
        a, b = np.asarray(a, float), np.asarray(b, float)
        way = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        a, b, side = a + way * gap, b - way * gap, np.array([-way[1], way[0]])
        shafts.append([a, b - way * head])
        heads.append([b, b - way * head + side * head / 2, b - way * head - side * head / 2])
    return shafts, heads


class ArrowSet:
    """Arrows of one look on a sheet."""

    def __init__(self, view: View, sheet: Any, color: str, width: float, dash: str = "-"):
        self._shafts = view.live(
            sheet.add_collection(LineCollection([], colors=color, linewidths=width, linestyles=dash, zorder=2))
        )
        self._heads = view.live(sheet.add_collection(PolyCollection([], facecolors=color, edgecolors="none", zorder=2)))

    def set(self, ends: list[tuple[Any, Any]]) -> None:
        """Show these arrows, from one point to another."""
        shafts, heads = arrows(ends)
        self._shafts.set_segments(shafts)
        self._heads.set_verts(heads)
        self._heads.set_visible(bool(heads))


class DinnerTable(View):
    """Left: who holds and wants which fork, a cycle in vermilion. Right: meals a second under each strategy."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        self._holds, self._wants = ArrowSet(self, sheet, style.QUIET, 1.8), ArrowSet(self, sheet, style.QUIET, 1.4, ":")
        self._cycle = ArrowSet(self, sheet, style.BAD, 3)
        looks = {"person": Look("#cfe3f2", edge=style.ink(0).color, bold=True),
                 "eats": Look("#c7e6da", edge=style.GOOD, hatch="..", bold=True),
                 "done": Look("#f1f2f4", edge="#c3c9cf", ink=style.QUIET),
                 "stuck": Look("#f6d2b8", edge=style.BAD, hatch="////", bold=True),
                 "fork": Look("#ffffff", edge=style.QUIET), "word": Look("none", ink=style.QUIET)}
        self._tiles = Tiles(self, sheet, looks, capacity=16, fontsize=10)
        self.word(figure, 0.016, 0.86, "fork → philosopher: held;   dotted: wanted", fontsize=10, color=style.QUIET, va="center")
        self.axes = self.add_axes(0.655, 0.15, 0.29, 0.64, x="meals a second")
        self.axes.set(ylim=(4.6, -0.6), yticks=[])
        self._bars = self.live(self.axes.add_collection(PolyCollection([], linewidths=0)))
        self._names = [self.word(self.axes, 0, k, f"{said}  ", ha="right", va="center", fontsize=10.5)
                       for k, said in enumerate(STRATEGIES.values())]
        self._values = [self.word(self.axes, 0, k, "", va="center", fontsize=10) for k in range(5)]
        self.word(figure, 0.655, 0.845, "what each strategy lets through", fontsize=10.5, color=style.QUIET, va="center")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Dinner` as far as `step`."""
        state = result.state(result.steps if step is None else step)
        verdict = result.verdict
        self._draw_ring(result, state)
        self._draw_meals(result)
        bad = sum(t.schedules for t in verdict.deadlocks)
        many = big(verdict.schedules)
        self.title = f"{result.n} philosophers: {big(bad)} of {many} schedules deadlock"
        if not bad:
            self.title = f"{result.n} philosophers: no deadlock in {grouped(verdict.states)} states, {many} schedules"

    def _draw_ring(self, result: Any, state: Any) -> None:
        n, names = result.n, result.run.program.names
        angle = np.pi * (2 * np.arange(2 * n) / (2 * n) - 0.5)
        spots = np.stack([CENTRE[0] + RADIUS * np.cos(angle), CENTRE[1] + RADIUS * np.sin(angle)], axis=1)
        at = {name: spots[2 * k] for k, name in enumerate(names)} | {f"f{k}": spots[2 * k - 1] for k in range(n)}
        holds, wants = allocation_graph(result.run.program, state)
        cycle = find_deadlock(holds, wants)
        ring = list(zip(cycle, (*cycle[1:], *cycle[:1])))
        holds, wants = [e for e in holds if e[0] in at], [e for e in wants if e[1] in at]
        self._holds.set([(at[a], at[b]) for a, b in holds if (b, a) not in ring and (a, b) not in ring])
        self._wants.set([(at[a], at[b]) for a, b in wants if (a, b) not in ring])
        self._cycle.set([(at[a], at[b]) for a, b in ring])
        held = [owner for _, owner in holds]
        tiles = []
        for k, name in enumerate(names):
            copies = "mutual_exclusion" in result.removed[:1] and state.places[k] == 1
            look = "stuck" if name in cycle else "done" if state.status[k] == "done" else \
                "eats" if held.count(name) == 2 or copies else "person"
            tiles.append(Tile(*(at[name] - (18, 15)), 36, 30, look, name))
        if "mutual_exclusion" not in result.removed[:1]:
            tiles += [Tile(*(at[f"f{k}"] - (14, 12)), 28, 24, "fork", f"f{k}") for k in range(n)]
        self._tiles.set(tiles)

    def _draw_meals(self, result: Any) -> None:
        rates = list(result.meals.values())
        self.set_limits(self.axes, x=(0, self.roomy(max(rates) * 1.1)))
        top = self.axes.get_xlim()[1]
        now = result.removed[0] if result.removed else ""
        boxes, fills = [], []
        for k, (key, rate) in enumerate(result.meals.items()):
            boxes.append([(0, k - 0.32), (rate, k - 0.32), (rate, k + 0.32), (0, k + 0.32)])
            fills.append(style.ink(0).color if key == now else "#cfd4d9")
            self._names[k].set_fontweight("bold" if key == now else "normal")
            stop = f", stuck at {result.stopped[key]:.0f} s" if key in result.stopped else ""
            inside = rate > 0.55 * top
            self._values[k].set(text=f"{rate:.2f}{stop}", position=(rate + (-0.02 if inside else 0.02) * top, k))
            self._values[k].set_ha("right" if inside else "left")
            self._values[k].set_color("#ffffff" if inside and key == now else style.INK)
        self._bars.set_verts(boxes)
        self._bars.set_facecolors(fills)

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what the step did, and what the exhaustive run proves."""
        step = result.steps if step is None else step
        off = f"Without {result.removed[0].replace('_', ' ')}" if result.removed else "With all four conditions"
        said = f"Step {step} of {result.steps}, {result.why(step)} " if step else ""
        if result.verdict.deadlocks:
            near = result.verdict.deadlocks[0].run.steps
            return f"{said}{off} a deadlock is {near} steps away: each holds one fork and wants the next."
        return f"{said}{off} all {grouped(result.verdict.states)} reachable states were tried: none is a deadlock."
