"""What was learned when, from kept answers."""

import pytest

from oslab import explore
from oslab.quizzes import Bank, progress
from oslab.quizzes.learning_curves import LearningCurves, learned
from tests.quizzes import example

OTHER = Bank("other", [example.pages, example.last], title="Others")


@pytest.fixture(autouse=True)
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv("OSLAB_PROGRESS", str(tmp_path / "progress.sqlite"))


def given(chapter, question, right):
    progress.record(chapter, question, 1, "number", 1, right)


def test_nothing_yet():
    found = learned(example.BANK, OTHER)
    assert found.now.tolist() == [0, 0] and found.questions.tolist() == [6, 2] and len(found.seconds) == 0
    assert str(found) == "Example 0 of 6; Others 0 of 2"


def test_first_right_answers_are_counted_once_each():
    for chapter, question, right in (
        ("example", "Q2", False),
        ("other", "Q1", True),
        ("example", "Q2", True),
        ("example", "Q2", True),
        ("example", "Q2", False),
        ("example", "Q9", True),
        ("elsewhere", "Q1", True),
        ("example", "Q1b", True),
    ):
        given(chapter, question, right)
    found = learned(example.BANK, OTHER)
    assert found.right.tolist() == [[0, 1], [1, 1], [2, 1]]
    assert found.seconds[0] == 0 and (found.seconds[1:] >= found.seconds[:-1]).all()
    assert found.table()[1] == {"chapter": "Others", "right": 1, "of": 2}


def test_the_picture_follows():
    def shown():
        return learned(example.BANK, OTHER)

    lab = explore(LearningCurves)(shown).lab
    assert lab.canvas.view.title == "0 of 8 questions answered right"
    given("other", "Q2", True)
    lab.result = None
    lab._refresh()
    assert lab.canvas.view.title == "1 of 8 questions answered right" and "Others 1 of 2" in lab.text and not lab.error
    lab.close()


def test_what_is_no_bank_is_refused():
    for banks in ((), ("memory",)):
        with pytest.raises((TypeError, ValueError), match=r"banks( has|\[0\]=)"):
            learned(*banks)
