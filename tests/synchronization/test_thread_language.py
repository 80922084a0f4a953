"""Typed threads: against the steps of the checker and against Python itself; ready programs; what is not understood."""

import ast
import re

import pytest
from hypothesis import given, settings, strategies as st

from oslab.synchronization import READY, check_threads, parse_threads

TWO = "x = 0\ndef A():\n    x += 1\ndef B():\n    x += 1\n"


def test_an_increment_is_a_load_an_addition_and_a_store():
    assert [str(s) for s in parse_threads(TWO).threads["A"]] == ["t = x", "t += 1", "x = t"]
    assert check_threads(TWO).verdict.outcomes == {(1,): 18, (2,): 2}
    locked = TWO.replace("x += 1", "with lock(m): x += 1")
    assert check_threads(locked).verdict.outcomes == {(2,): 2}


GOOD = [name for name in READY if name not in ("two flags, no turn",)]


@pytest.mark.parametrize("name", GOOD)
def test_ready_programs_are_proved(name):
    verdict = check_threads("", name).verdict
    assert verdict.complete and verdict.safe


def test_two_flags_are_a_livelock():
    proof = check_threads("", "two flags, no turn")
    assert proof.verdict.livelocks and not proof.verdict.double_held and proof.steps == 2
    assert proof.table()[-1]["end"] == "livelock after 2 steps: A B"


@pytest.mark.parametrize(
    ("name", "old", "new", "kind"),
    [
        ("bounded buffer", "semaphore(2)", "semaphore(3)", "failure"),
        ("bounded buffer", "        down(free)\n        down(mutex)", "        down(mutex)\n        down(free)", "deadlock"),
        ("dining room", "semaphore(2)", "semaphore(3)", "deadlock"),
        ("barrier", "    down(gate)\n    up(gate)\n", "", "failure"),
        ("barrier", "    up(gate)\n    assert", "    assert", "deadlock"),
        ("Peterson", "    turn = 1\n", "", "double-held"),
        ("Peterson", "want_b == 1 and turn == 1", "want_b == 1 and turn == 0", "double-held"),
        ("readers and writers: in turn", "    down(data)\n    writing = 1", "    writing = 1", "failure"),
    ],
)  # fmt: skip
def test_what_is_broken_in_a_ready_program_is_found(name, old, new, kind):
    assert old in READY[name]
    verdict = check_threads(READY[name].replace(old, new)).verdict
    assert kind in {one.kind for one in verdict.bad}


def run_python(text):
    """Run a single thread as Python does, on the shared variables as globals."""
    tree = ast.parse(text)
    shared = [n.targets[0].id for n in tree.body if isinstance(n, ast.Assign)]
    names = {}
    body = "\n".join(f"    {line}" for line in ast.unparse(tree.body[-1].body).splitlines())
    exec(
        ast.unparse(ast.Module(tree.body[:-1], [])) + f"\ndef A():\n    global {', '.join(shared)}\n{body}\nA()", names
    )
    return tuple(names[name] for name in shared)


numbers = st.integers(-2, 3).map(str)
operands = st.one_of(st.sampled_from(["x", "y", "i"]), numbers)
tests = st.recursive(
    st.one_of(
        st.tuples(operands, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), operands).map(" ".join),
        st.sampled_from(["x", "y", "True", "False"]),
    ),
    lambda t: st.one_of(
        t.map(lambda one: f"not ({one})"),
        st.tuples(t, st.sampled_from(["and", "or"]), t).map(lambda p: f"({p[0]}) {p[1]} ({p[2]})"),
    ),
    max_leaves=4,
)
lines = st.one_of(
    st.tuples(st.sampled_from(["x", "y", "i"]), st.sampled_from([" = ", " += "]), operands).map("".join),
    st.tuples(st.sampled_from(["x", "y", "i"]), operands, st.sampled_from(["+ 2", "- 1", "+ x"])).map(
        lambda p: f"{p[0]} = {p[1]} {p[2]}"
    ),
    st.tuples(st.sampled_from(["x", "y"]), numbers).map(lambda p: f"{p[0]} -= {p[1].lstrip('-')}"),
)


def indent(block):
    return [f"    {line}" for part in block for line in part.splitlines()]


blocks = st.recursive(
    st.lists(lines, min_size=1, max_size=3),
    lambda b: st.one_of(
        st.tuples(tests, b, b).map(lambda p: ["\n".join([f"if {p[0]}:", *indent(p[1]), "else:", *indent(p[2])])]),
        st.tuples(st.integers(0, 2), b, st.sampled_from(["", "if x: break", "if y: continue"])).map(
            lambda p: ["\n".join([f"for k in range({p[0]}):", *indent([*p[1], *([p[2]] if p[2] else [])])])]
        ),
        st.tuples(b, b).map(lambda p: [*p[0], *p[1]]),
    ),
    max_leaves=4,
)


@settings(max_examples=200, deadline=None)
@given(blocks)
def test_one_thread_does_what_python_does(block):
    text = "\n".join(["x = 0", "y = 1", "def A():", "    i = 0", *indent(block)])
    assert list(check_threads(text).verdict.outcomes) == [run_python(text)]


def test_names_of_the_learner_are_left_alone():
    text = "t = 0\nu = 1\ndef A():\n    t += u\ndef B():\n    t1 = t\n    u = t1\n"
    assert [str(s) for s in parse_threads(text).threads["A"]][-1] == "t = t0"
    assert (1, 1) in check_threads(text).verdict.outcomes


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "program: 0 threads given; allowed are 1 to 8"),
        ("def A(:", "line 1: invalid syntax"),
        ("def A():\n    x *= 2", "line 2: 'x *= 2': only += and -= are understood"),
        ("def A():\n    y = z", "line 2: z has no value; write z = 0 at the top"),
        ("import os\ndef A(): pass", "line 1: 'import os' is not understood here"),
        ("def A():\n    open('x')", "line 2: \"open('x')\" is not understood"),
        ("def A():\n    while True: pass", "line 2: a loop without any step"),
        ("s = semaphore(1)\ndef A():\n    s = 2", "line 3: s is a semaphore"),
        ("def A():\n    down(q)", "line 2: q is no semaphore"),
        ("def A():\n    break", "line 2: break outside of a loop"),
        ("def A():\n    while True:\n        with z: break", "line 3: break out of a with"),
        ("def A(x): pass", "line 1: 'def A(x):' is not understood here"),
        ("x = 1.5\ndef A(): pass", "line 1: 1.5 is no whole number"),
        ("def A():\n    with lock(): pass", "line 2: with lock(): is not understood"),
        ("def A(): pass\ndef A(): pass", "program: 2 threads given"),
        ("x = 0\ndef A():\n    assert x", "line 3: assert takes one comparison"),
        ("(" * 3000, "allowed are"),
        ("\ud800", "cannot be read"),
        ("x" * 5001, "5001 characters"),
    ],
)
def test_what_is_not_understood_is_named(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        check_threads(text)


@pytest.mark.parametrize("value", [None, 3, ["x = 0"]])
def test_a_program_is_a_text(value):
    with pytest.raises(TypeError, match="program="):
        check_threads(value)
    with pytest.raises(ValueError, match="ready='mine'"):
        check_threads(TWO, "mine")
