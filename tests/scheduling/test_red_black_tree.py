"""The red-black tree: legal after every operation, its rotations as noted, its state at an instant of a schedule."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from oslab.scheduling import Workload, red_black_tree, simulate, tree_at
from oslab.scheduling.policies import eevdf
from tests.naive.trees import Tree

# A number inserts the next node with that key; ("out", k) erases the k-th of those that are in.
operations = st.lists(st.integers(0, 9) | st.tuples(st.just("out"), st.integers(0, 30)), max_size=40)


def breaches(table, heads, tree=0):
    """What is wrong with a red-black tree."""
    found, heights = [], set()

    def walk(node, up, black, red_above):
        if node == 0:
            heights.add(black)
            return
        row = table[node]
        if row.up != up:
            found.append(f"{node} does not know its parent")
        if row.red and red_above:
            found.append(f"{node} is red below red")
        walk(row.left, node, black + (not row.red), row.red)
        walk(row.right, node, black + (not row.red), row.red)

    root = heads[tree, red_black_tree.ROOT]
    walk(root, 0, 0, False)
    order = red_black_tree.in_order(table, heads, tree)
    if root and table[root].red:
        found.append("the root is red")
    if table[0].red:
        found.append("nothing is red")
    if len(heights) > 1:
        found.append(f"black heights {sorted(heights)}")
    if [table[node].key for node in order] != sorted(table[node].key for node in order):
        found.append("not in order")
    if heads[tree, red_black_tree.LEFT] != (order[0] if order else 0):
        found.append("leftmost is another")
    return found


@settings(max_examples=150, deadline=None)
@given(steps=operations)
def test_legal_after_every_operation_and_turned_as_noted(steps):
    table, heads = red_black_tree.new_table(40), red_black_tree.new_heads(1, 16)
    twin, inside, node = Tree(), [], 0
    for step in steps:
        heads[0, red_black_tree.NOTED] = 0
        if isinstance(step, int):
            node += 1
            red_black_tree.insert(table, heads, 0, node, step)
            twin.insert(node, step)
            inside.append(node)
            most = 2
        elif inside:
            gone = inside.pop(step[1] % len(inside))
            red_black_tree.erase(table, heads, 0, gone)
            twin.erase(gone)
            most = 3
        assert breaches(table, heads) == []
        notes = heads[0, red_black_tree.NOTES : red_black_tree.NOTES + heads[0, red_black_tree.NOTED]].tolist()
        assert len(notes) <= (most if inside else 3)
        for note in notes:
            twin.turn(abs(note), "left" if note > 0 else "right")
        assert [row[:3] for row in red_black_tree.shape(table, heads)] == twin.shape()
        assert sorted(inside, key=lambda n: (table[n].key, n)) == red_black_tree.in_order(
            table, heads
        )  # of equals the first in


@settings(max_examples=60, deadline=None)
@given(steps=operations, v=st.lists(st.integers(-20, 20), min_size=41, max_size=41))
def test_the_augmented_tree_knows_the_least_below(steps, v):
    table, heads = red_black_tree.new_table(40, ("v", np.int64), ("least", np.int64)), red_black_tree.new_heads()
    table[0].least = 2**62
    inside, node = [], 0
    for step in steps:
        if isinstance(step, int):
            node += 1
            table[node].v = v[node]
            eevdf.insert(table, heads, 0, node, step)
            inside.append(node)
        elif inside:
            eevdf.erase(table, heads, 0, inside.pop(step[1] % len(inside)))
        assert breaches(table, heads) == []

        def least(node):
            return min([v[node], *(least(int(side)) for side in (table[node].left, table[node].right) if side)])

        assert all(table[n].least == least(n) for n in inside)


def planted(change):
    table, heads = red_black_tree.new_table(7), red_black_tree.new_heads()
    for node in range(1, 8):
        red_black_tree.insert(table, heads, 0, node, node)
    assert breaches(table, heads) == []
    change(table, heads)
    return " ".join(breaches(table, heads))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda t, h: t[2].__setattr__("red", 1), "the root is red"),
        (lambda t, h: t[6].__setattr__("red", 1 - t[6].red), "black heights"),
        (lambda t, h: t[3].__setattr__("key", 9), "not in order"),
        (lambda t, h: h.__setitem__((0, red_black_tree.LEFT), 3), "leftmost"),
        (lambda t, h: t[5].__setattr__("up", 2), "parent"),
    ],
)
def test_what_is_planted_is_found(change, says):
    assert says in planted(change)


NICE = Workload([0, 0, 0, 3, 5, 7], [9, 7, 8, 6, 5, 4], nice=[0, 1, -2, 3, 0, 5])


@pytest.mark.parametrize("policy", ["cfs", "eevdf"])
@pytest.mark.parametrize("cpus", [1, 2])
def test_the_tree_at_every_decision(policy, cpus):
    schedule = simulate(NICE, policy, cpus=cpus, tick=2.0)
    value = "vruntime" if policy == "cfs" else "deadline"
    for step in range(1, schedule.steps + 1):
        state = schedule.state(step)
        trees = [tree_at(schedule, step, cpu) for cpu in range(cpus)]
        assert [task for tree in trees for task in tree.task.tolist()] == list(state.ready)
        assert tuple(tree.running for tree in trees) == state.running
        for tree in trees:
            assert tree.key.tolist() == [state.values[value][task] for task in tree.task.tolist()]
            assert len(tree.table()) == len(tree.task)
            for row, parent in enumerate(tree.parent.tolist()):
                assert tree.depth[row] == (0 if parent < 0 else tree.depth[parent] + 1)
                assert parent < 0 or not (tree.red[row] and tree.red[parent])
    assert any(tree_at(schedule, step).rotations for step in range(1, schedule.steps + 1))
    assert len(tree_at(schedule, 0).task) == 0


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda s: tree_at(simulate(NICE, "rr"), 1), "keeps no tree"),
        (lambda s: tree_at(s, -1), "step=-1"),
        (lambda s: tree_at(s, 1, 1), "cpu=1"),
        (lambda s: tree_at(s, 10**6), "step=1000000"),
    ],
)
def test_trees_that_are_not_there(call, says):
    with pytest.raises(ValueError, match=says):
        call(simulate(NICE, "cfs"))
