"""The two rings of io_uring: requests go in by one, completions come out by the other; indices wrap at 2^32.

Both indices of a ring only grow; an entry's place is the index without its high bits.  The application moves the
tail of the submission queue (SQ) and the head of the completion queue (CQ), the kernel the other two
(io_uring(7); include/uapi/linux/io_uring.h).  Tested against a real ring.
"""

from dataclasses import dataclass, replace
from typing import NamedTuple

from oslab.base import Parameter, checked, choice, flag, integer

__all__ = ["CQE_BYTES", "MOST_ENTRIES", "SQE_BYTES", "WRAP", "Completion", "Request", "RingState", "Rings"]

WRAP = 1 << 32
MOST_ENTRIES = 32768  # IORING_MAX_ENTRIES; the CQ may have twice as many
SQE_BYTES, CQE_BYTES = 64, 16
NOW, LATER, BAD = "now", "later", "bad"
EBADF = 9


class Request(NamedTuple):
    """A submission queue entry (SQE).

    `user_data` comes back with the completion; `takes` is ``"now"`` (done when submitted), ``"later"`` (done when
    the device says so) or ``"bad"`` (a descriptor that is not open).
    """

    user_data: int
    takes: str = NOW


class Completion(NamedTuple):
    """A completion queue entry (CQE): `result` is a count of bytes, or −errno."""

    user_data: int
    result: int


@dataclass(frozen=True)
class RingState:
    """What both sides see at one moment.

    Attributes
    ----------
    sq, cq : tuple of Request or Completion or None
        What stands in each place, old entries too.
    sq_head, sq_tail, cq_head, cq_tail : int
        Below 2^32; the place is the index modulo the entries.
    filled : int
        The application's own tail: requests up to here are written, and shown to the kernel by `submit`.
    in_flight : tuple of Request
        Taken by the kernel, not done.
    overflow : tuple of Completion
        Completions that found the CQ full; the kernel keeps them (since Linux 5.5) and flags it.
    calls : int
        System calls so far.
    pins, lookups : int
        Times that a buffer's pages were pinned (for direct I/O: what is buffered is copied), a descriptor was looked up.
    asleep : bool
        SQPOLL: the kernel thread sleeps and has set NEED_WAKEUP.
    """

    sq: tuple[Request | None, ...]
    cq: tuple[Completion | None, ...]
    sq_head: int = 0
    sq_tail: int = 0
    cq_head: int = 0
    cq_tail: int = 0
    filled: int = 0
    in_flight: tuple[Request, ...] = ()
    overflow: tuple[Completion, ...] = ()
    calls: int = 0
    pins: int = 0
    lookups: int = 0
    asleep: bool = False

    @property
    def indices(self) -> tuple[int, int, int, int]:
        """SQ head, SQ tail, CQ head, CQ tail."""
        return self.sq_head, self.sq_tail, self.cq_head, self.cq_tail

    @property
    def waiting(self) -> int:
        """Requests that the kernel has been shown and has not taken."""
        return (self.sq_tail - self.sq_head) % WRAP

    @property
    def ready(self) -> int:
        """Completions in the CQ."""
        return (self.cq_tail - self.cq_head) % WRAP


