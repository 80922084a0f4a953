"""The price of a switch in steps; useful work and latency against the number of threads."""

from __future__ import annotations

from typing import Any

from matplotlib.collections import PolyCollection

from oslab.base.numbers import readable
from oslab.picture import style
from oslab.picture.view import View

__all__ = ["SwitchSteps", "ThreadCurves"]

LABELS = (
    "1  save A's registers",
    "2  page-table pointer",
    "3  TLB: flush, then refill",
    "4  restore B's registers",
    "afterwards: caches",
    "until B runs, measured",
)


class SwitchSteps(View):
    """A bar for each step on a common time axis; those of the refills are hatched, as they are paid while B runs."""

    stepped = True

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.29, 0.27, 0.68, 0.6, x="ns (logarithmic)", grid="x")
        self.axes.set(xscale="log", xlim=(50, 200_000), ylim=(5.6, -0.6), yticks=[])
        self.axes.xaxis.set_major_formatter(lambda v, _: readable(round(v)))
        box = self.axes.get_position()
        self._names = [
            self.label(
                figure, 0.28, box.y1 - (k + 0.6) / 6.2 * box.height, text, fontsize=10.5, ha="right", va="center"
            )
            for k, text in enumerate(LABELS)
        ]
        self._bars = {
            name: self.live(
                self.axes.add_collection(
                    PolyCollection(
                        [],
                        facecolors=style.ink(k).color + "77",
                        edgecolors=style.ink(k).color,
                        hatch=style.ink(k).hatch,
                    )
                )
            )
            for name, k in (("at once", 0), ("while B runs", 1))
        }
        self._values = [self.label(self.axes, 1, k, fontsize=10.5, va="center") for k in range(5)]
        self._pairs = [self.live(self.axes.plot([], [], mark, ms=9, mfc="white", mew=2.2)[0]) for mark in "os"]
        self._ranges = [self.live(self.axes.plot([], [], lw=5, alpha=0.35)[0]) for _ in "os"]
        self._real = self.label(figure, 0.016, 0.055, fontsize=10, va="center")
        self._key = self.label(
            figure,
            0.016,
            0.125,
            "blue: until B runs; hatched: misses while B runs",
            fontsize=10,
            color=style.QUIET,
            va="center",
        )

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `SwitchPrice` after `step` steps."""
        step = result.steps if step is None else step
        verts: dict[str, list] = {"at once": [], "while B runs": []}
        for k, cost in enumerate(result.costs):
            shown = k < step
            self._names[k].set_fontweight("bold" if k == step - 1 else "normal")
            self._names[k].set_color(style.INK if shown else "#a8b0b8")
            self._values[k].set_visible(shown)
            right = max(cost, 50)
            if shown:
                verts["while B runs" if k in (2, 4) else "at once"].append(
                    [(50, k - 0.3), (right, k - 0.3), (right, k + 0.3), (50, k + 0.3)]
                )
                self._values[k].set_position((right * 1.12, k))
                self._values[k].set_text(readable(round(cost)) if cost else "nothing")
        for name, some in verts.items():
            self._bars[name].set_verts(some)
        text, color = "“measure here” plays ping-pong between two processes, then two threads, on one CPU", style.QUIET
        if measured:
            a, b = measured[0].median
            old = measured[0].origin == "recorded"
            when = f"recorded {measured[0].date}" if old else "here"
            text = f"○ ping-pong on one CPU: {a:.3g} µs between processes; □ {b:.3g} µs between threads ({when})"
            color, ring = (style.QUIET, style.RECORDED) if old else (style.INK, style.INK)
            for k, (mark, spread) in enumerate(zip(self._pairs, self._ranges)):
                mark.set_data([1e3 * measured[0].median[k]], [4.8 + 0.4 * k])
                spread.set_data([1e3 * measured[0].low[k], 1e3 * measured[0].high[k]], [4.8 + 0.4 * k] * 2)
                mark.set_markeredgecolor(ring)
                spread.set_color(ring)
        self._real.set_text(text)
        self._real.set_color(color)
        done = step == result.steps
        self.title = (
            f"{result.total / 1e3:.3g} µs in all, {result.refills / 1e3:.3g} µs of them misses after the switch"
            if done
            else f"{result.state(step) / 1e3:.3g} µs after step {step} of {result.steps}"
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return what the step does."""
        step = result.steps if step is None else step
        real = f" Ping-pong, {measured[0].where}." if measured else ""
        return (
            result.why(step) if step else "A runs; the timer or a system call has just brought the kernel in."
        ) + real


