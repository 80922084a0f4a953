"""`Why`: what `ai.why` found out about a program, to read, to draw and to hand on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from oslab.ai.booking import Booking
from oslab.ai.causes import CAUSES, LABS, NOTES, REMEDIES, join_names, name_causes, percent
from oslab.base import Result, duration, plural, readable

__all__ = ["SCHEMA", "Why"]

SCHEMA = 1
SHORTEST = 0.4  # seconds, of which less says nothing


@dataclass(frozen=True, repr=False)
class Why(Result):
    """Why a program is slow.  A cause is named from 34 % of the time on, a second one from 22 % (`name_causes`).

    Attributes
    ----------
    program : str
        Its command line, cut.
    pid : int
    seconds : float
        For which it was watched.
    shares : dict of str to float
        Of the time, by key of `CAUSES`; they sum to 1 with ``unknown``.
    causes : tuple of str
        Those that are named, the largest first; empty: not sure.
    doubt : str
        Why none is named, or ''.
    follows : tuple of int
        Processes whose time was booked, since the main thread waits for its own helpers; empty if it does not.
    notes : tuple of str
        Keys of `NOTES`.
    evidence : tuple of str
        A sentence for each question, with the raw counters.
    unread : tuple of str
        What could not be read here, and what it would have told.
    cost : float
        CPUs' worth of time that watching took.
    step : float
        Seconds a step: NaN, since no program tells; a loop's `Diagnosis` does.
    settings : object
        By which a lab finds it again.
    """

    program: str
    pid: int
    seconds: float
    shares: dict[str, float]
    causes: tuple[str, ...]
    doubt: str
    follows: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    evidence: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    cost: float = 0.0
    step: float = float("nan")
    settings: Any = None

    @classmethod
    def of(cls, booking: Booking, program: str, pid: int, seconds: float, **more: Any) -> Why:
        """Return the verdict on what was booked."""
        causes, doubt = name_causes(booking.shares)
        if seconds < SHORTEST:
            causes, doubt = (), f"it was seen for {duration(seconds)} only"
        return cls(program, pid, seconds, booking.shares, causes, doubt, booking.follows, **more)

    @property
    def verdict(self) -> str:
        """The finding in a few words."""
        return join_names(CAUSES[cause] for cause in self.causes) if self.causes else f"not sure: {self.doubt}"

    @property
    def labs(self) -> tuple[str, ...]:
        """Links to the labs that explain the causes and notes."""
        found = [LABS[key] for key in (*self.causes, *self.notes) if key in LABS]
        return tuple(dict.fromkeys(f"{name}.ipynb#{heading.replace(' ', '-')}" for name, heading in found))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield one row for each cause that took time, the largest first."""
        for cause, share in sorted(self.shares.items(), key=lambda one: -one[1]):
            if share >= 0.005:
                yield {"cause": CAUSES[cause], "share of the time": share, "what helps": REMEDIES[cause]}

    def to_json(self) -> str:
        """Return it as one line of JSON; `schema` changes when the meaning of a key does."""
        return json.dumps(
            {
                "schema": SCHEMA,
                "program": self.program,
                "pid": self.pid,
                "seconds": round(self.seconds, 3),
                "causes": self.causes,
                "doubt": self.doubt,
                "shares": {cause: round(share, 4) for cause, share in self.shares.items()},
                "follows": self.follows,
                "notes": self.notes,
                "evidence": self.evidence,
                "unread": self.unread,
                "labs": self.labs,
                "cost": round(self.cost, 4),
            }
        )

    @classmethod
    def from_json(cls, line: str) -> Why:
        """Return what `to_json` wrote.

        Raises
        ------
        ValueError
            Another schema, or no JSON.
        """
        told = json.loads(line)
        if not isinstance(told, dict) or told.pop("schema", None) != SCHEMA:
            raise ValueError(f"line={line[:60]!r}: allowed is a line that `to_json` of this version wrote")
        told.pop("labs")
        lists = ("causes", "follows", "notes", "evidence", "unread")
        return cls(**{key: tuple(value) if key in lists else value for key, value in told.items()})

    def __str__(self) -> str:
        lines = [
            f"{self.program} (process {self.pid}), watched for {duration(self.seconds)}",
            f"Why: {self.verdict}.",
            "",
        ]
        for row in self.rows():
            lines.append(f"  {percent(row['share of the time']):>5}  {row['cause']}")
        if self.follows:
            told = ", ".join(map(str, self.follows[:4])) + (" …" if len(self.follows) > 4 else "")
            lines.append(
                f"  The main thread waits for its own helpers ({plural(len(self.follows), 'process', 'processes')}: "
                f"{told}); their time is booked."
            )
        lines += [f"  Note: {NOTES[note]}." for note in self.notes]
        lines += ["", "Evidence", *(f"  {line}" for line in self.evidence)]
        if self.causes:
            lines += ["", "What helps", *(f"  {CAUSES[cause]}: {REMEDIES[cause]}" for cause in self.causes)]
        if self.labs:
            lines += ["", "The labs that explain it", *(f"  {lab}" for lab in self.labs)]
        if self.unread:
            lines += ["", "Not read here", *(f"  {line}" for line in self.unread)]
        lines.append(f"\nWatching took {readable(100 * self.cost)} % of a CPU.")
        return "\n".join(lines)

    __repr__ = __str__
