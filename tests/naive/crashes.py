"""Crashes, the slow way: every subset of the writes since the last barrier, applied one by one."""

from itertools import combinations


def disks(disk, events, loose=False):
    """Return the set of all disks that a crash may leave."""
    found = set()
    writes = [k for k, e in enumerate(events) if e.block >= 0]
    barriers = [k for k, e in enumerate(events) if e.block < 0]
    for now in [*barriers, len(events)]:
        issued = [k for k in writes if k < now]
        last = max([b for b in barriers if b < now], default=-1)
        synced = _synced(events, barriers, now)
        open_ones = [k for k in issued if k > (synced if loose and events[k].kind == "data" else last)]
        sure = [k for k in issued if k not in open_ones]
        for size in range(len(open_ones) + 1):
            for chosen in combinations(open_ones, size):
                blocks = list(disk)
                for k in sorted([*sure, *chosen]):
                    blocks[events[k].block] = events[k].value
                found.add(tuple(blocks))
    return found


def _synced(events, barriers, now):
    return max([b for b in barriers if b < now and events[b].kind == "sync"], default=-1)
