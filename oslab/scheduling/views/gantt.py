"""Who runs when: a row a task, with its response, waiting and turnaround beside it."""

import re
from typing import Any

import numpy as np

from oslab.base import plural, readable
from oslab.picture import View, style
from oslab.scheduling.schedule import Schedule
from oslab.scheduling.views.strips import LATER, SWITCH, Strip, Strips, round_up
from oslab.scheduling.workload import MS

__all__ = ["Gantt", "OwnGantt"]

ROWS, WIDTH = 12, 0.062
MEASURES = {"response": 0.685, "waiting": 0.79, "turnaround": 0.885}


def shorten(name: str, most: int = 7) -> str:
    """Return a name that fits the left margin."""
    return name if len(name) <= most else name[: most - 1] + "…"


def retime(text: str, task: str, which: int, ms: int) -> str:
    """Return typed tasks with one time of a task changed: 0 its arrival, -1 its last CPU burst."""
    lines = re.split(r"([;\n])", text)
    for k, line in enumerate(lines):
        words = list(re.finditer(r"[^\s,]+", line))
        if words and words[0].group() == task:
            times = [word for word in words[1:] if "=" not in word.group()]
            old = times[0] if which == 0 else times[1::2][-1]
            lines[k] = f"{line[: old.start()]}{ms}{line[old.end() :]}"
    return "".join(lines)


class Gantt(View):
    """The decisions made so far in the tasks' inks, the rest pale; arrivals as triangles; three bars a task."""

    stepped, step_word = True, "decision"

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.085, 0.2, 0.57, 0.63, x="time, ms", grid="x", yticks=[], xlim=(0, 40))
        self._strips = Strips(self, self.axes)
        self._came = self.live(self.axes.plot([], [], ">", color=style.INK, ms=7, zorder=6, clip_on=False)[0])
        self._now = self.live(self.axes.axvline(0, color=style.BAD, lw=1.4, zorder=5))
        self._names = self.column(self.axes, 0.072, ROWS, ha="right", fontweight="bold")
        self.label(figure, 0.085, 0.86, "▶ arrives   grey: later", fontsize=9.5, color=style.QUIET)
        self._sides = {}
        for name, left in MEASURES.items():
            sheet = self.add_axes(left, 0.2, WIDTH, 0.63, xticks=[], yticks=[])
            sheet.spines[["bottom", "left"]].set_visible(False)
            self.label(figure, left, 0.86, name, fontsize=9.5, color=style.QUIET)
            head = self.label(figure, left, 0.155, fontsize=9.5, fontweight="bold", va="center")
            self._sides[name] = sheet, Strips(self, sheet), self.column(self.axes, left, ROWS, fontsize=9.5), head
        self.label(figure, left, 0.1, "means, ms", fontsize=9.5, color=style.QUIET, va="center")
        self.guess(0.016, 0.045, "ms")

    def update(self, result: Schedule, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Schedule` as far as decision `step`."""
        n = min(len(result.names), ROWS)
        now = float(result.decided[step]) if step < result.steps else result.makespan
        self.set_limits(self.axes, x=(0, round_up(result.makespan)), y=(n - 0.5, -0.5))
        self._strips.set(self._split(result, now, n))
        self._came.set_data(result.workload.arrival[:n], np.arange(n))
        self._came.set_gid([f"arrival of {name}" for name in result.names[:n]])
        self._now.set_xdata([now, now])
        self._now.set_visible(step < result.steps)
        self.say(self._names, map(shorten, result.names[:n]), [style.ink(k).text for k in range(n)])
        top = self.roomy(max(float(result.turnaround.max()), 1.0))
        for name, (sheet, bars, words, head) in self._sides.items():
            values = getattr(result, name)
            self.set_limits(sheet, x=(0, top), y=(n - 0.5, -0.5))
            bars.set(Strip(k, 0, float(v), k, 0.5) for k, v in enumerate(values[:n]))
            self.say(words, [readable(v) for v in values[:n]])
            for word, value in zip(words, values):
                word.set_x(MEASURES[name] + WIDTH * float(value) / top + 0.005)
            head.set_text(readable(values.mean()))
        cpus, mean = ("", "mean ") if result.cpus == 1 else (f", {result.cpus} CPUs", "")  # both would not fit
        given = result.options.get("quantum") or ()
        turns = [readable(q, 4) if q else "∞" for q in (given if isinstance(given, tuple) else (given,))]
        quantum = f", quantum {', '.join(turns)} ms" if turns else ""
        self.title = (
            f"{result.label}{quantum}{cpus}: {mean}turnaround {readable(result.turnaround.mean(), 4)} ms, "
            f"{plural(result.switches, 'switch', 'switches')}"
        )

    @staticmethod
    def _split(result: Schedule, now: float, n: int) -> list[Strip]:
        made, decisions = [], np.flatnonzero(result.turns[:, 3] > result.turns[:, 2]) + 1
        for k, task, _, a, b in zip(decisions.tolist(), *(column.tolist() for column in result.slices)):
            if task < n and a < now:
                made.append(Strip(task, a, min(b, now), task, key=f"decision {k}"))
            if task < n and b > now:
                made.append(Strip(LATER, max(a, now), b, task, key=f"decision {k}"))
        for task, _, a, b in zip(*(column.tolist() for column in result.switch_slices)):
            if task < n and a < now:
                made.append(Strip(SWITCH, a, b, task))
        return made

    def tip(self, key: str) -> str:
        """Return why a task ran then; when one arrives."""
        step, drag = self.step_of(key), self.touch(key, (0.0, 0.0)) is not None
        if step:
            return self.result.why(step) + " Drag it to change when the task's last burst ends." * drag
        name = key.removeprefix("arrival of ")
        came = readable(self.result.workload.arrival[self.result.names.index(name)], 4)
        return f"{name} arrives at {came} ms." + " Drag it to change that." * drag

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """A stretch leads to its decision; arrivals and the last bursts' ends can be dragged, which writes the tasks down."""
        typed, step = self._typed, self.step_of(key)
        if at is None or not typed:
            return super().touch(key, at)
        time, work = self.data_at(self.axes, at)[0], self.result.workload
        if step:
            task, *_, end = self.result.turns[step - 1].tolist()
            burst = work.parts_of(task)[::2][-1] + time - end / MS
            text = retime(typed, work.names[task], -1, max(1, round(burst)))
        else:
            text = retime(typed, key.removeprefix("arrival of "), 0, max(0, round(time)))
        return {"text": text} if "text" in self.settings else {"workload": "typed", "text": text}

    @property
    def _typed(self) -> str:
        """The tasks as they are typed, or would be; '' where the lab takes no typed ones."""
        if "workload" not in self.settings:
            return self.settings.get("text", "")
        drawn = re.sub(" nice=0$", "", self.result.workload.as_text().strip(), flags=re.MULTILINE).replace("\n", "; ")
        return self.settings["workload_options"].get("text", drawn)

    def describe(self, result: Schedule, step: int | None = None, measured: Any = None) -> str:
        """Return the decision's reason, and the means."""
        decision = f"Decision {step} of {result.steps}. {result.why(step)}" if step else "Before the first decision."
        response, waiting = readable(result.response.mean()), readable(result.waiting.mean())
        turnaround = readable(result.turnaround.mean(), 4)
        return f"{decision} Means: response {response}, waiting {waiting}, turnaround {turnaround} ms."


class OwnGantt(Gantt):
    """The same, lower, since the field for tasks of one's own takes room above it."""

    size = (8.2, 3.2)
