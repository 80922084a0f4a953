"""A process and all its descendants, thread by thread, sampled: thread state analysis (Gregg's TSA method).

What each thread ran and was ready is exact, from its `schedstat`; what it slept for is known at the samples, from its
state and system call, and holds for the interval before.  A thread whose counters did not move slept through, and
costs one read.  The interval grows so that sampling stays within its budget.
"""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from oslab.machine.procfs.control_group import control_groups, group_usage
from oslab.machine.procfs.memory import smaps_rollup
from oslab.machine.procfs.process import children, schedstat
from oslab.machine.procfs.waits import Look, Wait

__all__ = ["Interval", "Piece", "ThreadTotals", "TreeSampler", "Touched"]

SHORTEST, LONGEST = 0.02, 0.25  # seconds between two samples
BUDGET, BUDGET_MANY, MANY = 0.008, 0.03, 32  # CPUs' worth of time for it; from so many threads on
RESCAN = 0.1  # seconds between two looks for new threads and processes
MOST_THREADS = 1000
MOST_OPEN = 200  # threads whose files are kept open: 1024 descriptors are a usual limit
PROBE, PROBE_EVERY, PROBE_BUDGET, PROBE_FIRST = 0.008, 0.4, 0.005, 0.01
LARGEST_PROBED = 8 << 30


class Piece(NamedTuple):
    """One thread in one interval: seconds on a CPU, ready without one; its state and what it waited for at the end."""

    run: float
    ready: float
    state: str
    wait: Wait | None


class Interval(NamedTuple):
    """One interval: its length, the seconds for which the control group was throttled in it, and the threads by number."""

    seconds: float
    throttled: float
    pieces: dict[int, Piece]


class Touched(NamedTuple):
    """A probe of memory: distinct bytes touched, seconds on a CPU meanwhile, and its process."""

    bytes: int
    run: float
    pid: int


@dataclass
class ThreadTotals:
    """What one thread took in all: seconds, faults, times it got a CPU.

    Attributes
    ----------
    pid, tid : int
    name : str
    run, ready, user, system : float
    minor, major, wakes : int
    child_user, child_system, child_faults : float
        Of children that have ended and were waited for; those of the whole process, told by its first thread.
    """

    pid: int
    tid: int
    name: str = ""
    run: float = 0.0
    ready: float = 0.0
    user: float = 0.0
    system: float = 0.0
    minor: int = 0
    major: int = 0
    wakes: int = 0
    child_user: float = 0.0
    child_system: float = 0.0
    child_faults: float = 0.0
    _base: tuple[int, ...] = ()
    _last: tuple[int, int, int] = (0, 0, 0)
    _files: list[int] = field(default_factory=list)
    _piece: Piece = Piece(0.0, 0.0, "S", None)

    def close(self) -> None:
        """Close its files; they are opened again when it is read."""
        while self._files:
            os.close(self._files.pop())


