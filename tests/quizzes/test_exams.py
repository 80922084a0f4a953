"""Exams: drawn evenly, graded by the first answer, scored by chapter, with a clock."""

import pytest

from oslab.quizzes import Bank, exam
from oslab.quizzes.exams import Exam, draw_exam
from oslab.quizzes.progress_file import Store
from tests.quizzes import example

OTHER = Bank("other", [example.pages, example.last])
BANKS = (example.BANK, OTHER)


def sheet(questions=5, seed=1, minutes=None, clock=lambda: 0.0):
    return Exam(BANKS, questions, seed, minutes, Store(None), clock)


@pytest.mark.parametrize("seed", range(12))
def test_it_draws_evenly_and_nothing_written(seed):
    drawn = draw_exam(BANKS, 4, seed)
    assert sorted(bank.chapter for bank, *_ in drawn) == ["example", "example", "other", "other"]
    assert len({(bank.chapter, part) for bank, part, *_ in drawn}) == 4
    assert all(box.question.kind != "written" for box in sheet(9, seed).boxes.values())
    assert len(draw_exam(BANKS, 99, seed)) == 7


def test_a_seed_draws_the_same_and_another_something_else():
    drawn = [draw_exam(BANKS, 3, seed) for seed in (1, 1, *range(2, 12))]
    assert drawn[0] == drawn[1] and any(other != drawn[0] for other in drawn[2:])


def test_the_first_answer_counts():
    made = sheet()
    names = list(made.boxes)
    wrong, right = names[0], names[1:]
    assert not made.answer(wrong, next(iter(made.questions[wrong].wrong_answers()))).right
    assert made.answer(wrong, made.questions[wrong].key).right
    for name in right[:-1]:
        made.answer(name, made.questions[name].key)
    score = made.hand_in()
    assert (sum(score.right), sum(score.asked)) == (3, 5)
    missed = {f"{chapter} {key}" for chapter, keys in score.missed.items() for key in keys}
    assert missed == {wrong, right[-1]}
    assert "3 of 5 right at the first answer" in made._report.value and "3 of 5" in str(score)


def test_late_answers_do_not_count():
    now = [0.0]
    made = sheet(minutes=2, clock=lambda: now[0])
    first, second, third, *_ = made.boxes
    made.answer(first, made.questions[first].key)
    made.start()
    now[0] = 119
    made.answer(second, made.questions[second].key)
    now[0] = 121
    made.answer(third, made.questions[third].key)
    assert sum(made.hand_in().right) == 2


def test_drawn_again_it_starts_anew():
    made = sheet()
    before, text = dict(made.questions), made.text
    name = next(iter(before))
    made.answer(name, before[name].key)
    made._seeds.button.click()
    assert made.seed == 2 and made.questions != before and sum(made.hand_in().right) == 0
    assert made.text == text
    made._seeds.field.value = 1
    assert made.questions == before


def test_wrong_arguments_are_named():
    for wrong, said in (({"questions": 0}, "questions=0"), ({"minutes": 0}, "minutes=0"), ({"seed": -1}, "seed=-1")):
        with pytest.raises(ValueError, match=said):
            exam(example.BANK, **wrong)
    for banks in ((), ("memory",)):
        with pytest.raises((TypeError, ValueError), match=r"banks( has|\[0\]=)"):
            exam(*banks)
    with pytest.raises(KeyError, match="Exam has"):
        sheet().answer("nothing", 1)
