"""Two lists, as Linux reclaims pages: a page must be used twice to get from inactive to active.

Source: mm/workingset.c and mm/vmscan.c of Linux.  A page comes in at the recent end of the inactive list; used
there again, it moves to the recent end of the active list.  A page goes from the old end of inactive; before, the
old end of active is demoted while inactive times ratio < active.  The ratio is 1 below 1 GiB of memory (frames of
4 KiB), then the whole part of the square root of 10 times the GiB.  A page gone leaves a shadow: the age at which
it went, where every eviction and activation adds one to the age.  If it comes back (a refault) and the
age has grown by no more than the length of the active list, it goes to active at once.

Chosen here, where the kernel does more: every use is noticed at once, as for pages read through the page
cache; a hit on active changes nothing; room is made before the shadow is looked at; shadows are never dropped;
one page goes at a time.  No ties: each list gives its old end.
"""

import math
from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason
from oslab.memory.replacement.linked_lists import NEWER, append, members, new_links, unlink

NOWHERE, INACTIVE, ACTIVE = 0, 1, 2
AGE = 0
NO_SHADOW = -1
PAGE_SIZE = 4096


class State(NamedTuple):
    """`where` each page is; `shadow` the age at which it went; `link` the lists; `size` of each; `size[0]` the age."""

    where: np.ndarray
    shadow: np.ndarray
    link: np.ndarray
    size: np.ndarray
    frames: int
    ratio: int


def start(trace, frames):
    """Return the empty memory."""
    gib = frames * PAGE_SIZE >> 30
    return State(
        np.zeros(trace.distinct, np.uint8),
        np.full(trace.distinct, NO_SHADOW, np.int64),
        new_links(trace.distinct, 3),
        np.zeros(3, np.int64),
        frames,
        math.isqrt(10 * gib) if gib else 1,
    )


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    where, shadow, link, size = state.where, state.shadow, state.link, state.size
    inactive, active = len(where) + INACTIVE, len(where) + ACTIVE
    age = int(size[AGE])
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if where[page] == ACTIVE:
            continue
        if where[page] == INACTIVE:
            unlink(link, page)
            append(link, active, page)
            where[page] = ACTIVE
            size[INACTIVE] -= 1
            size[ACTIVE] += 1
            age += 1
            continue
        faults += 1
        if size[INACTIVE] + size[ACTIVE] == state.frames:
            while size[INACTIVE] * state.ratio < size[ACTIVE]:
                demoted = link[active, NEWER]
                unlink(link, demoted)
                append(link, inactive, demoted)
                where[demoted] = INACTIVE
                size[ACTIVE] -= 1
                size[INACTIVE] += 1
            victim = link[inactive, NEWER]
            unlink(link, victim)
            where[victim] = NOWHERE
            size[INACTIVE] -= 1
            shadow[victim] = age
            age += 1
            if evicted is not None:
                evicted[i] = pages[victim]
        if shadow[page] != NO_SHADOW and age - shadow[page] <= size[ACTIVE]:
            append(link, active, page)
            where[page] = ACTIVE
            size[ACTIVE] += 1
            age += 1
        else:
            append(link, inactive, page)
            where[page] = INACTIVE
            size[INACTIVE] += 1
        if hit is not None:
            hit[i] = False
    size[AGE] = age
    return faults


def describe(state):
    """Return the two lists, the old end first, and the ages at which pages went."""
    heads = len(state.where)
    gone = np.flatnonzero((state.shadow != NO_SHADOW) & (state.where == NOWHERE))
    gone = gone[np.argsort(state.shadow[gone])].tolist()
    return Lists(
        {
            "inactive": members(state.link, heads + INACTIVE),
            "active": members(state.link, heads + ACTIVE),
            "shadows (gone)": gone,
        },
        {"went at age": {page: int(state.shadow[page]) for page in gone}},
        {"age": int(state.size[AGE]), "ratio": state.ratio},
    )


def reason(eviction):
    """Return the lengths of the lists, and what the refault distance of the new page says."""
    inactive, active = eviction.before.lists["inactive"], eviction.before.lists["active"]
    line = (*inactive, *active)
    demoted = line.index(eviction.evicted) >= len(inactive) or any(
        page in eviction.after.lists["inactive"] for page in active
    )
    text = f"Page {eviction.evicted} is evicted: it is at the old end of inactive"
    if demoted:
        text += f", after active ({len(active)}) had given some to inactive ({len(inactive)})"
    went = eviction.before.values["went at age"].get(eviction.page)
    if went is not None:
        distance, room = (
            eviction.before.numbers["age"] + 1 - went,
            len([page for page in eviction.after.lists["active"] if page != eviction.page]),
        )
        target = "active at once" if eviction.page in eviction.after.lists["active"] else "inactive"
        text += f". Refault of page {eviction.page}: distance {distance}, active holds {room}, so it goes to {target}"
    return Reason(text + ".", "old end of inactive", {page: k for k, page in enumerate(line)})


POLICIES.register(
    "two_list",
    label="Two lists",
    summary="As in Linux: a page used twice moves from the inactive to the active list.",
    source="Linux, mm/workingset.c and mm/vmscan.c",
    tie_rule="none needed: each list gives its old end",
)(Policy(start, advance, describe, reason))
