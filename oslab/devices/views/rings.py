"""The two rings, drawn as rings, with heads and tails; and the system calls counted."""

from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection

from oslab.base import plural, readable
from oslab.devices.ring_job import RingJob
from oslab.devices.rings import WRAP, RingState
from oslab.picture import View, style

__all__ = ["RingsPicture"]

CENTRES = {"SQ": (150, 208), "CQ": (488, 208)}
OUTER, INNER = 104, 62
LOOKS = {
    "empty": ("#f7f8f9", "#d5dade", ""),
    "old": ("#edf0f3", "#d5dade", ""),
    "written": ("#f8e3b8", "#e69f00", "//"),
    "shown": ("#cfe3f2", "#0072b2", ""),
    "ready": ("#c7e6da", style.GOOD, ".."),
}
BARS = 650, 804


class RingsPicture(View):
    """SQ and CQ, each place with the request that stands in it; who moves which index; calls by io_uring and by epoll."""

    stepped = True
    side = 640

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        self._wedges = {
            key: self.live(
                sheet.add_collection(PolyCollection([], facecolors=fill, edgecolors=edge, lw=1.2, hatch=hatch or None))
            )
            for key, (fill, edge, hatch) in LOOKS.items()
        }
        self._plates = self.live(sheet.plot([], [], "o", ms=13, color=style.PAPER, mew=0, zorder=2)[0])
        self._labels = [self.label(sheet, 0, 0, fontsize=9.5, ha="center", va="center") for _ in range(48)]
        self._arrows = {}
        for ring, (x, y) in CENTRES.items():
            self.label(sheet, x, y - 14, ring, fontsize=14, fontweight="bold", ha="center", va="center")
            for end, color in (("head", style.ink(0).text), ("tail", style.ink(5).text)):
                who = "kernel" if (ring == "SQ") == (end == "head") else "app"
                mark = self.live(
                    sheet.plot([], [], marker="o" if end == "head" else "s", ms=8, color=color, zorder=6)[0]
                )
                word = self.label(
                    sheet, x, y + (6 if end == "head" else 24), fontsize=9.5, color=color, ha="center", va="center"
                )
                self._arrows[ring, end] = mark, word, who
        self._flying = [self.label(sheet, 319, y, fontsize=10, ha="center", va="center") for y in (150, 172, 194, 216)]
        self._aside = self.label(sheet, 319, 250, fontsize=10, ha="center", va="center", color="#b24e00")
        self._key = self.label(
            sheet,
            16,
            360,
            "hatched: written   blue: shown to the kernel   dotted: completion ready   grey: old",
            fontsize=10,
            color=style.QUIET,
            va="center",
        )
        self._act = self.label(sheet, 16, 64, fontsize=11.5, va="center", fontweight="bold", color=style.ink(0).text)
        self._bars = self.live(
            sheet.add_collection(PolyCollection([], facecolors=[style.ink(0).color, "#cfd4d9"], lw=0))
        )
        self._counts = [self.label(sheet, BARS[0], y, fontsize=10.5, va="center") for y in (104, 156)]
        self.label(sheet, BARS[0], 58, "system calls so far", fontsize=10.5, color=style.QUIET, va="center")
        self._guess = self.live(sheet.plot([], [], color=style.BAD, lw=2, ls="--", visible=False, zorder=6)[0])
        self._guess_word = self.label(
            sheet, BARS[1], 76, fontsize=9.5, color="#b24e00", ha="right", va="center", visible=False
        )
        self._guessed: float | None = None
        self._more = [
            self.label(sheet, BARS[0], y, fontsize=10, color=style.QUIET, va="center") for y in (212, 232, 252, 272)
        ]
        self._real = [self.label(sheet, BARS[0], y, fontsize=10, va="center") for y in (302, 322)]

    def update(self, result: RingJob, step: int | None = None, measured: Any = None) -> None:
        """Draw a `RingJob` after `step`; `measured` holds the indices of a real ring after each step."""
        state, self._small = result.state(step), min(1.0, self.stretch())  # rings are smaller on a narrow page
        pieces: dict[str, list[np.ndarray]] = {key: [] for key in LOOKS}
        labels: list[tuple[float, float, str]] = []
        for ring, places, look in (("SQ", state.sq, self._sq_look), ("CQ", state.cq, self._cq_look)):
            for k, entry in enumerate(places):
                part = (k + np.linspace(0.03, 0.97, max(4, 48 // len(places)))) / len(places)
                pieces[look(state, k, entry)].append(
                    np.concatenate([self._place(ring, part, OUTER), self._place(ring, part[::-1], INNER)])
                )
                if entry is not None and len(places) <= 32:
                    middle = self._place(ring, (k + 0.5) / len(places), OUTER - (21 if len(places) <= 16 else 12))
                    labels.append((*middle, str(entry.user_data)))
        for key, wedges in self._wedges.items():
            wedges.set_verts(pieces[key])
        self._plates.set_data(*zip(*(label[:2] for label in labels)) if labels and len(state.cq) <= 16 else ([], []))
        for word, label in zip(self._labels, [*labels, *[(0, 0, "")] * len(self._labels)], strict=False):
            word.set_position(label[:2])
            word.set_gid(f"request {label[2]}" if label[2] else None)
            word.set_fontsize(9.5 if len(state.cq) <= 16 else 7.5 * max(self._small, 0.93))
            word.set_text(label[2])
        self._point(state)
        self._count(result, step, state)
        self._compare(result, step, measured)
        done = result.done[step - 1] if step else None
        self._act.set_text(
            f"{done.who}: {done.action}"
            if done
            else "set up by two system calls"
            if not result.registered
            else "set up, buffers and files registered"
        )
        made, other = state.calls - result.states[0].calls, self._epoll_calls(result, step)
        self.title = (
            f"{plural(result.operations, 'read')}, {result.batch} a batch; system calls so far: "
            f"{made}, by epoll: {other}"
        )

    @staticmethod
    def _sq_look(state: RingState, k: int, entry: Any) -> str:
        ahead = (k - state.sq_head) % len(state.sq)
        if ahead < (state.sq_tail - state.sq_head) % WRAP:
            return "shown"
        if ahead < (state.filled - state.sq_head) % WRAP:
            return "written"
        return "empty" if entry is None else "old"

    @staticmethod
    def _cq_look(state: RingState, k: int, entry: Any) -> str:
        return "ready" if (k - state.cq_head) % len(state.cq) < state.ready else "empty" if entry is None else "old"

    def _place(self, ring: str, part: Any, radius: float, beyond: float = 0) -> np.ndarray:
        """Where a part of the way round a ring is, clockwise from its top; round on a page of any width."""
        angle, far = 2 * np.pi * np.asarray(part), radius * self._small + beyond
        return np.stack([far / self.stretch() * np.sin(angle), -far * np.cos(angle)], axis=-1) + CENTRES[ring]

    def _point(self, state: RingState) -> None:
        values = {
            ("SQ", "head"): (state.sq_head, state.sq),
            ("SQ", "tail"): (state.sq_tail, state.sq),
            ("CQ", "head"): (state.cq_head, state.cq),
            ("CQ", "tail"): (state.cq_tail, state.cq),
        }
        for (ring, end), (index, places) in values.items():
            mark, word, who = self._arrows[ring, end]
            lean = -0.011 if end == "head" else 0.011  # side by side where they meet
            place = self._place(ring, index % len(places) / len(places) + lean, OUTER, 16 * self._small)
            mark.set_data(*place[:, None])
            below = 6 if self._small == 1 else self._small * OUTER + 28  # no room inside
            word.set_y(CENTRES[ring][1] + below + max(18 * self._small, 15) * (end == "tail"))
            word.set_text(f"{'●' if end == 'head' else '■'} {end} {index} ({who})")

    def predict(self, answer: float | None) -> None:
        """Mark a predicted number of calls; none for None."""
        self._guessed = None if answer is None else float(answer)

    def _count(self, result: RingJob, step: int, state: RingState) -> None:
        made, other = state.calls - result.states[0].calls, self._epoll_calls(result, step)
        most = max(result.epoll_calls, result.calls, 1)
        scale = (BARS[1] - BARS[0]) / most
        for artist in (self._guess, self._guess_word):
            artist.set_visible(self._guessed is not None)
        if self._guessed is not None:
            at = BARS[0] + min(self._guessed, most) * scale
            self._guess.set_data([at, at], [112, 136])
            self._guess_word.set_text(f"you said {readable(self._guessed)}")
        self._bars.set_verts(
            [
                [
                    (BARS[0], y),
                    (BARS[0] + max(n * scale, 1), y),
                    (BARS[0] + max(n * scale, 1), y + 16),
                    (BARS[0], y + 16),
                ]
                for n, y in ((made, 116), (other, 168))
            ]
        )
        self._counts[0].set_text(f"io_uring: {made}")
        self._counts[1].set_text(f"the same by epoll: {other}")
        flying = [str(r.user_data) for r in state.in_flight]
        rows = [" ".join(flying[k : k + 4]) for k in range(0, len(flying), 4)]
        if len(rows) > 3:
            rows = [*rows[:2], "…"]
        for word, text in zip(self._flying, ["in flight", *rows, "", "", ""]):
            word.set_text(text if flying else "")
        self._aside.set_text(f"overflow: {len(state.overflow)}" if state.overflow else "")
        self._more[0].set_text(f"places: {len(state.sq)} and {len(state.cq)}")
        self._more[3].set_text(f"requested: {result.asked} places" if result.asked != result.entries else "")
        self._more[1].set_text(f"buffers pinned: {state.pins}")
        self._more[2].set_text(f"files looked up: {state.lookups}")

    @staticmethod
    def _epoll_calls(result: RingJob, step: int) -> int:
        """Calls that epoll has made for as many operations as are reaped by now: a wait a batch, a read each."""
        reaped = sum(d.action.startswith("reap") for d in result.done[:step])
        return reaped + -(-reaped // result.batch)

    def _compare(self, result: RingJob, step: int, measured: Any) -> None:
        text = []
        for origin, real in _same_jobs(result, measured).items():
            indices = " ".join(f"{v:.0f}" for v in real[step])
            text.append(f"{origin}: {indices} {'✓' if result.agrees(step, real[step]) else '✗'}")
        self.say(self._real, text)

    def tip(self, key: str) -> str:
        """Return where a request stands."""
        number, state = key.removeprefix("request "), self.result.state(self.step or 0)
        rings = [
            ring
            for ring, places in (("submission", state.sq), ("completion", state.cq))
            if any(entry is not None and str(entry.user_data) == number for entry in places)
        ]
        return f"Request {number}: its entry is in the {' and in the '.join(rings)} queue."

    def describe(self, result: RingJob, step: int | None = None, measured: Any = None) -> str:
        """Return what happens at this step, and whether real rings had the same indices."""
        if not step:
            return "Both rings are empty. They are mapped into the program's memory, and shared with the kernel from now on."
        said = f"Step {step} of {result.steps}, {result.done[step - 1].who}: {result.why(step)}"
        for origin, real in _same_jobs(result, measured).items():
            same = sum(result.agrees(k, real[k]) for k in range(result.steps + 1))
            said += f" A real ring ({origin}) had the same indices in {same} of {result.steps + 1} states."
        return said


def _same_jobs(result: RingJob, measured: Any) -> dict[str, np.ndarray]:
    """The four indices of real rings by step, shape (steps + 1, 4), by origin: of those that did the same job."""
    job = f"step of {result.operations} by {result.batch}, {result.entries} entries{', sqpoll' * result.sqpoll}"
    columns: dict[str, list[np.ndarray]] = {}
    for series in measured or ():
        if series.x_unit == job and len(series.x) == result.steps + 1:
            columns.setdefault(series.origin, []).append(series.median)
    return {origin: np.stack(some, axis=1) for origin, some in columns.items()}
