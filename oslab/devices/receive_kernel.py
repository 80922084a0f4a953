"""The kernel of the receiver: one CPU, packets, interrupts before all else, an application that gets what is left.

Times are whole ticks.  `costs` is (interrupt, packet, application): what an interrupt costs, the kernel's part for
a packet, the application's part; `limits` is (ring, socket): packets that the device and the socket can hold.
"""

import numpy as np

from oslab._jit import kernel, warmer

__all__ = ["FAR", "receive_packets"]

FAR = np.int64(1) << 62


@kernel
def receive_packets(arrivals, costs, limits, polls, count, delay, horizon, done):
    """Let packets arrive; fill `done` with when the application was ready with each, -1 where it never was.

    With interrupts, one is raised when `count` packets wait or the first has waited for `delay`, and takes at most
    `count`.  With polling the first packet raises one, then interrupts stay off: rounds of at most `count` packets,
    and between two rounds the application has as long a turn as the round was.  All stops at `horizon`.

    Returns
    -------
    tuple of int
        Interrupts, ticks in interrupts and the kernel's part, ticks in the application, packets that the device dropped
        because its ring was full, packets that were given up at the socket after the kernel's part.
    """
    n = len(arrivals)
    ring = np.empty(limits[0], np.int64)  # a circular queue of packets
    socket = np.empty(limits[1], np.int64)
    ring_first, ring_len, socket_first, socket_len = 0, 0, 0, 0
    now, seen, interrupts, in_kernel, in_application, dropped, wasted = 0, 0, 0, 0, 0, 0, 0
    left = 0  # of the application's work on the packet at the head of the socket; 0: not begun
    polling, turn = False, 0  # ticks that the application may still run before the next round
    for k in range(n):
        done[k] = -1
    while now < horizon:
        while seen < n and arrivals[seen] <= now:
            if ring_len < len(ring):
                ring[(ring_first + ring_len) % len(ring)] = seen
                ring_len += 1
            else:
                dropped += 1
            seen += 1
        if polling and ring_len == 0:
            polling, turn = False, 0
        alarm = arrivals[ring[ring_first]] + delay if ring_len > 0 else FAR
        if polling:
            runs = turn <= 0 or socket_len == 0
        else:
            runs = ring_len > 0 and (polls or ring_len >= count or alarm <= now)
        if runs:
            batch = min(ring_len, count)
            spent = batch * costs[1]
            if not polling:
                interrupts += 1
                spent += costs[0]
            in_kernel += min(spent, horizon - now)
            now += spent
            for _ in range(batch):
                packet = ring[ring_first]
                ring_first = (ring_first + 1) % len(ring)
                ring_len -= 1
                if socket_len < len(socket):
                    socket[(socket_first + socket_len) % len(socket)] = packet
                    socket_len += 1
                else:
                    wasted += 1
            if polls:
                polling, turn = True, batch * costs[1]
            continue
        until = min(horizon, now + turn) if polling else min(horizon, alarm)
        if seen < n:
            until = min(until, arrivals[seen])
        if socket_len > 0:
            if left == 0:
                left = costs[2]
            ran = min(left, until - now)
            now += ran
            left -= ran
            in_application += ran
            if polling:
                turn -= ran
            if left == 0:
                done[socket[socket_first]] = now
                socket_first = (socket_first + 1) % len(socket)
                socket_len -= 1
        else:
            now = until
    while seen < n and arrivals[seen] < horizon:  # while the last interrupt or round went on, past the horizon
        dropped += ring_len >= len(ring)
        ring_len += ring_len < len(ring)
        seen += 1
    return interrupts, in_kernel, in_application, dropped, wasted


@warmer(6)
def warm_receiver() -> None:
    """Compile it."""
    arrivals = np.arange(4, dtype=np.int64)
    arrivals.flags.writeable = False  # as the model's are
    receive_packets(arrivals, np.ones(3, np.int64), np.full(2, 4, np.int64), True, 1, 0, 100, np.empty(4, np.int64))
