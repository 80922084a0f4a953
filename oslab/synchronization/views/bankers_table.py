"""The banker's table, and who can finish one after the other."""

import re
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from oslab.picture import Look, Tile, Tiles, View, style
from oslab.synchronization.banker import Decision

__all__ = ["BankersTable"]

TOP, WIDE = 112, 172
COLUMNS = (
    ("allocation", 84),
    ("maximum", 84 + WIDE + 14),
    ("need", 84 + 2 * (WIDE + 14)),
    ("free afterwards", 84 + 3 * (WIDE + 14)),
)
LETTERS = "ABCDEFGHIJKLMNOPQRST"


class BankersTable(View):
    """Allocation, maximum and need, a row a process; rows turn green in the order in which they can finish."""

    stepped = True

    def __init__(self, figure: Figure):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = {
            "asks": Look("#f8e3b8", edge=style.ink(1).color, bold=True),
            "word": Look("none", ink=style.QUIET),
            "head": Look("none", bold=True),
            "fits": Look("#c7e6da"),
            "now": Look("#c7e6da", edge=style.GOOD, bold=True),
        }
        self._tiles = Tiles(self, sheet, looks, capacity=96, fontsize=11)
        for name, x in COLUMNS:
            self.label(sheet, x, 62, name, fontsize=11, fontweight="bold", va="center")
        self._foot = self.label(sheet, 20, 362, "", fontsize=11, va="center")

    def update(self, result: Decision, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Decision`, its safety check as far as `step`."""
        step = min(step, result.steps)
        r, n = result.after, len(result.after.maximum)
        types = r.maximum.shape[1]
        high, wide = min(42, 232 / n), WIDE / types
        done = r.sequence[:step]
        tiles = [Tile(x + j * wide, 76, wide - 3, 24, "word", LETTERS[j]) for _, x in COLUMNS for j in range(types)]
        for p in range(n):
            y = TOP + p * high
            look = "now" if done and p == done[-1] else "fits" if p in done else "plain"
            stuck = step == result.steps and p in r.left
            tiles.append(Tile(20, y, 52, high - 4, "asks" if p == result.process else "head", f"P{p}", key=f"P{p}"))
            for (name, x), row in zip(COLUMNS, (r.allocation[p], r.maximum[p], r.need[p])):
                shown, key = "bad" if stuck and name == "need" else look, f"{name} of P{p}" if name != "need" else ""
                tiles += [
                    Tile(x + j * wide, y, wide - 3, high - 4, shown, str(row[j]), key=key and f"{key}, {LETTERS[j]}")
                    for j in range(types)
                ]
            if p in done:
                free = r.available[done.index(p) + 1]
                tiles += [
                    Tile(COLUMNS[3][1] + j * wide, y, wide - 3, high - 4, look, str(free[j])) for j in range(types)
                ]
        self._tiles.set(tiles)
        now, order = r.available[step], " → ".join(f"P{p}" for p in done)
        self._foot.set_text(f"free now: {' '.join(map(str, now))}" + (f"     can finish: {order}" if done else ""))
        asked = " ".join(map(str, result.request))
        why_not = "it exceeds the declared maximum" if result.over else "the state would be unsafe"
        word = {
            "granted": "granted, the state stays safe",
            "wait": "must wait, too little is free",
            "denied": f"denied, {why_not}",
        }[result.answer]
        self.title = (
            f"P{result.process} asks for ({asked}): {word}"
            if any(result.request)
            else f"The state is {'safe' if r.safe else 'unsafe'}: {len(r.sequence)} of {n} processes are sure to finish"
        )

    @staticmethod
    def _cell(key: str) -> tuple[str, int, int]:
        """Which table, process and type a cell is of; no table for a process itself."""
        found = re.fullmatch(r"(?:(\w+) of )?P(\d+)(?:, (\w))?", key)
        table, process, letter = found.groups() if found else ("", "0", None)
        return table or "", int(process), LETTERS.index(letter) if letter else 0

    def tip(self, key: str) -> str:
        """Return what a process has and may still ask for; what a click on a cell does."""
        (table, p, j), r = self._cell(key), self.result.before
        if not table:
            have, need = (" ".join(map(str, row[p])) for row in (r.allocation, r.need))
            return f"P{p} has {have} and may still ask for {need}. Click: P{p} is the process that asks."
        if table == "maximum":
            return f"P{p} may have {r.maximum[p, j]} of {LETTERS[j]} at most. Click: the maximum grows by one."
        return f"P{p} has {r.allocation[p, j]} of {LETTERS[j]}. Click: it gets one more, or returns all if no more is possible."

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """A process asks; a cell grows by one, what is allocated at the cost of what is free."""
        if at:
            return None
        table, p, j = self._cell(key)
        if not table:
            return {"process": p}
        r = self.result.before
        free, most, held = (np.array(one) for one in (r.available[0], r.maximum, r.allocation))
        if table == "maximum":
            most[p, j] += 1
        else:
            more = 1 if free[j] and held[p, j] < most[p, j] else -held[p, j]
            held[p, j], free[j] = held[p, j] + more, free[j] - more
        rows = [free, *(f"{' '.join(map(str, a))} / {' '.join(map(str, m))}" for a, m in zip(held, most))]
        return {"state": "\n".join([" ".join(map(str, rows[0])), *rows[1:]])}

    def describe(self, result: Decision, step: int | None = None, measured: Any = None) -> str:
        """Return the reason of the decision, and of the step."""
        reason = result.reason if any(result.request) else ""
        state = "" if result.after is not result.before or not reason else ", in the state as it is"
        return (
            f"{reason} {f'Step {step}{state}: {result.why(step)}' if step else ''}".strip()
            or "No process has been checked yet."
        )
