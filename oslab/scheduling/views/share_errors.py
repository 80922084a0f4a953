"""How far a share is from its due: lottery against stride."""

from typing import Any

from oslab.base import readable
from oslab.picture import View, style
from oslab.scheduling.policies import POLICIES
from oslab.scheduling.proportional_share import ShareErrors

__all__ = ["ShareError"]

KEYS = ("lottery", "stride")


class ShareError(View):
    """CPU time had less CPU time due, over time, one line a policy."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.11, 0.17, 0.745, 0.68, x="time, ms", y="CPU time minus due share, ms", grid="both")
        self.axes.axhline(0, color=style.QUIET, lw=1)
        self._lines, self._words = {}, {}
        for key, ink, dash in (("lottery", style.ink(1), style.ink(1).dash), ("stride", style.ink(0), "-")):
            self._lines[key] = self.live(self.axes.plot([], [], color=ink.color, ls=dash, lw=2)[0])
            self._words[key] = self.label(
                self.axes, 0, 0, POLICIES[key].label, color=ink.text, va="center", fontweight="bold"
            )

    def update(self, result: ShareErrors, step: int | None = None, measured: Any = None) -> None:
        """Draw `ShareErrors`."""
        end = float(result.time["stride"][-1])
        # The axis stays while a slider moves: 9 is nearly three standard deviations of a lottery in quanta of 40 ms.
        most = max((9 * end**0.5, max(result.worst(key) for key in KEYS)))
        self.set_limits(self.axes, x=(0, end), y=(-most, most))
        ends = {key: float(result.errors[key][-1]) for key in KEYS}
        apart = ends["lottery"] - ends["stride"]
        ends["lottery"] += (1 if apart >= 0 else -1) * max(0.0, most * 0.16 - abs(apart))
        for key, line in self._lines.items():
            line.set_data(result.time[key], result.errors[key])
            self._words[key].set_position((end * 1.012, ends[key]))
        self.title = (
            f"A task due {100 * result.share:.0f} %: the lottery errs by up to {readable(result.worst('lottery'))} ms, "
            f"stride by {readable(result.worst('stride'))} ms"
        )

    def describe(self, result: ShareErrors, step: int | None = None, measured: Any = None) -> str:
        """Return the largest errors in quanta."""
        said = "; ".join(f"{key} {readable(result.worst(key) / result.quantum)}" for key in KEYS)
        return (
            f"The largest error, the task's CPU time minus its due {100 * result.share:.0f} %, in quanta of "
            f"{readable(result.quantum)} ms: {said}."
        )
