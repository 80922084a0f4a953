"""LFU: the page goes that was used least often since it came in.

Source: Shah, Mitra, Matani, An O(1) algorithm for implementing the LFU cache eviction scheme, 2010.  Ties: among
the pages used least often the one used longest ago goes, or with ``tie="fifo"`` the one that came in first.  Coming in
counts as one use; a page that goes is forgotten, with its count.

Pages with the same count form a list, in the order in which they reached it, so its oldest page is also the
one used longest ago.  The lists stand in a chain by count; a hit moves a page to the next one.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.base import Parameter, plural
from oslab.memory.replacement.base import POLICIES, Lists, Policy
from oslab.memory.replacement.linked_lists import NEWER, OLDER, append, members, new_links, unlink

USED, FREE = 0, 1
ABSENT = 0xFFFFFFFF


class State(NamedTuple):
    """`list_of` each page; `link` the lists of pages; `chain` the lists by count; `uses` of each list.

    `chain` ends in row 0; the free lists hang together by NEWER, the first of them in `at`.
    """

    list_of: np.ndarray
    link: np.ndarray
    chain: np.ndarray
    uses: np.ndarray
    at: np.ndarray
    frames: int
    loaded: np.ndarray
    by_loading: bool


def start(trace, frames, tie):
    """Return the empty memory."""
    pages = trace.distinct
    lists = min(frames, pages) + 2
    chain = np.zeros((lists + 1, 2), np.uint32)
    chain[1:, NEWER] = np.arange(2, lists + 2)
    return State(
        np.full(pages, ABSENT, np.uint32),
        new_links(pages, lists + 1),
        chain,
        np.zeros(lists + 1, np.int64),
        np.array([0, 1], np.int64),
        frames,
        np.zeros(pages, np.int64),
        tie == "fifo",
    )


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    list_of, link, chain, uses = state.list_of, state.link, state.chain, state.uses
    heads = len(list_of)
    used, free = int(state.at[USED]), int(state.at[FREE])
    faults = 0
    for i in range(first, last):
        page = dense[i]
        old = int(list_of[page])
        count = 1
        before = 0
        if old != ABSENT:
            count = int(uses[old]) + 1
            unlink(link, page)
            before = old
        else:
            faults += 1
            if used < state.frames:
                used += 1
            else:
                least = int(chain[0, NEWER])
                victim = link[heads + least, NEWER]
                if state.by_loading:
                    other = victim
                    while other != heads + least:
                        if state.loaded[other] < state.loaded[victim]:
                            victim = other
                        other = link[other, NEWER]
                unlink(link, victim)
                list_of[victim] = ABSENT
                if link[heads + least, NEWER] == heads + least:
                    chain[0, NEWER] = chain[least, NEWER]
                    chain[chain[least, NEWER], OLDER] = 0
                    chain[least, NEWER] = free
                    free = least
                if evicted is not None:
                    evicted[i] = pages[victim]
            state.loaded[page] = i
            if hit is not None:
                hit[i] = False
        after = int(chain[before, NEWER])
        mine = after
        if after == 0 or uses[after] != count:
            mine = free
            free = int(chain[mine, NEWER])
            uses[mine] = count
            chain[mine, OLDER], chain[mine, NEWER] = before, after
            chain[before, NEWER] = mine
            chain[after, OLDER] = mine
        append(link, heads + mine, page)
        list_of[page] = mine
        if old != ABSENT and link[heads + old, NEWER] == heads + old:
            older, newer = chain[old, OLDER], chain[old, NEWER]
            chain[older, NEWER] = newer
            chain[newer, OLDER] = older
            chain[old, NEWER] = free
            free = old
    state.at[USED], state.at[FREE] = used, free
    return faults


def describe(state):
    """Return the pages by count, then by last use."""
    order, count = [], {}
    one = int(state.chain[0, NEWER])
    while one and state.at[USED]:
        for page in members(state.link, len(state.list_of) + one):
            order.append(page)
            count[page] = int(state.uses[one])
        one = int(state.chain[one, NEWER])
    return Lists({"by uses": order}, {"uses": count})


def reason(eviction):
    """Return the counts compared, and the last uses where they are equal."""
    uses = eviction.before.values["uses"]
    equal = [page for page in eviction.before.lists["by uses"] if uses[page] == uses[eviction.evicted]]
    found = eviction.smallest("fewest uses", uses, "uses since it came in: {}", "has {}")
    if len(equal) == 1:
        return found
    fifo = eviction.options["tie"] == "fifo"
    time, what = (eviction.loaded, "came in") if fifo else (eviction.last_use, "was last used")
    rival = min((page for page in equal if page != eviction.evicted), key=time)
    return found.saying(
        f"Page {eviction.evicted} is evicted: {len(equal)} pages have only {plural(uses[eviction.evicted], 'use')}; of them it "
        f"{what} at {time(eviction.evicted)}, page {rival} at {time(rival)}."
    )


POLICIES.register(
    "lfu",
    label="LFU",
    summary="Evicts the page that was used least often since it was loaded.",
    source="Shah, Mitra, Matani, An O(1) algorithm for implementing the LFU cache eviction scheme, 2010",
    tie_rule="among equal counts the page used longest ago goes, or the one that came in first",
    parameters={"tie": Parameter("lru", choices=("lru", "fifo"), help="which of equally used pages is evicted")},
)(Policy(start, advance, describe, reason, on_hit="its count goes up by one"))
