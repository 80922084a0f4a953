"""Every second of a program's threads is booked to a cause: thread state analysis, followed to whoever is waited for.

The time that counts is that of the main thread.  While it waits for its own helpers (threads, children), their time
is booked instead, in the shares in which they spent it: the helpers are *followed*.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from oslab.ai.causes import CAUSES

__all__ = ["Booking", "book", "split_ready"]

CROWDED = 1.5  # runnable threads a CPU, from which on spinning libraries look like locks
ALL_WAIT = 0.5  # of the time in which any waits: if all do so often, they are idle, and no lock is contended
FED = 0.2  # of the waiters' wakes: a main thread that is woken so often hands out work
FEW_WAKES = 2.0  # a second: a helper that is woken less often is a watchman
BUSY_HELPERS = 0.25  # CPUs' worth of time from which on a main thread that only looks from time to time is left aside
FAULTS_A_SECOND, FAULT, HUGE_FAULTS_A_SECOND, HUGE_FAULT = 1000, 7e-6, 50, 3e-4  # the costs: seconds, with the zeroing
SLOW_BYTES, FAST_BYTES = 5e9, 12e9  # distinct bytes a CPU second: below, caches serve them; above, memory alone


@dataclass(frozen=True)
class Booking:
    """What `book` returns.

    Attributes
    ----------
    shares : dict of str to float
        Of the time, by key of `CAUSES`; they sum to 1.
    follows : tuple of int
        Processes of the helpers whose time was booked, the largest part first.
    followed : float
        Share of the time in which the main thread waited for them.
    waits : dict of str to float
        Share of the time by what threads slept in, in words.
    run, ready, system, faults : float
        CPUs' worth of time that all threads ran, were ready, and were in the kernel; minor faults a second.
    """

    shares: dict[str, float]
    follows: tuple[int, ...]
    followed: float
    waits: dict[str, float] = field(default_factory=dict)
    run: float = 0.0
    ready: float = 0.0
    system: float = 0.0
    faults: float = 0.0


def split_ready(ready: float, run: float, family: float, others: float) -> tuple[float, float]:
    """Divide the time for which a thread was ready by whose threads ran meanwhile: its own family's, or others'.

    Parameters
    ----------
    ready, run : float
        Seconds of the thread.
    family, others : float
        Seconds that its family, itself included, and other programs ran on its CPUs.
    """
    by_others = ready * others / max(family - run + others, 1e-9)
    return ready - by_others, by_others


def book(
    intervals: Sequence[Any],
    threads: Mapping[int, Any],
    pid: int,
    cpus: int = 1,
    busy: float = float("nan"),
    touched: Mapping[int, float] | None = None,
    huge: Mapping[int, float] | None = None,
) -> Booking:
    """Book the time of a program to causes.

    Parameters
    ----------
    intervals : sequence
        With `seconds`, `throttled` and `pieces` (thread: seconds run and ready, state, wait), as of a `TreeSampler`.
    threads : mapping of int to totals
        By their numbers.
    pid : int
        The root; its main thread has the same number.
    cpus : int
        On which it may run.
    busy : float
        Seconds for which these CPUs were busy, whoever had them; NaN: not known.
    touched : mapping of int to float, optional
        Distinct bytes touched in a CPU second, by process.  Empty: it was never on a CPU long enough to be asked, so its
        time on one is not known to be arithmetic.
    huge : mapping of int to float, optional
        Faults that brought a huge page, by process.
    """
    seconds = sum(one.seconds for one in intervals)
    if seconds <= 0:
        return Booking({cause: float(cause == "unknown") for cause in CAUSES}, (), 0.0)
    family = sum(one.run for one in threads.values())
    runnable = sum(one.run + one.ready for one in threads.values()) / seconds
    crowded = runnable > CROWDED * cpus
    times, waits = _states(intervals, frozenset() if crowded else _contended(intervals, threads, pid))
    weight = {tid: _weight(one, seconds) for tid, one in threads.items()}
    idle_main = _only_looks(times, threads, pid, seconds)
    mine: dict[int, Counter[str]] = defaultdict(Counter)  # by thread: what is booked of it
    lost = 0.0
    for k, interval in enumerate(intervals):
        own = times[k].get(pid)
        if own is None:  # gone: helpers may live on
            own = Counter({"helpers": interval.seconds})
        follow = 0.0
        for kind, took in own.items():
            if kind == "helpers" or (idle_main and kind in ("sleep", "network")):
                follow += took
            else:
                mine[pid][kind] += took
        if follow:
            lost += _follow(mine, times[k], pid, follow, weight)
    shares = _to_causes(mine, threads, cpus, busy, family, seconds, touched, huge or {})
    _add_ended_children(shares, threads, lost, seconds, family)
    total = sum(shares.values())
    shares = {cause: shares.get(cause, 0.0) / total for cause in CAUSES}
    by_process: Counter[int] = Counter()
    for tid, booked in mine.items():
        if tid != pid:
            by_process[threads[tid].pid] += sum(booked.values())
    follows = tuple(p for p, took in by_process.most_common() if took >= 0.05 * seconds)
    return Booking(
        shares,
        follows,
        sum(by_process.values()) / seconds,
        {said: took / max(sum(waits.values()), 1e-9) for said, took in waits.most_common(6)},
        family / seconds,
        sum(one.ready for one in threads.values()) / seconds,
        sum(one.system for one in threads.values()) / seconds,
        sum(one.minor for one in threads.values()) / seconds,
    )


def _weight(one: Any, seconds: float) -> float:
    """How much a helper counts: one that is hardly ever woken is a watchman, and no worker."""
    watchman = one.wakes < FEW_WAKES * seconds and one.run < 0.02 * seconds
    return 0.001 if watchman else 0.02 + (one.run + one.ready) / seconds


def _contended(intervals: Sequence[Any], threads: Mapping[int, Any], main: int) -> frozenset[Any]:
    """Return the futexes at which threads wait for each other's turn, and not for work that the main thread hands out."""
    waiting: dict[Any, list[set[int]]] = defaultdict(list)
    mutexes: set[Any] = set()
    for interval in intervals:
        here: dict[Any, set[int]] = defaultdict(set)
        for tid, piece in interval.pieces.items():
            if piece.wait is not None and piece.wait.kind in ("futex", "mutex") and threads[tid].wakes > 2:
                here[piece.wait.key].add(tid)
                mutexes |= {piece.wait.key} if piece.wait.kind == "mutex" else set()
        for key, tids in here.items():
            waiting[key].append(tids)
    found = set(mutexes)
    for key, moments in waiting.items():
        everyone = set().union(*moments)
        together = sum(tids == everyone for tids in moments)
        woken = sum(threads[tid].wakes for tid in everyone) / len(everyone)
        fed = main in threads and main not in everyone and threads[main].wakes > FED * woken
        if len(everyone) > 1 and together < ALL_WAIT * len(moments) and not fed:
            found.add(key)
    return frozenset(found)


