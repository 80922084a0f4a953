"""What this machine does: the shares its scheduler gives, and the cost of a run queue."""

from oslab.machine.recorded import runs_of

__all__ = ["recorded_run"]

recorded_run = runs_of("oslab.scheduling")
