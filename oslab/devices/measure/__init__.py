"""What this machine does: pipes, interrupts, rings, and what operations cost."""

from oslab.machine.recorded import runs_of

__all__ = ["recorded_run"]

recorded_run = runs_of("oslab.devices")
