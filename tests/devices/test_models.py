"""Transfers, the receiver, epoll's triggers and the bill: sums by hand, twins, laws, and what is refused."""

import os
import select

import numpy as np
import pytest
from hypothesis import example, given, settings, strategies as st

from oslab import devices
from oslab.devices.block_transfer import WAYS
from oslab.devices.operation_costs import COSTS, COSTS_FROM, TERMS
from oslab.devices.receive_kernel import receive_packets
from tests.naive import packet_receiver as naive

sizes = st.integers(1, 20_000)
rates = st.floats(1, 5000)


def test_a_block_by_hand():
    poll, each, dma = devices.compare_ways(block=1024, unit=512, device_rate=100.0, interrupt_cost=2.0)
    assert poll.total == pytest.approx(0.5 + 2 * (5.12 + 6.4)) and poll.free == 0
    assert each.total == pytest.approx(0.5 + 2 * (5.12 + 2 + 6.4)) and each.cpu == pytest.approx(0.5 + 2 * 8.4)
    assert dma.total == pytest.approx(0.5 + 10.24 + 2) and dma.cpu == pytest.approx(2.5)
    assert (poll.interrupts, each.interrupts, dma.interrupts) == (0, 2, 1)


@settings(deadline=None)
@given(sizes, sizes, rates, st.floats(0.1, 50))
def test_every_way_keeps_the_laws(block, unit, rate, cost):
    runs = devices.compare_ways(block=block, unit=unit, device_rate=rate, interrupt_cost=cost)
    for run in runs:
        assert 0 <= run.free < 1 and run.cpu <= run.total * (1 + 1e-9)
        assert np.diff(run.busy["device"], axis=1).sum() == pytest.approx(block / rate)
        for spans in run.busy.values():
            assert (spans[:, 0] <= spans[:, 1]).all() and (spans[1:, 0] >= spans[:-1, 1] - 1e-6).all()
        assert [p.begin for p in run.phases[1:]] == pytest.approx([p.end for p in run.phases[:-1]])
        assert run.state(0).end == 0 and len(run.table()) == run.steps
    units = -(-block // unit)
    assert runs[1].interrupts == units and runs[2].interrupts == 1
    assert runs[1].total >= runs[0].total, "interrupts never make a transfer faster"
    assert runs[0].free == pytest.approx(0)
    assert runs[2].cpu <= runs[1].cpu + 1e-9, "one interrupt is not more than many"


def test_the_five_steps_of_the_guide():
    run = devices.move_block()
    said = (
        "tells the DMA engine",
        "moves the bytes",
        "raises one interrupt",
        "interrupt vector",
        "marks the request complete",
    )
    assert all(text in run.why(k) for k, text in enumerate(said, 1))
    assert "89.1 % free" in str(devices.move_block())


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"way": "pigeon"}, "'polling', 'interrupts', 'dma'"),
        ({"block": 0}, "block=0"),
        ({"unit": 1 << 21}, "unit"),
        ({"device_rate": 0.0}, "device_rate"),
        ({"interrupt_cost": -1.0}, "interrupt_cost"),
        ({"device_rate": float("nan")}, "device_rate"),
    ],
)
def test_a_transfer_refuses(arguments, said):
    with pytest.raises(ValueError, match=said):
        devices.move_block(**arguments)


@settings(max_examples=70, deadline=None)
@given(st.data())
def test_the_receiver_does_what_its_twin_does_tick_by_tick(data):
    draw = data.draw
    arrivals = np.cumsum(np.array(draw(st.lists(st.integers(0, 12), min_size=1, max_size=40)), np.int64))
    costs = np.array([draw(st.integers(0, 6)), draw(st.integers(1, 5)), draw(st.integers(1, 9))], np.int64)
    limits = np.array([draw(st.integers(1, 6)), draw(st.integers(1, 6))], np.int64)
    polls, count, delay = draw(st.booleans()), draw(st.integers(1, 5)), draw(st.integers(0, 20))
    horizon = int(arrivals[-1]) + draw(st.integers(1, 60))
    done = np.empty(len(arrivals), np.int64)
    counts = receive_packets(arrivals, costs, limits, polls, count, delay, horizon, done)
    other, expected = naive.receive(arrivals.tolist(), costs.tolist(), limits.tolist(), polls, count, delay, horizon)
    assert tuple(map(int, counts)) == other and done.tolist() == expected


