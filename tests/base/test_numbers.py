"""Numbers in words: never an exponent, never a minus before nothing, never "1 threads"."""

import re

import pytest
from hypothesis import given, strategies as st

from oslab.base.numbers import duration, plural, quantity, readable, rounded


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_never_an_exponent(value):
    for said in (readable(value), quantity(value, "ms"), duration(value)):
        assert "e" not in said.replace("unknown", "") and not re.match(r"-0(\.0*)?( |$)", said)


@given(st.floats(-1e12, 1e12))
def test_to_three_digits(value):
    said = float(readable(value).replace("\u202f", ""))
    assert said == pytest.approx(value, rel=0.0051) or abs(value) >= 999 and abs(said - value) <= 0.5


@pytest.mark.parametrize(
    "value, said",
    [
        (0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (999.4, "999"),
        (999.6, "1\u202f000"),
        (1_234_567, "1\u202f234\u202f567"),
        (0.05, "0.05"),
        (30_000.0, "30\u202f000"),
        (100.0, "100"),
        (1e-5, "0.00001"),
    ],
)
def test_examples(value, said):
    assert readable(value) == said


@pytest.mark.parametrize(
    "seconds, said",
    [
        (0, "0 ns"),
        (1.5, "1.5 s"),
        (0.9999, "1 s"),
        (0.0125, "12.5 ms"),
        (3e-9, "3 ns"),
        (2e-13, "0 ns"),
        (-0.25, "-250 ms"),
    ],
)
def test_durations(seconds, said):
    assert duration(seconds) == said


def test_plurals():
    assert [plural(n, "thread") for n in (0, 1, 2, 1.0)] == ["0 threads", "1 thread", "2 threads", "1 thread"]
    assert plural(2, "try", "tries") == "2 tries"


def test_rounding_leaves_the_rest_alone():
    assert rounded(True) is True and rounded("a") == "a" and rounded(None) is None and rounded((1.23456,)) == (1.23456,)
    assert str(rounded(-1e-320 * 0)) == "0.0" and rounded(123456) == 123456 and rounded(1.23456) == 1.235
