"""CFS from inside: every task's vruntime over time, and the red-black tree at an instant."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from oslab.lab import style
from oslab.lab.view import View
from oslab.scheduling.trees import tree_at
from oslab.scheduling.views.strips import ticked

__all__ = ["InsideCFS"]

MOST, AROUND = 7, np.linspace(0, 2 * np.pi, 25)[:-1]


class InsideCFS(View):
    """Vruntime curves as far as the step, the tree then with its leftmost marked, and the shares of the CPU so far."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.085, 0.17, 0.40, 0.68, x="time, ms", y="vruntime, ms", grid="both")
        self._now = self.live(self.axes.axvline(0, color=style.QUIET, lw=1.2, ls=":"))
        self._pale = [self.live(self.axes.plot([], [], color="#d5dade", lw=1, zorder=2)[0]) for _ in range(MOST)]
        self._lines = [
            self.live(self.axes.plot([], [], color=style.ink(k).color, ls=style.ink(k).dash, lw=2, zorder=3)[0])
            for k in range(MOST)
        ]
        self._ends = [
            self.live(self.axes.plot([], [], style.ink(k).marker, color=style.ink(k).color, ms=7, mec="white", zorder=4)[0])
            for k in range(MOST)
        ]
        self._tree = self.add_axes(0.525, 0.37, 0.46, 0.48)
        self._tree.set(xticks=[], yticks=[], xlim=(-0.6, 6.6), ylim=(4.0, -0.5))
        for side in ("bottom", "left"):
            self._tree.spines[side].set_visible(False)
        self._edges = self.live(self._tree.add_collection(LineCollection([], colors=style.QUIET, lw=1.4, zorder=1)))
        self._nodes = {
            red: self.live(
                self._tree.add_collection(
                    PolyCollection(
                        [],
                        facecolors="#f6d2b8" if red else "#33393f",
                        edgecolors=style.BAD if red else style.INK,
                        linewidths=2,
                        zorder=2,
                        hatch=None,
                    )
                )
            )
            for red in (True, False)
        }
        self._ring = self.live(
            self._tree.add_collection(PolyCollection([], facecolors="none", edgecolors=style.GOOD, lw=2.6, zorder=3))
        )
        self._letters = [
            self.word(self._tree, 0, 0, ha="center", va="center", fontweight="bold", fontsize=10.5) for _ in range(MOST)
        ]
        self._keys = [
            self.word(self._tree, 0, 0, ha="center", va="center", fontsize=9, color=style.QUIET) for _ in range(MOST)
        ]
        self._left = self.word(
            self._tree, 0, 0, "leftmost", ha="center", va="center", fontsize=9.5, color="#00795a", fontweight="bold"
        )
        self._runs = self.word(figure, 0.525, 0.865, fontsize=10.5, va="center")
        self.word(figure, 0.525, 0.335, "share of the CPU, while all compute", fontsize=10, color=style.QUIET, va="center")
        self._shares = [
            self.word(figure, 0.525 + 0.115 * (k % 4), 0.265 - 0.065 * (k // 4), fontsize=10, va="center")
            for k in range(MOST)
        ]
        self.word(figure, 0.525, 0.115, "due by the weight table", fontsize=10, color=style.QUIET, va="center")
        self._due = self.word(figure, 0.525, 0.05, fontsize=10, va="center")
        self._guess = self.word(figure, 0.016, 0.03, color="#b24e00", fontsize=10, va="center")

    def predict(self, answer: Any) -> None:
        """Write down what was predicted."""
        self._guess.set_text(
            f"your prediction: {answer:.3g}" if isinstance(answer, int | float) else f"your prediction: {answer}"
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Followed` CFS schedule at decision `step`."""
        step, schedule = result.steps if step is None else step, result.schedule
        n = len(schedule.names)
        here = min(step, result.steps) - 1
        self.set_limits(self.axes, x=(0, ticked(schedule.makespan)), y=(0, ticked(float(np.nanmax(result.values)) * 1.02)))
        for k in range(MOST):
            known = k < n
            values = result.values[:, k] if known else np.array([])
            self._pale[k].set_data(result.time if known else [], values)
            self._lines[k].set_data(result.time[: here + 1] if known else [], values[: max(here + 1, 0)])
            self._ends[k].set_data(*([result.time[here]], [values[here]]) if known and here >= 0 else ([], []))
        now = float(result.time[here]) if here >= 0 else 0.0
        self._now.set_xdata([now, now])
        self._draw_tree(schedule, step)
        shares, weight = result.shares(step, together=True), schedule.workload.weight
        for k, word in enumerate(self._shares):
            word.set_visible(k < n)
            if k < n:
                word.set_text(f"{schedule.names[k]} {100 * shares[k]:.1f} %")
                word.set_color(style.ink(k).text)
        due = 100 * weight / weight.sum()
        self._due.set_text("   ".join(f"{name} {d:.1f}" for name, d in zip(schedule.names, due)) + " %")
        spread = result.values[here][~np.isnan(result.values[here])] if here >= 0 else np.array([0.0])
        self.title = (
            f"at {now:.4g} ms the vruntimes lie within {np.ptp(spread):.3g} ms" if len(spread) else f"at {now:.4g} ms"
        )

    def _draw_tree(self, schedule: Any, step: int) -> None:
        tree = tree_at(schedule, step)
        count = len(tree.task)
        gap = 7.0 / max(count, 3)
        places = [((k + 0.5) * gap - 0.5, float(d)) for k, d in enumerate(tree.depth)]
        sx, sy = 0.30, 0.36
        outline = {red: [] for red in (True, False)}
        for (x, y), red in zip(places, tree.red.tolist()):
            outline[red].append(np.stack([x + sx * np.cos(AROUND), y + sy * np.sin(AROUND)], axis=1))
        for red, nodes in self._nodes.items():
            nodes.set_verts(outline[red])
        self._edges.set_segments([[places[k], places[int(up)]] for k, up in enumerate(tree.parent) if up >= 0])
        self._ring.set_verts(
            [np.stack([places[0][0] + 1.28 * sx * np.cos(AROUND), places[0][1] + 1.28 * sy * np.sin(AROUND)], axis=1)]
            if count
            else []
        )
        for k, (letter, key) in enumerate(zip(self._letters, self._keys)):
            letter.set_visible(k < count)
            key.set_visible(k < count)
            if k < count:
                letter.set_position(places[k])
                letter.set_text(tree.names[tree.task[k]][:2])
                letter.set_color(style.INK if tree.red[k] else "white")
                key.set_position((places[k][0], places[k][1] + 0.68))
                key.set_text(f"{tree.key[k]:.4g}" + (" red" if tree.red[k] else ""))
        self._left.set_visible(count > 0)
        if count:
            self._left.set_position((places[0][0], places[0][1] + 1.02))
        runs = tree.names[tree.running] if tree.running >= 0 else "nobody"
        self._runs.set_text(f"the tree, by vruntime, ms; {runs} runs, outside it")

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the decision's reason, and the rotations since the one before."""
        step = result.steps if step is None else step
        if step == 0:
            return "Before the first decision: the tree is empty."
        turned = len(tree_at(result.schedule, step).rotations)
        said = f" The tree took {turned} rotation{'s' * (turned != 1)} for it." if turned else ""
        return f"Decision {step} of {result.steps}. {result.why(step)}{said}"
