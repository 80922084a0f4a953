"""A real ring of io_uring, driven step by step through the package liburing (Linux), with the indices the kernel shows.

Its methods are those of the model in the wing of devices, so that one script drives both.  A request that is done
later reads one byte from a pipe of its own, and is done when that is written.
"""

from __future__ import annotations

import os
import time
from pathlib import Path

from oslab.machine.capability import need

__all__ = ["RealRing"]


class RealRing:
    """A ring, to be used in a `with` statement.

    Parameters
    ----------
    entries : int
        Of the SQ; the CQ gets twice as many.
    sqpoll : bool
        A kernel thread takes requests by itself; it sleeps after a second without any.

    Raises
    ------
    Unavailable
        io_uring is refused, or liburing is missing.
    OSError
        The kernel does not take this size.
    """

    def __init__(self, entries: int, *, sqpoll: bool = False):
        need("io_uring", "liburing")
        import liburing

        self._u, self._ring, self._cqe = liburing, liburing.Ring(), liburing.Cqe()
        self._pipes: dict[int, tuple[int, int]] = {}
        self._buffers: dict[int, bytearray] = {}
        # The package's Param is not initialised (2026.3.30), so sizes and idle time stay the kernel's own.
        liburing.io_uring_queue_init(entries, self._ring, liburing.IORING_SETUP_SQPOLL if sqpoll else 0)

    def __enter__(self) -> RealRing:
        return self

    def __exit__(self, *_: object) -> None:
        """Close the ring and every pipe; requests in flight are cancelled by the kernel."""
        self._u.io_uring_queue_exit(self._ring)
        for ends in self._pipes.values():
            for fd in ends:
                os.close(fd)
        self._pipes.clear()

    def _text(self) -> str:
        """What the kernel shows of the ring; without its indices while its own thread holds the lock, so ask again."""
        end = time.monotonic() + 1
        while True:
            text = Path(f"/proc/self/fdinfo/{self._ring.ring_fd}").read_text()
            if "CqOverflowList:" in text or time.monotonic() > end:
                return text
            time.sleep(0)

    def _shown(self) -> dict[str, str]:
        lines = self._text().splitlines()
        return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}

    @property
    def sizes(self) -> tuple[int, int]:
        """Entries of the SQ and of the CQ, as the kernel made them."""
        shown = self._shown()
        return int(shown["SqMask"], 0) + 1, int(shown["CqMask"], 0) + 1

    @property
    def indices(self) -> tuple[int, int, int, int]:
        """SQ head, SQ tail, CQ head, CQ tail."""
        shown = self._shown()
        return tuple(int(shown[name]) for name in ("SqHead", "SqTail", "CqHead", "CqTail"))

    @property
    def overflow(self) -> bool:
        """Whether the kernel keeps completions aside that found the CQ full."""
        return bool(self._u.io_uring_cq_has_overflow(self._ring))

    def push(self, user_data: int, takes: str = "now") -> bool:
        """Write a request; False if the SQ is full."""
        u = self._u
        if u.io_uring_sq_space_left(self._ring) == 0:
            return False
        sqe = u.io_uring_get_sqe(self._ring)
        if takes == "now":
            u.io_uring_prep_nop(sqe)
        else:
            buffer = self._buffers[user_data] = bytearray(1)
            if takes == "later":
                self._pipes[user_data] = os.pipe()
            u.io_uring_prep_read(sqe, self._pipes[user_data][0] if takes == "later" else 1 << 20, buffer, 1, 0)
        sqe.user_data = user_data
        return True

    def submit(self) -> int:
        """Show the kernel what was written; return how many it took, or was shown."""
        return self._u.io_uring_submit(self._ring) or 0

    def finish(self, user_data: int) -> None:
        """Write the byte that a request waits for, and see its completion posted."""
        before = self.indices[3], self._kept_aside()
        os.write(self._pipes[user_data][1], b"x")
        end = time.monotonic() + 1
        while (self.indices[3], self._kept_aside()) == before and time.monotonic() < end:
            time.sleep(0)

    def _kept_aside(self) -> int:
        return self._text().partition("CqOverflowList:")[2].count("user_data=")

    def reap(self) -> tuple[int, int] | None:
        """Take the oldest completion, as (user_data, result); None if there is none."""
        try:
            self._u.io_uring_peek_cqe(self._ring, self._cqe)
        except BlockingIOError:
            return None
        name = self._cqe[0].user_data
        try:
            result = self._cqe[0].res
        except OSError as error:  # the package raises what the kernel writes as -errno
            result = -error.errno
        self._u.io_uring_cq_advance(self._ring, 1)
        return name, result

    def flush(self) -> None:
        """Ask for completions by a call, which brings in what was kept aside."""
        self._u.io_uring_get_events(self._ring)
