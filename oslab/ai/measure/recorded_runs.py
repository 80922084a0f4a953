"""The recorded runs of this wing."""

from oslab.machine.recorded import runs_of

__all__ = ["recorded_run"]

recorded_run = runs_of("oslab.ai")
