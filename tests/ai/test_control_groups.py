"""Shares of a tree of groups, and the lines that set it up."""

import contextlib
import subprocess
import tempfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings, strategies as st

from oslab.ai.control_groups import Group, divide, group_commands, two_teams

INF = float("inf")


@pytest.mark.parametrize(
    "given_, gets",
    [
        ({}, (6, 2)),
        ({"wants_b": 1}, (7, 1)),
        ({"wants_a": 1, "wants_b": 2}, (1, 2)),
        ({"cpu_max_b": 0.25}, (7.75, 0.25)),
        ({"weight_a": 100}, (4, 4)),
        ({"weight_a": 10_000, "weight_b": 1}, (8 * 10_000 / 10_001, 8 / 10_001)),
    ],
)
def test_two_teams(given_, gets):
    found = two_teams(**given_)
    assert tuple(share.gets for share in found.shares) == pytest.approx(gets)
    assert found.idle == pytest.approx(8 - sum(gets))


GROUPS = st.recursive(
    st.builds(Group, st.just("x"), st.floats(0, 9), st.integers(1, 10_000), st.none() | st.floats(0.1, 8)),
    lambda inner: st.builds(
        lambda kids, weight, limit: Group(
            "x",
            0,
            weight,
            limit,
            children=tuple(
                Group(f"g{k}", c.wants, c.weight, c.cpu_max, children=c.children) for k, c in enumerate(kids)
            ),
        ),
        st.lists(inner, min_size=1, max_size=4),
        st.integers(1, 10_000),
        st.none() | st.floats(0.1, 8),
    ),
    max_leaves=8,
)


def by_trickle(group, capacity, drops=2000):
    """CPUs of the children, poured out in drops: each goes to the child that has least for its weight and wants more."""
    got = [0.0] * len(group.children)
    for _ in range(drops):
        hungry = [k for k, c in enumerate(group.children) if got[k] < c.demand - 1e-9]
        if not hungry:
            break
        k = min(hungry, key=lambda k: got[k] / group.children[k].weight)
        got[k] = min(got[k] + capacity / drops, group.children[k].demand)
    return got


@settings(max_examples=40, deadline=None)
@given(GROUPS, st.floats(0.5, 16))
def test_shares(tree, cpus):
    """Nobody gets more than the demand; a level is work conserving; and pouring in drops gives the same."""
    root = Group("", children=(tree,)) if not tree.children else Group("", children=tree.children)
    found = divide(root, cpus)
    gets = {share.path: share.gets for share in found.shares}
    assert all(-1e-9 <= s.gets <= s.wants + 1e-9 for s in found.shares)
    groups = dict(root.walk())
    assert all(s.gets <= groups[s.path].demand + 1e-9 for s in found.shares)
    top = [s for s in found.shares if s.path.count("/") == 1]
    assert sum(s.gets for s in top) == pytest.approx(min(cpus, sum(c.demand for c in root.children)))
    assert [s.gets for s in top] == pytest.approx(by_trickle(root, cpus), abs=cpus * 6e-3)
    for path, group in groups.items():
        if group.children:
            inside = sum(gets[f"{path}/{c.name}"] for c in group.children)
            assert inside == pytest.approx(gets[path], abs=1e-9)


def test_lines_for_the_shell():
    root = Group("", children=(Group("team_a", memory_max=16 << 30, cpu_max=0.25, wants=4),))
    assert group_commands(root) == (
        'echo "+cpu +memory" > /sys/fs/cgroup/cgroup.subtree_control',
        "mkdir /sys/fs/cgroup/team_a",
        'echo "25000 100000" > /sys/fs/cgroup/team_a/cpu.max',
        f"echo {16 << 30} > /sys/fs/cgroup/team_a/memory.max",
        "echo $$ > /sys/fs/cgroup/team_a/cgroup.procs",
    )


@settings(max_examples=40, deadline=None)
@given(GROUPS)
def test_a_controller_is_switched_on_before_its_file_is_written(tree):
    root = Group("", children=(tree,))
    made, on = {"/sys/fs/cgroup"}, set()
    for line in group_commands(root):
        what, _, target = line.partition(" > ")
        if line.startswith("mkdir"):
            folder = line.split()[1]
            assert folder.rpartition("/")[0] in made and folder not in made
            made.add(folder)
        elif target.endswith("subtree_control"):
            on |= {(target.rpartition("/")[0], name) for name in ("cpu", "memory") if f"+{name}" in what}
        else:
            folder, _, file = target.rpartition("/")
            assert folder in made
            assert file == "cgroup.procs" or (folder.rpartition("/")[0], file.split(".")[0]) in on


