"""ARC: two LRU lists, pages seen once and pages seen again, and a share between them that adapts itself.

Source: Megiddo, Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003, figure 4, to the letter.  T1
holds pages seen once lately, T2 pages seen at least twice; B1 and B2 remember the numbers of those that left
them.  A page found in B1 says that T1 is too small: its target p grows by max(|B2|/|B1|, 1); one in B2 says
the opposite.  No ties: each list gives its least recent page.  p is a real number, in double precision.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.base import readable
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason
from oslab.memory.replacement.linked_lists import NEWER, append, members, new_links, unlink

NOWHERE, T1, T2, B1, B2 = 0, 1, 2, 3, 4


class State(NamedTuple):
    """`where` each page is; `link` the four lists; `size` of each, by its number; `target` holds p."""

    where: np.ndarray
    link: np.ndarray
    size: np.ndarray
    target: np.ndarray
    frames: int


def start(trace, frames):
    """Return the empty memory."""
    return State(
        np.zeros(trace.distinct, np.uint8),
        new_links(trace.distinct, 5),
        np.zeros(5, np.int64),
        np.zeros(1, np.float64),
        frames,
    )


@kernel
def move(where, link, size, page, target):
    """Put a page at the recent end of another list; NOWHERE forgets it."""
    if where[page] != NOWHERE:
        unlink(link, page)
        size[where[page]] -= 1
    where[page] = target
    if target != NOWHERE:
        append(link, len(where) + target, page)
        size[target] += 1


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    where, link, size = state.where, state.link, state.size
    heads, frames = len(where), state.frames
    p = state.target[0]
    faults = 0
    for i in range(first, last):
        page = dense[i]
        place = where[page]
        if place == T1 or place == T2:
            move(where, link, size, page, T2)
            continue
        faults += 1
        replace = True
        goes_to = NOWHERE
        if place == B1:
            p = min(float(frames), p + max(size[B2] / size[B1], 1.0))
        elif place == B2:
            p = max(0.0, p - max(size[B1] / size[B2], 1.0))
        elif size[T1] + size[B1] == frames:
            if size[T1] < frames:
                move(where, link, size, link[heads + B1, NEWER], NOWHERE)
            else:
                replace = False
        else:
            total = size[T1] + size[T2] + size[B1] + size[B2]
            if total == 2 * frames:
                move(where, link, size, link[heads + B2, NEWER], NOWHERE)
            if total < frames:
                goes_to = T1
        if goes_to != T1:
            source = T1
            if replace:
                from_t1 = size[T1] > 0 and (size[T1] > p or (place == B2 and size[T1] == p))
                source = T1 if from_t1 else T2
                goes_to = B1 if from_t1 else B2
            victim = link[heads + source, NEWER]
            move(where, link, size, victim, goes_to)
            if evicted is not None:
                evicted[i] = pages[victim]
        move(where, link, size, page, T2 if place == B1 or place == B2 else T1)
        if hit is not None:
            hit[i] = False
    state.target[0] = p
    return faults


def describe(state):
    """Return the four lists, the least recent page first, and the target."""
    heads = len(state.where)
    return Lists(
        {
            "T1": members(state.link, heads + T1),
            "T2": members(state.link, heads + T2),
            "B1 (gone)": members(state.link, heads + B1),
            "B2 (gone)": members(state.link, heads + B2),
        },
        numbers={"p": float(state.target[0])},
    )


def reason(eviction):
    """Return the size of T1 and its target."""
    name = "T1" if eviction.evicted in eviction.before.lists["T1"] else "T2"
    size, p = len(eviction.before.lists["T1"]), eviction.after.numbers["p"]
    compared = "more than" if size > p else ("equal to" if size == p else "less than")
    text = (
        f"Page {eviction.evicted} is evicted: T1 holds {size}, {compared} its target p = {readable(p)}, so {name} gives its "
        f"least recent page."
    )
    if size == len(eviction.before.resident) and name == "T1" and not eviction.before.lists["B1 (gone)"]:
        text = f"Page {eviction.evicted} is evicted: T1 fills the memory and B1 is empty, so T1 gives its least recent page."
    return Reason(text, f"least recent of {name}", {q: k for k, q in enumerate(eviction.before.lists[name])})


POLICIES.register(
    "arc",
    label="ARC",
    summary="Two LRU lists, pages seen once and pages seen again, whose shares adapt.",
    source="Megiddo, Modha, ARC: a self-tuning, low overhead replacement cache, FAST 2003",
    tie_rule="none needed: each list gives its least recent page",
)(Policy(start, advance, describe, reason, on_hit="it goes to the recent end of T2"))
