"""A journal beneath the file system: what reaches the disk in which order, and what recovery makes of it.

Modes, as of ext4: ``none`` (no journal), ``writeback`` (metadata journaled, data written whenever), ``ordered`` (data
written before the commit), ``journal`` (data journaled too).
"""

import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

from oslab.base import Instance, checked, choice, flag, plural
from oslab.filesystems.block_file_system import Change
from oslab.filesystems.disk import DISK, JournalHead, Write

__all__ = [
    "COMMITS",
    "MODES",
    "Commit",
    "Descriptor",
    "Event",
    "Journal",
    "Recovery",
    "Revoke",
    "Transaction",
    "apply",
    "recover",
]

MODES = ("none", "writeback", "ordered", "journal")
COMMITS = ("barrier", "checksum", "neither")


class Descriptor(NamedTuple):
    """Begins a transaction in the journal: where the blocks after it belong."""

    transaction: int
    targets: tuple[int, ...]


class Revoke(NamedTuple):
    """Blocks that this transaction freed: no older copy of them may be replayed."""

    transaction: int
    blocks: tuple[int, ...]


class Commit(NamedTuple):
    """Ends a transaction; without it, or with a wrong checksum (None: not checked), the transaction never happened."""

    transaction: int
    checksum: int | None


class Event(NamedTuple):
    """A write on its way to the disk, or a wait.

    Attributes
    ----------
    kind : str
        ``"data"``, ``"in place"``, ``"descriptor"``, ``"copy"``, ``"revoke"``, ``"commit"``, ``"head"``; or ``"barrier"``
        (what was written before is on the disk), ``"sync"`` (data that may come any time is, too).
    block : int
        -1 for a wait.
    value : object
    label : str
    """

    kind: str
    block: int = -1
    value: Any = None
    label: str = ""

    @property
    def waits(self) -> bool:
        """Whether it is no write."""
        return self.block < 0


BARRIER, SYNC = Event("barrier"), Event("sync")


class Journal:
    """Turns changes into events, in one of the modes; each change is a transaction.

    Parameters
    ----------
    disk : tuple
        Its journal is empty.
    mode : str
        One of `MODES`.
    commit : {'barrier', 'checksum', 'neither'}
        How a commit block cannot be believed before its transaction is complete: it is written after a barrier, or carries
        a checksum; or nothing sees to it.
    revoke : bool
        Whether freed blocks are revoked; without, recovery may overwrite what took their place.

    Attributes
    ----------
    events : list of Event
    """

    @checked(disk=DISK, mode=choice(MODES), commit=choice(COMMITS), revoke=flag())
    def __init__(self, disk: tuple, mode: str = "ordered", commit: str = "barrier", revoke: bool = True):
        self.mode, self._commit, self._revoke = mode, commit, revoke
        self._g = disk[0]
        self._next = disk[self._g.journal_head].transaction
        self._slot = self._g.journal_head + 1
        self._waiting: dict[int, Write] = {}
        self._logged: set[int] = set()
        self.events: list[Event] = []

    @checked(change=Instance(Change))
    def add(self, change: Change) -> None:
        """Write a change; with a journal, as one transaction.

        Raises
        ------
        ValueError
            A transaction that is larger than the journal.
        """
        if self.mode == "none":
            self.events += [Event("data" if w.label == "data" else "in place", *w) for w in change.writes]
            return
        loose = [w for w in change.writes if w.label == "data" and self.mode != "journal"]
        blocks = [w for w in change.writes if w not in loose]
        if blocks:
            self._make_room(len(blocks) + 2 + bool(self._revoked(change)))
        revoked = self._revoked(change)
        # Only now: what is freed here still belonged to a file when room was made by a checkpoint.
        for block in change.freed:
            self._waiting.pop(block, None)
        self.events += [Event("data", *w) for w in loose]
        if blocks:
            self._log(blocks, revoked)

    def _revoked(self, change: Change) -> tuple[int, ...]:
        return tuple(sorted(change.freed & self._logged)) if self._revoke else ()

    def _make_room(self, needed: int) -> None:
        if self._slot + needed > self._g.data:
            self.checkpoint()
        if self._slot + needed > self._g.data:
            raise ValueError(
                f"change: a transaction of {plural(needed, 'block')}; the journal holds {self._g.journal - 1}"
            )

    def _log(self, blocks: list[Write], revoked: tuple[int, ...]) -> None:
        number, self._next = self._next, self._next + 1
        self._append("descriptor", Descriptor(number, tuple(w.block for w in blocks)))
        for w in blocks:
            self._append("copy", w.value, w.label)
        if revoked:
            self._append("revoke", Revoke(number, revoked))
        if self._commit == "barrier":
            self.events.append(BARRIER)
        summed = _checksum(tuple(w.value for w in blocks)) if self._commit == "checksum" else None
        self._append("commit", Commit(number, summed))
        self.events.append(BARRIER)
        self._waiting |= {w.block: w for w in blocks}
        self._logged |= self._waiting.keys()

    def _append(self, kind: str, value: Any, label: str = "") -> None:
        self.events.append(Event(kind, self._slot, value, label or kind))
        self._slot += 1

    @checked(data=flag())
    def sync(self, data: bool = True) -> None:
        """Wait, as fsync does, until all that was written so far is on the disk or in a committed transaction.

        Parameters
        ----------
        data : bool
            Whether to wait also for data that wait for nothing else.
        """
        self.events.append(SYNC if data else BARRIER)

    def checkpoint(self) -> None:
        """Write committed blocks to their places, then let the journal forget them."""
        if not self._waiting and self._slot == self._g.journal_head + 1:
            return
        self.events += [Event("in place", *w) for w in self._waiting.values()]
        self.events += [BARRIER, Event("head", self._g.journal_head, JournalHead(self._next), "journal head"), BARRIER]
        self._slot, self._waiting, self._logged = self._g.journal_head + 1, {}, set()


