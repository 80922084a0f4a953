"""A tree of control groups: how weights and limits divide the CPUs, and the lines that would set it up."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from oslab.base import Instance, Result, Several, checked, integer, plural, readable, real, shown, text

__all__ = ["Division", "Group", "Share", "divide", "group_commands", "two_teams"]

ROOT = "/sys/fs/cgroup"
PERIOD, LEAST_QUOTA, LONGEST_PERIOD = 100_000, 1000, 1_000_000  # µs; kernel/sched/core.c refuses less and more
DEEPEST, MOST = 32, 2000
FILES = ("cgroup.", "cpu.", "cpuset.", "io.", "memory.", "pids.", "hugetlb.", "rdma.", "misc.")  # the groups' own files
CPUS, BYTES = real(0, 100_000), integer(1, 2**60, optional=True)
LIMIT = real(LEAST_QUOTA / LONGEST_PERIOD, 100_000, optional=True, unlimited=True)


@dataclass(frozen=True)
class Group:
    """A control group (version 2).

    Attributes
    ----------
    name : str
        A folder's name; the root's may be empty.
    wants : float
        CPUs that its own threads would use; a group with children has none of its own.
    weight : int
        ``cpu.weight``, 1 to 10000.
    cpu_max : float or None
        ``cpu.max`` in CPUs: quota over period; None is no limit.
    memory_high, memory_max : int or None
        Bytes.
    children : tuple of Group
        At most 32 levels and 2000 groups in all.

    Raises
    ------
    ValueError, TypeError
        A value out of range, no folder's name, threads beside children, or two children of one name.
    """

    name: str
    wants: float = 0.0
    weight: int = 100
    cpu_max: float | None = None
    memory_high: int | None = None
    memory_max: int | None = None
    children: tuple[Group, ...] = ()
    _size: tuple[int, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        text(255).check("name", self.name)
        taken = self.name in (".", "..") or self.name.startswith(FILES)
        if taken or "/" in self.name or not self.name.isprintable():
            raise ValueError(
                f"name={shown(self.name)}: allowed is a folder's name that is free: no slash, no line end, not .."
            )
        kinds = {
            "wants": CPUS,
            "weight": integer(1, 10_000),
            "cpu_max": LIMIT,
            "memory_high": BYTES,
            "memory_max": BYTES,
        }
        kinds["children"] = Several(Instance(Group), least=0, most=MOST)
        for key, kind in kinds.items():
            object.__setattr__(self, key, kind.check(key, getattr(self, key)))
        if self.children and self.wants:
            raise ValueError(f"wants={self.wants!r} of {self.name}: a group with children has no threads of its own")
        names = [child.name for child in self.children]
        if len(set(names)) < len(names) or "" in names:
            raise ValueError(f"children={shown(names)} of {self.name}: allowed are different names, none empty")
        depth = 1 + max((child._size[0] for child in self.children), default=0)
        count = 1 + sum(child._size[1] for child in self.children)
        if depth > DEEPEST or count > MOST:
            raise ValueError(f"children of {self.name}: allowed are {DEEPEST} levels and {MOST} groups in all")
        object.__setattr__(self, "_size", (depth, count))

    @property
    def wanted(self) -> float:
        """CPUs that its threads, or its children, would use if it had no limit of its own."""
        return sum(child.demand for child in self.children) if self.children else self.wants

    @property
    def demand(self) -> float:
        """CPUs that it would use if the machine were large enough: what it wants, cut off at ``cpu.max``."""
        return self.wanted if self.cpu_max is None else min(self.wanted, self.cpu_max)

    def walk(self, path: str = "") -> Iterator[tuple[str, Group]]:
        """Yield the groups below this one with their paths, parents first."""
        for child in self.children:
            yield f"{path}/{child.name}", child
            yield from child.walk(f"{path}/{child.name}")


@dataclass(frozen=True)
class Share:
    """What one group gets: CPUs wanted and given, and what bounds it: its demand, cpu.max, or the weights."""

    path: str
    wants: float
    gets: float
    bound: str


@dataclass(frozen=True)
class Division(Result):
    """What `divide` returns.

    Attributes
    ----------
    cpus : float
    shares : tuple of Share
        Parents first.
    """

    cpus: float
    shares: tuple[Share, ...]

    @property
    def idle(self) -> float:
        """CPUs that no group uses."""
        return round(self.cpus - sum(s.gets for s in self.shares if s.path.count("/") == 1), 9)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each group."""
        for s in self.shares:
            yield {"group": s.path, "wants, CPUs": s.wants, "gets, CPUs": s.gets, "bound by": s.bound}

    def __str__(self) -> str:
        told = (f"{s.path} gets {plural(s.gets, 'CPU')} ({s.bound})" for s in self.shares)
        return "; ".join([*told, f"{readable(self.idle)} idle"])