def test_livelock_and_its_two_cures():
    over = devices.sweep_load()
    each, together, polling = over.curves
    assert each.throughput[-1] < 1 < 80 < each.peak, "one interrupt per packet: next to nothing is done"
    assert together.peak > each.peak and together.throughput[-1] < together.peak / 2
    assert polling.throughput[-1] > 0.7 * polling.peak
    assert together.latency[0][0] > 5 * each.latency[0][0], "few packets wait long for others"
    assert "coalesced interrupts" in str(over) and len(over.table()) == 20


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(list(devices.RECEIVERS)),
    st.floats(1, 900),
    st.integers(1, 64),
    st.floats(0, 500),
    st.integers(0, 5),
)
def test_a_receiver_keeps_the_laws(way, load, count, delay, seed):
    run = devices.receive(way, load, count, delay, packets=400, seed=seed)
    assert run.throughput <= run.load * 1.01 and run.delivered + run.wasted <= run.arrived
    busy = (run.kernel_share + run.application_share) * run.seconds
    assert busy <= run.seconds + 1e-9, "no more than the time there is"
    assert (run.latency >= 8.0 - (2.0 if way != "interrupts" else 0) - 1e-9).all(), (
        "no packet is done before its own work"
    )
    assert devices.receive(way, load, count, delay, packets=400, seed=seed).latency.tolist() == run.latency.tolist()


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"way": "hope"}, "'interrupts', 'coalescing', 'polling'"),
        ({"load": 0}, "load=0"),
        ({"count": 0}, "count=0"),
        ({"count": 257}, "1 to 256"),
        ({"delay": -1.0}, "delay"),
        ({"application_cost": 0.0}, "application_cost"),
    ],
)
def test_a_receiver_refuses(arguments, said):
    with pytest.raises(ValueError, match=said):
        devices.receive(**arguments)


def test_the_example_of_the_manual_page():
    edge, level = devices.watch_pipe("edge"), devices.watch_pipe("level")
    assert edge.stuck and not level.stuck and not devices.watch_pipe("edge", until_again=True).stuck
    assert [s.returned for s in edge.done if s.call == "wait"] == [1, 0, 1]
    assert "1024 B are there, but nothing has changed" in edge.why(4) and edge.state(4).left == 1024


def real_pipe(trigger, written, read_size, until_again):
    """The same calls on a real pipe; a wait gives up at once."""
    reader, writer = os.pipe()
    os.set_blocking(reader, False)
    watch = select.epoll()
    left, found = 0, []
    try:
        watch.register(reader, select.EPOLLIN | (select.EPOLLET if trigger == "edge" else 0))
        for size in (written, 0, 1):
            if size:
                os.write(writer, b"x" * size)
                left += size
                found.append((f"write {size}", size, left))
            ready = len(watch.poll(0))
            found.append(("wait", ready, left))
            while ready:
                try:
                    count = len(os.read(reader, read_size))
                except BlockingIOError:
                    count = 0
                left -= count
                found.append((f"read {read_size}", count, left))
                if not (count and until_again):
                    break
    finally:
        watch.close()
        os.close(reader)
        os.close(writer)
    return found


@pytest.mark.skipif(not hasattr(select, "epoll"), reason="no epoll")
@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["level", "edge"]), st.integers(1, 8192), st.integers(300, 9000), st.booleans())
def test_a_real_pipe_reports_as_the_model_does(trigger, written, read_size, until_again):
    story = devices.watch_pipe(trigger, written, read_size, until_again)
    assert [(s.call, s.returned, s.left) for s in story.done] == real_pipe(trigger, written, read_size, until_again)


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"trigger": "slope"}, "'level', 'edge'"),
        ({"written": 0}, "written=0"),
        ({"read_size": 70_000}, "read_size=70000"),
    ],
)
def test_a_pipe_refuses(arguments, said):
    with pytest.raises(ValueError, match=said):
        devices.watch_pipe(**arguments)


