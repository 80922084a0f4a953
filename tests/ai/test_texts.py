"""Every number in the text of notebook 07 that a model gives: worked out anew with the settings that the text names."""

import json
import re

import numpy as np
import pytest

from oslab import ai
from oslab.ai import numa
from oslab.ai.measure import numa_nodes, observed_loop, process_counters
from oslab.base.numbers import quantity, readable
from tests.conftest import NOTEBOOKS

NOTEBOOK = "07_ai_workloads"


@pytest.fixture
def says(cell_text):
    """Return a function that finds each of some texts in a cell."""

    def look(cell, *texts):
        source = cell_text(NOTEBOOK, cell).replace("\u202f", " ")
        for text in texts:
            assert text.replace("\u202f", " ") in source, f"{cell} says nothing of “{text}”"

    return look


def ms(value):
    return quantity(value, "ms")


def test_placement(says):
    near, far = ai.place(1, "bind_1", 1), ai.place(0, "bind_1", 1)
    waiting = near.stages["decode"] - 180 / 8
    says(
        "placement-text",
        "154 MB (256 images); eight workers",
        f"a step takes {ms(near.step)}",
        f"{ms(180 / 8)} of work",
    )
    says("placement-text", f"{ms(round(waiting))} of waiting", f"for {readable(near.stages['decode'])} ms a batch")
    assert 256 * 3 * 224 * 224 * 4 / 1e6 == pytest.approx(154, abs=0.2) and near.gpu_idle == 0
    says("placement-saw", f"{readable(far.bandwidth)} GB/s instead of {readable(near.bandwidth)}")
    says("placement-saw", f"decoding takes {ms(far.step)}", f"the GPU idles {readable(100 * far.gpu_idle)} %")
    says("placement-saw", f"{numa.LINES_UNDER_WAY} lines of {numa.LINE} bytes")
    says("placement-saw", f"once, in {ms(ai.place(0, 'first_touch', 1).stages['link'])}")
    assert ai.place(0, "first_touch", 1).step == 40, "costs nothing here"
    says("placement-saw", f"the link takes {readable(ai.place(0, 'bind_1', 1, gpus=4).step)} ms")
    other = ai.place(0, "bind_1", 1, machine="measured_a").step
    says(
        "placement-saw",
        f"77.9 / 143.2 ns: with the workers alone on node 0, a step takes {ms(round(other))} instead of {readable(far.step)}",
    )
    book = numa.MACHINES["textbook"]
    says("placement-saw", f"gets {numa.LINES_UNDER_WAY} × {numa.LINE} bytes every {book.remote:.0f} ns instead of every "
         f"{book.local:.0f} ns", "*number of GPUs* 4")  # fmt: skip
    says("placement-real", f"through {numa_nodes.CHASED >> 20} MiB")
    two = [m.remote / m.local for m in numa.MACHINES.values() if m.label.endswith("ns, measured")]
    says("placement-saw", "measure 1.55 to 1.85 times")
    assert min(two) > 1.55 and max(two) < 1.85
    says("placement-saw", "120 GB/s for a node's memory, 30 for the link, 25 for PCIe")
    assert (numa.MACHINES["textbook"].memory, numa.MACHINES["textbook"].link, numa.MACHINES["textbook"].pcie) == (
        120,
        30,
        25,
    )


def test_feeding(says):
    busy = [n for n in range(1, 13) if ai.feed(n, gil=0.5).gpu_busy > 0.99]
    says("feeding-text", "decoding a batch takes 200 ms, computing 60 ms")
    says("feeding-saw", f"With {min(busy)} workers the GPU is always busy")
    says("feeding-saw", f"busy {readable(100 * ai.feed(4, pinned=False).gpu_busy, 2)} % of the time")
    assert ai.feed(12, pinned=False).gpu_busy == pytest.approx(ai.feed(4, pinned=False).gpu_busy), "more change nothing"
    steps = [ai.feed(n, kind="threads", gil=0.5).step for n in range(2, 13)]
    says("feeding-saw", f"no number of workers gets below {ms(min(steps))} a batch", "more than two of the eight CPUs")
    assert max(steps) == pytest.approx(min(steps))
    says("feeding-saw", f"the lock is held for {200 * 0.5:.0f} ms of each")
    says("feeding-text", "There are 8 CPUs")
    spread = [ai.feed(4, n, gil=0.5, spread=0.8).gpu_busy for n in (2, 4)]
    says(
        "feeding-saw",
        f"*spread of decoding* to 0.8 (some images are larger): the GPU is busy {100 * spread[0]:.0f} % of the time with 4",
    )
    assert spread[1] == 1
    says("feeding-saw", "prefetching 4 batches makes it 100 %")


