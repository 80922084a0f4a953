"""Every crash there is: all disks that losing power may leave, recovered, checked, and judged.

A write reaches the disk whole or not at all; between two barriers writes come in any order, those to one block in the order
in which they were issued.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product
from typing import Any, NamedTuple

from oslab.base import Instance, Result, Several, Stepped, checked, choice, flag, integer, plural, readable
from oslab.filesystems.block_file_system import BlockFileSystem
from oslab.filesystems.crash_scenarios import REPLACEMENTS, SCENARIOS, Scenario, check_scenario
from oslab.filesystems.disk import LAYOUTS, Geometry, make_disk
from oslab.filesystems.fsck import Contents, Problem, contents, problems
from oslab.filesystems.journal import COMMITS, MODES, Event, Journal, Recovery, apply, recover

__all__ = ["LARGEST", "SAFE", "VERDICTS", "Crash", "CrashReport", "CrashSummary", "check", "check_all", "crash_states"]

LARGEST = 1 << 16
MOST_EVENTS = 10_000
SAFE = ("before", "after", "between")
WORDS = {
    "before": "Consistent, in the state before the operation.",
    "after": "Consistent, in the state after the operation.",
    "between": "Consistent, in a state between two steps of the operation.",
    "torn": "Consistent, but the contents are partly old and partly new.",
    "empty": "Consistent, but the file is empty: it has neither the old contents nor the new.",
    "missing": "Consistent, but there is no file of that name.",
}
VERDICTS = (*SAFE, "torn", "empty", "missing", "garbage", "inconsistent")


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


@checked(
    disk=Instance(tuple),
    events=Several(Instance(Event), least=0, most=MOST_EVENTS),
    loose=flag(),
    after=integer(0, MOST_EVENTS),
)
def crash_states(disk: tuple, events: Sequence[Event], loose: bool = False, after: int = 0) -> Iterator[Crash]:
    """Yield every different disk that a crash may leave, in the order of barriers.

    Parameters
    ----------
    disk : tuple
        Before the first event.
    events : sequence of Event
        At most 10 000.
    loose : bool
        Whether data wait for no barrier, only for a sync.
    after : int
        The crash comes when at least so many events have been waited for.

    Raises
    ------
    TypeError, ValueError
        Something that is no event or writes beyond the disk; more than 65 536 disks between two barriers.
    """
    if beyond := next((e for e in events if e.block >= len(disk)), None):
        raise ValueError(f"events: one writes to block {beyond.block}; the disk has {plural(len(disk), 'block')}")
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


def _between(disk: tuple, events: Sequence[Event], begin: int, end: int, synced: int) -> Iterator[Crash]:
    """Disks of a crash while the writes from `begin` on are under way, and data since `synced` may be."""
    versions: dict[int, list[int]] = {}
    for k, event in enumerate(events[:end]):
        if event.waits:
            continue
        sure = k < (synced if event.kind == "data" else begin)
        versions[event.block] = [k] if sure else [*versions.get(event.block, [-1]), k]
    open_blocks = [block for block, some in versions.items() if len(some) > 1]
    states = 1
    for block in open_blocks:
        states *= len(versions[block])
    if states > LARGEST:
        raise ValueError(f"events: {readable(states)} crashes between two barriers; at most {LARGEST} are looked at")
    base = list(apply(disk, (events[c[0]] for c in versions.values() if c[0] >= 0)))
    for chosen in product(*(versions[block] for block in reversed(open_blocks))):
        blocks, landed = base.copy(), dict(zip(reversed(open_blocks), chosen))
        for block, k in landed.items():
            if k >= 0:
                blocks[block] = events[k].value
        lost = frozenset(k for block, last in landed.items() for k in versions[block] if k > last)
        yield Crash(end, lost, tuple(blocks))


@dataclass(frozen=True, eq=False)
class CrashReport(Stepped, over="crashes"):
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
    def counts(self) -> Counter[str]:
        """How many crashes got which verdict."""
        return Counter(self.verdicts)

    def recovery(self, step: int) -> Recovery:
        """Return what recovery does after a crash, 1 to `steps`."""
        return _recover(self.crashes[self._step(step, 1) - 1].disk)

    def problems(self, step: int) -> list[Problem]:
        """Return what the checker finds after that recovery."""
        return _find_problems(self.recovery(step).disk)

    def _replayed(self, step: int) -> Contents:
        """What a user sees after that recovery; at 0, before the first operation."""
        return contents(self.recovery(step).disk) if step else self.legal[0]

    def why(self, step: int) -> str:
        """Return the reason of a verdict, 1 to `steps`."""
        verdict = self.verdicts[self._step(step, 1) - 1]
        if verdict == "inconsistent":
            return f"Inconsistent: {self.problems(step)[0].text}."
        if verdict == "garbage":
            path, k = next(_foreign(self.state(step), self.legal))
            return f"Garbage: block {k} of {path} shows bytes that were never written to it."
        return WORDS[verdict]

    @property
    def bad(self) -> int:
        """How many crashes end otherwise than before, after or between the operations."""
        return self.steps - sum(self.counts[v] for v in SAFE)

    @property
    def durable(self) -> bool:
        """Whether every crash after the last call has returned shows what it did."""
        late = crash_states(self.before, self.events, self.mode == "writeback", self.done)
        return all(_judge(_recover(c.disk).disk, self.legal, self.scenario.target) == "after" for c in late)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a crash."""
        for step, (crash, verdict) in enumerate(zip(self.crashes, self.verdicts), 1):
            landed = (k for k in range(crash.until) if not self.events[k].waits and k not in crash.lost)
            names = " + ".join(map(self.name, landed))
            yield {"on the disk": names or "nothing", "verdict": verdict, "why": self.why(step)}

    def name(self, event: int) -> str:
        """Return what an event writes: a short name."""
        e = self.events[event]
        return f"{e.label} in the journal" if e.kind == "copy" else e.label

    def __str__(self) -> str:
        said = ", ".join(f"{self.counts[v]} {v}" for v in VERDICTS if self.counts[v])
        return f"{self.scenario.label}, {self.mode}: {plural(self.steps, 'crash', 'crashes')}: {said}"


