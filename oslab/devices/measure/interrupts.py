"""Interrupts and soft interrupts a second, from /proc, at rest and with packets on the loopback."""

import re
import socket
import time
from collections.abc import Iterator
from typing import Any

from oslab.base import Series
from oslab.machine import Unavailable, procfs
from oslab.machine.recorded import measured

__all__ = ["count_interrupts", "interrupt_rates"]

SPAN, ROUNDS, BURST, MOST_PACKETS, ROWS = 0.25, 4, 50, 400_000, 9
WIRING = re.compile(r"\d+-edge|\d+-fasteoi|PCI-MSIX?\S*|IO-APIC|IR-\S+")


def count_interrupts() -> dict[str, int]:
    """Return how often each has come since the start, over all CPUs; soft ones end in ``(soft)``.

    Raises
    ------
    Unavailable
        No such files in /proc.
    """
    hard, soft = procfs.interrupts(), procfs.softirqs()
    if hard is None or soft is None:
        raise Unavailable("This needs /proc/interrupts and /proc/softirqs, which cannot be read here.")
    found: dict[str, int] = {}
    for name, (count, wiring) in hard.items():
        label = " ".join(WIRING.sub("", wiring).split())[:28] or name
        found[label] = found.get(label, 0) + count
    return found | {f"{name} (soft)": count for name, count in soft.items()}


def interrupt_rates() -> Iterator[Any]:
    """Count for a second at rest, then for a second with packets sent to itself (UDP on 127.0.0.1, 400 000 at most).

    Yields
    ------
    float or list of Series
        Shares of the work done, and the rates known so far, a second: ``at rest`` and ``with packets``.

    Raises
    ------
    Unavailable
        No such files in /proc.
    """
    rows: dict[str, list[dict[str, float]]] = {"at rest": [], "with packets": []}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as to, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as of:
        to.bind(("127.0.0.1", 0))
        to.setblocking(False)
        for k in range(2 * ROUNDS):
            label = "at rest" if k < ROUNDS else "with packets"
            before, begin = count_interrupts(), time.monotonic()
            if label == "at rest":
                time.sleep(SPAN)
            else:
                _send(of, to, begin + SPAN)
            passed, after = time.monotonic() - begin, count_interrupts()
            # A line that came or went meanwhile (a device was removed, a CPU switched off) has no rate.
            rows[label].append({name: max(after[name] - before[name], 0) / passed for name in after if name in before})
            yield (k + 1) / (2 * ROUNDS)
            yield _series(rows)


def _send(of: socket.socket, to: socket.socket, end: float) -> None:
    where, sent = to.getsockname(), 0
    while time.monotonic() < end and sent < MOST_PACKETS // ROUNDS:
        for _ in range(BURST):
            of.sendto(b"x" * 64, where)
        sent += BURST
        try:
            while True:
                to.recv(64)
        except BlockingIOError:
            pass


def _series(rows: dict[str, list[dict[str, float]]]) -> list[Series]:
    """The names that came most often, most often first."""
    known = [row for some in rows.values() for row in some]
    names = sorted({name for row in known for name in row}, key=lambda n: (-max(row.get(n, 0) for row in known), n))[
        :ROWS
    ]
    return [
        measured(label, names, [[row.get(name, 0.0) for name in names] for row in some], "a second")
        for label, some in rows.items()
        if some
    ]
