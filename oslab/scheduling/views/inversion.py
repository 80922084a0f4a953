"""Priority inversion: three protocols, a group of rows each."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.lab import style
from oslab.lab.view import View
from oslab.scheduling.views.strips import Strip, Strips, ticked

__all__ = ["Inversion"]

ORDER = ("H", "M", "L")
GROUP = 3.6


class Inversion(View):
    """Who runs when under each protocol; while a task holds a lock its strip has a frame; H's turnaround beside it."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.25, 0.15, 0.53, 0.71, x="ms", grid="x")
        self.axes.set(yticks=[], ylim=(3 * GROUP - 0.9, -0.7))
        self._strips = Strips(self, self.axes)
        self._held = self.live(
            self.axes.add_collection(PolyCollection([], facecolors="none", edgecolors=style.INK, lw=2, zorder=5))
        )
        self._waits = self.live(
            self.axes.add_collection(
                PolyCollection([], facecolors="#f6d2b8", edgecolors=style.BAD, hatch="////", lw=0.6, zorder=2)
            )
        )
        for g in range(3):
            for k, name in enumerate(ORDER):
                self.word(
                    self.axes,
                    0,
                    g * GROUP + k,
                    name,
                    ha="right",
                    va="center",
                    fontweight="bold",
                    fontsize=10,
                    color=style.ink(k).text,
                    transform=_shifted(self.axes, figure),
                )
        self._labels = [self.word(figure, 0.016, 0, va="center", fontsize=10.5, fontweight="bold") for _ in range(3)]
        self._said = [self.word(figure, 0.795, 0, va="center", fontsize=10) for _ in range(3)]
        self.word(
            figure,
            0.016,
            0.045,
            "framed: holds a lock      striped: waits for one",
            fontsize=10,
            color=style.QUIET,
            va="center",
        )
        self._guess = self.word(figure, 0.985, 0.045, color="#b24e00", fontsize=10, va="center", ha="right")
        self._box = self.axes.get_position()

    def predict(self, answer: Any) -> None:
        """Write down a predicted turnaround of H."""
        self._guess.set_text(
            f"your prediction: {answer:.3g} ms" if isinstance(answer, int | float) else f"your prediction: {answer}"
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw three `LockSchedule`s: none, inheritance, ceiling."""
        end = ticked(max(run.makespan for run in result))
        self.set_limits(self.axes, x=(0, end))
        strips, frames, waits = [], [], []
        span = 3 * GROUP - 0.2
        for g, run in enumerate(result):
            row = {run.names.index(name): g * GROUP + k for k, name in enumerate(ORDER)}
            ink = {run.names.index(name): k for k, name in enumerate(ORDER)}
            for task, _, a, b in zip(*(column.tolist() for column in run.slices)):
                strips.append(Strip(ink[task], a, b, row[task], 0.8))
                for held, _, start, stop in zip(*(column.tolist() for column in run.holds)):
                    if held == task and min(b, stop) > max(a, start):
                        frames.append(_box(max(a, start), min(b, stop), row[task], 0.8))
            for task, _, _, a, b in zip(*(column.tolist() for column in run.blocks)):
                waits.append(_box(a, b, row[task], 0.5))
            h = run.turnaround[run.names.index("H")]
            y = self._box.y1 - (g * GROUP + 1 + 0.7) / span * self._box.height
            self._labels[g].set_text(run.label.replace("Priority ", "").capitalize())
            self._labels[g].set_y(y)
            self._said[g].set_text("deadlock" if run.deadlock else f"H done after {h:.3g} ms")
            self._said[g].set_color(
                "#b24e00" if run.deadlock or h > 1.5 * min(r.turnaround[1] for r in result) else "#00795a"
            )
            self._said[g].set_y(y)
        self._strips.set(strips)
        self._held.set_verts(frames)
        self._waits.set_verts(waits)
        times = [run.turnaround[run.names.index("H")] for run in result]
        said = ["never" if np.isinf(t) else f"{t:.3g} ms" for t in times]
        verb = "is done:" if any(np.isinf(times)) else "needs"
        self.title = f"H {verb} {said[0]} with no protocol, {said[1]} with inheritance, {said[2]} with a ceiling"

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what happens to H under each protocol."""
        none = result[0]
        m = float(none.workload.burst[none.names.index("M")])
        parts = []
        for run in result:
            t = run.turnaround[run.names.index("H")]
            parts.append(
                f"{run.label}: {run.deadlock}" if run.deadlock else f"{run.label}: H {t:.4g} ms, {run.switches} switches"
            )
        return f"H needs 4 ms of CPU; M runs {m:.3g} ms and touches no lock. " + "; ".join(parts) + "."


def _box(a: float, b: float, row: float, high: float) -> list[tuple[float, float]]:
    return [(a, row - high / 2), (b, row - high / 2), (b, row + high / 2), (a, row + high / 2)]


def _shifted(axes: Any, figure: Any) -> Any:
    from matplotlib.transforms import ScaledTranslation

    return axes.get_yaxis_transform() + ScaledTranslation(-0.08, 0, figure.dpi_scale_trans)
