"""Lanes over time: what CPU, bus, DMA engine and device do for one transfer, and what each way leaves of the CPU."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.base import readable
from oslab.devices.block_transfer import LANES, WAYS, TransferRun
from oslab.picture import View, style

__all__ = ["TransferLanes"]

HALF = 0.3  # of a lane's height
MOST, PIECES = 64, 60  # spans drawn one by one; else so many pieces
INKS = {"CPU": style.ink(1), "bus": style.ink(3), "DMA engine": style.ink(2), "device": style.ink(0)}
SHORT = {"polling": "polling", "interrupts": "interrupts", "dma": "DMA"}


def outline(spans: np.ndarray, middle: float, half: float = HALF) -> np.ndarray:
    """Return outlines, shape (n, 4, 2), of spans from begin to end around a height."""
    x = spans[:, [0, 0, 1, 1]]
    y = np.broadcast_to([middle - half, middle + half, middle + half, middle - half], x.shape)
    return np.stack([x, y], axis=2)


def outline_all(spans: np.ndarray, middle: float, total: float) -> np.ndarray:
    """Return outlines of spans; of more than can be told apart, pieces as high as the share of time that they are busy."""
    if len(spans) <= MOST:
        return outline(spans, middle)
    edges = np.linspace(0, total, PIECES + 1)
    # Busy time until an edge: whole spans before it, and the part of the one in which it lies.
    before = np.concatenate([[0.0], np.cumsum(spans[:, 1] - spans[:, 0])])
    k = np.searchsorted(spans[:, 0], edges, side="right")
    until = before[k] - np.where(k > 0, np.maximum(spans[np.maximum(k - 1, 0), 1] - edges, 0), 0)
    share = np.diff(until) / np.diff(edges)
    starts = np.flatnonzero(np.concatenate([[True], np.abs(np.diff(np.round(share, 1))) > 0]))
    ends = np.append(starts[1:], PIECES)
    return np.concatenate(
        [
            outline(np.array([[edges[a], edges[b]]]), middle + HALF * (1 - share[a:b].mean()), HALF * share[a:b].mean())
            for a, b in zip(starts, ends)
        ]
    )


class TransferLanes(View):
    """Busy spans by lane with the phase of the step shaded; a bar a way for the share of the CPU that is left free."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.15, 0.15, 0.545, 0.645, x="µs from the start", grid="x")
        self.axes.set(ylim=(len(LANES) - 0.45, -0.55), yticks=range(len(LANES)), yticklabels=LANES)
        self.axes.xaxis.set_major_formatter(lambda t, _: readable(t))
        self._band = self.live(
            self.axes.add_collection(PolyCollection([], facecolors="#fdf3c4", edgecolors="#b59a00", lw=1))
        )
        self._free = self.live(self.axes.add_collection(PolyCollection([], facecolors="#edf0f3", lw=0)))
        self._spans = {
            lane: self.live(
                self.axes.add_collection(
                    PolyCollection(
                        [],
                        facecolors=INKS[lane].color,
                        edgecolors=INKS[lane].color if lane == "bus" else "white",
                        hatch=(INKS[lane].hatch if lane != "bus" else "") or None,
                        lw=0.3,
                    )
                )
            )
            for lane in LANES
        }
        self._other = self.label(
            self.axes, 0, 0, "other work", fontsize=10, color=style.QUIET, va="center", ha="center"
        )
        self._phase = self.label(figure, 0.15, 0.845, fontsize=11, color="#806c00", fontweight="bold", va="center")
        self._bars = self.add_axes(0.795, 0.15, 0.125, 0.645)
        self._bars.set(xlim=(0, 1), ylim=(2.55, -0.55), xticks=[], yticks=[])
        self._bars.spines["bottom"].set_visible(False)
        self.label(figure, 0.80, 0.845, "CPU left free", fontsize=10.5, color=style.QUIET, va="center")
        self._bar = self.live(self._bars.add_collection(PolyCollection([], lw=0)))
        self._names = [
            self.label(self._bars, -0.06, k, SHORT[w], ha="right", va="center", fontsize=10.5)
            for k, w in enumerate(WAYS)
        ]
        self._values = [self.label(self._bars, 0, k, va="center", fontsize=10.5) for k in range(len(WAYS))]

    def update(self, result: TransferRun, step: int | None = None, measured: Any = None) -> None:
        """Draw a `TransferRun` with the phase of `step`."""
        self.set_limits(self.axes, x=(0, self.roomy(result.total) if result.total > 1 else 1))
        right = self.axes.get_xlim()[1]
        for k, lane in enumerate(LANES):
            self._spans[lane].set_verts(outline_all(result.busy[lane], k, result.total))
            # Edges tell a few units apart, and keep the bus's short spans in sight; of many they would be all that is seen.
            self._spans[lane].set_linewidth(0.4 if len(result.busy[lane]) <= 32 else 0)
        self._free.set_verts(outline(np.array([[0, result.total]]), 0))
        cpu = result.busy["CPU"]
        gaps = np.stack([cpu[:-1, 1], cpu[1:, 0]], axis=1)
        widest = gaps[np.argmax(gaps[:, 1] - gaps[:, 0])] if len(gaps) else (0.0, 0.0)
        self._other.set_position((float(np.mean(widest)), 0))
        self._other.set_visible(bool(widest[1] - widest[0] > 0.17 * right))
        phase = result.state(step)
        width = max(phase.end - phase.begin, right * 0.006)  # a phase of some nanoseconds is seen too
        self._band.set_verts(outline(np.array([[phase.begin, phase.begin + width]]), 1.5, 2.05) if step else [])
        begin, end = (readable(t, 4) for t in (phase.begin, phase.end))
        self._phase.set_text(
            "" if not step else f"{phase.name}: " + (f"{begin} to {end} µs" if begin != end else f"at {end} µs")
        )
        runs = result.all_ways()
        self._bar.set_verts([outline(np.array([[0, run.free]]), k, 0.27)[0] for k, run in enumerate(runs)])
        self._bar.set_facecolors([style.GOOD if run.way == result.way else "#cfd4d9" for run in runs])
        for k, run in enumerate(runs):
            self._names[k].set_fontweight("bold" if run.way == result.way else "normal")
            self._values[k].set_text(f"{readable(100 * run.free)} %")
            self._values[k].set_x(run.free + 0.05)
        self.title = (
            f"{readable(result.block)} B by {WAYS[result.way]}: {readable(result.total, 4)} µs, "
            f"{readable(100 * result.free)} % left for other work"
        )

    def describe(self, result: TransferRun, step: int | None = None, measured: Any = None) -> str:
        """Return what happens in the phase."""
        state = result.state(step)
        many = max(map(len, result.busy.values())) > MOST
        fine = " The spans are too short to draw apart: the height is their share of the time." if many else ""
        return f"Step {step} of {result.steps}. {state.why}{fine}"
