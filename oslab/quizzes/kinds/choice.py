"""Questions answered by picking: one option, or several."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from typing import Any, ClassVar

from oslab.base import shown
from oslab.quizzes.kinds.question import Question, Verdict, need_few, need_text, reasons, shuffled

__all__ = ["Choice", "Choices"]


@dataclass(frozen=True)
class Choice(Question):
    """One option is right.

    Attributes
    ----------
    right : str
        The right option.
    wrong : mapping of str to str
        Every wrong option, and why it is tempting (and what speaks against it).

    Examples
    --------
    >>> q = Choice("Which page is evicted?", "page 3", {"page 7": "It was loaded first: FIFO would take it."},
    ...            why="It was used longest ago.")
    >>> print(q.grade("page 3"))
    Right. It was used longest ago.
    """

    right: str
    wrong: Mapping[str, str]

    kind: ClassVar[str] = "choice"

    def __post_init__(self) -> None:
        super().__post_init__()
        need_text("right", self.right)
        object.__setattr__(self, "wrong", reasons("wrong", self.wrong))
        for option in self.wrong:
            need_text("wrong", option)
        if self.right in self.wrong:
            raise ValueError(f"wrong={shown(self.right)}: this is the right option too")

    def options(self, seed: int) -> tuple[str, ...]:
        """Return all options in the order that belongs to this seed."""
        return tuple(shuffled([self.right, *self.wrong], seed, self.prompt))

    def grade(self, answer: Any) -> Verdict:
        """Return the verdict on one option."""
        if answer is None:
            raise ValueError("Choose one of the options first.")
        if answer == self.right:
            return Verdict(True, self.why, score=1.0)
        if answer not in self.wrong:
            raise ValueError(f"answer={shown(answer)}: allowed are {shown(self.options(0))}")
        return Verdict(False, f"It is not “{answer}”.", self.wrong[answer])

    def solution(self) -> str:
        """Return the right option and why it is right."""
        return f"**{self.right}**. {self.why}"

    def wrong_answers(self) -> Iterator[str]:
        """Yield every wrong option."""
        yield from self.wrong

    def faults(self) -> Iterator[str]:
        """Yield what makes this a poor question."""
        if not self.wrong:
            yield "it has no wrong option"
        right = [option for option in self.options(0) if self.grade(option).right]
        if right != [self.key]:
            yield f"graded right are {right}, the key is {self.key!r}"


@dataclass(frozen=True)
class Choices(Question):
    """Several options (or none) may be right; all of the right ones and no other make the answer.

    Attributes
    ----------
    right : mapping of str to str, or collection of str
        The right options, with why each is right where that is worth a sentence.
    wrong : mapping of str to str
        Every wrong option, and why it is tempting.
    """

    right: Mapping[str, str] | Collection[str]
    wrong: Mapping[str, str]

    kind: ClassVar[str] = "choices"

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.right, str):
            raise TypeError(f"right={shown(self.right)}: a collection of options is needed")
        need_few("right", self.right)
        right = dict(self.right) if isinstance(self.right, Mapping) else {option: "" for option in self.right}
        object.__setattr__(self, "right", right)
        object.__setattr__(self, "wrong", reasons("wrong", self.wrong))
        for option in (*self.right, *self.wrong):
            need_text("option", option)
        for option in self.right:
            if option in self.wrong:
                raise ValueError(f"wrong={shown(option)}: this is a right option too")

    @property
    def key(self) -> frozenset[str]:
        """The right options."""
        return frozenset(self.right)

    def options(self, seed: int) -> tuple[str, ...]:
        """Return all options in the order that belongs to this seed."""
        return tuple(shuffled([*self.right, *self.wrong], seed, self.prompt))

    def grade(self, answer: Any) -> Verdict:
        """Return the verdict on a collection of options."""
        if isinstance(answer, str):
            raise TypeError(f"answer={shown(answer)}: a collection of options is needed")
        picked = set(need_few("answer", answer))
        for option in picked:
            if option not in self.right and option not in self.wrong:
                raise ValueError(f"answer={shown(option)}: allowed are {shown(self.options(0))}")
        good = [option for option in self.right if option in picked]
        bad = [option for option in self.wrong if option in picked]
        missing = len(self.right) - len(good)
        if not bad and not missing:
            said = [self.why, *(f"**{option}**: {why}" for option, why in self.right.items() if why)]
            return Verdict(True, " ".join(part for part in said if part), score=1.0)
        parts = [f"{len(good)} of your {len(picked)} ticks {'is' if len(good) == 1 else 'are'} right"]
        if missing:
            parts.append(f"{missing} more {'option is' if missing == 1 else 'options are'} right")
        tempting = " ".join(f"**{option}**: {self.wrong[option]}" for option in bad)
        rest = len(self.wrong) - len(bad)
        return Verdict(
            False, "; ".join(parts) + ".", tempting or None, (len(good) + rest) / (len(self.right) + len(self.wrong))
        )

    def solution(self) -> str:
        """Return the right options and why they are right."""
        said = {option: f" ({why.rstrip('.')})" if why else "" for option, why in self.right.items()}
        named = [f"**{option}**{why}" for option, why in said.items()]
        return f"{'; '.join(named) or '**None of them**'}. {self.why}"

    def wrong_answers(self) -> Iterator[frozenset[str]]:
        """Yield every set of options but the key; from 9 options on, those that differ from it in one."""
        every = (*self.right, *self.wrong)
        if len(every) <= 8:
            sets = (frozenset(some) for n in range(len(every) + 1) for some in combinations(every, n))
            yield from (some for some in sets if some != self.key)
        else:
            yield from (self.key ^ {option} for option in every)

    def faults(self) -> Iterator[str]:
        """Yield what makes this a poor question."""
        if not self.wrong:
            yield "it has no wrong option"
        if len(self.right) + len(self.wrong) < 3:
            yield "it has fewer than three options"
