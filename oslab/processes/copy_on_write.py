"""fork and copy-on-write: which frame each page of each process leads to, and what a write costs.

After fork both page tables lead to the same frames, all write-protected.  The first write to a shared frame faults and
gets a copy; a write to a frame that nobody else has any more faults too, and only takes the protection away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import SEED, Instance, Several, Stepped, checked, choice, columns, flag, integer, plural, real, shown

__all__ = ["WRITERS", "Sharing", "fork_and_write", "share_pages"]

ENTRIES = 512  # of a page-table page
WRITERS = ("child", "parent", "both")
MOST, MOST_EVENTS, MOST_FORKS = 4096, 50_000, 63
ARGUMENTS = {"fork": 1, "write": 2, "exec": 1, "exit": 1}


@dataclass(frozen=True, eq=False)
class Sharing(Stepped, over="events"):
    """What `share_pages` returns; process 0 is the first parent, pages are 4 KiB.

    Attributes
    ----------
    events : tuple
        ``("fork", parent)``, ``("write", process, page)``, ``("exec", process)``, ``("exit", process)``.
    pages : int
        Of the first parent.
    copies, faults, tables : ndarray of int64, shape (steps + 1,)
        So far: pages copied, write faults, page-table pages copied by forks.
    in_use, at_once : ndarray of int64, shape (steps + 1,)
        Frames in use, and those that a fork which copies at once would have in use.
    """

    events: tuple[tuple, ...]
    pages: int
    copies: np.ndarray
    faults: np.ndarray
    tables: np.ndarray
    in_use: np.ndarray
    at_once: np.ndarray

    @property
    def processes(self) -> int:
        """Number of processes, those among them that are forked later."""
        return 1 + sum(event[0] == "fork" for event in self.events)

    def _replayed(self, step: int) -> tuple[np.ndarray, str]:
        memory = _Memory(self.pages, self.processes)
        for event in self.events[:step]:
            memory.apply(*event)
        return memory.frames, memory.reason

    def state(self, step: int) -> np.ndarray:
        """Return the frame of each page of each process after `step` events, -1 for none; int64[processes, pages]."""
        return super().state(step)[0]

    def why(self, step: int) -> str:
        """Return what happened in a step, 1 to `steps`."""
        return super().state(self._step(step, 1))[1]

    def used(self, step: int | None = None) -> int:
        """Return how many frames are in use after a step; the last if not given."""
        return int(self.in_use[-1 if step is None else self._step(step, 0)])

    def eager(self, step: int | None = None) -> int:
        """Return how many frames a fork that copies at once would have in use."""
        return int(self.at_once[-1 if step is None else self._step(step, 0)])

    def shared(self, process: int, step: int | None = None) -> int:
        """Return how many of a process's pages lead to a frame that another process has too."""
        frames = self.state(self.steps if step is None else step)
        integer(0, len(frames) - 1).check("process", process)
        return int(np.isin(frames[process][frames[process] >= 0], np.delete(frames, process, axis=0)).sum())

    def private(self, process: int, step: int | None = None) -> int:
        """Return how many of a process's pages lead to a frame of its own."""
        shared = self.shared(process, step)
        return int((self.state(self.steps if step is None else step)[process] >= 0).sum()) - shared

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row an event."""
        events = (" ".join(map(str, event)) for event in self.events)
        return columns(
            {"event": events, "frames": self.in_use[1:], "eager": self.at_once[1:], "copied": self.copies[1:]}
        )

    def __str__(self) -> str:
        return (
            f"{plural(self.pages, 'page')}, {plural(self.processes, 'process', 'processes')}: "
            f"{plural(self.used(), 'frame')} instead of {self.eager()}; {plural(self.copies[-1], 'page')} copied in "
            f"{plural(self.faults[-1], 'fault')}, {plural(self.tables[-1], 'page table')} copied"
        )


class _Memory:
    """Page tables, who uses each frame, and what has been counted so far."""

    def __init__(self, pages: int, processes: int):
        self.frames = np.full((processes, pages), -1)
        self.frames[0] = np.arange(pages)
        self.protected = np.zeros_like(self.frames, bool)
        self.users, self.used, self.mapped = [1] * pages, pages, pages
        self.made = 1
        self.copies = self.faults = self.tables = 0
        self.reason = ""

    @property
    def counts(self) -> tuple[int, ...]:
        return self.copies, self.faults, self.tables, self.used, self.mapped

    def apply(self, kind: str, process: int, page: int = -1) -> None:
        getattr(self, {"exec": "release", "exit": "release"}.get(kind, kind))(process, *([page] if page >= 0 else []))
        if kind in ("exec", "exit"):
            what = "a new, empty address space" if kind == "exec" else "no memory left"
            self.reason = f"{_name(process)} calls {kind}: it releases all its pages and now has {what}."

    def fork(self, process: int) -> None:
        held = self.frames[process]
        self.frames[self.made], self.protected[process] = held, held >= 0
        self.protected[self.made] = held >= 0
        for frame in held[held >= 0].tolist():
            self.users[frame] += 1
        count = int((held >= 0).sum())
        tables = -(-count // ENTRIES)
        self.mapped, self.tables = self.mapped + count, self.tables + tables
        self.reason = (
            f"fork copies {plural(tables, 'page table')} for {_name(self.made)}, but no page; every frame is now shared "
            "and write-protected."
        )
        self.made += 1

    def write(self, process: int, page: int) -> None:
        frame = int(self.frames[process, page])
        who = f"{_name(process)} writes page {page}"
        if not self.protected[process, page]:
            self.reason = f"{who}: no other process uses its frame, so the write goes ahead."
            return
        self.faults += 1
        self.protected[process, page] = False
        if self.users[frame] == 1:
            self.reason = f"{who}: a fault; no other process uses frame {frame} any more, so it only becomes writable."
            return
        self.frames[process, page] = new = len(self.users)
        self.users[frame] -= 1
        self.users.append(1)
        self.copies, self.used = self.copies + 1, self.used + 1
        users = self.users[frame] + 1
        self.reason = f"{who}: a fault; {users} processes share frame {frame}, so 4 KiB are copied to frame {new}."

    def release(self, process: int) -> None:
        for frame in self.frames[process][self.frames[process] >= 0].tolist():
            self.users[frame] -= 1
            self.mapped -= 1
            self.used -= self.users[frame] == 0
        self.frames[process] = -1


@checked(pages=integer(1, MOST), events=Several(Instance((tuple, list)), least=0, most=MOST_EVENTS))
def share_pages(pages: int, events: Sequence[tuple]) -> Sharing:
    """Follow the frames of processes through forks, writes, exec and exit.

    Parameters
    ----------
    pages : int
        That the first process has touched, 1 to 4096.
    events : sequence of tuple
        As `Sharing.events`, at most 50 000, 63 forks among them; processes are numbered in the order of their forks,
        from 0.

    Raises
    ------
    TypeError, ValueError
        Pages out of range; an event that is none, or of a process or page that is not there.

    Examples
    --------
    >>> print(share_pages(4, [("fork", 0), ("write", 1, 2), ("write", 0, 2)]))
    4 pages, 2 processes: 5 frames instead of 8; 1 page copied in 2 faults, 1 page table copied
    """
    listed = tuple(map(tuple, events))
    forks = sum(event[:1] == ("fork",) for event in listed)
    if forks > MOST_FORKS:
        raise ValueError(f"events: {forks} forks; allowed are {MOST_FORKS}")
    memory = _Memory(pages, forks + 1)
    counts = [memory.counts]
    for k, event in enumerate(listed):
        _check(f"events[{k}]={shown(event)}", event, memory)
        memory.apply(*event)
        counts.append(memory.counts)
    return Sharing(listed, pages, *np.array(counts).T)


@checked(
    pages=integer(1, MOST),
    written=real(0, 1),
    children=integer(1, 4),
    writer=choice(WRITERS),
    exec_at_the_end=flag(),
    seed=SEED,
)
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
        Of the order in which pages are written.

    Raises
    ------
    TypeError, ValueError
        An argument of another type or out of range.
    """
    order = np.random.default_rng(seed).permutation(pages)[: round(written * pages)].tolist()
    born = range(1, children + 1)
    who = {"child": [*born], "parent": [0], "both": [0, *born]}[writer]
    events: list[tuple] = [("fork", 0) for _ in born] + [("write", p, page) for p in who for page in order]
    return share_pages(pages, events + [("exec", p) for p in born if exec_at_the_end])


def _name(process: int) -> str:
    return f"child {process}" if process else "the parent"


def _check(where: str, event: tuple, memory: _Memory) -> None:
    kind = event[0] if event and isinstance(event[0], str) else ""
    if kind not in ARGUMENTS or len(event) != 1 + ARGUMENTS[kind]:
        raise ValueError(f"{where}: allowed are ('fork', p), ('write', p, page), ('exec', p), ('exit', p)")
    integer(0, memory.made - 1).check(f"{where}: processes so far are 0 to {memory.made - 1}; process", event[1])
    if kind == "write":
        integer(0, memory.frames.shape[1] - 1).check(f"{where}: no such page; page", event[2])
        if memory.frames[event[1], event[2]] < 0:
            raise ValueError(f"{where}: this process has no such page any more")
