"""Laws of grading, for every kind of question."""

import itertools
import math
import re

import pytest
from hypothesis import given, settings, strategies as st

from oslab.quizzes import Choice, Choices, Match, Number, Order, Written, check_question, traps
from oslab.quizzes.kinds.number import as_number
from tests.quizzes import example

TEXTS = st.text(st.characters(codec="utf-8", categories=("L", "N", "P")), min_size=1, max_size=8)
EVERY = [part for key in example.BANK for part in example.BANK.draw(key, 3).values()]


@pytest.mark.parametrize("question", EVERY, ids=lambda q: q.kind)
def test_key_is_right_and_has_full_score(question):
    verdict = question.grade(question.key)
    assert verdict.right and verdict.score == 1 and verdict.tempting is None
    assert str(verdict).startswith("Right.")


@pytest.mark.parametrize("question", EVERY, ids=lambda q: q.kind)
def test_wrong_answers_are_wrong(question):
    answers = list(question.wrong_answers())
    assert answers
    for answer in answers:
        verdict = question.grade(answer)
        assert not verdict.right and 0 <= verdict.score < 1
        assert str(verdict).startswith("Not yet.")


@given(TEXTS, st.dictionaries(TEXTS, TEXTS, min_size=1, max_size=6), st.integers(0, 2**31 - 1))
@settings(max_examples=40)
def test_choice_has_one_right_option_and_shows_all(right, wrong, seed):
    wrong.pop(right, None)
    question = Choice("Which?", right, wrong, why="So.")
    shown = question.options(seed)
    assert sorted(shown) == sorted([right, *wrong]) and shown == question.options(seed)
    assert [o for o in shown if question.grade(o).right] == [right]
    assert all(question.grade(o).tempting == wrong[o] for o in shown if o != right)


@given(st.sets(TEXTS, max_size=4), st.sets(TEXTS, max_size=4))
@settings(max_examples=40)
def test_choices_take_exactly_the_right_set(right, wrong):
    wrong -= right
    question = Choices("Which?", right, {o: "because" for o in wrong}, why="So.")
    every = sorted(right | wrong)
    sets = itertools.chain.from_iterable(itertools.combinations(every, n) for n in range(len(every) + 1))
    assert [set(s) for s in sets if question.grade(s).right] == [right]


@given(st.lists(TEXTS, min_size=2, max_size=5, unique=True))
@settings(max_examples=30)
def test_order_takes_one_order_and_never_shows_it(items):
    question = Order("Order!", items, {}, why="So.")
    assert [p for p in itertools.permutations(items) if question.grade(p).right] == [tuple(items)]
    assert all(sorted(question.options(s)) == sorted(items) and question.options(s) != tuple(items) for s in range(8))


@given(st.dictionaries(TEXTS, TEXTS, min_size=2, max_size=5), st.data())
@settings(max_examples=40)
def test_match_score_is_the_share_of_right_pairs(right, data):
    question = Match("Match!", right, {}, why="So.")
    answer = {item: data.draw(st.sampled_from(question.options(0))) for item in right}
    verdict = question.grade(answer)
    good = sum(answer[item] == right[item] for item in right)
    assert verdict.score == pytest.approx(good / len(right)) and verdict.right == (good == len(right))


@given(st.floats(-1e12, 1e12), st.floats(0, 0.2), st.floats(0, 100), st.floats(-1e12, 1e12))
@settings(max_examples=100)
def test_number_takes_what_lies_within_the_larger_tolerance(key, relative, absolute, value):
    question = Number("How many ms?", key, "ms", {}, why="So.", relative=relative, absolute=absolute)
    reach = max(relative * abs(key), absolute)
    if abs(abs(value - key) - reach) > 1e-6 * max(1.0, abs(key)):
        assert question.grade(value).right == (abs(value - key) < reach)


@given(st.integers(-(10**12), 10**12))
@settings(max_examples=50)
def test_whole_numbers_without_tolerance_are_exact(key):
    question = Number("How many pages?", key, "pages", {}, why="So.")
    assert question.grade(key).right and question.grade(str(key)).right
    if abs(key) < 10**8:
        assert not question.grade(key + 1).right


@pytest.mark.parametrize(
    "text, value",
    [
        ("12", 12),
        (" 1 000 ", 1000),
        ("1\u202f000", 1000),
        ("2.5", 2.5),
        ("1e6", 1e6),
        ("0x1F", 31),
        ("3/8", 0.375),
        ("12 ms", 12),
        ("12MS", 12),
        ("\u22123", -3),
        ("1_000", 1000),
    ],
)
def test_numbers_as_people_write_them(text, value):
    assert as_number(text, "ms") == value


