"""A lab that is moved for an hour takes no more memory than one that was just warmed up."""

import gc
import mmap
import os

import pytest

from oslab.machine.procfs import smaps_rollup

WARM, ROUNDS, MOVES, FEW = 300, 4, 500, 100
# A leak takes memory in every round, the allocator only in some: so the round that took least is judged.
MOST_BYTES, MOST_OBJECTS = 1 << 20, 12


def private_bytes():
    """What this process holds for itself, or None where no kernel tells."""
    return (smaps_rollup(os.getpid()) or {}).get("Anonymous")


def growth(lab, rounds, moves):
    """Move a control `WARM` times, then in rounds of `moves`; return the bytes and objects of the rounds that took least."""
    widget, values, taken = lab.controls["focus"], (1, 2, 3, 4, 5, 6, 7), []
    for count in (WARM, *(moves for _ in range(rounds))):
        for k in range(count):
            widget.value = values[k % len(values)]
        gc.collect()
        taken.append((private_bytes() or 0, len(gc.get_objects())))
    return tuple(min(after - before for before, after in zip(t, t[1:], strict=False)) for t in zip(*taken, strict=True))


@pytest.fixture
def lab(lab_of):
    return lab_of("03_memory", "anomaly").lab


def test_two_thousand_moves_leave_nothing_behind(lab):
    grown, objects = growth(lab, ROUNDS, MOVES)
    assert grown < MOST_BYTES and objects < MOST_OBJECTS


def new_memory():
    """Return 64 KiB that cannot come from what earlier tests gave back to the allocator."""
    block = mmap.mmap(-1, 64 << 10, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    block.write(b"x" * len(block))
    return block


@pytest.mark.parametrize("leak, seen", [(list, "objects"), (new_memory, "bytes")])
def test_what_is_left_behind_would_be_seen(lab, leak, seen):
    kept, update = [], lab.canvas.view.update

    def leaking(*given, **named):
        kept.append(leak())
        return update(*given, **named)

    if seen == "bytes" and not private_bytes():
        pytest.skip("no kernel here tells what a process holds for itself")
    lab.canvas.view.update = leaking
    grown, objects = growth(lab, 1, FEW)
    assert objects > FEW / 2 > MOST_OBJECTS if seen == "objects" else grown > MOST_BYTES
