"""What this machine does: its nodes, the limits set on this process, a real run under a quota."""
