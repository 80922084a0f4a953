"""A policy of the learner's own: the same engine, the same schedule as the built-in one, and the laws that it may break."""

import random
from collections import deque

import pytest
from hypothesis import given, settings, strategies as st

from oslab.scheduling import POLICIES, Workload, judge, simulate
from oslab.scheduling.simulation import TIES


class Base:
    def __init__(self):
        self.queue = deque()

    def arrive(self, task, now):
        self.queue.append(task)

    def pick(self, now):
        return self.queue.popleft()

    def ran(self, task, ms, now):
        pass


class MyRoundRobin(Base):
    quantum = 2


class MySrtf(Base):
    def arrive(self, task, now):
        self.queue.appendleft(task) if task.why == "preempted" else self.queue.append(task)

    def pick(self, now):
        best = min(self.queue, key=lambda task: task.left)
        self.queue.remove(best)
        return best

    def preempts(self, new, running, now):
        return running.left - new.left


class MyStride(Base):
    label, quantum = "Mine", 1

    def __init__(self):
        super().__init__()
        self.passes, self.last = {}, 0

    def arrive(self, task, now):
        super().arrive(task, now)
        if task.why in ("arrival", "I/O done"):
            self.passes[task] = max(self.passes.get(task, 0), self.last)

    def pick(self, now):
        best = min(self.queue, key=self.passes.__getitem__)
        self.queue.remove(best)
        self.last = max(self.last, self.passes[best])
        return best

    def ran(self, task, ms, now):
        self.passes[task] += ms * 1024 / task.tickets


@pytest.mark.parametrize(
    ("mine", "key", "options"),
    [
        (Base, "fifo", {}),
        (MyRoundRobin, "rr", {"quantum": 2}),
        (MySrtf, "srtf", {}),
        (MyStride, "stride", {"quantum": 1}),
    ],
)
def test_equals_the_built_in_one(mine, key, options):
    judgement = judge(mine, like=key, **options)
    assert judgement.lawful, str(judgement)
    assert judgement.runs > 500 and all(row["holds"] == "yes" for row in judgement.table())


tasks = st.lists(
    st.tuples(st.integers(0, 20), st.lists(st.integers(1, 9), min_size=1, max_size=3).filter(lambda b: len(b) % 2)),
    min_size=1,
    max_size=6,
)


@settings(max_examples=25, deadline=None)
@given(tasks=tasks, cpus=st.integers(1, 3), cost=st.sampled_from([0, 0.5]), tie=st.sampled_from(TIES))
def test_round_robin_with_io_costs_and_cpus(tasks, cpus, cost, tie):
    workload = Workload(*map(list, zip(*tasks, strict=True)))
    mine = simulate(workload, MyRoundRobin, cpus=cpus, switch_cost=cost, tie=tie)
    assert (
        mine.turns.tolist() == simulate(workload, "rr", cpus=cpus, switch_cost=cost, tie=tie, quantum=2).turns.tolist()
    )


def test_the_schedule_tells_what_the_class_knows():
    schedule = simulate(Workload([0, 0, 1], [3, 2, 1], nice=[0, 5, 0]), MyStride)
    assert schedule.label == "Mine" and "passes 0" in schedule.why(1) and "pick(0)" in schedule.why(1)
    state = schedule.state(3)
    assert state.values["passes"][1] == pytest.approx(1024 / 335, rel=1e-3) and "last" in state.numbers
    assert set(schedule.state(1).ready) == {1}


class Lost(Base):
    def pick(self, now):
        return self.queue[0]


class Lazy(Base):
    def pick(self, now):
        return self.queue.popleft() if now > 1 else None


class Timeless(Base):
    quantum = 0


class Crashing(Base):
    def ran(self, task, ms, now):
        raise KeyError(task.name)


class Dicing(Base):
    def pick(self, now):
        self.queue.rotate(random.randrange(2))
        return self.queue.popleft()


class AlmostRoundRobin(Base):
    quantum = 2

    def arrive(self, task, now):
        (self.queue.appendleft if task.why == "quantum over" else self.queue.append)(task)


