"""What was recorded of chapter 1's measurements on another day."""

import json
from pathlib import Path

from oslab.machine.recorded import runs_of
from oslab.processes.control_block import ControlBlock

__all__ = ["recorded_block", "recorded_run"]

BLOCK = Path(__file__).parents[1] / "runs" / "control_block.txt"

recorded_run = runs_of("oslab.processes")


def recorded_block() -> ControlBlock:
    """Return the control block that was recorded."""
    return ControlBlock(**json.loads(BLOCK.read_text(encoding="utf-8")))
