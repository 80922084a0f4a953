"""A crash: which writes were on the disk, what recovery made of it, and all the other crashes beside it."""

from itertools import groupby, zip_longest
from typing import Any

from oslab.base import plural, readable
from oslab.filesystems.crash import SAFE, VERDICTS, Crash, CrashReport, CrashSummary
from oslab.filesystems.disk import GARBAGE
from oslab.filesystems.journal import Recovery
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["CrashPicture", "CrashTable", "VERDICT_LOOKS"]

LEFT, RIGHT = 16, 804
TICK = "✓"  # what is green is told apart by it
SHORT = {
    "data": "D",
    "inode table": "I",
    "block bitmap": "B",
    "inode bitmap": "N",
    "directory": "E",
    "indirect": "P",
    "extent tree": "P",
    "symlink": "S",
    "descriptor": "[",
    "commit": "]",
    "revoke": "R",
    "journal head": "H",
}
MEANS = {"[": "begin", "]": "commit", "H": "head"}
VERDICT_LOOKS = {
    "before": Look("#dfe4e8", edge="#9aa3ac"),
    "after": Look("#c7e6da", edge=style.GOOD, bold=True),
    "between": Look("#cfe3f2", edge="#0072b2", hatch="."),
    "torn": Look("#f8e3b8", edge="#e69f00", hatch="\\\\"),
    "empty": Look("#f8e3b8", edge="#e69f00", hatch="--"),
    "missing": Look("#f0d5e3", edge="#cc79a7", hatch="||"),
    "garbage": Look("#f0d5e3", edge="#cc79a7", hatch="xx", bold=True),
    "inconsistent": Look("#f6d2b8", edge=style.BAD, hatch="////", bold=True),
}


NEXT_BAD = "next failure"


