"""What was recorded for chapter 3."""

from __future__ import annotations

from oslab.base.series import Series
from oslab.machine import recorded

__all__ = ["recorded_run"]


def recorded_run(name: str) -> list[Series]:
    """Return a recorded run: ``"translation"``, ``"mapped"`` or ``"lines"``."""
    return recorded.load("oslab.memory", name)
