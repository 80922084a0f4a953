"""Teams that ask for slices of a GPU, one after another: who gets which, who is refused, and what lies idle then."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from typing import Any

from oslab.ai.mig import CARDS, COMPUTE_SLICES, MEMORY_SLICES, Layout, Placement, find_card, mig_layouts

__all__ = ["PACKERS", "Gallery", "Packing", "gallery", "pack"]

# "first" and "careful" take requests as they arrive, "careful" the start that leaves most of the large profiles possible;
# "largest" is "careful" with the largest request first; "best" places some of them so that most compute slices are used.
PACKERS = {
    "first": "lowest place",
    "careful": "leave room for large ones",
    "largest": "largest first",
    "best": "best of all ways",
}


@dataclass(frozen=True)
class Packing:
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
    """

    layout: Layout
    packer: str
    wishes: tuple[tuple[str, str], ...]
    places: tuple[Placement | None, ...]

    @property
    def steps(self) -> int:
        """Requests."""
        return len(self.wishes)

    def state(self, k: int) -> Layout:
        """Return the layout after `k` requests."""
        return Layout(self.layout.card, tuple(p for p in self.places[:k] if p))

    @property
    def refused(self) -> tuple[tuple[str, str], ...]:
        """Teams and profiles that got nothing."""
        return tuple(w for w, p in zip(self.wishes, self.places) if p is None)

    @property
    def fragmented(self) -> tuple[tuple[str, str], ...]:
        """Those refused although enough slices of both kinds are free at the end: they lie in the wrong places."""
        card = CARDS[self.layout.card]
        free = COMPUTE_SLICES - self.layout.compute, MEMORY_SLICES - self.layout.memory
        return tuple(
            w for w in self.refused if card.profile(w[1]).compute <= free[0] and card.profile(w[1]).memory <= free[1]
        )

    def why(self, k: int) -> str:
        """Say why request `k` (from 1) went where it went, or nowhere."""
        (team, name), place, before = self.wishes[k - 1], self.places[k - 1], self.state(k - 1)
        profile = CARDS[self.layout.card].profile(name)
        tried = [Placement(profile.name, start) for start in profile.starts]
        if place is None:
            left = sorted({before.obstacle(p) for p in tried} - {""})
            if not left:
                return f"{team}: {profile.name} is left out so that others fit"
            return f"{team}: no place for {profile.name}: {'; '.join(left)}"
        others = [p for p in tried if p != place and not before.obstacle(p)]
        said = f"{team}: {profile.name} goes to {place.start}"
        if self.packer == "best":
            return said + ", as in the fullest of all layouts"
        if self.packer == "first" or not others:
            return said + (f", the lowest of {len(others) + 1} starts" if others else ", the only start left")
        value, other = _room(before.add(place)), max(_room(before.add(p)) for p in others)
        return said + f": {value} slices' worth of profiles stay possible, elsewhere at most {other}"

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each request."""
        return [
            {"team": team, "asks for": name, "gets": str(place) if place else "nothing", "why": self.why(k)}
            for k, ((team, name), place) in enumerate(zip(self.wishes, self.places), 1)
        ]

    def __str__(self) -> str:
        lost = ", ".join(f"{team} ({name})" for team, name in self.refused)
        return f"{self.layout}; refused: {lost or 'nobody'}"


def pack(requests: str = "A: 3g; B: 2g; C: 1g", card: str = "A100-80GB", packer: str = "first") -> Packing:
    """Place the instances that teams ask for.

    Parameters
    ----------
    requests : str
        ``"A: 3g; B: 2g + 1g"``: teams and profiles, in the order of arrival.
    card : str
        One of `mig.CARDS`.
    packer : str
        One of `PACKERS`; ties go to the lower start.

    Raises
    ------
    ValueError
        No such card, profile or packer; more than 12 requests, or none.
    """
    chosen = find_card(card)
    if packer not in PACKERS:
        raise ValueError(f"packer={packer!r}: allowed are {', '.join(PACKERS)}")
    wishes = []
    for line in filter(str.strip, re.split(r"[;\n]", requests)):
        team, colon, names = line.partition(":")
        if not colon or not team.strip():
            raise ValueError(f"requests={line.strip()!r}: allowed are a team, a colon, and profiles joined by +")
        wishes += [(team.strip(), chosen.profile(name.strip()).name) for name in names.split("+")]
    if not 1 <= len(wishes) <= 12:
        raise ValueError(f"requests={requests!r}: allowed are 1 to 12 profiles")
    if packer in ("largest", "best"):
        wishes.sort(key=lambda w: (-chosen.profile(w[1]).compute, -chosen.profile(w[1]).memory))
    if packer == "best":
        places = _best(chosen.name, tuple(name for _, name in wishes))
        return Packing(Layout(chosen.name, tuple(p for p in places if p)), packer, tuple(wishes), places)
    layout, taken = Layout(chosen.name), []
    for _, name in wishes:
        fits = [p for p in (Placement(name, start) for start in chosen.profile(name).starts) if not layout.obstacle(p)]
        rank = (lambda p: p.start) if packer == "first" else (lambda p, now=layout: (-_room(now.add(p)), p.start))
        place = min(fits, key=rank, default=None)
        layout = layout.add(place) if place else layout
        taken.append(place)
    return Packing(layout, packer, tuple(wishes), tuple(taken))


def _room(layout: Layout) -> int:
    """Compute slices of every placement still possible: large ones and many count."""
    card = CARDS[layout.card]
    return sum(card.profile(p.profile).compute for p in layout.possible())


def _best(card: str, names: tuple[str, ...]) -> tuple[Placement | None, ...]:
    """The places that use most compute slices; of equals the one with more instances, then the first found."""

    @cache
    def search(k: int, taken: tuple[Placement, ...]) -> tuple[tuple[int, int], tuple[Placement | None, ...]]:
        if k == len(names):
            return (0, 0), ()
        layout, profile = Layout(card, taken), CARDS[card].profile(names[k])
        options = []
        for place in (Placement(names[k], start) for start in profile.starts):
            if not layout.obstacle(place):
                (compute, count), rest = search(k + 1, tuple(sorted((*taken, place))))
                options.append(((compute + profile.compute, count + 1), (place, *rest)))
        value, rest = search(k + 1, taken)
        return max([*options, (value, (None, *rest))], key=lambda option: option[0])

    return search(0, ())[1]


@dataclass(frozen=True)
class Gallery:
    """All maximal layouts of a card without the double 1g, what is needed, and which layouts hold it."""

    layouts: tuple[Layout, ...]
    needs: str
    fits: tuple[bool, ...]

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each layout."""
        return [
            {
                "layout": k,
                "instances": " + ".join(p.profile for p in x.placed),
                "compute slices": x.compute,
                "memory slices": x.memory,
                "holds what is needed": "yes" if fits else "no",
            }
            for k, (x, fits) in enumerate(zip(self.layouts, self.fits), 1)
        ]

    def __str__(self) -> str:
        return f"{sum(self.fits)} of {len(self.layouts)} maximal layouts hold {self.needs}"


def gallery(needs: str = "3g + 2g", card: str = "A100-80GB") -> Gallery:
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
    chosen = find_card(card)
    wanted = Counter(chosen.profile(name).name for name in re.split(r"[+,;\s]+", needs.strip()) if name)
    if not wanted:
        raise ValueError(f"needs={needs!r}: allowed are profiles joined by +")
    layouts = mig_layouts(chosen.name)
    fits = tuple(not wanted - Counter(p.profile for p in layout.placed) for layout in layouts)
    return Gallery(tuple(layouts), " + ".join(name for name, n in wanted.items() for _ in range(n)), fits)
