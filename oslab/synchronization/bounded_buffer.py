"""The bounded buffer: one mutex, two condition variables, and the classic mistakes."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from oslab.base import SEED, Result, checked, choice, integer, plural, readable, real
from oslab.synchronization.atomic_steps import (
    Step,
    add,
    branch,
    broadcast,
    expect,
    jump,
    label,
    lock,
    signal,
    unlock,
    wait,
)
from oslab.synchronization.interleaving import Demonstration, check

__all__ = ["MISTAKES", "Flow", "Mistake", "BufferProof", "buffer_threads", "flow", "try_mistake"]


class Mistake(NamedTuple):
    """How a bounded buffer is written.

    Attributes
    ----------
    label : str
    recheck : bool
        Whether a woken thread looks again (``while``), or trusts the signal (``if``).
    conditions : int
        2: one for "not full", one for "not empty"; 1 for both.
    wake_all : bool
        Broadcast, or signal.
    unlocks : bool
        Whether the consumer gives the mutex back.
    """

    label: str
    recheck: bool = True
    conditions: int = 2
    wake_all: bool = False
    unlocks: bool = True


MISTAKES = {
    "none": Mistake("none"),
    "if": Mistake("if for while", recheck=False),
    "one_condition": Mistake("one condition, signal for broadcast", conditions=1),
    "one_broadcast": Mistake("one condition, broadcast", conditions=1, wake_all=True),
    "no_unlock": Mistake("unlock forgotten", unlocks=False),
}


SIDE, PLACES, KIND = integer(1, 8), integer(1, 1000), choice(tuple(MISTAKES))


@checked(producers=SIDE, consumers=SIDE, size=PLACES, items=integer(1, 1000), mistake=KIND)
def buffer_threads(
    producers: int, consumers: int, size: int, items: int = 2, mistake: str = "none"
) -> dict[str, list[Step]]:
    """Return the programs of producers and consumers by name, over the shared variable ``count``.

    Parameters
    ----------
    producers, consumers, size : int
        1 to 8 on each side; 1 to 1000 places.
    items : int
        That each producer makes; the consumers share them out, the first taking one more where that is uneven.
    mistake : str
        A key of `MISTAKES`.

    Raises
    ------
    TypeError, ValueError
        A number out of range, or a mistake that is not there.
    """
    kind, total = MISTAKES[mistake], producers * items
    full, empty = ("not_full", "not_empty") if kind.conditions == 2 else ("changed", "changed")
    threads = {
        f"P{k + 1}": _write_side(kind, items, (("count", "<", size), full), 1, ("count", "<=", size), empty, True)
        for k in range(producers)
    }
    for k in range(consumers):
        share = total // consumers + (k < total % consumers)
        if share:
            threads[f"C{k + 1}"] = _write_side(
                kind, share, (("count", ">", 0), empty), -1, ("count", ">=", 0), full, kind.unlocks
            )
    return threads


def _write_side(
    kind: Mistake, items: int, may: tuple, change: int, right: tuple, wakes: str, unlocks: bool
) -> list[Step]:
    test, condition = may
    asks = f"{'while' if kind.recheck else 'if'} count == {test[2]}"
    return [
        label("again"),
        lock("m"),
        label("look"),
        branch(*test, "go")._replace(text=asks),
        wait(condition, "m"),
        *([jump("look")] if kind.recheck else []),
        label("go"),
        add("count", change),
        expect(*right),
        broadcast(wakes) if kind.wake_all else signal(wakes),
        *([unlock("m")] if unlocks else []),
        *([add("i", 1), branch("i", "<", items, "again")._replace(text=f"again if i < {items}")] if items > 1 else []),
    ]


@dataclass(frozen=True, eq=False)
class BufferProof(Demonstration):
    """What `try_mistake` returns: a `Demonstration` buffer.

    Attributes
    ----------
    mistake : Mistake
    size : int
    """

    mistake: Mistake
    size: int

    def __str__(self) -> str:
        return f"{self.mistake.label}: {self.verdict}"


@checked(mistake=KIND, producers=SIDE, consumers=SIDE, size=PLACES, items=integer(1, 1000), limit=integer(1, 4_000_000))
@lru_cache(maxsize=256)
def try_mistake(
    mistake: str = "none", producers: int = 1, consumers: int = 2, size: int = 1, items: int = 2, limit: int = 200_000
) -> BufferProof:
    """Write the bounded buffer with a mistake and run it in every way.

    Parameters
    ----------
    mistake : str
        A key of `MISTAKES`.
    producers, consumers, size, items : int
        See `buffer_threads`.
    limit : int
        Of the states seen.

    Raises
    ------
    TypeError, ValueError
        See `buffer_threads`.

    Examples
    --------
    >>> try_mistake("if", producers=1, consumers=2).verdict.safe, try_mistake("if", 1, 1).verdict.safe
    (False, True)
    """
    threads = buffer_threads(producers, consumers, size, items, mistake)
    verdict = check(*threads.values(), shared={"count": 0}, names=tuple(threads), limit=limit)
    return BufferProof(verdict, MISTAKES[mistake], size)


@dataclass(frozen=True, eq=False)
class Flow(Result):
    """What `flow` returns.

    Attributes
    ----------
    time : float64[events]
        ms, when the number of items changed.
    count : int64[events]
        Items in the buffer from then on.
    names : tuple of str
        Of the threads.
    spans : tuple of (int, float, float, str)
        Thread, begin, end in ms, and ``"works"`` or the condition variable on which it sleeps.
    size : int
    end : float
        ms, when the last item was taken.
    """

    time: np.ndarray
    count: np.ndarray
    names: tuple[str, ...]
    spans: tuple[tuple[int, float, float, str], ...]
    size: int
    end: float

    def asleep(self, condition: str) -> float:
        """Return the share of all threads' time spent asleep on a condition variable."""
        return sum(e - b for _, b, e, what in self.spans if what == condition) / (len(self.names) * self.end)

    def busy(self, side: str) -> float:
        """Return the share of their time for which the producers ("P") or the consumers ("C") work."""
        mine = {k for k, name in enumerate(self.names) if name[0] == side}
        return sum(e - b for k, b, e, what in self.spans if k in mine and what == "works") / (len(mine) * self.end)

    @property
    def mean_count(self) -> float:
        """Items in the buffer, averaged over time."""
        return float(np.sum(self.count * np.diff(np.append(self.time, self.end))) / self.end)

    @property
    def rate(self) -> float:
        """Items a second that went through."""
        return 1000 * int(np.count_nonzero(np.diff(self.count) > 0)) / self.end

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a thread."""
        for k, name in enumerate(self.names):
            spent = {what: 0.0 for what in ("works", "not_full", "not_empty")}
            for _, begin, end, what in (span for span in self.spans if span[0] == k):
                spent[what] += end - begin
            yield {"thread": name, **{f"{what}, ms": ms for what, ms in spent.items()}}

    def __str__(self) -> str:
        return (
            f"{readable(self.rate)} items/s; {readable(self.mean_count)} of {plural(self.size, 'place')} in use; asleep on "
            f"not_full {100 * self.asleep('not_full'):.0f} %, on not_empty {100 * self.asleep('not_empty'):.0f} % of the time"
        )


@checked(
    producers=integer(1, 16),
    consumers=integer(1, 16),
    size=integer(1, 100_000),
    produce=real(0, 1e6, above=True),
    consume=real(0, 1e6, above=True),
    items=integer(1, 2000),
    spread=real(0, 1),
    seed=SEED,
)
def flow(
    producers: int = 1,
    consumers: int = 1,
    size: int = 10,
    produce: float = 2.0,
    consume: float = 3.0,
    items: int = 50,
    spread: float = 0.5,
    seed: int = 1,
) -> Flow:
    """Run a correct bounded buffer over time.

    Parameters
    ----------
    producers, consumers, size : int
        1 to 16 on each side; 1 to 100 000 places.
    produce, consume : float
        Mean time to make and to use an item, ms.
    items : int
        That each producer makes, 1 to 2000.
    spread : float
        0: always the mean; 1: exponentially distributed; between, a mixture of both.
    seed : int
        Of the times.

    Raises
    ------
    TypeError, ValueError
        A number out of range.

    Notes
    -----
    Locking takes no time here.  Tie rule: the sleeper that has slept longest wakes.
    """
    return _Pipe(producers, consumers, size, (produce, consume), producers * items, spread, random.Random(seed)).run()


class _Pipe:
    """Threads that work, and sleep when the buffer is full or empty."""

    def __init__(
        self,
        producers: int,
        consumers: int,
        size: int,
        means: tuple[float, float],
        total: int,
        spread: float,
        draw: random.Random,
    ):
        self.producers, self.size, self.means, self.spread = producers, size, means, spread
        self.draws = [random.Random(draw.random()) for _ in range(producers + consumers)]  # the same whatever the size
        self.names = tuple([f"P{k + 1}" for k in range(producers)] + [f"C{k + 1}" for k in range(consumers)])
        self.to_make = self.to_take = total
        self.count, self.events, self.spans = 0, [], []
        self.asleep: dict[str, list[tuple[int, float]]] = {"not_full": [], "not_empty": []}
        self.changes = [(0.0, 0)]

    def work(self, t: int, now: float) -> None:
        maker = t < self.producers
        if maker:
            if not self.to_make:
                return
            self.to_make -= 1
        mean = self.means[0 if maker else 1]
        time = mean * (1 - self.spread) + self.spread * self.draws[t].expovariate(1 / mean)
        heappush(self.events, (now + time, t))
        self.spans.append((t, now, now + time, "works"))

    def run(self) -> Flow:
        for t in range(len(self.names)):
            self.work(t, 0.0) if t < self.producers else self.take(t, 0.0)
        end = 0.0
        while self.events:
            end, t = heappop(self.events)
            self.put(t, end) if t < self.producers else self.take(t, end)
        for condition, sleepers in self.asleep.items():
            self.spans += [(t, since, end, condition) for t, since in sleepers]
        time, count = zip(*self.changes)
        return Flow(np.array(time), np.array(count), self.names, tuple(self.spans), self.size, end)

    def put(self, t: int, now: float) -> None:
        if self.count == self.size:
            self.asleep["not_full"].append((t, now))
            return
        self.change(1, now)
        self.wake("not_empty", now, self.take)
        self.work(t, now)

    def take(self, t: int, now: float) -> None:
        if not self.to_take:
            return
        if not self.count:
            self.asleep["not_empty"].append((t, now))
            return
        self.to_take -= 1
        self.change(-1, now)
        self.wake("not_full", now, self.put)
        self.work(t, now)

    def change(self, by: int, now: float) -> None:
        self.count += by
        self.changes.append((now, self.count))

    def wake(self, condition: str, now: float, go_on: Any) -> None:
        if self.asleep[condition]:
            t, since = self.asleep[condition].pop(0)
            self.spans.append((t, since, now, condition))
            go_on(t, now)
