"""The labs of notebook 07, driven as a script drives them, and the questions."""

import itertools
import math

import numpy as np
import pytest

from oslab import ai, explore
from oslab.ai.measure import process_counters
from oslab.base import as_text
from oslab.quizzes import check_bank


def lab(view, function, **options):
    explore(view, **options)(function)
    return function.lab


def every_end(one, *but):
    """Set each control to both of its ends and back; nothing may go wrong."""
    for name, widget in one.controls.items():
        if name in but:
            continue
        before = widget.value
        if hasattr(widget, "options"):
            options = widget.options.items() if isinstance(widget.options, dict) else widget.options
            ends = [option[1] if isinstance(option, tuple) else option for option in options]
        else:
            ends = [True, False] if isinstance(before, bool) else [widget.min, widget.max]
        for value in (ends[0], ends[-1]):
            widget.value = value
            assert one.error == "" and one.text, (name, value, one.error)
        widget.value = before


def test_placement():
    def placement(workers=1, memory="bind_1", gpu=1, gpus=1, compute=40, machine="textbook"):
        return ai.place(workers, memory, gpu, gpus=gpus, compute=compute, machine=machine)

    one = lab(ai.Sockets, placement, **ai.PLACEMENT)
    assert one.measured[0].origin == "recorded" and "node 0 → node 0" in one.text
    near = one.picture(1.0)
    one.controls["workers"].value = 0
    assert one.result.bottleneck == "decode" and "2.56 GB/s" in one.text and one.picture(1.0) != near
    one.prediction.answer(67.6) if hasattr(one.prediction, "answer") else one.canvas.view.predict(67.6)
    every_end(one)


def test_feeding():
    def feeding(workers=1, kind="processes", pinned=True, prefetch=2, decode=200, spread=0.0):
        return ai.feed(workers, prefetch, decode, pinned=pinned, kind=kind, gil=0.5, spread=spread)

    one = lab(ai.FeedingLoop, feeding, **ai.FEEDING)
    assert "waits for decode" in one.text
    for step in (0, 1, 30, 60):
        one.step = step
        assert one.error == ""
    one.controls["workers"].value = 4
    assert "does not wait" in one.text and "100 %" in one.canvas.view.title
    one.controls["pinned"].value = False
    assert "waits for copy" in one.text
    every_end(one)


def test_quota():
    def quota(quota=25, period=100, threads=4, cpus=8, request=20):
        return ai.watch_quota(quota, period, threads, cpus, request)

    one = lab(ai.QuotaTimeline, quota, **ai.QUOTA)
    assert "p99 5 ms" in one.canvas.view.title and "recorded" in one.text and "model: 10 of 10, 25 ms" in one.text
    one.controls["threads"].value = 8
    assert "p99 102 ms" in one.canvas.view.title or "p99 103 ms" in one.canvas.view.title
    for step in range(0, one.result.steps + 1, 3):
        one.step = step
        assert one.error == "" and (not 0 < step < one.result.steps or one.text.startswith(f"Draw {step} of"))
    one.controls["request"].value = 0
    one.controls["quota"].value = 100
    assert "recorded" not in one.text, "the real run had another quota"
    assert "at 10, 15 ms" in one.text and "12.5 ms" in one.text
    every_end(one)


def test_teams_and_memory():
    def teams(weight_a=300, wants_a=8, wants_b=8, limit_b=math.inf):
        return ai.two_teams(weight_a, 100, wants_a, wants_b, limit_b)

    def memory(high=math.inf, max=math.inf, rate=100, reading=150):
        return ai.grow_memory(high, max, rate, reading)

    one = lab(ai.GroupShares, teams, **ai.TEAMS)
    one.controls["wants_a"].value = 1
    assert one.canvas.view.title == "team a gets 1 CPUs, team b 7, and 0 stay idle" and "weights" in one.text
    one.controls["wants_a"].value, one.controls["weight_a"].value = 8, 181
    assert one.canvas.view.title.endswith("and 0 stay idle")
    one.controls["wants_a"].value = 1
    one.controls["limit_b"].value = 0.25
    assert "cpu.max" in one.text and "6.75" in one.canvas.view.title
    every_end(one)
    other = lab(ai.MemoryLimits, memory, **ai.MEMORY_GROWTH)
    other.controls["max"].value = 1000
    assert "Killed after 10 s" in other.canvas.view.title
    other.controls["high"].value = 800
    assert "not killed" in other.canvas.view.title and "98.7 %" in other.text
    for high, most in itertools.product(*(dict(other.controls[name].options).values() for name in ("high", "max"))):
        other.controls["high"].value, other.controls["max"].value = high, most
        top = other.canvas.view.axes.get_ylim()[1]
        assert all(limit * 1.05 < top for limit in (high, most) if limit < math.inf), "each limit is drawn inside"
    every_end(other)