_recover = lru_cache(maxsize=1 << 14)(recover)
_find_problems = lru_cache(maxsize=1 << 14)(problems)


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


def _judge(disk: tuple, legal: list[Contents], target: str = "") -> str:
    if _find_problems(disk):
        return "inconsistent"
    seen = contents(disk)
    if target:
        seen, *legal = ({path: c for path, c in s.items() if path == target} for s in (seen, legal[0], legal[-1]))
    if next(_foreign(seen, legal), None):
        return "garbage"
    if seen in legal:
        return "after" if seen == legal[-1] else "before" if seen == legal[0] else "between"
    return "torn" if not target else "missing" if not seen else "torn" if seen[target][1] else "empty"


def run_scenario(
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


@checked(
    mode=choice(MODES),
    commit=choice(COMMITS),
    revoke=flag(),
    delayed=flag(),
    geometry=Instance(Geometry, optional=True),
)
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
    TypeError, ValueError
        An unknown scenario or mode; operations that there are not; more crashes between two barriers than are looked at.
    OSError
        What an operation of the scenario would give on Linux.

    Examples
    --------
    >>> print(check("append", "none"))
    Append a block, none: 8 crashes: 2 before, 1 after, 1 garbage, 4 inconsistent
    """
    if not isinstance(scenario, Scenario):
        known = SCENARIOS | REPLACEMENTS
        scenario = known[choice(known).check("scenario", scenario)]
    return _check(check_scenario(scenario), mode, commit, revoke, delayed, geometry)


@lru_cache(maxsize=256)
def _check(
    scenario: Scenario, mode: str, commit: str, revoke: bool, delayed: bool, geometry: Geometry | None
) -> CrashReport:
    before, journal, legal, done = run_scenario(scenario, mode, commit, revoke, delayed, geometry)
    crashes = list(crash_states(before, journal.events, loose=mode == "writeback"))
    verdicts = [_judge(_recover(c.disk).disk, legal, scenario.target) for c in crashes]
    return CrashReport(scenario, mode, journal.events, crashes, verdicts, legal, before, done)


@dataclass(frozen=True, eq=False)
class CrashSummary(Result):
    """What `check_all` returns: counts of verdicts by scenario and mode.

    Attributes
    ----------
    scenarios, labels, modes : tuple of str
        The rows by key and in words, and the columns.
    counts : dict of tuple to Counter
        Verdicts, by scenario and mode.
    """

    scenarios: tuple[str, ...]
    labels: tuple[str, ...]
    modes: tuple[str, ...]
    counts: dict[tuple[str, str], Counter[str]]

    @property
    def crashes(self) -> int:
        """How many crashes were tried."""
        return sum(c.total() for c in self.counts.values())

    def bad(self, mode: str) -> int:
        """Return how many crashes of a mode end otherwise than before, after or between operations."""
        mode = choice(self.modes).check("mode", mode)
        return sum(n for (_, m), c in self.counts.items() for v, n in c.items() if m == mode and v not in SAFE)

    def worst(self, mode: str) -> str:
        """Return the worst verdict in a mode, "nothing wrong" if all are fine."""
        mode = choice(self.modes).check("mode", mode)
        found = {v for (_, m), c in self.counts.items() if m == mode for v in c}
        worst = max(found, key=VERDICTS.index)
        return "nothing wrong" if worst in SAFE else worst

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a scenario."""
        for s, label in zip(self.scenarios, self.labels):
            yield {"operation": label} | {
                m: ", ".join(f"{n} {v}" for v, n in self.counts[s, m].items()) for m in self.modes
            }

    def __str__(self) -> str:
        return "; ".join(f"{mode}: {self.worst(mode)}" for mode in self.modes)


@checked(commit=choice(COMMITS), revoke=flag(), layout=choice(LAYOUTS))
def check_all(commit: str = "barrier", revoke: bool = True, layout: str = "pointers") -> CrashSummary:
    """Crash every scenario in every mode in every way.

    Parameters
    ----------
    commit : {'barrier', 'checksum', 'neither'}
    revoke : bool
    layout : {'pointers', 'extents'}
        Of the inodes.

    Raises
    ------
    TypeError, ValueError
        Another commit or layout.
    """
    keys = tuple(SCENARIOS)
    counts = {(s, m): check(s, m, commit, revoke, geometry=Geometry(layout=layout)).counts for s in keys for m in MODES}
    return CrashSummary(keys, tuple(SCENARIOS[s].label for s in keys), MODES, counts)
