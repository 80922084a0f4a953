"""LIRS: pages whose uses lie close together stay; the others share a small queue.

Source: Jiang, Zhang, LIRS: an efficient low inter-reference recency set replacement policy, SIGMETRICS 2002.
The stack S holds pages by last use: all LIR pages, and HIR pages (in memory or gone) used since the oldest
LIR page was.  The queue Q holds the HIR pages in memory, the next to go first.  A HIR page used while it is
still in S has shown a short distance between uses: it becomes LIR, and the LIR page at the bottom of S becomes
HIR, at the end of Q.  After that S is pruned, so that its bottom is LIR.  Until the LIR share is full, pages
come in as LIR.

Left open: the HIR share is rounded down, and at least one frame; pages gone stay in S until they are pruned, so
their number is not bounded; a page goes before the one that comes in is looked up in S.  No ties.
"""

from typing import NamedTuple

import numpy as np

from oslab._jit import kernel
from oslab.base import Parameter
from oslab.memory.replacement.base import POLICIES, Lists, Policy, Reason
from oslab.memory.replacement.linked_lists import NEWER, append, members, new_links, unlink

NOWHERE, LIR, HIR, GONE = 0, 1, 2, 3
LIRS, USED = 0, 1


class State(NamedTuple):
    """`kind` of each page, and whether it is in S; `stack` and `queue` as links; `at` LIR pages, frames used."""

    kind: np.ndarray
    in_stack: np.ndarray
    stack: np.ndarray
    queue: np.ndarray
    at: np.ndarray
    frames: int
    most_lir: int


def start(trace, frames, hir):
    """Return the empty memory."""
    pages = trace.distinct
    return State(
        np.zeros(pages, np.uint8),
        np.zeros(pages, np.uint8),
        new_links(pages, 1),
        new_links(pages, 1),
        np.zeros(2, np.int64),
        frames,
        frames - max(1, int(frames * hir)),
    )


@kernel
def to_top(stack, in_stack, page):
    """Put a page on top of S."""
    if in_stack[page]:
        unlink(stack, page)
    in_stack[page] = 1
    append(stack, len(in_stack), page)


@kernel
def prune(stack, in_stack, kind):
    """Take pages from the bottom of S until it is LIR; those gone are forgotten."""
    bottom = stack[len(kind), NEWER]
    while bottom != len(kind) and kind[bottom] != LIR:
        unlink(stack, bottom)
        in_stack[bottom] = 0
        if kind[bottom] == GONE:
            kind[bottom] = NOWHERE
        bottom = stack[len(kind), NEWER]


@kernel
def promote(state, page):
    """Make a HIR page LIR, and the LIR page at the bottom of S the last of Q."""
    to_top(state.stack, state.in_stack, page)
    state.kind[page] = LIR
    prune(state.stack, state.in_stack, state.kind)
    bottom = state.stack[len(state.kind), NEWER]
    unlink(state.stack, bottom)
    state.in_stack[bottom] = 0
    state.kind[bottom] = HIR
    append(state.queue, len(state.kind), bottom)
    prune(state.stack, state.in_stack, state.kind)


@kernel
def advance(state, dense, first, last, hit, evicted, pages):
    """Take references `first` to `last`; return the faults."""
    kind, in_stack, stack, queue = state.kind, state.in_stack, state.stack, state.queue
    row = len(kind)
    faults = 0
    for i in range(first, last):
        page = dense[i]
        if kind[page] == LIR:
            at_bottom = stack[row, NEWER] == page
            to_top(stack, in_stack, page)
            if at_bottom:
                prune(stack, in_stack, kind)
        elif kind[page] == HIR:
            unlink(queue, page)
            if in_stack[page]:
                promote(state, page)
            else:
                to_top(stack, in_stack, page)
                append(queue, row, page)
        else:
            faults += 1
            if hit is not None:
                hit[i] = False
            if state.at[USED] < state.frames:
                state.at[USED] += 1
            else:
                victim = queue[row, NEWER]
                unlink(queue, victim)
                kind[victim] = GONE if in_stack[victim] else NOWHERE
                if evicted is not None:
                    evicted[i] = pages[victim]
            if state.at[LIRS] < state.most_lir:
                state.at[LIRS] += 1
                to_top(stack, in_stack, page)
                kind[page] = LIR
            elif in_stack[page]:
                promote(state, page)
            else:
                to_top(stack, in_stack, page)
                kind[page] = HIR
                append(queue, row, page)
    return faults


def describe(state):
    """Return the LIR pages from the bottom of S, the queue, the pages gone that S holds, and places in S."""
    stack = members(state.stack, len(state.kind))
    return Lists(
        {
            "Q (HIR)": members(state.queue, len(state.kind)),
            "LIR": [page for page in stack if state.kind[page] == LIR],
            "S (gone)": [page for page in stack if state.kind[page] == GONE],
        },
        {"place in S": {page: len(stack) - k for k, page in enumerate(stack)}},
    )


def reason(eviction):
    """Return the page at the front of Q."""
    queue = eviction.before.lists["Q (HIR)"]
    kept = " S remembers it." if eviction.evicted in eviction.after.lists["S (gone)"] else ""
    text = f"Page {eviction.evicted} is evicted: it is first in Q; no LIR page is evicted while Q holds one.{kept}"
    return Reason(text, "first of Q", {page: k for k, page in enumerate(queue)})


POLICIES.register(
    "lirs",
    label="LIRS",
    summary="Keeps pages whose uses lie close together; the others share a small queue.",
    source="Jiang, Zhang, LIRS: an efficient low inter-reference recency set policy, SIGMETRICS 2002",
    tie_rule="none needed: the front of Q goes",
    parameters={"hir": Parameter(0.01, low=0.0, high=1.0, help="share of the frames for HIR pages")},
)(Policy(start, advance, describe, reason))
