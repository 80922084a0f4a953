"""fork and copy-on-write: which frame each page of each process leads to, and what a write costs.

After fork both page tables lead to the same frames, all write-protected.  The first write to a shared frame faults and
gets a copy; a write to a frame that nobody else has any more faults too, and only takes the protection away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

__all__ = ["WRITERS", "Sharing", "fork_and_write", "share_pages"]

ENTRIES = 512
WRITERS = ("child", "parent", "both")
MOST = 4096


@dataclass(frozen=True, eq=False)
class Sharing:
    """What `share_pages` returns; process 0 is the first parent, pages are 4 KiB.

    Attributes
    ----------
    events : tuple
        ``("fork", parent)``, ``("write", process, page)``, ``("exec", process)``, ``("exit", process)``.
    pages : int
        Of the first parent.
    frames : tuple of ndarray of int64, shape (processes, pages)
        After each event: the frame of each page, -1 for none; the first entry is before all events.
    reasons : tuple of str
    copies, faults, tables : ndarray of int64, shape (steps + 1,)
        So far: pages copied, write faults, page-table pages copied by forks.
    """

    events: tuple[tuple, ...]
    pages: int
    frames: tuple[np.ndarray, ...]
    reasons: tuple[str, ...]
    copies: np.ndarray
    faults: np.ndarray
    tables: np.ndarray

    @property
    def steps(self) -> int:
        """Number of events."""
        return len(self.events)

    def state(self, step: int) -> np.ndarray:
        """Return the frame of each page of each process after `step` events; processes yet to come have none."""
        return self.frames[step]

    def why(self, step: int) -> str:
        """Return what happened in a step, 1 to `steps`."""
        return self.reasons[step - 1]

    def used(self, step: int | None = None) -> int:
        """Return how many frames are in use after a step; the last if not given."""
        held = self.frames[self.steps if step is None else step]
        return len(np.unique(held[held >= 0]))

    def eager(self, step: int | None = None) -> int:
        """Return how many frames a fork that copies at once would have in use."""
        return int((self.frames[self.steps if step is None else step] >= 0).sum())

    def shared(self, process: int, step: int | None = None) -> int:
        """Return how many of a process's pages lead to a frame that another process has too."""
        held = self.frames[self.steps if step is None else step]
        others = np.delete(held, process, axis=0)
        return int(np.isin(held[process][held[process] >= 0], others).sum())

    def private(self, process: int, step: int | None = None) -> int:
        """Return how many of a process's pages lead to a frame of its own."""
        held = self.frames[self.steps if step is None else step]
        return int((held[process] >= 0).sum()) - self.shared(process, step)

    def table(self) -> list[dict[str, Any]]:
        """Return a row an event."""
        return [
            {
                "event": " ".join(map(str, event)),
                "frames": self.used(k),
                "eager": self.eager(k),
                "copied": int(self.copies[k]),
            }
            for k, event in enumerate(self.events, 1)
        ]

    def __str__(self) -> str:
        return (
            f"{self.pages} pages, {len(self.frames[-1])} processes: {self.used()} frames instead of {self.eager()}; "
            f"{self.copies[-1]} pages copied in {self.faults[-1]} faults, {self.tables[-1]} page tables copied"
        )