class CrashPicture(View):
    """The writes in order, those that reached the disk filled; old and new blocks; the verdicts on every crash."""

    stepped, step_word = True, "crash"

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = VERDICT_LOOKS | {
            "landed": Look("#0072b2", ink="#ffffff", bold=True),
            "later": Look("#f7f8f9", ink=style.QUIET),
            "lost": Look("#ffffff", edge=style.BAD, dash="--", ink="#b24e00"),
            "barrier": Look(style.INK),
            "to come": Look("#d5dade"),
            "old": Look("#edf0f3"),
            "new": Look("#cfe3f2", edge="#0072b2"),
            "word": Look("none", ink=style.QUIET),
            "strong": Look("none", bold=True),
        }
        self._tiles = Tiles(self, sheet, looks, capacity=60, fontsize=10, radius=2)
        self._lines = [self.label(sheet, LEFT, y, fontsize=10, color=style.QUIET, va="center") for y in (110, 298)]
        self._counts = [
            self.label(sheet, LEFT + 24 + 112 * k, 358, fontsize=10, color=style.QUIET, va="center") for k in range(7)
        ]
        self._key = self.label(
            sheet,
            RIGHT,
            48,
            "filled: on the disk   dashed: lost   bar: barrier",
            fontsize=10,
            color=style.QUIET,
            va="center",
            ha="right",
        )
        self._passes = [self.label(sheet, 532, y, fontsize=10, va="center") for y in (146, 166, 186, 206, 226)]

    def update(self, result: CrashReport, step: int | None = None, measured: Any = None) -> None:
        """Draw crash `step`."""
        step = max(1, step)
        crash, recovery, verdict = result.crashes[step - 1], result.recovery(step), result.verdicts[step - 1]
        self._tiles.set(
            [
                *self._writes(result, crash),
                *self._blocks(result, crash, recovery),
                *self._all(result, step),
                Tile(532, 244, 272, 34, verdict, verdict),
            ]
        )
        for line, text in zip(self._passes, self._recovery(result, recovery)):
            line.set_text(text)
        found = [f"{result.counts[v]} {v}" for v in VERDICTS if result.counts[v]]
        for word, text in zip_longest(self._counts, found, fillvalue=""):
            word.set_text(text)
        self._lines[1].set_text(f"all {result.steps} crashes (this one is framed):")
        mode = "no journal" if result.mode == "none" else result.mode
        self.title = (
            f"{result.scenario.label}, {mode}: {result.bad or 'none'} of {plural(result.steps, 'crash', 'crashes')} "
            f"go{'es' * (result.bad == 1)} wrong"
        )

    def _writes(self, result: CrashReport, crash: Crash) -> list[Tile]:
        waits = sum(e.waits for e in result.events)
        wide = min(44, (RIGHT - LEFT - 10 * waits) / max(1, len(result.events) - waits))
        tiles, x, seen = [], LEFT, {}
        for k, event in enumerate(result.events):
            if event.waits:
                tiles.append(Tile(x + 2, 60, 4, 36, "barrier" if k < crash.until else "to come"))
                x += 10
                continue
            short = SHORT[event.label]
            seen[short] = MEANS.get(short, event.label)
            look = "later" if k >= crash.until else "lost" if k in crash.lost else "landed"
            tiles.append(Tile(x, 62, wide - 3, 32, look, short + "'" * (event.kind == "copy"), key=f"write {k + 1}"))
            x += wide
        copy = "   ' in the journal" if any(e.kind == "copy" for e in result.events) else ""
        self._lines[0].set_text("   ".join(f"{s} {m}" for s, m in seen.items()) + copy)
        return tiles

    def _blocks(self, result: CrashReport, crash: Crash, recovery: Recovery) -> list[Tile]:
        """Blocks outside the journal that the operation writes: as the crash left them, and after recovery."""
        g = crash.disk[0]
        places = {e.block: e.label for e in result.events if e.kind in ("data", "in place")}
        final = list(result.before)
        for e in result.events:
            if e.block in places:
                final[e.block] = e.value
        wide = min(132, 412 / max(1, len(places)))
        tiles = [Tile(LEFT, y, 90, 34, "word", text) for y, text in ((164, "after crash"), (204, "recovered"))]
        for k, (block, label) in enumerate(sorted(places.items(), key=lambda item: (item[1] != "data", item[0]))):
            x = LEFT + 96 + k * wide
            tiles.append(Tile(x, 136, wide - 4, 24, "strong", f"{SHORT[label]} {block}"))
            for y, disk in ((164, crash.disk), (204, recovery.disk)):
                old, new = disk[block] == result.before[block], disk[block] == final[block]
                look = "old" if old else "new" if new else "between"
                text = "same" if old and new else look
                if label == "data" and not new and disk[block] == GARBAGE * g.block_size:
                    look = text = "garbage"
                tiles.append(Tile(x, y, wide - 4, 34, look, text if wide > 62 or len(text) < 5 else text[:4]))
        return tiles

    @staticmethod
    def _recovery(result: CrashReport, recovery: Recovery) -> list[str]:
        if result.mode == "none":
            return ["no journal: no recovery", "", "", "", ""]
        whole, rest = (
            " ".join(f"T{t.number}" for t in recovery.scanned if t.committed is yes) for yes in (True, False)
        )
        found = f"{whole} committed{f', {rest} not' * bool(rest)}" if whole else f"{rest} not committed" * bool(rest)
        revoked = ", ".join(f"block {b} up to T{t}" for b, t in recovery.revoked.items())
        blocks = sorted({b for _, b in recovery.replayed})
        skipped = ", ".join(f"{b} of T{t}" for t, b in recovery.skipped)
        return [
            "recovery, three passes",
            f"1 scan: {found or 'empty journal'}",
            f"2 revoke: {revoked or 'nothing'}",
            f"3 replay: {('blocks ' + ', '.join(map(str, blocks))) if blocks else 'nothing'}",
            f"   skipped: block {skipped}" if skipped else "",
        ]

    @staticmethod
    def _all(result: CrashReport, step: int) -> list[Tile]:
        wide = min(60, (RIGHT - LEFT) / result.steps)
        runs = [(k, v, 1) for k, v in enumerate(result.verdicts)]
        if wide < 12:  # too many to tell apart: equal neighbours as one
            runs = []
            for verdict, same in groupby(result.verdicts):
                runs.append((sum(n for *_, n in runs), verdict, len(list(same))))
        found = [v for v in VERDICTS if result.counts[v]]
        key = [Tile(LEFT + 112 * k, 350, 18, 16, v, TICK * (v == "after")) for k, v in enumerate(found)]
        return [
            *(
                Tile(
                    LEFT + k * wide,
                    314,
                    n * wide - 1,
                    26,
                    v,
                    TICK * (v == "after" and n * wide > 12),
                    key=f"crash {k + 1}",
                )
                for k, v, n in runs
            ),
            *([Tile(RIGHT - 112, 286, 112, 22, "new", f"{NEXT_BAD} ▸", key=NEXT_BAD)] if result.bad else []),
            Tile(LEFT + (step - 1) * wide - 2, 309, wide + 3, 36, "frame"),
            *key,
        ]

    def tip(self, key: str) -> str:
        """Return the verdict on a crash and its reason; what a write is and what has become of it."""
        kind, _, number = key.rpartition(" ")
        if kind == "write":
            k, crash = int(number) - 1, self.result.crashes[(self.step or 1) - 1]
            became = (
                "not yet started" if k >= crash.until else "lost in the crash" if k in crash.lost else "on the disk"
            )
            return f"Write {number}, {self.result.name(k)}: {became}."
        found = (self.touch(key) or {}).get("step")
        return f"Crash {found}, {self.result.verdicts[found - 1]}. {self.result.why(found)}" if found else ""

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """A square leads to its crash, the button to the next one that goes wrong."""
        if key != NEXT_BAD or at:
            return super().touch(key, at)
        n, step = self.result.steps, self.step or 1
        return {"step": next(k % n + 1 for k in range(step, step + n) if self.result.verdicts[k % n] not in SAFE)}

    def describe(self, result: CrashReport, step: int | None = None, measured: Any = None) -> str:
        """Return the verdict on this crash and its reason."""
        step = max(1, step)
        row = result.crashes[step - 1]
        lost = [result.name(k) for k in sorted(row.lost)]
        said = f"lost: {', '.join(lost)}" if lost else "no write in flight is lost"
        promise = (
            ""
            if not result.scenario.target
            else (
                " Once the last call has returned, the new contents survive any crash."
                if result.durable
                else " Even after the last call has returned, a crash may still undo it."
            )
        )
        return f"Crash {step} of {result.steps}; {said}. {result.why(step)}{promise}"


