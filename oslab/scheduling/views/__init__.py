"""Pictures of schedules: who runs when, how long each waits, what the scheduler knows."""
