"""Chapter 3's questions, drawn from many seeds."""

import pytest

from oslab.memory import QUIZ
from oslab.memory.questions import predictions
from oslab.quizzes import check_bank


def test_the_bank_is_sound():
    check_bank(QUIZ, range(1, 25))


@pytest.mark.parametrize(
    "ask",
    [
        predictions.reads_with_large_pages,
        predictions.faults_with_one_frame_more,
        predictions.clock_meets_a_used_page,
        predictions.twice_the_memory,
        predictions.pages_after_slicing,
        predictions.walks_beyond_the_reach,
        predictions.walks_after_a_switch,
        predictions.reads_of_three_epochs,
    ],
)
def test_predictions_are_sound(ask):
    question = ask(1)
    assert list(question.faults()) == [] and question.grade(question.key).right
    assert all(not question.grade(answer).right for answer in question.wrong_answers())