class ThreadCurves(View):
    """Left: throughput; right: p50 and p99, both against the number of threads."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        ticks = [1, 2, 4, 8, 16, 32, 64]
        self.left = self.add_axes(0.1, 0.16, 0.36, 0.7, x="worker threads", y="requests a second", grid="y")
        self.right = self.add_axes(0.58, 0.16, 0.355, 0.7, x="worker threads", y="latency, ms", grid="y")
        for axes in (self.left, self.right):
            axes.set(xscale="log", xlim=(0.9, 72), xticks=ticks, xticklabels=ticks)
            axes.minorticks_off()
        self.right.set(yscale="log", ylim=(5, 200_000))
        self.right.yaxis.set_major_formatter(lambda v, _: readable(round(v)))
        self.right.minorticks_off()
        inks = style.ink(0), style.ink(2), style.ink(5)
        self._rate = self.live(self.left.plot([], [], "o-", color=inks[0].color)[0])
        self._lines = [self.live(self.right.plot([], [], f"{i.marker}-", color=i.color)[0]) for i in inks[1:]]
        self._best = [self.live(a.axvline(1, color=style.QUIET, ls="--", lw=1.4)) for a in (self.left, self.right)]
        self._words = [
            self.label(self.right, 76, 1, t, fontsize=11, va="center", color=i.text)
            for t, i in (("p50", inks[1]), ("p99", inks[2]))
        ]
        self._spot = self.label(self.right, 1, 50_000, fontsize=10, va="center", color=style.QUIET)
        self._guess = [self.live(self.right.plot([], [], "x", ms=12, mew=3, color="#b24e00")[0])]
        self._said = self.label(self.right, 1, 14, fontsize=10, va="center", color="#b24e00")

    def predict(self, answer: float) -> None:
        """Mark a predicted best number of threads."""
        self._guess[0].set_data([answer], [14])
        self._said.set_text(" your prediction" if answer < 12 else "your prediction ")
        self._said.set_position((answer * (1.12 if answer < 12 else 0.88), 14))
        self._said.set_ha("left" if answer < 12 else "right")

    def update(self, result: Any, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Serving`."""
        self.set_limits(self.left, y=(0, self.roomy(result.throughput.max() * 1.05)))
        self._rate.set_data(result.threads, result.throughput)
        half, most = result.p50, result.p99
        for line, word, values, at in zip(
            self._lines, self._words, (half, most), (half[-1], max(most[-1], 2 * half[-1]))
        ):
            line.set_data(result.threads, values)
            word.set_y(at)  # two lines that meet have their names apart
        for line in self._best:
            line.set_xdata([result.best] * 2)
        right = result.best > 10
        self._spot.set_position((result.best * (0.92 if right else 1.1), 50_000))
        self._spot.set_ha("right" if right else "left")
        self._spot.set_text(f"best p99: {result.best}")
        k = int(result.p99.argmin())
        most = result.threads[-1]
        last = "" if result.best == most else f"; with {most} threads {_three(result.p99[-1])} ms"
        self.title = (
            f"Best with {_threads(result.best)}{', the most there can be' * (not last)}: p99 "
            f"{_three(result.p99[k])} ms{last}"
        )

    def describe(self, result: Any, step: int | None = None, measured: Any = None) -> str:
        """Return the load and the sweet spot."""
        k = int(result.p99.argmin())
        load = (
            f"{_three(result.offered)} requests a second come on average to"
            if result.load == "open"
            else f"{result.offered:.0f} clients ask"
        )
        rate, half, most, alone = map(_three, (result.throughput[k], result.p50[k], result.p99[k], result.p99[0]))
        return (
            f"{load} {result.cores} core{'s' * (result.cores != 1)}: with {_threads(result.best)} {rate} a second, "
            f"p50 {half} ms, p99 {most} ms" + (f"; with 1 thread p99 is {alone} ms." if result.best > 1 else ".")
        )


def _three(value: float) -> str:
    return readable(float(f"{value:.3g}"))


def _threads(count: int) -> str:
    return f"{count} thread{'s' * (count != 1)}"
