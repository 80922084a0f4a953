"""Whatever is handed to a public function of chapter 7: a sentence that names the argument, no crash and no hang."""

import inspect
import signal
import threading
from contextlib import contextmanager
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from oslab import ai

BAD = {
    "None": None,
    "array of no dimension": np.array(3),
    "array": np.arange(3.0),
    "array of objects": np.array([None, "a"], object),
    "fraction": Fraction(1, 3),
    "decimal": Decimal("1.5"),
    "int8": np.int8(3),
    "bool": True,
    "nan": float("nan"),
    "inf": float("inf"),
    "-inf": float("-inf"),
    "empty text": "",
    "long text": "x" * 10**6,
    "lone surrogate": "\ud800",
    "huge": 10**30,
    "-huge": -(10**30),
    "negative": -1,
    "long list": [0] * 10**6,
    "endless range": range(10**12),
    "complex": 1j,
    "set": {1},
}
SECONDS = 5
CALLED = [
    (name, parameter.name)
    for name, function in ((name, getattr(ai, name)) for name in ai.__all__)
    if inspect.isfunction(function) or name in ("Evidence", "Group", "LoopSettings", "Requests")
    for parameter in inspect.signature(function).parameters.values()
    if parameter.kind not in (parameter.VAR_KEYWORD, parameter.VAR_POSITIONAL) and name != "node_table"
]
NEEDED = {
    "divide": {"root": ai.Group("", children=(ai.Group("a", 1.0),)), "cpus": 4},
    "why": {"pid_or_command": 4_194_000},
    "group_commands": {"root": ai.Group("", children=(ai.Group("a", 1.0),))},
    "diagnose": {"e": ai.Evidence(10.0, 100, 1.0, 0.0, 2e10, 9.0, 0.2, 0.1, 50.0, 0.0, 1, 5.0, 0.1)},
    "fluid_run": {"quota": 25.0, "period": 100.0, "running": 2},
    "Group": {"name": "a"},
    "Evidence": dict(zip(("seconds", "steps", "data", "bytes", "roof", "run", "wait", "system", "faults", "stopped", "loaders"),
                         (10.0, 100, 1.0, 0.0, 2e10, 9.0, 0.2, 0.1, 50.0, 0.0, 1))),
}  # fmt: skip
MEASURE = {"observe", "run_under_quota", "why"}  # nothing is run with what a sound value would start


@contextmanager
def no_longer_than(seconds):
    """Raise in this block where it takes longer."""

    def late(*_):
        raise TimeoutError("it hangs")

    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield
        return
    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


@pytest.mark.parametrize("name, parameter", CALLED)
def test_bad_values_are_refused_by_name(name, parameter):
    function = getattr(ai, name)
    for what, value in BAD.items():
        with no_longer_than(SECONDS):
            try:
                if name not in MEASURE or what not in ("inf", "bool"):
                    function(**NEEDED.get(name, {}) | {parameter: value})
            except (ValueError, TypeError) as error:
                said = str(error)
                assert parameter in said or name in said, (what, said)
                assert len(said) < 1000, (what, said[:200])


def test_every_function_is_called():
    assert len({name for name, _ in CALLED}) >= 18
