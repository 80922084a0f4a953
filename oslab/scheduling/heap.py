"""A binary heap in one array: the least key first, among equals the least `tie`.

Row 0 counts; rows from 1 on hold key, tie and task.
"""

import numpy as np

from oslab._jit import hook

__all__ = ["EQUALS", "entries", "first_key", "new", "place", "pop", "push"]

NEVER = 2**62
EQUALS = ("first", "last", "listed")  # who goes before its equals: who came first, who came last, by the list


def new(capacity: int) -> np.ndarray:
    """Return an empty heap; int64, shape (capacity + 1, 3)."""
    return np.zeros((capacity + 1, 3), np.int64)


def entries(heap: np.ndarray) -> list[tuple[int, int, int]]:
    """Return (key, tie, task) of what is in it, the first to come out first."""
    return sorted(tuple(row) for row in heap[1 : heap[0, 0] + 1].tolist())


@hook
def first_key(heap):
    """Return the least key; NEVER from an empty heap."""
    return heap[1, 0] if heap[0, 0] > 0 else NEVER


@hook
def push(heap, key, tie, task):
    """Put a task in."""
    count = heap[0, 0] + 1
    heap[0, 0] = count
    i = count
    while i > 1:
        up = i >> 1
        if heap[up, 0] < key or (heap[up, 0] == key and heap[up, 1] <= tie):
            break
        heap[i, 0] = heap[up, 0]
        heap[i, 1] = heap[up, 1]
        heap[i, 2] = heap[up, 2]
        i = up
    heap[i, 0] = key
    heap[i, 1] = tie
    heap[i, 2] = task


@hook
def pop(heap):
    """Take the first task out and return it; the heap must not be empty."""
    task = heap[1, 2]
    count = heap[0, 0]
    key, tie, last = heap[count, 0], heap[count, 1], heap[count, 2]
    count -= 1
    heap[0, 0] = count
    i = 1
    while 2 * i <= count:
        down = 2 * i
        if down < count and (
            heap[down + 1, 0] < heap[down, 0]
            or (heap[down + 1, 0] == heap[down, 0] and heap[down + 1, 1] < heap[down, 1])
        ):
            down += 1
        if key < heap[down, 0] or (key == heap[down, 0] and tie <= heap[down, 1]):
            break
        heap[i, 0] = heap[down, 0]
        heap[i, 1] = heap[down, 1]
        heap[i, 2] = heap[down, 2]
        i = down
    heap[i, 0] = key
    heap[i, 1] = tie
    heap[i, 2] = last
    return task


@hook
def place(equals, turn, task):
    """Return the `tie` that puts a task among its equals as `EQUALS` says, by its number there."""
    if equals == 2:
        return task
    return turn if equals == 0 else -turn
