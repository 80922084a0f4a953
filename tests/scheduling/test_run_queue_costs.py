"""The cost of a pick: the timed loops do what they say, and the measurement's form (never its times)."""

import numpy as np
import pytest

from oslab import machine
from oslab.scheduling import pick_costs, red_black_tree
from oslab.scheduling.measure import run_queue_costs
from oslab.scheduling.measure.run_queue_costs import LABELS


def naive_turns(keys, turns, x):
    """Take the least out and put it back further on; who went, in order."""
    keys, gone = dict(enumerate(keys)), []
    for _ in range(turns):
        first = min(keys, key=lambda k: (keys[k], k))
        x = x * 48271 % (2**31 - 1)
        keys[first] += x * 2**31 // (2**31 - 1)
        gone.append(first)
    return list(keys.values()), x


@pytest.mark.parametrize("n", [1, 2, 7, 200])
def test_tree_and_list_take_the_same_turns(n):
    table, heads = red_black_tree.new_table(n), red_black_tree.new_heads(2)
    x = run_queue_costs.grow_tree(table, heads, 1, n + 1, 1)
    keys = run_queue_costs.copy_keys(table, n)
    expected = naive_turns(keys.tolist(), 50, int(x))
    assert run_queue_costs.turn_list(keys, 50, x) == run_queue_costs.turn_tree(table, heads, 50, x) == expected[1]
    assert keys.tolist() == run_queue_costs.copy_keys(table, n).tolist() == expected[0]
    heads[1] = heads[0]
    assert run_queue_costs.look_at_leftmost(table, heads, 3, 0) in (0, 1)


@pytest.mark.skipif(not machine.capabilities()["numba"].available, reason="needs numba")
def test_a_measurement_grows_and_can_be_left():
    told = list(pick_costs((10, 50)))
    shares, series = [t for t in told if isinstance(t, float)], [t for t in told if not isinstance(t, float)]
    assert shares == sorted(shares) and shares[-1] == 1 and [len(s[0].x) for s in series] == [1, 2]
    assert tuple(s.label for s in series[-1]) == LABELS and all((s.median > 0).all() for s in series[-1])
    assert series[-1][0].origin == "this machine" and np.array_equal(series[-1][0].x, [10, 50])
    left = pick_costs()
    assert next(left) == 0
    left.close()


@pytest.mark.parametrize("tasks", [(), (1, 10), (10, 10), (20, 10), (10, 10**8), (10.5,)])
def test_sizes_that_cannot_be(tasks):
    with pytest.raises((TypeError, ValueError), match="sizes"):
        next(pick_costs(tasks))
