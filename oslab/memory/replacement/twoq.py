"""2Q: new pages pass a short FIFO; only those asked for again after they left it enter the main LRU list.

Source: Johnson, Shasha, 2Q: a low overhead high performance buffer management replacement algorithm, VLDB 1994
(the full version).  A1in is the FIFO of new pages, A1out remembers the numbers of those that left it, Am is an LRU
list.  A hit in Am moves the page to the recent end, a hit in A1in changes nothing.  When room is needed, the
oldest page of A1in goes if A1in holds more than its share, and is remembered in A1out; otherwise the least
recent page of Am goes and is forgotten.  A page that A1out remembers comes into Am, any other into A1in.

Left open by the paper: shares are rounded down, and at least 1; the page that comes in leaves A1out before
room is made; where Am is empty, A1in gives the page.  No ties: each list gives its end.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.base import Parameter
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason
from oslab.memory.replacement.linked_lists import NEWER, append, members, new_links, unlink

NOWHERE, A1IN, A1OUT, AM = 0, 1, 2, 3


class State(NamedTuple):
    """`where` each page is; `link` the three lists; `size` of each of them, by its number."""

    where: np.ndarray
    link: np.ndarray
    size: np.ndarray
    frames: int
    most_in: int
    most_out: int


def start(trace, frames, a1in, a1out):
    """Return the empty memory."""
    return State(
        np.zeros(trace.distinct, np.uint8),
        new_links(trace.distinct, 4),
        np.zeros(4, np.int64),
        frames,
        max(1, int(frames * a1in)),
        max(1, int(frames * a1out)),
    )


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    where, link, size = state.where, state.link, state.size
    heads = len(where)
    faults = 0
    for i in range(first, last):
        page = dense[i]
        place = where[page]
        if place == AM:
            unlink(link, page)
            append(link, heads + AM, page)
            continue
        if place == A1IN:
            continue
        faults += 1
        if place == A1OUT:
            unlink(link, page)
            size[A1OUT] -= 1
        if size[A1IN] + size[AM] == state.frames:
            if size[A1IN] > state.most_in or size[AM] == 0:
                victim = link[heads + A1IN, NEWER]
                unlink(link, victim)
                append(link, heads + A1OUT, victim)
                where[victim] = A1OUT
                size[A1IN] -= 1
                size[A1OUT] += 1
                if size[A1OUT] > state.most_out:
                    forgotten = link[heads + A1OUT, NEWER]
                    unlink(link, forgotten)
                    where[forgotten] = NOWHERE
                    size[A1OUT] -= 1
            else:
                victim = link[heads + AM, NEWER]
                unlink(link, victim)
                where[victim] = NOWHERE
                size[AM] -= 1
            if evicted is not None:
                evicted[i] = pages[victim]
        target = AM if place == A1OUT else A1IN
        append(link, heads + target, page)
        where[page] = target
        size[target] += 1
        if hit is not None:
            hit[i] = False
    return faults


def describe(state):
    """Return the three lists, each from the page that leaves it next."""
    heads = len(state.where)
    return Lists(
        {
            "A1in": members(state.link, heads + A1IN),
            "Am": members(state.link, heads + AM),
            "A1out (gone)": members(state.link, heads + A1OUT),
        },
        numbers={"A1in share": state.most_in, "A1out share": state.most_out},
    )


def reason(eviction):
    """Return which list was over its share."""
    inside, main = eviction.before.lists["A1in"], eviction.before.lists["Am"]
    share = eviction.before.numbers["A1in share"]
    page = f"Page {eviction.evicted} is evicted:"
    if eviction.evicted not in inside:
        return Reason(
            f"{page} A1in holds {len(inside)}, no more than its share of {share}, so Am gives its least recent page.",
            "least recent of Am",
            {page: k for k, page in enumerate(main)},
        )
    why = f"A1in holds {len(inside)}, more than its share of {share}" if len(inside) > share else "Am is empty"
    return Reason(
        f"{page} {why}, and it came into A1in first.", "first in of A1in", {page: k for k, page in enumerate(inside)}
    )


POLICIES.register(
    "twoq",
    label="2Q",
    summary="New pages pass a short FIFO; pages requested again enter the main list.",
    source="Johnson, Shasha, 2Q: a low overhead high performance buffer management algorithm, VLDB 1994",
    tie_rule="none needed: each list gives its end",
    parameters={
        "a1in": Parameter(0.25, low=0.0, high=1.0, help="share of the frames for new pages"),
        "a1out": Parameter(0.5, low=0.0, high=4.0, help="pages remembered, as a share of the frames"),
    },
)(Policy(start, advance, describe, reason))
