"""Where the time of a training loop goes: a bar for the model, one for the loop that ran, and what was counted."""

from collections.abc import Sequence
from itertools import islice
from typing import Any

from oslab.ai.causes import NOTES
from oslab.ai.diagnosis import CAUSES, Diagnosis, join_names, percent
from oslab.base import duration, readable
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["Bottleneck"]

SHORT = {
    "loading": "decoding",
    "compute": "arithmetic",
    "memory": "memory",
    "faults": "page faults",
    "kernel": "system calls",
    "ready": "no CPU free",
    "others": "other programs",
    "quota": "quota",
    "storage": "storage",
    "network": "network",
    "lock": "lock",
    "gil": "GIL",
    "sleep": "pauses",
    "gpu": "device",
    "unknown": "not known",
}
_INKS = {
    cause: style.ink(k)
    for cause, k in {"loading": 1, "compute": 2, "memory": 0, "faults": 6, "ready": 5, "quota": 3, "storage": 4}.items()
}
# What only programs of one's own show has the ink of what it is most like, with a hatch of its own.
_LIKE = {"kernel": ("faults", "/"), "network": ("storage", "--"), "lock": ("quota", "//"), "gil": ("ready", "..")}
_INKS |= {cause: _INKS[like]._replace(hatch=hatch) for cause, (like, hatch) in _LIKE.items()}
_INKS |= {"sleep": _INKS["loading"]._replace(hatch="oo"), "gpu": _INKS["memory"]._replace(hatch="\\\\")}
_INKS["others"] = style.Ink("#ffffff", "||", "", "-", style.QUIET)  # not the loop's own
_INKS["unknown"] = style.Ink("#ffffff", "", "", "-", style.QUIET)
LETTER, LEAST = 0.0125, 0.005  # of the bar's width, a letter of a label; shares below are not drawn
COLUMNS, TOP, HIGH, TRACK = (16, 288, 560), 231, 42, 156  # px: what was counted, in three columns of three
_SENTENCES = {"the loop": (3, 3, 1), "its loaders": (2, 2, 2), "its limits": (0, 4, 5)}  # of the evidence, one a row


