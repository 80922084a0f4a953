"""Fork trees: against continuations, against real C programs, published exercises, what is not understood."""

import re
from collections import Counter

import pytest
from hypothesis import given, settings, strategies as st

from oslab import machine
from oslab.processes import as_c, count_processes, parse_forks
from oslab.processes.measure import run_fork_program
from tests.naive import forking

compiler = pytest.mark.skipif(not machine.can("compiler"), reason="no C compiler")

conditions = st.recursive(
    st.one_of(st.just("fork"), st.tuples(st.just("less"), st.sampled_from("xy"), st.integers(-1, 2)).map(list)),
    lambda c: st.one_of(
        st.tuples(st.just("not"), c).map(list), st.tuples(st.sampled_from(["and", "or"]), c, c).map(list)
    ),
    max_leaves=3,
)
plain = st.one_of(
    st.sampled_from(["fork", "exit"]),
    st.tuples(st.just("print"), st.sampled_from(["a", "b\n", "c\nd"])).map(list),
    st.tuples(st.just("add"), st.sampled_from("xy"), st.integers(-1, 2)).map(list),
    st.tuples(st.just("show"), st.sampled_from("xy")).map(list),
    conditions,
)
statements = st.recursive(
    plain,
    lambda s: st.one_of(
        st.tuples(st.just("if"), conditions, st.lists(s, max_size=2), st.lists(s, max_size=2)).map(list),
        st.tuples(st.just("repeat"), st.integers(1, 3), st.lists(s, max_size=2)).map(list),
    ),
    max_leaves=4,
)


def agree(program):
    """Compare a program's processes and texts with those of the continuations."""
    text = forking.as_c(program)
    try:
        ends = forking.run(program)
    except forking.Many:
        ends = [None] * 65
    if len(ends) > 64:
        with pytest.raises(ValueError, match="more than 64"):
            count_processes(text)
        return
    tree = count_processes(text)
    assert tree.count == len(ends) == tree.steps + 1
    assert Counter(zip(tree.output, tree.output_to_file)) == Counter(ends)
    for process in range(1, tree.count):
        parent = tree.parents[process]
        assert parent < process and tree.depth(process) == tree.depth(parent) + 1
        assert process in tree.answers[parent] and 0 in tree.answers[process]


@settings(max_examples=200, deadline=None)
@given(st.lists(statements, max_size=4))
def test_a_tree_has_the_processes_and_texts_of_continuations(program):
    agree(program)


def test_the_comparison_notices_a_planted_bug(monkeypatch):
    """Text that is not flushed is left to the parent alone."""
    from oslab.processes import fork_process

    flawed = fork_process.Process._call_fork

    def fork(self, node):
        answer = flawed(self, node)
        if not answer:
            self.outputs[0].pending = ""
        return answer

    monkeypatch.setattr(fork_process.Process, "_call_fork", fork)
    with pytest.raises(AssertionError):
        agree([["print", "a"], ["print", "a"], "fork", "fork"])