def test_slices():
    def packing(requests="A: 2g; B: 1g; C: 4g", packer="first", card="A100-80GB"):
        return ai.pack(requests, card, packer)

    def layouts(needs="4g", card="A100-80GB"):
        return ai.gallery(needs, card)

    one = lab(ai.GpuSlices, packing, step=0, **ai.PACKING)
    assert one.text.startswith("Still possible: 7g.80gb at 0, 4g.40gb at 0, 3g.40gb at 0/4")
    one.step = 3
    assert "no place for 4g.40gb" in one.text and one.canvas.view.title.endswith("; 1 refused")
    one.controls["packer"].value = "careful"
    assert "3 of 3" in one.canvas.view.title
    one.controls["requests"].value = "A: 5g"
    assert "5g" in one.error
    one.controls["requests"].value = "; ".join(f"team {k}: 1g" for k in range(9))
    assert one.error == "" and one.result.layout.steps == 7
    every_end(one, "requests")
    other = lab(ai.FullLayouts, layouts, **ai.LAYOUTS)
    other.controls["needs"].value = "3g + 2g"
    assert "4 of the 19" in other.canvas.view.title and other.text.endswith("6, 8, 9, 10.")
    other.controls["needs"].value = ""
    assert "needs=''" in other.error


def test_tables_and_texts():
    for result in (
        ai.place(),
        ai.feed(),
        ai.throttle(),
        ai.watch_quota(request=10),
        ai.two_teams(),
        ai.grow_memory(),
        ai.pack(),
        ai.gallery(),
        ai.mig_layout("A100-80GB", "3g 2g"),
    ):
        assert len(as_text(result.table()).splitlines()) == len(result.table()) + 1 and str(result)
    assert as_text([]) == "(none)"


def test_questions():
    check_bank(ai.QUIZ, range(1, 40))
    for name in ("far_memory", "enough_workers", "eight_threads", "who_is_refused"):
        assert getattr(ai.questions, name)(1).why


def test_what_the_notebook_says():
    """Numbers in its text that no output shows."""
    p99 = {n: ai.watch_quota(25, 100, n, 8, 20).long.quantile(0.99) for n in (5, 6, 8)}
    assert p99[5] == 4 and round(p99[6]) == 103 and p99[8] > 100
    assert ai.place(0, "bind_1", 1, machine="measured_a").step == pytest.approx(44, abs=0.05)
    assert ai.place(0, "bind_1", 1, gpus=4).step == pytest.approx(123, abs=0.5)
    assert ai.place(0, "first_touch", 1).stages["link"] == pytest.approx(5.13, abs=0.005)
    assert ai.feed(4, pinned=False).gpu_busy == pytest.approx(0.7, abs=0.001)
    spread = [ai.feed(4, prefetch, 200, gil=0.5, spread=0.8).gpu_busy for prefetch in (2, 4)]
    assert spread == [pytest.approx(0.842, abs=0.002), 1]
    seen = {helper: run.typical for helper, run in process_counters.load_watched().items()}
    assert seen["compute"]("run_time") > 0.98 and 0.28 < seen["disk"]("run_time") < 0.4
    assert 150 < seen["memory"]("minor_faults") < 250 and 10 < seen["lock"]("voluntary_switches") < 25
    assert (
        ai.pack("A: 1g; B: 1g + 2g; C: 3g").refused == ()
        and ai.pack("A: 1g; B: 1g + 2g; C: 3g", packer="careful").refused
    )
    crowd = ai.throttle(400, 100, 512, 64)
    assert np.bincount(crowd.stops.astype(int))[[5, 10]].tolist() == [48, 16]
    assert set(ai.throttle(400, 100, 8, 64, periods=1).stops[:8]) == {50.0}
