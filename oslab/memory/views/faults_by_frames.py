"""Faults against frames: two policies, the anomaly marked where there is one."""

from typing import Any

from oslab.base import plural
from oslab.memory.faults_by_frames import FaultCounts
from oslab.picture import View, style

__all__ = ["FaultsByFrames"]

MOST, SIGNS = 4, "●■▲◆"


class FaultsByFrames(View):
    """One line a policy, as far as the number of frames looked at; a mark and a word where one frame more means more faults."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.085, 0.16, 0.72, 0.70, x="frames", y="faults", grid="y")
        self.axes.yaxis.get_major_locator().set_params(integer=True)
        self._lines, self._words = [], []
        for k in range(MOST):
            ink = style.ink(k)
            self._lines.append(
                self.live(self.axes.plot([], [], color=ink.color, ls=ink.dash, marker=ink.marker, ms=8, mec="white")[0])
            )
            self._words.append(self.label(self.axes, 0, 0, color=ink.text, fontweight="bold", va="center"))
        self._focus = self.live(self.axes.axvline(0, color=style.QUIET, lw=1, ls=":"))
        self._rise = self.live(self.axes.plot([], [], color=style.BAD, lw=5, alpha=0.45, solid_capstyle="round")[0])
        self._rise_word = self.label(self.axes, 0, 0, color="#b24e00", fontweight="bold", va="center")
        self.guess(0.985, 0.045, "faults", ha="right")

    def update(self, result: FaultCounts, step: int | None = None, measured: Any = None) -> None:
        """Draw `FaultCounts`."""
        last = int(result.frames[-1])
        self.set_limits(self.axes, x=(0.7, last + 0.3), y=(0, result.references * 1.08))
        if list(self.axes.get_xticks()) != list(result.frames):
            self.axes.set_xticks(result.frames)
        ends: dict[float, Any] = {}
        for k, (line, word) in enumerate(zip(self._lines, self._words, strict=True)):
            shown = k < len(result.faults)
            line.set_visible(shown)
            word.set_visible(shown)
            if shown:
                key, faults = list(result.faults.items())[k]
                line.set_data(result.frames[: result.focus], faults[: result.focus])
                name = f"{SIGNS[k]} {result.labels[key]}"
                self._name(word, style.ink(k).text, name, float(faults[result.focus - 1]), ends, result)
        self._focus.set_xdata([result.focus, result.focus])
        self._mark_rise(result)
        at = ", ".join(f"{result.labels[key]} {int(of[result.focus - 1])}" for key, of in result.faults.items())
        self.title = f"Faults with {plural(result.focus, 'frame')}: {at}"

    @staticmethod
    def _name(word: Any, color: str, label: str, y: float, ends: dict[float, Any], result: Any) -> None:
        """A name at the end of its line; one word where lines end at the same place."""
        if y in ends:
            ends[y].set_text(f"{ends[y].get_text()}, {label}")
            ends[y].set_color(style.INK)
            word.set_visible(False)
            return
        ends[y] = word
        word.set_text(label)
        word.set_color(color)
        word.set_position((result.focus + 0.15, y))

    def _mark_rise(self, result: Any) -> None:
        rises = [(n, faults) for key, faults in result.faults.items() for n in self._rises(result, key)]
        for n, faults in rises[:1]:
            self._rise.set_data([n - 1, n], faults[n - 2 : n])
            self._rise_word.set_position((n - 0.5, float(faults[n - 1]) + result.references * 0.06))
        self._rise.set_visible(bool(rises))
        self._rise_word.set_text("more memory, more faults" if rises else "")

    @staticmethod
    def _rises(result: Any, key: str) -> list[int]:
        return [n for n in result.anomalies(key) if n <= result.focus]

    def describe(self, result: FaultCounts, step: int | None = None, measured: Any = None) -> str:
        """Return each policy's faults with the frames looked at, and where a frame more brought more of them."""
        made = ", ".join(f"{result.labels[key]} makes {int(of[result.focus - 1])}" for key, of in result.faults.items())
        said = [
            f"{result.labels[key]} goes from {int(of[n - 2])} to {int(of[n - 1])} faults when frame {n} is added"
            for key, of in result.faults.items()
            for n in self._rises(result, key)[:1]
        ]
        said = said or ["up to here, one more frame has never caused more faults"] * (result.focus > 1)
        said += [f"{label} is not drawn: {why}" for label, why in result.refused.items()]
        text = f"Faults with {plural(result.focus, 'frame')}: {made}"
        return ". ".join([text, *(part[0].upper() + part[1:].rstrip(".") for part in said)]) + "."
