"""Numbers that notebook 04 states, worked out anew with the settings that its text names."""

import pytest

from oslab import synchronization as S
from oslab.base.numbers import plural
from oslab.synchronization import banker
from oslab.synchronization.dining_throughput import HORIZON

NOTEBOOK = "04_synchronization"


def told():
    """Cell, and what stands in it."""
    once, every, five = S.count_in_every_way(2, 1), S.count_in_every_way(2, 2), S.dine(5).verdict
    (locked,) = {S.count_in_every_way(2, 2, guard).schedules for guard in ("lock", "atomic")}
    costs = {(s.label, int(n)): rate for s in S.recorded_costs()[0.25] for n, rate in zip(s.x, s.median)}
    rate, fails = S.serve(5).rate, S.try_mistake("if", 1, 2)
    (taken,) = (k for k in range(1, fails.steps + 1) if fails.why(k).startswith("C2: count -= 1"))
    (least,) = min(every.outcomes)
    yield (
        "outcomes-text",
        f"can be interleaved in {once.schedules} ways, and {once.outcomes[1,]} of these lose an update",
    )
    yield "outcomes-idea", f"{every.outcomes[4,]} of {every.schedules} schedules"
    yield "outcomes-idea", f"`x` can end as low as {least}"
    assert min(S.count_in_every_way(2, 3).outcomes) == min(S.count_in_every_way(3, 2).outcomes)
    yield "outcomes-idea", f"the smallest result stays {min(S.count_in_every_way(3, 2).outcomes)[0]}"
    yield "meals-text", f"for {HORIZON} seconds"
    yield "meals-text", "with 3 philosophers, *thinking time* at 0.2 and *eating time* at 0.2 it stops within a second"
    yield "meals-text", "If they think for 5 s and eat for 0.2 s"
    yield "locks-idea", "64 locks, and no sharing, are not bound by it"
    yield "locks-idea", "and 64 locks helped"
    yield "outcomes-idea", f"In both cases only {locked} of the {every.schedules} schedules remain"
    flow = S.flow(size=10).rate, S.flow(size=1).rate, S.flow(consumers=2).rate
    yield "buffer-idea", f"the rate is {flow[0]:.0f} items a second; with a single place it is {flow[1]:.0f}"
    yield "buffer-idea", f"{S.flow(size=32).rate:.0f} items"
    yield "buffer-idea", f"about {flow[2]:.0f} a second"
    yield "mistakes-idea", f"C2 took the item (step {taken})"
    schedules = S.try_mistake("if", 1, 1).verdict.schedules
    yield "mistakes-idea", f"all {schedules:_} schedules end well".replace("_", " ")
    yield "dinner-text", f"one in {five.schedules / five.deadlocks[0].schedules:_.0f} schedules".replace("_", " ")
    yield "meals-text", f"{100 * rate['circular_wait'] / rate['mutual_exclusion']:.0f} % of the meals"
    yield (
        "locks-idea",
        f"were {costs['one lock', 2]:.2f} times as fast as one, but the law allows {S.amdahl(0.25, 2).speedup[1]:.1f}",
    )
    yield "locks-idea", f"eight threads they were {costs['one lock', 8]:.2f} times as fast"
    orders = len(list(S.safe_sequences(*banker.parse_state(banker.SILBERSCHATZ))))
    yield "banker-idea", f"has {orders} safe orders"
    peterson = S.check_threads("", "Peterson").verdict
    assert peterson.safe
    yield "exercise-idea", f"{len(peterson.double_held)} states in which both are inside"
    flags = S.check_threads("", "two flags, no turn")
    assert plural(flags.steps, "step") == "2 steps" and flags.verdict.livelocks
    yield "exercise-idea", "two steps away"


@pytest.mark.parametrize(("cell", "text"), list(told()), ids=lambda value: str(value)[:40])
def test_a_number_in_the_text_is_what_the_models_say(cell_text, cell, text):
    assert text in cell_text(NOTEBOOK, cell)


def test_statements_without_a_number_of_their_own(cell_text):
    assert min(S.count_in_every_way(2, 3).outcomes) == min(S.count_in_every_way(3, 2).outcomes) == (2,)
    plain = S.recorded_losses()[1_000_000][0].median[1:]
    assert 33 <= round(min(plain)) and max(plain) < 50 and "a third to a half" in cell_text(NOTEBOOK, "lost-idea")
    assert S.recorded_costs()[0.5][0].median[1] < 1, "two threads with one lock got through less than one alone"
    assert S.serve(3, 0.2, 0.2).stopped[""] < 1, "it stops within a second"


def test_the_settings_that_a_text_names_give_what_it_says(cell_text):
    """Lab 7: the mutex taken before the place makes the bounded buffer deadlock; the threads of the cell are a livelock."""
    text = S.READY["bounded buffer"]
    swapped = text.replace("        down(free)\n        down(mutex)", "        down(mutex)\n        down(free)")
    assert swapped != text and S.check_threads(swapped).verdict.deadlocks
    names = {"explore": lambda *a, **k: lambda f: f, "synchronization": S}
    exec(cell_text(NOTEBOOK, "own"), names)
    assert names["own"]().verdict.livelocks


def test_the_exercise_and_its_solution(cell_text, capsys):
    exec(cell_text(NOTEBOOK, "exercise"), {})
    assert "fails: another thread is inside" in capsys.readouterr().out
    exec(cell_text(NOTEBOOK, "solution"), {})
    first, second = capsys.readouterr().out.splitlines()
    assert first == "two flags, no turn: held twice: 0; livelock after 2 steps: A B"
    assert second.endswith("held twice: 0; deadlocks: 0; livelocks: 0")
