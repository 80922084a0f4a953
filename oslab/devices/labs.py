"""What notebook 06 hands to `explore` beside a function and a view, where that is too long for a cell."""

from oslab.devices import RECEIVERS, questions
from oslab.devices.block_transfer import WAYS
from oslab.devices.epoll_triggers import TRIGGERS
from oslab.devices.measure import epoll_pipe, interrupts, io_programs, recorded_run, ring_indices
from oslab.devices.operation_costs import JOBS
from oslab.lab.controls import slider

__all__ = ["BILL", "LOAD", "PIPE", "PROGRAMS", "RACE", "RATES", "RINGS", "TRANSFER"]

PROGRAMS = io_programs.PROGRAMS

TRANSFER = {
    "way": {label: key for key, label in WAYS.items()},
    "block": slider(512, 1 << 16, log=True, unit="B"),
    "unit": {"8 B": 8, "64 B": 64, "512 B": 512, "4 KiB": 4096},
    "device_rate": slider(1.0, 4000.0, log=True, unit="MB/s"),
    "interrupt_cost": slider(0.25, 16.0, log=True, unit="µs"),
    "predict": questions.sooner_by_interrupts,
    "labels": {"way": "method", "block": "block size", "unit": "unit of transfer"},
}

LOAD = {
    "way": {label: key for key, label in RECEIVERS.items()},
    "load": slider(10, 800, 10, unit="k/s"),
    "count": slider(1, 64, unit="packets"),
    "delay": slider(0, 1000, 10, unit="µs"),
    "predict": questions.few_packets,
    "labels": {"way": "method", "load": "packet rate", "count": "coalescing count", "delay": "coalescing delay"},
}

RATES = {
    "sources": slider(3, 9),
    "measure": interrupts.interrupt_rates,
    "recorded": recorded_run("rates"),
    "labels": {"packets": "send packets", "sources": "rows shown"},
}

PIPE = {
    "trigger": list(TRIGGERS),
    "written": slider(256, 8192, 256, unit="B"),
    "read_size": slider(256, 8192, 256, unit="B"),
    "measure": epoll_pipe.real_pipe,
    "recorded": recorded_run("pipe"),
    "predict": questions.the_second_wait,
    "labels": {"written": "bytes written", "read_size": "size of a read", "until_again": "read until EAGAIN"},
}

RINGS = {
    "operations": slider(1, 32),
    "batch": slider(1, 16),
    "entries": slider(1, 16),
    "measure": ring_indices.real_ring,
    "recorded": recorded_run("ring"),
    "predict": questions.calls_of_the_job,
    "labels": {
        "operations": "number of reads",
        "batch": "reads in a batch",
        "entries": "SQ entries",
        "sqpoll": "SQPOLL",
        "registered": "registered buffers",
    },
}

BILL = {
    "batch": slider(1, 256, log=True),
    "connections": slider(1, 256, log=True),
    "measure": io_programs.measure_costs,
    "recorded": recorded_run("costs"),
    "predict": questions.off_the_list,
    "labels": {"batch": "operations in a batch", "direct": "direct I/O"},
}


def _recorded_race() -> list:
    return [*(recorded_run("races")() or []), *(recorded_run("costs")() or [])]


RACE = {
    "job": {label: key for key, label in JOBS.items()},
    "together": list(io_programs.TOGETHER),
    "measure": io_programs.race,
    "labels": {"together": "operations at once"},
    "recorded": _recorded_race,
}
