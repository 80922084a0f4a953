"""Threads side by side: their steps, where each stands, what is shared, who waits for whom."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from matplotlib.figure import Figure

from oslab.base import plural, readable
from oslab.picture import Look, Tile, Tiles, View, style
from oslab.synchronization.bounded_buffer import BufferProof
from oslab.synchronization.execution import Execution, ThreadsState
from oslab.synchronization.thread_compiler import CompiledThreads
from oslab.synchronization.thread_language import ThreadsProof

__all__ = ["RAISED", "BufferTrial", "CounterByHand", "OwnThreads", "big", "code_looks", "code_tiles"]

TOP, LEFT, PANEL = 92, 20, 556
FILLS = ("#cfe3f2", "#f8e3b8", "#bfe5d8", "#f0d9e6")
MOST_MOVES = 26
WINDOW = 11  # steps of a thread that are shown at a time
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def big(number: int | float) -> str:
    """Return a count as it is said: grouped up to a million, powers of ten above, or without end."""
    if number == math.inf:
        return "infinitely many"
    if number < 10**7:
        return readable(int(number))
    power = len(str(int(number))) - 1
    return f"{int(number) / 10**power:.2f} × 10{str(power).translate(RAISED)}"


def code_looks() -> dict[str, Look]:
    """Return the looks of threads, of their steps, and of the step at which one stands or has failed."""
    inks = [style.ink(k) for k in range(4)]
    looks = {f"t{k}": Look(FILLS[k], edge=i.color, hatch=i.hatch if k else "", bold=True) for k, i in enumerate(inks)}
    return looks | {"code": Look("#f4f6f8"), "now": Look("#dde4ea", bold=True), "bad": Look("#f6d2b8", edge=style.BAD)}


def code_tiles(
    program: CompiledThreads,
    state: ThreadsState,
    threads: list[int],
    x: float,
    wide: float,
    high: float,
    most: int = WINDOW,
) -> Iterator[Tile]:
    """Make the tiles of one program's steps, with those of `threads` that stand there; looks are those of `code_looks`."""
    lines = max((program.lines[t] for t in threads), key=len)
    at = [place - (state.status[t] == "failed") for t, place in enumerate(state.places)]
    tokens = 26 * len(threads) + 2
    first = max(0, min([at[t] for t in threads]) - most // 2) if len(lines) > most else 0
    first = min(first, max(0, len(lines) - most))
    for k, text in enumerate(lines[first : first + most], first):
        here = [t for t in threads if at[t] == k]
        look = "bad" if any(state.status[t] == "failed" for t in here) else "now" if here else "code"
        key = f"next line of {program.names[here[0]]}" if len(here) == 1 else ""
        yield Tile(x + tokens, TOP + (k - first) * high, wide - tokens, high - 2, look, text, key=key)
        for j, t in enumerate(here):
            name, y = program.names[t], TOP + (k - first) * high
            yield Tile(x + 26 * j, y, 24, high - 2, f"t{t % 4}", name, key=f"thread {name}")


def tell_thread(run: Execution, step: int, name: str) -> str:
    """Return what a thread's next line is, and whether it can step, or whose turn it is in the schedule."""
    t, state = run.program.names.index(name), run.state(step)
    if state.status[t] in ("done", "failed"):
        return f"{name} {'is done' if state.status[t] == 'done' else 'has failed'}."
    line = run.program.lines[t][state.places[t]]
    waits = f"cannot step: {state.waits_for[t]} is not free" if state.status[t] != "ready" else "can step"
    turn = f" In this schedule {run.program.names[run.moves[step].thread]} is next." if step < run.steps else ""
    return f"{name} {waits}; its next line: {line}.{turn}"


class ThreadsView(View):
    """Columns of steps at the left, variables, locks and threads at the right, the schedule below."""

    stepped, tallest, window = True, 60, WINDOW  # px, the tallest a step is drawn; how many of a thread's are

    def __init__(self, figure: Figure):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = {**code_looks(), "word": Look("none", ink=style.QUIET)}
        self._tiles = Tiles(self, sheet, looks, capacity=48, fontsize=10)
        self._heads = [self.label(sheet, 0, 78, "", fontsize=11, fontweight="bold", va="center") for _ in range(3)]
        self._lines = [self.label(sheet, PANEL, 0, "", fontsize=11, va="center") for _ in range(13)]

    def _columns(self, program: CompiledThreads) -> list[list[int]]:
        """Threads by column: each its own, or those of one program together where there would be too many."""
        if len(program.names) <= 3 and max(map(len, program.lines)) <= 10:
            return [[t] for t in range(len(program.names))]
        columns: dict[tuple, list[int]] = {}
        for t, name in enumerate(program.names):
            columns.setdefault((name[0], program.code.shape), []).append(t)
        return list(columns.values())

    def show(self, run: Execution, step: int, more: Iterable[Tile] = ()) -> ThreadsState:
        """Draw an `Execution` as far as `step`, and more tiles; return the state there."""
        program, state = run.program, run.state(step)
        columns = self._columns(program)
        wide = (PANEL - LEFT - 24) / len(columns) - 8
        high = min(self.tallest, (100 * self.size[1] - 148) / min(self.window, max(map(len, program.lines))))
        tiles = []
        self.say(self._heads, ())
        for k, threads in enumerate(columns):
            x = LEFT + k * (wide + 8)
            name = " ".join(program.names[t] for t in threads)
            self._heads[k].set(text=f"thread{'s' * (len(threads) > 1)} {name}", position=(x + 6, 78))
            tiles += code_tiles(program, state, threads, x, wide, high, self.window)
        self._tiles.set([*tiles, *self._history(run, step), *more])
        said = list(self._panel(program, state))
        for k, word in enumerate(self._lines):
            text, bad = said[k] if k < len(said) else ("", False)
            word.set(text=text, position=(PANEL, 78 + min(25, (100 * self.size[1] - 130) / len(said)) * k))
            word.set_color("#b24e00" if bad else style.INK)
        return state

    @property
    def run(self) -> Execution:
        """The schedule that the picture shows."""
        return self.result.run

    def tip(self, key: str) -> str:
        """Return what a thread's next line is and whether it can step."""
        return tell_thread(self.run, self.step or 0, key.split()[-1])

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """The thread whose turn it is takes its step."""
        step, name = self.step or 0, key.split()[-1]
        if at or step >= self.run.steps or self.run.program.names[self.run.moves[step].thread] != name:
            return None
        return self.next_step()

    @staticmethod
    def _panel(program: CompiledThreads, state: ThreadsState) -> Iterator[tuple[str, bool]]:
        """Lines of text, and whether each tells of trouble."""
        for name, value in state.shared.items():
            yield f"shared  {name} = {value}", False
        for name, value in state.semaphores.items():
            yield f"semaphore  {name} = {value}", False
        for name, owner in state.owners.items():
            yield f"lock  {name}: " + (f"held by {program.names[owner]}" if owner >= 0 else "free"), False
        for t, name in enumerate(program.names):
            status, what = state.status[t], state.waits_for[t]
            said = {
                "blocked": f"waits for {what}",
                "asleep": f"sleeps on {what}",
                "done": "done",
                "failed": "has failed",
                "ready": "can step",
            }[status]
            held = "".join(f", {r} = {v}" for r, v in state.registers[t].items())
            yield f"{name}: {said}{held}", status == "failed" or (state.stuck and status != "done")

    def _history(self, run: Execution, step: int) -> Iterator[Tile]:
        first = max(0, min(step - MOST_MOVES + 4, run.steps - MOST_MOVES))
        below = 100 * self.size[1] - 42
        yield Tile(LEFT, below, 76, 24, "word", "schedule")
        if not run.moves:
            yield Tile(LEFT + 84, below, 76, 24, "quiet", "no step")
        for k, move in enumerate(run.moves[first : first + MOST_MOVES]):
            done = first + k < step
            yield Tile(
                LEFT + 84 + 27 * k,
                below,
                25,
                24,
                f"t{move.thread % 4}" if done else "quiet",
                run.program.names[move.thread],
            )


class CounterByHand(ThreadsView):
    """The counter, its threads stepped by hand."""

    @property
    def run(self) -> Execution:
        """The schedule that the picture shows."""
        return self.result

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """Any thread that can step takes its step next; what was to come after is dropped."""
        run, step, name = self.run, self.step or 0, key.split()[-1]
        if at or run.state(step).status[run.program.names.index(name)] != "ready":
            return None
        taken = "".join(run.program.names[move.thread] for move in run.moves[:step])
        return {"schedule": taken + name, "step": step + 1}

    def update(self, result: Execution, step: int | None = None, measured: Any = None) -> None:
        """Draw an `Execution` of the counter as far as `step`."""
        state = self.show(result, step)
        stores, x = self._count_stores(result, step), state.shared["x"]
        lost = f"{stores - x} of them lost" if stores > x else "none lost"
        ended = "All done" if set(state.status) == {"done"} else "So far"
        self.title = f"{ended}: {plural(stores, 'increment')} finished, x = {x}, {lost}"

    @staticmethod
    def _count_stores(result: Execution, step: int) -> int:
        """How many increments have been finished."""
        lines, places = result.program.lines, result.state(step).places
        return sum(text in ("x = r", "x += 1") for t, at in enumerate(places) for text in lines[t][:at])

    def describe(self, result: Execution, step: int | None = None, measured: Any = None) -> str:
        """Return what the step did and who can go on."""
        state = result.state(step)
        can = [result.program.names[t] for t, s in enumerate(state.status) if s == "ready"]
        said = f"Step {step}, {result.why(step)}" if step else "No step has been taken yet."
        return f"{said} {' and '.join(can) or 'No thread'} can step now."


class BufferTrial(ThreadsView):
    """The bounded buffer with a mistake, along the shortest schedule that breaks it."""

    def update(self, result: BufferProof, step: int | None = None, measured: Any = None) -> None:
        """Draw a `BufferProof` as far as `step`."""
        self.show(result.run, step)
        verdict = result.verdict
        if verdict.safe is None:
            self.title = f"Not finished: {readable(verdict.states)} states seen, nothing is proved"
        elif verdict.safe:
            self.title = (
                f"Cannot fail: {readable(verdict.states)} states, {big(verdict.schedules)} schedules, all tried"
            )
        else:
            bad = sum(t.schedules for t in verdict.bad)
            self.title = (
                f"{big(bad)} of {big(verdict.schedules)} schedules fail, the shortest in {plural(result.steps, 'step')}"
            )

    def describe(self, result: BufferProof, step: int | None = None, measured: Any = None) -> str:
        """Return what the step did, and what is wrong in the end."""
        state, n = result.state(step), len(result.run.program.names)
        said = (
            f"Step {step} of {result.steps}, {result.why(step)}"
            if step
            else f"{n} threads and a buffer of {result.size}."
        )
        if state.stuck:
            said += " No thread can continue: a deadlock."
        return f"{result.mistake.label.capitalize() if result.mistake.label != 'none' else 'No mistake'}. {said}"


KINDS = {
    "deadlock": "A deadlock",
    "livelock": "A livelock: no thread can ever end",
    "double-held": "Two threads in one critical section",
    "failure": "An assertion or an unlock fails",
}


BAD = "deadlocks", "livelocks", "failures"


class OwnThreads(ThreadsView):
    """Typed threads, along the shortest schedule to what goes wrong."""

    size = (8.2, 3.2)  # the program takes more room above it than other controls
    window = 9

    @staticmethod
    def _outcomes(verdict: Any) -> list[tuple[str, int | float]]:
        """The final values that there are, in words, and in how many schedules."""
        names = verdict.program.shared
        return [
            (", ".join(f"{name} = {value}" for name, value in zip(names, values)) or "all done", many)
            for values, many in verdict.outcomes.items()
        ]

    def _ends(self, verdict: Any) -> Iterator[Tile]:
        """How the schedules end: a tile an outcome and a tile a kind of bad state, as many as there is room for."""
        said = [(plural(many, kind[:-1]), "bad") for kind in BAD if (many := len(getattr(verdict, kind)))]
        said += [(f"{end}: {big(many)} way{'s' * (many != 1)}", "plain") for end, many in self._outcomes(verdict)]
        yield Tile(LEFT, 38, 76, 24, "word", "ends")
        x = LEFT + 84.0
        for text, look in said:
            wide = (7.4 * len(text) + 14) * 100 * self.size[0] / self.figure.bbox.width
            if x + wide <= 100 * self.size[0]:
                yield Tile(x, 38, wide, 24, look, text)
            x += wide + 6

    def update(self, result: ThreadsProof, step: int | None = None, measured: Any = None) -> None:
        """Draw a `ThreadsProof` as far as `step`."""
        verdict = result.verdict
        self.show(result.run, step, self._ends(verdict))
        many = f"{plural(verdict.states, 'state')}, {big(verdict.schedules)} schedules"
        if verdict.worst:
            away = f"{plural(result.steps, 'step')} away" if result.steps else "from the start"
            self.title = f"{KINDS[verdict.worst.kind]}, {away}"
        elif verdict.complete:
            ends = len(verdict.outcomes)
            self.title = f"{f'No bad state, {ends} outcomes' if ends > 1 else 'Nothing goes wrong'}: {many}, all tried"
        else:
            self.title = f"Not finished: {plural(verdict.states, 'state')} seen, nothing is proved"

    def describe(self, result: ThreadsProof, step: int | None = None, measured: Any = None) -> str:
        """Return what the step did, and every outcome with its number of schedules."""
        verdict = result.verdict
        said = f"Step {step} of {result.steps}, {result.why(step)} " if step else ""
        ends = self._outcomes(verdict)
        outcomes = "; ".join(f"{end} in {big(many)} schedules" for end, many in ends[:3]) or "none"
        bad = ", ".join(plural(len(getattr(verdict, kind)), kind[:-1]) for kind in BAD)
        more = f", and {plural(len(ends) - 3, 'other')}" if len(ends) > 3 else ""
        return f"{said}Outcomes: {outcomes}{more}. Bad states: {bad}."
