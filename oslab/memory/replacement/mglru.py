"""Multi-generational LRU, as newer Linux reclaims pages: generations instead of two lists.

Source: Documentation/mm/multigen_lru.rst of Linux.  Pages belong to generations with ascending numbers, oldest to
youngest.  A use sets the page's accessed bit.  Ageing opens a new youngest generation and moves every page
with its bit set there; eviction takes from the oldest; an oldest generation that is empty is closed.

Chosen here, where the documents leave it open: a page comes into the youngest generation (as one mapped by a
fault) with its bit clear; ageing runs when a page must go and only two generations are open, so the two youngest
are never evicted from and at most three are open; it looks at all pages, generation by generation from the
oldest, and clears the bits; a page at the old end of the oldest generation whose bit is set moves to the
youngest instead of going, its bit cleared; tiers (for pages used through file descriptors) are left out.
Ties: within a generation the page that came into it first goes.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.base import plural
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason
from oslab.memory.replacement.linked_lists import NEWER, append, members, new_links, unlink

OLDEST, YOUNGEST, USED = 0, 1, 2
ABSENT, IDLE, ACCESSED = 0, 1, 2
OPEN = 4
FEWEST = 2


class State(NamedTuple):
    """`bit` of each page: absent, idle, accessed; `link` the generations, number g in list g mod 4."""

    bit: np.ndarray
    link: np.ndarray
    at: np.ndarray
    frames: int


def start(trace, frames):
    """Return the empty memory, with generations 0 and 1 open."""
    return State(
        np.zeros(trace.distinct, np.uint8), new_links(trace.distinct, OPEN), np.array([0, 1, 0], np.int64), frames
    )


@kernel
def age(bit, link, oldest, youngest):
    """Open generation `youngest` and move the accessed pages there."""
    heads = len(bit)
    target = heads + youngest % OPEN
    for generation in range(oldest, youngest):
        head = heads + generation % OPEN
        page = link[head, NEWER]
        while page != head:
            following = link[page, NEWER]
            if bit[page] == ACCESSED:
                bit[page] = IDLE
                unlink(link, page)
                append(link, target, page)
            page = following


@kernel
def make_room(bit, link, at):
    """Let one page go, and return it."""
    heads = len(bit)
    oldest, youngest = int(at[OLDEST]), int(at[YOUNGEST])
    while True:
        head = heads + oldest % OPEN
        page = link[head, NEWER]
        if youngest - oldest + 1 <= FEWEST:
            youngest += 1
            age(bit, link, oldest, youngest)
        elif page == head:
            oldest += 1
        else:
            unlink(link, page)
            if bit[page] == IDLE:
                break
            bit[page] = IDLE
            append(link, heads + youngest % OPEN, page)
    bit[page] = ABSENT
    at[OLDEST], at[YOUNGEST] = oldest, youngest
    return page


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    bit, link, at = state.bit, state.link, state.at
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if bit[page]:
            bit[page] = ACCESSED
            continue
        faults += 1
        if at[USED] < state.frames:
            at[USED] += 1
        else:
            victim = make_room(bit, link, at)
            if evicted is not None:
                evicted[i] = pages[victim]
        append(link, len(bit) + at[YOUNGEST] % OPEN, page)
        bit[page] = IDLE
        if hit is not None:
            hit[i] = False
    return faults


def describe(state):
    """Return a list for each open generation, the oldest first, with the accessed bits."""
    oldest, youngest, _ = state.at.tolist()
    lists = {f"generation {g}": members(state.link, len(state.bit) + g % OPEN) for g in range(oldest, youngest + 1)}
    generation = {page: int(name.split()[1]) for name, pages in lists.items() for page in pages}
    accessed = {page: int(state.bit[page] == ACCESSED) for page in generation}
    return Lists(lists, {"generation": generation, "R": accessed}, {"oldest": oldest, "youngest": youngest})


def reason(eviction):
    """Return the generations compared, and what ageing did."""
    before, after = eviction.before.numbers, eviction.after.numbers
    generation = eviction.before.values["generation"]
    aged = int(after["youngest"] - before["youngest"])
    young = sum(eviction.before.values["R"].values())
    text = f"Page {eviction.evicted} is evicted: of generation {generation[eviction.evicted]}, it is the first not used lately"
    if aged:
        text += (
            f"; ageing first opened generation {after['youngest']} and moved the "
            f"{plural(young, 'accessed page')} to younger ones"
        )
    return Reason(text + ".", "first idle page of the oldest generation", generation)


POLICIES.register(
    "mglru",
    label="MGLRU",
    summary="As in newer Linux: recently used pages move to younger generations.",
    source="Linux, Documentation/mm/multigen_lru.rst",
    tie_rule="within a generation the page that came into it first is evicted",
)(Policy(start, advance, describe, reason, on_hit="its accessed bit is set"))
