"""The price of a context switch, step by step, and what is left for work when threads take turns.

Every cost is an argument with a default of the order that current processors have; what a switch costs here is measured
(`oslab.machine.switch_cost`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from oslab.base import Result, Stepped, checked, choice, columns, duration, integer, plural, readable, real

__all__ = ["PLACES", "SwitchPrice", "Useful", "switch_price", "useful_work"]

PLACES = ("process to process", "process, with PCID", "thread to thread")
LINE, PAGE = 64, 4096
L2_KIB, TLB_ENTRIES = 1024, 1536
STEPS = ("save A's registers", "page-table pointer", "TLB", "restore B's registers", "caches")


@dataclass(frozen=True)
class SwitchPrice(Stepped, over="costs"):
    """What `switch_price` returns.

    Attributes
    ----------
    place : str
        One of `PLACES`.
    working_set : float
        KiB that the task switched to uses in its turn.
    costs : tuple of float
        ns of each of the steps; that of the TLB and of the caches is paid while B runs.
    reasons : tuple of str
    """

    place: str
    working_set: float
    costs: tuple[float, ...]
    reasons: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Of the steps."""
        return STEPS

    @property
    def direct(self) -> float:
        """Ns until B runs."""
        return self.costs[0] + self.costs[1] + self.costs[3]

    @property
    def refills(self) -> float:
        """Ns that B loses to misses once it runs."""
        return self.costs[2] + self.costs[4]

    @property
    def total(self) -> float:
        """Ns."""
        return self.direct + self.refills

    def _replayed(self, step: int) -> float:
        return sum(self.costs[:step])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row a step."""
        return columns({"step": STEPS, "ns": self.costs, "why": self.reasons})

    def __str__(self) -> str:
        return (
            f"{self.place}, {readable(self.working_set)} KiB: {duration(self.total / 1e9)}, "
            f"{duration(self.direct / 1e9)} until B runs and {duration(self.refills / 1e9)} of misses"
        )


COST = real(0, 1e9)


@checked(place=choice(PLACES), working_set=COST, registers=COST, pointer=COST, walk=COST, line=COST)
def switch_price(
    place: str = "process to process",
    working_set: float = 256,
    *,
    registers: float = 300.0,
    pointer: float = 150.0,
    walk: float = 20.0,
    line: float = 4.0,
) -> SwitchPrice:
    """Return what each step of a context switch costs.

    Parameters
    ----------
    place : str
        One of `PLACES`: with PCID, TLB entries carry the number of their address space and are kept; threads of one process
        share the address space.
    working_set : float
        KiB that B uses in its turn, from 0; what A did is taken to have driven it out of the L2 cache.
    registers : float
        ns to save, and again to restore, registers and stack, the entry to the kernel included.
    pointer : float
        ns to load the page-table pointer (CR3), barriers included.
    walk, line : float
        ns a page walk costs, and a line from the shared cache, both overlapped with others.

    Raises
    ------
    TypeError, ValueError
        Another place; a number below 0 or above 10⁹.

    Notes
    -----
    Refills are bounded by the TLB (1536 entries) and the L2 cache (1 MiB): more could not have been kept without a switch.

    Examples
    --------
    >>> print(switch_price("thread to thread", 64))
    thread to thread, 64 KiB: 4.7 µs, 600 ns until B runs and 4.1 µs of misses
    """
    pages = min(-(-working_set * 1024 // PAGE), TLB_ENTRIES)
    lines = min(working_set, L2_KIB) * 1024 // LINE
    other, flushed = place != PLACES[2], place == PLACES[0]
    tlb = {
        PLACES[0]: "flushed, since its entries belong to A; B walks the page table again for "
        f"{plural(pages, 'page')}, {readable(walk)} ns each",
        PLACES[1]: "kept: every entry has the number of its address space, so B may find entries from its last turn",
        PLACES[2]: "kept: both threads have the same address space",
    }[place]
    reasons = (
        "The scheduler has chosen B. The kernel saves A's registers and stack pointer in A's task structure.",
        "The page-table pointer is set to B's table: from now on every address is in B's memory."
        if other
        else "Nothing to do: B is a thread of the same process and uses the same page table.",
        f"The TLB is {tlb}.",
        "B's registers are restored; the kernel returns, and B continues where it was interrupted.",
        f"B runs, but while A ran {plural(lines, 'line')} of B's working set{', the whole cache,' * (working_set > L2_KIB)} "
        f"left the L2 cache; each costs {readable(line)} ns to load again.",
    )
    return SwitchPrice(
        place,
        working_set,
        (registers, pointer if other else 0.0, pages * walk if flushed else 0.0, registers, lines * line),
        reasons,
    )


@dataclass(frozen=True, eq=False)
class Useful(Result):
    """What `useful_work` returns, for 1 to n threads.

    Attributes
    ----------
    threads : ndarray of int64, shape (n,)
    useful, switching : ndarray of float64, shape (n,)
        Shares of all CPUs' time, 0 to 1, spent on work and on switches; the rest is idle.
    cpus : int
    """

    threads: np.ndarray
    useful: np.ndarray
    switching: np.ndarray
    cpus: int

    @property
    def best(self) -> int:
        """The least number of threads with the most useful work."""
        return int(self.threads[np.argmax(self.useful)])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield a row for each number of threads."""
        return columns({"threads": self.threads, "useful, %": 100 * self.useful, "switching, %": 100 * self.switching})

    def __str__(self) -> str:
        return (
            f"{plural(self.cpus, 'CPU')}: most useful work, {readable(100 * self.useful.max())} %, with "
            f"{plural(self.best, 'thread')}; {readable(100 * self.useful[-1])} % with {self.threads[-1]}"
        )


