"""The labs of notebook 06, driven as a script drives them, and the questions."""

import re
import select

import pytest

from oslab import devices, machine
from oslab.base.series import Series
from oslab.devices.measure.io_programs import TOGETHER
from oslab.devices.operation_costs import TERMS
from oslab.devices.views.transfer_lanes import HALF, outline_all
from oslab.machine import capability_checks
from oslab.quizzes import check_bank, check_question


def ends(one):
    """Move every slider and menu to both of its ends; yield after each."""
    for name in list(one.controls):
        widget = one.controls[name]
        before = widget.value
        if hasattr(widget, "options"):
            options = list(widget.options.values() if isinstance(widget.options, dict) else widget.options)
            some = [o[1] if isinstance(o, tuple) else o for o in (options[0], options[-1])]
        elif isinstance(widget.value, bool):
            some = [not before]
        else:
            some = [widget.min, min(widget.max, 2**20)]
        for value in some:
            widget.value = value
            yield name
        widget.value = before


def test_transfer(lab_of):
    one = lab_of("06_devices", "transfer").lab
    assert "moves the bytes" in one.text and "89.1 %" in one.canvas.view.title
    picture = one.picture(1.0)
    one.step = 4
    assert "vector" in one.text and one.picture(1.0) != picture
    for way in ("polling", "interrupts", "dma"):
        one.controls["way"].value = way
        assert one.error == ""
    one.controls["way"].value = "interrupts"
    for name in ends(one):
        assert one.error == "", name


@pytest.mark.parametrize("way, unit", [("interrupts", 8), ("interrupts", 64), ("dma", 64), ("polling", 8)])
def test_too_many_spans_are_drawn_with_the_area_they_have(way, unit):
    run = devices.move_block(way, 1 << 15, unit)
    for spans in run.busy.values():
        if len(spans):
            pieces = outline_all(spans, 0, run.total)
            area = ((pieces[:, 2, 0] - pieces[:, 1, 0]) * (pieces[:, 1, 1] - pieces[:, 0, 1])).sum()
            assert area == pytest.approx(2 * HALF * (spans[:, 1] - spans[:, 0]).sum(), rel=1e-6) and len(pieces) <= 130


def test_load(lab_of):
    one = lab_of("06_devices", "load").lab
    assert "kernel 30 %" in one.text and "discarded" not in one.text
    one.controls["load"].value = 400
    assert "discarded" in one.text and "k/s served" in one.canvas.view.title
    one.controls["way"].value = "polling"
    before = one.text
    one.controls["seed"].value = 2
    assert one.text != before and one.error == ""
    for name in ends(one):
        assert one.error == "", name


def test_pipe(lab_of):
    one = lab_of("06_devices", "pipe").lab
    assert "blocks" not in one.canvas.view.title, "the answer to the prediction is not in the first picture"
    assert "(recorded) returned the same" in one.text
    one.step = 4
    assert "It blocks. 1024 B" in one.text
    one.controls["until_again"].value = True
    assert "recorded" not in one.text, "a run of other calls is not drawn"
    if hasattr(select, "epoll"):
        one.measure()
        assert "(this machine) returned the same" in one.text
    for name in ends(one):
        assert one.error == "", name


def test_rings(lab_of):
    one = lab_of("06_devices", "rings").lab
    assert "27 of 27" in one.text and "system calls so far: 0" in one.canvas.view.title
    one.step = one.result.steps
    assert "system calls so far: 2, by epoll: 10" in one.canvas.view.title
    one.controls["batch"].value = 5
    assert "batch=5: the SQ holds 4" in one.error
    one.controls["entries"].value = 16
    assert one.error == "" and "real ring" not in one.text.lower()
    for sqpoll in (False, True):
        one.controls["sqpoll"].value = sqpoll
        if machine.can("io_uring") and machine.can("liburing"):
            one.measure()
            total = one.result.steps + 1
            assert one.error == "" and f"(this machine) had the same indices in {total} of {total}" in one.text
    for step in range(one.result.steps + 1):
        one.step = step
        assert one.error == ""


def test_where_io_uring_is_refused_the_lab_says_so_and_keeps_its_picture(lab_of, monkeypatch):
    monkeypatch.setattr(capability_checks, "LINUX", True)
    monkeypatch.setattr(capability_checks, "_system_call", lambda *a: (-1, 1))
    monkeypatch.setattr(capability_checks, "_read", lambda path: "1" if path.name == "io_uring_disabled" else "0")
    one = lab_of("06_devices", "rings").lab
    one.measure()
    assert "kernel.io_uring_disabled=1" in one.error and "(recorded) had the same indices in 27 of 27" in one.text