SILBERSCHATZ = (
    "int value = 5; int main() { pid_t pid; pid = fork(); if (pid == 0) { value += 15; return 0; } "
    'else if (pid > 0) { wait(NULL); printf("PARENT: value = %d\\n", value); return 0; } }'
)
PROBLEM_8_2 = (
    'int main() { int x = 1; if (fork() == 0) printf("p1: x=%d\\n", ++x); printf("p2: x=%d\\n", --x); exit(0); }'
)
EXERCISES = [  # source, program, processes, lines on a terminal or None
    ("issue 22", "for(i=0;i<3;i++) fork();", 8, None),
    ("GATE 2019, question 17", "for(i=0; i<10; i++) if(i%2 == 0) fork();", 32, None),
    ("issue 22", "for (i = 1; i <= 3; i++) { fork(); fork(); }", 64, None),
    ("issue 22", "if (fork() > 0) fork();", 3, None),
    ("issue 22", "fork() && fork() || fork(); fork();", 10, None),
    ("Silberschatz, Operating System Concepts, exercise 3.2", "fork(); fork(); fork();", 8, None),
    ("Silberschatz, exercise 3.12", "int i; for (i = 0; i < 4; i++) fork();", 16, None),
    (
        "Silberschatz, figure 3.30: what does line A print",
        SILBERSCHATZ,
        2,
        1,
    ),
    ("GATE 2012, question 8: 7 children", "fork(); fork(); fork();", 8, None),
    ("GATE 2008, question 66: 2**n - 1 children", "int i, n = 4; for (i = 0; i < n; i++) fork();", 16, None),
    ("Bryant and O'Hallaron, CS:APP3e, practice problem 8.2", PROBLEM_8_2, 2, 3),
    ("CS:APP3e, homework 8.11: hello lines",
     'int main() { int i; for (i = 0; i < 2; i++) fork(); printf("hello\\n"); exit(0); }', 4, 4),
    ("CS:APP3e, homework 8.12",
     'void doit() { fork(); fork(); printf("hello\\n"); return; } int main() { doit(); printf("hello\\n"); exit(0); }', 4, 8),
    ("CS:APP3e, homework 8.14",
     'void doit() { if (fork() == 0) { fork(); printf("hello\\n"); exit(0); } return; } '
     'int main() { doit(); printf("hello\\n"); exit(0); }', 3, 3),
    ("CS:APP3e, homework 8.15",
     'void doit() { if (fork() == 0) { fork(); printf("hello\\n"); return; } return; } '
     'int main() { doit(); printf("hello\\n"); exit(0); }', 3, 5),
]  # fmt: skip


@pytest.mark.parametrize(("source", "program", "count", "lines"), EXERCISES, ids=[e[0][:40] for e in EXERCISES])
def test_published_exercises(source, program, count, lines):
    tree = count_processes(program)
    assert tree.count == count and (lines is None or tree.lines == lines), source


def test_what_the_published_programs_print():
    value = count_processes(SILBERSCHATZ)
    assert value.output[0] == "PARENT: value = 5\n" and value.variables[1]["value"] == 20
    csapp = count_processes(PROBLEM_8_2)
    assert csapp.output == ("p2: x=0\n", "p1: x=2\np2: x=1\n")


@compiler
@pytest.mark.parametrize(
    "program",
    [
        "fork(); if (fork()) fork();",
        "if (fork() == 0) { fork(); exit(0); } else fork(); fork();",
        "for (i = 0; i < 3; i++) if (!fork()) _exit(0);",
        "(fork() || fork()) && fork();",
        'printf("hello\\n"); fork(); printf("x"); fork(); printf("y\\n");',
        "int x = 1; while (x < 3) { if (fork() == 0) break; x++; } printf(\"%d\\n\", x);",
        SILBERSCHATZ,
        EXERCISES[-1][1],
        "#include <stdio.h>\n#define N 2\nint n = N; /* a\ncomment */\nint main(int argc, char *argv[]) "
        '{ // another\n  do { fork(); } while (--n > 0);\n  printf("%3d %s%%\\n", n, "ok"); return 0; }',
    ],
)  # fmt: skip
def test_real_programs_do_the_same(program):
    tree, real = count_processes(program), run_fork_program(program)
    assert (real.count, real.lines) == (tree.count, tree.lines)


def shape(parents):
    """A tree as nested sorted tuples, whatever its nodes are called."""

    def of(node):
        return tuple(sorted(of(k) for k, p in parents.items() if p == node))

    return of(next(k for k, p in parents.items() if p not in parents))


@compiler
def test_a_real_program_makes_the_same_tree():
    text = "if (fork() == 0) { fork(); exit(0); } else fork(); fork();"
    run = machine.run_c(as_c(text), processes=20)
    assert run.exit_code == 0 and run.left == 0
    pairs = [tuple(map(int, line.split())) for line in run.stdout.splitlines()]
    assert shape({pid: parent for parent, pid in pairs}) == shape(dict(enumerate(count_processes(text).parents)))


