"""The memory slices of a GPU: instances in place, what still fits, and all layouts that are full."""

from string import ascii_uppercase
from typing import Any

from oslab.ai import CARDS, LayoutSearch, Packing, Placement
from oslab.base import plural
from oslab.picture import Look, Tile, Tiles, View, style

__all__ = ["FullLayouts", "GpuSlices"]

FILLS = {1: "#d9eaf7", 2: "#fbe9c8", 3: "#dcefe9", 4: "#f3dfea", 7: "#e4f1fb"}
LEFT, WIDE, MOST = 112, 528, 8  # px of all memory slices together; memory slices of the largest card


def _looks() -> dict[str, Look]:
    inks = {1: 0, 2: 1, 3: 2, 4: 3, 7: 4}
    looks = {
        f"{g}g": Look(FILLS[g], edge=style.ink(k).color, hatch=style.ink(k).hatch, bold=True) for g, k in inks.items()
    }
    return {
        **looks,
        "free": Look("#ffffff", edge="#b9c0c7", ink=style.QUIET),
        "name": Look("none", ink=style.QUIET),
        "open": Look("#ffffff", edge=style.GOOD, ink="#00795a"),
        "gone": Look("#e4e7ea", ink=style.QUIET),
        "quiet": Look("#eceff2", edge="#8a929b", ink=style.INK),
        "number": Look("none", bold=True),
    }


class GpuSlices(View):
    """Above the card, below a row for each profile: where it still may go, and greyed out where not.  Takes a `Packing`."""

    stepped, step_word = True, "request"

    def __init__(self, figure: Any):
        super().__init__(figure)
        self._sheet = sheet = self.add_sheet()
        self._tiles = Tiles(self, sheet, _looks(), capacity=60, fontsize=10.5)
        self._heads = [
            self.label(sheet, 0, 62, fontsize=10, ha="center", va="center", color=style.QUIET) for _ in range(MOST)
        ]
        self.label(sheet, LEFT - 12, 62, "memory slice", fontsize=10, ha="right", va="center", color=style.QUIET)
        self.label(sheet, LEFT - 12, 126, "still fits at", fontsize=10, ha="right", va="center", color=style.QUIET)
        self._side = [
            self.label(sheet, LEFT + WIDE + 16, y, fontsize=11, va=va)
            for y, va in ((84, "center"), (104, "center"), (142, "top"))
        ]
        self._line = self.label(sheet, 14, 362, fontsize=10.5, fontweight="bold", va="center")

    def update(self, result: Packing, step: int | None = None, measured: Any = None) -> None:
        """Draw a `Packing` after `step` requests."""
        layout, card = result.state(step), CARDS[result.layout.card]
        unit = WIDE / card.memory
        self.say(self._heads, map(str, range(card.memory)))
        for k, head in enumerate(self._heads):
            head.set_x(LEFT + (k + 0.5) * unit)
        names = dict(zip(result.places, (team for team, _ in result.wishes)))
        numbers = {place: k for k, place in enumerate(result.places, 1)}
        tiles = [
            Tile(LEFT + k * unit + 2, 74, unit - 4, 40, "free", "free") for k, o in enumerate(layout.owner) if o is None
        ]
        for place in layout.placed:
            wide, short = unit * len(layout.slices(place)), layout.profile(place).short
            letters = int(wide / 9)
            text = f"{names[place]}: {place.profile}"
            text = text if len(text) <= letters else f"{names[place][: max(letters - 4, 1)]}: {short}"
            x, key = LEFT + place.start * unit + 2, f"request {numbers[place]}"
            tiles.append(Tile(x, 74, wide - 4, 40, short, text, key=key))
        possible = set(layout.possible())
        for row, profile in enumerate(reversed(card.profiles)):
            y = 138 + row * 35
            tiles.append(Tile(10, y, LEFT - 22, 29, "name", profile.name))
            for start in profile.starts:
                at = Placement(profile.name, start)
                look = "open" if at in possible else "gone"
                x, key = LEFT + start * unit + 2, f"{profile.name} at {start}" if at in possible else ""
                tiles.append(Tile(x, y, profile.memory * unit - 4, 29, look, f"@{start}", key=key))
        self._tiles.set(tiles)
        self._side[0].set_text(f"compute {layout.compute} of {card.compute}")
        self._side[1].set_text(f"memory {layout.memory} of {card.memory}")
        asked = list(zip(result.wishes, result.places))[:step]
        refused = [f"{team[:9]} ({card.profile(name).short})" for (team, name), place in asked if not place]
        self._side[2].set_text("refused:\n" + ("\n".join(refused[:6]) or "none"))
        self._line.set_text(layout.commands[1] if layout.placed else layout.commands[0])
        placed = f"{len(layout.placed)} of {plural(result.steps, 'instance')} placed"
        lost = f"; {len(refused)} refused" if refused else ""
        self.title = f"{placed}; {layout.compute} of {card.compute} compute slices in use{lost}"

    def tip(self, key: str) -> str:
        """Return why an instance went where it is; what fits at a free place."""
        profile, _, start = key.rpartition(" at ")
        if profile:
            return f"{profile} still fits at {start}. Click: another team asks for it."
        return f"{super().tip(key)}. Drag: the team asks for another start."

    def touch(self, key: str, at: tuple[float, float] | None = None) -> dict[str, Any] | None:
        """An instance leads to its request, or is dragged to a start; a free place makes another team ask for one there."""
        profile, found, _ = key.rpartition(" at ")
        request, card = self.step_of(key), CARDS[self.result.layout.card]
        if request and at:
            name, before = self.result.wishes[request - 1][1], self.result.state(request - 1)
            left = (self.data_at(self._sheet, at)[0] - LEFT) / WIDE * card.memory - card.profile(name).memory / 2
            place = min(before.fits(name), key=lambda p: abs(p.start - left))
            return {"requests": self.result.moved(request, place.start)}
        if not found or at:
            return super().touch(key, at)
        teams = {team for team, _ in self.result.wishes}
        team = next((c for c in ascii_uppercase if c not in teams), "Z")
        asked = str(self.settings.get("requests", "")).rstrip("; \n")
        return {"requests": f"{asked}; {team}: {profile}", "step": self.result.steps + 1}

    def describe(self, result: Packing, step: int | None = None, measured: Any = None) -> str:
        """Return why the last request went where it did, and what still fits."""
        layout = result.state(step)
        starts: dict[str, list[str]] = {}
        for place in layout.possible():
            starts.setdefault(place.profile, []).append(str(place.start))
        fits = ", ".join(f"{name} at {'/'.join(at)}" for name, at in starts.items()) or "nothing"
        told = f"{result.why(step)}. " if step else ""
        if result.fragmented and step == result.steps:
            told += f"{plural(len(result.fragmented), 'request')} refused although enough slices are free. "
        return f"{told}Still possible: {fits}."


