"""Chapter 3's questions, drawn from many seeds."""

import pytest

from oslab.lab.quizzes import check_bank
from oslab.memory import QUIZ, questions


def test_the_bank_is_sound():
    check_bank(QUIZ, range(1, 25))


@pytest.mark.parametrize("ask", [questions.reads_with_large_pages, questions.faults_with_one_frame_more,
                                 questions.clock_meets_a_used_page, questions.twice_the_memory,
                                 questions.pages_after_slicing, questions.walks_beyond_the_reach,
                                 questions.walks_after_a_switch])
def test_predictions_are_sound(ask):
    question = ask(1)
    assert list(question.faults()) == [] and question.grade(question.key).right
    assert all(not question.grade(answer).right for answer in question.wrong_answers())
