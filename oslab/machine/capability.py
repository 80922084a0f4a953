"""What a measurement may need of a machine: whether it is there, why not otherwise, and what helps."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from html import escape

from oslab.base import checked, choice
from oslab.machine.capability_checks import CHECKS, Check
from oslab.machine.unavailable import Unavailable

__all__ = ["Capabilities", "Capability", "Unavailable", "can", "capabilities", "need"]


@dataclass(frozen=True)
class Capability:
    """One thing that a measurement may need.

    Attributes
    ----------
    key, label : str
    available : bool
    reason : str
        Why not; where it is there, what is there.
    remedy : str
        What helps: a package, a setting; empty where nothing is missing.
    chapters : tuple of int
        Where it is used.
    """

    key: str
    label: str
    available: bool
    reason: str
    remedy: str
    chapters: tuple[int, ...]

    def __bool__(self) -> bool:
        return self.available


@dataclass(frozen=True, repr=False)
class Capabilities:
    """All of them, asked at one time; ``capabilities()["compiler"]`` is one.

    Attributes
    ----------
    found : tuple of Capability
    """

    found: tuple[Capability, ...]

    @cached_property
    def _by_key(self) -> dict[str, Capability]:
        return {one.key: one for one in self.found}

    def __getitem__(self, key: str) -> Capability:
        if key not in self._by_key:
            raise KeyError(f"{key!r}: known are {', '.join(self._by_key)}")
        return self._by_key[key]

    def __iter__(self) -> Iterator[Capability]:
        return iter(self.found)

    def __len__(self) -> int:
        return len(self.found)

    def table(self) -> list[dict[str, str]]:
        """Return one row for each: name, here or not, why not (or what there is), what helps, chapters."""
        return [
            {
                "what": c.label,
                "here": "yes" if c else "no",
                "why": c.reason,
                "what helps": c.remedy,
                "chapters": ", ".join(map(str, c.chapters)),
            }
            for c in self
        ]

    def __str__(self) -> str:
        rows = self.table()
        width = max(len(row["what"]) for row in rows)
        return "\n".join(
            f"{row['here']:>3}  {row['what']:<{width}}  {row['why']}"
            + (f" → {row['what helps']}" if row["what helps"] else "")
            for row in rows
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th style='text-align:left'>{name}</th>" for name in self.table()[0])
        body = "".join(
            "<tr>" + "".join(f"<td style='text-align:left'>{escape(v)}</td>" for v in row.values()) + "</tr>"
            for row in self.table()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def capabilities() -> Capabilities:
    """Ask what can be done here.

    Returns
    -------
    Capabilities
        Printed or displayed it is a table.

    Examples
    --------
    >>> from oslab.machine import capabilities
    >>> capabilities()["free_threading"].label
    'Python without its global lock'
    """
    return Capabilities(tuple(map(_ask, CHECKS)))


_BY_KEY = {asked[0]: asked for asked in CHECKS}


@checked(key=choice(_BY_KEY.keys()))
def can(key: str) -> Capability:
    """Ask for one of them; true where it is available.

    Parameters
    ----------
    key : str
        Of the capability.

    Raises
    ------
    TypeError, ValueError
        No such capability.
    """
    return _ask(_BY_KEY[key])


def need(*keys: str) -> None:
    """Raise unless all of these are available.

    Parameters
    ----------
    *keys : str
        Of the capabilities.

    Raises
    ------
    Unavailable
        Says what is missing, why, and what helps.
    """
    for key in keys:
        one = can(key)
        if not one:
            helps = f" What helps: {one.remedy}." if one.remedy else ""
            raise Unavailable(f"This needs {one.label}: {one.reason}.{helps}")


def _ask(asked: Check) -> Capability:
    key, label, chapters, question = asked
    try:
        available, reason, remedy = question()
    except Exception as error:  # a strange machine is no reason to stop
        available, reason, remedy = False, f"it could not be determined ({error})", ""
    return Capability(key, label, bool(available), reason, remedy, chapters)
