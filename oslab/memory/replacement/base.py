"""What a replacement policy is made of, and the registry that menus, tables and tests walk."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from oslab.base import Registry, readable
from oslab.memory.traces.trace import Trace

__all__ = ["POLICIES", "Lists", "Eviction", "Policy", "Reason", "Snapshot", "hand_stops"]

POLICIES = Registry("policy")
"""The built-in policies.  `oslab.memory.simulate` also takes a class of your own with two methods: ``hit(page)``, called when
a page is used that is in memory, and ``evict(page)``, called when it is not; it returns the page that goes, or None while
a frame is free.  ``__init__(self, frames)`` is optional.  `oslab.memory.judge` tries such a class on the laws."""


@dataclass(frozen=True)
class Policy:
    """A replacement policy: what is registered under its key.

    Attributes
    ----------
    start : callable
        ``start(trace, frames, **options)`` returns the state before the first reference: a NamedTuple of
        integers and arrays, all memory that the kernel needs.
    advance : kernel
        ``advance(state, dense, first, last, hit, evicted, pages)`` takes references `first` to `last` and
        returns their faults.  `hit` comes filled with True and `evicted` with -1; the kernel clears `hit` at
        a fault and writes ``pages[victim]``.  Both are None where only the count is wanted.
    describe : callable
        ``describe(state)`` returns `Lists`, in dense numbers: the state as the learner sees it.
    reason : callable
        ``reason(eviction)`` returns the `Reason` of an eviction.
    on_hit : str
        What else happens at a hit, as the end of a sentence: ``"its R bit is set"``.
    written : callable, optional
        ``written(state)`` returns the pages written back so far, where that also happens before a page goes.
    """

    start: Callable[..., Any]
    advance: Callable[..., int]
    describe: Callable[[Any], Lists]
    reason: Callable[[Eviction], Reason]
    on_hit: str = ""
    written: Callable[[Any], int] | None = None


@dataclass(frozen=True)
class Lists:
    """What a policy knows, in dense page numbers; see `Snapshot` for the fields."""

    lists: Mapping[str, Any]
    values: Mapping[str, Mapping[int, Any]] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    hand: int | None = None


@dataclass(frozen=True)
class Snapshot:
    """A policy's state after step `step`, in the caller's page numbers.

    Attributes
    ----------
    step : int
        How many references are done; 0 is before anything.
    page, hit, evicted : int, bool, int
        Of that step; None before anything, and `evicted` where nothing went.
    frames : tuple of int or None
        The page in each frame; a page keeps its frame while it stays.
    lists : dict of str to tuple of int
        The policy's lists and queues by name.  Each begins with the page that is next in line to go; lists
        of pages that are remembered though they have gone say so in their name.
    values : dict of str to dict of int to number
        What is known of each page, by name: ``values["R"][7]``.
    numbers : dict of str to number
        What is known of the whole: ARC's target, MGLRU's youngest generation.
    hand : int or None
        The page under the hand, where there is one.
    """

    step: int
    page: int | None
    hit: bool | None
    evicted: int | None
    frames: tuple[int | None, ...]
    lists: dict[str, tuple[int, ...]]
    values: dict[str, dict[int, Any]]
    numbers: dict[str, float]
    hand: int | None

    @property
    def resident(self) -> tuple[int, ...]:
        """The pages in memory, by frame."""
        return tuple(page for page in self.frames if page is not None)

    def __str__(self) -> str:
        parts = ["frames " + " ".join("-" if page is None else str(page) for page in self.frames)]
        parts += [f"{name}: {' '.join(map(str, pages)) or '(empty)'}" for name, pages in self.lists.items()]
        parts += [
            f"{name}: {' '.join(f'{page}={value}' for page, value in known.items())}"
            for name, known in self.values.items()
            if known
        ]
        parts += [f"{name} {readable(value)}" for name, value in self.numbers.items()]
        if self.hand is not None:
            parts.append(f"hand at {self.hand}")
        return f"after step {self.step}: " + "; ".join(parts)


@dataclass(frozen=True)
class Reason:
    """Why a page goes.

    Attributes
    ----------
    text : str
        The sentence, without the page that comes in: ``"Page 3 is evicted: last used at 12; page 7 at 15."``
    rule : str
        What is compared: ``"least last use"``.
    values : dict of int to number
        What was compared, by page.
    """

    text: str
    rule: str
    values: dict[int, Any]

    def saying(self, text: str) -> Reason:
        """Return the same reason in other words."""
        return Reason(text, self.rule, self.values)


@dataclass(frozen=True)
class Eviction:
    """The instant in which a page must go: full memory, and `page` not in it.  Times are steps, from 1.

    Attributes
    ----------
    trace : Trace
    step : int
        The step of the fault.
    page, evicted : int
        Which page comes in, which one goes.
    hit : ndarray of bool
        Of the whole run.
    before, after : Snapshot
        The states on both sides of the step.
    options : dict
    """

    trace: Trace
    step: int
    page: int
    evicted: int
    hit: np.ndarray
    before: Snapshot
    after: Snapshot
    options: Mapping[str, Any]

    def times(self, page: int) -> np.ndarray:
        """Return the steps before this one at which `page` was referenced, ascending."""
        dense = np.flatnonzero(self.trace.pages == page)[0]
        return np.flatnonzero(self.trace.dense[: self.step - 1] == dense) + 1

    def last_use(self, page: int) -> int:
        """Return the step at which `page` was last referenced."""
        return int(self.times(page)[-1])

    def loaded(self, page: int) -> int:
        """Return the step at which `page` came into memory."""
        times = self.times(page)
        return int(times[~self.hit[times - 1]][-1])

    def next_use(self, page: int) -> int | None:
        """Return the step at which `page` will be referenced again; None for never."""
        dense = np.flatnonzero(self.trace.pages == page)[0]
        later = np.flatnonzero(self.trace.dense[self.step :] == dense)
        return int(later[0]) + 1 + self.step if len(later) else None

    def smallest(self, rule: str, values: Mapping[int, Any], says: str, and_says: str = "") -> Reason:
        """Return the reason of a rule that evicts the page with the smallest value.

        Parameters
        ----------
        values : dict of int to number
            The value of each page that could go.
        says : str
            The value in words, with one ``{}``: ``"last used at {}"``.
        and_says : str
            The same of the page that came nearest: ``"was used at {}"``.
        """
        mine = values[self.evicted]
        text = f"Page {self.evicted} is evicted: {says.format(mine)}"
        others = [page for page in values if page != self.evicted]
        if others:
            rival = min(others, key=values.__getitem__)
            text += f"; page {rival} {(and_says or says).format(values[rival])}"
        return Reason(text + ".", rule, dict(values))


def hand_stops(eviction: Eviction, line: tuple[int, ...]) -> Reason:
    """Return the reason of a rule whose hand takes the first page with a clear bit.

    Parameters
    ----------
    line : tuple of int
        The pages in the order in which the hand meets them.
    """
    bits = eviction.before.values["R"]
    passed = line[: line.index(eviction.evicted)]
    page = f"Page {eviction.evicted} is evicted:"
    if all(bits.values()):
        text = f"{page} every R bit was set, the hand cleared them all and came round to it."
    elif len(passed) > 1:
        text = f"{page} its R bit is clear; the hand cleared those of pages {', '.join(map(str, passed))}."
    elif passed:
        text = f"{page} its R bit is clear; the hand passed page {passed[0]} and cleared its bit."
    else:
        text = f"{page} the hand is on it and its R bit is clear."
    return Reason(text, "first clear R bit from the hand on", {page: bits[page] for page in line})
