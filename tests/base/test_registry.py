"""Registry, parameters and series: what they take and what they refuse."""

import json

import numpy as np
import pytest
from hypothesis import given, strategies as st

from oslab.base.arguments import Parameter
from oslab.base.registry import Registry
from oslab.base.series import Series


@pytest.fixture
def registry():
    found = Registry("policy")
    found.register(
        "a",
        label="A",
        summary="First.",
        source="-",
        tie_rule="-",
        parameters={"n": Parameter(3, low=1, high=9), "on": Parameter(True), "x": Parameter(0.5, low=0)},
    )(len)
    return found


def test_unknown_key_names_the_known(registry):
    with pytest.raises(ValueError, match="unknown policy 'b'; known: a"):
        registry["b"]
    with pytest.raises(KeyError):
        registry["b"]
    assert registry.get("b") is None and "b" not in registry and [] not in registry


def test_a_key_is_registered_once(registry):
    with pytest.raises(ValueError, match="registered already"):
        registry.register("a", label="A", summary="", source="", tie_rule="")


def test_options_are_completed_and_checked(registry):
    assert registry["a"].options({"n": np.int64(4)}) == {"n": 4, "on": True, "x": 0.5}


@pytest.mark.parametrize(
    "options, message",
    [
        ({"m": 1}, "m=1: 'a' has no such option; it has: n, on, x"),
        ({"n": 0}, "n=0: allowed are whole numbers from 1 to 9"),
        ({"n": 1.5}, "n=1.5: allowed"),
        ({"n": float("nan")}, "n=nan: allowed"),
        ({"n": float("inf")}, "n=inf: allowed"),
        ({"n": "3"}, "n='3': allowed"),
        ({"n": True}, "n=True: allowed"),
        ({"on": 1}, "on=1: allowed are True and False"),
        ({"x": float("nan")}, "x=nan: allowed are numbers from 0 up"),
        ({"x": -1}, "x=-1: allowed"),
    ],
)
def test_bad_options(registry, options, message):
    with pytest.raises((TypeError, ValueError), match=message):
        registry["a"].options(options)


@given(st.lists(st.lists(st.floats(0, 1e6), min_size=3, max_size=3), min_size=1, max_size=9))
def test_series_of_repeats_brackets_its_median_and_survives_json(rows):
    series = Series.of_repeats(
        "a", [1, 2, 3], rows, "ns", x_unit="MiB", origin="recorded", machine="M", date="2026-01-02"
    )
    assert (series.low <= series.median).all() and (series.median <= series.high).all() and series.repeats == len(rows)
    again = Series.from_json(json.loads(json.dumps(series.to_json())))
    assert str(again) == str(series) and np.array_equal(again.median, series.median)
    assert again.where == "recorded on M, 2026-01-02"


@pytest.mark.parametrize(
    "fields, message",
    [
        (dict(x=[1, 2], median=[1]), r"median has shape \(1,\), x has \(2,\)"),
        (dict(x=[1], median=[1], origin="guessed"), "origin='guessed'"),
        (dict(x=[1], median=[1], low=[1, 2]), "low has shape"),
    ],
)
def test_bad_series(fields, message):
    with pytest.raises(ValueError, match=message):
        Series("a", unit="ns", **fields)


def test_the_place_of_a_measurement_in_a_sentence():
    assert Series("a", [1], [2], "s", origin="this machine", machine="m").place == "here"
    assert (
        Series("a", [1], [2], "s", origin="recorded", machine="Zen 4", date="2026-01-02").place
        == "on a Zen 4, 2026-01-02"
    )
