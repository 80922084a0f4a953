"""A group under a quota: each CPU a row, runs and stalls, the pool below, and a real run beside the model."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import LineCollection, PolyCollection

from oslab.ai.bandwidth_control import Throttling, quota_label, throttle
from oslab.base import Series, plural, quantity, readable
from oslab.picture import View, style

__all__ = ["QuotaTimeline"]

ROWS, MEASURED = 16, 4
RUN, STALL = style.ink(0), style.ink(5)


class QuotaTimeline(View):
    """Three periods; filled: runs, hatched: throttled; below the pool; open boxes: children that ran under a real quota."""

    stepped = True
    size = (8.2, 3.6)

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.115, 0.345, 0.865, 0.465)
        self.axes.set(xlim=(0, 3), ylim=(1, 0), xticks=[], yticks=[])
        self.pool_axes = self.add_axes(0.115, 0.145, 0.865, 0.165, x="time, periods")
        self.pool_axes.set(xlim=(0, 3), ylim=(0, 1.12), xticks=[0, 1, 2, 3], yticks=[0, 1])
        self.pool_axes.set_yticklabels(["0", "full"])
        self.label(figure, 0.014, 0.205, "pool", fontsize=11, color=style.QUIET)
        boxes = {"run": (RUN.color, "none", None), "stall": ("#f9e3d4", STALL.color, "////")}
        self._boxes = {
            key: self.live(
                self.axes.add_collection(
                    PolyCollection([], facecolors=face, edgecolors=edge, hatch=hatch, linewidths=0.8)
                )
            )
            for key, (face, edge, hatch) in boxes.items()
        }
        self._real = self.live(self.axes.add_collection(PolyCollection([], facecolors="none", linewidths=1.2)))
        self._lines = self.live(
            self.axes.add_collection(
                LineCollection([[(x, -9), (x, 99)] for x in (1, 2)], colors=style.QUIET, linewidths=1, linestyles=":")
            )
        )
        self._cursors = [
            self.live(axes.add_collection(LineCollection([], colors=style.INK, linewidths=1.6)))
            for axes in (self.axes, self.pool_axes)
        ]
        self._pool = self.live(self.pool_axes.plot([], [], color=style.ink(2).color, drawstyle="steps-post")[0])
        self._names = [
            self.label(self.axes, -0.02, 0, ha="right", va="center", fontsize=9.5, color=style.QUIET)
            for _ in range(ROWS + MEASURED)
        ]
        self._legend = [
            self.label(figure, x, 0.855, text, fontsize=10.5, color=color, va="center")
            for x, text, color in ((0.117, "■ runs", RUN.text), (0.21, "▨ throttled, the pool is empty", STALL.text))
        ]
        self._source = self.label(figure, 0.98, 0.855, fontsize=9.5, color=style.QUIET, va="center", ha="right")

    def update(self, result: Throttling, step: int | None = None, measured: Sequence[Series] | None = None) -> None:
        """Draw a `Throttling` as far as `step`."""
        counted, *real = _find(result, measured) or [None]
        rows = result.cpus + len(real) + (0.5 if real else 0)
        now = result.state(step)[0] if step < result.steps else 3 * result.period
        self.set_limits(self.axes, y=(max(self.roomy(rows), 2), 0))
        scale = self.axes.get_ylim()[0] / rows
        for key, spans in (("run", result.runs), ("stall", result.stalls)):
            begun = spans[spans[:, 1] < now + 1e-9] if step else spans[:0]
            ends = np.minimum(begun[:, 2], now)
            self._boxes[key].set_verts(_boxes(begun[:, 0], begun[:, 1], ends, result.period, scale))
        for k, word in enumerate(self._names):
            inside = k < result.cpus and (result.cpus <= 8 or k % 2 == 0)
            below = 0 <= k - result.cpus < len(real)
            place = k + 0.5 + (0.5 if below else 0)
            word.set_position((-0.02, place * scale))
            word.set_text(f"CPU {k}" if inside else f"real {k - result.cpus}" if below else "")
        self._draw_real(real[:MEASURED], result, scale)
        seen = result.pool[result.pool[:, 0] <= now + 1e-9]
        held = np.append(seen[:, 1], seen[-1:, 1]) / result.quota
        self._pool.set_data(np.append(seen[:, 0], now) / result.period, held)
        cursor = [[(now / result.period, -9), (now / result.period, 99)]] if 0 < step < result.steps else []
        for lines in self._cursors:
            lines.set_segments(cursor)
        self._source.set_text(f"□ real busy threads, {_short(counted)}" if counted else "")
        self.title = self._finding(result)

    def _draw_real(self, real: Sequence[Series], result: Throttling, scale: float) -> None:
        spans = [
            (result.cpus + 0.5 + k, a, min(a + length, 3 * result.period))
            for k, series in enumerate(real)
            for a, length in zip(series.x, series.median)
            if 0 <= a < 3 * result.period
        ]
        table = np.array(spans).reshape(-1, 3)
        self._real.set_verts(_boxes(table[:, 0], table[:, 1], table[:, 2], result.period, scale))
        self._real.set_edgecolor(style.RECORDED if real and real[0].origin == "recorded" else style.INK)

    def _finding(self, result: Throttling) -> str:
        threads = plural(result.threads, "thread")
        if result.long is None or result.free is None:
            stall = np.mean([s[2] - s[1] for s in result.stalls]) if len(result.stalls) else 0.0
            what = f"stalls of {quantity(stall, 'ms')}" if stall else "never throttled"
            return f"{threads}, {quantity(result.quota, 'ms')} of every {quantity(result.period, 'ms')}: {what}"
        if result.long.piles_up:
            return f"{threads}: requests need more than the quota, and pile up"
        p99, free = (quantity(one.quantile(0.99), "ms") for one in (result.long, result.free))
        return f"{threads}: p99 {p99}, without the quota {free}"

    def describe(self, result: Throttling, step: int | None = None, measured: Sequence[Series] | None = None) -> str:
        """Return what the step drew, or when the CPUs stop, and what a real run did."""
        if step is not None and 0 < step < result.steps:
            return f"Draw {step} of {result.steps}. {result.why(step)}."
        if result.long is not None:
            p50 = f"half of the requests take at most {quantity(result.long.quantile(0.5), 'ms')}"
            said = (
                f"In the model some CPU is throttled in {result.long.throttled_periods} of "
                f"{plural(result.long.periods, 'period')}; {p50 if len(result.long.latency) else 'no request ends'}."
            )
            real = " The real threads are always busy: set the work per request to 0 to see them."
            return said + (real if _find(result, measured, True) else "")
        stops = np.unique(result.stops[np.isfinite(result.stops)])
        told = ", ".join(readable(s, 4) for s in stops)
        said = (
            f"The CPUs are first throttled at {told} ms; if slices were infinitely small, after {quantity(result.fluid, 'ms')}."
            if len(stops)
            else "No CPU is ever throttled."
        )
        found = _find(result, measured)
        return said + (_compare(result, found) if found else "")


def _find(result: Throttling, measured: Sequence[Series] | None, busy: bool = False) -> list[Series]:
    """The real run under this quota: its counts, then the stretches of each CPU; the one made here if there is one.

    Its threads are always busy, so it is compared with such threads only, unless they are taken for `busy`.
    """
    if result.long is not None and not busy:
        return []
    label = quota_label(result.quota, result.period)
    for origin in ("this machine", "recorded"):
        listed = [series for series in measured or () if series.origin == origin]
        if listed and listed[0].label.startswith(label):
            return listed
    return []


def _compare(run: Throttling, found: list[Series]) -> str:
    periods, stopped, _, used = found[0].median
    cpus = len(found) - 1
    model = throttle(run.quota, run.period, cpus, cpus, run.slice, periods=10)
    return (
        f" {plural(cpus, 'real busy thread')} ({_short(found[0])}): throttled in {readable(stopped)} of {readable(periods)} "
        f"periods, {quantity(used / periods, 'ms')} of CPU time each period; model of {cpus}: "
        f"{model.throttled_periods} of 10, {quantity(model.run_per_period.mean(), 'ms')}."
    )


def _short(series: Series) -> str:
    return f"recorded {series.date}" if series.origin == "recorded" else series.where


def _boxes(rows: np.ndarray, begins: np.ndarray, ends: np.ndarray, period: float, scale: float) -> np.ndarray:
    x0, x1 = begins / period, np.maximum(ends, begins) / period
    y0, y1 = (rows + 0.1) * scale, (rows + 0.9) * scale
    return np.stack([np.stack([x0, y0], 1), np.stack([x1, y0], 1), np.stack([x1, y1], 1), np.stack([x0, y1], 1)], 1)