@pytest.mark.parametrize("text", ["", "  ", "abc", "1,5", "1/0", "nan", "inf", "1e999", "0x", "ms", "1 2 3 x", "<b>"])
def test_what_is_no_number_gets_a_sentence(text):
    with pytest.raises(ValueError) as caught:
        as_number(text, "ms")
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize("text, unit", [("9 faulty", "faults"), ("4 KB", "bytes"), ("2^10", "MiB"), ("many", "%")])
def test_a_number_that_is_refused_names_the_unit(text, unit):
    with pytest.raises(ValueError, match=f"“{re.escape(text)}” cannot be read: write the number of {unit} alone"):
        as_number(text, unit)


def test_a_unit_in_the_singular_is_taken():
    assert as_number("1 fault", "faults") == 1 and as_number("3 ms", "ms") == 3 and as_number("5 s", "s") == 5


def test_a_number_without_end_is_answered_in_short():
    said = Number("How many ms?", 8, "ms", {5: "r"}, why="So.").grade("1e300").why
    assert said == "That is too high."


def test_number_says_why_a_wrong_value_is_tempting():
    question = Number("What time, in ms?", 8, "ms", {5: "That is the burst.", 3: "That is the wait."}, why="5 + 3.")
    assert question.grade(5).tempting == "That is the burst."
    assert "sign" in question.grade(-8).tempting
    assert "1\u202f000" in question.grade(8000).tempting and "1\u202f024" in question.grade(8 * 1024).tempting
    assert question.grade(6).tempting is None and "low" in question.grade(6).why


def test_number_prefers_the_nearest_of_two_listed_values():
    question = Number("What time, in ms?", 100, "ms", {10: "ten", 11: "eleven"}, why="So.", absolute=1)
    assert question.grade(10.8).tempting == "eleven" and question.grade(10.2).tempting == "ten"


def test_written_counts_ticks():
    scores = [example.WRITTEN.grade({"text": "x", "ticked": range(n)}).score for n in range(4)]
    assert scores == [0, pytest.approx(1 / 3), pytest.approx(2 / 3), 1]


def test_order_tells_how_far_it_stands_right():
    question = Order("Order!", "abcd", {("c", "b"): "c looks first"}, why="So.")
    verdict = question.grade(list("acbd"))
    assert "first one is in its place" in verdict.why and verdict.tempting == "c looks first"


BAD_ANSWERS = [
    (example.last(1), "task 77"),
    (example.last(1), None),
    (example.CHOICES, "TLB misses"),
    (example.CHOICES, ["x"]),
    (example.ORDER, ["PGD"]),
    (example.ORDER, "PGD"),
    (example.MATCH, {"order": "circular wait"}),
    (example.MATCH, []),
    (example.MATCH, {"order": "x", "all at once": "x", "force": "x"}),
    (example.pages(1), math.nan),
    (example.pages(1), True),
    (example.pages(1), [1]),
    (example.WRITTEN, "  "),
    (example.WRITTEN, {"ticked": [0]}),
    (example.WRITTEN, {"text": "x", "ticked": [9]}),
]


@pytest.mark.parametrize("question, answer", BAD_ANSWERS)
def test_what_is_no_answer_is_refused(question, answer):
    with pytest.raises((TypeError, ValueError)):
        question.grade(answer)


@pytest.mark.parametrize(
    "make, named",
    [
        (lambda: Choice("", "a", {"b": "c"}), "prompt"),
        (lambda: Choice("?", "a", {"a": "c"}), "wrong='a'"),
        (lambda: Choice("?", "a", {"b": ""}), "wrong"),
        (lambda: Choices("?", "ab", {}), "right='ab'"),
        (lambda: Number("?", math.inf, "ms", {}), "right=inf"),
        (lambda: Number("?", 1, "", {}), "unit"),
        (lambda: Number("?", 1, "ms", [(2, "a"), (2, "b")]), "given twice"),
        (lambda: Number("?", 1, "ms", {}, relative=-1), "relative=-1"),
        (lambda: Order("?", ["a", "a"], {}), "right="),
        (lambda: Order("?", "ab", {("a", "z"): "r"}), "wrong="),
        (lambda: Match("?", {"a": "b"}, {}), "right="),
        (lambda: Match("?", {"a": "b", "c": "d"}, {("a", "b"): "r"}), "wrong="),
        (lambda: Written("?", "a", []), "points="),
        (lambda: Choice("?", "a", {}, picture=b"x"), "picture_alt"),
    ],
)
def test_a_question_that_cannot_be_asked_is_refused(make, named):
    with pytest.raises((TypeError, ValueError), match=named):
        make()


@given(st.integers(-50, 50), st.lists(st.tuples(st.integers(-50, 50), TEXTS), max_size=8), st.floats(0, 5))
@settings(max_examples=60)
def test_traps_stay_clear_of_the_key_and_of_each_other(key, pairs, absolute):
    kept = traps(key, *pairs, absolute=absolute)
    assert all(abs(a - b) > 2 * absolute for a, b in itertools.combinations([key, *kept], 2))
    question = Number("How many ms?", key, "ms", kept, why="So.", absolute=absolute)
    if kept:
        check_question(question)