NAMES = st.text(st.characters(codec="utf-8", exclude_categories=["C"], exclude_characters="/"), min_size=1, max_size=30)


@settings(max_examples=25, deadline=None)
@given(NAMES, NAMES, st.integers(1, 10_000), st.floats(0.001, 64) | st.none(), st.integers(1, 1 << 50) | st.none())
@example("$(touch gone)", "it's `here` & \\", 150, 0.0035, 1)
@example("-rf", "team a", 100, None, None)
def test_the_lines_run_in_a_shell(outer, inner, weight, limit, memory):
    """On an ordinary folder, where a shell can run them: they make what was meant, whatever it is called."""
    with contextlib.suppress(ValueError), tempfile.TemporaryDirectory() as at:
        child = Group(inner, 1, weight, limit, memory_max=memory)
        lines = group_commands(Group("", children=(Group(outer, children=(child,)),)), at)
        done = subprocess.run(["sh", "-e"], input="\n".join(lines), text=True, capture_output=True, cwd=at, check=False)
        assert done.returncode == 0 and not done.stderr, (done.stderr, lines)
        folder = Path(at) / outer / inner
        made = {str(p.relative_to(at)) for p in Path(at).rglob("*") if p.is_dir()}
        assert made == {outer, f"{outer}/{inner}"}
        read = lambda name: (folder / name).read_text().strip() if (folder / name).exists() else None  # noqa: E731
        assert read("cpu.weight") == (None if weight == 100 else str(weight))
        assert read("memory.max") == (None if memory is None else str(memory))
        if limit is not None:
            quota, period = map(int, read("cpu.max").split())
            assert quota >= 1000 and 1000 <= period <= 1_000_000, "the kernel takes no less"
            assert quota / period == pytest.approx(limit, abs=1e-5)
        assert int(read("cgroup.procs")) > 0


def test_large_trees():
    wide = Group("", children=tuple(Group(f"g{k}", 1.0, 1 + k) for k in range(1000)))
    assert sum(share.gets for share in divide(wide, 100).shares) == pytest.approx(100)
    deep = Group("leaf", 1.0)
    with pytest.raises(ValueError, match="levels"):
        for _ in range(100):
            deep = Group("g", children=(deep,))
    with pytest.raises(ValueError, match="groups in all"):
        Group("", children=tuple(Group(f"g{k}", children=(Group("a"), Group("b"))) for k in range(900)))


@pytest.mark.parametrize(
    "more, says",
    [
        ({"name": ".."}, "name='..'"),
        ({"name": "a/b"}, "name='a/b'"),
        ({"name": "two\nlines"}, "name="),
        ({"name": "\ud800"}, "name="),
        ({"name": "cpu.max"}, "name='cpu.max'"),
        ({"weight": 150.5}, "weight=150.5"),
        ({"weight": 0}, "weight=0"),
        ({"weight": 10_001}, "weight=10001"),
        ({"memory_max": 1e9}, "memory_max=1000000000.0"),
        ({"memory_high": 0}, "memory_high=0"),
        ({"cpu_max": 0.0005}, "cpu_max=0.0005"),
        ({"wants": -1}, "wants=-1"),
        ({"wants": 1, "children": (Group("h"),)}, "no threads"),
        ({"children": (Group("h"), Group("h"))}, "different names"),
        ({"children": ("h",)}, r"children\[0\]='h'"),
    ],
)
def test_bad_groups(more, says):
    with pytest.raises((ValueError, TypeError), match=says):
        Group(**{"name": "g"} | more)


def test_bad_calls():
    for call, says in (
        (lambda: divide(Group(""), 4), "root=''"),
        (lambda: divide(Group("", children=(Group("h"),)), 0), "cpus=0"),
        (lambda: group_commands(Group("alone")), "root='alone': has no groups"),
        (lambda: group_commands(Group("", children=(Group("h"),)), "here"), "at='here'"),
    ):
        with pytest.raises(ValueError, match=says):
            call()