class TreeSampler:
    """Samples a tree of processes in the calling thread, by `sweep`, or for a time, by `run`.

    Parameters
    ----------
    pid : int
        The root.
    probe_memory : bool
        Count distinct bytes touched: clears the pages' referenced bits (`clear_refs`) of the process that runs most.

    Attributes
    ----------
    intervals : list of Interval
    threads : dict of int to ThreadTotals
        All that were seen.
    touched : list of Touched
    sizes : list of (float, dict of int to dict of str to int)
        Moments, and `smaps_rollup` of the processes, a few times.
    refused : set of str
        Files that may not be read.
    cost : float
        CPU seconds that sampling took.
    """

    def __init__(self, pid: int, probe_memory: bool = True):
        self.pid, self._probing = pid, probe_memory
        self.intervals: list[Interval] = []
        self.threads: dict[int, ThreadTotals] = {}
        self.touched: list[Touched] = []
        self.sizes: list[tuple[float, dict[int, dict[str, int]]]] = []
        self.refused: set[str] = set()
        self.cost = self.seconds = 0.0
        self._alive: dict[int, ThreadTotals] = {}
        self._looks: dict[int, Look] = {}
        self._scanned = -9.0
        self._swept = self._probe_cost = 0.0
        self._groups = [(folder, 1 if names else 2) for names, folder in control_groups(pid)]
        self._groups = [one for one in self._groups if (group_usage(*one).quota or float("inf")) < float("inf")]
        self._throttled = self._group_time()
        self._hz = os.sysconf("SC_CLK_TCK")
        self._scan(first=True)
        self._begin = self._then = time.perf_counter()
        for one in self._alive.values():
            self._read(one)

    @property
    def processes(self) -> list[int]:
        """Those that live, the root first."""
        return list(self._looks)

    @property
    def ended(self) -> bool:
        """Whether the root is gone, or only waits to be collected."""
        return not any(one.pid == self.pid for one in self._alive.values())

    def run(self, seconds: float, stop: Callable[[], bool] = lambda: False) -> None:
        """Sample for so long, or until the root ends, or `stop` returns true."""
        began, end = time.thread_time(), self._begin + seconds
        probed = self._begin - PROBE_EVERY / 2
        while (now := time.perf_counter()) < end and not self.ended and not stop():
            budget = BUDGET if len(self._alive) < MANY else BUDGET_MANY
            pause = min(max(SHORTEST, self._swept / budget), LONGEST * (1 + len(self._alive) / (4 * MANY)))
            # Never in step with what is watched: samples a golden section apart.
            pause *= 0.75 + 0.5 * (len(self.intervals) * 0.6180339887 % 1)
            time.sleep(max(0.0, min(pause, end - now)))
            self.sweep()
            if time.perf_counter() - probed > PROBE_EVERY:
                if self._probe_cost <= PROBE_BUDGET * self.seconds + PROBE_FIRST:
                    self._probe()
                probed = time.perf_counter()
        self._size()  # at least two: large programs are not measured more often
        self.cost = time.thread_time() - began
        self._close()

    def sweep(self) -> None:
        """Take one sample."""
        began = time.thread_time()
        if time.perf_counter() - self._scanned > RESCAN * (1 + len(self._alive) / MANY):
            self._scan()
        now = time.perf_counter()
        passed, self._then = now - self._then, now
        pieces = {}
        for tid, one in list(self._alive.items()):
            piece = self._read(one)
            if piece is None:
                self._forget(one)
            else:
                pieces[tid] = piece
        throttled = self._group_time()
        self.intervals.append(Interval(passed, throttled - self._throttled, pieces))
        self._throttled, self.seconds = throttled, now - self._begin
        most = 0.01 * (1 + len(self._alive) / MANY)
        self._swept += 0.2 * (min(time.thread_time() - began, most) - self._swept)

    def _read(self, one: ThreadTotals) -> Piece | None:
        """Read a thread's counters, and where they moved its state; None if it is gone."""
        if not one._files:
            folder = f"/proc/{one.pid}/task/{one.tid}/"
            try:
                one._files = [os.open(folder + name, os.O_RDONLY) for name in ("schedstat", "stat")]
            except OSError as error:
                if isinstance(error, PermissionError):
                    self.refused.add("schedstat")
                return None
        try:
            words = os.pread(one._files[0], 80, 0).split()
            run, ready, slices = (int(word) for word in words)
            moved = (run, ready, slices) != one._last
            last, one._last = one._last, (run, ready, slices)
            if not moved and one._piece.wait is not None:
                piece = Piece(0.0, 0.0, one._piece.state, one._piece.wait)
            else:
                before = one.major
                state = self._count(one)
                if state in "ZX":
                    return None
                wait = self._looks[one.pid].at(one.tid, state, one.major > before) if state in "SDI" else None
                piece = Piece((run - last[0]) / 1e9, (ready - last[1]) / 1e9, state, wait)
        except (OSError, ValueError):
            return None
        one.run += piece.run
        one.ready += piece.ready
        one.wakes += slices - last[2]
        one._piece = piece
        if len(self._alive) > MOST_OPEN:
            one.close()
        return piece

    def _count(self, one: ThreadTotals) -> str:
        """Add up what `stat` says; return the state."""
        line = os.pread(one._files[1], 1024, 0)
        head, _, tail = line.rpartition(b") ")
        f = tail.split()
        minor, child, major, user, system, *children_took = (int(f[k]) for k in (7, 8, 9, 11, 12, 13, 14))
        now = (minor, major, user, system, child, *children_took)
        if not one._base:
            one.name = head.partition(b" (")[2].decode(errors="replace")
            one._base = now
        grown = [a - b for a, b in zip(now, one._base)]
        one.minor, one.major = grown[:2]
        one.user, one.system = grown[2] / self._hz, grown[3] / self._hz
        if one.tid == one.pid:
            one.child_faults, one.child_user, one.child_system = grown[4], grown[5] / self._hz, grown[6] / self._hz
        return f[0].decode()

    def _scan(self, first: bool = False) -> None:
        """Look for new threads and processes."""
        self._scanned = time.perf_counter()
        todo, seen = [self.pid], {os.getpid()}  # a watcher that is a child of what it watches is none of its helpers
        while todo and len(self._alive) < MOST_THREADS:
            pid = todo.pop(0)
            if pid in seen:
                continue
            seen.add(pid)
            try:
                tids = [int(name) for name in os.listdir(f"/proc/{pid}/task")]
            except OSError:
                continue
            self._looks.setdefault(pid, Look(pid, lambda: self.processes))
            for tid in tids:
                if tid not in self._alive:
                    one = self.threads[tid] = self._alive[tid] = ThreadTotals(pid, tid)
                    if first:  # what it took before does not count; a thread that is born later counts from its start
                        with contextlib.suppress(OSError, ValueError):
                            with open(f"/proc/{pid}/task/{tid}/schedstat", "rb") as file:
                                one._last = tuple(map(int, file.read().split()))  # type: ignore[assignment]
                    else:
                        one._base = (0,) * 7
                        with contextlib.suppress(OSError), open(f"/proc/{pid}/task/{tid}/comm") as file:
                            one.name = file.read().strip()
            todo += children(pid)
        self._looks = {pid: look for pid, look in self._looks.items() if pid in seen}

    def _forget(self, one: ThreadTotals) -> None:
        one.close()
        self._alive.pop(one.tid, None)

    def _close(self) -> None:
        for one in list(self._alive.values()):
            if one._files:
                with contextlib.suppress(OSError, ValueError, IndexError):
                    self._count(one)
            one.close()
        if any(look.refused for look in self._looks.values()):
            self.refused.add("syscall")

    def _group_time(self) -> float:
        return max((group_usage(*one).throttled_time or 0.0 for one in self._groups), default=0.0)

    def _size(self) -> dict[int, dict[str, int]]:
        sizes = {pid: size for pid in self.processes[:16] if (size := smaps_rollup(pid))}
        self.sizes.append((self.seconds, sizes))
        return sizes

    def _probe(self) -> None:
        """Read sizes; clear the referenced bits of the process that runs most, and count them after a moment."""
        began = time.thread_time()
        sizes = self._size()
        self._probe_cost += time.thread_time() - began
        if not self._probing:
            return
        ran: dict[int, float] = {}
        for tid, piece in self.intervals[-1].pieces.items():
            pid = self.threads[tid].pid
            ran[pid] = ran.get(pid, 0.0) + piece.run
        pid = max(ran, key=ran.__getitem__, default=0)
        if not pid or ran[pid] < 0.2 * self.intervals[-1].seconds:
            return
        if sizes.get(pid, {}).get("Rss", 0) > LARGEST_PROBED:
            self.refused.add("large")
            return
        began = time.thread_time()
        try:
            with open(f"/proc/{pid}/clear_refs", "wb", buffering=0) as file:
                file.write(b"1")
            before = schedstat(pid)
            time.sleep(PROBE)
            after = schedstat(pid)
            found = smaps_rollup(pid)
            end = schedstat(pid)
        except OSError:
            self.refused.add("clear_refs")
            self._probing = False
            return
        self._probe_cost += time.thread_time() - began
        if before and after and end and found:
            # It goes on while its pages are counted: half of that is seen.
            run = (after.run_time + end.run_time) / 2 - before.run_time
            if run > PROBE / 4:
                self.touched.append(Touched(found.get("Referenced", 0), run, pid))
