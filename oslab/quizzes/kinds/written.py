"""Questions answered in one's own words and compared with a model answer."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from oslab.base import shown
from oslab.quizzes.kinds.question import Question, Verdict, need_few, need_text

__all__ = ["Written"]


@dataclass(frozen=True)
class Written(Question):
    """An answer in words; the reader compares it with the model answer and ticks off what it holds.

    Attributes
    ----------
    answer : str
        The model answer in one line.
    points : sequence of str
        The explanation, a point each; an answer that holds them all is right.

    Examples
    --------
    >>> q = Written("What is a page fault?", "An access to a page that has no frame.", ["The MMU raises it.",
    ...             "The kernel loads the page."])
    >>> q.grade({"text": "The MMU traps …", "ticked": [0]}).score
    0.5
    """

    answer: str
    points: Sequence[str]

    kind: ClassVar[str] = "written"

    def __post_init__(self) -> None:
        super().__post_init__()
        need_text("answer", self.answer)
        object.__setattr__(
            self, "points", tuple(need_text("points", point) for point in need_few("points", self.points))
        )
        if not self.points or len(set(self.points)) != len(self.points):
            raise ValueError(f"points={shown(list(self.points))}: allowed are one or more different points")

    @property
    def key(self) -> dict[str, Any]:
        """The model answer with every point ticked."""
        return {"text": self.answer, "ticked": list(range(len(self.points)))}

    def grade(self, answer: Any) -> Verdict:
        """Return the verdict on a text (nothing ticked yet) or ``{"text": str, "ticked": [int, …]}``."""
        text, ticked = self.parts(answer)
        if not text.strip():
            raise ValueError("Write your answer first; one line is enough.")
        n, of = len(ticked), len(self.points)
        if n == of:
            return Verdict(True, f"Your answer contains all {of} points. {self.why}".strip(), score=1.0)
        said = f"{n} of {of} points ticked: tick each point that your own answer contains."
        return Verdict(False, said, score=n / of)

    def parts(self, answer: Any) -> tuple[str, tuple[int, ...]]:
        """Return the text and the ticked points of an answer.

        Raises
        ------
        TypeError, ValueError
            What is neither a text nor a mapping with "text" and "ticked", or a point that does not exist.
        """
        if isinstance(answer, str):
            return answer, ()
        if not isinstance(answer, Mapping) or not isinstance(answer.get("text"), str):
            raise TypeError(f'answer={shown(answer)}: a text is needed, or {{"text": …, "ticked": […]}}')
        ticked, allowed = answer.get("ticked", ()), range(len(self.points))
        if not all(type(k) is int and k in allowed for k in need_few("ticked", ticked)):
            raise ValueError(f"ticked={shown(ticked)}: allowed are whole numbers from 0 to {allowed[-1]}")
        return answer["text"], tuple(sorted(set(ticked)))

    def solution(self) -> str:
        """Return the model answer and its points."""
        return f"**{self.answer}**\n\n" + "\n".join(f"- {point}" for point in self.points)

    def wrong_answers(self) -> Iterator[dict[str, Any]]:
        """Yield answers with one point missing."""
        for k in range(len(self.points)):
            yield {"text": self.answer, "ticked": [j for j in range(len(self.points)) if j != k]}

    def faults(self) -> Iterator[str]:
        """Yield what makes this a poor question."""
        if "\n" in self.answer.strip():
            yield "its model answer is longer than one line"
        if len(self.points) < 2:
            yield "it has fewer than two points to tick"