@lru_cache(maxsize=4096)
def _checksum(blocks: tuple) -> int:
    return zlib.crc32(repr(blocks).encode())


class Transaction(NamedTuple):
    """What the scan finds: a number, pairs of place and value, revoked blocks, and whether it counts."""

    number: int
    blocks: tuple[tuple[int, Any], ...]
    revoked: tuple[int, ...]
    committed: bool


@dataclass(frozen=True)
class Recovery:
    """What `recover` returns.

    Attributes
    ----------
    disk : tuple
        After recovery; its journal is empty.
    scanned : tuple of Transaction
        First pass.
    revoked : dict of int to int
        Second pass: block → the last transaction that revoked it.
    replayed, skipped : tuple of (int, int)
        Third pass: pairs of transaction and block.
    events : tuple of Event
        The writes of recovery itself.
    """

    disk: tuple
    scanned: tuple[Transaction, ...]
    revoked: dict[int, int]
    replayed: tuple[tuple[int, int], ...]
    skipped: tuple[tuple[int, int], ...]
    events: tuple[Event, ...]


def _scan(disk: tuple) -> list[Transaction]:
    """Read the journal from its head to the first block that does not go on as it should."""
    g = disk[0]
    slot, number, found = g.journal_head + 1, disk[g.journal_head].transaction, []
    while slot < g.data and isinstance(disk[slot], Descriptor) and disk[slot].transaction == number:
        targets = disk[slot].targets
        copies = disk[slot + 1 : slot + 1 + len(targets)]
        slot += 1 + len(targets)
        revoked: tuple[int, ...] = ()
        if slot < g.data and isinstance(disk[slot], Revoke) and disk[slot].transaction == number:
            revoked, slot = disk[slot].blocks, slot + 1
        end = disk[slot] if slot < g.data else None
        good = isinstance(end, Commit) and end.transaction == number and end.checksum in (None, _checksum(copies))
        found.append(Transaction(number, tuple(zip(targets, copies)), revoked, good))
        if not good:
            break
        slot, number = slot + 1, number + 1
    return found


@checked(disk=DISK)
def recover(disk: tuple) -> Recovery:
    """Recover a disk after a crash, in three passes: scan, revoke, replay.

    It may be interrupted at any write and run again; the disk comes out the same.
    """
    g, scanned = disk[0], _scan(disk)
    committed = [t for t in scanned if t.committed]
    revoked = {block: t.number for t in committed for block in t.revoked}
    latest: dict[int, Any] = {}
    replayed, skipped = [], []
    for t in committed:
        for block, value in t.blocks:
            if revoked.get(block, 0) >= t.number:
                skipped.append((t.number, block))
                continue
            replayed.append((t.number, block))
            latest[block] = value
    events = [Event("in place", block, value, "replayed") for block, value in latest.items()]
    if scanned:
        head = JournalHead(scanned[0].number + len(committed) + 1)
        events += [BARRIER, Event("head", g.journal_head, head, "journal head"), BARRIER]
    return Recovery(apply(disk, events), tuple(scanned), revoked, tuple(replayed), tuple(skipped), tuple(events))


def apply(disk: tuple, events: Any) -> tuple:
    """Return the disk after all these events."""
    blocks = list(disk)
    for event in events:
        if not event.waits:
            blocks[event.block] = event.value
    return tuple(blocks)
