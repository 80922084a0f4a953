"""Lock-order graphs: who takes which lock while holding which, the cycles in that, and an order without them."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, permutations
from typing import Any

from oslab.base import Instance, Result, Several, plural, shown, text as text_of
from oslab.synchronization.atomic_steps import NAME, Step, lock, unlock
from oslab.synchronization.interleaving import Verdict, check

__all__ = ["LockOrder", "find_cycles", "lock_order", "parse_sections"]

MOST_LOCKS, MOST_SECTIONS = 7, 8


@dataclass(frozen=True, eq=False)
class LockOrder(Result):
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

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row a section."""
        for k, ((who, locks), (_, new)) in enumerate(zip(self.sections, self.fixed)):
            yield {"thread": who, "locks": " ".join(locks), "in order": " ".join(new), "changes": k in self.broken}

    def __str__(self) -> str:
        rings = "; ".join(" → ".join((*cycle, cycle[0])) for cycle in self.cycles)
        return f"{plural(len(self.cycles), 'cycle')}{': ' * bool(rings)}{rings}; order {' < '.join(self.order)}"


NAMES = r"\w[\w.]*"
SECTION = re.compile(rf"[\s,;]*({NAMES})\s*:((?:(?:->|[\s,;→>])*{NAMES}(?![\w.]|\s*:))+)[\s,;]*")


def parse_sections(text: str) -> list[tuple[str, tuple[str, ...]]]:
    """Read critical sections typed as ``A: x y, B: y z``: a thread, and the locks it takes one inside the other.

    Parameters
    ----------
    text : str
        Locks are parted by blanks, commas or arrows (``->``, ``→``, ``>``), sections by commas, semicolons or line ends.

    Raises
    ------
    TypeError, ValueError
        A section without a thread or locks, with the same lock twice, or with any other character, which is named.
    """
    text, at, found = text_of(2000).check("sections", text), 0, []
    while text[at:].strip(" \t\n,;"):
        section = SECTION.match(text, at)
        if not section:
            said = shown(text[at:].strip(" \t\n,;").split("\n")[0])
            raise ValueError(f"sections: {said} is not understood; write a thread and its locks: A: x y, B: y x")
        found.append((section[1], tuple(re.findall(NAMES, section[2]))))
        at = section.end()
    return found


def _check_sections(sections: Any) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return sections of either form."""
    given = parse_sections(sections) if isinstance(sections, str) else sections
    pair = Several(Instance((str, Sequence)), least=2, most=2)
    listed = Several(pair, least=0, most=1000).check("sections", given)
    if not 1 <= len(listed) <= MOST_SECTIONS:
        raise ValueError(f"sections: {len(listed)} given; allowed are 1 to {MOST_SECTIONS}")
    checked = []
    for k, (who, locks) in enumerate(listed):
        names = Several(NAME, most=100).check(f"sections[{k}]'s locks", locks)
        if len(set(names)) < len(names):
            raise ValueError(f"sections: {who}: {' '.join(names)} takes a lock twice; these locks are not recursive")
        checked.append((NAME.check(f"sections[{k}]'s thread", who), names))
    return tuple(checked)


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
    TypeError, ValueError
        What cannot be read, more than 8 sections or 7 locks.

    Notes
    -----
    This is what the kernel's lockdep keeps (Documentation/locking/lockdep-design.rst): a cycle says that some timing
    may deadlock.  Whether these threads can is found by running them in every way.  Tie rule: of the orders that the
    fewest sections break, the first in the order of the alphabet.

    Examples
    --------
    >>> print(lock_order("A: x y, B: y x"))
    1 cycle: x → y → x; order x < y
    """
    given = _check_sections(sections)
    locks = tuple(sorted({name for _, names in given for name in names}))
    if len(locks) > MOST_LOCKS:
        raise ValueError(f"sections: {plural(len(locks), 'lock')}; allowed are at most {MOST_LOCKS}")
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
        given,
        locks,
        edges,
        tuple(find_cycles(edges)),
        order,
        against(order),
        check(*programs.values(), names=tuple(programs)),
    )