def test_numbers_of_processes():
    tree = count_processes(
        "int me = getpid(); int p = fork(); int now = getpid(); int up = getppid(); int w = wait(0);"
    )
    first, second = tree.variables
    assert first == {"me": 1000, "p": 1001, "now": 1000, "up": 999, "w": 1001}
    assert second == {"me": 1000, "p": 0, "now": 1001, "up": 1000, "w": -1}
    assert count_processes("int a = fork(), b = fork(); a = waitpid(b, NULL, 0);").variables[0]["a"] == 1002


def test_arithmetic_is_that_of_c():
    text = "int a = -7 / 2, b = -7 % 2, c = 7 & 3 ^ 8 | 16, d = 1 << 4 >> 2, e = !5 ? 1 : ~0, f = 'a';"
    text += "int g = 010 + 0x10; a += 1; b--;"
    assert count_processes(text).variables[0] == {"a": -2, "b": -2, "c": 27, "d": 4, "e": -1, "f": 97, "g": 24}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "it is empty"),
        ("// only a comment", "it is empty"),
        ("fork(;", "line 1, column 6: not understood before ';'; understood are int"),
        ("fork();\n  fork(", "line 2, column 7: something is missing at the end"),
        ("fork();\n/* a\n */ spoon();", "line 3, column 5: spoon() is not known; understood are int"),
        ("int a[3];", "line 1, column 5: a is no int or pid_t variable"),
        ("x = y;", "line 1, column 5: y is not declared"),
        ("int x; fork(); if (x) fork();", "line 1, column 20: x is read before it has a value"),
        ("while (1) fork();", "line 1, column 11: it makes more than 64 processes"),
        ("while (1) ;", "still runs after 20000 steps"),
        ("int x = 5 / 0;", "line 1, column 9: a division by zero"),
        ("int x = 2147483647 + 1;", "leaves the range of an int"),
        ("fork(3);", "fork() does not take 1 argument"),
        ('printf("%d\\n");', "printf gets other values"),
        ('printf("%f\\n", 1);', "printf takes a text with %d"),
        ("break;", "line 1, column 1: a break outside of a loop"),
        ("int f() { return f(); } int main() { f(); }", "more than 40 deep"),
        ("int s; wait(&s);", "the operator & is not understood here"),
        ("goto a;", "Goto is not understood; understood are"),
        ("(" * 4000, "it cannot be read"),
        ("x" * 10_001, "has 10001 characters"),
        ("for (3) fork();", "line 1, column 7: not understood before ')'"),
        ("int main(void);", "main has no body"),
        ("#define N 3\nN = 4;", "line 2, column 1: N is not a variable"),
        ("\ud800", "Illegal character"),
    ],
)
def test_what_is_not_understood_is_named(text, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        count_processes(text)


@pytest.mark.parametrize("value", [None, 3, ["fork"], b"fork();"])
def test_a_program_is_a_text(value):
    for call in (count_processes, parse_forks, as_c, *([run_fork_program] if machine.can("compiler") else [])):
        with pytest.raises(TypeError, match="program="):
            call(value)


def test_the_story_of_a_tree():
    tree = count_processes("fork(); if (fork()) fork();")
    assert tree.count == 6 and Counter(tree.depth(k) for k in range(6)) == {0: 1, 1: 3, 2: 2}
    assert tree.why(4).startswith("P1 calls fork for the first time, in line 1, column 13. In the child P4")
    assert tree.state(2) == (-1, 0, 0)
    assert tree.table()[0] | {"variables": "", "prints": ""} == {
        "process": "P0",
        "parent": "the shell",
        "its forks": 3,
        "forks returned": "P1, P2, P3",
        "variables": "",
        "prints": "",
    }
    assert str(count_processes("exit(0);")) == "1 process"
