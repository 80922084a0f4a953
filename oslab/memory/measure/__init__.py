"""Chapter 3 on the real machine: chases over pages of two sizes, mapped files, first touches; and what was recorded."""

from oslab.machine.recorded import runs_of

recorded_run = runs_of("oslab.memory")
"""Of a run's name, the function that loads it: ``"translation"``, ``"mapped"`` or ``"lines"``."""
