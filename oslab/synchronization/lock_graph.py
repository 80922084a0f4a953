"""Lock-order graphs: who takes which lock while holding which, the cycles in that, and an order without them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

from oslab.synchronization.atomic_steps import Step, lock, unlock
from oslab.synchronization.interleaving import Verdict, check

__all__ = ["LockOrder", "find_cycles", "lock_order", "parse_sections"]

MOST_LOCKS, MOST_SECTIONS = 7, 8


@dataclass(frozen=True, eq=False)
class LockOrder:
    """What `lock_order` returns.

    Attributes
    ----------
    sections : tuple of (str, tuple of str)
        Thread and the locks it takes, one inside the other.
    locks : tuple of str
    edges : dict of (str, str) to tuple of str
        (held, taken) and the threads that do so.
    cycles : tuple of tuple of str
        Every elementary cycle, from its first lock.
    order : tuple of str
        A global order that the fewest sections break.
    broken : tuple of int
        The sections that take locks against it.
    verdict : Verdict
        Of the threads run in every way: whether there is a deadlock, not just a cycle.
    """

    sections: tuple[tuple[str, tuple[str, ...]], ...]
    locks: tuple[str, ...]
    edges: dict[tuple[str, str], tuple[str, ...]]
    cycles: tuple[tuple[str, ...], ...]
    order: tuple[str, ...]
    broken: tuple[int, ...]
    verdict: Verdict

    @property
    def fixed(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """The sections with their locks in the global order."""
        return tuple((who, tuple(sorted(locks, key=self.order.index))) for who, locks in self.sections)

    def table(self) -> list[dict[str, Any]]:
        """Return one row a section."""
        return [
            {"thread": who, "locks": " ".join(locks), "in order": " ".join(new), "changes": k in self.broken}
            for k, ((who, locks), (_, new)) in enumerate(zip(self.sections, self.fixed))
        ]

    def __str__(self) -> str:
        rings = "; ".join(" → ".join((*cycle, cycle[0])) for cycle in self.cycles)
        return f"{len(self.cycles)} cycles{': ' * bool(rings)}{rings}; order {' < '.join(self.order)}"


def parse_sections(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Read critical sections typed as ``A: x y, B: y z``: a thread, and the locks it takes one inside the other.

    Raises
    ------
    ValueError
        A section without a thread or locks, or with the same lock twice.
    """
    found = []
    for part in (p.strip() for p in text.replace(";", ",").split(",")):
        if not part:
            continue
        who, colon, rest = part.partition(":")
        locks = tuple(rest.replace(">", " ").split())
        if not colon or not who.strip() or not locks:
            raise ValueError(f"sections: {part!r} is not understood; write a thread and its locks: A: x y, B: y x")
        if len(set(locks)) < len(locks):
            raise ValueError(f"sections: {part!r} takes a lock twice; these locks are not recursive")
        found.append((who.strip(), locks))
    if not found or len(found) > MOST_SECTIONS:
        raise ValueError(f"sections: {len(found)} given; allowed are 1 to {MOST_SECTIONS}")
    return found


def find_cycles(edges: Mapping[tuple[str, str], Any]) -> list[tuple[str, ...]]:
    """Return every elementary cycle of a directed graph, each from its first node in the order of the alphabet."""
    after: dict[str, list[str]] = {}
    for a, b in sorted(edges):
        after.setdefault(a, []).append(b)
    found: list[tuple[str, ...]] = []

    def walk(path: list[str]) -> None:
        for b in after.get(path[-1], ()):
            if b == path[0]:
                found.append(tuple(path))
            elif b > path[0] and b not in path:
                walk([*path, b])

    for first in sorted(after):
        walk([first])
    return sorted(found, key=lambda cycle: (len(cycle), cycle))


def lock_order(sections: str | Sequence[tuple[str, Sequence[str]]]) -> LockOrder:
    """Draw up the lock-order graph of critical sections.

    Parameters
    ----------
    sections : str or sequence of (str, sequence of str)
        A thread and the locks that it takes one inside the other; a thread may have several, done one after the other.

    Raises
    ------
    ValueError
        What cannot be read, more than 8 sections or 7 locks.

    Notes
    -----
    This is what the kernel's lockdep keeps (Documentation/locking/lockdep-design.rst): a cycle says that some timing
    may deadlock.  Whether these threads can is found by running them in every way.  Tie rule: of the orders that the
    fewest sections break, the first in the order of the alphabet.

    Examples
    --------
    >>> print(lock_order("A: x y, B: y x"))
    1 cycles: x → y → x; order x < y
    """
    given = parse_sections(sections) if isinstance(sections, str) else [(who, tuple(locks)) for who, locks in sections]
    locks = tuple(sorted({name for _, names in given for name in names}))
    if len(locks) > MOST_LOCKS:
        raise ValueError(f"sections: {len(locks)} locks; allowed are at most {MOST_LOCKS}")
    edges: dict[tuple[str, str], tuple[str, ...]] = {}
    for who, names in given:
        for edge in combinations(names, 2):
            edges[edge] = tuple(dict.fromkeys((*edges.get(edge, ()), who)))

    def against(order: tuple[str, ...]) -> tuple[int, ...]:
        rank = {name: k for k, name in enumerate(order)}
        return tuple(
            k for k, (_, names) in enumerate(given) if any(rank[a] > rank[b] for a, b in combinations(names, 2))
        )

    order = min(permutations(locks), key=lambda o: len(against(o)))
    programs: dict[str, list[Step]] = {}
    for who, names in given:
        programs.setdefault(who, []).extend([*(lock(n) for n in names), *(unlock(n) for n in reversed(names))])
    return LockOrder(
        tuple(given),
        locks,
        edges,
        tuple(find_cycles(edges)),
        order,
        against(order),
        check(*programs.values(), names=tuple(programs)),
    )
