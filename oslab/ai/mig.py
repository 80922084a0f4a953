"""MIG: profiles and placements of a GPU cut into instances, what still fits, and every layout that is full.

Each instance takes an interval of the card's memory slices, and compute slices.
Profiles, starts and counts, and where the driver puts an instance whose place is not said: NVIDIA's Multi-Instance GPU
user guide (Supported Profiles, Instance Geometry).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from oslab.base import checked, choice, flag, plural, shown, text

__all__ = ["CARDS", "Card", "Layout", "Placement", "Profile", "mig_layout", "mig_layouts", "room"]


class Profile(NamedTuple):
    """A kind of instance: its slices, the memory slices at which it may start, streaming multiprocessors (0: not known)."""

    name: str
    compute: int
    memory: int
    starts: tuple[int, ...]
    multiprocessors: int = 0

    @property
    def short(self) -> str:
        """The part of the name before the point: 3g."""
        return self.name.split(".")[0]


class Placement(NamedTuple):
    """An instance in its place: the profile's name and the memory slice at which it starts."""

    profile: str
    start: int

    def __str__(self) -> str:
        return f"{self.profile}@{self.start}"


@dataclass(frozen=True)
class Card:
    """A GPU that can be cut.

    Attributes
    ----------
    name : str
    profiles : tuple of Profile
        From small to large.
    double : str
        The 1g with two memory slices, '' where there is none.
    compute, memory : int
        Slices of the whole card.
    """

    name: str
    profiles: tuple[Profile, ...]
    double: str
    compute: int = 7
    memory: int = 8

    def profile(self, name: str, argument: str = "profile") -> Profile:
        """Return a profile by its name, or by the part before the point: 3g for 3g.40gb, 1g for the one without double memory.

        Parameters
        ----------
        name : str
        argument : str
            What a message calls it.

        Raises
        ------
        ValueError
            No such profile on this card; profile IDs and variants such as ``+me`` are not in the model.
        """
        for profile in self.profiles:
            if name in (profile.name, profile.short):
                return profile
        known = f"{self.name} has {', '.join(p.name for p in self.profiles)}"
        if "+" in name:
            known += (
                "; a variant such as +me, which has the media engines, takes the same slices: write its name without"
            )
        elif name.isdecimal():
            known += "; IDs differ from card to card, nvidia-smi mig -lgip shows their names"
        raise ValueError(f"{argument}={shown(name)}: {known}")

    def places(self, double_memory: bool = True) -> Iterator[Placement]:
        """Yield every placement that there is, from large profiles to small."""
        for profile in reversed(self.profiles):
            if double_memory or profile.name != self.double:
                yield from (Placement(profile.name, start) for start in profile.starts)


# Compute slices, memory slices, and the memory slices at which such an instance may start.
_SEVEN = ((1, 1, tuple(range(7))), (1, 2, (0, 2, 4, 6)), (2, 2, (0, 2, 4)), (3, 4, (0, 4)), (4, 4, (0,)), (7, 8, (0,)))
_FOUR = ((1, 1, (0, 1, 2, 3)), (2, 2, (0, 2)), (4, 4, (0,)))


def _card(name: str, gb: tuple[int, ...], multiprocessors: tuple[int, ...] = ()) -> Card:
    """A card from the gigabytes in its profiles' names."""
    shapes = _SEVEN if len(gb) == len(_SEVEN) else _FOUR
    profiles = tuple(
        Profile(f"{shape[0]}g.{size}gb", *shape, sms)
        for shape, size, sms in zip(shapes, gb, multiprocessors or (0,) * len(gb), strict=True)
    )
    return Card(name, profiles, profiles[1].name if shapes is _SEVEN else "", profiles[-1].compute, profiles[-1].memory)


_A100, _H100 = (14, 14, 28, 42, 56, 98), (16, 26, 32, 60, 64, 132)
CARDS = {
    card.name: card
    for card in (
        _card("A100-40GB", (5, 10, 10, 20, 20, 40), _A100),
        _card("A100-80GB", (10, 20, 20, 40, 40, 80), _A100),
        _card("H100-80GB", (10, 20, 20, 40, 40, 80), _H100),
        _card("H200-141GB", (18, 35, 35, 71, 71, 141)),
        _card("B200-180GB", (23, 45, 45, 90, 90, 180)),
        _card("B300-288GB", (34, 67, 67, 135, 135, 269)),
        _card("A30-24GB", (6, 12, 24)),
    )
}
CARD = choice(CARDS)


