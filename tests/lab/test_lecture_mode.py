"""Lecture mode: labs that are open and labs to come follow it; the seed comes in sight."""

from dataclasses import dataclass

import pytest

from oslab import explore, lecture, slider
from oslab.lab.lecture_mode import lecturing
from oslab.picture.view import View


@pytest.fixture(autouse=True)
def off_again():
    yield
    lecture(False)


@dataclass(frozen=True)
class Total:
    value: int


class TotalView(View):
    def update(self, result, step=None, measured=None):
        self.title = str(result.value)

    def describe(self, result, step=None, measured=None):
        return f"The total is {result.value}."


def make(name):
    def many(a=1, b=1, c=1, d=1, e=1, f=1, seed=3):
        return Total(a + b + c + d + e + f + seed)

    many.__qualname__ = name
    return explore(TotalView, **{letter: slider(1, 4) for letter in "abcdef"})(many).lab


def test_open_labs_and_new_ones_follow():
    before = make("before")
    assert not before._screen.lecture
    lecture()
    after = make("after")
    assert lecturing() and before._screen.lecture and after._screen.lecture
    lecture(False)
    assert not before._screen.lecture and not after._screen.lecture


def test_the_seed_is_in_sight():
    lab = make("seeded")
    seed, shelf = lab.controls["seed"], lab._panel._shelf
    assert seed not in shelf.children
    lecture()
    assert seed in shelf.children
    lecture(False)
    assert seed not in shelf.children


def test_only_yes_or_no():
    with pytest.raises(TypeError, match="on=1"):
        lecture(1)