def test_bill(lab_of):
    one = lab_of("06_devices", "bill").lab
    assert "recorded on a 2-CPU" in one.text and "times io_uring's cost" in one.canvas.view.title
    one.controls["direct"].value = True
    assert "epoll" not in one.canvas.view.title and one.error == ""
    for name in ends(one):
        assert one.error == "", name
    if machine.can("compiler"):
        one.measure()
        assert "on this machine" in one.text


def test_what_is_measured_here_stands_beside_what_was_recorded(lab_of, monkeypatch):
    """The model's marks stay, table and picture have one source of costs, both machines are told, reset brings it back."""
    ways = ["threads", "epoll", "io_uring"]
    here = [
        Series("echo 1", ways, [10.0, 20.0, 30.0], "thousand a second", origin="this machine"),
        Series("echo 1", ways, [2.0, 3.0, 2.0], "calls an operation", origin="this machine"),
        Series("one of each", list(TERMS), [1.0] * 5, "µs", origin="this machine"),
    ]
    monkeypatch.setitem(devices.RACE, "measure", lambda job, together: here)
    monkeypatch.setitem(devices.BILL, "measure", lambda: here[2:])
    for name, other in (("race", "together"), ("bill", "batch")):
        one = lab_of("06_devices", name).lab
        before, table, title = one.text, one.result.table(), one.canvas.view.title
        one.measure()
        assert one.error == "" and one.result.table() == table
        assert before.split(":")[0] in one.text and "this machine" in one.text.lower()
        assert name == "bill" or one.canvas.view.title.endswith("io_uring 3 times as fast as threads")
        start = one.controls[other].value
        one.controls[other].value = 4
        # A race is run with its settings; what one of each costs has none.
        assert ("this machine" in one.text.lower()) == (name == "bill") and "ecorded on" in one.text
        one.controls[other].value = start
        assert "this machine" in one.text.lower()
        one.reset()
        assert (one.text, one.canvas.view.title) == (before, title)


def test_race_and_rates(lab_of):
    one = lab_of("06_devices", "race").lab
    for job in ("echo", "cached", "direct"):
        for together in TOGETHER:
            one.controls["job"].value, one.controls["together"].value = job, together
            assert one.error == "" and "Recorded on" in one.text
    one.controls["job"].value, one.controls["together"].value = "echo", 16
    micros = one.result.micros
    assert f"would be {micros['threads'] / micros['io_uring']:.3g} times as fast" in one.text
    if machine.can("compiler"):
        one.measure()
        assert one.error == "" and "This machine" in one.text
    other = lab_of("06_devices", "rates").lab
    view = other.canvas.view
    assert "NET_RX" not in view.title and "packets" not in view.title, "the answer is not in the first picture"
    other.controls["packets"].value = True
    busy = other.measured[1]
    assert view.title.startswith(f"{busy.x[busy.median.argmax()]}: ") and "with packets" in view.title
    for name in ends(other):
        assert other.error == "" and "soft interrupts" in other.text, name


@pytest.mark.parametrize(
    "job, together, calls", [("echo", 16, (2, 2.0625, 0.125)), ("cached", 4, (1, 0.25, 0.25)), ("direct", 1, (1, 1, 1))]
)
def test_what_is_expected_of_a_race_by_hand(job, together, calls):
    made = devices.expect_race(
        job, together, {"system_call": 1.0, "copy": 10.0, "pin": 100.0, "wake": 1000.0, "switch": 0.0}
    )
    assert tuple(made.calls.values()) == pytest.approx(calls)
    wanted = {"echo": (1002, 64.5625, 62.625), "cached": (11, 10.25, 10.25), "direct": (1101, 1101, 1001)}[job]
    assert tuple(made.micros.values()) == pytest.approx(wanted) and len(made.table()) == 3


@pytest.mark.parametrize("arguments, said", [(("tea", 1), "'echo', 'cached', 'direct'"), (("echo", 0), "together=0")])
def test_a_race_refuses(arguments, said):
    with pytest.raises(ValueError, match=said):
        devices.expect_race(*arguments)


def test_questions():
    check_bank(devices.QUIZ, range(1, 40))
    ask = devices.questions
    for question in (
        ask.sooner_by_interrupts(1),
        ask.few_packets(1),
        ask.the_second_wait(1),
        ask.calls_of_the_job(1),
        ask.off_the_list(1),
    ):
        check_question(question)


@pytest.mark.parametrize("seed", range(1, 6))
def test_nothing_is_done_beyond_the_load_that_the_question_asks_for(seed):
    question = devices.questions.load_of_livelock(seed)
    interrupt, packet, application = map(
        float,
        re.search(
            r"(\d+) µs for it, (\d+) µs .* later (\d+) "
            "µs",
            question.prompt,
        ).groups(),
    )
    costs = {"interrupt_cost": interrupt, "packet_cost": packet, "application_cost": application, "packets": 6000}
    below, above = (devices.receive("interrupts", question.key * f, **costs) for f in (0.85, 1.15))
    assert below.application_share > 0.08 and above.application_share < 0.02
