"""Every policy against its naive twin: the same task on the same CPU in every millisecond."""

import pytest
from hypothesis import given, settings, strategies as st

from oslab.scheduling import POLICIES, WEIGHTS, Workload, simulate
from tests.naive import scheduling as naive

EQUALS = ["first", "last", "listed"]
EACH = {"quantum": (1, 2, None), "allotment": (2, 3, 0)}  # "each": a number for each queue, cut to their number
OPTIONS = {
    "fifo": {},
    "srtf": {"equals": st.sampled_from(EQUALS)},
    "hrrn": {},
    "priority": {
        "preemptive": st.booleans(),
        "larger_first": st.booleans(),
        "quantum": st.integers(0, 3),
        "aging": st.sampled_from([0, 0, 2, 5]),
        "equals": st.sampled_from(EQUALS),
    },
    "rr": {"quantum": st.integers(1, 4)},
    "sjf": {"predict": st.booleans(), "alpha": st.sampled_from([0.0, 0.5, 1.0]), "guess": st.integers(0, 5)},
    "mlfq": {
        "levels": st.integers(1, 3),
        "quantum": st.integers(1, 3) | st.just("each"),
        "allotment": st.sampled_from([0, 2, 4, "each"]),
        "boost": st.sampled_from([0, 5, 12]),
        "account": st.booleans(),
        "demote_alone": st.booleans(),
        "preemptive": st.booleans(),
    },
    "lottery": {"quantum": st.integers(1, 3), "seed": st.integers(0, 1000)},
    "stride": {"quantum": st.integers(1, 3)},
    "cfs": {"newcomer": st.sampled_from(["debit", "min", "zero"])},
    "eevdf": {"base_slice": st.sampled_from([0.75, 2.5, 3.0])},
}
ONE_QUEUE = [key for key in OPTIONS if key not in ("cfs", "eevdf")]
parts = st.lists(st.integers(1, 7), min_size=1, max_size=5) | st.lists(st.integers(1, 4), min_size=2, max_size=4).map(
    lambda p: [0, *p]  # begins with I/O
)
task_lists = st.lists(
    st.tuples(st.integers(0, 15), parts, st.integers(-6, 6), st.integers(0, 3), st.integers(1, 9)),
    min_size=1,
    max_size=7,
)


def each_millisecond(schedule, cpus):
    """A row a millisecond: the task on each CPU."""
    rows = [[None] * cpus for _ in range(round(schedule.slices.end.max()))]
    for task, cpu, start, end in zip(*schedule.slices):
        for now in range(round(start), round(end)):
            rows[now][cpu] = int(task)
    return [tuple(row) for row in rows]


def test_every_policy_has_a_twin():
    assert set(naive.TWINS) == set(POLICIES) == set(OPTIONS)


@pytest.mark.parametrize("policy", OPTIONS)
@settings(max_examples=60, deadline=None)
@given(data=st.data(), tasks=task_lists)
def test_twin(policy, data, tasks):
    options = {name: data.draw(strategy, name) for name, strategy in OPTIONS[policy].items()}
    for name, value in options.items():
        options[name] = EACH[name][-options["levels"] :] if value == "each" else value
    cpus = data.draw(st.integers(1, 3), "cpus") if policy in ONE_QUEUE else 1
    arrival, parts, nice, priority, tickets = map(list, zip(*tasks, strict=True))
    workload = Workload(arrival, parts, nice, priority=priority, tickets=tickets)
    twins = [naive.Task(a, p, WEIGHTS[n + 20], q, t) for a, p, n, q, t in tasks]
    rows, done = naive.run(twins, naive.TWINS[policy](twins, **options), cpus)
    schedule = simulate(workload, policy, cpus=cpus, **options)
    assert each_millisecond(schedule, cpus) == rows
    assert schedule.completion.tolist() == done
