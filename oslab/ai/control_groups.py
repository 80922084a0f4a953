"""A tree of control groups: how weights and limits divide the CPUs, and the lines that would set it up."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

__all__ = ["Division", "Group", "Share", "divide", "group_commands", "two_teams"]

ROOT = "/sys/fs/cgroup"
PERIOD = 100_000


@dataclass(frozen=True)
class Group:
    """A control group (version 2).

    Attributes
    ----------
    name : str
    wants : float
        CPUs that its own threads would use; a group with children has none of its own.
    weight : int
        ``cpu.weight``, 1 to 10000.
    cpu_max : float or None
        ``cpu.max`` in CPUs: quota over period; None is no limit.
    memory_high, memory_max : int or None
        Bytes.
    children : tuple of Group

    Raises
    ------
    ValueError
        A value out of range, threads beside children, or two children of one name.
    """

    name: str
    wants: float = 0.0
    weight: int = 100
    cpu_max: float | None = None
    memory_high: int | None = None
    memory_max: int | None = None
    children: tuple[Group, ...] = ()

    def __post_init__(self) -> None:
        if not 1 <= self.weight <= 10_000:
            raise ValueError(f"weight={self.weight!r} of {self.name}: allowed are 1 to 10000")
        for field in ("wants", "cpu_max", "memory_high", "memory_max"):
            value = getattr(self, field)
            if value is not None and (value < 0 or field != "wants" and value == 0):
                raise ValueError(f"{field}={value!r} of {self.name}: allowed are numbers above 0")
        if self.children and self.wants:
            raise ValueError(f"wants={self.wants!r} of {self.name}: a group with children has no threads of its own")
        names = [child.name for child in self.children]
        if len(set(names)) < len(names):
            raise ValueError(f"children={names!r} of {self.name}: allowed are different names")

    @property
    def demand(self) -> float:
        """CPUs that it would use if the machine were large enough: what it wants, cut off at ``cpu.max``."""
        wanted = sum(child.demand for child in self.children) if self.children else self.wants
        return wanted if self.cpu_max is None else min(wanted, self.cpu_max)

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
class Division:
    """What `divide` returns.

    Attributes
    ----------
    cpus : float
    shares : tuple of Share
        Parents first.
    """

    cpus: float
    shares: tuple[Share, ...]

    def __getitem__(self, path: str) -> Share:
        return next(share for share in self.shares if share.path == path)

    @property
    def idle(self) -> float:
        """CPUs that nobody uses."""
        return round(self.cpus - sum(s.gets for s in self.shares if s.path.count("/") == 1), 9)

    def table(self) -> list[dict[str, Any]]:
        """Return one row for each group."""
        return [
            {"group": s.path, "wants, CPUs": round(s.wants, 3), "gets, CPUs": round(s.gets, 3), "bound by": s.bound}
            for s in self.shares
        ]

    def __str__(self) -> str:
        return (
            "; ".join(f"{s.path} gets {s.gets:.3g} CPUs ({s.bound})" for s in self.shares) + f"; {self.idle:.3g} idle"
        )


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
    if not cpus > 0:
        raise ValueError(f"cpus={cpus!r}: allowed are numbers above 0")
    if not root.children:
        raise ValueError(f"root={root.name!r}: has no groups to divide among")
    given: dict[str, float] = {}

    def share_out(path: str, group: Group, capacity: float) -> None:
        open_, left = list(group.children), capacity
        while open_:
            unit = left / sum(child.weight for child in open_)
            sated = [child for child in open_ if child.demand <= unit * child.weight + 1e-12]
            for child in sated or open_:
                given[f"{path}/{child.name}"] = child.demand if sated else unit * child.weight
            left -= sum(child.demand for child in sated)
            open_ = [child for child in open_ if child not in sated] if sated else []
        for child in group.children:
            share_out(f"{path}/{child.name}", child, given[f"{path}/{child.name}"])

    share_out("", root, cpus)
    shares = []
    for path, group in root.walk():
        wanted = sum(c.demand for c in group.children) if group.children else group.wants
        gets = given[path]
        bound = "its own demand" if gets >= wanted - 1e-9 else "weights" if gets < group.demand - 1e-9 else "cpu.max"
        shares.append(Share(path, wanted, gets, bound))
    return Division(float(cpus), tuple(shares))


def group_commands(root: Group, at: str = ROOT) -> tuple[str, ...]:
    """Return the shell lines, for root, that make the groups below a root and set their limits.

    A controller must be switched on in the parent's ``cgroup.subtree_control`` before a child has its files.
    """
    lines: list[str] = []

    def make(path: str, group: Group) -> None:
        needed = [
            name
            for name, used in (
                ("cpu", any(_uses_cpu(g) for _, g in group.walk())),
                ("memory", any(_uses_memory(g) for _, g in group.walk())),
            )
            if used
        ]
        if group.children and needed:
            lines.append(f'echo "{" ".join("+" + name for name in needed)}" > {path}/cgroup.subtree_control')
        for child in group.children:
            below = f"{path}/{child.name}"
            lines.append(f"mkdir {below}")
            if child.weight != 100:
                lines.append(f"echo {child.weight} > {below}/cpu.weight")
            if child.cpu_max is not None:
                lines.append(f'echo "{round(child.cpu_max * PERIOD)} {PERIOD}" > {below}/cpu.max')
            for name, value in (("high", child.memory_high), ("max", child.memory_max)):
                if value is not None:
                    lines.append(f"echo {value} > {below}/memory.{name}")
            make(below, child)

    make(at, root)
    leaf = next(path for path, group in root.walk() if not group.children)
    return (*lines, f"echo $$ > {at}{leaf}/cgroup.procs")


def _uses_cpu(group: Group) -> bool:
    return group.weight != 100 or group.cpu_max is not None


def _uses_memory(group: Group) -> bool:
    return group.memory_high is not None or group.memory_max is not None


def two_teams(
    weight_a: int = 300,
    weight_b: int = 100,
    wants_a: float = 8.0,
    wants_b: float = 8.0,
    cpu_max_b: float = float("inf"),
    cpus: float = 8.0,
) -> Division:
    """Divide a machine between two teams; an infinite `cpu_max_b` is no limit; see `divide`."""
    limit = None if cpu_max_b == float("inf") else cpu_max_b
    teams = (Group("team_a", wants_a, weight_a), Group("team_b", wants_b, weight_b, limit))
    return divide(Group("", children=teams), cpus)