def share_pages(pages: int, events: Sequence[tuple]) -> Sharing:
    """Follow the frames of processes through forks, writes, exec and exit.

    Parameters
    ----------
    pages : int
        That the first process has touched, 1 to 4096.
    events : sequence of tuple
        As `Sharing.events`; processes are numbered in the order of their forks, from 0.

    Raises
    ------
    ValueError
        Pages out of range; an event that is none, or of a process or page that is not there.

    Examples
    --------
    >>> print(share_pages(4, [("fork", 0), ("write", 1, 2), ("write", 0, 2)]))
    4 pages, 2 processes: 5 frames instead of 8; 1 pages copied in 2 faults, 1 page tables copied
    """
    if isinstance(pages, bool) or not isinstance(pages, int | np.integer) or not 1 <= pages <= MOST:
        raise ValueError(f"pages={pages!r}: allowed are whole numbers from 1 to {MOST}")
    listed = tuple(tuple(event) for event in events)
    held = np.full((1 + sum(e[:1] == ("fork",) for e in listed), pages), -1)
    held[0] = np.arange(pages)
    guarded = np.zeros_like(held, bool)
    users = np.ones(pages, np.int64).tolist()
    made, copies, faults, tables = 1, 0, 0, 0
    frames, reasons, counts = [held.copy()], [], [(0, 0, 0)]
    for event in listed:
        _check(event, made, held)
        kind, process = event[:2]
        if kind == "fork":
            held[made], guarded[made] = held[process], held[process] >= 0
            guarded[process] = guarded[made]
            for frame in held[process][held[process] >= 0]:
                users[frame] += 1
            copied = -(-int((held[process] >= 0).sum()) // ENTRIES)
            tables += copied
            reasons.append(
                f"fork: {_name(made)} gets a copy of {copied} page table{'s' * (copied != 1)}, no page; every "
                f"frame is shared now, and write-protected."
            )
            made += 1
        elif kind == "write":
            page = event[2]
            frame = int(held[process, page])
            who = f"{_name(process)} writes page {page}"
            if not guarded[process, page]:
                reasons.append(f"{who}: the frame is its own and writable, nothing more happens.")
            elif users[frame] > 1:
                users[frame] -= 1
                held[process, page] = len(users)
                users.append(1)
                copies, faults = copies + 1, faults + 1
                reasons.append(
                    f"{who}: fault; frame {frame} has {users[frame] + 1} users, so 4 KiB are copied to frame "
                    f"{len(users) - 1}."
                )
            else:
                faults += 1
                reasons.append(f"{who}: fault; nobody else has frame {frame} any more, so it is only made writable.")
            guarded[process, page] = False
        else:
            for frame in held[process][held[process] >= 0]:
                users[frame] -= 1
            held[process] = -1
            what = "a new, empty address space" if kind == "exec" else "no memory any more"
            reasons.append(f"{_name(process)} calls {kind}: it lets go of all its pages and has {what}.")
        frames.append(held.copy())
        counts.append((copies, faults, tables))
    return Sharing(listed, int(pages), tuple(frames), tuple(reasons), *np.array(counts).T)


def fork_and_write(
    pages: int = 64,
    written: float = 0.25,
    children: int = 1,
    writer: str = "child",
    exec_at_the_end: bool = False,
    seed: int = 1,
) -> Sharing:
    """Fork children, let a share of the pages be written, and perhaps let the children exec.

    Parameters
    ----------
    pages, children : int
        1 to 4096; 1 to 4.
    written : float
        Share of the pages that each writer writes, in random order.
    writer : {'child', 'parent', 'both'}
        Every child; the parent; the parent, then every child, the same pages.
    exec_at_the_end : bool
    seed : int

    Raises
    ------
    ValueError
        A number out of range.
    """
    if not 0 <= written <= 1:
        raise ValueError(f"written={written!r}: allowed are shares from 0 to 1")
    if children not in range(1, 5):
        raise ValueError(f"children={children!r}: allowed are 1 to 4")
    if writer not in WRITERS:
        raise ValueError(f"writer={writer!r}: allowed are {', '.join(WRITERS)}")
    if not 1 <= pages <= MOST:
        raise ValueError(f"pages={pages!r}: allowed are whole numbers from 1 to {MOST}")
    order = np.random.default_rng(seed).permutation(pages)[: round(written * pages)].tolist()
    born = range(1, children + 1)
    who = {"child": [*born], "parent": [0], "both": [0, *born]}[writer]
    events: list[tuple] = [("fork", 0) for _ in born] + [("write", p, page) for p in who for page in order]
    return share_pages(pages, events + [("exec", p) for p in born if exec_at_the_end])


def _name(process: int) -> str:
    return f"child {process}" if process else "the parent"


def _check(event: tuple, made: int, held: np.ndarray) -> None:
    kind = event[0] if event else None
    if kind not in ("fork", "write", "exec", "exit") or len(event) != (3 if kind == "write" else 2):
        raise ValueError(f"event={event!r}: allowed are ('fork', p), ('write', p, page), ('exec', p), ('exit', p)")
    if event[1] not in range(made):
        raise ValueError(f"event={event!r}: processes so far are 0 to {made - 1}")
    if kind == "write" and (event[2] not in range(held.shape[1]) or held[event[1], event[2]] < 0):
        raise ValueError(f"event={event!r}: this process has no such page")
