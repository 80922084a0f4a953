"""The check that every wing's tests put on its questions."""

import math
from collections.abc import Iterable, Iterator
from typing import Any

from oslab.base import Instance, Several, checked, shown
from oslab.quizzes.bank import SEED, Bank, Source, draw, needs_seed
from oslab.quizzes.kinds.question import Question

__all__ = ["check_bank", "check_question"]

MANY = 200


@checked(bank=Instance(Bank), seeds=Several(SEED))
def check_bank(bank: Bank, seeds: Iterable[int] = range(1, 9)) -> None:
    """Raise if any question of a bank, drawn from any of the seeds, is a poor or a wrong one.

    See `check_question` for what is looked at; besides, a function must make the same question from the same
    seed and not the same one from all of them.

    Parameters
    ----------
    bank : Bank
    seeds : iterable of int, optional
        At least two.

    Raises
    ------
    ValueError
        The first fault found; the chapter, the question, its function and the seed are named.
    """
    seeds = list(seeds)
    if len(set(seeds)) < 2:
        raise ValueError(f"seeds={shown(seeds)}: two or more different ones are needed")
    for key in bank:
        for part, source in bank.parts(key).items():
            _check_source(bank.name(part), source, seeds)


def _check_source(name: str, source: Source, seeds: list[int]) -> None:
    drawn = []
    for seed in seeds if needs_seed(source) else seeds[:1]:
        try:
            question = draw(source, seed)
            again = draw(source, seed)
        except Exception as error:
            raise ValueError(f"{name}, seed {seed}: cannot be made: {error}") from error
        if question != again or question.options(seed) != again.options(seed):
            raise ValueError(f"{name}, seed {seed}: drawn twice it is not the same question")
        try:
            check_question(question, seed)
        except ValueError as error:
            raise ValueError(f"{name}, seed {seed}: {error}") from error
        drawn.append(question)
    if needs_seed(source) and all(question == drawn[0] for question in drawn):
        raise ValueError(f"{name}: it is the same question for the seeds {seeds}")


@checked(question=Instance(Question))
def check_question(question: Question, seed: int = 1) -> None:
    """Raise if a question is a poor or a wrong one.

    It needs a reason why the key is right; options that differ; a key that is graded right, and is what
    `recompute` returns; no listed wrong answer, nor any other one tried, that is graded right; a reason for
    every tempting one; a solution; and what its kind asks for (a prompt that names the unit, a tolerance that
    keeps the listed wrong values out, orders and pairs that are possible).

    Parameters
    ----------
    question : Question
    seed : int
        For the order of what is offered.

    Raises
    ------
    ValueError
        The first fault found.
    """
    for fault in _faults(question, seed):
        raise ValueError(fault)


def _faults(question: Question, seed: int) -> Iterator[str]:
    if question.kind != "written" and not question.why.strip():
        yield "it does not say why its key is right"
    if question.hint and question.hint == question.why:
        yield "its hint is its explanation"
    options = question.options(seed)
    folded = [" ".join(option.split()).casefold() for option in options]
    for option, text in zip(options, folded, strict=True):
        if folded.count(text) > 1:
            yield f"the option {option!r} is offered twice"
    yield from question.faults()
    yield from _key_faults(question)
    for n, answer in enumerate(question.wrong_answers()):
        verdict = question.grade(answer)
        if verdict.right:
            yield f"the wrong answer {answer!r} is graded right (the key is {question.key!r})"
        if not 0 <= verdict.score < 1:
            yield f"the wrong answer {answer!r} has the score {verdict.score}"
        if n >= MANY:
            break
    if not question.solution().strip():
        yield "it has no solution"


def _key_faults(question: Question) -> Iterator[str]:
    verdict = question.grade(question.key)
    if not verdict.right or verdict.score != 1:
        yield f"its own key {question.key!r} is graded wrong"
    if question.recompute is not None:
        other = question.recompute()
        if not _same(question.key, other):
            yield f"its key is {question.key!r}, worked out once more it is {other!r}"


def _same(key: Any, other: Any) -> bool:
    if isinstance(key, float):
        return math.isclose(key, float(other), rel_tol=1e-9)
    return key == (type(key)(other) if isinstance(key, frozenset | tuple) else other)
