"""Every crash there is: all disks that losing power may leave, recovered, checked, and judged.

A write reaches the disk whole or not at all; between two barriers writes come in any order, those to one block in the order
in which they were issued.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from oslab.filesystems.block_file_system import BlockFileSystem
from oslab.filesystems.crash_scenarios import REPLACEMENTS, SCENARIOS, Scenario
from oslab.filesystems.disk import Geometry, make_disk
from oslab.filesystems.fsck import Contents, Problem, contents, problems
from oslab.filesystems.journal import Event, Journal, Recovery, apply, recover

__all__ = ["LARGEST", "VERDICTS", "Crash", "CrashReport", "check", "crash_states"]

LARGEST = 1 << 16
WORDS = {
    "before": "Consistent, and as it was before.",
    "after": "Consistent, and all of it has happened.",
    "between": "Consistent, between two of the operations.",
    "torn": "Consistent, but contents are partly old and partly new.",
    "empty": "Consistent, but the file is empty: the old contents are gone and the new ones are not there.",
    "missing": "Consistent, but there is no file of that name.",
}
VERDICTS = ("before", "after", "between", "torn", "empty", "missing", "garbage", "inconsistent")


class Crash(NamedTuple):
    """One disk that a crash may leave.

    Attributes
    ----------
    until : int
        Events issued: all before the barrier that was being waited for.
    lost : frozenset of int
        Of these events, the writes that did not reach the disk.
    disk : tuple
    """

    until: int
    lost: frozenset[int]
    disk: tuple


def crash_states(disk: tuple, events: list[Event], loose: bool = False, after: int = 0) -> Iterator[Crash]:
    """Yield every different disk that a crash may leave, in the order of barriers.

    Parameters
    ----------
    disk : tuple
        Before the first event.
    events : list of Event
    loose : bool
        Whether data wait for no barrier, only for a sync.
    after : int
        The crash comes when at least so many events have been waited for.

    Raises
    ------
    ValueError
        More than 65 536 disks between two barriers.
    """
    ends = [k for k, e in enumerate(events) if e.waits] + [len(events)]
    seen: set[tuple] = set()
    synced = begin = 0
    for end in ends:
        if begin >= after:
            for crash in _between(disk, events, begin, end, synced if loose else begin):
                if crash.disk not in seen:
                    seen.add(crash.disk)
                    yield crash
        begin = end + 1
        if end < len(events) and events[end].kind == "sync":
            synced = begin


def _between(disk: tuple, events: list[Event], begin: int, end: int, synced: int) -> Iterator[Crash]:
    """Disks of a crash while the writes from `begin` on are under way, and data since `synced` may be."""
    versions: dict[int, list[int]] = {}
    for k, event in enumerate(events[:end]):
        if event.waits:
            continue
        sure = k < (synced if event.kind == "data" else begin)
        versions[event.block] = [k] if sure else [*versions.get(event.block, [-1]), k]
    open_blocks = [block for block, choice in versions.items() if len(choice) > 1]
    states = 1
    for block in open_blocks:
        states *= len(versions[block])
    if states > LARGEST:
        raise ValueError(f"{states} crashes between two barriers: at most {LARGEST} are looked at")
    base = list(apply(disk, (events[c[0]] for c in versions.values() if c[0] >= 0)))
    for choice in product(*(versions[block] for block in reversed(open_blocks))):
        blocks, landed = base.copy(), dict(zip(reversed(open_blocks), choice))
        for block, k in landed.items():
            if k >= 0:
                blocks[block] = events[k].value
        lost = frozenset(k for block, last in landed.items() for k in versions[block] if k > last)
        yield Crash(end, lost, tuple(blocks))


@dataclass(frozen=True, eq=False)
class CrashReport:
    """What `check` returns: every crash of a scenario, recovered and judged.

    Attributes
    ----------
    scenario : Scenario
    mode : str
    events : list of Event
    crashes : list of Crash
    verdicts : list of str
        One of `VERDICTS` for each crash; what a user finds after recovery: the state before the scenario, after it, or
        between two of its operations; ``"torn"``: parts of several, ``"garbage"``: bytes that were never this file's,
        ``"inconsistent"``: the checker finds something; of a scenario's target also ``"empty"`` and ``"missing"``.
    legal : list of Contents
        What a user saw before the first operation and after each.
    before : tuple
        The disk before the first operation.
    done : int
        Events that had been waited for when the last call returned.
    """

    scenario: Scenario
    mode: str
    events: list[Event]
    crashes: list[Crash]
    verdicts: list[str]
    legal: list[Contents] = field(repr=False)
    before: tuple = field(repr=False)
    done: int = 0

    @property
    def steps(self) -> int:
        """Number of crashes."""
        return len(self.crashes)

    @property
    def counts(self) -> Counter[str]:
        """How many crashes got which verdict."""
        return Counter(self.verdicts)

    def recovery(self, step: int) -> Recovery:
        """Return what recovery does after a crash, 1 to `steps`."""
        return _recovered(self.crashes[max(step, 1) - 1].disk)

    def problems(self, step: int) -> list[Problem]:
        """Return what the checker finds after that recovery."""
        return _problems(self.recovery(step).disk)

    def state(self, step: int) -> Contents:
        """Return what a user sees after that recovery."""
        return contents(self.recovery(step).disk)

    def why(self, step: int) -> str:
        """Return the reason of a verdict."""
        verdict = self.verdicts[max(step, 1) - 1]
        if verdict == "inconsistent":
            return f"Inconsistent: {self.problems(step)[0].text}."
        if verdict == "garbage":
            path, k = next(_foreign(self.state(step), self.legal))
            return f"Garbage: block {k} of {path} shows bytes that were never written to it."
        return WORDS[verdict]

    @property
    def durable(self) -> bool:
        """Whether every crash after the last call has returned shows what it did."""
        late = crash_states(self.before, self.events, self.mode == "writeback", self.done)
        return all(_verdict(_recovered(c.disk).disk, self.legal, self.scenario.target) == "after" for c in late)

    def table(self) -> list[dict[str, Any]]:
        """Return one row a crash."""
        issued = [
            [self.name(k) for k in range(c.until) if not self.events[k].waits and k not in c.lost] for c in self.crashes
        ]
        return [
            {"on the disk": " + ".join(names) or "nothing", "verdict": v, "why": self.why(k)}
            for k, (names, v) in enumerate(zip(issued, self.verdicts), 1)
        ]

    def name(self, event: int) -> str:
        """Return what an event writes: a short name."""
        e = self.events[event]
        return f"{e.label} in the journal" if e.kind == "copy" else e.label

    def __str__(self) -> str:
        said = ", ".join(f"{self.counts[v]} {v}" for v in VERDICTS if self.counts[v])
        return f"{self.scenario.label}, {self.mode}: {self.steps} crashes: {said}"


@lru_cache(maxsize=1 << 14)
def _recovered(disk: tuple) -> Recovery:
    return recover(disk)


@lru_cache(maxsize=1 << 14)
def _problems(disk: tuple) -> list[Problem]:
    return problems(disk)


def _foreign(seen: Contents, legal: list[Contents]) -> Iterator[tuple[str, int]]:
    """Paths and file blocks with contents that they never had."""
    for path, (kind, blocks) in seen.items():
        if kind != "file":
            continue
        known = [s[path][1] for s in legal if s.get(path, ("",))[0] == "file"]
        for k, block in enumerate(blocks):
            own = (
                {b[k].ljust(len(block), b"\0")[: len(block)] for b in known if k < len(b)}
                if isinstance(block, bytes)
                else ()
            )
            if block not in own and known:
                yield path, k


def _verdict(disk: tuple, legal: list[Contents], target: str = "") -> str:
    if _problems(disk):
        return "inconsistent"
    seen = contents(disk)
    if target:
        seen, *legal = ({path: c for path, c in s.items() if path == target} for s in (seen, legal[0], legal[-1]))
    if next(_foreign(seen, legal), None):
        return "garbage"
    if seen in legal:
        return "after" if seen == legal[-1] else "before" if seen == legal[0] else "between"
    return "torn" if not target else "missing" if not seen else "torn" if seen[target][1] else "empty"


def run(
    scenario: Scenario,
    mode: str = "ordered",
    commit: str = "barrier",
    revoke: bool = True,
    delayed: bool = False,
    geometry: Geometry | None = None,
) -> tuple[tuple, Journal, list[Contents], int]:
    """Run a scenario; return the disk before it, the journal with its events, what a user saw, and what `CrashReport.done` is."""
    fs = BlockFileSystem(make_disk(geometry))
    for name, *arguments in scenario.prepared:
        getattr(fs, name)(*arguments)
    before, journal = fs.disk, Journal(fs.disk, mode, commit, revoke)
    legal, late, done = [contents(before)], [], 0

    def act(name: str, *arguments: Any) -> None:
        journal.add(getattr(fs, name)(*arguments))
        legal.append(contents(fs.disk))

    for name, *arguments in scenario.operations:
        if name == "fsync":
            number = fs.resolve(arguments[0])
            for call in [c for c in late if c[1] == number]:
                late.remove(call)
                act(*call)
            journal.sync(data=fs.inode(number).kind == "file")
            done = len(journal.events)
        elif delayed and mode != "journal" and name in ("append", "write"):
            late.append((name, fs.resolve(arguments[0]), *arguments[1:]))
        else:
            act(name, *arguments)
    for call in late:
        act(*call)
    journal.checkpoint()
    return before, journal, legal, done


@lru_cache(maxsize=256)
def check(
    scenario: str | Scenario,
    mode: str = "ordered",
    commit: str = "barrier",
    revoke: bool = True,
    delayed: bool = False,
    geometry: Geometry | None = None,
) -> CrashReport:
    """Crash a scenario in every way there is, recover each disk, and judge it.

    Parameters
    ----------
    scenario : str or Scenario
        A key of `SCENARIOS`, or one of your own.
    mode : {'none', 'writeback', 'ordered', 'journal'}
    commit : {'barrier', 'checksum', 'neither'}
    revoke : bool
    delayed : bool
        Whether data wait in memory, without a block of their own, for an fsync or until all else is done (delayed allocation;
        ``journal`` has none).
    geometry : Geometry, optional
        Of the disk.

    Raises
    ------
    ValueError
        An unknown scenario or mode; more crashes between two barriers than are looked at.

    Examples
    --------
    >>> print(check("append", "none"))
    Append a block, none: 8 crashes: 2 before, 1 after, 1 garbage, 4 inconsistent
    """
    if isinstance(scenario, str):
        known = SCENARIOS | REPLACEMENTS
        if scenario not in known:
            raise ValueError(f"scenario={scenario!r}: allowed are {', '.join(known)}")
        scenario = known[scenario]
    before, journal, legal, done = run(scenario, mode, commit, revoke, delayed, geometry)
    crashes = list(crash_states(before, journal.events, loose=mode == "writeback"))
    verdicts = [_verdict(_recovered(c.disk).disk, legal, scenario.target) for c in crashes]
    return CrashReport(scenario, mode, journal.events, crashes, verdicts, legal, before, done)
