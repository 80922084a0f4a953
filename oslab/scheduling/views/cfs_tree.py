"""CFS from inside: how far every task's vruntime is above the least, over time, and the red-black tree at an instant."""

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from oslab.base import plural, readable
from oslab.picture import View, style
from oslab.scheduling import PolicyHistory, Tree, tree_at
from oslab.scheduling.views.strips import round_up
from oslab.scheduling.workload import say_ms

__all__ = ["InsideCFS"]

MOST, AROUND = 7, np.linspace(0, 2 * np.pi, 25)[:-1]
NODE = np.stack([0.27 * np.cos(AROUND), 0.36 * np.sin(AROUND)], axis=1)  # a circle, on a figure of the designed width
LEFT, FIRST, APART = 0.525, 0.625, 0.054
SCROLL = 20  # ms: three of them are in sight while it is stepped, all of it in the end


class InsideCFS(View):
    """Vruntimes above the least as far as the step, the tree then with its leftmost marked, and the shares of the CPU so far."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(
            0.085, 0.17, 0.40, 0.68, x="time, ms", y="vruntime above the smallest, ms", grid="both"
        )
        self._now = self.live(self.axes.axvline(0, color=style.QUIET, lw=1.2, ls=":"))
        inks = [style.ink(k) for k in range(MOST)]
        self._pale = [self.live(self.axes.plot([], [], color="#d5dade", lw=1, zorder=2)[0]) for _ in inks]
        self._lines = [
            self.live(self.axes.plot([], [], color=ink.color, ls=ink.dash, lw=2, zorder=3)[0]) for ink in inks
        ]
        self._ends = [
            self.live(self.axes.plot([], [], ink.marker, color=ink.color, ms=7, mec="white", zorder=4)[0])
            for ink in inks
        ]
        self._tree = self.add_axes(
            LEFT, 0.37, 0.46, 0.48, frameon=False, xticks=[], yticks=[], xlim=(-0.6, 6.6), ylim=(4.0, -0.7)
        )
        self._edges = self.live(self._tree.add_collection(LineCollection([], colors=style.QUIET, lw=1.4, zorder=1)))
        self._red, self._black, self._ring = (
            self.live(
                self._tree.add_collection(PolyCollection([], facecolors=fill, edgecolors=edge, lw=width, zorder=2))
            )
            for fill, edge, width in (("#f6d2b8", style.BAD, 2), ("#33393f", style.INK, 2), ("none", style.GOOD, 2.6))
        )
        middle = {"ha": "center", "va": "center"}
        self._letters = [self.label(self._tree, 0, 0, fontweight="bold", fontsize=10.5, **middle) for _ in inks]
        self._keys = [self.label(self._tree, 0, 0, fontsize=9, color=style.QUIET, **middle) for _ in inks]
        self._left = self.label(self._tree, 0, 0, fontsize=9.5, color="#00795a", fontweight="bold", **middle)
        self._runs = self.label(figure, LEFT, 0.865, fontsize=10.5, va="center")
        for y, text in ((0.335, "share of the CPU while all compute, %"), (0.195, "had"), (0.13, "due")):
            self.label(figure, LEFT, y, text, fontsize=10, color=style.QUIET, va="center")
        self._names, self._had, self._due = (
            [
                self.label(
                    figure,
                    FIRST + APART * k,
                    y,
                    fontsize=10,
                    va="center",
                    ha="right",
                    fontweight=weight,
                    color=ink.text,
                )
                for k, ink in enumerate(inks)
            ]
            for y, weight in ((0.265, "bold"), (0.195, "normal"), (0.13, "normal"))
        )
        self.guess(0.016, 0.03, "%", fontsize=10)

    def update(self, result: PolicyHistory, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Followed` CFS schedule at decision `step`."""
        schedule = result.schedule
        names, n, here = schedule.names, len(schedule.names), step - 1
        above = result.values - np.fmin.reduce(result.values, axis=1)[:, None]
        now, whole = float(result.time[here]) if step else 0.0, round_up(schedule.makespan)
        low = SCROLL * max(0, int(now / SCROLL) - 1)
        first = int(np.searchsorted(result.time, low)) if step < result.steps else 0  # dashes begin in sight
        self.set_limits(
            self.axes,
            x=(low, low + 3 * SCROLL) if step < result.steps else (0, whole),
            y=(0, self.roomy(float(np.nanmax(above)) * 1.02)),
        )
        for k, (pale, line, end) in enumerate(zip(self._pale, self._lines, self._ends)):
            time, values = (result.time, above[:, k]) if k < n else ([], [])
            pale.set_data(time, values)
            line.set_data(time[first:step], values[first:step])
            end.set_data(time[here:step], values[here:step]) if step else end.set_data([], [])
        self._now.set_xdata([now, now])
        self._draw_tree(tree_at(schedule, step))
        weight = schedule.workload.weight
        for words, shares in ((self._had, result.shares(step, together=True)), (self._due, weight / weight.sum())):
            self.say(words, [f"{100 * share:.1f}" for share in shares])
        self.say(self._names, names)
        there = {name: v for name, v in zip(names, result.values[here]) if v == v} if step else {}
        found = (
            f"the vruntimes differ by at most {readable(np.ptp(list(there.values())))} ms"
            if len(there) > 1
            else f"only {next(iter(there))} is left"
            if there
            else "no task has run yet"
        )
        self.title = f"At {say_ms(now)} ms {found}"

    def _draw_tree(self, tree: Tree) -> None:
        count = len(tree.task)
        gap, node = 7.0 / max(count, 3), NODE / (self.stretch(), 1)
        places = [((k + 0.5) * gap - 0.5, float(d)) for k, d in enumerate(tree.depth)]
        for red, nodes in enumerate((self._black, self._red)):
            nodes.set_verts([node + place for place, is_red in zip(places, tree.red) if is_red == red])
        self._edges.set_segments([[places[k], places[int(up)]] for k, up in enumerate(tree.parent) if up >= 0])
        self._ring.set_verts([1.28 * node + place for place in places[:1]])
        self.say(
            self._letters,
            [tree.names[task][:2] for task in tree.task],
            [style.INK if red else "white" for red in tree.red],
        )
        self.say(self._keys, [readable(key, 4) + " red" * int(red) for key, red in zip(tree.key, tree.red)])
        for letter, key, (x, y) in zip(self._letters, self._keys, places):
            letter.set_position((x, y))
            key.set_position((x, y + 0.68))
        self._left.set_text("leftmost" * (count > 0))
        self._left.set_position((places[0][0], places[0][1] + 1.02) if count else (0, 0))
        runs = tree.names[tree.running] if tree.running >= 0 else "no task"
        self._runs.set_text(
            f"the tree, by vruntime in ms; {runs} runs and is not in it" if count else f"{runs} runs; the tree is empty"
        )

    def describe(self, result: PolicyHistory, step: int | None = None, measured: Any = None) -> str:
        """Return the decision's reason, and the rotations since the one before."""
        if step == 0:
            return "Before the first decision: the tree is empty."
        turned = len(tree_at(result.schedule, step).rotations)
        said = f" The tree needed {plural(turned, 'rotation')}." if turned else ""
        return f"Decision {step} of {result.steps}. {result.why(step)}{said}"