class Bottleneck(View):
    """Two bars of one length, 100 % of the loop's time, cut by cause; below, a bar for each thing that was counted."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        self.axes = self.add_axes(0.125, 0.55, 0.825, 0.31)
        self.axes.set(xlim=(0, 100), ylim=(1.55, -0.55), yticks=[])
        self.axes.xaxis.set_major_formatter(lambda v, _: f"{readable(v)} %")
        self.axes.spines["left"].set_visible(False)
        box = self.axes.get_position()
        self._names = [
            self.label(figure, 0.115, box.y1 - (k + 0.55) / 2.1 * box.height, name, ha="right", va="center")
            for k, name in enumerate(("model", "loop"))
        ]
        self._parts, self._labels = [], []
        for k in range(2):
            for cause in CAUSES:
                ink = _INKS[cause]
                [bar] = self.axes.barh(
                    [k], [0], 0.72, color=ink.color, alpha=(0.45, 0.3)[k], hatch=ink.hatch, edgecolor=ink.text
                )
                self._parts.append(self.live(bar))
                self._labels.append(
                    self.label(self.axes, 0, k, ha="center", va="center", fontsize=10.5, fontweight="bold")
                )
        self._guess = ""
        self._mark = self.label(
            self.axes, 0, -0.5, "▼ your guess", ha="center", va="bottom", fontsize=10, fontweight="bold", visible=False
        )
        self._none = self.label(self.axes, 1, 1, "not run: press measure here", va="center", color=style.QUIET)
        sheet = self.add_sheet()
        looks = {"model": Look("#cfe3f2", edge=style.ink(0).color), "loop": Look(style.ink(0).color)}
        self._gauges = Tiles(self, sheet, looks | {"recorded": Look(style.RECORDED)}, capacity=0, radius=2)
        self._heads = [self.label(sheet, x, TOP, fontsize=10, fontweight="bold", va="center") for x in COLUMNS]
        self._counts = [
            [self.label(sheet, 0, 0, fontsize=size, va="center", color=color) for _ in range(9)]
            for size, color in ((10, style.INK), (9, style.QUIET), (9, style.QUIET))
        ]
        self._legend = self.add_axes(0.016, 0.435, 0.98, 0.05, frameon=False, xticks=[], yticks=[])
        self._legend.set(xlim=(0, 98), ylim=(-1, 1))
        self._keys = {}
        for cause in CAUSES:
            ink = _INKS[cause]
            [box] = self._legend.barh([0], [2.4], 1.4, color=ink.color, alpha=0.45, hatch=ink.hatch, edgecolor=ink.text)
            name = self.label(self._legend, 0, -0.05, fontsize=9.5, va="center", color=ink.text)
            self._keys[cause] = (self.live(box), name)

    def predict(self, answer: Any) -> None:
        """Mark the part of the model's bar that was guessed, none for None."""
        self._guess = next((cause for cause, label in CAUSES.items() if label == answer), "")

    @staticmethod
    def _find(result: Diagnosis, measured: Sequence[Any] | None) -> Any:
        """The loop that ran with these settings: here, which comes last, rather than recorded."""
        return next((one for one in reversed(measured or ()) if one.diagnosis.settings == result.settings), None)

    def update(self, result: Diagnosis, step: int | None = None, measured: Sequence[Any] | None = None) -> None:
        """Draw a diagnosis of the model, and the `Observed` with the same settings among those measured."""
        found = self._find(result, measured)
        shown = (result, found.diagnosis if found else None)
        for k, diagnosis in enumerate(shown):
            left = 0.0
            for j, cause in enumerate(CAUSES):
                width = 100 * diagnosis.shares.get(cause, 0.0) if diagnosis else 0.0
                part, label = self._parts[k * len(CAUSES) + j], self._labels[k * len(CAUSES) + j]
                part.set_x(left)
                part.set_width(width)
                part.set_visible(width > 0)
                label.set_text(SHORT[cause] if width / 100 > LETTER * (len(SHORT[cause]) + 2) else "")
                label.set_x(left + width / 2)
                left += width
        drawn = {c for one in shown if one for c in CAUSES if one.shares.get(c, 0) >= LEAST}
        self._show_keys(drawn)
        guessed = self._parts[list(CAUSES).index(self._guess)] if self._guess else None
        self._mark.set_visible(guessed is not None and guessed.get_width() > 0.5)
        if guessed is not None:
            self._mark.set_x(min(max(guessed.get_x() + guessed.get_width() / 2, 6), 94))
        self._none.set_visible(found is None)
        told = self._told = found.diagnosis if found else result
        recorded = found is not None and found.where.startswith("recorded")
        source = "Model" if found is None else "Recorded" if recorded else "Here"
        program = isinstance(result.settings, str)
        self._names[0].set_text("no model" if program else "model")
        here = "program" if program else "loop, here"
        self._names[1].set_text("recorded" if recorded else here if found or program else "loop")
        self._names[1].set_color(style.QUIET if found is None or recorded else style.INK)
        self._count(shown, "recorded" if recorded else "loop")
        mostly = f"mostly {join_names(SHORT[c] for c in told.causes)}" if told.causes else told.verdict
        unseen = f"Not watched yet: {result.settings[:60]}" if program and found is None else ""
        self.title = unseen or f"{source}: {self._what(told)}{mostly}"

    @staticmethod
    def _counted(told: Any) -> dict[str, dict[str, float]]:
        """What was counted, by column and row; of a program, which counts nothing itself, the nine largest shares."""
        if isinstance(told, Diagnosis):
            return dict(told.counted)
        ranked = iter(sorted(told.shares.items(), key=lambda one: -one[1]))
        return {head: {SHORT[c]: share for c, share in islice(ranked, 3)} for head in ("largest shares", " ", "  ")}

    def _count(self, shown: tuple[Any, Any], loop: str) -> None:
        """Draw a bar for each thing that was counted, the model's above the loop's, each with its number."""
        found = [self._counted(one) if one else {} for one in shown]
        heads, tiles = found[1] or found[0], []
        self.say(self._heads, heads)
        for words in self._counts:
            self.say(words, ())
        places = [(x, row, h, what) for x, h in zip(COLUMNS, heads) for row, what in enumerate(heads[h])]
        for k, (x, row, head, what) in enumerate(places):
            y, key = TOP + 23 + HIGH * row, f"{head}: {what}".strip(" :")
            self._counts[0][k].set(text=what, position=(x, y))
            for j, (counts, name, look) in enumerate(zip(found, self._names, ("model", loop))):
                if what not in counts.get(head, ()):
                    continue
                share, top = counts[head][what], y + 9 + 12 * j
                tiles += [
                    Tile(x, top, TRACK, 10, "plain", key=key),
                    Tile(x, top, TRACK * min(share, 1), 10, look, key=key),
                ]
                said = f"{name.get_text()} {percent(share)}"
                self._counts[j + 1][k].set(text=said, position=(x + TRACK + 6, top + 5))
        self._gauges.set(tile for tile in tiles if tile.width >= 1)

    def tip(self, key: str) -> str:
        """Return the sentences of the evidence that a count comes from."""
        head, _, what = key.partition(": ")
        rows = list(self._counted(self._told).get(head, ()))
        return (
            self._told.evidence[_SENTENCES[head][rows.index(what)]]
            if head in _SENTENCES and what in rows
            else " ".join(self._told.evidence)
        )

    @staticmethod
    def _what(told: Any) -> str:
        """What was observed, or modelled: a program of one's own, or a loop by its step."""
        return f"{told.program[:40]}, " if isinstance(told.settings, str) else f"{duration(told.step)} a step, "

    def _show_keys(self, drawn: set[str]) -> None:
        """Write the legend of what is drawn, in the order of `CAUSES`."""
        place = 0.0
        for cause, (box, name) in self._keys.items():
            visible = cause in drawn
            box.set_visible(visible)
            name.set_text(SHORT[cause] if visible else "")
            if visible:
                box.set_x(place)
                name.set_x(place + 2.9)
                place += 4.6 + 1.02 * len(SHORT[cause])

    def describe(self, result: Diagnosis, step: int | None = None, measured: Sequence[Any] | None = None) -> str:
        """Return the model's finding and the loop's."""
        found = self._find(result, measured)
        program = isinstance(result.settings, str)
        told = "" if program else f"Model: {self._what(result)}{result.verdict}. "
        if found is None:
            return (
                f"{told}{'It was not watched' if program else 'No loop ran with these settings'}: press measure here."
            )
        booked = found.diagnosis.shares
        causes = sorted(booked, key=lambda c: -booked[c])[:3]
        shares = ", ".join(f"{CAUSES[c]} {percent(booked[c])}" for c in causes if booked[c] >= 0.01)
        if program:
            notes = "".join(f" {NOTES[note].capitalize()}." for note in found.diagnosis.notes)
            return f"{found.diagnosis.program[:60]} (process {found.diagnosis.pid}): {found.diagnosis.verdict} ({shares}).{notes}"
        return f"{told}Loop ({found.where}): {self._what(found.diagnosis)[:-2]}; {shares}."
