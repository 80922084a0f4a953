"""Recorded runs of this wing, and series of what was measured just now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oslab.lab.series import Series
from oslab.machine import recorded

__all__ = ["here", "recorded_run"]


def recorded_run(name: str) -> Callable[[], list[Series] | None]:
    """Return a function that loads a recorded run, or gives None where there is none."""
    return lambda: recorded.load("oslab.devices", name) if name in recorded.names("oslab.devices") else None


def here(label: str, x: list[str] | list[int], rows: Any, unit: str, **more: Any) -> Series:
    """Return a series of this machine; `rows` as for `Series.of_repeats`."""
    return Series.of_repeats(label, x, rows, unit, origin="this machine", **recorded.here(), **more)