def test_a_bill_by_hand():
    costs = {"system_call": 1.0, "copy": 10.0, "pin": 100.0, "wake": 1000.0, "switch": 10_000.0}
    bills = devices.bill_operations(4, 64, **costs).bills
    assert {key: bill.total for key, bill in bills.items()} == {
        "threads": 11_011.0,
        "level": 1.25 + 10 + 2750,
        "edge": 2.25 + 10 + 2750,
        "uring": 0.25 + 10 + 2750,
        "registered": 0.25 + 10 + 2750,
        "sqpoll": 10.0,
    }
    direct = devices.bill_operations(4, 64, True, **costs).bills
    assert set(direct) == {"threads", "uring", "registered", "sqpoll"}, "epoll refuses files"
    assert direct["uring"].total - direct["registered"].total == 100 and direct["threads"].total == 11_101


@settings(deadline=None)
@given(st.integers(1, 300), st.integers(1, 300), st.booleans(), st.lists(st.floats(0, 10), min_size=5, max_size=5))
def test_a_bill_keeps_the_laws(batch, connections, direct, amounts):
    made = devices.bill_operations(batch, connections, direct, **dict(zip(TERMS, amounts)))
    alone = devices.bill_operations(1, connections, direct, **made.costs)
    for key, bill in made.bills.items():
        assert bill.total <= alone.bills[key].total + 1e-9, "a larger batch never costs more"
    assert made.bills["registered"].total <= made.bills["uring"].total <= made.bills["threads"].total + 1e-9
    assert made.bills["sqpoll"].calls == 0 and made.ready == min(batch, connections)
    assert made.with_costs(made.costs).table() == made.table()
    assert all(len(made.curve(key)[0]) == 9 for key in made.bills)


@pytest.mark.parametrize(
    "arguments, said",
    [
        ({"batch": 0}, "batch=0"),
        ({"connections": 0}, "connections=0"),
        *[({term: -0.1}, f"{term}=-0.1") for term in COSTS],
    ],
)
def test_a_bill_refuses(arguments, said):
    with pytest.raises(ValueError, match=said):
        devices.bill_operations(**arguments)


def test_every_way_has_a_label():
    assert list(WAYS) == ["polling", "interrupts", "dma"] and set(TERMS) == set(COSTS)


def test_the_costs_of_the_bill_are_those_recorded():
    (recorded,) = devices.BILL["recorded"]()
    assert COSTS == pytest.approx(dict(zip(recorded.x.tolist(), recorded.median.tolist())))
    assert recorded.date in COSTS_FROM and recorded.machine.split(",")[0] in COSTS_FROM
    assert set(COSTS) == set(TERMS)


def test_bill_and_race_take_the_same_costs_and_say_which():
    bill, race = devices.bill_operations(1, 1), devices.expect_race("direct", 1)
    assert bill.costs == race.costs == COSTS and bill.costs_from == race.costs_from == COSTS_FROM
    assert COSTS_FROM in str(bill) and COSTS_FROM in str(race)
    assert all(row["costs"] == COSTS_FROM for made in (bill, race) for row in made.table())
    # A direct read by a blocking thread is on both bills.
    assert race.micros["threads"] == pytest.approx(devices.bill_operations(1, 1, direct=True).bills["threads"].total)
    other = devices.bill_operations(1, 1, system_call=5.0)
    assert other.costs_from == "as given" and "as given" in str(other)


@pytest.mark.parametrize("costs", [{"tea": 1.0}, {"copy": -1.0}, {"copy": "x"}, [1.0], 3, {"copy": float("nan")}])
def test_costs_of_something_else_are_refused(costs):
    with pytest.raises((TypeError, ValueError), match="costs"):
        devices.expect_race("echo", 1, costs)


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(list(devices.RECEIVERS)), st.floats(50, 900), st.integers(1, 8), st.integers(1, 8))
@example("interrupts", 383.0, 1, 1)  # five packets come while the last interrupt is served
def test_every_packet_is_accounted_for(way, load, ring, socket):
    """Done, dropped by the card, thrown away later, or still inside; and a small ring drops where there are too many."""
    run = devices.receive(way, load, 1, packets=500, ring=ring, socket=socket)
    assert run.delivered + run.dropped + run.wasted + run.waiting == run.arrived
    assert 0 <= run.waiting <= ring + socket
    assert run.table()[0]["dropped by the card"] == run.dropped


def test_a_card_with_a_small_ring_drops_and_says_so():
    assert devices.receive("polling", 800, ring=16).dropped > 500 > 0 == devices.receive("polling", 60).dropped
