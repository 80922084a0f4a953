"""Teams that ask for slices of a GPU, one after another: who gets which, who is refused, and what lies idle then."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from oslab.ai.mig import CARD, CARDS, Card, Layout, Placement, mig_layouts, room
from oslab.base import Result, Stepped, checked, choice, plural, shown, text

__all__ = ["PACKERS", "LayoutSearch", "Packing", "find_layouts", "gallery", "pack"]

# "careful" and "first" take requests as they arrive, "careful" the start that leaves most room, as the driver does;
# "largest" is "careful" with the largest request first; "best" places some of them so that most compute slices are used.
PACKERS = {
    "careful": "as the driver does",
    "first": "lowest place",
    "largest": "largest first",
    "best": "best of all ways",
}
MOST = 12


@dataclass(frozen=True)
class Packing(Stepped, over="wishes"):
    """What `pack` returns; a step is a request.

    Attributes
    ----------
    layout : Layout
        The instances made.
    packer : str
    wishes : tuple of (str, str)
        Team and profile, in the order in which they were looked at.
    places : tuple of Placement or None
        Where each went; None was refused.
    starts : tuple of int or None
        Where each asked to start; None left that to the packer.
    """

    layout: Layout
    packer: str
    wishes: tuple[tuple[str, str], ...]
    places: tuple[Placement | None, ...]
    starts: tuple[int | None, ...]

    def _replayed(self, step: int) -> Layout:
        return Layout(self.layout.card, tuple(p for p in self.places[:step] if p))

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """Teams and profiles that were refused."""
        return tuple(w for w, p in zip(self.wishes, self.places) if p is None)

    @property
    def fragmented(self) -> tuple[tuple[str, str], ...]:
        """Those refused although enough slices of both kinds are free at the end: the free slices are in the wrong places."""
        card = CARDS[self.layout.card]
        free = card.compute - self.layout.compute, card.memory - self.layout.memory
        return tuple(
            w for w in self.refused if card.profile(w[1]).compute <= free[0] and card.profile(w[1]).memory <= free[1]
        )

    def why(self, step: int) -> str:
        """Say why a request (from 1) went where it went, or all that blocks it."""
        k = self._step(step, 1) - 1
        (team, name), place, start, before = self.wishes[k], self.places[k], self.starts[k], self.state(k)
        if place is None:
            blocked = before.obstacles(name, start)
            return f"{team}: " + (
                f"no place for {name}: {blocked}" if blocked else f"{name} is left out so that others fit"
            )
        others = [p for p in before.fits(name) if p != place]
        said = f"{team}: {name} goes to {place.start}"
        if start is not None:
            return said + ", as asked"
        if self.packer == "best":
            return said + ", as in the fullest of all layouts"
        if self.packer == "first" or not others:
            return said + (f", the lowest of {len(others) + 1} starts" if others else ", the only start left")
        value, other = room(before.add(place)), max(room(before.add(p)) for p in others)
        return (
            f"{said}. The placements that are then still possible add up to {plural(value, 'compute slice')}; "
            f"after any other start to {other} at most"
        )

    def moved(self, request: int, start: int) -> str:
        """Return what the teams ask for, as text, with one request (from 1) for another start."""
        double, said = CARDS[self.layout.card].double, []
        for k, ((team, name), at) in enumerate(zip(self.wishes, self.starts), 1):
            at = start if k == request else at
            said.append((team, (name if name == double else name.split(".")[0]) + ("" if at is None else f"@{at}")))
        teams = groupby(said, key=lambda one: one[0])
        return "; ".join(f"{team}: {' + '.join(name for _, name in group)}" for team, group in teams)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each request."""
        for k, ((team, name), place) in enumerate(zip(self.wishes, self.places), 1):
            yield {"team": team, "asks for": name, "gets": str(place) if place else "nothing", "why": self.why(k)}

    def __str__(self) -> str:
        lost = ", ".join(f"{team} ({name})" for team, name in self.refused)
        return f"{self.layout}; refused: {lost or 'none'}"


