"""Results: rows rounded once, steps that exist."""

from dataclasses import dataclass

import numpy as np
import pytest

from oslab.base.measured import Runs, both
from oslab.base.result import Result, Stepped, columns


@dataclass(frozen=True)
class Costs(Result):
    ns: np.ndarray

    def rows(self):
        return columns({"k": range(len(self.ns)), "ns": self.ns})


class Count(Stepped):
    steps = 3
    made = 0

    def _replayed(self, step):
        self.made += 1
        return "x" * step


def test_a_table_is_rounded_and_plain():
    [row, _] = Costs(np.array([1 / 3, 2])).table()
    assert row == {"k": 0, "ns": 0.3333} and type(row["ns"]) is float


def test_columns_of_unequal_length_are_refused():
    with pytest.raises(ValueError):
        list(columns({"a": [1], "b": [1, 2]}))


def test_without_rows_it_says_so():
    with pytest.raises(TypeError, match="Result defines no rows"):
        Result().table()


def test_states_are_kept_and_steps_exist():
    count = Count()
    assert [count.state(k) for k in (0, 3, 3)] == ["", "xxx", "xxx"] and count.made == 2
    for bad, kind in ((-1, ValueError), (4, ValueError), (True, TypeError), (1.0, TypeError), (None, TypeError)):
        with pytest.raises(kind, match="step="):
            count.state(bad)


def test_measured_stands_beside_recorded():
    loads = []
    runs = Runs(lambda: loads.append(1) or ["recorded"])
    assert runs.at({"n": 1}) == (["recorded"], None) and loads == [1]
    runs.keep({"n": 1}, ["here"])
    assert (
        both(*runs.at({"n": 1})) == ["recorded", "here"] and both(*runs.at({"n": 2})) == ["recorded"] and loads == [1]
    )
    runs.forget()
    assert both(*runs.at({"n": 1})) == ["recorded"]
    assert (
        both({"a": 1}, None) == {"a": 1}
        and both({"a": 1}, {"a": 3, "b": 2}) == {"a": 3, "b": 2}
        and both(None, [1]) == [1]
    )