def _states(intervals: Sequence[Any], locks: frozenset[Any]) -> tuple[list[dict[int, Counter[str]]], Counter[str]]:
    """Return for each interval and thread the seconds in each state, and what was slept in."""
    times: list[dict[int, Counter[str]]] = []
    waits: Counter[str] = Counter()
    short: dict[int, list[list[Any]]] = defaultdict(list)
    seen: dict[int, Counter[str]] = defaultdict(Counter)
    for interval in intervals:
        here: dict[int, Counter[str]] = {}
        for tid, piece in interval.pieces.items():
            run = min(piece.run, interval.seconds)
            ready = min(piece.ready, interval.seconds - run)
            rest = interval.seconds - run - ready
            # The kernel counts a wait for a CPU when it is over: what is too much for this interval was lacking before.
            _make_up(short[tid], piece.run + piece.ready - run - ready)
            idle = rest if piece.state == "R" else 0.0  # Linux 6.18 counts throttled time neither as run nor as ready
            stopped = min(interval.throttled, ready + idle)
            from_ready = max(0.0, stopped - idle)
            took = Counter({"run": run, "ready": ready - from_ready, "quota": stopped})
            if piece.state in "Tt":
                took["quota"] += rest
            elif piece.wait is None:
                short[tid].append([took, rest - (stopped - from_ready)])
            else:
                kind = piece.wait.kind
                if kind in ("futex", "mutex"):
                    kind = "lock" if piece.wait.key in locks else "helpers"
                took[kind] += rest
                seen[tid][kind] += 1
                waits[piece.wait.said] += rest
            here[tid] = took
        times.append(here)
    # Sleeps that were over when the sample was taken were of the kinds that were met at other samples.
    for tid, pieces in short.items():
        met = seen[tid]
        for took, rest in pieces:
            for kind, count in met.items():
                took[kind] += rest * count / met.total()
            if not met:
                took["unknown"] += rest
    return times, waits


