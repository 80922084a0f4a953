"""What every kind of question has: a prompt, a key, a verdict on an answer, a solution."""

import hashlib
import json
import random
from collections.abc import Callable, Collection, Hashable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar

from oslab.base import shown, text

__all__ = ["Question", "Verdict", "need_few", "need_text", "reasons", "shuffled", "traps"]

MOST = 1000  # options, items, points
LONGEST = 100_000  # characters of a text
EXPLAINS = {"why", "hint", "wrong"}  # may be worded anew without making another question


@dataclass(frozen=True)
class Verdict:
    """What is said of an answer.

    Attributes
    ----------
    right : bool
        Whether the answer is right as a whole.
    why : str
        Why it is right; or what is wrong with it, without giving the answer away.
    tempting : str, optional
        Why this wrong answer is tempting, where that is known.
    score : float
        Share of the answer that is right, 0 to 1; 1 only if `right`.
    """

    right: bool
    why: str
    tempting: str | None = None
    score: float = 0.0

    def __str__(self) -> str:
        words = [f"{'Right' if self.right else 'Not yet'}.", self.why, self.tempting or ""]
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Question:
    """One question; the kinds (`Choice`, `Number`, …) say what its answer looks like.

    Texts may use the little markup of `oslab.quizzes.markup`: code, bold, lists, tables, fenced blocks.

    Attributes
    ----------
    prompt : str
        What is asked.
    why : str
        Why the key is right; shown with a right answer and in the solution.
    hint : str
        Shown on request; helps without giving the key.
    table : sequence of mappings
        Rows of numbers to read, shown under the prompt.
    picture : str or bytes or callable, optional
        SVG text or a PNG file, or a function without arguments that returns one; shown under the prompt.
    picture_alt : str
        What the picture shows, in words; needed with a picture.
    settings : mapping of str to object, optional
        The controls' values of the lab that a prediction is about; what it does not name may have any value.  None: it is
        about something else than the lab shows.
    recompute : callable, optional
        Returns the key worked out once more, by another way than the question's own; for tests.
    """

    prompt: str
    why: str = field(default="", kw_only=True)
    hint: str = field(default="", kw_only=True)
    table: Sequence[Mapping[str, Any]] = field(default=(), kw_only=True)
    picture: str | bytes | Callable[[], str | bytes] | None = field(
        default=None, kw_only=True, compare=False, repr=False
    )
    picture_alt: str = field(default="", kw_only=True)
    settings: Mapping[str, Any] | None = field(default_factory=dict, kw_only=True, compare=False, repr=False)
    recompute: Callable[[], Any] | None = field(default=None, kw_only=True, compare=False, repr=False)

    kind: ClassVar[str] = ""

    def __post_init__(self) -> None:
        need_text("prompt", self.prompt)
        for name in ("why", "hint"):
            text(LONGEST).check(name, getattr(self, name))
        need_few("table", self.table)
        if self.picture is not None:
            need_text("picture_alt", self.picture_alt)

    @property
    def key(self) -> Any:
        """The right answer."""
        return getattr(self, "right", None)

    @property
    def digest(self) -> str:
        """What tells this question from other versions of it: a digest of what is asked, offered and accepted."""
        asked = [self.kind, sorted(self.options(0)), self.key]
        told = [getattr(self, one.name) for one in fields(self) if one.compare and one.name not in EXPLAINS]
        return hashlib.sha256(json.dumps(_plain([*asked, *told])).encode()).hexdigest()[:16]

    def options(self, seed: int) -> tuple[str, ...]:
        """Return what is offered, in the order that belongs to this seed; empty if nothing is offered."""
        return ()

    def grade(self, answer: Any) -> Verdict:
        """Return the verdict on an answer.

        Raises
        ------
        TypeError, ValueError
            Something that is no answer to this question; it does not count as a try.
        """
        raise TypeError(f"{type(self).__name__} defines no grade")

    def normal(self, answer: Any) -> Any:
        """Return an answer as it is kept and passed on: a typed number becomes a number."""
        return answer

    def is_about(self, values: Mapping[str, Any]) -> bool:
        """Return whether a lab whose controls have these values shows what this question asks about."""
        asked = self.settings
        return asked is not None and all(name in values and values[name] == asked[name] for name in asked)

    def solution(self) -> str:
        """Return the right answer and why it is right."""
        raise TypeError(f"{type(self).__name__} defines no solution")

    def wrong_answers(self) -> Iterator[Any]:
        """Yield answers that must be graded wrong."""
        return iter(())

    def faults(self) -> Iterator[str]:
        """Yield a sentence for everything that makes this a poor question of its kind."""
        return iter(())