def test_ways(says):
    run = ai.run_parallel()
    says("ways-text", "count the primes below 100 000", "some 80 ms of CPU time", "after 5 ms")
    says(
        "ways-saw",
        f"{readable(run.speedup[1])} times as fast on two CPUs",
        f"since {readable(100 * run.starting, 2)} %",
    )
    large = ai.run_parallel(n=1_000_000, cpus=4)
    says("ways-saw", f"processes are {readable(large.speedup[1])} times as fast")
    says("ways-saw", f"each job takes {readable(100 * run.serial[2] / run.serial[0], 1)} % of the time")
    waits = [ai.run_parallel("waits", cpus=n).speedup[0] for n in (1, 2, 16)]
    says("ways-saw", f"four threads are {readable(waits[0], 2)} times as fast on any number")
    assert np.ptp(waits) < 0.1
    says("ways-saw", f"half of its time in compiled decoders. At a share of 0.5, threads are "
         f"{readable(ai.run_parallel(cpus=16, lock_share=0.5).speedup[0])} times")  # fmt: skip
    says("ways-real", f"their whole work takes {ms(1000 * run.serial[2])}", "where *number of CPUs* is 2")


def test_quota(says):
    def p99(threads, request=20, every=100, quota=25, period=100):
        return ai.watch_quota(quota, period, threads, 8, request, every).long.quantile(0.99)

    says(
        "quota-saw",
        "the group asks for only 20 of its 25 ms",
        "Eight CPUs want 5 ms each",
        "with one thread and a request every 50 ms",
    )
    says("quota-saw", f"busy threads draw {100 // 5} slices")
    says("quota-text", f"four threads answer in {ms(p99(4))}")
    six, eight = (ai.watch_quota(25, 100, n, 8, 20).long for n in (6, 8))
    says("quota-saw", f"With five threads a request takes {ms(p99(5))}", f"stay below {ms(six.quantile(0.99))}")
    says("quota-saw", f"With eight threads, half of the requests take {ms(eight.quantile(0.5))}")
    stalls = ai.watch_quota(25, 100, 8, 8, 20).stalls
    assert sorted(stalls[stalls[:, 1] == 0][:, 2]) == [7.5, 7.5, 100]
    says(
        "quota-saw",
        "at 7.5 ms the unused time of the five CPUs returns to the pool, and two of the three continue",
    )
    says("quota-saw", f"one thread answers 99 of 100 within {ms(p99(1, 10, 45))}, four within {ms(p99(4, 10, 45))}, "
         f"eight within {ms(p99(8, 10, 45))}")  # fmt: skip
    says(
        "quota-saw",
        f"With 25 ms of every 100 the p99 is {ms(p99(1, 10, 50))}; with 5 ms of every 20 it is {ms(p99(1, 10, 50, 5, 20))}",
    )
    busy = ai.watch_quota(100, 100, 8, 8)
    assert np.bincount(busy.stops.astype(int))[[10, 15]].tolist() == [4, 4]
    says("quota-saw", "four CPUs stop at 10 ms and four at 15 ms", f"all eight would stop at {ms(busy.fluid)}")


def test_teams_and_memory(says):
    found = ai.two_teams(wants_a=1)
    says("teams-saw", f"when team a wants 1 CPU, team b has {readable(found.shares[1].gets)}")
    says("teams-saw", f"A limit of 0.25 leaves {readable(ai.two_teams(wants_a=1, cpu_max_b=0.25).idle)} CPUs idle")
    hard, both = ai.grow_memory(float("inf"), 1000.0), ai.grow_memory(800.0, 1000.0)
    says("memory-text", "1500 MiB", "800 MiB", "1000 MiB")
    says("memory-saw", f"`memory.max` alone kills after {quantity(hard.killed, 's')}")
    says(
        "memory-saw",
        f"after 20 s it has {readable(both.anonymous[-1])} MiB",
        f"{readable(100 * both.asleep)} % of the last second",
    )
    assert both.killed == float("inf")


def test_slices(says):
    asked, other = "A: 1g + 1g; B: 2g; C: 3g", "A: 2g; B: 1g; C: 4g"
    driver = ai.pack(asked)
    assert [p.start for p in driver.layout.placed] == [6, 4, 0] and driver.refused == (("C", "3g.40gb"),)
    says("packing-saw", "the 1g at slices 6 and 4", "both places of a 3g")
    assert ai.pack(asked, packer="first").refused == () and ai.pack(other).refused == ()
    assert ai.pack(other, packer="first").refused == (("C", "4g.40gb"),)
    assert ai.pack(asked, packer="largest").refused == ai.pack(other, packer="largest").refused == ()
    says("packing-saw", f"`{other}`", "`3g.20gb`", "`3g.71gb`", "`3g.40gb`")
    cards = {name: len(ai.mig_layouts(name)) for name in ai.CARDS}
    says("layouts-text", f"exactly {cards.pop('A100-80GB')}", f"and {cards.pop('A30-24GB')} layouts")
    assert set(cards.values()) == {19}
    says("layouts-saw", f"stand together in {sum(ai.find_layouts('3g + 2g').fits)} of the 19")
    assert all(ai.mig_layout(card, "3g").placed[0].profile == "3g.40gb" for card in ai.CARDS if card.endswith("-80GB"))
    says("packing-saw", "is the name on cards with 80 GB", "on an A100 with 40 GB, and", "to keep 0 to 3 in one piece")
    two = ai.mig_layout(placed="3g 3g")
    assert (two.compute, two.memory) == (6, 8)


