"""The tree of processes that a fork program makes, fork by fork."""

from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from oslab.base import plural
from oslab.picture import Look, Tile, Tiles, View, style
from oslab.processes.fork_tree import ForkTree, RealForks

__all__ = ["TreePicture"]

LOOKS = {
    "first": Look("#f8e3b8", edge=style.ink(1).color, bold=True),
    "old": Look("#cfe3f2", edge=style.ink(0).color),
    "new": Look("#1b1f24", ink="#ffffff", bold=True),
}
LETTER = 5.6  # pixels that a letter of a note takes


class TreePicture(View):
    """Processes by the number of forks between them and the first; lines lead from parent to child."""

    stepped, step_word = True, "process"

    def __init__(self, figure: Figure):
        super().__init__(figure)
        sheet = self.add_sheet()
        self._lines = self.live(sheet.add_collection(LineCollection([], colors=style.QUIET, linewidths=1.5, zorder=1)))
        self._tiles = Tiles(self, sheet, LOOKS, capacity=64, fontsize=10)
        self.guess(804 / 820, 1 - 362 / 380, "processes", ha="right")
        key = "P0: the first process; solid: the newest; below the name: its variables at the end"
        self.label(sheet, 16, 362, key, fontsize=10, va="center", color=style.QUIET)
        self._printed = self.label(sheet, 16, 340, fontsize=10.5, va="center")

    def update(self, result: ForkTree, step: int | None = None, measured: RealForks | None = None) -> None:
        """Draw a `ForkTree` after `step` forks, where all of it will stand."""
        place, leaves = {}, [0]
        depth = max(result.depth(k) for k in range(result.count))

        def put(node: int, level: int) -> float:
            children = [put(child, level + 1) for child in result.children(node)]
            leaves[0] += not children
            x = sum(children) / len(children) if children else leaves[0] - 0.5
            place[node] = (x, level)
            return x

        put(0, 0)
        wide, high = 788 / leaves[0], 262 / (depth + 1)
        size = min(130.0, wide - 2)
        spots = {k: (16 + x * wide, 60 + level * high) for k, (x, level) in place.items()}
        tall = min(38.0, high - 10)
        ends = [(spots[result.parents[k]], spots[k]) for k in range(1, step + 1)]
        self._lines.set_segments([[(a[0], a[1] + tall), b] for a, b in ends])
        tiles = []
        for k in range(step + 1):
            values = ", ".join(f"{name} = {value}" for name, value in result.variables[k].items())
            note = values if tall >= 30 and LETTER * len(values) < size else ""
            box = min(size, max(54.0, LETTER * len(note) + 8)) if size > 54 else size
            look = "first" if k == 0 else "new" if k == step else "old"
            name = f"P{k}" if size > 32 else str(k)
            tiles.append(Tile(spots[k][0] - box / 2, spots[k][1], box, tall, look, name, note, f"process {k}"))
        self._tiles.set(tiles)
        done = step == result.steps
        count = plural(step + 1, "process", "processes")
        self.title = f"{count} in all" if done else f"{count} after {plural(step, 'fork')}"
        prints = f"prints {plural(result.lines, 'line')} on a terminal, {result.lines_to_file} to a file or pipe"
        real = f"real run: {plural(measured.count, 'process', 'processes')}" if self._fits(result, measured) else ""
        self._printed.set_text("; ".join(filter(None, [prints * bool(result.lines), real])))

    @staticmethod
    def _fits(result: ForkTree, measured: RealForks | None) -> bool:
        return measured is not None and measured.program == result.program

    def tip(self, key: str) -> str:
        """Return who made a process, where, what its own forks return to it, and its variables in the end."""
        result, k = self.result, int(key.removeprefix("process "))
        made = result.why(k) if k else f"P0 is the first process (its own forks: {len(result.children(0))})."
        values = ", ".join(f"{name} = {value}" for name, value in result.variables[k].items())
        return made + f" At its end: {values}." * bool(values)

    def describe(self, result: ForkTree, step: int | None = None, measured: RealForks | None = None) -> str:
        """Return who forked last, and how many processes a real run made."""
        said = result.why(step) if step else "The first process, P0, has not forked yet."
        return f"{said} {measured}" if self._fits(result, measured) else said
