"""A red-black tree on one array of records: insert, erase, leftmost; several trees may share the array.

Node 0 stands for "none" and is black; task i is node i + 1.  Equal keys go right, so of equals the first one in
comes out first.  Source: Cormen, Leiserson, Rivest, Stein, Introduction to Algorithms, chapter 13; as Linux does
(include/linux/rbtree.h), the leftmost node is kept at hand, so looking at it costs O(1).

`erase` and `insert` are bound anew (`augmented`) for trees whose nodes also know something of their subtree.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from oslab._jit import bind, hook, lean

__all__ = ["LEFT", "ROOT", "augmented", "erase", "in_order", "insert", "new_heads", "new_table", "shape"]

# Of each tree: its root, its leftmost node, how many rotations are noted; after them ±node for each rotation.
ROOT, LEFT, NOTED, NOTES = range(4)
LINKS = [("key", np.int64), ("left", np.uint32), ("right", np.uint32), ("up", np.uint32), ("red", np.uint32)]


def new_table(nodes: int, *more: tuple[str, Any]) -> np.recarray:
    """Return room for that many nodes; `more` are further fields of each."""
    return np.zeros(nodes + 1, [*LINKS, ("spare", np.int64), *more] if not more else [*LINKS, *more]).view(np.recarray)


def new_heads(trees: int = 1, notes: int = 0) -> np.ndarray:
    """Return empty trees, with room to note so many rotations of each; int64, shape (trees, 3 + notes)."""
    return np.zeros((trees, NOTES + notes), np.int64)


def shape(table: np.ndarray, heads: np.ndarray, tree: int = 0) -> list[tuple[int, int, int, bool]]:
    """Return (node, depth, parent, red) of every node, from left to right."""
    found: list[tuple[int, int, int, bool]] = []

    def walk(node: int, depth: int, up: int) -> None:
        if node:
            row = table[node]
            walk(int(row["left"]), depth + 1, node)
            found.append((node, depth, up, bool(row["red"])))
            walk(int(row["right"]), depth + 1, node)

    walk(int(heads[tree, ROOT]), 0, 0)
    return found


def in_order(table: np.ndarray, heads: np.ndarray, tree: int = 0) -> list[int]:
    """Return the nodes from left to right."""
    return [node for node, *_ in shape(table, heads, tree)]


AUGMENTED = False


@hook
def refresh(t, i):
    """Stand in: bring up to date what node `i` knows of its subtree."""


@lean
def rotate(t, h, k, x, to_left):
    """Turn node `x` down to the left or to the right; its child takes its place."""
    if to_left:
        y = t[x].right
        inner = t[y].left
        t[x].right = inner
        t[y].left = x
    else:
        y = t[x].left
        inner = t[y].right
        t[x].left = inner
        t[y].right = x
    if inner != 0:
        t[inner].up = x
    up = t[x].up
    t[y].up = up
    if up == 0:
        h[k, ROOT] = y
    elif t[up].left == x:
        t[up].left = y
    else:
        t[up].right = y
    t[x].up = y
    refresh(t, x)
    refresh(t, y)
    if NOTES + h[k, NOTED] < h.shape[1]:
        h[k, NOTES + h[k, NOTED]] = x if to_left else -np.int64(x)
        h[k, NOTED] += 1


@lean
def insert(t, h, k, i, key):
    """Put node `i` into tree `k`."""
    at, up, first, left = np.uint32(h[k, ROOT]), np.uint32(0), True, True
    while at != 0:  # loops of their own for left and right, so that the CPU predicts the way instead of waiting for it
        while at != 0 and key >= t[at].key:
            up, at, first, left = at, t[at].right, False, False
        while at != 0 and key < t[at].key:
            up, at, left = at, t[at].left, True
    t[i].key = key
    t[i].left = 0
    t[i].right = 0
    t[i].up = up
    t[i].red = 1
    if first:
        h[k, LEFT] = i
    if up == 0:
        h[k, ROOT] = i
    elif left:
        t[up].left = i
    else:
        t[up].right = i
    if AUGMENTED:
        at = np.uint32(i)
        while at != 0:
            refresh(t, at)
            at = t[at].up
    z = np.uint32(i)
    while t[t[z].up].red == 1:
        up = t[z].up
        grand = t[up].up
        on_left = t[grand].left == up
        aunt = t[grand].right if on_left else t[grand].left
        if t[aunt].red == 1:
            t[up].red = 0
            t[aunt].red = 0
            t[grand].red = 1
            z = grand
            continue
        if z == (t[up].right if on_left else t[up].left):
            rotate(t, h, k, up, on_left)
            up = z
        t[up].red = 0
        t[grand].red = 1
        rotate(t, h, k, grand, not on_left)
        break
    t[np.uint32(h[k, ROOT])].red = 0


@hook
def lift(t, h, k, old, new):
    """Let `new` (0 for none) stand where `old` stood, below its parent."""
    up = t[old].up
    if up == 0:
        h[k, ROOT] = new
    elif t[up].left == old:
        t[up].left = new
    else:
        t[up].right = new
    t[new].up = up


@lean
def erase(t, h, k, i):
    """Take node `i` out of tree `k`."""
    i = np.uint32(i)
    left, right = t[i].left, t[i].right
    if h[k, LEFT] == i:
        after = right
        if after == 0:
            after = t[i].up
        else:
            while t[after].left != 0:
                after = t[after].left
        h[k, LEFT] = after
    black = t[i].red == 0
    if left == 0 or right == 0:
        x = right if left == 0 else left
        lift(t, h, k, i, x)
    else:
        y = right
        while t[y].left != 0:
            y = t[y].left
        black = t[y].red == 0
        x = t[y].right
        if t[y].up == i:
            t[x].up = y
        else:
            lift(t, h, k, y, x)
            t[y].right = right
            t[right].up = y
        lift(t, h, k, i, y)
        t[y].left = left
        t[left].up = y
        t[y].red = t[i].red
    if AUGMENTED:
        at = t[x].up
        while at != 0:
            refresh(t, at)
            at = t[at].up
    if black:
        mend(t, h, k, x)
    t[0].up = 0


@lean
def mend(t, h, k, x):
    """Restore the colours after a black node was taken out above `x`."""
    while t[x].up != 0 and t[x].red == 0:
        up = t[x].up
        on_left = t[up].left == x
        sister = t[up].right if on_left else t[up].left
        if t[sister].red == 1:
            t[sister].red = 0
            t[up].red = 1
            rotate(t, h, k, up, on_left)
            sister = t[up].right if on_left else t[up].left
        near = t[sister].left if on_left else t[sister].right
        far = t[sister].right if on_left else t[sister].left
        if t[near].red == 0 and t[far].red == 0:
            t[sister].red = 1
            x = up
            continue
        if t[far].red == 0:
            t[near].red = 0
            t[sister].red = 1
            rotate(t, h, k, sister, not on_left)
            sister = t[up].right if on_left else t[up].left
            far = t[sister].right if on_left else t[sister].left
        t[sister].red = t[up].red
        t[up].red = 0
        t[far].red = 0
        rotate(t, h, k, up, on_left)
        x = np.uint32(h[k, ROOT])
        break
    t[x].red = 0


def augmented(key: str, refresh: Callable) -> tuple[Callable, Callable]:
    """Return `insert` and `erase` for nodes that know something of their subtree, kept by ``refresh(table, node)``."""
    turn = bind(rotate, f"rotate_{key}", refresh=refresh)
    known = {"rotate": turn, "refresh": refresh, "AUGMENTED": True}
    return (
        bind(insert, f"insert_{key}", **known),
        bind(erase, f"erase_{key}", mend=bind(mend, f"mend_{key}", rotate=turn), **known),
    )
