"""Philosophers and forks as a resource-allocation graph, beside what two of them do."""

import re
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection
from matplotlib.figure import Figure

from oslab.base import readable
from oslab.picture import Look, Tile, Tiles, View, style
from oslab.synchronization.deadlock import Dinner, allocation_graph, find_deadlock
from oslab.synchronization.views.threads import big, code_looks, code_tiles, tell_thread

__all__ = ["DinnerTable", "arrows"]

CENTRE, RADIUS = (200, 214), 136
PROGRAMS = 424, 618


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

    def set(self, ends: list[tuple[Any, Any]], gap: float = 20) -> None:
        """Show these arrows, from one point to another."""
        shafts, heads = arrows(ends, gap)
        self._shafts.set_segments(shafts)
        self._heads.set_verts(heads)
        self._heads.set_visible(bool(heads))


class DinnerTable(View):
    """Left: who holds and wants which fork, a cycle in vermilion. Right: what the first and the last philosopher do."""

    stepped = True

    def __init__(self, figure: Figure):
        super().__init__(figure)
        sheet, ring = self.add_sheet(), self.add_sheet(CENTRE[0])
        self._plain = ArrowSet(self, ring, style.QUIET, 1.8), ArrowSet(self, ring, style.QUIET, 1.4, ":")
        self._cycle = ArrowSet(self, ring, style.BAD, 3), ArrowSet(self, ring, style.BAD, 3, ":")
        looks = {
            "person": Look("#cfe3f2", edge=style.ink(0).color, bold=True),
            "eats": Look("#c7e6da", edge=style.GOOD, hatch="..", bold=True),
            "done": Look("#f1f2f4", edge="#c3c9cf", ink=style.QUIET),
            "stuck": Look("#f6d2b8", edge=style.BAD, hatch="////", bold=True),
            "fork": Look("#ffffff", edge=style.QUIET),
        }
        self._tiles = Tiles(self, ring, looks, capacity=16, fontsize=10)
        self._code = Tiles(self, sheet, code_looks(), capacity=16, fontsize=11)
        self._heads = [self.label(sheet, x, 78, "", fontsize=11, fontweight="bold", va="center") for x in PROGRAMS]
        x = PROGRAMS[0]
        for k, (arrow, said) in enumerate((("→", "held by"), ("⋯→", "wants"))):
            self.label(sheet, x + 100 * k, 290, f"{arrow}  {said}", fontsize=10, color=style.QUIET, va="center")
        Tiles(self, sheet, looks, capacity=2, fontsize=10).set(
            [Tile(x, 308, 32, 24, "eats"), Tile(x, 338, 32, 24, "stuck")]
        )
        for y, said in ((320, "eats"), (350, "in a ring of waiting: a deadlock")):
            self.label(sheet, x + 44, y, said, fontsize=10, color=style.QUIET, va="center")

    def update(self, result: Dinner, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Dinner` as far as `step`."""
        state = result.state(step)
        verdict, program = result.verdict, result.run.program
        self._draw_ring(result, state)
        tiles = []
        for x, head, t in zip(PROGRAMS, self._heads, (0, result.n - 1)):
            head.set_text(f"philosopher {program.names[t]}")
            tiles += code_tiles(program, state, [t], x, 178, 42)
        self._code.set(tiles)
        bad, many = sum(t.schedules for t in verdict.deadlocks), big(verdict.schedules)
        self.title = f"{result.n} philosophers: {big(bad)} of {many} schedules deadlock"
        if not bad:
            self.title = f"{result.n} philosophers: no deadlock in {readable(verdict.states)} states, {many} schedules"

    def _draw_ring(self, result: Dinner, state: Any) -> None:
        n, names = result.n, result.run.program.names
        angle = np.pi * (2 * np.arange(2 * n) / (2 * n) - 0.5)
        spots = np.stack([CENTRE[0] + RADIUS * np.cos(angle), CENTRE[1] + RADIUS * np.sin(angle)], axis=1)
        at = {name: spots[2 * k] for k, name in enumerate(names)} | {f"f{k}": spots[2 * k - 1] for k in range(n)}
        holds, wants = allocation_graph(result.run.program, state)
        cycle = find_deadlock(holds, wants)
        ring = set(zip(cycle, (*cycle[1:], *cycle[:1])))
        holds, wants = [e for e in holds if e[0] in at], [e for e in wants if e[1] in at]
        gap = 20 if n < 7 else 16
        for edges, plain, loud in zip((holds, wants), self._plain, self._cycle):
            plain.set([(at[a], at[b]) for a, b in edges if (a, b) not in ring], gap)
            loud.set([(at[a], at[b]) for a, b in edges if (a, b) in ring], gap)
        held = [owner for _, owner in holds]
        tiles = []
        for k, name in enumerate(names):
            copies = "mutual_exclusion" in result.removed[:1] and state.places[k] == 1
            look = (
                "stuck"
                if name in cycle
                else "done"
                if state.status[k] == "done"
                else "eats"
                if held.count(name) == 2 or copies
                else "person"
            )
            tiles.append(Tile(*(at[name] - (16, 14)), 32, 28, look, name, key=f"philosopher {name}"))
        if "mutual_exclusion" not in result.removed[:1]:
            tiles += [Tile(*(at[f"f{k}"] - (13, 11)), 26, 22, "fork", f"f{k}", key=f"fork f{k}") for k in range(n)]
        self._tiles.set(tiles)

    def tip(self, key: str) -> str:
        """Return who holds a fork and who wants it; what a philosopher does next."""
        run, step, name = self.result.run, self.step or 0, key.split()[-1]
        if not key.startswith("fork "):
            return tell_thread(run, step, name)
        holds, wants = allocation_graph(run.program, run.state(step))
        held = [who for fork, who in holds if fork == name]
        wanted = [who for who, fork in wants if fork == name]
        said = f"{name} is {f'held by {held[0]}' if held else 'free'}"
        return said + f", and {' and '.join(wanted)} wait{'s' * (len(wanted) == 1)} for it" * bool(wanted) + "."

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """Whoever is next takes its step: the philosopher is clicked, or the fork that its line takes or puts back."""
        run, step, name = self.result.run, self.step or 0, key.split()[-1]
        if at or step >= run.steps:
            return None
        thread = run.moves[step].thread
        line = run.program.lines[thread][run.state(step).places[thread]]
        return self.next_step() if name == run.program.names[thread] or name in re.findall(r"\w+", line) else None

    def describe(self, result: Dinner, step: int | None = None, measured: Any = None) -> str:
        """Return what the step did, and what the exhaustive run proves."""
        off = f"With {result.removed[0].replace('_', ' ')} off" if result.removed else "With all four conditions"
        said = f"Step {step} of {result.steps}, {result.why(step)} " if step else ""
        if result.verdict.deadlocks:
            near = result.verdict.deadlocks[0].run.steps
            return f"{said}{off} a deadlock is {near} steps away: each holds one fork and wants the next."
        return f"{said}{off} all {readable(result.verdict.states)} reachable states were tried: none is a deadlock."
