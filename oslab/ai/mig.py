"""MIG: profiles and placements of a GPU cut into instances, what still fits, and every layout that is full.

Each instance takes an interval of the eight memory slices, and compute slices, of which there are seven.
Profiles, starts and counts: NVIDIA's Multi-Instance GPU user guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

__all__ = [
    "CARDS",
    "COMPUTE_SLICES",
    "MEMORY_SLICES",
    "Card",
    "Layout",
    "Placement",
    "Profile",
    "find_card",
    "mig_layout",
    "mig_layouts",
]

COMPUTE_SLICES, MEMORY_SLICES = 7, 8


class Profile(NamedTuple):
    """A kind of instance: compute and memory slices, memory slices at which it may start, streaming multiprocessors."""

    name: str
    compute: int
    memory: int
    starts: tuple[int, ...]
    multiprocessors: int


class Placement(NamedTuple):
    """An instance in its place: the profile's name and the memory slice at which it starts."""

    profile: str
    start: int

    def __str__(self) -> str:
        return f"{self.profile}@{self.start}"


@dataclass(frozen=True)
class Card:
    """A GPU that can be cut: its profiles from small to large; `double` is the 1g with two memory slices."""

    name: str
    profiles: tuple[Profile, ...]
    double: str

    def profile(self, name: str) -> Profile:
        """Return a profile by its name, or by the part before the point where only one has it: 3g for 3g.40gb.

        Raises
        ------
        ValueError
            No such profile on this card.
        """
        matching = [
            p for p in self.profiles if p.name == name or p.name.split(".")[0] == name and p.name != self.double
        ]
        if len(matching) != 1:
            raise ValueError(f"profile={name!r}: {self.name} has {', '.join(p.name for p in self.profiles)}")
        return matching[0]

    def places(self, double_memory: bool = True) -> Iterator[Placement]:
        """Yield every placement that there is, from large profiles to small."""
        for profile in reversed(self.profiles):
            if double_memory or profile.name != self.double:
                yield from (Placement(profile.name, start) for start in profile.starts)

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each profile."""
        return [
            {
                "profile": p.name,
                "compute slices": p.compute,
                "memory slices": p.memory,
                "may start at": ", ".join(map(str, p.starts)),
                "SMs": p.multiprocessors,
            }
            for p in self.profiles
        ]


_SHAPES = ((1, 1, tuple(range(7))), (1, 2, (0, 2, 4, 6)), (2, 2, (0, 2, 4)), (3, 4, (0, 4)), (4, 4, (0,)), (7, 8, (0,)))


def _card(name: str, slice_gb: int, multiprocessors: tuple[int, ...]) -> Card:
    profiles = tuple(
        Profile(f"{compute}g.{memory * slice_gb}gb", compute, memory, starts, sms)
        for (compute, memory, starts), sms in zip(_SHAPES, multiprocessors, strict=True)
    )
    return Card(name, profiles, profiles[1].name)


CARDS = {
    card.name: card
    for card in (
        _card("A100-40GB", 5, (14, 14, 28, 42, 56, 98)),
        _card("A100-80GB", 10, (14, 14, 28, 42, 56, 98)),
        _card("H100-80GB", 10, (16, 26, 32, 60, 64, 132)),
    )
}


def find_card(name: str) -> Card:
    """Return a card.

    Raises
    ------
    ValueError
        Not one of `CARDS`.
    """
    if name not in CARDS:
        raise ValueError(f"card={name!r}: allowed are {', '.join(CARDS)}")
    return CARDS[name]


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

    def _profile(self, placement: Placement) -> Profile:
        return CARDS[self.card].profile(placement.profile)

    def slices(self, placement: Placement) -> range:
        """Return the memory slices that a placement takes."""
        return range(placement.start, placement.start + self._profile(placement).memory)

    @property
    def compute(self) -> int:
        """Compute slices in use, of 7."""
        return sum(self._profile(p).compute for p in self.placed)

    @property
    def memory(self) -> int:
        """Memory slices in use, of 8."""
        return sum(self._profile(p).memory for p in self.placed)

    @property
    def owner(self) -> tuple[Placement | None, ...]:
        """Who has each of the eight memory slices."""
        taken = {k: p for p in self.placed for k in self.slices(p)}
        return tuple(taken.get(k) for k in range(MEMORY_SLICES))

    def obstacle(self, placement: Placement) -> str:
        """Say why a placement is not possible any more; '' if it is."""
        owner = self.owner
        met = next((owner[k] for k in self.slices(placement) if owner[k]), None)
        if met:
            shared = [k for k in self.slices(placement) if owner[k] == met]
            return f"{met} has memory slice{'s' * (len(shared) > 1)} {', '.join(map(str, shared))}"
        need = self._profile(placement).compute
        if self.compute + need > COMPUTE_SLICES:
            return f"{COMPUTE_SLICES - self.compute} compute slices are left, it needs {need}"
        return ""

    def possible(self, double_memory: bool = True) -> tuple[Placement, ...]:
        """Return what still fits, from large to small."""
        return tuple(p for p in CARDS[self.card].places(double_memory) if not self.obstacle(p))

    def add(self, placement: Placement) -> Layout:
        """Return the layout with one more instance.

        Raises
        ------
        ValueError
            It does not fit, or may not start there.
        """
        profile = self._profile(placement)
        if placement.start not in profile.starts:
            allowed = ", ".join(map(str, profile.starts))
            raise ValueError(f"{profile.name}@{placement.start}: {profile.name} may start at {allowed}")
        full = Placement(profile.name, placement.start)
        reason = self.obstacle(full)
        if reason:
            raise ValueError(f"{full} does not fit: {reason}")
        return Layout(self.card, (*self.placed, full))

    @property
    def commands(self) -> tuple[str, ...]:
        """The lines that make the instances, and that hand the first one to a container; root's, MIG mode is switched on."""
        wanted = ",".join(f"{p.profile}:{p.start}" for p in self.placed)
        lines = ["nvidia-smi -i 0 -mig 1"]
        if wanted:
            lines += [
                f"nvidia-smi mig -i 0 -cgi {wanted} -C",
                "nvidia-smi -L",
                "docker run --gpus '\"device=0:0\"' pytorch/pytorch python train.py",
            ]
        return tuple(lines)

    @property
    def steps(self) -> int:
        """Instances made."""
        return len(self.placed)

    def state(self, k: int) -> Layout:
        """Return the layout after the first `k` instances."""
        return Layout(self.card, self.placed[:k])

    def why(self, k: int) -> str:
        """Say what instance `k` (from 1) took from those that might come."""
        placement, before, after = self.placed[k - 1], self.state(k - 1).possible(), self.state(k).possible()
        gone = [str(p) for p in before if p not in after and p != placement]
        return f"{placement} blocks {', '.join(gone) or 'nothing else'}"

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each instance."""
        return [
            {
                "instance": p.profile,
                "memory slices": f"{self.slices(p)[0]}-{self.slices(p)[-1]}",
                "compute slices": self._profile(p).compute,
                "SMs": self._profile(p).multiprocessors,
            }
            for p in self.placed
        ]

    def __str__(self) -> str:
        return (
            f"{self.card}: {', '.join(map(str, self.placed)) or 'whole'}; {self.compute} of {COMPUTE_SLICES} compute and "
            f"{self.memory} of {MEMORY_SLICES} memory slices in use"
        )


def mig_layout(card: str = "A100-80GB", placed: str | Iterable[tuple[str, int]] = "") -> Layout:
    """Return a layout from its instances.

    Parameters
    ----------
    card : str
        One of `CARDS`.
    placed : str or iterable of (str, int)
        Instances in the order in which they are made: ``"3g@4, 1g.10gb@0"``; without ``@`` an instance goes to the
        first place where it fits.

    Raises
    ------
    ValueError
        No such card or profile, a start that is not allowed, or an instance that does not fit.
    """
    chosen = find_card(card)
    layout = Layout(chosen.name)
    for item in re.split(r"[,;\s]+", placed.strip()) if isinstance(placed, str) else placed:
        if isinstance(item, str):
            name, at, start = item.partition("@")
            if not name:
                continue
            if at and not start.isdigit():
                raise ValueError(f"placed={item!r}: allowed are a profile, @, and the memory slice at which it starts")
            profile = chosen.profile(name)
            fits = [p for p in layout.possible() if p.profile == profile.name]
            if not at and not fits:
                raise ValueError(
                    f"{profile.name} does not fit: {layout.obstacle(Placement(profile.name, profile.starts[0]))}"
                )
            layout = layout.add(Placement(profile.name, int(start)) if at else min(fits, key=lambda p: p.start))
        else:
            layout = layout.add(Placement(*item))
    return layout


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
        Instances by their start; the layouts with the largest instances first.  19 without the double 1g, 78 with it.
    """
    chosen = find_card(card)
    found: list[Layout] = []

    def grow(layout: Layout, frontier: int) -> None:
        # Instances are added from left to right, so that each set of them is met once.
        possible = layout.possible(double_memory)
        if not possible:
            found.append(layout)
        for placement in possible:
            if placement.start >= frontier:
                grow(layout.add(placement), placement.start + 1)

    grow(Layout(chosen.name), 0)
    return sorted(
        found, key=lambda x: sorted((-x._profile(p).compute, -x._profile(p).memory, p.start) for p in x.placed)
    )
