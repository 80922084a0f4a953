"""Slow, obvious twins of small kernels."""


def followed(links, start, steps):
    """Where a chase stands: every place it comes through, and of these the last."""
    way = [start]
    while len(way) <= steps:
        way.append(links[way[-1]])
    return way[-1]


def renumbered(pages):
    """Pages by the order in which they come first, and each reference's next use (None: never)."""
    order = list(dict.fromkeys(pages))
    following = [next((j for j in range(i + 1, len(pages)) if pages[j] == page), None) for i, page in enumerate(pages)]
    return [order.index(page) for page in pages], order, following


def places(pages, hit, evicted, frames):
    """The page in each frame at the end: who comes in sits down where the other one went, or in the next free frame."""
    table = []
    for page, known, goes in zip(pages, hit, evicted):
        if not known:
            if goes in table:
                table[table.index(goes)] = page
            else:
                table.append(page)
    return table + [-1] * (frames - len(table))


def first_above(cumulative, uniforms):
    """The first index whose value exceeds each uniform."""
    return [next(k for k, value in enumerate(cumulative) if value > u) for u in uniforms]


def fewest_first(counts, before):
    """The queue with the fewest tasks: the one before if it is among these, else the first; and the one with most waiting."""
    fewest = [c for c, count in enumerate(counts) if count == min(counts)]
    return before if before in fewest else fewest[0]


class Sorted:
    """A list that is sorted anew whenever something goes in."""

    def __init__(self):
        self.rows = []

    def push(self, key, tie, task):
        self.rows = sorted([*self.rows, (key, tie, task)])

    def pop(self):
        return self.rows.pop(0)[2]