@checked(root=Instance(Group), cpus=real(0, 100_000, above=True))
def divide(root: Group, cpus: float) -> Division:
    """Divide CPUs among the groups below a root by weight; what one does not use goes to its siblings.

    Parameters
    ----------
    root : Group
        The root itself has the whole machine.
    cpus : float
        Above 0.

    Raises
    ------
    ValueError
        No CPU, or no group.

    Notes
    -----
    The steady state of threads that can use every CPU.  A weight is no limit: it counts only while others want more too.
    """
    if not root.children:
        raise ValueError(f"root={root.name!r}: has no groups to divide among")
    shares: dict[str, Share] = {}

    def share_out(path: str, group: Group, left: float) -> None:
        weights, demands = sum(child.weight for child in group.children), {c.name: c.demand for c in group.children}
        # Whoever wants least for its weight is served first: what it leaves is there for the others.
        for child in sorted(group.children, key=lambda c: demands[c.name] / c.weight):
            gets = min(demands[child.name], left * child.weight / weights)
            left, weights = left - gets, weights - child.weight
            bound = "its own demand" if gets >= child.wanted - 1e-9 else "cpu.max"
            bound = "weights" if gets < demands[child.name] - 1e-9 else bound
            shares[f"{path}/{child.name}"] = Share(f"{path}/{child.name}", child.wanted, gets, bound)
            share_out(f"{path}/{child.name}", child, gets)

    share_out("", root, cpus)
    return Division(cpus, tuple(shares[path] for path, _ in root.walk()))


@checked(root=Instance(Group), at=text(4096))
def group_commands(root: Group, at: str = ROOT) -> tuple[str, ...]:
    """Return the shell lines, for root, that make the groups below a root and set their limits.

    A controller must be switched on in the parent's ``cgroup.subtree_control`` before a child has its files.

    Parameters
    ----------
    root : Group
        Stands for the folder `at`, which is there.
    at : str
        Where the tree begins.

    Raises
    ------
    ValueError
        No group below the root, or `at` is no path of one line.
    """
    if not root.children:
        raise ValueError(f"root={root.name!r}: has no groups below it")
    if not at.startswith("/") or not at.isprintable():
        raise ValueError(f"at={shown(at)}: allowed is a path that begins with /, in one line")
    lines, at = [], at.rstrip("/")

    def write(value: Any, path: str, file: str) -> None:
        said = f'"{value}"' if " " in str(value) or str(value).startswith("+") else value
        lines.append(f"echo {said} > {shlex.quote(f'{path}/{file}')}")

    def make(path: str, group: Group) -> None:
        needed = [name for name in ("cpu", "memory") if any(_files(g, name) for _, g in group.walk())]
        if needed:
            write(" ".join(f"+{name}" for name in needed), path, "cgroup.subtree_control")
        for child in group.children:
            below = f"{path}/{child.name}"
            lines.append(f"mkdir {shlex.quote(below)}")
            for controller in ("cpu", "memory"):
                for file, value in _files(child, controller):
                    write(value, below, file)
            make(below, child)

    make(at, root)
    leaf = next(path for path, group in root.walk() if not group.children)
    return (*lines, f"echo $$ > {shlex.quote(f'{at}{leaf}/cgroup.procs')}")


def _files(group: Group, controller: str) -> list[tuple[str, Any]]:
    """A controller's files and what is written into them, where it is not what they have."""
    if controller == "memory":
        limits = (("high", group.memory_high), ("max", group.memory_max))
        return [(f"memory.{name}", value) for name, value in limits if value is not None]
    found: list[tuple[str, Any]] = [("cpu.weight", group.weight)] if group.weight != 100 else []
    if group.cpu_max is not None and group.cpu_max != float("inf"):
        # A longer period where the quota would be below the least that the kernel takes.
        period = PERIOD if group.cpu_max * PERIOD >= LEAST_QUOTA else LONGEST_PERIOD
        found.append(("cpu.max", f"{round(Fraction(group.cpu_max) * period)} {period}"))
    return found


@checked(
    weight_a=integer(1, 10_000),
    weight_b=integer(1, 10_000),
    wants_a=real(0, 100_000, unit="CPUs"),
    wants_b=real(0, 100_000, unit="CPUs"),
    cpu_max_b=real(LEAST_QUOTA / LONGEST_PERIOD, 100_000, unlimited=True),
    cpus=real(0, 100_000, above=True),
)
def two_teams(
    weight_a: int = 300,
    weight_b: int = 100,
    wants_a: float = 8.0,
    wants_b: float = 8.0,
    cpu_max_b: float = float("inf"),
    cpus: float = 8.0,
) -> Division:
    """Divide a machine between two teams; an infinite `cpu_max_b` is no limit; see `divide`.

    Parameters
    ----------
    weight_a, weight_b : int
        ``cpu.weight`` of each.
    wants_a, wants_b : float
        CPUs that each would use.
    cpu_max_b : float
        ``cpu.max`` of team b, in CPUs.
    cpus : int
        Of the machine.
    """
    teams = (Group("team_a", wants_a, weight_a), Group("team_b", wants_b, weight_b, cpu_max_b))
    return divide(Group("", children=teams), cpus)