class FullLayouts(View):
    """All maximal layouts, small; those that hold what a team needs stand out.  Takes a `LayoutSearch`."""

    def __init__(self, figure: Any):
        super().__init__(figure)
        sheet = self.add_sheet()
        self._tiles = Tiles(self, sheet, _looks(), capacity=110, fontsize=9.5, radius=3)

    def update(self, result: LayoutSearch, step: int | None = None, measured: Any = None) -> None:
        """Draw a `LayoutSearch`."""
        tiles = []
        for k, (layout, fits) in enumerate(zip(result.layouts, result.fits)):
            x, y = (16, 420)[k // 10], 62 + k % 10 * 31
            tiles.append(Tile(x, y, 30, 25, "number" if fits else "name", str(k + 1)))
            for place in layout.placed:
                unit, short = 328 / len(layout.owner), layout.profile(place).short
                wide = unit * layout.profile(place).memory
                tiles.append(Tile(x + 35 + place.start * unit, y, wide - 2, 25, short if fits else "quiet", short))
        self._tiles.set(tiles)
        n = sum(result.fits)
        self.title = f"{n} of the {len(result.layouts)} maximal layouts {'holds' if n == 1 else 'hold'} {result.needs}"

    def describe(self, result: LayoutSearch, step: int | None = None, measured: Any = None) -> str:
        """Return how many layouts there are and which hold what is needed."""
        which = ", ".join(str(k + 1) for k, fits in enumerate(result.fits) if fits) or "none"
        card = CARDS[result.layouts[0].card]
        whole = sum(layout.compute == card.compute for layout in result.layouts)
        told = f"{len(result.layouts)} layouts, {whole} of them use all {card.compute} compute slices."
        return f"{told} With {result.needs}: {which}."
