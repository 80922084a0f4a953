"""What notebook 03 hands to `explore` beside a function and a view, where that is too long for a cell."""

from oslab.lab.controls import slider
from oslab.memory import PROCESSORS, curves
from oslab.memory.address_space import PAGES
from oslab.memory.mapped_file import ADVICE, ORDERS
from oslab.memory.measure import recorded_run
from oslab.memory.measure.mapped_file import mapped_reads
from oslab.memory.measure.mapping_faults import lines_here
from oslab.memory.measure.translation import translation_latency
from oslab.memory.traces.menu import MOST, TRACES

__all__ = [
    "ACCESS_TIME",
    "ADDRESS",
    "FOLLOWED",
    "LABELS",
    "LINES",
    "LIVE",
    "MAPPED",
    "OWN_MAPPED",
    "PAGE_SIZES",
    "REACH",
    "SWITCHES",
]

_OPTIONS = {name for entry in TRACES.values() for name, p in entry.parameters.items() if p.prepare is None}
_MOVING = ("trace", "length", "seed", *sorted(_OPTIONS))

PAGE_SIZES = {"4 KiB": 4096, "2 MiB": 2 << 20, "1 GiB": 1 << 30}

# What the labs without a table call their controls, and all labs the options of policies and traces.
LABELS = {
    "focus": "frames",
    "hit": "TLB hit",
    "latency": "memory read",
    "levels": "table levels",
    "rate": "pages followed",
    "shared": "shared page",
    "a1in": "share of A1in",
    "a1out": "share of A1out",
    "block": "block side",
    "dimension": "row size",
    "every": "scan every",
    "hir": "share of HIR pages",
    "hot": "hot set",
    "reference_on_load": "R bit set on load",
    "rows": "rows per table",
    "shuffle": "shuffled",
    "size": "row length",
    "skew": "Zipf skew",
    "small": "share of queue S",
    "tie": "among equals",
    "token_size": "one token",
}

# Lab 1: a base that can be typed, and how far from it.
ADDRESS = {
    "further": slider(0, 1 << 40, log=True, unit="bytes"),
    "page_size": PAGE_SIZES,
    "levels": [4, 5],
    "page": list(PAGES),
    "labels": {
        "virtual": "virtual address",
        "further": "distance",
        "levels": "table levels",
        "page": "state of the page",
        "write": "write access",
        "bits": "index bits",
    },
}

# Lab 3: the model's cost of walks beside the same chase on the machine; then processes that take turns.
REACH = {
    "working_set": slider(0.0625, 512.0, log=True, unit="MiB"),
    "page_size": {"4 KiB": 4096, "2 MiB": 2 << 20},
    "stride": slider(64, 1 << 16, log=True, unit="bytes"),
    "processor": PROCESSORS,
    "l2_hit": slider(0.0, 5.0, 0.5, unit="ns"),
    "read": slider(0.0, 50.0, 0.5, unit="ns"),
    "labels": {"l2_hit": "second-level hit", "read": "read in a walk"},
    "measure": translation_latency,
    "recorded": recorded_run("translation"),
}
ACCESS_TIME = {
    "entries": slider(1, 1024, log=True, unit="entries"),
    "tlb": slider(0.0, 20.0, 0.5, unit="ns"),
    "memory_ns": slider(10, 200, unit="ns"),
    "levels": slider(1, 5),
    "labels": LABELS | {"entries": "TLB size", "tlb": "TLB look-up", "memory_ns": "memory read"},
}
SWITCHES = {
    "pages": slider(16, 2048, log=True),
    "processes": slider(1, 6),
    "every": slider(16, 32_768, log=True, unit="accesses"),
    "labels": {"every": "turn length", "pages": "pages per process", "processes": "number of processes"},
    "processor": PROCESSORS,
}

# Lab 8: what slices of a mapped file bring in, and what lines that map memory cost.
MAPPED = {
    "order": list(ORDERS),
    "advice": list(ADVICE),
    "read_ahead": {"none": 0, "128 KiB, Linux's default": 32, "1 MiB": 256, "8 MiB, where recorded": 2048},
    "measure": mapped_reads,
    "recorded": recorded_run("mapped"),
}
# On a file of the learner's; what the first version's cell lacked stands apart.
OWN_MAPPED = MAPPED | {
    "read_ahead": MAPPED["read_ahead"] | {"as the device has it": -1},
    "record": slider(512, 1 << 22, log=True, unit="bytes"),
    "labels": {"file": "your file", "record": "record size"},
}
LINES = {
    "rows": slider(1, 8192, log=True),
    "measure": lines_here,
    "recorded": recorded_run("lines"),
    "labels": {"rows": "rows of the batch"},
}

# Lab 6, second picture: which share of the pages is followed.
FOLLOWED = {"every page": 1.0, "1 page in 10": 0.1, "1 page in 100": 0.01, "1 page in 1000": 0.001}

# Lab 6: drawn from a sample while the trace itself changes; every policy's curve beside it.
LIVE = {
    "length": slider(10_000, MOST, log=True, unit="references"),
    "labels": LABELS | {"length": "trace length"},
    "alongside": curves,
    "sampled": _MOVING,
}
