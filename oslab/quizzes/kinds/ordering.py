"""Questions answered by arranging: put in order, match."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, ClassVar

from oslab.base import shown
from oslab.quizzes.kinds.question import Question, Verdict, need_few, need_text, reasons, shuffled

__all__ = ["Match", "Order"]


@dataclass(frozen=True)
class Order(Question):
    """Items are to be put in order.

    Attributes
    ----------
    right : sequence of str
        The items in the right order.
    wrong : mapping of (str, str) to str
        Pairs ``(early, late)`` that stand this way round in a tempting wrong order, and why that is tempting.

    Examples
    --------
    >>> q = Order("Order the walk.", ["PGD", "PUD", "PMD", "PTE"],
    ...           {("PTE", "PGD"): "The leaf is what one is after."}, why="From the root down.")
    >>> print(q.grade(["PTE", "PUD", "PMD", "PGD"]))
    Not yet. Place 1 is not right yet. The leaf is what one is after.
    """

    right: Sequence[str]
    wrong: Mapping[tuple[str, str], str]

    kind: ClassVar[str] = "order"

    def __post_init__(self) -> None:
        super().__post_init__()
        object.__setattr__(self, "right", tuple(need_text("right", item) for item in need_few("right", self.right)))
        object.__setattr__(self, "wrong", reasons("wrong", self.wrong))
        if len(self.right) < 2 or len(set(self.right)) != len(self.right):
            raise ValueError(f"right={shown(list(self.right))}: allowed are two or more different items")
        for pair in self.wrong:
            if not isinstance(pair, tuple) or len(pair) != 2 or not all(item in self.right for item in pair):
                raise ValueError(f"wrong={shown(pair)}: allowed are pairs of the items {shown(list(self.right))}")

    def options(self, seed: int) -> tuple[str, ...]:
        """Return the items in the order that belongs to this seed, not a right one nor one close to it."""
        tried = [tuple(shuffled(self.right, seed, f"{self.prompt}{turn or ''}")) for turn in range(12)]
        return next((order for order in tried if _pairs_right(order, self.right) <= 0.6), self.right[::-1])

    def grade(self, answer: Any) -> Verdict:
        """Return the verdict on a sequence of the items."""
        if isinstance(answer, str) or not isinstance(answer, Sequence):
            raise TypeError(f"answer={shown(answer)}: a sequence of the items is needed")
        given = tuple(need_few("answer", answer))
        if sorted(map(str, given)) != sorted(self.right):
            raise ValueError(f"answer={shown(list(given))}: allowed are the items {shown(list(self.right))}, each once")
        if given == self.right:
            return Verdict(True, self.why, score=1.0)
        n = next(k for k, (one, right) in enumerate(zip(given, self.right, strict=True)) if one != right)
        place = {item: k for k, item in enumerate(given)}
        tempting = [reason for (early, late), reason in self.wrong.items() if place[early] < place[late]]
        stand = {0: "", 1: "The first one is in its place. "}.get(n, f"The first {n} are in their places. ")
        said = f"{stand}Item {n + 1} is not right yet."
        return Verdict(False, said, " ".join(tempting) or None, _pairs_right(given, self.right))

    def solution(self) -> str:
        """Return the items in order, and why."""
        return "\n".join(f"{k}. {item}" for k, item in enumerate(self.right, 1)) + f"\n\n{self.why}"

    def wrong_answers(self) -> Iterator[tuple[str, ...]]:
        """Yield every other order; with more than 5 items those in which two neighbours changed places."""
        right = self.right
        if len(right) <= 5:
            yield from (order for order in permutations(right) if order != right)
        else:
            yield from ((*right[:k], right[k + 1], right[k], *right[k + 2 :]) for k in range(len(right) - 1))

    def faults(self) -> Iterator[str]:
        """Yield what makes this a poor question."""
        if not self.wrong:
            yield "it says of no wrong order why it is tempting"
        for early, late in self.wrong:
            if self.right.index(early) < self.right.index(late):
                yield f"{early!r} before {late!r} is called tempting but stands so in the right order"


def _pairs_right(given: Sequence[str], right: Sequence[str]) -> float:
    """Share of all pairs that stand the right way round."""
    place = {item: k for k, item in enumerate(given)}
    pairs = [place[a] < place[b] for k, a in enumerate(right) for b in right[k + 1 :]]
    return sum(pairs) / len(pairs)


@dataclass(frozen=True)
class Match(Question):
    """Every item on the left is to be given its partner on the right.

    Attributes
    ----------
    right : mapping of str to str
        Item on the left → its partner; a partner may be given to several.
    wrong : mapping of (str, str) to str
        Tempting wrong pairs ``(left, partner)``, and why they are tempting.
    """

    right: Mapping[str, str]
    wrong: Mapping[tuple[str, str], str]

    kind: ClassVar[str] = "match"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not isinstance(need_few("right", self.right), Mapping):
            raise TypeError(f"right={shown(self.right)}: a mapping from items to partners is needed")
        object.__setattr__(self, "right", dict(self.right))
        object.__setattr__(self, "wrong", reasons("wrong", self.wrong))
        for text in (*self.right, *self.right.values()):
            need_text("right", text)
        if len(self.right) < 2:
            raise ValueError(f"right={shown(self.right)}: allowed are two or more pairs")
        partners = set(self.right.values())
        for pair in self.wrong:
            if not isinstance(pair, tuple) or len(pair) != 2 or pair[0] not in self.right or pair[1] not in partners:
                raise ValueError(f"wrong={shown(pair)}: allowed are pairs of an item and a partner")
            if self.right[pair[0]] == pair[1]:
                raise ValueError(f"wrong={shown(pair)}: this pair is right")

    @property
    def key(self) -> dict[str, str]:
        """Item on the left → its partner."""
        return dict(self.right)

    def options(self, seed: int) -> tuple[str, ...]:
        """Return the partners in the order that belongs to this seed."""
        return tuple(shuffled([*dict.fromkeys(self.right.values())], seed, self.prompt))

    def grade(self, answer: Any) -> Verdict:
        """Return the verdict on a mapping from every item on the left to a partner."""
        if not isinstance(answer, Mapping):
            raise TypeError(f"answer={shown(answer)}: a mapping from items to partners is needed")
        left = [item for item in self.right if answer.get(item) is None]
        if left:
            raise ValueError(f"Choose a partner for: {', '.join(left)}.")
        partners = self.options(0)
        for item, partner in answer.items():
            if item not in self.right or partner not in partners:
                raise ValueError(
                    f"answer={shown(item)}: {shown(partner)}: allowed are the items {shown(list(self.right))} "
                    f"and the partners {shown(list(partners))}"
                )
        bad = [item for item in self.right if answer[item] != self.right[item]]
        if not bad:
            return Verdict(True, self.why, score=1.0)
        good, n = len(self.right) - len(bad), len(self.right)
        known = [(item, self.wrong.get((item, answer[item]))) for item in bad]
        tempting = " ".join(f"**{item}**: {reason}" for item, reason in known if reason)
        said = f"{good} of {n} {'is' if good == 1 else 'are'} right. Look again at: {', '.join(bad)}."
        return Verdict(False, said, tempting or None, good / n)

    def solution(self) -> str:
        """Return the pairs, and why."""
        pairs = "\n".join(f"- **{item}**: {partner}" for item, partner in self.right.items())
        return f"{pairs}\n\n{self.why}"

    def wrong_answers(self) -> Iterator[dict[str, str]]:
        """Yield every answer that differs from the key in one pair."""
        for item, partner in self.right.items():
            yield from (self.key | {item: other} for other in self.options(0) if other != partner)

    def faults(self) -> Iterator[str]:
        """Yield what makes this a poor question."""
        if len(self.options(0)) < 2:
            yield "it offers only one partner"
        if not self.wrong:
            yield "it says of no wrong pair why it is tempting"
        for (item, partner), reason in self.wrong.items():
            if reason not in (self.grade(self.key | {item: partner}).tempting or ""):
                yield f"the wrong pair {item!r}, {partner!r} is not given its own reason"
