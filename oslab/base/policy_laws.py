"""Laws that a policy of the learner's own must keep, whatever it decides on: how they are tried, and what is told."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from oslab.base.registry import Entry

__all__ = [
    "CODE_RUNS",
    "BrokenPolicy",
    "Judgement",
    "attributes",
    "first_breach",
    "label_of",
    "own_entry",
    "run_twice",
    "thinned",
]

CODE_RUNS = "its code runs"
Breach = tuple[str, str]  # the law that is broken, and what happened


class BrokenPolicy(ValueError):
    """A policy of the learner's gave an answer that cannot be carried out.

    Attributes
    ----------
    law : str
        Which law is broken.
    """

    def __init__(self, name: str, law: str, when: str, message: str):
        super().__init__(f"{name}, {when}: {message}")
        self.law = law


def label_of(registry: Mapping[str, Entry], policy: Any) -> str:
    """Return the name on screen of a `policy`: of one in the `registry`, or of the learner's class."""
    return registry[policy].label if isinstance(policy, str) else str(getattr(policy, "label", None) or policy.__name__)


def own_entry(name: str, rules: Any) -> Entry:
    """Return an entry, as a registry has them, for the learner's own `rules`, called `name`."""
    return Entry(name, name, "The learner's own.", rules, MappingProxyType({}), name, "the class's own")


def attributes(policy: Any) -> Iterator[tuple[str, Any]]:
    """Yield what the learner's `policy` keeps, by name, an underscore in front left out."""
    for name, value in vars(policy).items() if hasattr(policy, "__dict__") else ():
        yield name.strip("_") or name, value


@dataclass(frozen=True, repr=False)
class Judgement:
    """What a judge found; each wing adds the smallest case that breaks a law.

    Attributes
    ----------
    policy : str
        Its name on screen.
    laws : mapping of str to str
        Each law, and what it means.
    runs : int
        How many cases were tried.
    broken : str
        The law that is broken, or ''.
    message : str
        What happened there.
    """

    policy: str
    laws: Mapping[str, str]
    runs: int
    broken: str
    message: str

    @property
    def lawful(self) -> bool:
        """Whether every law held."""
        return not self.broken

    @property
    def smallest(self) -> str:
        """The smallest case that breaks a law, in words."""
        raise TypeError(f"{type(self).__name__} defines no smallest")

    def table(self) -> list[dict[str, Any]]:
        """Return one row a law; after the first that is broken the others are not known."""
        return [
            {"law": law, "means": means, "holds": "no" if law == self.broken else "yes" if self.lawful else "-"}
            for law, means in self.laws.items()
        ]

    def __str__(self) -> str:
        if self.lawful:
            return f"{self.policy} keeps all {len(self.laws)} laws in {self.runs} runs."
        return f"{self.policy} breaks a law: {self.broken}. The smallest {self.smallest}.\n{self.message}"

    __repr__ = __str__


def run_twice(run: Callable[[], Any]) -> tuple[list[Any], Breach | None]:
    """Call `run`, the learner's code, two times; return what came of it, or the law that it broke."""
    try:
        return [run(), run()], None
    except BrokenPolicy as error:
        return [], (error.law, str(error))
    except Exception as error:  # whatever the learner's code raises
        return [], (CODE_RUNS, f"{type(error).__name__}: {error}. {' '.join(getattr(error, '__notes__', []))}")


def first_breach(cases: Iterable[tuple], breach: Callable[..., Breach | None]) -> tuple[int, tuple, Breach | None]:
    """Try `cases` until `breach` finds a broken law: how many were tried, the last one, and what was broken."""
    runs, case = 0, ()
    for runs, case in enumerate(cases, 1):
        if (found := breach(*case)) is not None:
            return runs, case, found
    return runs, case, None


def thinned(parts: list, found: Breach, breach: Callable[[list], Breach | None]) -> tuple[list, Breach]:
    """Leave out `parts` of a case, from the end on, as long as `breach` finds the law broken that was `found`."""
    for k in range(len(parts) - 1, -1, -1):
        fewer = parts[:k] + parts[k + 1 :]
        other = breach(fewer) if fewer else None
        if other is not None and other[0] == found[0]:
            parts, found = fewer, other
    return parts, found
