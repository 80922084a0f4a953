"""The job of lab 4 on a real ring, by the package liburing: the four indices after each step."""

import time

from oslab.base import Series
from oslab.devices.ring_job import run_job
from oslab.machine.io_uring import RealRing
from oslab.machine.recorded import measured

__all__ = ["real_ring"]

PATIENCE = 0.5  # s


def real_ring(operations: int = 8, batch: int = 4, entries: int = 4, sqpoll: bool = False) -> list[Series]:
    """Do a job as `run_job` does it; the reads are reads of pipes, which end in the order in which these are written to.

    Returns
    -------
    list of Series
        SQ head, SQ tail, CQ head, CQ tail by step.

    Raises
    ------
    Unavailable
        io_uring is refused (the sentence says which switch does), or liburing is missing.
    """
    job = run_job(operations, batch, entries, sqpoll=sqpoll)
    rows, reaped = [], []
    with RealRing(entries, sqpoll=sqpoll) as ring:
        rows.append(ring.indices)
        for step in job.done:
            action, _, name = step.action.partition(" ")
            if action == "push":
                ring.push(int(name), "later")
            elif action == "submit":
                ring.submit()
            elif action == "take":
                _wait_until_taken(ring)
            elif action == "finish":
                ring.finish(int(name))
            else:
                reaped.append(ring.reap()[0])
            rows.append(ring.indices)
    if tuple(reaped) != job.reaped:
        raise OSError(f"The completions came as {reaped}, not as {list(job.reaped)}.")
    names = ("SQ head", "SQ tail", "CQ head", "CQ tail")
    what = f"step of {operations} by {batch}, {job.entries} entries{', sqpoll' * sqpoll}"
    return [
        measured(label, list(range(len(rows))), [column], "index", x_unit=what)
        for label, column in zip(names, zip(*rows))
    ]


def _wait_until_taken(ring: RealRing) -> None:
    """Until the kernel's thread has looked: another program's turn may come before."""
    end = time.monotonic() + PATIENCE
    while ring.indices[0] != ring.indices[1] and time.monotonic() < end:
        time.sleep(0.0005)
