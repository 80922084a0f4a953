"""The story of level and edge on a real pipe, with `select.epoll`."""

import os
import select

from oslab.base import Series
from oslab.devices.epoll_triggers import watch_pipe
from oslab.machine import Unavailable
from oslab.machine.recorded import measured

__all__ = ["real_pipe"]

PATIENCE = 0.02  # s; a wait that has not returned by then is taken to block


def real_pipe(
    trigger: str = "level", written: int = 2048, read_size: int = 1024, until_again: bool = False
) -> list[Series]:
    """Make the calls of `watch_pipe` on a pipe, waits of at most 20 ms among them.

    Returns
    -------
    list of Series
        What each call returned: bytes, and for a wait 1, or 0 where it would block.  Labelled with `trigger`.

    Raises
    ------
    Unavailable
        A system without epoll.
    """
    if not hasattr(select, "epoll"):
        raise Unavailable("This needs epoll: this system is not Linux.")
    watch_pipe(trigger, written, read_size, until_again)  # checks the arguments
    reader, writer = os.pipe()
    calls: list[tuple[str, int]] = []
    try:
        os.set_blocking(reader, False)
        with select.epoll() as watch:
            watch.register(reader, select.EPOLLIN | (select.EPOLLET if trigger == "edge" else 0))
            for size in (written, 0, 1):
                if size:
                    calls.append((f"write {size}", os.write(writer, bytes(size))))
                calls.append(("wait", len(watch.poll(PATIENCE))))
                while calls[-1][1] and (calls[-1][0] == "wait" or until_again):
                    calls.append((f"read {read_size}", _read(reader, read_size)))
    finally:
        os.close(reader)
        os.close(writer)
    return [measured(trigger, [call for call, _ in calls], [[got for _, got in calls]], "bytes, or 1 for ready")]


def _read(fd: int, size: int) -> int:
    try:
        return len(os.read(fd, size))
    except BlockingIOError:
        return 0