@checked(requests=text(1000), card=CARD, packer=choice(PACKERS))
def pack(requests: str = "A: 3g; B: 2g; C: 1g", card: str = "A100-80GB", packer: str = "careful") -> Packing:
    """Place the instances that teams ask for.

    Parameters
    ----------
    requests : str
        ``"A: 3g; B: 2g + 1g@6"``: teams and profiles, in the order of arrival; after @ the only start that will do.
    card : str
        One of `CARDS`.
    packer : str
        One of `PACKERS`; ties go to the lower start.  The default is what NVIDIA's driver does.

    Raises
    ------
    ValueError
        No such card, profile, start or packer; more than 12 requests, or none.
    """
    chosen, asked = CARDS[card], []
    for line in filter(str.strip, re.split(r"[;\n]", requests)):
        team, colon, names = line.partition(":")
        if not (colon and team.strip() and names.strip()):
            raise ValueError(f"requests={shown(line.strip())}: allowed are a team, a colon, and profiles joined by +")
        asked += [((team.strip()[:40], name), start) for name, start in _profiles(names, chosen, "requests")]
    if not 1 <= len(asked) <= MOST:
        raise ValueError(f"requests={shown(requests)} has {plural(len(asked), 'profile')}: allowed are 1 to {MOST}")
    if packer in ("largest", "best"):
        asked.sort(key=lambda one: (-chosen.profile(one[0][1]).compute, -chosen.profile(one[0][1]).memory))
    wishes, starts = zip(*asked)
    if packer == "best":
        places = _best(card, tuple((name, start) for (_, name), start in asked))
        return Packing(Layout(card, tuple(p for p in places if p)), packer, wishes, places, starts)
    layout, taken = Layout(card), []
    for (_, name), start in asked:
        lowest = packer == "first" or start is not None
        fits = layout.fits(name, start)
        place = min(fits, key=lambda p: p.start, default=None) if lowest else layout.choose(name)
        layout = layout.add(place) if place else layout
        taken.append(place)
    return Packing(layout, packer, wishes, tuple(taken), starts)


def _profiles(names: str, card: Card, argument: str) -> Iterator[tuple[str, int | None]]:
    """The full names of profiles joined by +, commas or blanks, and the start after @; a variant such as 1g+me is refused."""
    for word in re.findall(r"[^+,;\s]+(?:\+(?:me|gfx)\b[^+,;\s]*)?", names):
        name, at, start = word.partition("@")
        profile = card.profile(name, argument)
        if at and start not in map(str, profile.starts):
            allowed = ", ".join(map(str, profile.starts))
            raise ValueError(f"{argument}={shown(word)}: {profile.name} may start at {allowed}")
        yield profile.name, int(start) if at else None


def _best(card: str, asked: tuple[tuple[str, int | None], ...]) -> tuple[Placement | None, ...]:
    """The places that use most compute slices; of equals the one with more instances, then the first found."""

    @cache
    def search(k: int, taken: tuple[Placement, ...]) -> tuple[tuple[int, int], tuple[Placement | None, ...]]:
        if k == len(asked):
            return (0, 0), ()
        layout, profile = Layout(card, taken), CARDS[card].profile(asked[k][0])
        options = []
        for place in layout.fits(*asked[k]):
            (compute, count), rest = search(k + 1, tuple(sorted((*taken, place))))
            options.append(((compute + profile.compute, count + 1), (place, *rest)))
        value, rest = search(k + 1, taken)
        return max([*options, (value, (None, *rest))], key=lambda option: option[0])

    return search(0, ())[1]


@dataclass(frozen=True)
class LayoutSearch(Result):
    """All maximal layouts of a card without the double 1g, what is needed, and which layouts hold it.

    Attributes
    ----------
    layouts : tuple of Layout
    needs : str
        Profiles joined by +.
    fits : tuple of bool
        Whether each layout holds them.
    """

    layouts: tuple[Layout, ...]
    needs: str
    fits: tuple[bool, ...]

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each layout."""
        for k, (x, fits) in enumerate(zip(self.layouts, self.fits), 1):
            yield {
                "layout": k,
                "instances": ", ".join(map(str, x.placed)),
                "compute slices": x.compute,
                "memory slices": x.memory,
                "holds what is needed": "yes" if fits else "no",
            }

    def __str__(self) -> str:
        n = sum(self.fits)
        return f"{n} of {len(self.layouts)} maximal layouts {'holds' if n == 1 else 'hold'} {self.needs}"


@checked(needs=text(1000), card=CARD)
def find_layouts(needs: str = "3g + 2g", card: str = "A100-80GB") -> LayoutSearch:
    """Return all maximal layouts, and which of them hold some instances at the same time.

    Parameters
    ----------
    needs : str
        Profiles joined by +, spaces or commas.
    card : str
        One of `CARDS`.

    Raises
    ------
    ValueError
        No such card or profile, or nothing needed.
    """
    wanted = Counter(name for name, _ in _profiles(needs, CARDS[card], "needs"))
    if not wanted:
        raise ValueError(f"needs={shown(needs)}: allowed are profiles joined by +")
    layouts = mig_layouts(card)
    fits = tuple(not wanted - Counter(p.profile for p in layout.placed) for layout in layouts)
    return LayoutSearch(tuple(layouts), " + ".join(name for name, n in wanted.items() for _ in range(n)), fits)


gallery = find_layouts