def test_watching(says):
    seen = {helper: run.typical for helper, run in process_counters.load_watched().items()}
    assert seen["compute"]("run_time") > 0.98 and 0.28 < seen["disk"]("run_time") < 0.4
    says(
        "watching-saw",
        "more than 200 000 page faults a second",
        "for a third of the time",
        "more than 10 000 times a second",
    )
    assert 200 < seen["memory"]("minor_faults") < 250 and 10 < seen["lock"]("voluntary_switches") < 25


def test_diagnosis(says):
    one, two, four = ai.train(), ai.train(workers=2), ai.train(threads=4)
    says("diagnosis-saw", f"decoding 8 samples, {ms(1000 * one.step)}", f"twice as long, {ms(round(1000 * four.step))}")
    says("diagnosis-saw", "With *memory traffic* at 128, memory does.")
    assert two.step == pytest.approx(one.step / 2, rel=0.06) and four.step == pytest.approx(2 * one.step, rel=0.03)
    assert ai.train(decode=0.1).causes[0] == "compute" and ai.train(decode=0.1, traffic=128.0).causes[0] == "memory"


def test_exercise_and_answers(says):
    crowd = ai.throttle(400, 100, 512, 64)
    assert np.bincount(crowd.stops.astype(int))[[5, 10]].tolist() == [48, 16]
    says("solution-text", "512 threads on 64 CPUs draw 80 slices", "run 5 ms, sixteen of them 10 ms")
    says("solution-text", f"stands still for {ms(100 - 10)} or more", "leaves 8 threads, still twice the quota")
    [stop] = set(ai.throttle(400, 100, 8, 64, periods=1).stops[:8])
    says("solution-text", f"they stop after {ms(stop)}")
    assert ai.throttle(400, 100, 4, 64).throttled == 0
    says("answers-text", f"decoding takes {ms(ai.place(0, 'bind_1', 1).step)}, and a step as long, instead of 40 ms")
    says("answers-text", f"{readable(ai.run_parallel(n=1_000_000, cpus=4).speedup[1])} times as fast on four CPUs")
    both = [ai.feed(8, kind=kind, gil=0.5).step for kind in ("threads", "processes")]
    says("answers-text", f"take {ms(both[0])} a batch as threads, {ms(both[1])} as processes")


def test_one_count_of_labs(says):
    cells = json.loads((NOTEBOOKS / f"{NOTEBOOK}.ipynb").read_text(encoding="utf-8"))["cells"]
    labs = sum("lab" in cell["metadata"].get("tags", ()) for cell in cells)
    says("title", {10: "ten labs in six parts"}[labs])


NAMED = {  # lab: the settings that the chapter's text, or a test above, names
    "placement": {"gpus": [4], "compute": [40]},
    "feeding": {"workers": [4, 12], "prefetch": [2, 4], "decode": [200], "spread": [0.0, 0.8]},
    "ways": {"n": [100_000, 1_000_000], "workers": [4], "cpus": [1, 2, 4, 16], "lock_share": [0.0, 0.5, 1.0]},
    "quota": {"quota": [5, 25, 100], "period": [20, 100], "threads": [1, 4, 8, 64], "cpus": [8], "request": [0, 10, 20],
              "every": [45, 50, 100]},
    "teams": {"weight_a": [1, 300, 10_000], "wants_a": [1, 8], "wants_b": [8]},
    "memory": {"rate": [100], "reading": [150]},
    "watching": {"seconds": [10]},
    "diagnosis": {"workers": [1, 2], "batch": [8], "decode": [0.1, 4.0], "threads": [1, 4], "quota": [1.0], "traffic": [0, 128]},
}  # fmt: skip


@pytest.mark.parametrize("name", NAMED)
def test_named_settings_can_be_set(lab_of, name):
    """What a text names lies on its slider's grid, exactly; so do the default and both ends."""
    lab = lab_of(NOTEBOOK, name).lab
    for control, values in NAMED[name].items():
        widget = lab.controls[control]
        default = widget.value
        for value in (*values, default):
            widget.value = value
            assert widget.value == value and lab.error == "", (control, value, lab.error)
            if hasattr(widget, "step"):
                steps = (value - widget.min) / widget.step
                assert steps == pytest.approx(round(steps), abs=1e-9), (control, value, widget.step)


def test_programs_of_one_s_own(says):
    says("diagnosis-program", f"through /proc for {observed_loop.PROGRAM_SECONDS:.0f} s")
    counted = (NOTEBOOKS.parent / "docs" / "why.md").read_text(encoding="utf-8")
    for kind, label in (
        ("tuned", "programs that the rules were tuned on"),
        ("put aside", "programs held out, tested once"),
    ):
        right, number, unsure, wrong = re.search(rf"\| {kind} \| (\d+) of (\d+) \| (\d+) \| (\d+) \|", counted).groups()
        says("diagnosis-idea", f"| {label} | {right} of {number} | {unsure} | {wrong} |")
        assert int(right) + int(unsure) + int(wrong) == int(number)
