"""What notebook 03 hands to `explore` beside a function and a view, where that is too long for a cell."""

from __future__ import annotations

from oslab.lab.controls import slider
from oslab.memory.live import MOST, TRACES, curves

__all__ = ["ADDRESS", "FOLLOWED", "LIVE", "PAGE_SIZES"]

_MOVING = ("trace", "length", "seed", *sorted({name for entry in TRACES.values() for name in entry.parameters}))

PAGE_SIZES = {"4 KiB": 4096, "2 MiB": 2 << 20, "1 GiB": 1 << 30}

# Lab 1: a base that can be typed, and how far from it.
ADDRESS = {"further": slider(0, 1 << 40, log=True, unit="bytes"), "page_size": PAGE_SIZES, "levels": [4, 5]}

# Lab 6, second picture: which share of the pages is followed.
FOLLOWED = {"every page": 1.0, "1 page in 10": 0.1, "1 page in 100": 0.01, "1 page in 1000": 0.001}

# Lab 6: drawn from a sample while the trace itself changes; every policy's curve beside it.
LIVE = {"length": slider(10_000, MOST, log=True, unit="references"), "alongside": curves, "sampled": _MOVING}
