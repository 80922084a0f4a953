"""One workload under several policies: a strip each, and how long the tasks wait."""

from typing import Any

from matplotlib.collections import PolyCollection

from oslab.base import readable
from oslab.picture import View, style
from oslab.scheduling.schedule import Schedule
from oslab.scheduling.views.strips import Strip, Strips, round_up

__all__ = ["Compared", "PolicyComparison"]

MOST = 5


class PolicyComparison(View):
    """A strip a policy, who runs when; beside it a bar, the mean waiting time, and the mean response."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.13, 0.17, 0.53, 0.66, x="time, ms", grid="x", yticks=[])
        self._strips = Strips(self, self.axes)
        self._plates = self.live(self.axes.add_collection(PolyCollection([], facecolors=style.PAPER, lw=0, zorder=4)))
        self._marks = [
            self.label(self.axes, 0, 0, ha="center", va="center", fontsize=9.5, fontweight="bold") for _ in range(60)
        ]
        self._side = self.add_axes(0.70, 0.17, 0.15, 0.66, xticks=[], yticks=[])
        self._side.spines[["bottom", "left"]].set_visible(False)
        self._bars = Strips(self, self._side)
        quiet = {"fontsize": 10, "color": style.QUIET}
        self.label(figure, 0.70, 0.865, "waiting", **quiet)
        self.label(figure, 0.975, 0.865, "response", ha="right", **quiet)
        self.label(figure, 0.70, 0.115, "means, ms", va="center", **quiet)
        self._names = self.column(self.axes, 0.122, MOST, ha="right", fontsize=10.5, fontweight="bold")
        self._numbers = self.column(self.axes, 0, MOST, fontsize=10.5)
        self._responses = self.column(self.axes, 0.975, MOST, ha="right", fontsize=10.5)
        self.guess(0.016, 0.045, "ms")

    def update(self, result: tuple[Schedule, ...], step: int | None = None, measured: Any = None) -> None:
        """Draw a tuple of `Schedule`s of one workload."""
        rows, waiting = (len(result) - 0.5, -0.5), [float(run.waiting.mean()) for run in result]
        self.set_limits(self.axes, x=(0, round_up(max(run.makespan for run in result))), y=rows)
        self.set_limits(self._side, x=(0, self.roomy(max(waiting) * 1.02)), y=rows)
        end, top = self.axes.get_xlim()[1], self._side.get_xlim()[1]
        strips = [
            Strip(task, a, b, row, 0.62)
            for row, run in enumerate(result)
            for task, _, a, b in zip(*(column.tolist() for column in run.slices))
        ]
        self._strips.set(strips)
        wide = [strip for strip in strips if strip.end - strip.start > end * 0.085]
        names = [result[strip.row].names[strip.task] for strip in wide]
        self.say(self._marks, names)
        half = [(end * (0.0085 * len(name) + 0.008), 0.19) for name in names]
        self._plates.set_verts(
            [
                [(x - w, s.row - h), (x + w, s.row - h), (x + w, s.row + h), (x - w, s.row + h)]
                for s, (w, h) in zip(wide, half)
                for x in [(s.start + s.end) / 2]
            ]
        )
        for word, strip in zip(self._marks, wide):
            word.set_position(((strip.start + strip.end) / 2, strip.row))
        self._bars.set([Strip(6, 0, mean, row, 0.4) for row, mean in enumerate(waiting)])
        self.say(self._names, [{"Round robin": "RR"}.get(run.label, run.label) for run in result])
        self.say(self._numbers, [readable(mean) for mean in waiting])
        for word, mean in zip(self._numbers, waiting):
            word.set_x(0.708 + 0.15 * mean / top)
        self.say(self._responses, [readable(run.response.mean()) for run in result])
        worst, best = (result[waiting.index(of(waiting))] for of in (max, min))
        said = [f"{readable(run.waiting.mean())} ms under {run.label}" for run in (worst, best)]
        same = f"{said[0].partition(' under')[0]} under every policy"
        self.title = f"Mean waiting: {', '.join(said) if worst is not best else same}"

    def describe(self, result: tuple[Schedule, ...], step: int | None = None, measured: Any = None) -> str:
        """Return every policy's means."""
        means = ((run.label, readable(run.waiting.mean()), readable(run.response.mean())) for run in result)
        said = "; ".join(f"{label} {waiting} and {response}" for label, waiting, response in means)
        return f"Mean waiting and mean response in ms: {said}."


Compared = PolicyComparison  # the first version's name
