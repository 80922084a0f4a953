"""What labs 2, 5 and 6 run on the real machine: child processes, bounded in time and always ended, and their counters."""
