"""Miss ratio against memory: the policy at hand as a point, the others as curves, all compared at this size."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.base import plural, readable
from oslab.memory.timed_replay import Replay
from oslab.picture import View, style

__all__ = ["MissCurves"]

CHOSEN, LRU, OPT = style.ink(0), style.ink(1), style.ink(2)


def at(curve: Any, frames: int) -> float:
    """Return a curve's miss ratio at a size, by straight lines over the logarithm of the size."""
    return float(np.interp(np.log(frames), np.log(curve.frames), curve.miss_ratio))


class MissCurves(View):
    """The chosen policy's miss ratio at the chosen size, and every policy's curve once it is known."""

    side = 495

    def __init__(self, figure: Any):
        super().__init__(figure)
        from oslab.memory.replacement import POLICIES

        self._keys = {key: entry.label for key, entry in POLICIES.items()}
        self.axes = self.add_axes(0.085, 0.16, 0.505, 0.72, x="memory, frames", y="miss ratio", grid="both")
        self.axes.set(xscale="log", xlim=(1, 131_072), ylim=(0, 1))
        self.axes.xaxis.set_major_formatter(lambda x, _: readable(round(x)))
        self._lines = {key: self.live(self.axes.plot([], [])[0]) for key in self._keys}
        self._drop = self.live(self.axes.plot([], [], ":", color=style.QUIET, lw=1.2, zorder=4)[0])
        self._point = self.live(
            self.axes.plot([], [], "o", ms=10, color=CHOSEN.color, mec="white", mew=1.5, zorder=6, clip_on=False)[0]
        )
        self._point.set_gid("this size")
        self._curves: dict[str, Any] = {}
        self._guess = self.live(self.axes.axhline(0, color=style.BAD, lw=1.4, ls="--", visible=False, zorder=4))
        self._guess_word = self.label(
            self.axes, 1.2, 0, "your prediction", color="#b24e00", fontsize=10, va="bottom", visible=False
        )
        self._note = self.label(figure, 0.985, 0.025, fontsize=10, color=style.QUIET, ha="right")
        self._make_ranking(figure)
        for key, label in self._keys.items():
            self._lines[key].set_gid(label)
            self._names[key].set_gid(label)
        self._chosen = ""

    def _make_ranking(self, figure: Any) -> None:
        """One row a policy, always in the same place: its name in its curve's colour, a bar, the number."""
        self._rank = self.add_axes(0.765, 0.16, 0.165, 0.7)
        self._rank.set(xlim=(0, 1), ylim=(len(self._keys) - 0.5, -0.5), xticks=[], yticks=[])
        self._rank.spines["bottom"].set_visible(False)
        self._rank.set_title("at this size", fontsize=10.5, color=style.QUIET, fontweight="normal", pad=3)
        self._bars = self.live(self._rank.add_collection(PolyCollection([], linewidths=0)))
        self._names = {
            key: self.label(self._rank, -0.04, row, label, ha="right", va="center", fontsize=9.5)
            for row, (key, label) in enumerate(self._keys.items())
        }
        self._values = [self.label(self._rank, 0, row, va="center", fontsize=9.5) for row in range(len(self._keys))]

    def update(self, result: Replay, step: int | None = None, measured: Any = None, alongside: Any = None) -> None:
        """Draw a `Replay`; `alongside` holds the curves known so far, by policy key."""
        self._curves = curves = dict(alongside or {})
        self._restyle(result.policy)
        for key, line in self._lines.items():
            curve = curves.get(key)
            line.set_data([], []) if curve is None else line.set_data(curve.frames, curve.miss_ratio)
        right = self.roomy(max(result.distinct, result.frames, 64))
        self.set_limits(self.axes, x=(1, right))
        self._point.set_data([result.frames], [result.miss_ratio])
        self._drop.set_data([result.frames, result.frames, 1], [0, result.miss_ratio, result.miss_ratio])
        self._rank_at(result, curves)
        about = "about " if result.sample else ""
        self.title = (
            f"{result.label}, {plural(result.frames, 'frame')}: miss ratio {about}{readable(result.miss_ratio)} over "
            f"{plural(result.references, 'reference')}"
        )
        note = (
            "sample, while you drag"
            if result.sample
            else f"{readable(result.references / result.seconds / 1e6, 2)} M references/s"
        )
        self._note.set_text(note if curves or result.sample else note + " · curves follow")

    def _ink(self, key: str) -> Any:
        return CHOSEN if key == self._chosen else {"lru": LRU, "opt": OPT}.get(key)

    def _restyle(self, chosen: str) -> None:
        if chosen == self._chosen:
            return
        self._chosen = chosen
        for key, line in self._lines.items():
            ink = self._ink(key)
            if ink is None:
                line.set(color="#c3c9cf", ls="-", lw=0.9, zorder=2)
            else:
                line.set(color=ink.color, ls=ink.dash, lw=2.4 if key == chosen else 2, zorder=5 if key == chosen else 3)
            self._names[key].set(
                color=ink.text if ink else style.QUIET, fontweight="bold" if key == chosen else "normal"
            )

    def _rank_at(self, result: Any, curves: dict[str, Any]) -> None:
        ratios = {key: at(curve, result.frames) for key, curve in curves.items()} | {result.policy: result.miss_ratio}
        lengths = [ratios.get(key, 0.0) for key in self._keys]
        for word, length in zip(self._values, lengths, strict=True):
            word.set_x(length + 0.04)
        self.say(self._values, [f"{ratios[key]:.3f}" if key in ratios else "" for key in self._keys])
        self._bars.set_verts(self.bars(lengths, half=0.34))
        self._bars.set_facecolors([ink.color if (ink := self._ink(key)) else "#cfd4d9" for key in self._keys])

    def tip(self, key: str) -> str:
        """Return what a line or a name stands for, and its miss ratio at this size."""
        chosen = next((k for k, label in self._keys.items() if label == key), self._chosen)
        frames, curve = self.result.frames, self._curves.get(chosen)
        known = self.result.miss_ratio if chosen == self._chosen else None if curve is None else at(curve, frames)
        ratio = "its miss ratio is still being computed" if known is None else f"{known:.3f} of the references miss"
        more = " Drag it to another size." if key == "this size" else ""
        return f"{self._keys[chosen]}, {plural(frames, 'frame')}: {ratio}.{more}"

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """The point follows the hand to another size; a line or a name chooses its policy."""
        if key == "this size":
            return None if at is None else {"frames": max(1, round(self.data_at(self.axes, at)[0]))}
        return None if at else {"policy": next(k for k, label in self._keys.items() if label == key)}

    def predict(self, answer: float | None) -> None:
        """Mark a predicted miss ratio; none for None."""
        for artist in (self._guess, self._guess_word):
            artist.set_visible(answer is not None)
        if answer is not None:
            self._guess.set_ydata([answer, answer])
            self._guess_word.set_y(answer)

    def describe(self, result: Replay, step: int | None = None, measured: Any = None) -> str:
        """Return the miss ratio at this size, and what share of the pages fits."""
        share, pages = 100 * result.frames / result.distinct, plural(result.distinct, "page")
        room = (
            f"{readable(share)} % of the {pages}"
            if share < 100
            else f"all {pages}"
            if result.distinct > 1
            else "the page"
        )
        about = ", estimated from a sample" if result.sample else ""
        return (
            f"With {plural(result.frames, 'frame')}, enough for {room}, {result.label} has a miss ratio of "
            f"{readable(result.miss_ratio)}: {readable(round(result.miss_ratio * result.references))} of "
            f"{plural(result.references, 'reference')} miss{about}."
        )
