"""A lab that is moved for an hour takes no more memory than one that was just warmed up."""

import gc
import os

import pytest

from oslab.machine.procfs import smaps_rollup

WARM, MOVES, FEW = 300, 2000, 400
MOST_BYTES, MOST_OBJECTS = 4 << 20, 50  # the allocator takes 1 or 2 MiB more in the first thousand moves, then none


def private_bytes():
    """What this process holds for itself, or None where no kernel tells."""
    return (smaps_rollup(os.getpid()) or {}).get("Anonymous")


def growth(lab, moves):
    """Move a control `WARM` times, then `moves` times more; return by how many bytes and objects the latter made it grow."""
    widget, values, taken = lab.controls["focus"], (1, 2, 3, 4, 5, 6, 7), []
    for count in (WARM, moves):
        for k in range(count):
            widget.value = values[k % len(values)]
        gc.collect()
        taken.append((private_bytes(), len(gc.get_objects())))
    (bytes_before, objects_before), (bytes_after, objects_after) = taken
    return (bytes_after - bytes_before if bytes_before else 0), objects_after - objects_before


@pytest.fixture
def lab(lab_of):
    return lab_of("03_memory", "anomaly").lab


def test_two_thousand_moves_leave_nothing_behind(lab):
    grown, objects = growth(lab, MOVES)
    assert grown < MOST_BYTES and objects < MOST_OBJECTS


def test_what_is_left_behind_would_be_seen(lab):
    kept, update = [], lab.canvas.view.update

    def leaking(*given, **named):
        kept.append([])
        return update(*given, **named)

    lab.canvas.view.update = leaking
    grown, objects = growth(lab, FEW)
    assert objects > FEW / 2