@pytest.mark.parametrize(
    ("mine", "law", "size", "says"),
    [
        (Lost, "only a task that is ready can run", 2, "which is not ready"),
        (Lazy, "never idle while a task is ready", 1, "the CPU is idle"),
        (Timeless, "the quantum is a time above 0", 1, "quantum=0"),
        (Crashing, "its code runs", 1, "raised by ran(<A>, 1, 1)"),
        (Dicing, "same tasks, same schedule", 2, "the second time"),
    ],
)
def test_the_smallest_workload_that_breaks_a_law(mine, law, size, says):
    judgement = judge(mine)
    assert (judgement.broken, len(judgement.workload)) == (law, size)
    assert says in judgement.message and "The smallest workload" in str(judgement)
    assert [row["holds"] for row in judgement.table()].count("no") == 1


def test_the_smallest_workload_that_tells_it_from_the_built_in_one():
    judgement = judge(AlmostRoundRobin, like="rr", quantum=2)
    assert judgement.broken == "the same schedule as Round robin" and judgement.workload.burst.tolist() == [3, 1]
    assert judgement.message == "A ran from 0 to 3 ms; under Round robin A did from 0 to 2 ms."


def test_laws_that_only_a_longer_workload_breaks():
    class Overwhelmed(Base):
        def pick(self, now):
            return self.queue.popleft() if len(self.queue) < 4 else None

    judgement = judge(Overwhelmed)
    assert judgement.broken == "never idle while a task is ready"
    assert len(judgement.workload) in (5, 6) and judgement.workload.burst.sum() < 30  # five: one runs, four wait


class Meddler(Base):
    """Tries to change what it is handed."""

    def pick(self, now):
        task = super().pick(now)
        task.left = 0
        return task


def test_what_a_policy_is_handed_cannot_be_changed():
    judgement = judge(Meddler)
    assert judgement.broken == "its code runs" and "left" in judgement.message

    class Looker(Base):
        def ran(self, task, ms, now):
            for name in ("name", "arrival", "nice", "weight", "priority", "tickets", "left", "why"):
                with pytest.raises(AttributeError):
                    setattr(task, name, getattr(task, name))
            assert not any(hasattr(value, "flags") for value in vars(task).values()), "no array of the engine's"

    assert judge(Looker).lawful


def test_numbers_too_large_for_a_float_do_not_break_the_state():
    class Boastful(Base):
        def __init__(self):
            super().__init__()
            self.pride, self.shame, self.known = 10**400, 1, {}

        def ran(self, task, ms, now):
            self.known[task] = 10**400

    state = simulate(Workload([0, 0], [2, 2]), Boastful).state(2)
    assert state.numbers == {"shame": 1.0} and "known" not in state.values


@pytest.mark.parametrize("gain, says", [(None, "preempts returned None"), (10**400, "preempts returned 1000")])
def test_a_gain_is_a_number(gain, says):
    class Vague(Base):
        def preempts(self, new, running, now):
            return gain

    with pytest.raises(ValueError, match=says):
        simulate(Workload([0, 1], [3, 3]), Vague)


def test_a_quantum_too_short_ends():
    class Hectic(Base):
        quantum = 1e-6

    with pytest.raises(ValueError, match="more than 100000 turns"):
        simulate(Workload([0], [1000]), Hectic)


@pytest.mark.parametrize(
    ("policy", "says"),
    [
        (Base(), "give the class"),
        (7, "policy=7"),
        (dict, "no method arrive"),
        (type("Half", (), {"arrive": Base.arrive, "pick": Base.pick}), "no method ran"),
    ],
)
def test_policies_that_cannot_be(policy, says):
    with pytest.raises(TypeError, match=says):
        simulate(Workload([0], [1]), policy)


def test_a_class_named_like_a_built_in_one_is_its_own():
    mine = simulate(Workload([0, 0], [4, 4]), type("rr", (Base,), {}))
    assert mine.state(2).running == (1,) and mine.switches == 1 and "rr" in POLICIES