@checked(
    cpus=integer(1, 256),
    waiting=real(0, 0.95),
    working_set=real(0, 1e7),
    burst=real(0.01, 1e4),
    cache=real(1, 1e8),
    line=real(0, 1e4),
    direct=real(0, 1e5),
    most=integer(1, 4096),
)
def useful_work(
    cpus: int = 4,
    waiting: float = 0.5,
    working_set: float = 1024,
    *,
    burst: float = 2.0,
    cache: float = 8192,
    line: float = 4.0,
    direct: float = 2.0,
    most: int = 64,
) -> Useful:
    """Return the share of the CPUs' time that is useful, by number of threads.

    Parameters
    ----------
    cpus, most : int
        CPUs; most threads.
    waiting : float
        Share of its time that a thread alone spends waiting (I/O, another service, a GPU); 0 to 0.95.
    working_set, cache : float
        KiB a thread uses, and of the cache that all share: what does not fit is read anew after each switch.
    burst : float
        ms a thread runs until it waits or its turn is over.
    line : float
        ns for a line that is read anew.
    direct : float
        µs of a switch without refills.

    Raises
    ------
    TypeError, ValueError
        An argument of another type or out of range.

    Notes
    -----
    t threads want t (1 − w) CPUs.  With more threads than CPUs each burst b is followed by a switch s, so at most b / (b + s)
    of the time is useful; s holds the refill of the share 1 − cache / (t · working set) of the working set.

    Examples
    --------
    >>> useful_work(4, waiting=0.5).best
    8
    """
    threads = np.arange(1, most + 1)
    cost = switch_cost(threads, cpus, working_set, cache, line, direct)
    wanted = np.round(np.minimum(threads * (1 - waiting), cpus) / cpus, 12)  # 40 threads of 0.2 fill 8 CPUs
    # A thread that is alone on its CPU waits there and comes back to its own cache.
    useful = np.minimum(wanted, np.where(threads > cpus, burst / (burst + cost), 1.0))
    return Useful(threads, useful, np.minimum(useful * cost / burst, 1 - useful), cpus)


def switch_cost(
    threads: np.ndarray, cpus: int, working_set: float, cache: float, line: float, direct: float
) -> np.ndarray:
    """Return ms a switch costs with so many threads about; 0 while each has a CPU of its own."""
    lost = np.clip(1 - cache / np.maximum(threads * working_set, 1e-9), 0, 1)
    cost = direct / 1e3 + lost * working_set * 1024 / LINE * line / 1e6
    return np.where(threads > cpus, cost, 0.0)
