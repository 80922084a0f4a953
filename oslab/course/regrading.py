"""Answers graded anew from their seeds, so that nothing a file says of itself is believed."""

from collections.abc import Iterable
from dataclasses import dataclass

from oslab.base import Instance, Several, checked
from oslab.quizzes.bank import LAST_SEED, Bank, Source, draw
from oslab.quizzes.kinds.question import Question
from oslab.quizzes.progress_file import Record

__all__ = ["Graded", "Grader"]


@dataclass(frozen=True)
class Graded:
    """One answer, graded now.

    Attributes
    ----------
    record : Record
        As it was kept.
    right : bool
        By the question as it is now.
    kind : str
        Of the question, not what the file says; '' where there is no such question.
    note : str
        '' where the file says the same; else ``"edited"`` (the same question, another verdict), ``"another version"``
        of the question, or ``"no such question"``.
    """

    record: Record
    right: bool
    kind: str
    note: str = ""


class Grader:
    """Draws each question once, however many students were asked it.

    Parameters
    ----------
    banks : sequence of Bank
        The questions that are known.
    """

    @checked(banks=Several(Instance(Bank)))
    def __init__(self, banks: Iterable[Bank]):
        self._sources: dict[tuple[str, str], Source] = {
            (bank.chapter, part): source for bank in banks for key in bank for part, source in bank.parts(key).items()
        }
        self._drawn: dict[tuple[str, str, int], tuple[Question, str]] = {}

    def grade(self, record: Record) -> Graded:
        """Return a record's answer, graded by the question that belongs to its seed."""
        key = (record.chapter, record.question)
        if key not in self._sources:
            return Graded(record, False, "", "no such question")
        if not 0 <= record.seed <= LAST_SEED:
            return Graded(record, False, "", "edited")
        drawn = (*key, record.seed)
        if drawn not in self._drawn:
            question = draw(self._sources[key], record.seed)
            self._drawn[drawn] = question, question.digest
        question, digest = self._drawn[drawn]
        try:
            verdict = question.grade(record.answer)
            right, score = verdict.right, verdict.score
        except Exception:  # what is no answer to this question; the file may hold anything
            right, score = False, -1.0
        if record.kind == question.kind and record.right == right and abs(record.score - score) < 1e-6:
            return Graded(record, right, question.kind)
        return Graded(record, right, question.kind, "edited" if record.digest == digest else "another version")
