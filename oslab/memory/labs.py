"""What notebook 03 hands to `explore` beside a function and a view, where that is too long for a cell."""

from __future__ import annotations

from oslab.lab.controls import slider
from oslab.memory.live import MOST, TRACES, curves

__all__ = ["LIVE"]

_MOVING = ("trace", "length", "seed", *sorted({name for entry in TRACES.values() for name in entry.parameters}))

# Lab 6: drawn from a sample while the trace itself changes; every policy's curve beside it.
LIVE = {"length": slider(10_000, MOST, log=True, unit="references"), "alongside": curves, "sampled": _MOVING}