def _plain(value: Any) -> Any:
    """What JSON holds, the same on every machine: numbers to nine digits, sets and mappings in order."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        return sorted([_plain(k), _plain(v)] for k, v in value.items())
    if isinstance(value, Collection):
        return [_plain(one) for one in (sorted(value) if isinstance(value, Set) else value)]
    return f"{value:.9g}" if hasattr(value, "__float__") else repr(value)


def need_text(name: str, value: Any) -> str:
    """Return `value` if it is a text with something in it.

    Raises
    ------
    TypeError, ValueError
        Anything else; the message begins with `name`.
    """
    if not isinstance(value, str):
        raise TypeError(f"{name}={shown(value)}: a text is needed")
    if not value.strip():
        raise ValueError(f"{name}={shown(value)}: a text with something in it is needed")
    if len(value) > LONGEST:
        raise ValueError(f"{name} has {len(value)} characters: allowed are at most {LONGEST}")
    return value


def need_few(name: str, value: Any) -> Any:
    """Return `value` if it is a collection of a thousand items at most.

    Raises
    ------
    TypeError, ValueError
        Anything else; the message begins with `name`.
    """
    if not isinstance(value, Collection) or isinstance(value, bytes):
        raise TypeError(f"{name}={shown(value)}: a collection is needed, such as a list")
    if len(value) > MOST:
        raise ValueError(f"{name} has {len(value)} items: allowed are at most {MOST}")
    return value


def reasons(name: str, given: Any) -> dict[Any, str]:
    """Return a mapping (or pairs) from a wrong answer to why it is tempting, as a dict of its own."""
    pairs = list(need_few(name, given).items() if isinstance(given, Mapping) else need_few(name, given))
    if not all(isinstance(pair, tuple) and len(pair) == 2 for pair in pairs):
        raise TypeError(f"{name}={shown(given)}: a mapping, or pairs, of wrong answers and reasons are needed")
    found = dict(pairs)
    if len(found) != len(pairs):
        double = next(value for k, (value, _) in enumerate(pairs) if value in dict(pairs[:k]))
        raise ValueError(f"{name}: {shown(double)} is given twice; each wrong answer is given once (see traps)")
    for value, reason in found.items():
        need_text(f"{name}[{shown(value)}]", reason)
    return found


def shuffled(options: Sequence[str], seed: int, prompt: str) -> list[str]:
    """Return the options in the order that belongs to a seed and a question."""
    # Sorted first, so that the order does not tell where the key was written down.
    order = sorted(options)
    random.Random(f"{seed}\n{prompt}").shuffle(order)
    return order


def traps(
    key: Hashable, *pairs: tuple[Hashable, str], absolute: float = 0.0, relative: float = 0.0
) -> dict[Hashable, str]:
    """Return the tempting wrong answers of a generated question, without those that happen to be right.

    Parameters
    ----------
    key : number or str
        The right answer.
    *pairs : tuple of (answer, str)
        A wrong answer and why it is tempting; of equal answers the first is kept.
    absolute, relative : float
        Numbers this near to the key, or to a trap already kept, are left out: twice the question's tolerance.

    Examples
    --------
    >>> traps(9, (10, "That is FIFO's count."), (9, "That counts hits."), (10, "That counts loads twice."))
    {10: "That is FIFO's count."}
    """
    kept: dict[Hashable, str] = {}
    for value, reason in pairs:
        if not any(_near(value, other, 2 * absolute, 2 * relative) for other in (key, *kept)):
            kept[value] = reason
    return kept


def _near(a: Any, b: Any, absolute: float, relative: float) -> bool:
    if isinstance(a, str) or isinstance(b, str):
        return a == b
    return abs(a - b) <= max(absolute, relative * max(abs(a), abs(b)), 1e-9 * abs(b))
