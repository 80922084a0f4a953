"""fork: copy-on-write against sets and against smaps, fork trees against continuations and against real C programs."""

import sys
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oslab import machine
from oslab.processes import as_c, count_processes, fork_and_write, parse_forks, share_pages
from oslab.processes.measure import pages_after_fork
from tests.naive import forking

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="smaps is Linux's")


@st.composite
def histories(draw):
    """Events that can happen: forks, writes, exec and exit of processes that still have memory."""
    events, alive, made = [], [0], 1
    for _ in range(draw(st.integers(0, 14))):
        process = draw(st.sampled_from(alive))
        kind = draw(st.sampled_from(["fork", "write", "write", "write", "exec", "exit"]))
        if kind == "fork" and made < 5:
            events.append(("fork", process))
            alive.append(made)
            made += 1
        elif kind == "write":
            events.append(("write", process, draw(st.integers(0, 3))))
        elif len(alive) > 1 and kind != "fork":
            events.append((kind, process))
            alive.remove(process)
    return events


@given(histories())
def test_frames_are_shared_as_sets_say(events):
    run = share_pages(4, events)
    groups, copies, faults = forking.share(4, events)
    assert (run.copies[-1], run.faults[-1]) == (copies, faults)
    frames = run.state(run.steps)
    for page, parts in enumerate(groups):
        held = {}
        for process in range(len(frames)):
            if frames[process, page] >= 0:
                held.setdefault(frames[process, page], set()).add(process)
        assert sorted(map(sorted, held.values())) == sorted(map(sorted, parts))
    assert run.used() == sum(map(len, groups)) <= run.eager()
    for process in range(len(frames)):
        own = sum({process} in parts for parts in groups)
        assert run.private(process) == own and run.shared(process) == (frames[process] >= 0).sum() - own


def test_numbers_worked_out_by_hand():
    run = fork_and_write(64, 0.25)
    assert (run.used(), run.eager(), run.copies[-1], run.tables[-1]) == (80, 128, 16, 1)
    both = fork_and_write(64, 0.25, writer="both")
    assert (both.copies[-1], both.faults[-1]) == (16, 32), "the last owner only makes its frame writable"
    assert fork_and_write(64, 0.5, children=3, exec_at_the_end=True).used() == 64
    assert fork_and_write(1024, 0).tables[-1] == 2
    assert "4 KiB are copied to frame 64" in run.why(2) and "only made writable" in both.why(both.steps)
    assert len(run.table()) == run.steps == 17


@linux
@pytest.mark.parametrize("share", [0.1, 0.5, 1.0])
def test_a_real_fork_shares_what_the_model_says(share):
    own, shared = pages_after_fork(1024, (share,))
    model = fork_and_write(1024, share)
    assert own.median.tolist() == [model.private(1)] and shared.median.tolist() == [model.shared(1)]


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: share_pages(0, []), "1 to 4096"),
        (lambda: share_pages(4, [("jump", 0)]), "allowed are"),
        (lambda: share_pages(4, [("write", 1, 0)]), "processes so far"),
        (lambda: share_pages(4, [("write", 0, 4)]), "no such page"),
        (lambda: fork_and_write(8, 1.5), "written=1.5"),
        (lambda: fork_and_write(8, children=9), "children=9"),
        (lambda: fork_and_write(8, writer="x"), "writer='x'"),
        (lambda: fork_and_write(0), "pages=0"),
        (lambda: pages_after_fork(0), "pages=0"),
        (lambda: count_processes(""), "empty"),
        (lambda: count_processes("fork("), "the end"),
        (lambda: count_processes("spoon();"), "cannot be read|is wanted"),
        (lambda: count_processes("for (9) fork();"), "more than 64"),
        (lambda: count_processes("for (99) fork();"), "1 to 10"),
        (lambda: count_processes([["if", "fork"]]), "statement="),
        (lambda: count_processes(3), "program=3"),
        (lambda: count_processes("x" * 999), "999 characters"),
        (lambda: count_processes([["not", "spoon"]]), "condition="),
        (lambda: parse_forks("fork(); @"), "cannot be read"),
    ],
)
def test_bad_input(call, said):
    with pytest.raises(ValueError, match=said):
        call()


conditions = st.recursive(
    st.just("fork"),
    lambda c: st.one_of(
        st.tuples(st.just("not"), c).map(list), st.tuples(st.sampled_from(["and", "or"]), c, c).map(list)
    ),
    max_leaves=3,
)
statements = st.recursive(
    st.one_of(st.sampled_from(["fork", "exit"]), conditions),
    lambda s: st.one_of(
        st.tuples(st.just("if"), conditions, st.lists(s, max_size=2), st.lists(s, max_size=2)).map(list),
        st.tuples(st.just("repeat"), st.integers(1, 2), st.lists(s, max_size=2)).map(list),
    ),
    max_leaves=3,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(statements, max_size=3))
def test_the_tree_has_as_many_processes_as_continuations(program):
    wanted = forking.count(program)
    if wanted > 64:
        with pytest.raises(ValueError, match="more than 64"):
            count_processes(program)
        return
    tree = count_processes(program)
    assert tree.count == wanted == tree.steps + 1
    for process in range(1, tree.count):
        parent = tree.parents[process]
        assert parent < process and tree.depth(process) == tree.depth(parent) + 1
        made = tree.answers[process].index(0, len(tree.answers[parent]) - len(tree.children(parent)) if parent else 0)
        assert tree.answers[process][:made] == tree.answers[parent][:made] and tree.answers[parent][made] == 1


def shape(parents):
    """A tree as nested sorted tuples, whatever its nodes are called."""

    def of(node):
        return tuple(sorted(of(k) for k, p in parents.items() if p == node))

    return of(next(k for k, p in parents.items() if p not in parents))


@pytest.mark.skipif(not machine.can("compiler"), reason="no C compiler")
@pytest.mark.parametrize(
    "text",
    [
        "fork(); fork();",
        "fork(); if (fork()) fork();",
        "fork() && fork() || fork();",
        "for (4) fork();",
        "if (fork() == 0) { fork(); exit(0); } else fork(); fork();",
        "for (3) if (!fork()) exit(0);",
        "(fork() || fork()) && fork();",
    ],
)
def test_real_programs_make_the_same_tree(text):
    tree = count_processes(text)
    assert tree.count <= 16
    run = machine.run_c(as_c(text), processes=20)
    assert run.exit_code == 0 and run.left == 0
    pairs = [tuple(map(int, line.split())) for line in run.stdout.splitlines()]
    assert len(pairs) == tree.count
    assert shape({pid: parent for parent, pid in pairs}) == shape(dict(enumerate(tree.parents)))


def test_the_story_of_a_tree():
    tree = count_processes("fork(); if (fork()) fork();")
    assert tree.count == 6 and Counter(tree.depth(k) for k in range(6)) == {0: 1, 1: 3, 2: 2}
    assert tree.why(4).startswith("P1 calls fork for the first time: P4") and tree.state(2) == (-1, 0, 0)
    assert tree.table()[0] == {
        "process": "P0",
        "parent": "the shell",
        "its forks": 3,
        "forks returned": "pid, pid, pid",
    }
