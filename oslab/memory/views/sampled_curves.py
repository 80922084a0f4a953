"""LRU's miss-ratio curve from a sample of the pages, over the exact one."""

from typing import Any

from oslab.base import plural, readable
from oslab.memory.sampled_curves import SampledCurve
from oslab.picture import View, style

__all__ = ["SampledCurves"]

EXACT, SAMPLED = style.ink(1), style.ink(0)


class SampledCurves(View):
    """Two curves and the gap between them; where they differ most, by how much."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.085, 0.16, 0.88, 0.72, x="memory, frames", y="LRU's miss ratio", grid="both")
        self.axes.set(xscale="log", xlim=(1, 131_072), ylim=(0, 1.02))
        self.axes.xaxis.set_major_formatter(lambda x, _: readable(round(x)))
        self._blind = self.label(self.axes, 0, 0.06, color=style.QUIET, fontsize=10, ha="right", va="center")
        self._exact = self.live(self.axes.plot([], [], color=EXACT.color, ls=EXACT.dash, lw=2.2, zorder=3)[0])
        self._sampled = self.live(self.axes.plot([], [], color=SAMPLED.color, lw=2.4, zorder=4)[0])
        self._gap = self.live(self.axes.plot([], [], color=style.BAD, lw=3, zorder=5, solid_capstyle="butt")[0])
        self._gap_word = self.label(self.axes, 0, 0, color="#b24e00", fontsize=10.5, fontweight="bold", va="center")
        self._keys = [
            self.label(figure, 0.945, y, text, color=ink.text, fontweight="bold", ha="right", va="center")
            for y, text, ink in ((0.83, "from the sample", SAMPLED), (0.765, "exact, every page followed", EXACT))
        ]

    def update(self, result: SampledCurve, step: int | None = None, measured: Any = None) -> None:
        """Draw a `SampledCurve`."""
        right = self.roomy(max(result.distinct, 64))
        self.set_limits(self.axes, x=(1, right))
        self._exact.set_data(result.frames, result.exact)
        self._sampled.set_data(result.frames[result.least :], result.estimate[result.least :])
        least = int(result.frames[result.least])
        self._blind.set_text("less than one sampled frame" if least > right**0.3 else "")
        self._blind.set_position((least * 0.9, 0.06))
        frames, apart = result.worst
        k = list(result.frames).index(frames)
        self._gap.set_data([frames, frames], [result.exact[k], result.estimate[k]])
        self._gap_word.set_text(f"{apart:.3f} apart")
        low, high = sorted((result.exact[k], result.estimate[k]))
        near = low - 0.06 if low == result.estimate[k] and low > 0.15 else high + 0.06
        self._gap_word.set_position((frames, 0.5 if high - low > 0.5 else near))
        self._gap_word.set_ha("right" if frames > right**0.8 else "left")
        self.title = (
            f"{readable(result.pages)} of {plural(result.distinct, 'page')} followed: "
            f"mean error of the curve {result.error:.3f}"
        )

    def describe(self, result: SampledCurve, step: int | None = None, measured: Any = None) -> str:
        """Return how much was followed, and how far off the estimate is."""
        frames, apart = result.worst
        return (
            f"Following {readable(result.pages)} of {plural(result.distinct, 'page')}, with "
            f"{readable(result.references)} of {plural(result.total, 'reference')}, the error of LRU's "
            f"miss ratio is {result.error:.3f} on average and at most {apart:.3f}, with {plural(frames, 'frame')}."
        )
