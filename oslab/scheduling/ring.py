"""A queue of tasks in one array: what came first goes first.

Element 0 is where the first one stands, element 1 how many there are; the places follow.
"""

from __future__ import annotations

import numpy as np

from oslab._jit import hook

__all__ = ["entries", "new", "pop", "push"]


def new(capacity: int) -> np.ndarray:
    """Return an empty queue; int64, shape (capacity + 2,)."""
    ring = np.zeros(capacity + 2, np.int64)
    ring[0] = 2
    return ring


def entries(ring: np.ndarray) -> list[int]:
    """Return the tasks in it, the first to go first."""
    places = len(ring) - 2
    return [int(ring[2 + (ring[0] - 2 + k) % places]) for k in range(ring[1])]


@hook
def push(ring, task):
    """Put a task at the end."""
    place = ring[0] + ring[1]
    if place >= len(ring):
        place -= len(ring) - 2
    ring[place] = task
    ring[1] += 1


@hook
def pop(ring):
    """Take the first task out and return it; -1 from an empty queue."""
    if ring[1] == 0:
        return -1
    place = ring[0]
    ring[1] -= 1
    ring[0] = place + 1 if place + 1 < len(ring) else 2
    return ring[place]
