"""What was recorded and what was measured here, side by side."""

from oslab.base.measured import Runs, both


def test_both_are_given():
    assert both(["r"], ["h"]) == ["r", "h"] and both(["r"], None) == ["r"] and both(None, ["h"]) == ["h"]
    assert both({"a": ["r"], "b": ["r"]}, {"a": ["h"], "c": ["h"]}) == {"a": ["r", "h"], "b": ["r"], "c": ["h"]}


def test_of_other_data_what_was_measured_here():
    assert both("r", "h") == "h" and both({"a": 1, "b": 2}, {"a": 3}) == {"a": 3, "b": 2}


def test_kept_by_setting():
    runs = Runs(lambda: ["r"])
    runs.keep({"n": 1}, ["h"])
    assert runs.at({"n": 1}) == (["r"], ["h"]) and runs.at({"n": 2}) == (["r"], None)
    runs.forget()
    assert runs.at({"n": 1}) == (["r"], None)
