"""A lock-order graph with its cycles, and the critical sections before and after."""

import math
import textwrap
from string import ascii_uppercase
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oslab.base import plural, readable
from oslab.picture import Look, Tile, Tiles, View, style
from oslab.synchronization.lock_graph import LockOrder
from oslab.synchronization.views.dinner_table import ArrowSet
from oslab.synchronization.views.threads import big

__all__ = ["LockGraph"]

CENTRE, RADIUS, REACH = (200, 214), 122, 36  # px; reach: how far beside a lock an arrow may end


class LockGraph(View):
    """Left: an arrow from each lock held to each lock taken. Right: the sections, those that break the order hatched."""

    drops = True

    def __init__(self, figure: Figure):
        super().__init__(figure)
        sheet, self._ring = self.add_sheet(), self.add_sheet(CENTRE[0])
        self._plain, self._cycle = (ArrowSet(self, self._ring, c, w) for c, w in ((style.QUIET, 1.8), (style.BAD, 3)))
        looks = {"lock": Look("#cfe3f2", edge=style.ink(0).color, bold=True), "word": Look("none", ink=style.QUIET)}
        self._tiles = Tiles(self, self._ring, looks, capacity=24, fontsize=11)
        self._edges = [
            self.label(self._ring, 0, 0, "", fontsize=10, color=style.QUIET, ha="center", va="center")
            for _ in range(24)
        ]
        for x, said in ((436, "thread"), (500, "takes"), (664, "in the global order")):
            self.label(sheet, x, 68, said, fontsize=10.5, color=style.QUIET, va="center")
        self._order = self.label(sheet, 436, 360, "", fontsize=11, fontweight="bold", va="center")
        self._path = [
            self.label(sheet, 436, 0, "", fontsize=10.5, color=c, va="center") for c in ("#b24e00", style.INK)
        ]
        self._threads = [self.label(sheet, 444, 0, "", fontsize=11, fontweight="bold", va="center") for _ in range(8)]
        self._rows = Tiles(self, sheet, capacity=16, fontsize=11)
        self.guess(0.985, 0.045, "cycles", ha="right")

    def update(self, result: LockOrder, step: int | None = None, measured: Any = None) -> None:
        """Draw a `LockOrder`."""
        at = self._places(result)
        ring = {edge for cycle in result.cycles for edge in zip(cycle, (*cycle[1:], cycle[0]))}
        ends = {(a, b): self._aside(at[a], at[b], (b, a) in result.edges) for a, b in result.edges}
        self._plain.set([e for edge, e in ends.items() if edge not in ring])
        self._cycle.set([e for edge, e in ends.items() if edge in ring])
        self._tiles.set(
            [Tile(x - 24, y - 16, 48, 32, "lock", name[:6], key=f"lock {name}") for name, (x, y) in at.items()]
        )
        self.say(self._edges, ())
        for word, (edge, who) in zip(self._edges, result.edges.items()):
            (ax, ay), (bx, by) = ends[edge]
            way = np.array([bx - ax, by - ay]) / max(np.hypot(bx - ax, by - ay), 1e-9)
            word.set(
                text=" ".join(who),
                position=(ax + 0.4 * (bx - ax) + 13 * way[1], ay + 0.4 * (by - ay) - 13 * way[0]),
            )
            word.set_color("#b24e00" if edge in ring else style.QUIET)
        self._sections(result)
        many = len(result.cycles)
        if many:
            first = " → ".join((*result.cycles[0], result.cycles[0][0]))
            self.title = f"{plural(many, 'cycle')}: {first}{', …' * (many > 1)}"
        else:
            self.title = "No cycle: these threads cannot deadlock over these locks"

    @staticmethod
    def _places(result: LockOrder) -> dict[str, tuple[float, float]]:
        """Where each lock stands: on a circle, the first at its top."""
        angle = 2 * np.pi * np.arange(len(result.locks)) / len(result.locks) - np.pi / 2
        x, y = CENTRE[0] + RADIUS * np.cos(angle), CENTRE[1] + RADIUS * np.sin(angle)
        return dict(zip(result.locks, zip(x.tolist(), y.tolist())))

    @staticmethod
    def _aside(a: tuple[float, float], b: tuple[float, float], both: bool) -> tuple[Any, Any]:
        """The ends of an arrow, moved to its left where there is another one back."""
        a, b = np.array(a), np.array(b)
        way = (b - a) / max(float(np.hypot(*(b - a))), 1e-9)
        shift = 7 * np.array([way[1], -way[0]]) if both else 0
        return a + shift + 8 * way, b + shift - 8 * way

    def _sections(self, result: LockOrder) -> None:
        tiles = []
        for k, word in enumerate(self._threads):
            word.set_text(result.sections[k][0][:5] if k < len(result.sections) else "")
            word.set_position((444, 98 + 31 * k))
        for k, ((_, locks), (_, new)) in enumerate(zip(result.sections, result.fixed)):
            broken = k in result.broken
            tiles.append(
                Tile(496, 84 + 31 * k, 152, 27, "bad" if broken else "plain", " ".join(locks), key=f"section {k + 1}")
            )
            tiles.append(Tile(660, 84 + 31 * k, 148, 27, "good" if broken else "plain", " ".join(new)))
        self._rows.set(tiles)
        below = 106 + 31 * len(result.sections)
        self._order.set(text="one order for all: " + " < ".join(result.order), position=(436, below))
        for word, text, k in zip(self._path, self._tell_shortest(result), range(2)):
            word.set(text=text, position=(436, below + 26 + 22 * k))

    @staticmethod
    def _tell_shortest(result: LockOrder) -> tuple[str, str]:
        """A shortest way into the deadlock, as far as it concerns those that are in it, in two lines."""
        if not result.verdict.deadlocks or len(result.sections) > 6:
            return "", ""
        run = result.verdict.deadlocks[0].run
        lines, names, end = run.program.lines, run.program.names, run.end
        said = [
            f"{names[m.thread]} {lines[m.thread][run.state(k).places[m.thread]]}"
            for k, m in enumerate(run.moves)
            if end.status[m.thread] == "blocked"
        ]
        path = textwrap.shorten(", ".join(said), 50, placeholder=" …")
        return "a schedule that deadlocks" + " (without threads that finish)" * ("done" in end.status), path

    def tip(self, key: str) -> str:
        """Return in which order a section takes its locks; who takes what after a lock."""
        kind, _, name = key.partition(" ")
        if kind == "section":
            who, locks = self.result.sections[int(name) - 1]
            return f"{who} takes {', then '.join(locks)}. Click: reverse the order."
        arrows = [f"{b} ({', '.join(who)})" for (a, b), who in self.result.edges.items() if a == name]
        after = f"taken after it: {', '.join(arrows)}" if arrows else "nothing is taken after it"
        return f"{name}; {after}. Drag it to another lock, or click both: a new thread takes them in that order."

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """A section is turned round; a new thread takes two locks: the one dragged to the other, or both clicked in turn."""
        kind, _, name = key.partition(" ")
        sections = [(who, list(locks)) for who, locks in self.result.sections]
        if kind == "section":
            if at:
                return None
            sections[int(name) - 1][1].reverse()
        else:
            before = self.touched.removeprefix("lock ") if self.touched.startswith("lock ") else name
            if at:
                here, places = self.data_at(self._ring, at), self._places(self.result)
                near = {other: math.dist(place, here) for other, place in places.items()}
                before, name = name, min(near, key=near.__getitem__)
                name = name if near[name] <= REACH else before
            if before == name or len(sections) == 8 or (at and (before, name) in self.result.edges):
                return {}
            sections.append((next(c for c in ascii_uppercase if c not in dict(sections)), [before, name]))
        return {"sections": ", ".join(f"{who}: {' '.join(locks)}" for who, locks in sections)}

    def describe(self, result: LockOrder, step: int | None = None, measured: Any = None) -> str:
        """Return the order that removes the cycles, and what running the threads in every way says."""
        first = self.touched.removeprefix("lock ") if self.touched.startswith("lock ") else ""
        verdict, changes = result.verdict, len(result.broken)
        if verdict.deadlocks:
            bad = sum(t.schedules for t in verdict.deadlocks)
            said = f"Of all {big(verdict.schedules)} schedules, {big(bad)} deadlock."
        elif verdict.complete:
            said = f"No schedule of these threads deadlocks ({readable(verdict.states)} states, all tried)."
        else:
            said = f"Not finished: {readable(verdict.states)} states seen, nothing is proved."
        if result.cycles and not verdict.deadlocks and verdict.complete:
            said += " The cycle cannot deadlock: one thread makes all of it, or another lock keeps its threads apart."
        if changes:
            said += (
                f" The order {' < '.join(result.order)} removes every cycle by changing {plural(changes, 'section')}."
            )
        return said + f" Now click the lock that a new thread takes after {first}." * bool(first)
