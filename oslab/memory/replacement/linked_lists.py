"""Doubly linked lists of pages in one table: a row a page, and a row a list for its two ends.

``link[p, OLDER]`` and ``link[p, NEWER]`` are the neighbours of page p.  List k has its row behind the pages, at
``pages + k``: NEWER of that row is the oldest page, OLDER the newest, the row itself where the list is empty.
"""

import numpy as np

from oslab._jit import kernel

__all__ = ["NEWER", "OLDER", "append", "members", "new_links", "unlink"]

OLDER, NEWER = 0, 1


def new_links(pages: int, lists: int) -> np.ndarray:
    """Return the table of `lists` empty lists."""
    return np.repeat(np.arange(pages + lists, dtype=np.uint32), 2).reshape(-1, 2)


@kernel
def unlink(link, page):
    """Take a page out of its list."""
    older, newer = link[page, OLDER], link[page, NEWER]
    link[older, NEWER] = newer
    link[newer, OLDER] = older


@kernel
def append(link, head, page):
    """Put a page, in no list, at the newest end of the list with row `head`."""
    newest = link[head, OLDER]
    link[page, OLDER] = newest
    link[page, NEWER] = head
    link[newest, NEWER] = page
    link[head, OLDER] = page


def members(link: np.ndarray, head: int) -> list[int]:
    """Return the pages of a list, the oldest first."""
    pages, page = [], int(link[head, NEWER])
    while page != head:
        pages.append(page)
        page = int(link[page, NEWER])
    return pages
