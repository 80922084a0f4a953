"""S3-FIFO: three queues; most new pages leave by the small one, before they reach the main one.

Source: Yang, Zhang, Qiu, Yue, Rashmi, FIFO queues are all you need for cache eviction, SOSP 2023.  A page comes
into S, or into M if the ghost queue G remembers it.  A hit adds one to its count, up to 3.  When room is needed and
S holds its share, S gives its oldest page: used more than once it moves to M with its count cleared, otherwise
it goes and G remembers it.  When S holds less, M gives its oldest: with a count above 0 it goes round again
with one less, otherwise it goes.

Left open: this is repeated until exactly one page has gone, so M may take more than its share for a while; the
share of S is rounded down, and at least 1; G remembers as many pages as M's share; a page that comes in is
looked up in G after room was made; where M is empty, S gives.  No ties.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.base import Parameter, readable
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason
from oslab.memory.replacement.linked_lists import NEWER, append, members, new_links, unlink

NOWHERE, SMALL, MAIN, GHOST = 0, 1, 2, 3
MOST = 3


class State(NamedTuple):
    """`where` each page is; `uses` its count; `link` the three queues; `size` of each, by its number."""

    where: np.ndarray
    uses: np.ndarray
    link: np.ndarray
    size: np.ndarray
    frames: int
    share: int


def start(trace, frames, small):
    """Return the empty memory."""
    return State(
        np.zeros(trace.distinct, np.uint8),
        np.zeros(trace.distinct, np.uint8),
        new_links(trace.distinct, 4),
        np.zeros(4, np.int64),
        frames,
        max(1, int(frames * small)),
    )


@kernel
def make_room(state):
    """Let one page go, and return it."""
    where, uses, link, size = state.where, state.uses, state.link, state.size
    heads = len(where)
    while True:
        source = SMALL if size[SMALL] >= state.share or size[MAIN] == 0 else MAIN
        page = link[heads + source, NEWER]
        unlink(link, page)
        if source == SMALL and uses[page] > 1:
            uses[page] = 0
            where[page] = MAIN
            append(link, heads + MAIN, page)
            size[SMALL] -= 1
            size[MAIN] += 1
        elif source == MAIN and uses[page] > 0:
            uses[page] -= 1
            append(link, heads + MAIN, page)
        else:
            size[source] -= 1
            where[page] = NOWHERE
            if source == SMALL:
                where[page] = GHOST
                append(link, heads + GHOST, page)
                size[GHOST] += 1
                if size[GHOST] > state.frames - state.share:
                    forgotten = link[heads + GHOST, NEWER]
                    unlink(link, forgotten)
                    where[forgotten] = NOWHERE
                    size[GHOST] -= 1
            return page


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    where, uses, link, size = state.where, state.uses, state.link, state.size
    heads = len(where)
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if where[page] == SMALL or where[page] == MAIN:
            if uses[page] < MOST:
                uses[page] += 1
            continue
        faults += 1
        if size[SMALL] + size[MAIN] == state.frames:
            victim = make_room(state)
            if evicted is not None:
                evicted[i] = pages[victim]
        target = SMALL
        if where[page] == GHOST:
            unlink(link, page)
            size[GHOST] -= 1
            target = MAIN
        append(link, heads + target, page)
        where[page] = target
        uses[page] = 0
        size[target] += 1
        if hit is not None:
            hit[i] = False
    return faults


def describe(state):
    """Return the three queues, the oldest first, and the counts."""
    heads = len(state.where)
    small, main = members(state.link, heads + SMALL), members(state.link, heads + MAIN)
    return Lists(
        {"S": small, "M": main, "G (gone)": members(state.link, heads + GHOST)},
        {"uses": {page: int(state.uses[page]) for page in small + main}},
        {"S share": state.share},
    )


def reason(eviction):
    """Return which queue gave the page, and the counts in it."""
    before, uses = eviction.before, eviction.before.values["uses"]
    small, main = before.lists["S"], before.lists["M"]
    page = f"Page {eviction.evicted} is evicted:"
    moved = [p for p in small if p in eviction.after.lists["M"] and uses[p] > 1]
    then = (
        f"; before that, {'pages' if len(moved) > 1 else 'page'} {', '.join(map(str, moved))} moved to M"
        if moved
        else ""
    )
    if eviction.evicted in small and uses[eviction.evicted] <= 1:
        said = ("it was not used again in S", "it was used only once more in S")[uses[eviction.evicted]]
        return Reason(f"{page} {said}{then}.", "oldest of S used less than twice", {p: uses[p] for p in small})
    return Reason(
        f"{page} S is below its share of {readable(before.numbers['S share'])}, and in M it is the first whose "
        f"count has come down to 0{then}.",
        "oldest of M with a count of 0",
        {p: uses[p] for p in main + small},
    )


POLICIES.register(
    "s3fifo",
    label="S3-FIFO",
    summary="A small queue filters new pages before the main queue.",
    source="Yang et al., FIFO queues are all you need for cache eviction, SOSP 2023",
    tie_rule="none needed: each queue gives its oldest page",
    parameters={"small": Parameter(0.1, low=0.0, high=1.0, help="share of the frames for the small queue")},
)(Policy(start, advance, describe, reason, on_hit="its count goes up, to 3 at most"))
