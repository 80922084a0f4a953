"""Numbers that notebook 01 states, worked out anew with the settings that its text names."""

import os
from inspect import signature

import pytest

from oslab import processes as P
from oslab.base.numbers import readable
from oslab.processes.measure import recorded_run
from oslab.processes.measure.fork import reading_dirties

NOTEBOOK = "01_processes"


def told():
    """Cell, and what stands in it."""
    three = P.count_processes("fork() && fork();").count
    yield "tree-idea", f"`fork() && fork()` makes {('no', 'one', 'two', 'three')[three]} processes"
    assert [P.count_processes("fork();" * n).count for n in range(1, 6)] == [2**n for n in range(1, 6)]
    yield "tree-idea", "*n* forks in a row make 2ⁿ processes"
    twice = P.count_processes('printf("a"); fork(); printf("b\\n");')
    assert "".join(twice.output).count("a") == 2
    yield "tree-idea", "*a* is printed twice"
    price = P.switch_price()
    assert price.direct < 1000 and price.refills > 20 * price.direct
    yield "switch-idea", "takes less than a microsecond. The cache misses after it cost more than twenty times that"
    writes = recorded_run("latency")()[-1].median
    assert 10 < writes[1] / writes[2] < 100
    yield "latency-idea", "costs tens of times more than a later one"
    yield (
        "latency-idea",
        f"A process that has touched 64 GiB in small pages has {64 * 2**30 // 4096 / 2**20:.0f} million entries",
    )
    (touched,) = {(int(s.x[0]), int(s.x[-1])) for s in recorded_run("latency")() if s.label.startswith("until fork")}
    yield "latency-text", f"touched {touched[0]} to {touched[1]} MiB"
    yield (
        "latency-idea",
        f"of 2 MiB need one entry instead of {2**21 // 4096}, but each first write copies {2**21 >> 20} MiB",
    )
    yield "cow-idea", f"is a fault that copies {4096 >> 10} KiB"
    yield "latency-idea", f"find a free frame, and copy {4096 >> 10} KiB"
    yield "reading-idea", f"one count changes, not {readable(signature(reading_dirties).parameters['count'].default)}"
    assert os.waitstatus_to_exitcode(0x0300) == 3 and os.WTERMSIG(0x0009) == 9 and os.WTERMSIG(0x008B) == 11
    assert os.WCOREDUMP(0x008B) and not os.WCOREDUMP(0x000B)
    yield "c-idea", "`exit 3` gives 0x0300, `signal 9` gives 0x0009, and `signal 11` gives 0x000b. It gives 0x008b"
    yield "c-idea", f"Only {(256).bit_length() - 1} bits of an exit code arrive"
    yield "c-idea", f"as 128 + number: a training job that ends with {128 + 9} was killed by signal 9"
    yield (
        "useful-text",
        f"the shared cache ({signature(P.useful_work).parameters['cache'].default / 1024:.0f} MiB here)",
    )
    yield "server-idea", f"the shared cache of {signature(P.serve).parameters['cache'].default:.0f} MiB"
    closed = P.serve(load="closed", pressure=1.0)
    assert len(set(closed.throughput[closed.threads >= 32].round(6))) == 1, "more threads than clients change nothing"
    yield "server-text", "Under closed load it sets the number of clients: 1 stands for 32"
    yield "exercise-text", "makes exactly 7 processes"
    yield "exercise-text", f"makes {P.count_processes('fork(); if (fork()) fork();').count} with three calls"


@pytest.mark.parametrize(("cell", "text"), list(told()), ids=lambda value: str(value)[:40])
def test_a_number_in_the_text_is_what_the_models_say(cell_text, cell, text):
    assert text.replace("\u202f", " ") in cell_text(NOTEBOOK, cell).replace("\u202f", " ")


def test_settings_that_a_text_names(lab_of):
    """Lab 1: with a quantum of 16 ms nobody is interrupted, with no I/O nobody waits; lab 7: the sweet spots."""
    life = lab_of(NOTEBOOK, "life").lab
    life.controls["quantum"].value = 16.0
    assert not [e for e in life.result.events if e.cause == "quantum over"]
    life.controls["io_share"].value = 0.0
    assert not [e for e in life.result.events if e.cause == "asked for I/O"]
    useful = lab_of(NOTEBOOK, "useful").lab
    assert useful.result.best == round(4 / (1 - 0.5))
    useful.controls["waiting"].value = 0.75
    assert useful.result.best == round(4 / (1 - 0.75))
    server = lab_of(NOTEBOOK, "server").lab.result
    busy = round(2 / (1 - 0.5))
    flat = server.throughput[list(server.threads).index(busy)]
    assert server.throughput.max() < 1.05 * flat and busy <= server.best <= 2 * busy


def test_the_exercise_and_its_solution(cell_text, capsys):
    names = {"processes": P}
    exec(cell_text(NOTEBOOK, "exercise"), names)
    exec(cell_text(NOTEBOOK, "solution"), names)
    assert capsys.readouterr().out.splitlines()[-1] == "7" and names["text"].count("fork()") == 4