class CrashTable(View):
    """Scenarios by modes: how many crashes end how, the worst verdict as colour and hatch."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        looks = {k: v._replace(bold=False) for k, v in VERDICT_LOOKS.items()} | {
            "head": Look("none", bold=True),
            "word": Look("none", ink=style.QUIET),
        }
        self._tiles = Tiles(self, sheet, looks, capacity=70, fontsize=10)

    def update(self, result: CrashSummary, step: int | None = None, measured: Any = None) -> None:
        """Draw the table."""
        rows, modes = result.scenarios, result.modes
        high, wide = min(27, 312 / len(rows)), 144
        tiles = [Tile(220 + k * wide, 38, wide - 6, 20, "head", mode) for k, mode in enumerate(modes)]
        for r, row in enumerate(rows):
            y = 60 + r * high
            tiles.append(Tile(16, y, 196, high - 4, "word", result.labels[r]))
            for k, mode in enumerate(modes):
                counts = result.counts[row, mode]
                worst = max(counts, key=VERDICTS.index)
                bad = ", ".join(f"{counts[v]} {v}" for v in VERDICTS if v not in SAFE and counts[v])
                fine = worst in SAFE
                tiles.append(
                    Tile(
                        220 + k * wide,
                        y,
                        wide - 6,
                        high - 4,
                        "after" if fine else worst,
                        f"{sum(counts.values())} fine" if fine else bad.replace("inconsistent", "inc."),
                    )
                )
        self._tiles.set(tiles)
        self.title = (
            f"{readable(result.crashes)} crashes tried: {result.bad('none')} go wrong without a journal, "
            f"{result.bad('journal')} in journal mode"
        )

    def describe(self, result: CrashSummary, step: int | None = None, measured: Any = None) -> str:
        """Return what each mode promises."""
        said = "; ".join(f"{mode}: {result.worst(mode)}" for mode in result.modes)
        return f"The worst result of any crash: {said}. In the table inc. means inconsistent."