def _make_up(short: list[list[Any]], ready: float) -> None:
    """Book ready time to the last intervals of a thread that lack some."""
    for one in reversed(short):
        if ready <= 0:
            return
        took, rest = one
        part = min(ready, rest)
        took["ready"] += part
        one[1] -= part
        ready -= part


def _only_looks(times: list[dict[int, Counter[str]]], threads: Mapping[int, Any], pid: int, seconds: float) -> bool:
    """Whether the main thread does nothing but look from time to time, while its helpers work."""
    own: Counter[str] = Counter()
    for here in times:
        own += here.get(pid, Counter())
    # A timer that waits for a CPU on a busy machine is ready for long and runs for nothing: it is no worker.
    helpers = sum(one.run + min(one.ready, 3 * one.run) for tid, one in threads.items() if tid != pid) / seconds
    return own["run"] + own["ready"] < 0.1 * seconds and helpers >= BUSY_HELPERS


def _follow(
    mine: dict[int, Counter[str]],
    here: dict[int, Counter[str]],
    pid: int,
    follow: float,
    weight: Mapping[int, float],
) -> float:
    """Book time to the helpers by what they did in this interval; return what could not be."""
    parts = [
        (tid, kind, took * weight[tid])
        for tid, states in here.items()
        if tid != pid
        for kind, took in states.items()
        if kind != "helpers" and took > 0
    ]
    total = sum(part for *_, part in parts)
    if total <= 0:
        return follow
    for tid, kind, part in parts:
        mine[tid][kind] += follow * part / total
    return 0.0


def _to_causes(
    mine: Mapping[int, Counter[str]],
    threads: Mapping[int, Any],
    cpus: int,
    busy: float,
    family: float,
    seconds: float,
    touched: Mapping[int, float] | None,
    huge: Mapping[int, float],
) -> Counter[str]:
    """Divide time on a CPU and ready time, which have several causes; the others are causes."""
    shares: Counter[str] = Counter()
    others = 0.0 if busy != busy else min(max(0.0, busy - family), max(0.0, cpus * seconds - family))
    computing = "compute" if touched is None or touched else "unknown"
    touched = touched or {}
    rate = max(touched.values(), default=0.0)
    for tid, booked in mine.items():
        one = threads[tid]
        for kind, took in booked.items():
            if kind == "ready":
                own, by_others = split_ready(took, one.run, family, others)
                shares["ready"] += own
                shares["others"] += by_others
            elif kind == "run":
                in_kernel = took * one.system / max(one.user + one.system, 1e-9)
                large = min(one.minor, huge.get(one.pid, 0.0))
                often = one.minor > FAULTS_A_SECOND * seconds or large > HUGE_FAULTS_A_SECOND * seconds
                cost = one.minor * FAULT + large * HUGE_FAULT
                faulting = min(1.0, cost / max(one.system, 1e-9)) if often else 0.0
                shares["faults"] += in_kernel * faulting
                shares["kernel"] += in_kernel * (1 - faulting)
                bytes_a_second = touched.get(one.pid, rate)
                moving = min(1.0, max(0.0, (bytes_a_second - SLOW_BYTES) / (FAST_BYTES - SLOW_BYTES)))
                shares["memory"] += (took - in_kernel) * moving
                shares[computing] += (took - in_kernel) * (1 - moving)
            else:
                shares[kind if kind in CAUSES else "unknown"] += took
    return shares


def _add_ended_children(
    shares: Counter[str], threads: Mapping[int, Any], lost: float, seconds: float, family: float
) -> None:
    """Book time spent waiting for nobody that was seen: children that came and went between two samples."""
    user = sum(one.child_user for one in threads.values())
    system = sum(one.child_system for one in threads.values())
    faults = sum(one.child_faults for one in threads.values())
    took = min(lost, user + system)
    shares["unknown"] += lost - took
    if took > 0:
        in_kernel = took * system / (user + system)
        shares["faults" if faults * FAULT > 0.6 * system else "kernel"] += in_kernel
        shares["compute"] += took - in_kernel
