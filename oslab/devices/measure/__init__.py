"""What this machine does: pipes, interrupts, rings, and what operations cost."""
