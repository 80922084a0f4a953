"""The check of banks passes good ones and finds every planted bug, by name."""

import itertools

import pytest

from oslab.quizzes import Bank, Choice, Choices, Number, Order, Verdict, Written, check_bank
from tests.quizzes import example

REASON = {"b": "It looks so."}


def test_a_good_bank_passes():
    check_bank(example.BANK, range(1, 30))


class Lenient(Choice):
    """A bug: every option is right."""

    def grade(self, answer):
        return Verdict(True, "fine", score=1.0)


class Strict(Number):
    """A bug: not even the key is right."""

    def grade(self, answer):
        return Verdict(False, "no")


class Loose(Order):
    """A bug: the first item is enough."""

    def grade(self, answer):
        return Verdict(answer[0] == self.right[0], "hm", score=float(answer[0] == self.right[0]))


def _number(**changes):
    given = {"prompt": "How many ms?", "right": 10, "unit": "ms", "wrong": {5: "Half."}, "why": "So."} | changes
    return Number(**given)


PLANTED = {
    "every option is right": (Lenient("?", "a", REASON, why="So."), "graded right"),
    "no answer is right": (Strict("How many ms?", 1, "ms", {2: "Two."}, why="So."), "its own key|own reason"),
    "first item is enough": (Loose("?", "abc", {("b", "a"): "r"}, why="So."), "is graded right"),
    "tolerance takes a wrong value": (_number(absolute=6), "accepts the listed wrong value 5"),
    "two wrong values alike": (_number(wrong={5: "Half.", 5.5: "More."}, absolute=1), "does not tell"),
    "unit not in the prompt": (_number(prompt="How many?"), "does not name the unit 'ms'"),
    "no tempting value": (_number(wrong={}), "no tempting wrong value"),
    "recomputed otherwise": (_number(recompute=lambda: 11), "once more it is 11"),
    "no explanation": (_number(why=""), "does not say why"),
    "same option twice": (Choice("?", "Page  3", {"page 3": "r"}, why="So."), "offered twice"),
    "nothing wrong offered": (Choice("?", "a", {}, why="So."), "no wrong option"),
    "two options": (Choices("?", ["a"], REASON, why="So."), "fewer than three"),
    "choices recomputed otherwise": (Choices("?", ["a", "c"], REASON, why="So.", recompute=lambda: {"a"}), "once more"),
    "order without trap": (Order("?", "abc", {}, why="So."), "tempting"),
    "trap in the right order": (Order("?", "abc", {("a", "b"): "r"}, why="So."), "stands so in the right order"),
    "one point": (Written("?", "a", ["b"]), "fewer than two points"),
    "long model answer": (Written("?", "a\nb", ["b", "c"]), "longer than one line"),
}


@pytest.mark.parametrize("question, said", PLANTED.values(), ids=PLANTED)
def test_a_planted_bug_is_found_and_named(question, said):
    with pytest.raises(ValueError, match=said) as caught:
        check_bank(Bank("planted", [example.pages, question]))
    assert "planted Q2 (" in str(caught.value)


def _always(seed):
    return example.pages(1)


_count = itertools.count()


def _restless(seed):
    return example.pages(next(_count))


def _broken(seed):
    raise ZeroDivisionError("no frames")


def _sometimes(seed):
    return _number(right=seed, wrong={5: "Five."})


@pytest.mark.parametrize(
    "source, said",
    [
        (_always, "same question for the seeds"),
        (_restless, "drawn twice"),
        (_broken, "cannot be made: no frames"),
        (_sometimes, r"_sometimes\), seed 5: .*accepts the listed wrong value 5"),
        (lambda seed: 3, "a question is needed"),
    ],
)
def test_a_planted_bug_in_a_function_is_found(source, said):
    with pytest.raises(ValueError, match=said):
        check_bank(Bank("planted", [source]))


def test_one_seed_is_not_enough():
    with pytest.raises(ValueError, match="seeds"):
        check_bank(example.BANK, [1])


@pytest.mark.parametrize("entries", [[], [3], [()], ["text"]])
def test_what_is_no_bank_is_refused(entries):
    with pytest.raises((TypeError, ValueError), match="entries"):
        Bank("planted", entries)


def test_parts_have_keys_and_share_a_seed():
    assert list(example.BANK.parts("Q1")) == ["Q1a", "Q1b"] and list(example.BANK.parts("Q2")) == ["Q2"]
    with pytest.raises(KeyError, match="Q1, Q2"):
        example.BANK["Q9"]
