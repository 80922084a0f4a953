"""The child of lab 5: a program that wants one thing only, for a bounded time."""

import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable

from oslab.machine.child import bound

__all__ = ["KINDS"]


def _compute(end: float) -> None:
    """Integer arithmetic in one thread, in little memory."""
    number = 1
    while time.monotonic() < end:
        for _ in range(10_000):
            number = (number * 1103515245 + 12345) & 0x7FFFFFFF


def _memory(end: float) -> None:
    """Takes 64 MiB page by page, gives them back, and takes them again; pauses vary, so that no sampler keeps step with it."""
    import mmap
    import random

    while time.monotonic() < end:
        block = mmap.mmap(-1, 64 << 20)
        for place in range(0, len(block), 4096):
            block[place] = 1
        time.sleep(random.uniform(0.0, 0.06))
        block.close()


def _disk(end: float) -> None:
    """Writes 1 MiB, waits until it is on the disk, and begins again."""
    data = os.urandom(1 << 20)
    folder = next((f for f in ("/var/tmp", tempfile.gettempdir()) if os.access(f, os.W_OK)), None)
    with tempfile.TemporaryFile(dir=folder) as file:  # it has no name: gone with the process, however that ends
        while time.monotonic() < end:
            os.pwrite(file.fileno(), data, 0)
            os.fsync(file.fileno())


def _lock(end: float) -> None:
    """Two threads hand a baton to each other: nearly all they do is wait for the other."""
    batons = [threading.Lock(), threading.Lock()]
    for baton in batons:
        baton.acquire()

    def run(mine: int) -> None:
        while time.monotonic() < end:
            if batons[mine].acquire(timeout=0.05):
                batons[1 - mine].release()

    batons[0].release()
    other = threading.Thread(target=run, args=(1,))
    other.start()
    run(0)
    other.join()


KINDS: dict[str, Callable[[float], None]] = {"compute": _compute, "memory": _memory, "disk": _disk, "lock": _lock}

if __name__ == "__main__":
    kind, seconds = json.loads(sys.argv[1])
    bound(seconds)
    print(json.dumps("ready"), flush=True)
    KINDS[kind](time.monotonic() + seconds)
