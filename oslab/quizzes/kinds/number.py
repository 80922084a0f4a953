"""Questions answered by a number with a unit."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar

from oslab.base import readable, real
from oslab.quizzes.kinds.question import Question, Verdict, need_text, reasons

__all__ = ["Number", "as_number"]

FINITE = real()
_SPACES = re.compile(r"[\s_\u00a0\u2009\u202f]")
_FACTORS = {
    1000: "as between ms and s",
    1024: "as between KiB and MiB",
    10**6: "as between µs and s",
    1024**2: "as between KiB and GiB",
    100: "as between a percentage and a share",
}


def _in_words(value: float, unit: str) -> str:
    """A number as it is written in a sentence; one that is beyond all sense, without its digits."""
    return f"{readable(value, 4)} {unit}" if not value or 1e-9 < abs(value) < 1e15 else "That"


def as_number(text: str, unit: str = "") -> float:
    """Return the number that a reader typed: 1 000, 2.5, 1e6, 0x1f, 3/8, with or without the unit.

    Parameters
    ----------
    text : str
        What was typed.
    unit : str
        In which the number is asked for, in the plural; its singular is taken too.

    Raises
    ------
    ValueError
        Anything else.
    """
    if not text.strip():
        raise ValueError("Write a number first.")
    bare = text.strip()
    for ending in (unit.lower(), unit.lower().removesuffix("s")):
        bare = bare[: -len(ending)] if ending and bare.lower().endswith(ending) else bare
    bare = _SPACES.sub("", bare).replace("\u2212", "-")
    try:
        if re.fullmatch(r"[+-]?0[xX][0-9a-fA-F]+", bare):
            return float(int(bare, 16))
        value = float(Fraction(bare)) if "/" in bare else float(bare)
    except (ValueError, ZeroDivisionError, OverflowError):
        typed, asked = text[:40], f"the number of {unit}" if unit else "a number"
        if "," in bare:
            raise ValueError(f"“{typed}” has a comma: write 0.5 with a point, and 1000 without a comma.") from None
        raise ValueError(f"“{typed}” cannot be read: write {asked} alone, such as 12, 2.5, 1e6, 3/8 or 0x1f.") from None
    if not math.isfinite(value):
        raise ValueError(f"“{text[:40]}” is not a finite number.")
    return value


@dataclass(frozen=True)
class Number(Question):
    """A number is asked for.

    Attributes
    ----------
    right : float
        The right value.
    unit : str
        Stands beside the field and must occur in the prompt: ``"faults"``, ``"MiB"``, ``"%"``.
    wrong : mapping of float to str, or pairs
        Likely wrong values and what leads to them (see `traps` for generated ones).
    absolute, relative : float
        Tolerance, in the unit and as a share of the key; the larger of them counts.  Both 0: exact.

    Examples
    --------
    >>> q = Number("How many faults?", 9, "faults", {10: "That is FIFO's count."}, why="Three are hits.")
    >>> print(q.grade("10"))
    Not yet. 10 faults is too high. That is FIFO's count.
    """

    right: float
    unit: str
    wrong: Mapping[float, str]
    absolute: float = field(default=0.0, kw_only=True)
    relative: float = field(default=0.0, kw_only=True)

    kind: ClassVar[str] = "number"

    def __post_init__(self) -> None:
        super().__post_init__()
        need_text("unit", self.unit)
        object.__setattr__(self, "right", FINITE.check("right", self.right))
        wrong = {FINITE.check("wrong", value): reason for value, reason in reasons("wrong", self.wrong).items()}
        object.__setattr__(self, "wrong", wrong)
        for name in ("absolute", "relative"):
            real(0).check(name, getattr(self, name))

    @property
    def tolerance(self) -> str:
        """The tolerance in words, or '' if the number is exact."""
        if self.relative * abs(self.right) > self.absolute:
            return f"within {readable(100 * self.relative, 4)} %"
        return f"within {readable(self.absolute, 4)} {self.unit}" if self.absolute else ""

    def accepts(self, value: float, around: float | None = None) -> bool:
        """Return whether a value lies within the tolerance around the key (or around another value)."""
        target = self.right if around is None else around
        return abs(value - target) <= max(self.absolute, max(self.relative, 1e-9) * abs(target))

    def grade(self, answer: Any) -> Verdict:
        """Return the verdict on a number, or on a text that holds one."""
        value = self.normal(answer)
        if self.accepts(value):
            return Verdict(True, self.why, score=1.0)
        size = "high" if value > self.right else "low"
        return Verdict(False, f"{_in_words(value, self.unit)} is too {size}.", self._diagnose(value))

    def normal(self, answer: Any) -> float:
        """Return a number, or the one that a text holds, as a float."""
        return as_number(answer, self.unit) if isinstance(answer, str) else FINITE.check("answer", answer)

    def _diagnose(self, value: float) -> str | None:
        near = [wrong for wrong in self.wrong if self.accepts(value, wrong)]
        if near:
            return self.wrong[min(near, key=lambda wrong: abs(wrong - value))]
        if self.right and value == -self.right:
            return "It is the right size with the wrong sign."
        for factor, name in _FACTORS.items():
            if self.right and (self.accepts(value / factor) or self.accepts(value * factor)):
                return f"It is off by a factor of {readable(factor, 4)} ({name}): look at the unit."
        return None

    def solution(self) -> str:
        """Return the number with its unit, and why it is right."""
        return f"**{readable(self.right, 4)} {self.unit}**. {self.why}"

    def wrong_answers(self) -> Iterator[float]:
        """Yield the listed wrong values, and values just outside the tolerance."""
        yield from self.wrong
        reach = max(self.absolute, max(self.relative, 1e-9) * abs(self.right))
        beyond = max(1.01 * reach, 1e-6 * abs(self.right)) or 1e-9
        yield from (self.right - beyond, self.right + beyond)

    def faults(self) -> Iterator[str]:
        """Yield what makes this a poor question."""
        if not self.wrong:
            yield "it lists no tempting wrong value"
        if self.unit.lower() not in self.prompt.lower():
            yield f"the prompt does not name the unit {self.unit!r}"
        for value in self.wrong:
            if self.accepts(value):
                yield f"the tolerance accepts the listed wrong value {value!r} (the key is {self.right!r})"
            elif any(other != value and self.accepts(value, other) for other in self.wrong):
                yield f"the tolerance does not tell the listed wrong value {value!r} from another one"
            elif self.grade(value).tempting != self.wrong[value]:
                yield f"the wrong value {value!r} is not given its own reason"
