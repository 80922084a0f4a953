"""Programs that run as child processes: they are watched, timed or held to a quota from outside."""
