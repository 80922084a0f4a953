"""Every number that a text of notebook 06 states, computed anew from the wing's functions with the settings it names."""

from inspect import signature

import pytest

from oslab import devices
from oslab.base.numbers import quantity, readable
from oslab.devices.block_transfer import SETUP, WORD, WORD_COST
from oslab.devices.rings import CQE_BYTES, SQE_BYTES


@pytest.fixture
def says(cell_text):
    """Return a function that finds what of some phrases is not in a cell."""
    return lambda cell, *phrases: [p for p in phrases if p not in cell_text("06_devices", cell)]


def test_transfer(says):
    def free(*arguments):
        return f"{100 * devices.move_block(*arguments).free:.0f} %"

    each = devices.move_block("interrupts")
    assert not says(
        "transfer-idea",
        f"During the transfer, {free('dma')} of the time",
        f"{free('interrupts')} of the CPU's time is left",
        f"each of the {['', *'1234567', 'eight'][each.interrupts]} interrupts costs {quantity(each.interrupt_cost, 'µs')}",
        f"{free('interrupts', 4096, 8)} of the CPU is left",
        f"even with DMA ({free('dma', 4096, 512, 4000.0)} now)",
        f"{WORD_COST} µs to read {WORD} bytes from a device's register, {SETUP} µs to set up",
    )
    assert each.total > devices.move_block("polling").total, "the block comes later than by polling"


def test_load(says):
    alone = devices.receive("interrupts", 20)
    together = devices.receive("coalescing", 20)
    assert not says(
        "load-text", "(2 µs of the CPU in the model)", "(1 µs)", "(5 µs)", "20 000 packets", "32 of them", "1 ms"
    )
    assert not says(
        "load-idea",
        f"Up to {devices.sweep_load().curves[0].peak:.0f} k packets",
        f"Each takes {readable(alone.percentile(50))} µs, so the CPU is full at {1000 / 8:.0f} k/s",
        f"1000 / (2 + 1) = {1000 / 3:.0f} k/s",
        f"at 20 k/s half of the packets take {together.percentile(50):.0f} µs instead of {alone.percentile(50):.0f}",
        f"near {round(devices.receive('polling', 800).throughput, -1):.0f} k/s",
    )
    assert devices.receive("interrupts", 333).throughput < 5
    assert not says(
        "load-idea",
        f"({signature(devices.receive).parameters['count'].default} packets share the cost of an interrupt)",
    )
    assert not says(
        "load-idea",
        "at 400 k/s all losses are at the socket, after 1 µs of work for each packet. At 800 k/s the kernel",
    )
    some, many = devices.receive("polling", 400), devices.receive("polling", 800)
    assert some.dropped == 0 < some.wasted and many.dropped > 500, (
        "lost at the socket at 400 k/s, at the card too at 800"
    )


def test_rates_and_pipe(says):
    rest, busy = devices.RATES["recorded"]()
    tick = busy.median[busy.x.tolist().index("Local timer interrupts")]
    assert not says("rates-idea", "hundreds of thousands a second", f"in the recorded run {tick:.0f} times a second")
    assert busy.median[busy.x.tolist().index("NET_RX (soft)")] > 2e5 and rest.median[0] == 0
    blocked = next(s for s in devices.watch_pipe("edge").done if s.call == "wait" and not s.returned)
    assert not says("pipe-idea", f"the second wait blocks with {blocked.left} B in the pipe")


def test_rings(says):
    assert not says("rings-text", f"([SQE](glossary.md#sqe), {SQE_BYTES} bytes each)", f"(CQE, {CQE_BYTES} bytes)")
    five = devices.run_job(8, 4, 5)
    assert (five.entries, len(five.states[0].cq)) == (8, 16)
    assert not says("rings-idea", "*SQ entries* to 5: the kernel rounds up to 8, and gives the CQ twice as many")
    plain, registered = devices.run_job(), devices.run_job(registered=True)
    assert (plain.states[-1].pins, registered.states[-1].pins) == (8, 1), "once instead of eight times"
    assert devices.run_job(sqpoll=True).calls <= 1


def test_race(says):
    rate, calls = (s for s in devices.RACE["recorded"]() if s.label == "echo 16")
    model = devices.expect_race("echo", 16)
    threads, epoll, ring = (readable(v) for v in calls.median)
    assert not says(
        "race-idea",
        f"With 16 at once an echo takes {threads} calls by threads, {epoll} by epoll, {ring} by io_uring",
        f"a factor of {readable(model.micros['threads'] / model.micros['io_uring'])}, the measurement only "
        f"{readable(rate.median[2] / rate.median[0], 2)}",
    )
    assert not says("race-text", "reads of 4 KiB from a file of 16 MiB")


def test_solution(says):
    batches = devices.count_calls(10_000, 32), devices.count_calls(10_000, 1)
    bills = devices.bill_operations(1, 32).bills
    assert batches[0]["epoll"] == 10_313 and 10_000 == 312 * 32 + 16
    assert not says(
        "solution-text",
        "10 000; 313 + 10 000 = 10 313; 313",
        f"batches: 10 000 reads are {10_000 // 32} full batches of 32 and a last one of {10_000 % 32}",
        "epoll 20 000, io_uring 10 000",
        f"nothing against threads: both cost {readable(bills['threads'].total)} µs for",
    )
    assert batches[1]["epoll"] == 20_000 and bills["threads"].total == bills["uring"].total


@pytest.mark.parametrize(
    "lab, named",
    [
        ("transfer", {"unit": [512, 8], "device_rate": [200.0, 4000.0], "interrupt_cost": [2.0]}),
        ("load", {"load": [20, 100, 400, 800], "count": [8, 32], "delay": [50, 1000]}),
        ("pipe", {"written": [2048], "read_size": [1024]}),
        ("rings", {"operations": [8], "batch": [4], "entries": [4, 5]}),
        ("bill", {"batch": [1, 16], "connections": [1, 64]}),
        ("race", {"together": [1, 16]}),
    ],
)
def test_every_value_that_a_text_names_can_be_set(lab_of, lab, named):
    one = lab_of("06_devices", lab).lab
    for name, values in named.items():
        for value in values:
            one.controls[name].value = value
            assert one.controls[name].value == value and one.error in ("", one.error if lab == "rings" else "")
