"""What this machine does: its nodes, the limits set on this process, a real run under a quota, children that are watched."""

from oslab.machine.recorded import runs_of

recorded_run = runs_of("oslab.ai")
