"""Shares of a tree of groups, the lines that set it up, and memory that grows against its limits."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from oslab.ai.control_groups import Group, divide, group_commands, two_teams
from oslab.ai.memory_growth import BATCH, MIB, grow_memory, high_delay

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
    assert (found["/team_a"].gets, found["/team_b"].gets) == pytest.approx(gets)
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
    assert all(-1e-9 <= s.gets <= s.wants + 1e-9 for s in found.shares)
    groups = dict(root.walk())
    assert all(s.gets <= groups[s.path].demand + 1e-9 for s in found.shares)
    top = [s for s in found.shares if s.path.count("/") == 1]
    assert sum(s.gets for s in top) == pytest.approx(min(cpus, sum(c.demand for c in root.children)))
    assert [s.gets for s in top] == pytest.approx(by_trickle(root, cpus), abs=cpus * 6e-3)
    for path, group in groups.items():
        if group.children:
            inside = sum(found[f"{path}/{c.name}"].gets for c in group.children)
            assert inside == pytest.approx(found[path].gets, abs=1e-9)


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


def test_bad_groups():
    for call in (
        lambda: Group("g", weight=0),
        lambda: Group("g", weight=10_001),
        lambda: Group("g", cpu_max=0),
        lambda: Group("g", wants=-1),
        lambda: Group("g", 1, children=(Group("h"),)),
        lambda: Group("g", children=(Group("h"), Group("h"))),
        lambda: divide(Group(""), 4),
        lambda: divide(Group("", children=(Group("h"),)), 0),
    ):
        with pytest.raises(ValueError, match="=.*(allowed|no threads|no groups)"):
            call()


def test_the_brake_as_the_kernel_has_it():
    """The table in mm/memcontrol.c, usage above 100 MiB: ms for 64 pages."""
    table = {101: 6, 102: 25, 103: 57, 104: 102, 105: 159, 106: 230}
    for usage, ms in table.items():
        expected = 0 if ms <= 10 else ms
        assert 1000 * high_delay(usage / 100 - 1) == pytest.approx(expected, abs=1.5)
    assert high_delay(-1) == 0 and high_delay(9) == 2


def test_high_brakes_and_max_kills():
    both, hard, soft = grow_memory(), grow_memory(high=INF), grow_memory(max=INF)
    assert hard.killed == pytest.approx(10, abs=0.1) and hard.anonymous.max() <= 1000 and not hard.braked.any()
    assert soft.killed == INF and both.killed == INF and 800 < both.anonymous.max() < 900
    assert both.first_braked == pytest.approx(8.1, abs=0.1) and both.braked[-1] > 0.95
    assert grow_memory(wants=700).braked.max() == 0


@settings(max_examples=30, deadline=None)
@given(
    st.floats(50, 2000) | st.just(INF),
    st.floats(50, 2000) | st.just(INF),
    st.floats(1, 500),
    st.floats(0, 500),
    st.floats(10, 3000),
)
def test_memory_laws(high, top, rate, reading, wants):
    run = grow_memory(high, top, rate, reading, wants=wants)
    total = run.anonymous + run.cache
    assert (total <= top + 1e-6).all() and (run.anonymous <= wants + 1e-6).all()
    assert (run.cache[run.anonymous >= min(high, top)] <= 1e-6).all(), "page cache goes before anything else suffers"
    assert (np.diff(run.anonymous)[run.time[1:] < run.killed] <= rate * run.time[1] + 1e-6).all()
    assert (run.killed < INF) == bool((np.diff(run.anonymous) < 0).any())
    assert (0 <= run.braked).all() and (run.braked <= 1 + 1e-9).all()


def test_growth_above_high_batch_by_batch():
    """The twin takes one batch after another and sleeps as the kernel says."""
    high, rate, seconds = 100.0, 50.0, 20.0
    own, now, batch = 0.0, 0.0, BATCH / MIB
    while now < seconds:
        own += batch
        now += batch / rate + high_delay(own / high - 1)
    assert grow_memory(high, INF, rate, 0, seconds, 1000).anonymous[-1] == pytest.approx(own, rel=0.01)


def test_bad_memory():
    for name, value in (("high", 0), ("max", -1), ("rate", 0), ("seconds", 0), ("wants", 0), ("reading", -1)):
        with pytest.raises(ValueError, match=f"{name}={value}"):
            grow_memory(**{name: value})
