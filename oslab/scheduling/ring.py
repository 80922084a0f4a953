"""A queue of tasks in one array: what came first goes first.

Element 0 is where the first one stands, element 1 where the next one will; one place is always free, so that an empty
queue is told from a full one.  Each end has its number alone: one that both wrote would make `push` wait for `pop`.
An index is unsigned, so that nothing asks whether it counts from the end.
"""

import numpy as np

from oslab._jit import hook

__all__ = ["entries", "new", "pop", "push"]


def new(capacity: int) -> np.ndarray:
    """Return an empty queue; int64, shape (capacity + 3,)."""
    ring = np.zeros(capacity + 3, np.int64)
    ring[:2] = 2
    return ring


def entries(ring: np.ndarray) -> list[int]:
    """Return the tasks in it, the first to go first."""
    first, end = ring[:2]
    return [int(task) for task in (ring[first:end] if first <= end else [*ring[first:], *ring[2:end]])]


@hook
def push(ring, task):
    """Put a task at the end."""
    place = ring[1]
    ring[1] = place + 1 if place + 1 < len(ring) else 2
    ring[np.uintp(place)] = task


@hook
def pop(ring):
    """Take the first task out and return it; -1 from an empty queue."""
    place = ring[0]
    if place == ring[1]:
        return -1
    ring[0] = place + 1 if place + 1 < len(ring) else 2
    return ring[np.uintp(place)]
