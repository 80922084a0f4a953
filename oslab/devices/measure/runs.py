"""Recorded runs of this wing, and series of what was measured just now."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from oslab.base.series import Series
from oslab.machine import can, recorded

__all__ = ["here", "recorded_run", "what_is_allowed"]


def recorded_run(name: str) -> Callable[[], list[Series] | None]:
    """Return a function that loads a recorded run, or gives None where there is none."""
    return lambda: recorded.load("oslab.devices", name) if name in recorded.names("oslab.devices") else None


def here(label: str, x: list[str] | list[int], rows: Any, unit: str, **more: Any) -> Series:
    """Return a series of this machine; `rows` as for `Series.of_repeats`."""
    return Series.of_repeats(label, x, rows, unit, origin="this machine", **recorded.here(), **more)


def what_is_allowed() -> str:
    """Say what of this chapter's can be done here, and which switch refuses the rest."""
    return "\n".join(
        f"{one.label}: {'yes' if one else 'no'}, {one.reason}" + (f" → {one.remedy}" if one.remedy else "")
        for one in map(can, ("io_uring", "liburing", "compiler", "strace"))
    )
