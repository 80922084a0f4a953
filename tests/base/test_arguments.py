"""Arguments: what is accepted is of one type, what is not is named, cut and explained."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, strategies as st

from oslab.base.arguments import (
    SEED,
    Array,
    Instance,
    Parameter,
    Several,
    checked,
    choice,
    flag,
    integer,
    real,
    shown,
    text,
)

NO_NUMBERS = [
    None,
    "3",
    b"3",
    True,
    np.True_,
    np.int8(3),
    Fraction(3),
    Decimal(3),
    [3],
    np.array(3),
    np.array([3]),
    3j,
    ...,
]


@pytest.mark.parametrize("value", [*NO_NUMBERS, 3.0, np.float64(3)], ids=repr)
def test_no_whole_number(value):
    with pytest.raises(TypeError, match=r"n=.*allowed are whole numbers from 1 to 8"):
        integer(1, 8).check("n", value)


@pytest.mark.parametrize("value", NO_NUMBERS, ids=repr)
def test_no_number(value):
    with pytest.raises(TypeError, match=r"x=.*allowed are numbers from 0 up"):
        real(0).check("x", value)


@pytest.mark.parametrize("value", [3, np.int64(3), np.uint64(3), 3.0, np.float64(3), np.float32(3)], ids=repr)
def test_a_number_becomes_a_plain_float(value):
    found = real(0, 8).check("x", value)
    assert found == 3 and type(found) is float


def test_a_whole_number_becomes_a_plain_int():
    assert [type(integer().check("n", v)) for v in (3, np.int64(3), np.uint64(3))] == [int, int, int]


@pytest.mark.parametrize(
    "parameter, value, said",
    [
        (integer(1, 8), 9, "n=9: allowed are whole numbers from 1 to 8"),
        (integer(1), 0, "n=0: allowed are whole numbers from 1 up"),
        (integer(1), 10**30, "allowed are whole numbers from 1 up"),
        (integer(0, 2**40 - 1), -1, r"from 0 to 2\*\*40 - 1"),
        (real(0, above=True), 0, "n=0: allowed are numbers above 0"),
        (real(0, 1, above=True), 0.0, "allowed are numbers above 0 to 1"),
        (real(high=5), 6, "allowed are numbers up to 5"),
        (real(0, 1), float("nan"), "n=nan: allowed are numbers from 0 to 1"),
        (real(), float("inf"), "n=inf: allowed are numbers"),
        (real(), -(10**400), "allowed are numbers"),
        (choice(("fifo", "lru")), "opt", "n='opt': allowed are 'fifo', 'lru'"),
        (choice((4, 5)), 6, "n=6: allowed are 4, 5"),
        (text(5), "x" * 1000, "1000 characters: allowed are texts of at most 5"),
        (integer(1, optional=True), 0, "from 1 up, or None"),
    ],
)
def test_out_of_range(parameter, value, said):
    with pytest.raises(ValueError, match=said):
        parameter.check("n", value)


@pytest.mark.parametrize(
    "parameter, value",
    [
        (choice(("a",)), ["a"]),
        (choice((1, 2)), True),
        (choice(("a",)), np.array("a")),
        (flag(), 1),
        (flag(), "no"),
        (text(), 5),
    ],
)
def test_another_type(parameter, value):
    with pytest.raises(TypeError, match="n="):
        parameter.check("n", value)


def test_none_only_where_it_is_allowed():
    assert integer(1, optional=True).check("n", None) is None
    assert Several(integer(), optional=True).check("n", None) is None
    with pytest.raises(TypeError):
        integer(1).check("n", None)


@given(
    st.one_of(
        st.text(),
        st.binary(),
        st.lists(st.integers()),
        st.integers(),
        st.floats(),
        st.dictionaries(st.text(), st.text()),
    )
)
def test_a_value_is_shown_short(value):
    assert 0 < len(shown(value)) <= 80


@pytest.mark.parametrize(
    "value",
    ["x" * 10**7, [1] * 10**7, 10**5000, np.zeros(10**6), "\ud800" * 100],
    ids=["text", "list", "int", "array", "lone"],
)
def test_a_huge_value_is_shown_short(value):
    assert 0 < len(shown(value)) <= 80


def test_a_repr_that_raises_is_shown_by_its_type():
    class Bad:
        def __repr__(self):
            raise RuntimeError

    assert shown(Bad()) == "<Bad>" or "Bad" in shown(Bad())


def test_several_names_the_item():
    rows = Several(integer(0, 9), least=2, most=4)
    assert rows.check("v", [1, 2]) == (1, 2) == rows.check("v", np.array([1, 2])) and rows.check("v", range(1, 3)) == (
        1,
        2,
    )
    for bad, said in (([1], "2 to 4"), ([1] * 5, "2 to 4"), ([1, 10], r"v\[1\]=10"), ([1, True], r"v\[1\]=True")):
        with pytest.raises((TypeError, ValueError), match=said):
            rows.check("v", bad)
    for bad in ("12", 5, None, {1, 2}, np.array([[1, 2]])):
        with pytest.raises(TypeError, match="v"):
            rows.check("v", bad)


def test_several_of_several():
    assert Several(Several(real(0))).check("v", [[1, 2], [3]]) == ((1.0, 2.0), (3.0,))
    with pytest.raises(TypeError, match=r"v\[0\]\[1\]="):
        Several(Several(real(0))).check("v", [[1, None]])


@pytest.mark.parametrize(
    "bad",
    ["12", 5, None, [[1, 2]], [1, "a"], [1, None], [[1], [2, 3]], np.array([True]), np.array([1], object)],
    ids=repr,
)
def test_no_array(bad):
    with pytest.raises(TypeError, match="a="):
        Array(int, low=0).check("a", bad)


@pytest.mark.parametrize(
    "kind, bad, said",
    [
        (int, [1, -1], r"a\[1\]=-1: allowed are whole numbers from 0 up"),
        (int, [1, 1.5], r"a\[1\]=1.5"),
        (int, [], "0 items"),
        (float, [0, float("nan")], r"a\[1\]=nan"),
        (float, [float("inf")], r"a\[0\]=inf"),
        (int, [0] * 11, "11 items|at most 10"),
    ],
)
def test_an_array_names_what_is_wrong(kind, bad, said):
    with pytest.raises(ValueError, match=said):
        Array(kind, low=0, most=10).check("a", bad)


def test_an_array_is_contiguous_and_of_one_type():
    found = Array(int).check("a", np.arange(10, dtype=np.int8)[::2])
    assert found.dtype == np.int64 and found.flags.c_contiguous and found.tolist() == [0, 2, 4, 6, 8]
    assert Array(float, ndim=2).check("a", [[1, 2]]).dtype == np.float64


def test_checked_keeps_the_function_and_its_declarations():
    @checked(frames=integer(1, 8), seed=SEED)
    def run(frames=3, seed=1, **options):
        """Run."""
        return frames, seed, options

    assert run(np.int64(5), other=1) == (5, 1, {"other": 1}) and run.__doc__ == "Run." and run() == (3, 1, {})
    assert run.parameters["frames"].high == 8 and run.parameters["frames"].default == 3
    for bad in ({"frames": 9}, {"frames": None}, {"seed": -1}, {"seed": np.array([[1]])}):
        with pytest.raises((TypeError, ValueError), match=f"{next(iter(bad))}="):
            run(**bad)
    with pytest.raises(TypeError, match="no parameter nosuch"):
        checked(nosuch=integer())(run)


def test_checked_checks_a_generator_when_it_is_called():
    @checked(n=integer(1, 8))
    def count(n):
        yield from range(n)

    with pytest.raises(ValueError, match="n=9"):
        count(9)
    assert list(count(2)) == [0, 1]


def test_instance():
    assert Instance((int, str)).check("x", 3) == 3
    with pytest.raises(TypeError, match="x=1.5: allowed is a int or str"):
        Instance((int, str)).check("x", 1.5)


def test_the_default_gives_the_type():
    assert Parameter(2.0, low=0).check("x", 3) == 3.0 and Parameter(True).check("x", False) is False