class Rings:
    """A ring as `io_uring_setup` makes it, with both of its sides.

    Parameters
    ----------
    entries : int
        Of the SQ, 1 to 32768, rounded up to a power of two as the kernel does.
    cq_entries : int, optional
        Of the CQ, up to 65536, rounded up too; twice the SQ's if not given.
    sqpoll : bool
        A kernel thread takes requests by itself, and sleeps after `idle_ms` without any; a new one sleeps if the first
        look finds nothing.
    idle_ms : int
        Milliseconds, 1 or more.
    registered : bool
        Buffers are pinned and files looked up once, at the start, by two calls.
    start : int
        Where all indices begin; 0 in a new ring, elsewhere to see them wrap.

    Raises
    ------
    ValueError
        A size out of range, a CQ smaller than the SQ, an index that is none.

    Examples
    --------
    >>> rings = Rings(2)
    >>> rings.push(7), rings.push(8), rings.push(9)
    (True, True, False)
    >>> rings.submit(), rings.reap(), rings.state.calls
    (2, Completion(user_data=7, result=0), 2)
    """

    @checked(
        entries=integer(1, MOST_ENTRIES),
        cq_entries=integer(1, 2 * MOST_ENTRIES, optional=True),
        sqpoll=flag(),
        idle_ms=integer(1, WRAP - 1),
        registered=flag(),
        start=integer(0, WRAP - 1),
    )
    def __init__(
        self,
        entries: int,
        cq_entries: int | None = None,
        *,
        sqpoll: bool = False,
        idle_ms: int = 1000,
        registered: bool = False,
        start: int = 0,
    ):
        size = _round_up(entries)
        cq_size = 2 * size if cq_entries is None else _round_up(cq_entries)
        if cq_size < size:
            raise ValueError(f"cq_entries={cq_entries!r}: the CQ may not be smaller than the SQ ({size} entries)")
        self.sqpoll, self.registered, self._idle = sqpoll, registered, idle_ms
        self._quiet_ms = idle_ms  # a new thread that finds nothing sleeps at once (io_uring/sqpoll.c)
        self.state = RingState(
            (None,) * size,
            (None,) * cq_size,
            start,
            start,
            start,
            start,
            start,
            calls=1 + 2 * registered,
            pins=int(registered),
            lookups=int(registered),
        )

    @checked(user_data=Parameter(kind=int, low=0, high=(1 << 64) - 1), takes=choice((NOW, LATER, BAD)))
    def push(self, user_data: int, takes: str = NOW) -> bool:
        """Write a request at the application's tail; return False if the SQ is full, and overwrite nothing."""
        s = self.state
        if (s.filled - s.sq_head) % WRAP == len(s.sq):
            return False
        self._set(sq=_put(s.sq, s.filled, Request(user_data, takes)), filled=(s.filled + 1) % WRAP)
        return True

    def submit(self) -> int:
        """Show the kernel what was written, and have it taken: by one call, or by the polling thread without any.

        If completions have overflowed, the call is made in any case, and brings them in, as liburing does.

        Returns
        -------
        int
            Requests shown now (with SQPOLL), or taken.
        """
        s = self.state
        count = (s.filled - s.sq_tail) % WRAP
        wanted = s.asleep if self.sqpoll else count > 0
        self._set(sq_tail=s.filled, calls=s.calls + (wanted or bool(s.overflow)))
        if self.sqpoll and s.asleep:
            self._set(asleep=False)
            self._quiet_ms = 0
        if not self.sqpoll:
            self._take()
        if s.overflow:
            self._move_in()
        return count

    @checked(ms=integer(0, WRAP - 1))
    def pass_time(self, ms: int) -> int:
        """Let the polling thread work for `ms` milliseconds; return the requests that it took."""
        if not self.sqpoll or self.state.asleep:
            return 0
        taken = self._take()
        self._quiet_ms = ms if taken else self._quiet_ms + ms
        if self._quiet_ms >= self._idle:
            self._set(asleep=True)
        return taken

    @checked(user_data=Parameter(kind=int, low=0, high=(1 << 64) - 1), result=Parameter(kind=int))
    def finish(self, user_data: int, result: int = 1) -> None:
        """Let the device finish a request in flight.

        Raises
        ------
        ValueError
            No such request in flight.
        """
        found = [r for r in self.state.in_flight if r.user_data == user_data]
        if not found:
            known = ", ".join(str(r.user_data) for r in self.state.in_flight) or "none"
            raise ValueError(f"user_data={user_data!r}: in flight are {known}")
        left = list(self.state.in_flight)
        left.remove(found[0])
        self._set(in_flight=tuple(left))
        self._post(Completion(user_data, result))

    def reap(self) -> Completion | None:
        """Take the oldest completion from the CQ; None if there is none.

        If the CQ is empty and completions have overflowed, that costs a call, by which the kernel moves them in.
        """
        if self.state.ready == 0 and self.state.overflow:
            self.flush()
        s = self.state
        if s.ready == 0:
            return None
        self._set(cq_head=(s.cq_head + 1) % WRAP)
        return s.cq[s.cq_head % len(s.cq)]

    def flush(self) -> None:
        """Ask the kernel for completions by a call (`io_uring_get_events`): overflowed completions move in as far as they fit."""
        self._set(calls=self.state.calls + 1)
        self._move_in()

    def _move_in(self) -> None:
        """Move what was kept aside into the CQ while it fits."""
        s = self.state
        room = len(s.cq) - s.ready
        kept, moved = s.overflow[room:], s.overflow[:room]
        self._set(overflow=())
        for completion in moved:
            self._post(completion)
        self._set(overflow=kept)

    def _set(self, **changes: object) -> None:
        self.state = replace(self.state, **changes)

    def _take(self) -> int:
        """The kernel takes every request shown; those done at once are posted in order."""
        count = self.state.waiting
        for _ in range(count):
            s = self.state
            request = s.sq[s.sq_head % len(s.sq)]
            per_request = 0 if self.registered else 1
            self._set(sq_head=(s.sq_head + 1) % WRAP, pins=s.pins + per_request, lookups=s.lookups + per_request)
            if request.takes == LATER:
                self._set(in_flight=(*s.in_flight, request))
            else:
                self._post(Completion(request.user_data, -EBADF if request.takes == BAD else 0))
        return count

    def _post(self, completion: Completion) -> None:
        """Put a completion into the CQ; behind one that was kept aside it is kept aside too, so that order is kept."""
        s = self.state
        if s.overflow or s.ready == len(s.cq):
            self._set(overflow=(*s.overflow, completion))
        else:
            self._set(cq=_put(s.cq, s.cq_tail, completion), cq_tail=(s.cq_tail + 1) % WRAP)


def _put(places: tuple, index: int, entry: object) -> tuple:
    k = index % len(places)
    return (*places[:k], entry, *places[k + 1 :])


def _round_up(entries: int) -> int:
    return 1 << (entries - 1).bit_length()
