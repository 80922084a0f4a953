"""What this machine does: real names, ext4 images, what is mounted, latencies; temporary folders that go again."""

from oslab.machine.recorded import runs_of

__all__ = ["recorded_run"]

recorded_run = runs_of("oslab.filesystems")