@dataclass(frozen=True)
class Layout:
    """Instances on a card, in the order in which they were made.

    Attributes
    ----------
    card : str
    placed : tuple of Placement
    """

    card: str
    placed: tuple[Placement, ...] = ()

    def __post_init__(self) -> None:
        CARD.check("card", self.card)

    def profile(self, placement: Placement) -> Profile:
        """Return the profile of a placement."""
        return CARDS[self.card].profile(placement.profile)

    def slices(self, placement: Placement) -> range:
        """Return the memory slices that a placement takes."""
        return range(placement.start, placement.start + self.profile(placement).memory)

    @property
    def compute(self) -> int:
        """Compute slices in use."""
        return sum(self.profile(p).compute for p in self.placed)

    @property
    def memory(self) -> int:
        """Memory slices in use."""
        return sum(self.profile(p).memory for p in self.placed)

    @property
    def owner(self) -> tuple[Placement | None, ...]:
        """The instance that has each of the memory slices."""
        taken = {k: p for p in self.placed for k in self.slices(p)}
        return tuple(taken.get(k) for k in range(CARDS[self.card].memory))

    def obstacle(self, placement: Placement) -> str:
        """Return everything that blocks a placement; '' if nothing does."""
        wanted, blocks = set(self.slices(placement)), []
        for other in self.placed:
            if shared := sorted(wanted & set(self.slices(other))):
                blocks.append(f"{other} has memory slice{'s' * (len(shared) > 1)} {', '.join(map(str, shared))}")
        need, left = self.profile(placement).compute, CARDS[self.card].compute - self.compute
        if need > left:
            are, some = "is" if left == 1 else "are", f"only {left}" if left else "none"
            blocks.append(f"{some} of the {plural(need, 'compute slice')} that it needs {are} left")
        return ", and ".join(blocks)

    def obstacles(self, name: str, start: int | None = None) -> str:
        """Say for each start of a profile, or for one, what blocks it; '' if one is free."""
        starts = CARDS[self.card].profile(name).starts
        places = [Placement(name, one) for one in starts if start in (None, one)]
        blocked = {place: self.obstacle(place) for place in places}
        return "; ".join(f"at {p.start}, {why}" for p, why in blocked.items()) if all(blocked.values()) else ""

    def possible(self, double_memory: bool = True) -> tuple[Placement, ...]:
        """Return what still fits, from large to small."""
        return tuple(p for p in CARDS[self.card].places(double_memory) if not self.obstacle(p))

    def fits(self, name: str, start: int | None = None) -> tuple[Placement, ...]:
        """Return where an instance of this profile still fits, of all starts or of one."""
        return tuple(p for p in self.possible() if p.profile == name and start in (None, p.start))

    def choose(self, name: str) -> Placement | None:
        """Return where the driver puts an instance without a given place; None: nowhere.

        The start that leaves most `room`; of equals the lowest.  This gives the four examples of NVIDIA's guide.
        """
        return min(self.fits(name), key=lambda p: (-room(self.add(p)), p.start), default=None)

    def add(self, placement: Placement) -> Layout:
        """Return the layout with one more instance.

        Raises
        ------
        ValueError
            It does not fit, or may not start there.
        """
        profile = self.profile(placement)
        if placement.start not in profile.starts:
            allowed = ", ".join(map(str, profile.starts))
            raise ValueError(f"{profile.name}@{placement.start}: {profile.name} may start at {allowed}")
        full = Placement(profile.name, placement.start)
        if reason := self.obstacle(full):
            raise ValueError(f"{full} does not fit: {reason}")
        return Layout(self.card, (*self.placed, full))

    @property
    def commands(self) -> tuple[str, ...]:
        """The lines, for root, that switch MIG mode on, make the instances, and hand the first one to a container."""
        wanted = ",".join(f"{p.profile}:{p.start}" for p in self.placed)
        lines = ["nvidia-smi -i 0 -mig 1"]
        if wanted:
            lines += [
                f"nvidia-smi mig -i 0 -cgi {wanted} -C",
                "nvidia-smi -L",
                "docker run --gpus '\"device=0:0\"' pytorch/pytorch python train.py",
            ]
        return tuple(lines)

    def __str__(self) -> str:
        card = CARDS[self.card]
        return (
            f"{self.card}: {', '.join(map(str, self.placed)) or 'whole'}; {self.compute} of {card.compute} compute and "
            f"{self.memory} of {card.memory} memory slices in use"
        )


@lru_cache(maxsize=4096)
def room(layout: Layout) -> int:
    """Return the compute slices of every placement still possible, added up: large ones and many count."""
    return sum(layout.profile(p).compute for p in layout.possible())


@checked(card=CARD, placed=text(1000))
def mig_layout(card: str = "A100-80GB", placed: str = "") -> Layout:
    """Return a layout from its instances.

    Parameters
    ----------
    card : str
        One of `CARDS`.
    placed : str
        Instances in the order in which they are made: ``"3g@4, 1g.10gb@0"``; without ``@`` an instance goes where the
        driver puts it, see `Layout.choose`.

    Raises
    ------
    ValueError
        No such card or profile, a start that is not allowed, or an instance that does not fit.
    """
    layout = Layout(card)
    for item in re.findall(r"[^,;\s]+", placed):
        name, at, start = item.partition("@")
        if at and not start.isdecimal():
            raise ValueError(f"placed={shown(item)}: allowed are a profile, @, and the memory slice at which it starts")
        profile = CARDS[card].profile(name, "placed")
        place = Placement(profile.name, int(start)) if at else layout.choose(profile.name)
        if place is None:
            raise ValueError(f"{profile.name} does not fit: {layout.obstacles(profile.name)}")
        layout = layout.add(place)
    return layout


@checked(card=CARD, double_memory=flag())
def mig_layouts(card: str = "A100-80GB", double_memory: bool = False) -> list[Layout]:
    """Return every maximal layout: those to which nothing can be added.

    Parameters
    ----------
    card : str
        One of `CARDS`.
    double_memory : bool
        Whether the 1g with two memory slices is used too.

    Returns
    -------
    list of Layout
        Instances by their start; the layouts with the largest instances first.  On the cards with seven compute slices
        19 without the double 1g, 78 with it.
    """
    found: list[Layout] = []

    def grow(layout: Layout, frontier: int) -> None:
        # Instances are added from left to right, so that each set of them is met once.
        possible = layout.possible(double_memory)
        if not possible:
            found.append(layout)
        for placement in possible:
            if placement.start >= frontier:
                grow(layout.add(placement), placement.start + 1)

    grow(Layout(card), 0)
    return sorted(found, key=lambda x: sorted((-x.profile(p).compute, -x.profile(p).memory, p.start) for p in x.placed))
